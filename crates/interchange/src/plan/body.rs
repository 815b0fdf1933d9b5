//! Bodies of comments as texts of ours.

use crate::record::Body;

/// A text in our Markdown.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConvertedBody {
    pub(crate) text: String,
    /// Names of markup that our comments do not have, each once.
    pub(crate) dropped: Vec<String>,
}

pub(crate) fn convert_body(body: &Body) -> ConvertedBody {
    ConvertedBody { text: body.text.clone(), dropped: Vec::new() }
}
