//! Masks: characters that replace Markdown's special characters, so that the parser takes them for letters.
//!
//! The masks are noncharacters (Unicode, section 23.7). `clean_text` removes these from every text, so every mask in
//! the source is our own. Unmasking is exact, so a superfluous mask does no harm: the character is shown as typed, in
//! code as well.

use std::borrow::Cow;

/// A mask without a character. It is inserted before a character that would start a block.
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

/// Restores the text as typed.
pub(crate) fn unmask(text: &str) -> Cow<'_, str> {
    // All of U+FDC0 to U+FDFF start with these two bytes.
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
