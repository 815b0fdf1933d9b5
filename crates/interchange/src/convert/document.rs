//! A text with the structure that our comments have.

use std::rc::Rc;

use super::builder::Builder;

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
pub(super) fn tidy(runs: Vec<Run>) -> Vec<Run> {
    let mut tidy: Vec<Run> = Vec::with_capacity(runs.len());
    // A space that was held back is shown only before another character of the line.
    let mut space: Option<Marks> = None;
    let mut at_line_start = true;
    for run in runs {
        for character in run.text.chars() {
            match character {
                '\n' => {
                    space = None;
                    at_line_start = true;
                    push(&mut tidy, '\n', &Marks::default());
                }
                ' ' | '\t' => {
                    if !at_line_start {
                        space.get_or_insert_with(|| run.marks.clone());
                    }
                }
                shown => {
                    if let Some(marks) = space.take() {
                        push_space(&mut tidy, &marks, &run.marks);
                    }
                    at_line_start = false;
                    push(&mut tidy, shown, &run.marks);
                }
            }
        }
    }
    trim(tidy)
}

/// Adds a space between two pieces. Styles that only one of them has do not reach over it.
fn push_space(tidy: &mut Vec<Run>, marks: &Marks, after: &Marks) {
    let Some(before) = tidy.last().map(|run| run.marks.clone()) else { return };
    let mut shared = marks.clone();
    for (style, is_set) in shared.styles.iter_mut().enumerate() {
        *is_set &= before.styles[style] && after.styles[style];
    }
    if before.link != shared.link || after.link != shared.link {
        shared.link = None;
    }
    push(tidy, ' ', &shared);
}

fn push(tidy: &mut Vec<Run>, character: char, marks: &Marks) {
    match tidy.last_mut() {
        Some(last) if last.marks == *marks => last.text.push(character),
        _ => tidy.push(Run { text: character.to_string(), marks: marks.clone() }),
    }
}

fn trim(mut runs: Vec<Run>) -> Vec<Run> {
    while let Some(first) = runs.first_mut() {
        first.text = first.text.trim_start_matches('\n').to_owned();
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
