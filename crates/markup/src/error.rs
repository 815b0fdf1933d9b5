/// The reason why a text cannot be rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarkupError {
    /// The text is longer than [`afterword_model::limits::TEXT_BYTES`].
    #[error("the text is too long")]
    TooLong,
    /// The parser found quotes and lists nested deeper than the limit, although deeper ones were masked before. This
    /// protects against a difference between the block scan and the parser. No text is known that causes it.
    #[error("the text nests quotes or lists too deeply")]
    TooDeep,
    /// The HTML would be too long, or have too many elements.
    #[error("the text contains too much markup")]
    OutputTooLong,
}
