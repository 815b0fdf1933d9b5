//! afterword-widget.
