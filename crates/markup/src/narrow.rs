//! Narrowing CommonMark to the Markdown of comments, before the parser sees it.
//!
//! What comments do not have is veiled, so that the parser takes it for text: HTML, headings, rules, indented code, reference
//! definitions, and every quote and list beyond the depth limit. So nothing that was typed is ever lost, and the parser's
//! expensive ways (definitions that expand, containers by the thousand, HTML without end) are closed before it starts.

use crate::address::{begins_autolink, next_bare};
use crate::blocks::Blocks;
use crate::veil::{MARK, veil};

/// The source as the parser may see it. Takes what `clean_text` gave; [`crate::veil::unveil`] undoes it, but for blank lines.
pub(crate) fn narrow(text: &str) -> String {
    let mut blocks = Blocks::default();
    let mut narrowed = String::with_capacity(text.len() + text.len() / 4);
    for line in text.split('\n') {
        let edit = blocks.read(line);
        if edit.part {
            narrowed.push('\n');
        }
        let (before, after) = line.split_at(edit.mark.unwrap_or_default());
        narrowed.push_str(before);
        if edit.mark.is_some() {
            narrowed.push(MARK);
        }
        push_line(&mut narrowed, after);
        narrowed.push('\n');
    }
    narrowed
}

/// Veils the angle brackets that begin no autolink, and what would be emphasis inside of addresses.
fn push_line(narrowed: &mut String, line: &str) {
    let mut at = 0;
    while let Some(address) = next_bare(line, at) {
        push_words(narrowed, &line[at..address.start], &line[address.start..]);
        narrowed.extend(line[address.clone()].chars().map(|character| veil(character).unwrap_or(character)));
        at = address.end;
    }
    push_words(narrowed, &line[at..], "");
}

/// Words between addresses; `behind` is what follows them.
fn push_words(narrowed: &mut String, words: &str, behind: &str) {
    let mut parts = words.split('<').peekable();
    while let Some(part) = parts.next() {
        narrowed.push_str(part);
        match parts.peek() {
            // Escaped, so it is text already, and the backslash would be left over.
            Some(_) if ends_escaping(part) => narrowed.push('<'),
            Some(next) if begins_autolink(if next.is_empty() { behind } else { next }) => narrowed.push('<'),
            Some(_) => narrowed.extend(veil('<')),
            None => {}
        }
    }
}

/// Whether the character behind `words` is escaped.
fn ends_escaping(words: &str) -> bool {
    words.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::veil::unveil;

    fn shown(text: &str) -> String {
        narrow(text).chars().map(|character| if character == MARK { '¦' } else { character }).collect()
    }

    #[test]
    fn what_is_no_comment_markdown_is_marked() {
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
        assert_eq!(unveil(&narrow("<b> <https://a.b/_c_>")), "<b> <https://a.b/_c_>\n");
        assert_eq!(narrow("<b> <https://a.b/_c_>").matches('<').count(), 1);
        assert_eq!(narrow("<<mailto:a@b.c>").matches('<').count(), 1);
    }
}
