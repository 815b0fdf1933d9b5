//! A lenient reader of XML.
//!
//! It asks for children of an element and for the text of one, so memory is bounded by one text. It matches elements by local name and
//! [`Family`], repairs end tags that match nothing, takes a raw `&` for itself, and resolves no entity that the file defines.

mod namespaces;
mod source;

use std::io::Read;

use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::{BytesStart, Event};

use self::namespaces::Namespaces;
use self::source::Source;
use super::encodings;
use super::entities;
use super::limits::read_error;
use crate::problem::{Position, ReadError};
use crate::scan;

pub(crate) use self::namespaces::Family;

/// Maximum size of a text of which a record is made. The rest of a longer one is left out.
pub(crate) const MAX_TEXT_BYTES: usize = 16 << 20;
/// Maximum number of elements that are open at the same time. Exports have up to ten.
const MAX_DEPTH: usize = 100_000;
/// Length of the longest name of an element that is matched.
const NAME_BYTES: usize = 32;

/// The start tag of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The family of its namespace.
    pub(crate) family: Family,
    name: [u8; NAME_BYTES],
    length: usize,
    depth: usize,
}

impl Tag {
    /// Its local name, or an empty string if the name is longer than any that is matched.
    pub(crate) fn name(&self) -> &str {
        std::str::from_utf8(&self.name[..self.length]).unwrap_or_default()
    }
}

/// A text that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    /// The text, without control characters.
    pub(crate) text: String,
    /// True if it was longer than [`MAX_TEXT_BYTES`] and its end is missing.
    pub(crate) is_cut: bool,
}

/// The event that the reader is at.
enum Step {
    Start(Tag),
    End,
    Other,
    Eof,
}

/// The way in which the content of an element becomes a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Without the tags in it.
    Text,
    /// HTML, in which some tags are not escaped.
    Html,
    /// XHTML: its tags and references are those of the XML.
    Markup,
}

/// The reader.
pub(crate) struct XmlReader<'a> {
    file: &'a str,
    reader: Reader<Source<'a>>,
    buffer: Vec<u8>,
    /// Content of the last start tag: its name and its attributes.
    start: Vec<u8>,
    /// Hashes of the names of the open elements.
    open: Vec<u64>,
    /// True if the innermost element has no end tag.
    is_empty: bool,
    namespaces: Namespaces,
}

impl<'a> XmlReader<'a> {
    /// Reads a member. `head` is its beginning, and `name` its name in messages.
    pub(crate) fn new(name: &'a str, head: &[u8], member: &'a mut dyn Read) -> Self {
        let mut reader = Reader::from_reader(Source::new(encodings::utf8_reader(head, member)));
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        config.allow_unmatched_ends = true;
        config.check_end_names = false;
        Self {
            file: name,
            reader,
            buffer: Vec::new(),
            start: Vec::new(),
            open: Vec::new(),
            is_empty: false,
            namespaces: Namespaces::default(),
        }
    }

