/// The reason why a text cannot be rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkupError {
    /// The text is longer than [`afterword_model::limits::TEXT_BYTES`].
    TooLong,
    /// The parser found quotes and lists nested deeper than the limit, although deeper ones were masked before. This
    /// protects against a difference between the block scan and the parser. No text is known that causes it.
    TooDeep,
    /// The HTML would be too long, or have too many elements.
    OutputTooLong,
}

impl std::fmt::Display for MarkupError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the text is too long",
            Self::TooDeep => "the text nests quotes or lists too deeply",
            Self::OutputTooLong => "the text contains too much markup",
        })
    }
}

impl std::error::Error for MarkupError {}
