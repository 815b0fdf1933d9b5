//! Finds the backslashes that are markup: those that keep the next character from being markup.
//!
//! All others are shown, because paths, faces and formulas have them: `C:\_temp\*`, `¯\_(ツ)_/¯`, `\(x\)`.

use crate::blocks::{is_quote_marker, list_marker_length};
use crate::characters::{is_closing, is_opening, is_spaced_word};
use crate::links::{starts_autolink, starts_url};

/// Characters that come in pairs when they are markup.
const PAIRED: [u8; 4] = [b'*', b'_', b'~', b'`'];

/// The offsets of the backslashes in a line that are markup, in ascending order.
pub(crate) fn markup_escapes(line: &str) -> Vec<usize> {
    if !line.contains('\\') {
        return Vec::new();
    }
    let mut scan = Scan { line, last_target: last_link_target(line), open: Default::default(), found: Vec::new() };
    let mut at = 0;
    while let Some(found) = line[at..].find('\\') {
        let backslash = at + found;
        let Some(&escaped) = line.as_bytes().get(backslash + 1) else { break };
        if escaped.is_ascii_punctuation() && escaped != b'\\' {
            scan.escape(backslash, escaped);
        }
        at = backslash + if escaped.is_ascii() { 2 } else { 1 };
    }
    scan.found.sort_unstable();
    scan.found
}

struct Scan<'a> {
    line: &'a str,
    /// Offset of the last target of a link.
    last_target: Option<usize>,
    /// For each of [`PAIRED`], the backslashes before marks that wait for their partner.
    open: [Vec<usize>; 4],
    found: Vec<usize>,
}

impl Scan<'_> {
    fn escape(&mut self, backslash: usize, escaped: u8) {
        let (before, after) = (&self.line[..backslash], &self.line[backslash + 2..]);
        let is_before_link = self.last_target.is_some_and(|target| backslash < target);
        let is_markup = match escaped {
            b'[' => is_before_link,
            b'!' => is_before_link && after.starts_with('['),
            b']' => is_link_target(after),
            b'<' => starts_autolink(after),
            b'.' | b')' | b'-' | b'+' | b'*' | b'>' if starts_block(before, &self.line[backslash + 1..]) => true,
            _ => false,
        };
        if is_markup {
            self.found.push(backslash);
        } else if let Some(kind) = PAIRED.iter().position(|&mark| mark == escaped) {
            self.paired(backslash, kind, before, after);
        }
    }

    fn paired(&mut self, backslash: usize, kind: usize, before: &str, after: &str) {
        let mark = char::from(PAIRED[kind]);
        let previous = before.chars().next_back();
        let next = after.chars().next();
        let is_doubled = before.strip_suffix(mark).is_some_and(|before| before.ends_with('\\'));
        let opens = is_doubled || previous.is_none_or(|c| c.is_whitespace() || is_opening(c) || "\"'".contains(c));
        let closes = next.is_none_or(|c| c.is_whitespace() || is_closing(c) || "\"'\\".contains(c));
        if closes
            && previous.is_some_and(|c| !c.is_whitespace())
            && let Some(partner) = self.open[kind].pop()
        {
            self.found.extend([partner, backslash]);
        } else if opens
            && next.is_some_and(|c| {
                !c.is_whitespace() && (c == '\\' || is_spaced_word(c) || !c.is_ascii() || is_opening(c))
            })
        {
            self.open[kind].push(backslash);
        }
    }
}

/// Returns true if `marker`, which starts with the escaped character, would start a list or a quote without the
/// backslash.
fn starts_block(before: &str, marker: &str) -> bool {
    // Longer than any marker in a line that someone typed. It bounds the work for each backslash.
    if before.len() > 32 {
        return false;
    }
    let before = before.trim_start_matches([' ', '\t', '>']);
    if marker.starts_with('>') {
        return before.is_empty() && is_quote_marker(marker.as_bytes());
    }
    before.bytes().all(|byte| byte.is_ascii_digit())
        && before.len() <= 3
        && list_marker_length([before, marker].concat().as_bytes()).is_some()
}

/// The offset of the last `](` with a URL after it.
fn last_link_target(line: &str) -> Option<usize> {
    line.rmatch_indices("](").map(|(at, _)| at).find(|at| is_link_target(&line[at + 1..]))
}

/// Returns true if the text starts with the target of an inline link.
pub(crate) fn is_link_target(text: &str) -> bool {
    text.strip_prefix('(').is_some_and(|target| starts_url(target.trim_start_matches([' ', '\t', '<'])))
}
