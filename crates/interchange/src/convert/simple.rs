//! Paragraphs that are so simple that their Markdown needs no check.
//!
//! Most comments are such: words, marks of punctuation, a link, an emphasized word. The rules here are stricter than those of the renderer.
//! Where they hold, every mark in the Markdown is one that we wrote, and the renderer takes each for what it stands for:
//!
//! * No text has a character that can be markup, or one that is removed or moved.
//! * An opening mark follows white space, a bracket or a quotation mark, and a word follows it. A closing mark follows a word, and white
//!   space or punctuation follows it. So each can only open or only close (CommonMark, section 6.2).
//! * No line starts a block.
//! * A target is a URL in its serialization, of characters that end neither a target nor a bare URL.

use afterword_model::{is_host, is_visible, limits};
use memchr::memmem;

use super::document::{Block, Marks, Run};
use super::inline;
use crate::scan;

/// Maximum length of the Markdown. HTML is longer by less than this factor, so no limit of the renderer is near.
const MAX_BYTES: usize = limits::TEXT_BYTES / 8;

/// Returns true for a byte in ASCII that is never markup within a line. (`^` is none either.)
fn is_inert_byte(byte: u8) -> bool {
    let is_shown = scan::is_within(byte, b' ', b'}') | (byte == b'\n');
    is_shown & !scan::is_within(byte, b'[', b'`') & (byte != b'*') & (byte != b'<') | (byte == b'^')
}

/// Returns true for a character that is shown as it is, wherever it stands within a line.
fn is_inert(character: char) -> bool {
    if let Ok(byte) = u8::try_from(character)
        && byte.is_ascii()
    {
        return is_inert_byte(byte);
    }
    // Quotation marks, dashes, an ellipsis and emoji, which are in many comments.
    matches!(character, '\u{ab}' | '\u{bb}' | '\u{2013}' | '\u{2014}' | '\u{2018}'..='\u{201e}' | '\u{2026}' | '\u{1f300}'..='\u{1f64f}')
        // Some letters are invisible, such as the Hangul filler.
        || (character.is_alphanumeric() && is_visible(character))
}

fn is_inert_text(text: &str) -> bool {
    !scan::has_byte(text.as_bytes(), |byte| !is_inert_byte(byte)) || text.chars().all(is_inert)
}

/// Returns true if [`inline::as_written`] shows a paragraph as it is meant.
pub(super) fn is_simple(runs: &[Run]) -> bool {
    let length: usize = runs.iter().map(written_length).sum();
    length <= MAX_BYTES
        && runs.iter().all(|run| is_inert_text(&run.text))
        && (0..runs.len()).all(|at| is_simple_run(runs, at))
        && !starts_block(runs)
}

/// Upper bound of the length of a run in Markdown.
fn written_length(run: &Run) -> usize {
    run.text.len() + run.marks.link.as_ref().map_or(0, |target| target.len()) + 4
}

fn is_simple_run(runs: &[Run], at: usize) -> bool {
    let run = &runs[at];
    let is_unmarked = |at: usize| runs.get(at).is_none_or(|run| run.marks == Marks::default());
    if is_unmarked(at) {
        return true;
    }
    if run.text.contains('\n') || !is_unmarked(at + 1) || at.checked_sub(1).is_some_and(|before| !is_unmarked(before)) {
        return false;
    }
    let before = at.checked_sub(1).map_or("", |before| runs[before].text.as_str());
    let after = runs.get(at + 1).map_or("", |after| after.text.as_str());
    let styles = run.marks.styles.iter().filter(|is_set| **is_set).count();
    match (&run.marks.link, styles) {
        (Some(target), 0) if **target == *run.text => is_bare_target(target, before, after),
        (Some(target), 0) => is_target(target) && is_link_text(&run.text) && !before.ends_with('!'),
        (None, 1) => is_styled_text(&run.text) && may_open_after(before) && may_close_before(after),
        _ => false,
    }
}

