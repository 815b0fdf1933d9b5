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

/// Version of the renderer. Increases whenever [`render`] may return different HTML for the same text. Comments that
/// were rendered with a lower version are then rendered again from their source.
pub const RENDERER_VERSION: i64 = 1;

/// Renders a reader's text.
///
/// Accepts any text, because [`clean_text`] is applied first. The result depends only on the text. The HTML is at most
/// four times [`limits::TEXT_BYTES`] long and nests at most 24 elements deep.
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

/// Renders a text as typed, in paragraphs and lines, without interpreting Markdown. For texts that [`render`] rejects:
/// a text that was once accepted must not be lost because the limits have changed.
///
/// Accepts any text. The result depends only on the text. The HTML is at most five times as long as the text, plus the
/// tags of one paragraph.
pub fn render_plain(text: &str) -> SafeHtml {
    sanitize::sanitize(&plain_text::write(&clean_text(text)))
}

/// Returns true if rendered HTML has no visible character, only elements around white space.
pub fn is_blank(html: &SafeHtml) -> bool {
    // The text between tags has no `<`, because the sanitizer escaped it. The sanitizer writes the no-break space as an
    // entity.
    let mut texts = html.as_str().split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    !texts.any(|text| has_visible_text(&text.replace("&nbsp;", " ")))
}

/// Does the work that only the first call of [`render`] needs, so that no reader waits for it.
///
/// In a new WebAssembly instance the first call costs 10 to 27 ms, because code is compiled when it first runs. The
/// sample therefore uses all of the dialect.
pub fn warm_up() {
    const SAMPLE: &str = "*a* **b** ~~c~~ `d` <e> &amp; www.example.org\n[f](https://example.org \"g\") ![h](i)\n\n\
        > # j\n\n1. k\n   - l\n\n     m\n\n```n\no\n```\n\n    p\n---\n[q]: r";
    // The result is not used, and the sample is far below every limit.
    let _ = render(SAMPLE);
}
