//! Restricts CommonMark to the Markdown of comments, before the parser sees it.
//!
//! Constructs that comments do not have are masked, so that the parser takes them for text: HTML, character references,
//! headings, rules, indented code, reference definitions, and every quote and list beyond the depth limit. The same is
//! done to marks that nobody means as markup. So no text is lost, and the parser never reaches its expensive cases
//! (definitions that expand, thousands of containers, unterminated HTML).

use std::ops::Range;

use crate::blocks::BlockScanner;
use crate::characters::is_spaced_word;
use crate::delimiters::{Role, Run, Word};
use crate::escapes::{is_link_target, markup_escapes};
use crate::links::{next_bare_url, starts_autolink};
use crate::mask::{EMPTY_MASK, ESCAPE_MASK, mask, masked};

/// Masks the source for the parser. Expects the output of `clean_text`. [`crate::mask::unmask`] restores the text,
/// except for inserted blank lines.
pub(crate) fn restrict(text: &str) -> String {
    let mut scanner = BlockScanner::default();
    let mut restricted = String::with_capacity(text.len() + text.len() / 4);
    for line in text.split('\n') {
        let edit = scanner.scan_line(line);
        if edit.blank_line_before {
            restricted.push('\n');
        }
        let at = edit.mask_at.unwrap_or_default();
        restricted.push_str(&line[..at]);
        if edit.mask_at.is_some() {
            restricted.push(EMPTY_MASK);
        }
        LineWriter::new(line, at, &mut restricted).write();
        restricted.push('\n');
    }
    restricted
}

/// Writes a line with its masks.
struct LineWriter<'a> {
    line: &'a str,
    at: usize,
    out: &'a mut String,
    /// The next bare URL at or after `at`.
    url: Option<Range<usize>>,
    /// The end of the last bare URL.
    url_end: usize,
    /// The backslashes that are markup.
    escapes: Vec<usize>,
    word: Word<'a>,
    /// True after an odd number of single backticks.
    in_code: bool,
}

impl<'a> LineWriter<'a> {
    fn new(line: &'a str, at: usize, out: &'a mut String) -> Self {
        Self {
            line,
            at,
            out,
            url: next_bare_url(line, at),
            url_end: usize::MAX,
            escapes: markup_escapes(line),
            word: Word::default(),
            in_code: false,
        }
    }

    fn write(mut self) {
        while self.at < self.line.len() {
            if let Some(url) = self.url.clone() {
                if url.start < self.at {
                    self.url = next_bare_url(self.line, self.at);
                    continue;
                }
                if url.start == self.at {
                    self.url(url.end);
                    continue;
                }
            }
            let limit = self.url.as_ref().map_or(self.line.len(), |url| url.start);
            let special = self.line.as_bytes()[self.at..limit].iter().position(|byte| b"\\<&*_~`]".contains(byte));
            let special = special.map_or(limit, |found| self.at + found);
            self.out.push_str(&self.line[self.at..special]);
            self.at = special;
            if special < limit {
                self.special(self.line.as_bytes()[special]);
            }
        }
    }

    fn special(&mut self, byte: u8) {
        match byte {
            b'\\' => self.backslash(),
            b'<' => {
                let is_autolink = starts_autolink(&self.line[self.at + 1..]);
                self.push(if is_autolink { '<' } else { masked('<') }, 1);
            }
            b'&' => self.push(masked('&'), 1),
            b'`' => self.backticks(),
            b']' if is_link_target(&self.line[self.at + 1..]) => self.link_target(),
            b']' => self.push(']', 1),
            mark => self.delimiters(char::from(mark)),
        }
    }

    /// Writes a character in place of `bytes` bytes.
    fn push(&mut self, character: char, bytes: usize) {
        self.out.push(character);
        self.at += bytes;
    }

    fn push_masked(&mut self, end: usize) {
        self.out.extend(self.line[self.at..end].chars().map(masked));
        self.at = end;
    }

    fn url(&mut self, end: usize) {
        self.push_masked(end);
        // Programs that write Markdown escape underscores within URLs too.
        while self.line[self.at..].starts_with("\\_") {
            self.out.extend(['\\', ESCAPE_MASK]);
            self.at += 1;
            self.push_masked(self.at + 1);
        }
        self.url_end = self.at;
        self.url = next_bare_url(self.line, self.at);
    }

    /// Writes the target of a link, in which only the parser finds the end.
    fn link_target(&mut self) {
        self.out.push(']');
        self.at += 1;
        let target = &self.line[self.at..];
        let is_bracketed = target[1..].trim_start_matches([' ', '\t']).starts_with('<');
        let mut end = target.len();
        let (mut depth, mut is_escaped, mut has_started) = (0_usize, false, false);
        for (at, character) in target.char_indices() {
            match character {
                _ if is_escaped => {}
                '(' => depth += 1,
                ')' if !is_bracketed => depth = depth.saturating_sub(1),
                '>' if is_bracketed => depth = 0,
                ' ' | '\t' if has_started && !is_bracketed => depth = 0,
                _ => {}
            }
            has_started |= !matches!(character, '(' | ' ' | '\t');
            is_escaped = character == '\\' && !is_escaped;
            if depth == 0 {
                end = at;
                break;
            }
        }
        let bracket = if is_bracketed { target.find('<') } else { None };
        for (at, character) in target[..end].char_indices() {
            // A backtick starts code, which binds more tightly than a link.
            let is_kept = character == '`' || Some(at) == bracket;
            self.out.push(if is_kept { character } else { masked(character) });
        }
        self.at += end;
    }