/// Returns true if a line is blank, which ends a paragraph, or starts with a character that may start a block. Lines that start with a mark of
/// ours start none.
fn starts_block(runs: &[Run]) -> bool {
    let mut is_line_start = false;
    runs.iter().enumerate().any(|(index, run)| {
        let is_first = index == 0 || is_line_start;
        is_line_start = run.text.ends_with('\n');
        let is_marked = run.marks != Marks::default();
        let is_blank = memmem::find(run.text.as_bytes(), b"\n\n").is_some() || (is_first && run.text.starts_with('\n'));
        let mut lines = run.text.split('\n').enumerate();
        is_blank || lines.any(|(line, text)| (line > 0 || is_first && !is_marked) && inline::may_start_block(text))
    })
}

/// Returns true for words that start and end with a letter or a digit, and have no URL.
fn is_styled_text(text: &str) -> bool {
    let is_word = |character: Option<char>| character.is_some_and(is_spaced_letter);
    is_word(text.chars().next()) && is_word(text.chars().next_back()) && !may_have_url(text)
}

/// Returns true for letters and digits of scripts that are known to separate words by spaces.
fn is_spaced_letter(character: char) -> bool {
    character.is_ascii_alphanumeric() || (character.is_alphabetic() && matches!(character, '\u{c0}'..='\u{52f}'))
}

/// Returns true if white space is before a mark, with a bracket or a quotation mark at most between them.
fn may_open_after(before: &str) -> bool {
    before
        .strip_suffix(['(', '"', '\''])
        .unwrap_or(before)
        .chars()
        .next_back()
        .is_none_or(|last| matches!(last, ' ' | '\n'))
}

fn may_close_before(after: &str) -> bool {
    let is_outside = |next| matches!(next, ' ' | '\n' | '.' | ',' | ';' | ':' | '!' | '?' | ')' | '"' | '\'');
    after.chars().next().is_none_or(is_outside)
}

fn may_have_url(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.contains("://") || bytes.windows(4).any(|word| word.eq_ignore_ascii_case(b"www."))
}

/// Returns true for a text that a reader takes for the text of a link, and not for a shortened target.
fn is_link_text(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphanumeric()) && !text.ends_with(['.', '\u{2026}', ' '])
}

/// Returns true for a URL with an ordinary host and path.
fn is_target(target: &str) -> bool {
    let Some(rest) = target.strip_prefix("https://").or_else(|| target.strip_prefix("http://")) else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/?=&%#+,;".contains(&byte);
    host.contains('.')
        && is_host(host)
        && !host.contains('_')
        && rest.bytes().all(is_plain)
        // Their targets are others.
        && !host.ends_with("disq.us")
        && !host.ends_with("disqus.com")
}

/// Returns true for a URL that stands for itself between white space.
fn is_bare_target(target: &str, before: &str, after: &str) -> bool {
    let is_space = |character: char| matches!(character, ' ' | '\n');
    is_target(target)
        && target.ends_with(|last: char| last.is_ascii_alphanumeric() || last == '/')
        && before.chars().next_back().is_none_or(is_space)
        && after.chars().next().is_none_or(is_space)
}

