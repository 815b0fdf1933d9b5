//! The HTML under construction, with limits on its size and cost.

use afterword_model::{LINK_REL, limits};

use crate::error::MarkupError;

/// Maximum length of the HTML, in bytes.
pub(crate) const MAX_HTML_BYTES: usize = 4 * limits::TEXT_BYTES;

/// Maximum cost of rendering a text, in units of about a quarter of a microsecond on a desktop computer. The
/// sanitizer's time depends on elements and escapes far more than on bytes: 2 for an element, 8 for a link, 1 for an
/// escape. The parser's time depends on the characters that could be markup: 1 for [`MARKUP_CHARS_PER_UNIT`] of them.
///
/// The limit allows one element for each 8 bytes of the longest text, or a page of XML as code. An ordinary comment of
/// that length, with markup in each line, needs less than half of it.
const MAX_COST: usize = limits::TEXT_BYTES / 4;

/// Number of characters that could be markup per unit of cost.
const MARKUP_CHARS_PER_UNIT: usize = 8;

pub(crate) struct Output {
    html: String,
    text: String,
    link_targets: Vec<String>,
    cost: usize,
}

/// The HTML of a text, and its content without markup.
pub(crate) struct OutputParts {
    pub(crate) html: String,
    /// See [`crate::Rendered::text`].
    pub(crate) text: String,
    /// See [`crate::Rendered::link_targets`].
    pub(crate) link_targets: Vec<String>,
}

impl Output {
    /// Starts empty HTML for a restricted source.
    pub(crate) fn for_source(source: &str) -> Self {
        let active = source.bytes().filter(|byte| b"[](!*_~`\\&<".contains(byte)).count();
        Self {
            html: String::with_capacity(source.len() * 5 / 4),
            text: String::with_capacity(source.len()),
            link_targets: Vec::new(),
            cost: active / MARKUP_CHARS_PER_UNIT,
        }
    }

    /// Checks the limits. Call it after every event; one event adds no more than its own text.
    pub(crate) fn check_limits(&self) -> Result<(), MarkupError> {
        if self.html.len() > MAX_HTML_BYTES || self.cost > MAX_COST { Err(MarkupError::OutputTooLong) } else { Ok(()) }
    }

    pub(crate) fn finish(self) -> OutputParts {
        OutputParts { html: self.html, text: self.text, link_targets: self.link_targets }
    }

    /// Writes start tags or one end tag, including the angle brackets.
    pub(crate) fn tag(&mut self, tag: &str) {
        self.html.push_str(tag);
        self.text.extend(tag.split('<').skip(1).filter(|tag| !is_inline(tag)).map(|_| ' '));
        if !tag.starts_with("</") {
            self.cost += 2 * tag.matches('<').count();
        }
    }

    /// Writes the start tag of a link. The text of a link is isolated as left-to-right if it is a URL among
    /// right-to-left text.
    pub(crate) fn open_link(&mut self, target: &str, is_left_to_right: bool) {
        self.html.push_str(if is_left_to_right { "<a dir=\"ltr\" href=\"" } else { "<a href=\"" });
        self.push_escaped(target, &['&', '<', '>', '\u{a0}', '"']);
        self.html.push_str("\" rel=\"");
        self.html.push_str(LINK_REL);
        self.html.push_str("\">");
        self.link_targets.push(target.to_owned());
        self.cost += 8;
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.text.push_str(text);
        self.push_escaped(text, &['&', '<', '>', '\u{a0}']);
    }

    /// Escapes as in the HTML serialization (HTML Living Standard, 13.3), so that the sanitizer changes nothing.
    fn push_escaped(&mut self, text: &str, special: &[char]) {
        let mut rest = text;
        while let Some(at) = rest.find(special) {
            self.html.push_str(&rest[..at]);
            let mut characters = rest[at..].chars();
            self.html.push_str(match characters.next() {
                Some('&') => "&amp;",
                Some('<') => "&lt;",
                Some('>') => "&gt;",
                Some('"') => "&quot;",
                _ => "&nbsp;",
            });
            self.cost += 1;
            rest = characters.as_str();
        }
        self.html.push_str(rest);
    }
}

/// Returns true for a tag, given without its `<`, that does not separate the words around it.
fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches('/');
    let name = name.split(|character: char| !character.is_ascii_alphanumeric()).next().unwrap_or_default();
    matches!(name, "a" | "code" | "del" | "em" | "strong")
}
