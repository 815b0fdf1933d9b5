//! Paragraphs as Markdown.
//!
//! The dialect shows most marks that nobody means as they are, and takes a backslash for an escape only where it keeps something from being
//! markup. So text is written as it is first, then with backslashes, then with invisible separators, and the first way that shows the same is taken.

use afterword_model::limits;

use super::backslashes;
use super::check;
use super::document::{Marks, Run, STYLES, Style};
use super::simple;
use crate::scan;

/// The combining grapheme joiner. Nobody sees it; it counts as a part of a word, and no mark is markup beside it.
pub(super) const SEPARATOR: char = '\u{34f}';
/// A letter like a backtick, which never starts code.
pub(super) const BACKTICK_LETTER: char = '\u{2cb}';
/// A paragraph that is longer is written in pieces.
const MAX_PIECE_BYTES: usize = limits::TEXT_BYTES / 4;
/// Maximum number of styled pieces that are tried one by one.
const MAX_STYLED: usize = 24;

/// The way to write a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// Unchanged.
    Nothing,
    /// With a backslash where it is an escape.
    Backslashes,
    /// With separators around all marks, and indented where a line would start a block.
    Separators,
}

/// Writes a paragraph.
pub(super) fn paragraph(runs: &[Run]) -> String {
    let length: usize = runs.iter().map(|run| run.text.len()).sum();
    if length <= MAX_PIECE_BYTES {
        return piece(runs);
    }
    let pieces: Vec<_> = pieces(runs).iter().map(|runs| piece(runs)).collect();
    pieces.join("\n")
}

/// Writes a paragraph with separators, whatever it has.
pub(super) fn safest(runs: &[Run]) -> String {
    with_escape(&without_links(&without_styles(runs)), Escape::Separators, '*')
}

fn piece(runs: &[Run]) -> String {
    if let [Run { text, marks }] = runs
        && *marks == Marks::default()
        && !has_special(text)
    {
        return text.clone();
    }
    if simple::is_simple(runs) {
        let markdown = as_written(runs);
        debug_assert!(check::shows_runs(&markdown, runs), "{markdown:?} shows {runs:?}");
        return markdown;
    }
    let styled = expressible(runs);
    if let Some(markdown) = first_that_shows(&styled) {
        return markdown;
    }
    let fewer = without_failing_styles(&styled);
    let plain = without_styles(&styled);
    let bare = without_links(&plain);
    [&fewer, &plain, &bare].into_iter().find_map(|runs| first_that_shows(runs)).unwrap_or_else(|| safest(runs))
}

/// Writes runs without any escape.
pub(super) fn as_written(runs: &[Run]) -> String {
    with_escape(runs, Escape::Nothing, '*')
}

/// Writes runs with backslashes only where lines would start a block.
pub(super) fn with_escaped_starts(runs: &[Run]) -> String {
    let lines = as_written(runs);
    let lines: Vec<_> = lines.split('\n').map(|line| escaped_start(line, Escape::Backslashes)).collect();
    lines.join("\n")
}

fn first_that_shows(runs: &[Run]) -> Option<String> {
    first_of(&[Escape::Nothing], runs)
        .or_else(|| backslashes::write(runs))
        .or_else(|| first_of(&[Escape::Backslashes, Escape::Separators], runs))
}

fn first_of(escapes: &[Escape], runs: &[Run]) -> Option<String> {
    let ways = escapes.iter().flat_map(|escape| ['*', '_'].map(|mark| (*escape, mark)));
    let has_emphasis = runs.iter().any(|run| run.marks.has(Style::Emphasis));
    ways.filter(|(_, mark)| *mark == '*' || has_emphasis)
        .map(|(escape, mark)| with_escape(runs, escape, mark))
        .find(|markdown| check::shows_runs(markdown, runs))
}

