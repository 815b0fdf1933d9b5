//! Decides which runs of `*`, `_` and `~` are markup, and leads the parser to the same decision.
//!
//! The flanking rule of CommonMark (section 6.2) has two changes here. Beside a CJK character its condition on
//! punctuation does not apply (commonmark-spec pull request 839), for such text has no spaces. And marks that are a part
//! of a word, a number, a face or a comment in code are no delimiters, because nobody means them as markup.

use std::ops::Range;

use crate::characters::{is_cjk, is_closing, is_opening, is_punctuation, is_spaced_word, is_variation_selector};
use crate::links::starts_autolink;

/// The role of a delimiter run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// No markup.
    Text,
    /// Markup if the parser finds another run for it. `mask_before` and `mask_after` say where an empty mask keeps the
    /// punctuation beside the run from misleading the parser.
    Delimiter { mask_before: bool, mask_after: bool },
}

/// A delimiter run and the text around it, within a line.
pub(crate) struct Run<'a> {
    pub(crate) mark: char,
    pub(crate) before: &'a str,
    pub(crate) after: &'a str,
    /// True if a bare URL ends before the run.
    pub(crate) follows_url: bool,
}

impl Run<'_> {
    pub(crate) fn role(&self) -> Role {
        let previous = self.previous();
        let next = self.after.chars().next().unwrap_or('\n');
        let (opens, closes) = self.flanking(previous, next);
        match (opens, closes) {
            // The parser needs no mask to see that this is none, and it may be the bullet of a list, or a fence.
            (false, false) if previous.is_whitespace() && next.is_whitespace() => {
                Role::Delimiter { mask_before: false, mask_after: false }
            }
            (false, false) => Role::Text,
            (true, false) => Role::Delimiter { mask_before: false, mask_after: is_punctuation(next) },
            (false, true) => Role::Delimiter { mask_before: is_punctuation(previous), mask_after: false },
            // The parser lets a run between two marks of punctuation open and close, and one between two letters too.
            (true, true) => Role::Delimiter {
                mask_before: is_punctuation(previous) && !is_punctuation(next),
                mask_after: is_punctuation(next) && !is_punctuation(previous),
            },
        }
    }

    /// The character before the run. A variation selector only changes the look of the character before it.
    fn previous(&self) -> char {
        self.before.chars().rev().find(|&character| !is_variation_selector(character)).unwrap_or('\n')
    }

    /// Returns true if the run may open and if it may close.
    fn flanking(&self, previous: char, next: char) -> (bool, bool) {
        let is_space = char::is_whitespace;
        let (punctuated_before, punctuated_after) = (is_punctuation(previous), is_punctuation(next));
        let beside_cjk = is_cjk(previous) || is_cjk(next);
        let mut opens = !is_space(next) && (beside_cjk || !punctuated_after || is_space(previous) || punctuated_before);
        let mut closes =
            !is_space(previous) && (beside_cjk || !punctuated_before || is_space(next) || punctuated_after);
        if self.mark == '_' {
            // A part of a name in code: `__init__.py`, `self.__init__()`.
            opens &= (is_space(previous) || punctuated_before) && !self.continues_name();
            closes &= (is_space(next) || punctuated_after) && !self.is_continued_by_name();
        } else if self.mark == '*' {
            // The comments of many programming languages, and a product with brackets: `/* a */`, `(a+b)*c`.
            opens &= next != '/' && (beside_cjk || !")]}".contains(previous));
            closes &= (previous != '/' || self.follows_url) && !self.ends_kiss();
        }
        if punctuated_before && punctuated_after && !beside_cjk && !self.is_beside_markup(previous, next) {
            // Between brackets or quotation marks and what they enclose. All else is a face: `^_^`, `(>_<)`, `"*"`.
            opens &= previous != next && is_outer_start(previous) && !is_closing(next);
            closes &= previous != next && is_outer_end(next) && !is_opening(previous) && !"|^<=".contains(previous);
        }
        (opens, closes)
    }

    /// Returns true after the eyes of `:*` and `;-*`.
    fn ends_kiss(&self) -> bool {
        let eyes = self.before.strip_suffix('-').unwrap_or(self.before).strip_suffix([':', ';']);
        eyes.is_some_and(|before| before.is_empty() || before.ends_with(char::is_whitespace))
    }

    fn continues_name(&self) -> bool {
        self.before.strip_suffix('.').is_some_and(|before| before.ends_with(is_spaced_word))
    }

    fn is_continued_by_name(&self) -> bool {
        self.after.starts_with('(')
            || self.after.strip_prefix('.').is_some_and(|after| after.starts_with(is_spaced_word))
    }

    /// Returns true if the run touches other markup, which says nothing about the run.
    fn is_beside_markup(&self, previous: char, next: char) -> bool {
        let is_mark = |character| "*_`[]".contains(character) && character != self.mark;
        is_mark(previous)
            || is_mark(next)
            || self.before.ends_with("~~")
            || self.after.starts_with("~~")
            || self.follows_url
            || self.after.strip_prefix('<').is_some_and(starts_autolink)
    }
}

/// Returns true for punctuation in front of which nothing of the emphasized text can be.
fn is_outer_start(character: char) -> bool {
    is_opening(character) || "\"'".contains(character) || is_dash(character)
}

/// Returns true for punctuation after the end of emphasized text.
fn is_outer_end(character: char) -> bool {
    is_closing(character) || "\"'".contains(character) || is_dash(character)
}

fn is_dash(character: char) -> bool {
    matches!(character, '\u{2013}' | '\u{2014}')
}

/// The word around the last run, with the delimiter runs at its ends. A word has no white space.
#[derive(Default)]
pub(crate) struct Word<'a> {
    range: Range<usize>,
    start: &'a str,
    end: &'a str,
}

impl<'a> Word<'a> {
    /// Returns true if the run at `at` stands within a word or a number of a script that has spaces, as in `2*3*4` or
    /// `f*ck`, and does not belong to a run at an end of the word, as in `**bold**ly`.
    pub(crate) fn has_within(&mut self, line: &'a str, at: usize, run: &str) -> bool {
        let (before, after) = (&line[..at], &line[at + run.len()..]);
        let neighbours = before.chars().next_back().zip(after.chars().next());
        let Some((previous, next)) =
            neighbours.filter(|(previous, next)| is_spaced_word(*previous) && is_spaced_word(*next))
        else {
            return false;
        };
        if !self.range.contains(&at) {
            *self = Self::around(line, at);
        }
        let is_number = previous.is_ascii_digit() && next.is_ascii_digit();
        is_number || (self.start == run) == (self.end == run)
    }

    fn around(line: &'a str, at: usize) -> Self {
        let start = line[..at].rfind(char::is_whitespace).map_or(0, |before| before + 1);
        let start = (start..=at).find(|&start| line.is_char_boundary(start)).unwrap_or(at);
        let end = line[at..].find(char::is_whitespace).map_or(line.len(), |end| at + end);
        let is_outside = |character: char| is_punctuation(character) && !is_mark(character);
        let word = line[start..end].trim_matches(is_outside);
        let first =
            word.len() - word.trim_start_matches(|character| word.starts_with(character) && is_mark(character)).len();
        let last = word.trim_end_matches(|character| word.ends_with(character) && is_mark(character)).len();
        Self { range: start..end, start: &word[..first], end: &word[last..] }
    }
}

fn is_mark(character: char) -> bool {
    matches!(character, '*' | '_' | '~')
}
