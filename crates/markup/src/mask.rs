//! Masks: characters that replace Markdown's special characters, so that the parser takes them for letters.
//!
//! The masks are noncharacters (Unicode, section 23.7). `clean_text` removes these from every text, so every mask in
//! the source is our own. Unmasking is exact, so a superfluous mask does no harm: the character is shown as typed, in
//! code as well.

use std::borrow::Cow;

/// A mask without a character. It stands before a character that would start a block, after a backslash, and between a
/// delimiter and punctuation.
pub(crate) const EMPTY_MASK: char = '\u{fdd0}';

/// The mask after a backslash that is not shown, because it only keeps the next character from being markup. In code it
/// is shown.
pub(crate) const ESCAPE_MASK: char = '\u{fdd1}';

/// The masked characters. The mask of each is [`FIRST_MASK`] plus its position.
const MASKED: [char; 7] = ['<', '*', '_', '~', '&', '[', '`'];
const FIRST_MASK: u32 = 0xfdd2;

/// The mask of a character, if it has one.
pub(crate) fn mask(character: char) -> Option<char> {
    let position = MASKED.iter().position(|&masked| masked == character)?;
    char::from_u32(FIRST_MASK + u32::try_from(position).ok()?)
}

/// The mask of a character, or the character.
pub(crate) fn masked(character: char) -> char {
    mask(character).unwrap_or(character)
}

/// Restores the text as typed, without the backslashes that are not shown.
pub(crate) fn unmask(text: &str) -> Cow<'_, str> {
    if !has_masks(text) {
        return Cow::Borrowed(text);
    }
    let mut typed = String::with_capacity(text.len());
    for character in text.chars() {
        if character == ESCAPE_MASK {
            typed.pop();
        }
        typed.extend(restore(character));
    }
    Cow::Owned(typed)
}

/// Restores code as typed, with all backslashes.
pub(crate) fn unmask_code(text: &str) -> Cow<'_, str> {
    if has_masks(text) { Cow::Owned(text.chars().filter_map(restore).collect()) } else { Cow::Borrowed(text) }
}

fn has_masks(text: &str) -> bool {
    // All of U+FDC0 to U+FDFF start with these two bytes.
    text.as_bytes().windows(2).any(|pair| pair == [0xef, 0xb7])
}

/// The character behind a mask, if there is one.
fn restore(character: char) -> Option<char> {
    match character {
        EMPTY_MASK | ESCAPE_MASK => None,
        '\u{fdd2}'..='\u{fdd8}' => MASKED.get((u32::from(character) - FIRST_MASK) as usize).copied(),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unmasking_restores_masked_characters() {
        let masked: String = MASKED.into_iter().filter_map(mask).chain([EMPTY_MASK, 'x']).collect();
        assert_eq!(unmask(&masked), "<*_~&[`x");
        assert_eq!(unmask_code(&masked), "<*_~&[`x");
        assert!(!masked.contains(MASKED));
    }

    #[test]
    fn a_backslash_before_its_mask_is_shown_in_code_only() {
        let escaped = format!("a\\{ESCAPE_MASK}b \\{EMPTY_MASK}c");
        assert_eq!(unmask(&escaped), "ab \\c");
        assert_eq!(unmask_code(&escaped), "a\\b \\c");
    }

    #[test]
    fn neighbouring_code_points_are_unchanged() {
        let arabic = "\u{fdcf}\u{fdf0}";
        assert_eq!(unmask(arabic), arabic);
    }
}
