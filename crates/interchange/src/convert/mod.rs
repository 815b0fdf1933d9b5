//! Texts of other systems as Markdown of our comments.
//!
//! A text becomes a [`document`], the document becomes Markdown, and `afterword-markup` renders it for a check: what readers will see
//! is the document again. Where the first way to write a paragraph does not pass, safer ones follow.

mod backslashes;
mod builder;
mod check;
mod document;
mod html;
mod inline;
mod links;
mod markdown;
mod simple;
mod tags;
mod write;

use std::borrow::Cow;
use std::collections::BTreeSet;

use memchr::memchr;

use crate::record::{Body, BodyKind};
use crate::scan;

/// A converted text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// The text in the Markdown of our comments. May be longer than a comment may be.
    pub markdown: String,
    /// Names of the elements that our comments do not have. Their text stays, or a link to what they showed.
    pub dropped: BTreeSet<String>,
}

/// Converts a text.
#[must_use]
pub fn to_markdown(body: &Body) -> Converted {
    let text = if memchr(b'\r', body.text.as_bytes()).is_some() {
        Cow::Owned(body.text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(body.text.as_str())
    };
    if let Some(markdown) = unmarked(&text, body.kind) {
        return Converted { markdown, dropped: BTreeSet::new() };
    }
    if body.kind == BodyKind::Html
        && let Some(markdown) = unmarked_paragraphs(&text)
    {
        return Converted { markdown, dropped: BTreeSet::new() };
    }
    let (document, dropped) = match body.kind {
        BodyKind::Html => html::read(&text, html::Newlines::Spaces),
        BodyKind::HtmlWithNewlines => html::read(&text, html::Newlines::Breaks),
        BodyKind::Markdown => markdown::read(&text),
        BodyKind::Text => (document::from_text(&text), BTreeSet::new()),
    };
    Converted { markdown: write::write(&document), dropped }
}

/// The text as it is, if it has no character that is special in any of the languages. Most comments are such.
fn unmarked(text: &str, kind: BodyKind) -> Option<String> {
    let has_references = kind != BodyKind::Text;
    let is_special = |byte: u8| {
        let is_mark =
            scan::is_within(byte, b'[', b'`') | (byte == b'*') | (byte == b'<') | ((byte == b'&') & has_references);
        let is_control = (byte < b' ') & (byte != b'\n') & (byte != b'\t');
        // These start characters among which are invisible ones.
        let may_be_invisible = (byte == 0xc2) | (byte == 0xe2) | (byte == 0xef) | (byte == 0xf3);
        is_mark | is_control | may_be_invisible | scan::is_within(byte, b'~', 127)
    };
    let is_of_markdown = |byte: u8| matches!(byte, b'|' | b'#' | b'=' | b'\t' | b':');
    let has_special =
        scan::has_byte(text.as_bytes(), is_special) || (kind == BodyKind::Markdown && text.bytes().any(is_of_markdown));
    if has_special || text.lines().any(inline::may_start_block) || scan::has_double_space(text.as_bytes()) {
        return None;
    }
    let text = text.trim();
    Some(if kind == BodyKind::Html { text.replace('\n', " ") } else { text.to_owned() })
}

/// The text of paragraphs that have no other element, which is what Disqus writes for most comments.
fn unmarked_paragraphs(html: &str) -> Option<String> {
    let mut paragraphs = Vec::new();
    for paragraph in html.trim().strip_prefix("<p>")?.split("<p>") {
        let text = paragraph.trim_end().strip_suffix("</p>")?;
        paragraphs.push(unmarked(text, BodyKind::Html)?);
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    Some(paragraphs.join("\n\n"))
}
