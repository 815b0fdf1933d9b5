//! HTML as most comments have it: common elements with quoted attributes, and references that end with a semicolon.
//!
//! It is read here as `html5ever` reads it, in a fraction of the time. Anything else makes the reading fail, and `html5ever` reads the whole text.

use std::borrow::Cow;

use html5ever::Attribute;
use memchr::{memchr, memchr2};

use crate::containers::entities;

/// Elements that are read here. None of them has a content that is read in another way than HTML.
const ELEMENTS: [&str; 26] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strike",
    "strong",
    "u",
    "ul",
];
/// Length of the longest name of a reference.
const MAX_REFERENCE_BYTES: usize = 32;

/// Receiver of the parts of a text.
pub(super) trait Parts {
    /// A part of a text. Parts follow each other without a tag between them.
    fn text(&mut self, text: &str);
    /// A start tag.
    fn start(&mut self, name: &str, attributes: Attributes<'_>);
    /// An end tag.
    fn end(&mut self, name: &str);
}

/// The attributes of a start tag.
#[derive(Clone, Copy)]
pub(super) enum Attributes<'a> {
    /// From `html5ever`.
    Parsed(&'a [Attribute]),
    /// As written, known to be simple.
    Simple(&'a str),
}

impl Attributes<'_> {
    /// The value of an attribute. The first of several with one name counts.
    pub(super) fn get(self, name: &str) -> Option<String> {
        match self {
            Self::Parsed(attributes) => {
                attributes.iter().find(|attribute| &*attribute.name.local == name).map(|found| found.value.to_string())
            }
            Self::Simple(mut rest) => {
                while let Some((key, value, after)) = next_attribute(rest) {
                    if key == name {
                        return decoded(value).map(Cow::into_owned);
                    }
                    rest = after;
                }
                None
            }
        }
    }
}

/// Reads a text, or returns nothing if it is not simple. Parts that were received are then worthless.
pub(super) fn read(html: &str, parts: &mut impl Parts) -> Option<()> {
    if memchr2(b'\0', b'\r', html.as_bytes()).is_some() || html.starts_with('\u{feff}') {
        return None;
    }
    let mut rest = html;
    loop {
        let special = memchr2(b'<', b'&', rest.as_bytes()).unwrap_or(rest.len());
        if special > 0 {
            parts.text(&rest[..special]);
        }
        rest = &rest[special..];
        rest = match rest.as_bytes().first() {
            None => return Some(()),
            Some(b'&') => reference(rest, parts)?,
            Some(_) => tag(rest, parts)?,
        };
    }
}

/// Reads a reference or a lone `&`. Returns the text after it.
fn reference<'a>(text: &'a str, parts: &mut impl Parts) -> Option<&'a str> {
    let after = &text[1..];
    if after.starts_with(is_space) {
        parts.text("&");
        return Some(after);
    }
    let (value, length) = resolve(after)?;
    parts.text(&value);
    Some(&after[length..])
}

/// The text of a reference, given without its `&`, and the length of the reference.
fn resolve(text: &str) -> Option<(Cow<'static, str>, usize)> {
    let end = text.bytes().take(MAX_REFERENCE_BYTES).position(|byte| byte == b';')?;
    let name = text.get(..end)?;
    let value = entities::resolve(name)?;
    // HTML replaces some characters that have a number.
    let is_replaced = name.starts_with('#')
        && value.chars().any(|character| character.is_control() || u32::from(character) & 0xfffe == 0xfffe);
    (!is_replaced).then_some((value, end + 1))
}

/// Reads a tag or a lone `<`. Returns the text after it.
fn tag<'a>(text: &'a str, parts: &mut impl Parts) -> Option<&'a str> {
    let after = &text[1..];
    if after.starts_with(|next: char| is_space(next) || next.is_ascii_digit()) {
        parts.text("<");
        return Some(after);
    }
    let (is_end, after) = after.strip_prefix('/').map_or((false, after), |after| (true, after));
    let length = after.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (name, mut rest) = after.split_at(length);
    let name = ELEMENTS.iter().find(|element| **element == name)?;
    let attributes = rest;
    while let Some((_, value, after)) = next_attribute(rest) {
        decoded(value)?;
        rest = after;
    }
    let attributes = &attributes[..attributes.len() - rest.len()];
    rest = rest.trim_start_matches(is_space);
    rest = rest.strip_prefix('/').unwrap_or(rest).strip_prefix('>')?;
    if is_end {
        parts.end(name);
    } else {
        parts.start(name, Attributes::Simple(attributes));
    }
    Some(rest)
}

/// The name and the value of the next attribute, and the text after it.
fn next_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.trim_start_matches(is_space);
    let length = start.bytes().take_while(|byte| byte.is_ascii_lowercase() || *byte == b'-').count();
    if start.len() == text.len() || length == 0 {
        return None;
    }
    let (name, after) = start.split_at(length);
    let value = after.strip_prefix('=')?;
    let quote = *value.as_bytes().first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let end = 1 + memchr(quote, &value.as_bytes()[1..])?;
    Some((name, &value[1..end], &value[end + 1..]))
}

/// A value with its references resolved, if all are simple.
fn decoded(value: &str) -> Option<Cow<'_, str>> {
    let Some(first) = memchr(b'&', value.as_bytes()) else { return Some(Cow::Borrowed(value)) };
    let mut decoded = value[..first].to_owned();
    let mut rest = &value[first..];
    while let Some(after) = rest.strip_prefix('&') {
        let (text, length) = resolve(after)?;
        decoded.push_str(&text);
        let after = &after[length..];
        let next = memchr(b'&', after.as_bytes()).unwrap_or(after.len());
        decoded.push_str(&after[..next]);
        rest = &after[next..];
    }
    Some(Cow::Owned(decoded))
}

const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\n' | '\t')
}
