#![doc = include_str!("../README.md")]

mod address;
mod blocks;
mod error;
mod gate;
mod html;
mod narrow;
mod output;
mod plain;
mod veil;

pub use error::MarkupError;

use afterword_model::{SafeHtml, clean_text, has_visible_text, limits};

use crate::output::Written;

/// A rendered comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The HTML to publish.
    pub html: SafeHtml,
    /// The text without markup. A space stands for every tag that separates words.
    pub text: String,
    /// The targets of the links, in the order of the text.
    pub link_targets: Vec<String>,
}

impl Rendered {
    /// Returns true if a reader would see nothing: no character with ink, only elements around white space.
    pub fn is_blank(&self) -> bool {
        !has_visible_text(&self.text)
    }

    /// The text and behind it the targets of the links, each after a space: all that a spam check looks at.
    pub fn searchable_text(&self) -> String {
        self.link_targets.iter().fold(self.text.clone(), |text, target| text + " " + target)
    }
}

/// Grows whenever [`render`] may give another answer for the same text: what was stored with a lower number is then
/// rendered again from its source.
pub const RENDERER_VERSION: i64 = 1;

/// Renders a reader's text.
///
/// Any text is taken, cleaned or not ([`clean_text`] is the first thing done to it). The same text gives the same HTML. The HTML
/// is at most [`limits::TEXT`] times four bytes long and nests at most 24 elements deep.
///
/// # Errors
///
/// See [`MarkupError`].
pub fn render(text: &str) -> Result<Rendered, MarkupError> {
    if text.len() > limits::TEXT_BYTES {
        return Err(MarkupError::TooLong);
    }
    let Written { html, text, link_targets } = html::write(&narrow::narrow(&clean_text(text)))?;
    Ok(Rendered { html: gate::pass(&html), text, link_targets })
}

/// The text as it was typed, in paragraphs and lines, for what [`render`] refuses: a text that was taken once must not be lost because the
/// bounds are others by now.
///
/// Any text is taken. The same text gives the same HTML, which is at most five times as long, and a paragraph's tags.
pub fn render_plain(text: &str) -> SafeHtml {
    gate::pass(&plain::write(&clean_text(text)))
}

/// Does once what only the first call of [`render`] has to do, so that no reader waits for it.
///
/// In a fresh WebAssembly instance the first call costs 10 to 27 ms, for code is compiled when it is first run; the sample goes
/// through all of the dialect for that reason.
pub fn warm_up() {
    const SAMPLE: &str = "*a* **b** ~~c~~ `d` <e> &amp; www.example.org\n[f](https://example.org \"g\") ![h](i)\n\n\
        > # j\n\n1. k\n   - l\n\n     m\n\n```n\no\n```\n\n    p\n---\n[q]: r";
    // The answer is of no interest, and the sample is far below every limit.
    let _ = render(SAMPLE);
}
