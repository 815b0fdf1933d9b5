//! Comparison of whole texts in which no character has a special meaning.

use crate::normalize::Lookalikes;
use crate::pattern::{MatchMode, Step, normalized_steps};

/// The number of steps of an empty text: its delimiters.
const EMPTY_STEPS: usize = 2;

/// A text that others are compared with as a whole, such as the name of a banned author.
///
/// As with a pattern, texts are equal if their letters are equal, or the Latin letters that they look like. Any text can
/// be compared, also one without a letter.
#[derive(Clone, Debug)]
pub struct LiteralText {
    text: String,
    letters: Vec<Step>,
    latin: Vec<Step>,
}

impl LiteralText {
    /// Normalizes a text for comparison.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            letters: steps(text, Lookalikes::Keep),
            latin: steps(text, Lookalikes::MapToLatin),
        }
    }

    /// Returns true if a text equals this one.
    pub fn matches(&self, text: &str) -> bool {
        // Nothing is left of a text of diacritics once it is normalized. It equals itself only.
        let equals = |own: &[Step], lookalikes| own.len() > EMPTY_STEPS && steps(text, lookalikes) == own;
        self.text == text || equals(&self.letters, Lookalikes::Keep) || equals(&self.latin, Lookalikes::MapToLatin)
    }
}

fn steps(text: &str, lookalikes: Lookalikes) -> Vec<Step> {
    normalized_steps(&[text], MatchMode::WholeText, lookalikes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(literal: &str, equal: &[&str], different: &[&str]) {
        let literal = LiteralText::new(literal);
        for (text, expected) in equal.iter().map(|text| (text, true)).chain(different.iter().map(|text| (text, false)))
        {
            assert_eq!(literal.matches(text), expected, "{literal:?}: {text:?}");
        }
    }

    #[test]
    fn no_character_has_a_special_meaning() {
        check("*e*", &["*e*", " *E* ", "*е*"], &["Pete", "e", "**"]);
        check("*@gmail.com", &["*@GMAIL.com"], &["eve@gmail.com"]);
        check("a.b@c.d", &["A.B@c.d"], &["a-b@c.d"]);
    }

    #[test]
    fn texts_without_letters_are_compared_too() {
        for text in ["*", "***", "🎃", "...!", "\u{301}", "…"] {
            check(text, &[text], &["", "x", "**", "🎃🎃", "\u{302}"]);
        }
    }

    #[test]
    fn spellings_of_a_name_are_equal() {
        check(
            "Dr. Spam",
            &["dr.  spam", "Dг. Sраm", "Dr.\u{2800}Spam", "D\u{200b}r. Spám"],
            &["Dr Spam", "Dr. Spam 2"],
        );
        check("Νίκος", &["ΝΊΚΟΣ", "νικος"], &["Nikolas"]);
        let long = format!("a+{}@gmail.com", "x".repeat(130));
        check(&long, &[&long.to_uppercase()], &["a+x@gmail.com"]);
    }
}