/// Returns true for a block of simple paragraphs in quotes, which are always shown as such.
pub(super) fn is_simple_block(block: &Block) -> bool {
    match block {
        Block::Paragraph(runs) => is_simple(runs),
        Block::Quote(blocks) => {
            let is_pair = |pair: &[Block]| pair.iter().all(|block| matches!(block, Block::Quote(_)));
            blocks.iter().all(is_simple_block) && !blocks.windows(2).any(is_pair)
        }
        Block::Code { .. } | Block::List { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::document::{STYLES, Style};
    use super::super::{check, document};
    use super::*;

    /// Pieces of text with all characters that may be markup, and with what may stand beside a mark.
    const TEXTS: &[&str] = &[
        "word",
        "Word",
        "a",
        "1",
        "12",
        " ",
        " ",
        " ",
        "\n",
        ".",
        ",",
        ":",
        "!",
        "?",
        "(",
        ")",
        "\"",
        "'",
        "-",
        "- ",
        "+ ",
        "1. ",
        "1) ",
        "> ",
        ">",
        "# ",
        "=",
        "===",
        "---",
        "|",
        "&",
        "&amp;",
        "{",
        "}",
        "^",
        "$",
        "@",
        "/",
        "%",
        "é",
        "ж",
        "א",
        "字",
        "한",
        "。",
        "😀",
        "’",
        "“",
        "—",
        "…",
        "...",
        "www.a.example",
        "https://a.example/b",
        "http://a.example",
        "HTTPS://A.example/",
        "mailto:a@b.example",
        "*",
        "_",
        "~",
        "~~",
        "`",
        "[",
        "]",
        "](",
        "<",
        "\\",
        "\u{a0}",
        "\u{ad}",
        "\u{200b}",
        "\u{202e}",
        "\u{34f}",
        "\u{3164}",
        ":-",
        ":D",
        "x",
        "e\u{301}",
        "ª",
        "²",
        "Ⅷ",
        "ก",
    ];
    const TARGETS: &[&str] = &[
        "https://a.example/",
        "http://a.example/b?c=d&e=f#g",
        "https://a.example/b_c",
        "https://a.example/b%28c%29",
        "https://a.example/b.",
        "https://a.example/b,c;d",
        "https://a_b.example/",
        "https://localhost/",
        "https://a.example:80/b",
        "https://a@b.example/",
        "https://disq.us/url?url=https%3A%2F%2Fa.example",
        "mailto:a@b.example",
        "https://xn--bcher-kva.example/",
        "https://a.example/~b",
        "https://a.example/b*c",
        "https://127.0.0.1/",
    ];

    fn texts() -> BoxedStrategy<String> {
        vec(prop::sample::select(TEXTS), 1..5).prop_map(|texts| texts.concat()).boxed()
    }

    fn word() -> BoxedStrategy<String> {
        prop_oneof![3 => Just("word".to_owned()), 1 => Just(" a, b ".to_owned()), 2 => texts()].boxed()
    }

    fn run() -> BoxedStrategy<Run> {
        let plain =
            prop_oneof![2 => texts(), 2 => texts().prop_map(|text| format!(" {text} ")), 1 => Just(" a ".to_owned())];
        let style = (word(), 0..STYLES).prop_map(|(text, style)| {
            let mut marks = Marks::default();
            marks.styles[style] = true;
            Run { text, marks }
        });
        let link = (word(), prop::sample::select(TARGETS), any::<bool>()).prop_map(|(text, target, is_bare)| Run {
            text: if is_bare { target.to_owned() } else { text },
            marks: Marks { link: Some(target.into()), ..Marks::default() },
        });
        prop_oneof![4 => plain.prop_map(|text| Run { text, marks: Marks::default() }), 2 => style, 2 => link].boxed()
    }

    fn simple_sample() -> Vec<Run> {
        let plain = |text: &str| Run { text: text.to_owned(), marks: Marks::default() };
        let mut strong = plain("this");
        strong.marks.styles[Style::Strong as usize] = true;
        let link = Run {
            text: "that".to_owned(),
            marks: Marks { link: Some("https://a.example/".into()), ..Marks::default() },
        };
        vec![plain("See "), strong, plain(", and "), link, plain(".")]
    }

    #[test]
    fn ordinary_paragraphs_are_simple() {
        assert!(is_simple(&simple_sample()));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 6000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn simple_paragraphs_are_shown_as_meant(runs in vec(run(), 1..7)) {
            let runs = document::tidy(&runs);
            if !runs.is_empty() && is_simple(&runs) {
                let markdown = inline::as_written(&runs);
                prop_assert!(check::shows_runs(&markdown, &runs), "{:?} {:?}", markdown, runs);
            }
        }

        #[test]
        fn simple_quotes_are_shown_as_meant(runs in vec(run(), 1..4), count in 1..4_usize, depth in 1..4_usize) {
            let runs = document::tidy(&runs);
            prop_assume!(!runs.is_empty());
            let mut block = Block::Quote(vec![Block::Paragraph(runs); count]);
            for _ in 1..depth {
                block = Block::Quote(vec![block, Block::Paragraph(simple_sample())]);
            }
            if is_simple_block(&block) {
                let markdown = super::super::write::write(std::slice::from_ref(&block));
                prop_assert!(check::shows_block(&markdown, &block), "{:?}", markdown);
            }
        }
    }
}