/// Returns true if a text may have markup, or must be compared for another reason.
fn has_special(text: &str) -> bool {
    // `^` is between the others, and rare.
    let is_special = |byte| scan::is_within(byte, b'[', b'`') | (byte == b'*') | (byte == b'~') | (byte == b'<');
    scan::has_byte(text.as_bytes(), is_special) || text.lines().any(may_start_block)
}

/// Returns true if a line may start a quote, a list or code.
pub(super) fn may_start_block(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match line.as_bytes().get(digits) {
        Some(b'>' | b'-' | b'+' | b'*' | b'`' | b'~') => digits == 0,
        Some(b'.' | b')') => (1..=9).contains(&digits),
        _ => false,
    }
}

/// Splits a long paragraph at spaces and line breaks.
fn pieces(runs: &[Run]) -> Vec<Vec<Run>> {
    let mut pieces: Vec<Vec<Run>> = vec![Vec::new()];
    let mut length = 0;
    for run in runs {
        let mut rest = run.text.as_str();
        while !rest.is_empty() {
            let left = MAX_PIECE_BYTES.saturating_sub(length);
            let end = if rest.len() <= left { rest.len() } else { split_point(rest, left) };
            let (now, later) = rest.split_at(end);
            if !now.is_empty() {
                let run = Run { text: now.to_owned(), marks: run.marks.clone() };
                pieces.last_mut().into_iter().for_each(|piece| piece.push(run.clone()));
                length += now.len();
            }
            rest = later;
            if !rest.is_empty() {
                pieces.push(Vec::new());
                length = 0;
            }
        }
    }
    pieces.iter().map(|piece| super::document::tidy(piece)).filter(|piece| !piece.is_empty()).collect()
}

