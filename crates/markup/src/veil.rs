//! Characters that stand for Markdown's own while the parser reads, so that it takes them for letters.
//!
//! Noncharacters (Unicode, section 23.7) are used, which `clean_text` takes out of every text: what is veiled is what we veiled.
//! Unveiling is exact, so a character veiled without need costs nothing: it is shown as it was typed, in code as well.

use std::borrow::Cow;

/// Stands for nothing: put before a character that would begin a block.
pub(crate) const MARK: char = '\u{fdd0}';

/// The veil of a character, if it has one.
pub(crate) fn veil(character: char) -> Option<char> {
    Some(match character {
        '<' => '\u{fdd1}',
        '*' => '\u{fdd2}',
        '_' => '\u{fdd3}',
        '~' => '\u{fdd4}',
        _ => return None,
    })
}

/// Gives back what was typed.
pub(crate) fn unveil(text: &str) -> Cow<'_, str> {
    // All of U+FDC0 to U+FDFF begin with these two bytes.
    if !text.as_bytes().windows(2).any(|pair| pair == [0xef, 0xb7]) {
        return Cow::Borrowed(text);
    }
    let typed = text.chars().filter(|&character| character != MARK).map(|character| match character {
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
    fn unveils_what_was_veiled() {
        let veiled: String = "<*_~".chars().filter_map(veil).chain([MARK, 'x']).collect();
        assert_eq!(unveil(&veiled), "<*_~x");
        assert!(!veiled.contains(['<', '*', '_', '~']));
    }

    #[test]
    fn leaves_neighbours_alone() {
        let arabic = "\u{fdcf}\u{fdf0}";
        assert_eq!(unveil(arabic), arabic);
    }
}
