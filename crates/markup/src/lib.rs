#![doc = include_str!("../README.md")]

mod blocks;
mod error;
mod html;
mod links;
mod mask;
mod output;
mod plain_text;
mod restrict;
mod sanitize;

pub use error::MarkupError;

use afterword_model::{SafeHtml, clean_text, has_visible_text, limits};

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
pub fn render(text: &str) -> Result<SafeHtml, MarkupError> {
    if text.len() > limits::TEXT_BYTES {
        return Err(MarkupError::TooLong);
    }
    let html = html::write(&restrict::restrict(&clean_text(text)))?;
    Ok(sanitize::sanitize(&html))
}

/// The text as it was typed, in paragraphs and lines, for what [`render`] refuses: a text that was taken once must not be lost because the
/// bounds are others by now.
///
/// Any text is taken. The same text gives the same HTML, which is at most five times as long, and a paragraph's tags.
pub fn render_plain(text: &str) -> SafeHtml {
    sanitize::sanitize(&plain_text::write(&clean_text(text)))
}

/// Whether there is nothing to be seen in rendered HTML: no letter, no sign, only elements around white space.
pub fn is_blank(html: &SafeHtml) -> bool {
    // Between tags there is text, in which the gate has escaped every `<`; white space that must not break it writes as an entity.
    let mut texts = html.as_str().split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    !texts.any(|text| has_visible_text(&text.replace("&nbsp;", " ")))
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
