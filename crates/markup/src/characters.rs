//! Properties of characters, from the Unicode Character Database.

use icu_properties::props::{
    EastAsianWidth, EmojiPresentation, GeneralCategory, GeneralCategoryGroup, LineBreak, Script,
};
use icu_properties::{CodePointMapData, CodePointSetData};

pub(crate) fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

fn is_in(character: char, group: GeneralCategoryGroup) -> bool {
    group.contains(category(character))
}

/// Returns true for punctuation and symbols (CommonMark 0.31, section 2.1).
pub(crate) fn is_punctuation(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_punctuation();
    }
    is_in(character, GeneralCategoryGroup::Punctuation.union(GeneralCategoryGroup::Symbol))
}

/// Returns true for a punctuation mark outside ASCII. Symbols are none.
pub(crate) fn is_wide_punctuation_mark(character: char) -> bool {
    !character.is_ascii() && is_in(character, GeneralCategoryGroup::Punctuation)
}

/// Returns true for marks that are drawn on the character before them.
pub(crate) fn is_combining(character: char) -> bool {
    !character.is_ascii() && is_in(character, GeneralCategoryGroup::Mark)
}

/// Returns true for opening brackets and quotation marks.
pub(crate) fn is_opening(character: char) -> bool {
    matches!(category(character), GeneralCategory::OpenPunctuation | GeneralCategory::InitialPunctuation)
}

/// Returns true for closing brackets and quotation marks, and for the marks at the end of a clause.
pub(crate) fn is_closing(character: char) -> bool {
    ".,;:!?\u{2026}".contains(character)
        || matches!(category(character), GeneralCategory::ClosePunctuation | GeneralCategory::FinalPunctuation)
}

/// Returns true for symbols that draw the outline of a face, such as `´▽｀`. Emoji are none.
pub(crate) fn is_drawing(character: char) -> bool {
    matches!(character, '^' | '\u{30fb}' | '\u{ff65}')
        || (!character.is_ascii()
            && is_in(character, GeneralCategoryGroup::Symbol)
            && !CodePointSetData::new::<EmojiPresentation>().contains(character))
}

/// Returns true for a character of Chinese, Japanese or Korean text, including its punctuation. Words and punctuation
/// are not separated by spaces there.
///
/// The definition is the one proposed for CommonMark (commonmark-spec pull request 839): wide, full-width and half-width
/// characters without the emoji, and Hangul.
pub(crate) fn is_cjk(character: char) -> bool {
    if character < '\u{1100}' {
        return false;
    }
    let is_wide = matches!(
        CodePointMapData::<EastAsianWidth>::new().get(character),
        EastAsianWidth::Wide | EastAsianWidth::Fullwidth | EastAsianWidth::Halfwidth
    );
    let is_emoji = || CodePointSetData::new::<EmojiPresentation>().contains(character);
    (is_wide && !is_emoji()) || CodePointMapData::<Script>::new().get(character) == Script::Hangul
}

/// Returns true for variation selectors, which choose a form of the character before them.
pub(crate) fn is_variation_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Returns true for letters, digits and their marks in a script that separates words by spaces.
pub(crate) fn is_spaced_word(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric();
    }
    let is_word = character.is_alphanumeric() || is_combining(character);
    is_word && !is_cjk(character) && CodePointMapData::<LineBreak>::new().get(character) != LineBreak::ComplexContext
}

/// Returns true for Latin letters with and without accents, and for ASCII digits.
pub(crate) fn is_latin(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || (!character.is_ascii() && CodePointMapData::<Script>::new().get(character) == Script::Latin)
}

/// Returns true for letters and digits of any other script, and for pictures.
pub(crate) fn is_other_script(character: char) -> bool {
    !character.is_ascii()
        && (character.is_alphanumeric() || category(character) == GeneralCategory::OtherSymbol)
        && !matches!(CodePointMapData::<Script>::new().get(character), Script::Latin | Script::Inherited)
}

/// Returns true if the text may have letters of a right-to-left script: those of the ranges that Unicode reserves for
/// them (`DerivedBidiClass.txt`).
pub(crate) fn has_right_to_left(text: &str) -> bool {
    !text.is_ascii()
        && text.chars().any(|character| {
            matches!(character, '\u{590}'..='\u{8ff}' | '\u{200f}' | '\u{fb1d}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fdff}'
                | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cjk_characters_are_recognized() {
        for character in "字々〇ひカｶㄅㆠ한ᄀ「」。，！Ａ￥〜㈱㋐𠮟𛀀".chars() {
            assert!(is_cjk(character), "{character}");
        }
        for character in "aé.*“”…яא😀👍①\u{200d}\u{fdd0}".chars() {
            assert!(!is_cjk(character), "{character}");
        }
    }

    #[test]
    fn words_of_scripts_without_spaces_are_told_apart() {
        assert!("aé1яאक\u{94d}".chars().all(is_spaced_word));
        assert!(!"字ひ한กລក.-😀".chars().any(is_spaced_word));
    }
}