/// The offset of the last white space before a limit, or the limit itself.
fn split_point(text: &str, limit: usize) -> usize {
    let limit = (0..=limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let space = text[..limit].rfind([' ', '\n']);
    // A beginning without white space moves to the next piece, unless it fills one.
    space.unwrap_or(if limit >= MAX_PIECE_BYTES / 2 { limit } else { 0 })
}

/// Writes runs in one way.
fn with_escape(runs: &[Run], escape: Escape, emphasis: char) -> String {
    let mut writer = Writer { out: String::new(), escape, emphasis, backtick_runs: Vec::new() };
    writer.group(runs, &Marks::default());
    if escape == Escape::Nothing {
        return writer.out;
    }
    let lines: Vec<_> = writer.out.split('\n').map(|line| escaped_start(line, escape)).collect();
    lines.join("\n")
}

/// A line that starts no block.
fn escaped_start(line: &str, escape: Escape) -> String {
    if !may_start_block(line) {
        return line.to_owned();
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let is_marker = is_marker(&line[digits..], digits);
    if escape == Escape::Backslashes && is_marker {
        return format!("{}\\{}", &line[..digits], &line[digits..]);
    }
    if escape == Escape::Separators { format!("    {line}") } else { line.to_owned() }
}

/// Returns true if the renderer takes a text after some digits for the marker of a quote or a list. It shows others with their backslash:
/// `+1`, `---`, `1986. a`, `>:(`.
fn is_marker(text: &str, digits: usize) -> bool {
    let (Some(marker), Some(after)) = (text.chars().next(), text.get(1..)) else { return false };
    let has_text = !after.trim().is_empty();
    let is_item = has_text && after.starts_with(' ');
    match marker {
        '>' => has_text && !after.starts_with(|next: char| next.is_ascii_digit() || ":;=._^".contains(next)),
        '-' | '*' => is_item,
        '+' => is_item && !after.trim_start().starts_with(|next: char| next.is_ascii_digit()),
        '.' | ')' => is_item && digits <= 3,
        _ => false,
    }
}

struct Writer {
    out: String,
    escape: Escape,
    emphasis: char,
    /// Lengths of the runs of backticks that were written as they are.
    backtick_runs: Vec<usize>,
}

impl Writer {
    /// Writes runs within marks that are open. The mark that reaches furthest is the outer one.
    fn group(&mut self, runs: &[Run], open: &Marks) {
        let mut rest = runs;
        while let Some(first) = rest.first() {
            let Some((length, mark)) = outermost(rest, open) else {
                if first.marks.has(Style::Code) {
                    self.code(&first.text)
                } else {
                    self.text(&first.text)
                }
                rest = &rest[1..];
                continue;
            };
            let (inner, after) = rest.split_at(length);
            let mut opened = open.clone();
            match mark {
                None => {
                    opened.link.clone_from(&first.marks.link);
                    self.link(inner, &opened);
                }
                Some(style) => {
                    opened.styles[style as usize] = true;
                    let delimiter = self.delimiter(style);
                    self.out.push_str(&delimiter);
                    self.group(inner, &opened);
                    self.out.push_str(&delimiter);
                }
            }
            rest = after;
        }
    }

    fn delimiter(&self, style: Style) -> String {
        match style {
            Style::Strong => "**".to_owned(),
            Style::Deleted => "~~".to_owned(),
            Style::Emphasis | Style::Code => self.emphasis.to_string(),
        }
    }

    fn link(&mut self, inner: &[Run], open: &Marks) {
        let target = open.link.as_deref().unwrap_or_default();
        if let [run] = inner
            && run.text == target
            && !run.marks.has(Style::Code)
        {
            self.out.push_str(target);
            return;
        }
        self.out.push('[');
        self.group(inner, open);
        self.out.push_str("](");
        self.out.push_str(target);
        self.out.push(')');
    }

    fn code(&mut self, text: &str) {
        let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest + 1);
        let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
        self.out.extend([&fence, pad, text, pad, &fence]);
    }

    fn text(&mut self, text: &str) {
        match self.escape {
            Escape::Nothing => self.out.push_str(text),
            Escape::Backslashes => self.with_backslashes(text),
            Escape::Separators => self.with_separators(text),
        }
    }

    /// Writes a backslash before marks at the ends of words, and before brackets of links.
    fn with_backslashes(&mut self, text: &str) {
        let mut rest = text;
        while let Some(mark) = rest.chars().next() {
            let run = rest.len() - rest.trim_start_matches(mark).len();
            let after = rest[run..].chars().next();
            let is_escaped = match mark {
                '*' | '_' | '`' => self.is_at_word_end(after),
                '~' => run >= 2 && self.is_at_word_end(after),
                '[' | ']' => text.contains("]("),
                '<' => ["http", "mailto:"].iter().any(|start| rest[run..].starts_with(start)),
                _ => false,
            };
            let written = if "*_`~[]<".contains(mark) { run } else { mark.len_utf8() };
            for character in rest[..written].chars() {
                if is_escaped {
                    self.out.push('\\');
                }
                self.out.push(character);
            }
            rest = &rest[written..];
        }
    }

    /// Returns true between a space and a character, in this order or the other.
    fn is_at_word_end(&self, after: Option<char>) -> bool {
        let before = self.out.chars().next_back();
        let is_outside = |side: Option<char>| side.is_none_or(|character| !character.is_alphanumeric());
        is_outside(before) || is_outside(after)
    }

    /// Writes a separator on both sides of all marks.
    fn with_separators(&mut self, text: &str) {
        let mut rest = text;
        while let Some(mark) = rest.chars().next() {
            if mark == '`' {
                let run = rest.len() - rest.trim_start_matches('`').len();
                self.backticks(run);
                rest = &rest[run..];
                continue;
            }
            if matches!(mark, '*' | '_' | '~' | '[' | ']' | '<' | '\\') {
                self.out.extend([SEPARATOR, mark, SEPARATOR]);
            } else {
                self.out.push(mark);
            }
            rest = &rest[mark.len_utf8()..];
        }
    }

    /// Writes a run of backticks that has no partner: its length, or those of its parts, are of no run before.
    fn backticks(&mut self, run: usize) {
        let is_free = |writer: &Self, length: usize| length > 0 && !writer.backtick_runs.contains(&length);
        if is_free(self, run) {
            self.backtick_runs.push(run);
            self.out.push_str(&"`".repeat(run));
        } else if run > 2 && is_free(self, 1) && is_free(self, run - 1) {
            self.backtick_runs.extend([1, run - 1]);
            self.out.extend(['`', SEPARATOR]);
            self.out.push_str(&"`".repeat(run - 1));
        } else {
            self.out.extend(std::iter::repeat_n(BACKTICK_LETTER, run));
        }
    }
}

/// The outermost mark at the start of runs, with the number of runs that it reaches over. No style stands for a link.
fn outermost(runs: &[Run], open: &Marks) -> Option<(usize, Option<Style>)> {
    let first = &runs[0].marks;
    let mut best = None;
    if open.link.is_none() && first.link.is_some() {
        best = Some((reach(runs, |marks| marks.link == first.link), None));
    }
    for style in [Style::Strong, Style::Emphasis, Style::Deleted] {
        if first.has(style) && !open.has(style) {
            let length = reach(runs, |marks| marks.has(style));
            if best.is_none_or(|(longest, _)| length > longest) {
                best = Some((length, Some(style)));
            }
        }
    }
    best
}

fn reach(runs: &[Run], has: impl Fn(&Marks) -> bool) -> usize {
    runs.iter().take_while(|run| has(&run.marks)).count()
}

/// Removes the styles that the dialect cannot have: within a word, over a line break, and of nothing but spaces.
fn expressible(runs: &[Run]) -> Vec<Run> {
    let mut kept = runs.to_vec();
    for (index, run) in runs.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| runs[before].text.chars().next_back());
        let after = runs.get(index + 1).and_then(|after| after.text.chars().next());
        let is_within_word = before.is_some_and(is_word) && after.is_some_and(is_word);
        let is_blank = run.text.trim().is_empty();
        if is_within_word || is_blank {
            kept[index].marks.styles[..Style::Code as usize].fill(false);
        }
        if is_blank || run.text.contains('\n') {
            kept[index].marks.styles[Style::Code as usize] = false;
        }
    }
    super::document::tidy(&kept)
}

