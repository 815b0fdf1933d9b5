//! Restricts CommonMark to the Markdown of comments, before the parser sees it.
//!
//! Constructs that comments do not have are masked, so that the parser takes them for text: HTML, headings, rules,
//! indented code, reference definitions, and every quote and list beyond the depth limit. So no text is lost, and the
//! parser never reaches its expensive cases (definitions that expand, thousands of containers, unterminated HTML).

use crate::blocks::BlockScanner;
use crate::links::{next_bare_url, starts_autolink};
use crate::mask::{EMPTY_MASK, mask};

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
        let (before, after) = line.split_at(edit.mask_at.unwrap_or_default());
        restricted.push_str(before);
        if edit.mask_at.is_some() {
            restricted.push(EMPTY_MASK);
        }
        push_line(&mut restricted, after);
        restricted.push('\n');
    }
    restricted
}

/// Masks the angle brackets that start no autolink, and the emphasis characters within URLs.
fn push_line(restricted: &mut String, line: &str) {
    let mut at = 0;
    while let Some(address) = next_bare_url(line, at) {
        push_words(restricted, &line[at..address.start], &line[address.start..]);
        restricted.extend(line[address.clone()].chars().map(|character| mask(character).unwrap_or(character)));
        at = address.end;
    }
    push_words(restricted, &line[at..], "");
}

/// Writes the words between URLs. `following` is the text after them.
fn push_words(restricted: &mut String, words: &str, following: &str) {
    let mut parts = words.split('<').peekable();
    while let Some(part) = parts.next() {
        restricted.push_str(part);
        match parts.peek() {
            // An escaped bracket is text already, and masking it would leave the backslash in the output.
            Some(_) if ends_with_escape(part) => restricted.push('<'),
            Some(next) if starts_autolink(if next.is_empty() { following } else { next }) => restricted.push('<'),
            Some(_) => restricted.extend(mask('<')),
            None => {}
        }
    }
}

/// Returns true if the character after `words` is escaped.
fn ends_with_escape(words: &str) -> bool {
    words.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1
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
        assert_eq!(shown("-\n\n    a"), "-\n\n¦    a\n");
        assert_eq!(shown("-\n    a\n\n    b"), "-\n    a\n\n    b\n");
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
