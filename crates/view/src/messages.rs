//! The messages of one language: a flat catalogue from key to text.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::digits;
use crate::plural;

/// The messages of one language, decoded from the flat JSON object of `messages/<lang>.json`.
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
        let Some((before, after)) = self.split_at_placeholder(key, placeholder) else {
            return self.get(key).to_owned();
        };
        let mut text = String::with_capacity(before.len() + value.len() + after.len());
        text.push_str(before);
        text.push_str(value);
        text.push_str(after);
        text
    }

    /// The text for the code of a refusal. All unknown codes have the same text.
    pub fn error_text(&self, code: &str) -> &str {
        let mut key = String::from("error.");
        key.push_str(code);
        self.find(&key).unwrap_or_else(|| self.get("error.unknown"))
    }

    /// The plural form of `key` for a number, with `{n}` replaced: `count.one`, `count.other`.
    pub fn format_count(&self, key: &str, number: u32) -> String {
        let mut form = form_key(key, plural::category(self.get("plural"), number));
        if self.find(&form).is_none() {
            form = form_key(key, "other");
        }
        let mut digits = String::new();
        digits::push(&mut digits, number.into(), 1);
        self.format(&form, "n", &digits)
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

    /// The text before and after a placeholder, if the message has it.
    pub(crate) fn split_at_placeholder<'a>(&'a self, key: &'a str, placeholder: &str) -> Option<(&'a str, &'a str)> {
        let text = self.get(key);
        text.match_indices('{').find_map(|(open, _)| {
            let rest = text.get(open + 1..)?.strip_prefix(placeholder)?.strip_prefix('}')?;
            Some((text.get(..open)?, rest))
        })
    }

    fn find(&self, key: &str) -> Option<&str> {
        let at = self.position(key);
        self.entries.get(at).filter(|(found, _)| found == key).map(|(_, text)| text.as_str())
    }

    fn position(&self, key: &str) -> usize {
        self.entries.partition_point(|(other, _)| other.as_str() < key)
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
