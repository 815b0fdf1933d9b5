//! Progress messages.

/// Prints the current step on standard error. Standard output is reserved for results.
pub(crate) fn print_progress(text: &str) {
    eprintln!("afterword: {text}");
}