    fn backslash(&mut self) {
        self.out.push('\\');
        let is_markup = self.escapes.binary_search(&self.at).is_ok();
        self.at += 1;
        self.out.push(if is_markup { ESCAPE_MASK } else { EMPTY_MASK });
        match self.line[self.at..].chars().next() {
            // Code ends at a backtick after a backslash.
            Some('`') if !is_markup => {}
            Some('\\') => {
                self.push('\\', 1);
                self.out.push(EMPTY_MASK);
            }
            Some('!') if is_markup => {
                self.push('!', 1);
                self.out.push(EMPTY_MASK);
            }
            Some('[') if !is_markup => {}
            Some(escaped) if mask(escaped).is_some() => self.push(masked(escaped), 1),
            _ => {}
        }
    }

    /// A lone backtick within a word is an apostrophe (``don`t``), unless it ends code.
    fn backticks(&mut self) {
        let run = run_length(&self.line[self.at..]);
        if run == 1 && !self.in_code && self.is_apostrophe() {
            return self.push(masked('`'), 1);
        }
        self.in_code ^= run == 1;
        self.out.push_str(&self.line[self.at..self.at + run]);
        self.at += run;
    }

    fn is_apostrophe(&self) -> bool {
        /// Length of the longest word that has an apostrophe, in bytes on each side.
        const WORD_BYTES: usize = 64;
        let (before, after) = (&self.line[..self.at], &self.line[self.at + 1..]);
        let is_in_word = |byte: &u8| !byte.is_ascii_whitespace();
        let mut word = before.bytes().rev().take(WORD_BYTES).take_while(is_in_word);
        let mut word_end = after.bytes().take(WORD_BYTES).take_while(is_in_word);
        before.chars().next_back().is_some_and(is_spaced_word)
            && after.starts_with(is_spaced_word)
            && !word.any(|byte| byte == b'`')
            && !word_end.any(|byte| byte == b'`')
    }

    fn delimiters(&mut self, mark: char) {
        let end = self.at + run_length(&self.line[self.at..]);
        let line = self.line;
        let (before, run, after) = (&line[..self.at], &line[self.at..end], &line[end..]);
        let role = if mark == '*' && self.word.has_within(line, self.at, run) {
            Role::Text
        } else {
            Run { mark, before, after, follows_url: self.url_end == self.at }.role()
        };
        match role {
            Role::Text => self.push_masked(end),
            Role::Delimiter { mask_before, mask_after } => {
                self.out.extend(mask_before.then_some(EMPTY_MASK));
                self.out.push_str(run);
                self.out.extend(mask_after.then_some(EMPTY_MASK));
                self.at = end;
            }
        }
    }
}

/// The length of the run of one ASCII character at the start of `text`.
fn run_length(text: &str) -> usize {
    text.bytes().take_while(|byte| text.as_bytes().first() == Some(byte)).count()
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::unmask;

    fn shown(text: &str) -> String {
        restrict(text).chars().map(|character| if character == EMPTY_MASK { '¦' } else { character }).collect()
    }

    #[test]
    fn unsupported_markdown_is_masked() {
        assert_eq!(shown("# a\n\nb\n---\n\n[c]: d\n\n    e"), "¦# a\n\nb\n¦---\n\n¦[c]: d\n\n¦    e\n");
        assert_eq!(shown("```\n# a\n    e\n```\n# b"), "```\n# a\n    e\n```\n¦# b\n");
        assert_eq!(shown("- a\n\n    b\n\n      c"), "- a\n\n    b\n\n  ¦    c\n");
        assert_eq!(shown("> a\n***\nb"), "> a\n\n¦***\nb\n");
        assert_eq!(shown("-\n\n    a"), "¦-\n\n¦    a\n");
        assert_eq!(shown("- a\n1986. b\n-\n100."), "- a\n\n¦1986. b\n¦-\n100.\n");
    }

    #[test]
    fn the_ninth_container_is_text() {
        assert_eq!(shown(">>>>>>>>>> a"), ">>>>>>>>¦>> a\n");
        assert_eq!(shown("+ + + + + + + + + + a"), "+ + + + + + + + ¦+ + a\n");
    }

    #[test]
    fn only_autolinks_keep_their_bracket() {
        assert_eq!(unmask(&restrict("<b> <https://a.b/_c_>")), "<b> <https://a.b/_c_>\n");
        assert_eq!(restrict("<b> <https://a.b/_c_>").matches('<').count(), 1);
        assert_eq!(restrict("<<mailto:a@b.c>").matches('<').count(), 1);
    }
}
