#![doc = include_str!("../README.md")]

mod blocks;
mod characters;
mod delimiters;
mod error;
mod escapes;
mod html;
mod links;
mod mask;
mod output;
mod plain_text;
mod restrict;
mod sanitize;

pub use error::MarkupError;

use afterword_model::{SafeHtml, clean_text, has_visible_text, limits};

use crate::output::OutputParts;

/// A rendered comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The HTML to publish.
    pub html: SafeHtml,
    /// The text without markup. Every tag that separates words is a space.
    pub text: String,
    /// The targets of the links, in the order of the text.
    pub link_targets: Vec<String>,
}

impl Rendered {
    /// Returns true if the comment has no visible character, only elements around white space.
    pub fn is_blank(&self) -> bool {
        !has_visible_text(&self.text)
    }

    /// The text followed by the link targets, each after a space. This is the input of the spam checks.
    pub fn searchable_text(&self) -> String {
        self.link_targets.iter().fold(self.text.clone(), |text, target| text + " " + target)
    }
}

/// Version of the renderer. Increases whenever [`render`] may return different HTML for the same text. Comments that
/// were rendered with a lower version are then rendered again from their source.
pub const RENDERER_VERSION: i64 = 3;

/// Renders a reader's text.
///
/// Accepts any text, because [`clean_text`] is applied first. The result depends only on the text. The HTML is at most
/// four times [`limits::TEXT_BYTES`] long and nests at most 24 elements deep.
///
/// # Errors
///
/// See [`MarkupError`].
pub fn render(text: &str) -> Result<Rendered, MarkupError> {
    if text.len() > limits::TEXT_BYTES {
        return Err(MarkupError::TooLong);
    }
    let OutputParts { html, text, link_targets } = html::write(&restrict::restrict(&clean_text(text)))?;
    Ok(Rendered { html: sanitize::sanitize(&html), text, link_targets })
}

/// Renders a text as typed, in paragraphs and lines, without interpreting Markdown. For texts that [`render`] rejects:
/// a text that was once accepted must not be lost because the limits have changed.
///
/// Accepts any text. The result depends only on the text. The HTML is at most five times as long as the text, plus the
/// tags of one paragraph.
pub fn render_plain(text: &str) -> SafeHtml {
    sanitize::sanitize(&plain_text::write(&clean_text(text)))
}

/// Does the work that only the first call of [`render`] needs, so that no reader waits for it.
///
/// In a new WebAssembly instance the first call costs 10 to 27 ms, because code is compiled when it first runs. The
/// sample therefore uses all of the dialect.
pub fn warm_up() {
    const SAMPLE: &str = "*a* **b** ~~c~~ `d` <e> &amp; www.example.org\n[f](https://example.org \"g\") ![h](i)\n\n\
        > # j\n\n1. k\n   - l\n\n     m\n\n```n\no\n```\n\n    p\n---\n[q]: r\n字**「s」**字 \\*t\\* א";
    // The result is not used, and the sample is far below every limit.
    let _ = render(SAMPLE);
}
