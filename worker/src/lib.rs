//! afterword-worker.
