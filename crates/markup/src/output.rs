//! The HTML as it grows, within its bounds.

use afterword_model::limits;

use crate::MarkupError;
use crate::gate::LINK_REL;

/// The longest HTML, in bytes.
pub(crate) const LENGTH: usize = 4 * limits::TEXT_BYTES;

/// The most work that a text may make, in units of about a quarter of a microsecond on a desktop computer. The gate's time goes by
/// elements and escapes far more than by bytes: 2 for an element, 8 for a link, 1 for an escape. The parser's goes by
/// the characters that could be markup: 1 for [`ACTIVE`] of them.
///
/// The limit allows an element to each 8 bytes of the longest text, or a page of XML as code. An ordinary comment of that
/// length, with markup in each line, needs less than half of it.
const WORK: usize = limits::TEXT_BYTES / 4;

/// Characters that could be markup to the unit of work.
const ACTIVE: usize = 8;

pub(crate) struct Output {
    html: String,
    text: String,
    link_targets: Vec<String>,
    work: usize,
}

/// The HTML of a text, and its content without markup.
pub(crate) struct Written {
    pub(crate) html: String,
    /// See [`crate::Rendered::text`].
    pub(crate) text: String,
    /// See [`crate::Rendered::link_targets`].
    pub(crate) link_targets: Vec<String>,
}

impl Output {
    /// Empty HTML of a narrowed source.
    pub(crate) fn of(source: &str) -> Self {
        let active = source.bytes().filter(|byte| b"[](!*_~`\\&<".contains(byte)).count();
        Self {
            html: String::with_capacity(source.len() * 5 / 4),
            text: String::with_capacity(source.len()),
            link_targets: Vec::new(),
            work: active / ACTIVE,
        }
    }

    /// Whether it is still within its bounds; to be asked after every event, which brings in no more than its own text.
    pub(crate) fn check(&self) -> Result<(), MarkupError> {
        if self.html.len() > LENGTH || self.work > WORK { Err(MarkupError::OutputTooLong) } else { Ok(()) }
    }

    pub(crate) fn finish(self) -> Written {
        Written { html: self.html, text: self.text, link_targets: self.link_targets }
    }

    /// Start tags or an end tag, in angle brackets.
    pub(crate) fn tag(&mut self, tag: &str) {
        self.html.push_str(tag);
        self.text.extend(tag.split('<').skip(1).filter(|tag| !is_inline(tag)).map(|_| ' '));
        if !tag.starts_with("</") {
            self.work += 2 * tag.matches('<').count();
        }
    }

    /// The start tag of a link.
    pub(crate) fn open_link(&mut self, target: &str) {
        self.html.push_str("<a href=\"");
        self.escaped(target, &['&', '<', '>', '\u{a0}', '"']);
        self.html.push_str("\" rel=\"");
        self.html.push_str(LINK_REL);
        self.html.push_str("\">");
        self.link_targets.push(target.to_owned());
        self.work += 8;
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.text.push_str(text);
        self.escaped(text, &['&', '<', '>', '\u{a0}']);
    }

    /// Escapes as HTML's serialization does (HTML Living Standard, 13.3), so that the gate finds its own spelling.
    fn escaped(&mut self, text: &str, special: &[char]) {
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
            self.work += 1;
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