    /// Name of the file in messages.
    pub(crate) fn file(&self) -> &'a str {
        self.file
    }

    /// Number of the current line.
    pub(crate) fn line(&self) -> u64 {
        self.reader.get_ref().line()
    }

    /// The root element, and after its end the next one, if there are several.
    pub(crate) fn root(&mut self) -> Result<Option<Tag>, ReadError> {
        self.start_below(0)
    }

    /// The next child of an element, or nothing at its end. Skips the rest of the child before.
    pub(crate) fn child(&mut self, parent: &Tag) -> Result<Option<Tag>, ReadError> {
        self.start_below(parent.depth)
    }

    fn start_below(&mut self, depth: usize) -> Result<Option<Tag>, ReadError> {
        while self.open.len() >= depth {
            match self.step(None)? {
                Step::Start(tag) if tag.depth == depth + 1 => return Ok(Some(tag)),
                Step::Eof if self.open.is_empty() => return Ok(None),
                Step::Eof => return Err(self.malformed("the file ends within an element: it was cut off")),
                Step::Start(_) | Step::End | Step::Other => {}
            }
        }
        Ok(None)
    }

    /// The text of an element whose start tag was just read, with that of the elements in it.
    pub(crate) fn text(&mut self, tag: &Tag) -> Result<Text, ReadError> {
        self.content(tag, Content::Text)
    }

    /// The text of such an element, which is HTML. Tags that are not escaped belong to it.
    pub(crate) fn html(&mut self, tag: &Tag) -> Result<Text, ReadError> {
        self.content(tag, Content::Html)
    }

    /// The content of such an element as HTML, if it is XHTML.
    pub(crate) fn markup(&mut self, tag: &Tag) -> Result<Text, ReadError> {
        self.content(tag, Content::Markup)
    }

    fn content(&mut self, tag: &Tag, content: Content) -> Result<Text, ReadError> {
        let mut text = String::new();
        let mut is_cut = false;
        while self.open.len() >= tag.depth {
            let length = text.len();
            match self.step(Some((&mut text, content)))? {
                Step::Eof => return Err(self.malformed("the file ends within a text: it was cut off")),
                // The end tag of the element itself is no part of its content.
                Step::End if self.open.len() < tag.depth => text.truncate(length),
                Step::Start(inner) if content != Content::Text => self.append_start(&inner, &mut text),
                _ => {}
            }
            if text.len() > MAX_TEXT_BYTES {
                is_cut = true;
                text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
            }
        }
        if has_control_characters(&text) {
            text.retain(|character| character >= ' ' || matches!(character, '\n' | '\t' | '\r'));
        }
        if let Some(repaired) = encodings::repair_double_encoding(&text) {
            text = repaired;
        }
        Ok(Text { text, is_cut })
    }

    /// Adds the last start tag as HTML, where only few elements may be without an end tag.
    fn append_start(&self, tag: &Tag, text: &mut String) {
        if !self.is_empty || matches!(tag.name(), "br" | "hr" | "img") {
            text.push('<');
            text.push_str(&encodings::text(&self.start));
            text.push('>');
        }
    }

    /// The value of an attribute of the last start tag, by its local name.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let (_, value) = namespaces::attributes(&self.start).find(|(key, _)| local_name(key) == name.as_bytes())?;
        let value = encodings::text(value).into_owned();
        Some(entities::decode(&value).into_owned())
    }

    /// Reads one event. Adds the text in it to `text`.
    fn step(&mut self, text: Option<(&mut String, Content)>) -> Result<Step, ReadError> {
        if std::mem::take(&mut self.is_empty) {
            self.open.pop();
            self.namespaces.leave(self.open.len());
            return Ok(Step::End);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        self.reader.get_mut().start_event();
        let step = match self.reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => self.enter(&tag),
            Ok(Event::Empty(tag)) => {
                self.is_empty = true;
                self.enter(&tag)
            }
            Ok(Event::End(tag)) => Ok(self.leave(tag.name().as_ref(), text)),
            Ok(Event::Eof) => Ok(Step::Eof),
            Ok(event) => {
                if let Some((text, content)) = text {
                    append(&event, text, content);
                }
                Ok(Step::Other)
            }
            Err(error) => Err(self.error(&error)),
        };
        self.buffer = buffer;
        step
    }

    fn enter(&mut self, tag: &BytesStart<'_>) -> Result<Step, ReadError> {
        let name = tag.name();
        if self.open.len() == MAX_DEPTH {
            return Err(self.malformed("elements are nested more deeply than in any export"));
        }
        self.open.push(hash(name.as_ref()));
        self.start.clear();
        self.start.extend_from_slice(tag);
        let depth = self.open.len();
        if self.start.len() > name.as_ref().len() {
            self.namespaces.enter(depth, &self.start);
        }
        let (family, local) = self.namespaces.resolve(name.as_ref());
        let mut tag = Tag { family, name: [0; NAME_BYTES], length: 0, depth };
        if let Some(place) = tag.name.get_mut(..local.len()) {
            place.copy_from_slice(local);
            tag.length = local.len();
        }
        Ok(Step::Start(tag))
    }

    /// Closes the innermost element of a name, with all in it. An end tag that matches nothing is ignored.
    fn leave(&mut self, name: &[u8], text: Option<(&mut String, Content)>) -> Step {
        let hash = hash(name);
        let Some(depth) = self.open.iter().rposition(|open| *open == hash) else { return Step::Other };
        self.open.truncate(depth);
        self.namespaces.leave(depth);
        if let Some((text, Content::Html | Content::Markup)) = text {
            text.push_str("</");
            text.push_str(&encodings::text(name));
            text.push('>');
        }
        Step::End
    }

    fn error(&self, error: &Error) -> ReadError {
        match error {
            Error::Io(error) if source::is_too_long(error) => self.malformed("a tag or a text has no end"),
            Error::Io(error) => read_error(self.file, Position::Line(self.line()), error),
            Error::Syntax(SyntaxError::InvalidBangMarkup) => self.malformed("a tag starts with <! and is none"),
            Error::Syntax(_) => self.malformed("the file ends within a tag or a text: it was cut off"),
            _ => self.malformed("it is no XML"),
        }
    }

    /// The error of a file that cannot be read any further.
    pub(crate) fn malformed(&self, message: &str) -> ReadError {
        ReadError::Malformed {
            file: self.file.to_owned(),
            position: Position::Line(self.line()),
            message: message.to_owned(),
        }
    }
}

/// Returns true if a text has control characters other than white space.
fn has_control_characters(text: &str) -> bool {
    scan::has_byte(text.as_bytes(), |byte| (byte < 0x20) & (byte != b'\n') & (byte != b'\t') & (byte != b'\r'))
}

/// Adds the text of an event.
fn append(event: &Event<'_>, text: &mut String, content: Content) {
    match (event, content) {
        (Event::Text(part), _) => text.push_str(&encodings::text(part)),
        (Event::CData(part), Content::Text | Content::Html) => text.push_str(&encodings::text(part)),
        (Event::CData(part), Content::Markup) => {
            text.push_str(&encodings::text(part).replace('&', "&amp;").replace('<', "&lt;"));
        }
        (Event::GeneralRef(name), content) => {
            let name = encodings::text(name);
            match entities::resolve(&name) {
                Some(value) if content != Content::Markup => text.push_str(&value),
                _ => text.extend(["&", &name, ";"]),
            }
        }
        _ => {}
    }
}

fn local_name(name: &[u8]) -> &[u8] {
    memchr::memchr(b':', name).map_or(name, |colon| &name[colon + 1..])
}

/// A hash of a name, eight bytes at a time. Equal hashes of two names of one file are as rare as equal random numbers of 64 bits, unless somebody
/// made the names for it; then an end tag closes another element.
fn hash(name: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(FACTOR).rotate_left(29);
    let (words, rest) = name.as_chunks::<8>();
    let hash = words.iter().fold(FACTOR, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let last = rest.iter().fold(1, |last, byte| last << 8 | u64::from(*byte));
    mix(hash, last)
}

#[cfg(test)]
mod tests;
