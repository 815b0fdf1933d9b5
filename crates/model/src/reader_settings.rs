//! Settings of what readers may do with comments: edit, vote against, react.

use serde::{Deserialize, Serialize};

use crate::limits;
use crate::text::{clean_line, has_visible_text};
use crate::thread_options::ThreadOptions;

/// Default of [`ReaderSettings::edit_window`], in minutes.
const DEFAULT_EDIT_MINUTES: i64 = 15;
/// First of the characters that symbols and emoji begin with: the double exclamation mark, which has an emoji form.
const FIRST_SYMBOL: char = '\u{203c}';
/// First of the characters of the emoji blocks, some of which count as letters.
const FIRST_EMOJI_BLOCK: char = '\u{1f000}';
/// The word for no reactions.
const OFF: &str = "off";

/// The permissions of readers on a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderSettings {
    /// Seconds after posting for which authors may edit a comment; 0 if they may not.
    pub edit_window: i64,
    /// True if readers may vote against comments.
    pub downvotes: bool,
    /// The reactions to a post that readers can choose from.
    pub reactions: Reactions,
    /// Days after its first comment in which a thread takes comments; 0 for no end.
    pub close_after: u32,
    /// The look of threads.
    pub options: ThreadOptions,
}

impl Default for ReaderSettings {
    fn default() -> Self {
        Self {
            edit_window: DEFAULT_EDIT_MINUTES * 60,
            downvotes: false,
            reactions: Reactions::default(),
            close_after: 0,
            options: ThreadOptions::default(),
        }
    }
}

impl ReaderSettings {
    /// Parses the time for editing, a number of minutes up to [`limits::EDIT_MINUTES`]. Returns it in seconds.
    pub fn parse_edit_window(minutes: &str) -> Option<i64> {
        let minutes: i64 = minutes.parse().ok().filter(|minutes| (0..=limits::EDIT_MINUTES).contains(minutes))?;
        Some(minutes * 60)
    }

    /// The time for editing in seconds, if it is not the default.
    pub fn changed_edit_window(&self) -> Option<i64> {
        Some(self.edit_window).filter(|seconds| *seconds != DEFAULT_EDIT_MINUTES * 60)
    }
}

/// Different emoji, at most [`limits::REACTIONS`]. May be none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reactions(Vec<String>);

impl Reactions {
    /// Parses emoji separated by spaces, or `off`. `None` if a word is no emoji, if one is there twice, or if there are too many.
    pub fn parse(text: &str) -> Option<Self> {
        if text == OFF {
            return Some(Self::default());
        }
        let mut names: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            if !is_reaction(word) || names.iter().any(|name| name == word) {
                return None;
            }
            names.push(word.to_owned());
        }
        (1..=limits::REACTIONS).contains(&names.len()).then_some(Self(names))
    }

    /// The emoji, in the order in which they are shown.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Returns true if readers can choose this one.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }
}

/// Formats the text that [`Reactions::parse`] reads.
impl std::fmt::Display for Reactions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() { f.write_str(OFF) } else { f.write_str(&self.0.join(" ")) }
    }
}

/// Returns true for a word that can be a reaction: a sequence with a symbol and no letter.
///
/// It holds no comma, no quotation mark and no character of markup, since the only ASCII characters of an emoji are those of keycaps.
pub fn is_reaction(word: &str) -> bool {
    let is_symbol = |it: char| it >= FIRST_SYMBOL && (!it.is_alphanumeric() || it >= FIRST_EMOJI_BLOCK);
    let is_allowed = |it: char| is_symbol(it) || matches!(it, '0'..='9' | '#' | '*' | '\u{a9}' | '\u{ae}' | '\u{200d}');
    word.len() <= limits::REACTION_BYTES
        && has_visible_text(word)
        && clean_line(word) == word
        && word.chars().any(is_symbol)
        && word.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reactions_are_different_emoji() {
        for good in ["👍", "👍 ❤️ 🎉", "1️⃣ 🏳️‍🌈", "👨‍👩‍👧‍👦", "🅰️ ✓ ★"]
        {
            let parsed = Reactions::parse(good).unwrap();
            assert_eq!(Reactions::parse(&parsed.to_string()), Some(parsed), "{good}");
        }
        assert_eq!(Reactions::parse("👍   ❤️").unwrap().names(), ["👍", "❤️"]);
        assert_eq!(Reactions::parse("off"), Some(Reactions::default()));
        assert_eq!(Reactions::default().to_string(), "off");
        let many = "🀀 🀁 🀂 🀃 🀄 🀅 🀆 🀇 🀈";
        let long = "👍".repeat(13);
        for bad in ["", " ", "+1", "👍 👍", "like", "a👍", "<b>", "👍,❤️", "\"👍\"", "好", "1", "\u{2800}", many, &long]
        {
            assert_eq!(Reactions::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_edit_window_is_a_number_of_minutes() {
        for (text, seconds) in [("0", Some(0)), ("15", Some(900)), ("1440", Some(86_400)), ("1441", None), ("-1", None)]
        {
            assert_eq!(ReaderSettings::parse_edit_window(text), seconds, "{text}");
        }
        for bad in ["", "x", "1.5", " 1", "1m", "99999999999999999999"] {
            assert_eq!(ReaderSettings::parse_edit_window(bad), None, "{bad}");
        }
        assert_eq!(ReaderSettings::default().edit_window, 900);
    }
}
