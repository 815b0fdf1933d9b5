//! Backslashes before those marks that would be markup, and before no others.
//!
//! Which marks are markup is hard to say, because the renderer shows most that nobody means. So the paragraph is rendered, and the marks that
//! are missing from what readers see are those that need a backslash.

use super::check;
use super::document::{Run, Style};
use super::inline;

/// Stands for a backslash. The characters of texts are cleaned, so no text has it.
const PLACEHOLDER: char = '\u{fdd0}';
/// Number of times that a paragraph is rendered. A mark may be markup only after another one is none.
const MAX_TRIES: usize = 3;
/// The beginnings of the targets of links in Markdown.
const TARGETS: [&str; 4] = ["http://", "https://", "mailto:", "www."];

/// Writes a paragraph with the backslashes that it needs, if that shows what is meant.
pub(super) fn write(runs: &[Run]) -> Option<String> {
    let mut places = brackets(runs);
    for _ in 0..MAX_TRIES {
        let markdown = with_backslashes(runs, &places);
        let missing = match check::compare(&markdown, runs) {
            check::Comparison::Same => return Some(markdown),
            check::Comparison::MarksMissing(missing) => missing,
            check::Comparison::Different => return None,
        };
        let before = places.len();
        places.extend(missing.into_iter().filter(|(run, _)| !runs[*run].marks.has(Style::Code)));
        places.sort_unstable();
        places.dedup();
        if places.len() == before {
            return None;
        }
    }
    None
}

/// The opening brackets of what would be links.
fn brackets(runs: &[Run]) -> Vec<(usize, usize)> {
    let texts = runs.iter().enumerate().filter(|(_, run)| !run.marks.has(Style::Code) && run.text.contains("]("));
    texts.flat_map(|(index, run)| openings(&run.text).into_iter().map(move |at| (index, at))).collect()
}

fn openings(text: &str) -> Vec<usize> {
    let (mut open, mut found) = (Vec::new(), Vec::new());
    for (at, character) in text.char_indices() {
        match character {
            '[' => open.push(at),
            ']' => {
                let opening = open.pop();
                found.extend(opening.filter(|_| is_before_target(&text[at + 1..])));
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found
}

fn is_before_target(text: &str) -> bool {
    let target = text.strip_prefix('(').map(|target| target.trim_start_matches([' ', '\t', '<']));
    target.is_some_and(|target| {
        TARGETS.iter().any(|start| target.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start)))
    })
}

/// Writes runs with backslashes at places: a run and an offset in its text, in ascending order.
fn with_backslashes(runs: &[Run], places: &[(usize, usize)]) -> String {
    let mut marked = runs.to_vec();
    for (run, at) in places.iter().rev() {
        marked[*run].text.insert(*at, PLACEHOLDER);
    }
    inline::with_escaped_starts(&marked).replace(PLACEHOLDER, "\\")
}
