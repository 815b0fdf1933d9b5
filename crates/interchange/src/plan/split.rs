//! Texts that are too long for one comment.

use afterword_model::{clean_text, has_visible_text, limits};

/// Bytes that a part leaves free, for the fence that closes its code block.
const RESERVE: usize = 64;
/// Longest first line of a code block that is repeated in the next part.
const MAX_FENCE: usize = 48;

/// Splits a clean text into parts that each fit into a comment: at the end of a paragraph if possible, else of a line, else of a word. Only
/// white space is lost. A code block that is split ends in each part and begins again in the next.
///
/// The parts are those of an import for ever, because each has a UUID.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let (mut rest, mut fence) = (text, None::<String>);
    loop {
        let opening = fence.as_ref().map(|line| format!("{line}\n")).unwrap_or_default();
        if opening.len() + rest.len() <= limits::TEXT_BYTES {
            push_part(&mut parts, &format!("{opening}{rest}"));
            return parts;
        }
        let window = prefix(rest, limits::TEXT_BYTES - RESERVE - opening.len());
        let end = find_end(window, fence.as_deref());
        let (part, after) = rest.split_at(end);
        fence = fence_after(part, fence);
        let closing = fence.as_ref().map(|line| format!("\n{}", marker(line))).unwrap_or_default();
        push_part(&mut parts, &format!("{opening}{}{closing}", part.trim_end_matches('\n')));
        rest = if fence.is_some() { after.strip_prefix('\n').unwrap_or(after) } else { after.trim_start_matches('\n') };
    }
}

fn push_part(parts: &mut Vec<String>, part: &str) {
    let part = clean_text(part);
    if has_visible_text(&part) {
        parts.push(part);
    }
}

/// The longest beginning of a text with at most `max` bytes.
fn prefix(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

/// The end of the part that begins a text of which `window` is what fits. Never 0, unless the window is empty.
fn find_end(window: &str, fence: Option<&str>) -> usize {
    let (mut paragraph, mut at, mut fence) = (0, 0, fence.map(str::to_owned));
    for line in window.split_inclusive('\n') {
        if fence.is_none() && line.trim().is_empty() {
            paragraph = at;
        }
        at += line.len();
        fence = fence_after(line, fence);
    }
    let worthwhile = |end: &usize| *end > window.len() / 4;
    let line_end = || window.rfind('\n').filter(worthwhile);
    let word_end = || window.char_indices().rfind(|(_, it)| it.is_whitespace()).map(|(at, _)| at).filter(worthwhile);
    Some(paragraph).filter(worthwhile).or_else(line_end).or_else(word_end).unwrap_or(window.len())
}

/// The line that opened the code block in which a text ends, if it ends in one.
fn fence_after(text: &str, before: Option<String>) -> Option<String> {
    text.lines().fold(before, |open, line| {
        let trimmed = line.trim_start();
        let length = trimmed.bytes().take_while(|byte| *byte == b'`').count();
        let length = length.max(trimmed.bytes().take_while(|byte| *byte == b'~').count());
        match open {
            None if length >= 3 && line.len() <= MAX_FENCE => Some(line.to_owned()),
            None => None,
            Some(opening) => {
                let is_end = length >= 3 && trimmed.trim_end().len() == length && trimmed.starts_with(marker(&opening));
                (!is_end).then_some(opening)
            }
        }
    })
}

/// The characters that close the code block of a line.
fn marker(opening: &str) -> &str {
    let trimmed = opening.trim_start();
    let first = trimmed.chars().next().unwrap_or('`');
    let end = trimmed.find(|it: char| it != first).unwrap_or(trimmed.len());
    &trimmed[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> String {
        text.chars().filter(|it| !it.is_whitespace()).collect()
    }

    #[test]
    fn a_text_is_split_between_paragraphs() {
        let paragraph = "word ".repeat(600).trim_end().to_owned();
        let text = [paragraph.as_str(); 6].join("\n\n");
        let parts = split(&text);
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| *part == [paragraph.as_str(); 2].join("\n\n")));
    }

    #[test]
    fn a_code_block_continues_as_a_code_block() {
        let text = format!("Intro\n\n```rust\n{}```\n\nEnd", "let x = 1;\n".repeat(2000));
        let parts = split(&text);
        assert!(parts.len() > 2);
        for part in &parts[..parts.len() - 1] {
            assert_eq!(part.matches("```").count(), 2, "{part}");
            assert!(part.ends_with("```"));
        }
        assert!(parts[1].starts_with("```rust\nlet"));
        assert!(parts.last().unwrap().ends_with("```\n\nEnd"));
        let lines = parts.iter().flat_map(|part| part.lines()).filter(|line| *line == "let x = 1;").count();
        assert_eq!(lines, 2000);
    }

    #[test]
    fn a_text_without_spaces_is_split_between_characters() {
        let parts = split(&"ü".repeat(10_000));
        assert_eq!(parts.concat(), "ü".repeat(10_000));
    }

    proptest! {
        #[test]
        fn no_visible_character_is_lost(
            pieces in prop::collection::vec(("[a-zü ]{0,40}|\\PC{0,20}", 1_usize..900, prop::sample::select(vec![" ", "\n", "\n\n"])), 0..12),
        ) {
            let text: String = pieces.iter().map(|(text, times, end)| text.repeat(*times) + end).collect();
            let text = clean_text(&text.replace(['`', '~'], "-"));
            let parts = split(&text);
            for part in &parts {
                prop_assert!(part.len() <= limits::TEXT_BYTES);
                prop_assert!(has_visible_text(part));
                prop_assert_eq!(&clean_text(part), part);
            }
            if has_visible_text(&text) && text.chars().all(|it| afterword_model::is_visible(it) || it.is_whitespace()) {
                prop_assert_eq!(words(&parts.concat()), words(&text));
            }
        }

        #[test]
        fn any_text_with_fences_is_split_into_parts_that_fit(
            lines in prop::collection::vec(prop::sample::select(vec!["```", "~~~~", "````js", "text of a line", "", "   ```"]), 0..40),
            times in 1_usize..200,
        ) {
            let text = clean_text(&(lines.join("\n") + "\n").repeat(times));
            for part in split(&text) {
                prop_assert!(part.len() <= limits::TEXT_BYTES);
                prop_assert!(has_visible_text(&part));
            }
        }
    }
}
