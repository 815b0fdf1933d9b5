//! Characters that stand for Markdown's own while the parser reads, so that it takes them for letters.
//!
//! Noncharacters (Unicode, section 23.7) are used, which `clean_text` takes out of every text: what is masked is what we masked.
//! Unveiling is exact, so a character masked without need costs nothing: it is shown as it was typed, in code as well.

use std::borrow::Cow;

/// Stands for nothing: put before a character that would begin a block.
pub(crate) const EMPTY_MASK: char = '\u{fdd0}';

/// The mask of a character, if it has one.
pub(crate) fn mask(character: char) -> Option<char> {
    Some(match character {
        '<' => '\u{fdd1}',
        '*' => '\u{fdd2}',
        '_' => '\u{fdd3}',
        '~' => '\u{fdd4}',
        _ => return None,
    })
}

/// Gives back what was typed.
pub(crate) fn unmask(text: &str) -> Cow<'_, str> {
    // All of U+FDC0 to U+FDFF begin with these two bytes.
    if !text.as_bytes().windows(2).any(|pair| pair == [0xef, 0xb7]) {
        return Cow::Borrowed(text);
    }
    let typed = text.chars().filter(|&character| character != EMPTY_MASK).map(|character| match character {
        '\u{fdd1}' => '<',
        '\u{fdd2}' => '*',
        '\u{fdd3}' => '_',
        '\u{fdd4}' => '~',
        other => other,
    });
    Cow::Owned(typed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unmasking_restores_masked_characters() {
        let masked: String = "<*_~".chars().filter_map(mask).chain([EMPTY_MASK, 'x']).collect();
        assert_eq!(unmask(&masked), "<*_~x");
        assert!(!masked.contains(['<', '*', '_', '~']));
    }

    #[test]
    fn neighbouring_code_points_are_unchanged() {
        let arabic = "\u{fdcf}\u{fdf0}";
        assert_eq!(unmask(arabic), arabic);
    }
}
