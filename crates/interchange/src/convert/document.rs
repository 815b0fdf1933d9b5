//! A text with the structure that our comments have.

use std::rc::Rc;

use super::builder::Builder;
use crate::scan;

/// A block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(Vec<Run>),
    Code { language: String, text: String },
    Quote(Vec<Block>),
    List { start: Option<u64>, items: Vec<Vec<Block>> },
}

/// A piece of a paragraph in one style. A newline in it is a line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) marks: Marks,
}

/// The style of a piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) styles: [bool; STYLES],
    pub(super) link: Option<Rc<str>>,
}

/// Number of the styles.
pub(super) const STYLES: usize = 4;

/// A style, by its place in [`Marks::styles`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Strong = 0,
    Emphasis = 1,
    Deleted = 2,
    Code = 3,
}

impl Marks {
    pub(super) fn has(&self, style: Style) -> bool {
        self.styles[style as usize]
    }
}

/// Joins neighbours of one style, and removes white space that is not shown: at the start and the end, and around line breaks.
pub(super) fn tidy(runs: &[Run]) -> Vec<Run> {
    let mut tidy = Tidy { runs: Vec::with_capacity(runs.len()), space: None, at_line_start: true };
    for run in runs {
        let mut rest = run.text.as_str();
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '\n' => tidy.line_break(),
                ' ' | '\t' => tidy.space(&run.marks),
                _ => tidy.words(rest, &run.marks),
            };
            rest = &rest[length..];
        }
    }
    trim(tidy.runs)
}

/// Does the same, without a copy of a single piece in which there is something to do at its ends only.
pub(super) fn tidied(mut runs: Vec<Run>) -> Vec<Run> {
    if let [Run { text, .. }] = &mut runs[..] {
        text.truncate(text.trim_end_matches([' ', '\t', '\n']).len());
        let start = text.len() - text.trim_start_matches([' ', '\t', '\n']).len();
        text.drain(..start);
        if !text.is_empty() && has_single_spaces(text.as_bytes()) {
            return runs;
        }
    }
    tidy(&runs)
}

/// Returns true for a line that has no other white space than single spaces.
fn has_single_spaces(text: &[u8]) -> bool {
    !scan::has_byte(text, |byte| (byte == b'\n') | (byte == b'\t')) && !scan::has_double_space(text)
}

struct Tidy {
    runs: Vec<Run>,
    /// The style of a space that was held back. It is shown only before another character of the line.
    space: Option<Marks>,
    at_line_start: bool,
}

/// Each method returns the number of bytes that it took.
impl Tidy {
    fn line_break(&mut self) -> usize {
        self.space = None;
        self.at_line_start = true;
        self.push("\n", &Marks::default());
        1
    }

    fn space(&mut self, marks: &Marks) -> usize {
        if !self.at_line_start {
            self.space.get_or_insert_with(|| marks.clone());
        }
        1
    }

    /// Takes words with single spaces between them.
    fn words(&mut self, text: &str, marks: &Marks) -> usize {
        if let Some(space) = self.space.take() {
            self.push_space(space, marks);
        }
        self.at_line_start = false;
        let bytes = text.as_bytes();
        let is_end = |at: &usize| match bytes[*at] {
            b'\n' | b'\t' => true,
            b' ' => bytes.get(at + 1).is_none_or(|next| matches!(next, b' ' | b'\t' | b'\n')),
            _ => false,
        };
        let length = (0..bytes.len()).find(is_end).unwrap_or(bytes.len());
        self.push(&text[..length], marks);
        length
    }

    /// Adds a space between two pieces. Styles that only one of them has do not reach over it.
    fn push_space(&mut self, mut shared: Marks, after: &Marks) {
        let Some(before) = self.runs.last().map(|run| &run.marks) else { return };
        for (style, is_set) in shared.styles.iter_mut().enumerate() {
            *is_set &= before.styles[style] && after.styles[style];
        }
        if before.link != shared.link || after.link != shared.link {
            shared.link = None;
        }
        self.push(" ", &shared);
    }

    fn push(&mut self, text: &str, marks: &Marks) {
        match self.runs.last_mut() {
            Some(last) if last.marks == *marks => last.text.push_str(text),
            _ => self.runs.push(Run { text: text.to_owned(), marks: marks.clone() }),
        }
    }
}

fn trim(mut runs: Vec<Run>) -> Vec<Run> {
    while let Some(first) = runs.first_mut() {
        let newlines = first.text.len() - first.text.trim_start_matches('\n').len();
        first.text.drain(..newlines);
        if !first.text.is_empty() {
            break;
        }
        runs.remove(0);
    }
    while let Some(last) = runs.last_mut() {
        last.text.truncate(last.text.trim_end_matches('\n').len());
        if !last.text.is_empty() {
            break;
        }
        runs.pop();
    }
    runs
}

/// The document of a plain text: a blank line separates paragraphs.
pub(super) fn from_text(text: &str) -> Vec<Block> {
    let mut builder = Builder::default();
    builder.lines(text);
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_piece_is_tidied_like_several() {
        for text in
            ["", " ", "\n", "a", " a b ", "a  b", "\n\ta \n b\n\n", "a\tb", "\u{a0}a\u{a0} ", "a\n", "a b\u{3000}"]
        {
            let runs = vec![Run { text: text.to_owned(), marks: Marks::default() }];
            assert_eq!(tidied(runs.clone()), tidy(&runs), "{text:?}");
        }
    }
}
