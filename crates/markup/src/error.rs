/// Why a text cannot be rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkupError {
    /// It is longer than [`afterword_model::limits::TEXT`].
    TooLong,
    /// The parser found quotes and lists nested deeper than the limit, although what is deeper had been made text before. It
    /// guards against a difference between the two readings of the source; no text is known that runs into it.
    TooDeep,
    /// Its HTML would be too long, or hold too many elements.
    OutputTooLong,
}

impl std::fmt::Display for MarkupError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the text is too long",
            Self::TooDeep => "the text nests quotes or lists too deeply",
            Self::OutputTooLong => "the text holds too much markup",
        })
    }
}

impl std::error::Error for MarkupError {}
