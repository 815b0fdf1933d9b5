//! afterword-tests.
