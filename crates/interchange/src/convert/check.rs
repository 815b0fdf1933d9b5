//! Compares a document with what readers will see of its Markdown.

use afterword_markup::render;

use super::document::{Block, Marks, Run, tidy};
use super::html::{self, Newlines};
use super::inline::{BACKTICK_LETTER, SEPARATOR};

/// Returns true if a Markdown text shows a paragraph.
pub(super) fn shows_runs(markdown: &str, runs: &[Run]) -> bool {
    rendered(markdown).is_some_and(|blocks| match &blocks[..] {
        [Block::Paragraph(shown)] => same_runs(shown, runs),
        [] => runs.is_empty(),
        _ => false,
    })
}

/// The text that readers see of a Markdown text, compared with the one that is meant.
pub(super) enum Comparison {
    Same,
    /// Some marks are markup: each is a run and an offset in its text.
    MarksMissing(Vec<(usize, usize)>),
    Different,
}

/// Compares what a Markdown text shows with a paragraph.
pub(super) fn compare(markdown: &str, runs: &[Run]) -> Comparison {
    let shown = rendered(markdown);
    let Some([Block::Paragraph(shown)]) = shown.as_deref() else { return Comparison::Different };
    if same_runs(shown, runs) {
        return Comparison::Same;
    }
    missing_marks(shown, runs).map_or(Comparison::Different, Comparison::MarksMissing)
}

/// The marks that a text lacks, if it lacks nothing else and has nothing more.
fn missing_marks(shown: &[Run], meant: &[Run]) -> Option<Vec<(usize, usize)>> {
    let mut shown = characters(shown).map(|(character, _)| character).peekable();
    let mut missing = Vec::new();
    for (index, run) in meant.iter().enumerate() {
        for (at, character) in run.text.char_indices() {
            if shown.next_if_eq(&character).is_some() {
                continue;
            }
            if !matches!(character, '*' | '_' | '~' | '`' | '[' | ']' | '<') {
                return None;
            }
            missing.push((index, at));
        }
    }
    shown.next().is_none().then_some(missing)
}

/// Returns true if a Markdown text shows a block and nothing else.
pub(super) fn shows_block(markdown: &str, block: &Block) -> bool {
    rendered(markdown).is_some_and(|shown| same_blocks(&shown, std::slice::from_ref(block)))
}

/// The document that readers see.
fn rendered(markdown: &str) -> Option<Vec<Block>> {
    let rendered = render(markdown).ok()?;
    Some(html::read(rendered.html.as_str(), Newlines::Spaces).0)
}

fn same_blocks(shown: &[Block], meant: &[Block]) -> bool {
    shown.len() == meant.len() && shown.iter().zip(meant).all(|(shown, meant)| same_block(shown, meant))
}

fn same_block(shown: &Block, meant: &Block) -> bool {
    match (shown, meant) {
        (Block::Paragraph(shown), Block::Paragraph(meant)) => loosely_same_runs(shown, meant),
        (Block::Code { text: shown, .. }, Block::Code { text: meant, .. }) => shown == meant,
        (Block::Quote(shown), Block::Quote(meant)) => same_blocks(shown, meant),
        (Block::List { items: shown, start: a }, Block::List { items: meant, start: b }) => {
            a.is_some() == b.is_some()
                && shown.len() == meant.len()
                && shown.iter().zip(meant).all(|(shown, meant)| same_blocks(shown, meant))
        }
        _ => false,
    }
}

/// Compares texts only: the styles of each paragraph were checked by themselves, and some may have been left out.
fn loosely_same_runs(shown: &[Run], meant: &[Run]) -> bool {
    let letters = |runs: &[Run]| -> Vec<char> {
        runs.iter().flat_map(|run| run.text.chars()).filter(|character| character.is_alphanumeric()).collect()
    };
    let (shown, meant) = (letters(shown), letters(meant));
    // Targets of links may have been written out.
    shown == meant || (shown.len() > meant.len() && is_subsequence(&meant, &shown))
}

fn is_subsequence(part: &[char], whole: &[char]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|character| rest.any(|other| other == character))
}

/// Compares texts and styles, character by character.
fn same_runs(shown: &[Run], meant: &[Run]) -> bool {
    let meant = tidy(meant);
    let mut shown = characters(shown);
    let mut meant = characters(&meant);
    loop {
        match (shown.next(), meant.next()) {
            (None, None) => return true,
            (Some((shown, shown_run)), Some((meant, meant_run))) => {
                if shown != meant || !same_marks(shown_run, &meant_run.marks) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// The characters that readers see, each with its run.
fn characters(runs: &[Run]) -> impl Iterator<Item = (char, &Run)> {
    runs.iter().flat_map(|run| run.text.chars().map(move |character| (character, run))).filter_map(
        |(character, run)| match character {
            SEPARATOR => None,
            BACKTICK_LETTER => Some(('`', run)),
            other => Some((other, run)),
        },
    )
}

fn same_marks(shown: &Run, meant: &Marks) -> bool {
    if shown.marks.styles != meant.styles {
        return false;
    }
    match (&shown.marks.link, &meant.link) {
        (Some(shown), Some(meant)) => shown == meant,
        (None, None) => true,
        (Some(_), None) => is_address(&shown.text),
        (None, Some(_)) => false,
    }
}

/// Returns true for a text that is a link by itself.
fn is_address(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    ["http://", "https://", "www.", "mailto:"].iter().any(|start| text.starts_with(start))
}
