//! The messages of one language: a flat catalogue from key to text.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
#[cfg(feature = "catalogue")]
use serde::ser::{Serialize, Serializer};

use crate::digits;
use crate::plural;

/// The messages of one language, decoded from a flat JSON object: a part of `messages/<lang>.json`.
///
/// A missing key is its own text, so that a gap is visible and nothing fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// Sorted by key. A vector, because the code of a map would cost the widget more than it saves.
    entries: Vec<(String, String)>,
}

impl Messages {
    /// These messages and those of another catalogue.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.entries.extend(other.entries);
        self.entries.sort_unstable();
        self
    }

    /// The text of a key.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// The text of a key with `{<placeholder>}` replaced by `value`. The result is text, not HTML.
    pub fn format(&self, key: &str, placeholder: &str, value: &str) -> String {
        fill(self.get(key), placeholder, value)
    }

    /// The text for the code of a refusal. All unknown codes have the same text.
    pub fn error_text(&self, code: &str) -> &str {
        self.find_error_text(code).unwrap_or_else(|| self.get("error.unknown"))
    }

    /// The text for the code of a refusal, if it has one of its own.
    pub fn find_error_text(&self, code: &str) -> Option<&str> {
        let mut key = String::from("error.");
        key.push_str(error_name(code));
        self.find(&key)
    }

    /// The plural form of `key` for a number, with `{n}` replaced: `count.one`, `count.other`.
    pub fn format_count(&self, key: &str, number: u32) -> String {
        let mut form = form_key(key, plural::category(self.get("plural"), number));
        if self.find(&form).is_none() {
            form = form_key(key, "other");
        }
        self.format(&form, "n", &self.number(number))
    }

    /// A number with the digits of the language, in groups of three.
    pub fn number(&self, number: u32) -> String {
        let mut ascii = String::new();
        digits::push(&mut ascii, number.into(), 1);
        let is_grouped = ascii.len() >= if self.find("group.min") == Some("5") { 5 } else { 4 };
        let separator = self.find("group").filter(|_| is_grouped).unwrap_or_default();
        let mut text = String::new();
        for (at, digit) in ascii.bytes().enumerate() {
            if at > 0 && (ascii.len() - at).is_multiple_of(3) {
                text.push_str(separator);
            }
            self.push_digit(&mut text, digit);
        }
        text
    }

    /// Appends a digit, given in ASCII, as the language writes it.
    pub(crate) fn push_digit(&self, out: &mut String, digit: u8) {
        let own = self.find("digits").and_then(|digits| digits.chars().nth(usize::from(digit.wrapping_sub(b'0'))));
        out.push(own.unwrap_or(char::from(digit)));
    }

    /// The time until another attempt, in words: in seconds, minutes or hours, rounded up.
    pub fn wait_text(&self, seconds: u32) -> String {
        let (key, unit) = match seconds {
            0..120 => ("wait", 1),
            120..7_200 => ("wait.minutes", 60),
            _ => ("wait.hours", 3_600),
        };
        self.format_count(key, seconds.div_ceil(unit))
    }

    /// The text before and after the visible word of a control, in the message that names the control for screen readers.
    pub fn around<'a>(&'a self, key: &'a str, visible: &'a str) -> Option<(&'a str, &'a str)> {
        self.get(key).split_once(self.get(visible))
    }

    /// The text before and after a placeholder, if the message has it.
    pub(crate) fn split_at_placeholder<'a>(&'a self, key: &'a str, placeholder: &str) -> Option<(&'a str, &'a str)> {
        split_at_placeholder(self.get(key), placeholder)
    }

    /// The text of a key, if there is one.
    #[cfg(feature = "catalogue")]
    pub(crate) fn find_text(&self, key: &str) -> Option<&str> {
        self.find(key)
    }

    /// The texts whose keys begin with a prefix, by the rest of their keys.
    #[cfg(feature = "catalogue")]
    pub(crate) fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.entries.iter().filter_map(move |(key, text)| Some((key.strip_prefix(prefix)?, text.as_str())))
    }

    fn find(&self, key: &str) -> Option<&str> {
        let at = self.position(key);
        self.entries.get(at).filter(|(found, _)| found == key).map(|(_, text)| text.as_str())
    }

    fn position(&self, key: &str) -> usize {
        self.entries.partition_point(|(other, _)| other.as_str() < key)
    }
}

/// A text with `{<placeholder>}` replaced by `value`, for messages with several placeholders.
pub fn fill(text: &str, placeholder: &str, value: &str) -> String {
    let Some((before, after)) = split_at_placeholder(text, placeholder) else { return text.to_owned() };
    let mut filled = String::with_capacity(before.len() + value.len() + after.len());
    filled.push_str(before);
    filled.push_str(value);
    filled.push_str(after);
    filled
}

fn split_at_placeholder<'a>(text: &'a str, placeholder: &str) -> Option<(&'a str, &'a str)> {
    text.match_indices('{').find_map(|(open, _)| {
        let rest = text.get(open + 1..)?.strip_prefix(placeholder)?.strip_prefix('}')?;
        Some((text.get(..open)?, rest))
    })
}

/// The name of the text for a code. Codes that mean the same to a reader share it.
fn error_name(code: &str) -> &str {
    match code {
        // A setting has changed since the page was loaded, and loading it again helps here too.
        "downvotes_off" | "unknown_reaction" => "unreadable",
        "bad_json" | "bad_media_type" | "bad_id" | "bad_author_key" => "unreadable",
        _ => code,
    }
}

fn form_key(key: &str, category: &str) -> String {
    let mut form = String::from(key);
    form.push('.');
    form.push_str(category);
    form
}

impl FromIterator<(String, String)> for Messages {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(entries: T) -> Self {
        let mut messages = Self::default();
        for (key, text) in entries {
            let at = messages.position(&key);
            messages.entries.insert(at, (key, text));
        }
        messages
    }
}

impl<'de> Deserialize<'de> for Messages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CatalogueVisitor;

        impl<'de> Visitor<'de> for CatalogueVisitor {
            type Value = Messages;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a flat object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Messages, A::Error> {
                std::iter::from_fn(|| map.next_entry().transpose()).collect()
            }
        }

        deserializer.deserialize_map(CatalogueVisitor)
    }
}

#[cfg(feature = "catalogue")]
impl Serialize for Messages {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.entries.iter().map(|(key, text)| (key, text)))
    }
}