/// Returns true for letters and digits of scripts that separate words by spaces. Characters of others start at U+1100.
fn is_word(character: char) -> bool {
    character.is_alphanumeric() && character < '\u{1100}'
}

/// Removes those styled pieces that fail by themselves.
fn without_failing_styles(runs: &[Run]) -> Vec<Run> {
    let mut kept = without_styles(runs);
    let styled: Vec<_> = (0..runs.len()).filter(|at| runs[*at].marks.styles != [false; STYLES]).collect();
    if styled.len() > MAX_STYLED || kept.len() > runs.len() {
        return kept;
    }
    kept = runs.to_vec();
    kept.iter_mut().for_each(|run| run.marks.styles = [false; STYLES]);
    for at in styled {
        kept[at].marks.styles = runs[at].marks.styles;
        if first_that_shows(&super::document::tidy(&kept)).is_none() {
            kept[at].marks.styles = [false; STYLES];
        }
    }
    super::document::tidy(&kept)
}

fn without_styles(runs: &[Run]) -> Vec<Run> {
    let without = |run: &Run| Run {
        text: run.text.clone(),
        marks: Marks { styles: [false; STYLES], link: run.marks.link.clone() },
    };
    super::document::tidy(&runs.iter().map(without).collect::<Vec<_>>())
}

/// Writes the targets of links behind their texts.
fn without_links(runs: &[Run]) -> Vec<Run> {
    let without = |run: &Run| {
        let text = match &run.marks.link {
            Some(target) if **target != *run.text => format!("{} ({target})", run.text),
            _ => run.text.clone(),
        };
        Run { text, marks: Marks { styles: run.marks.styles, link: None } }
    };
    super::document::tidy(&runs.iter().map(without).collect::<Vec<_>>())
}
