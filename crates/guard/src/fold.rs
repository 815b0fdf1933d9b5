//! Seeing through the ways in which one text is written as another: for comparing only, never for showing.

use afterword_model::is_visible;

/// The text as it is compared: capital letters are small ones, ligatures and letters in circles, wide or mathematical type are the
/// plain ones, Cyrillic and Greek letters that look like Latin ones are these, and what takes no ink or only decorates a letter is left
/// out. White space stays as it is. Folding a folded text changes nothing.
///
/// Letters with a diacritic in one character stay, for `ä` and `a` are two letters; there is no table of Unicode here, only what
/// spam is written with.
pub(crate) fn fold(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .map(plain)
        // There and back: `ẞ`, `ß` and `SS`, `ſ` and `s`, `ς` and `σ` meet in the middle.
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|&character| is_kept(character))
        .map(look_alike)
}

/// Whether a character is part of a word; everything else parts words.
pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || is_within_word(character)
}

/// The signs of Brahmic scripts and of Thai and Lao that are no letters to Unicode, but stand within words.
fn is_within_word(character: char) -> bool {
    matches!(character, '\u{900}'..='\u{963}' | '\u{971}'..='\u{df3}' | '\u{e31}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{eb1}'..='\u{ebc}' | '\u{ec8}'..='\u{ece}' | '\u{f71}'..='\u{f84}' | '\u{102b}'..='\u{103e}' | '\u{17b4}'..='\u{17d3}')
}

/// Marks above and below letters, vowel points of Hebrew and Arabic, the Arabic stretcher: decoration to whoever reads fast.
fn is_kept(character: char) -> bool {
    let decorates = matches!(character, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}'
        | '\u{5c5}' | '\u{5c7}' | '\u{640}' | '\u{64b}'..='\u{652}' | '\u{670}' | '\u{20d0}'..='\u{20f0}');
    !decorates && (is_visible(character) || character.is_whitespace())
}

/// A letter or digit in another type (Unicode: Halfwidth and Fullwidth Forms, Mathematical Alphanumeric Symbols, Enclosed
/// Alphanumerics) as the plain one.
fn plain(character: char) -> char {
    let code = u32::from(character);
    let plain = match code {
        0xff01..=0xff5e => code - 0xff01 + 0x21,
        0x1d400..=0x1d6a3 => letter((code - 0x1d400) % 52),
        0x1d7ce..=0x1d7ff => u32::from('0') + (code - 0x1d7ce) % 10,
        0x24b6..=0x24e9 => letter((code - 0x24b6) % 52),
        0x1f110..=0x1f129 => letter(code - 0x1f110),
        0x1f130..=0x1f149 => letter(code - 0x1f130),
        0x1f150..=0x1f169 => letter(code - 0x1f150),
        0x1f170..=0x1f189 => letter(code - 0x1f170),
        _ => code,
    };
    char::from_u32(plain).unwrap_or(character)
}

/// The capital letters, then the small ones.
const fn letter(number: u32) -> u32 {
    if number < 26 { 'A' as u32 + number } else { 'a' as u32 + number - 26 }
}

/// Small letters of other alphabets that a reader takes for Latin ones (after Unicode TR 39, confusables).
const fn look_alike(character: char) -> char {
    match character {
        'а' | 'α' | 'ɑ' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' => 'e',
        'ɡ' => 'g',
        'һ' => 'h',
        'і' | 'ι' | 'ӏ' | 'ı' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'η' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let folded: String = fold(text).collect();
        assert_eq!(folded, expected, "from {text:?}");
    }

    #[test]
    fn case_does_not_matter() {
        check("ViAgRa", "viagra");
        check("Straße STRASSE", "strasse strasse");
        check("ΣΊΣΥΦΟΣ σίσυφος ΣΊΣΥΦΟς", "σίσuφoσ σίσuφoσ σίσuφoσ");
        check("İstanbul ISTANBUL ısı", "istanbul istanbul isi");
        check("ﬁne ǅ", "fine ǆ");
    }

    #[test]
    fn type_does_not_matter() {
        check("Ｖｉａｇｒａ ！", "viagra !");
        check("𝐕𝒊𝓪𝔤𝕣𝖺 𝚅𝟙𝟎", "viagra v10");
        check("ⓥⓘⒶ 🅅🅘🅰 🄐", "via via a");
    }

    #[test]
    fn look_alikes_are_what_they_look_like() {
        check("сіаlіѕ СІАLІЅ", "cialis cialis");
        check("ριll", "pill");
        check("Привет", "пpивet");
    }

    #[test]
    fn what_takes_no_ink_is_nothing() {
        check("v\u{200b}i\u{ad}a\u{2060}g\u{200d}r\u{feff}a\u{fe0f}", "viagra");
        check("v\u{336}i\u{301}a\u{20dd}\u{e0061}", "via");
        check("שָׁלוֹם מُحَمَّد كـــلمة", "שלום מحمد كلمة");
        check(" a\t\u{a0}b\n", " a\t\u{a0}b\n");
    }

    #[test]
    fn letters_with_a_diacritic_are_letters_of_their_own() {
        check("schön schon", "schön schon");
    }

    #[test]
    fn folding_is_done_once_for_all() {
        for character in ('\0'..='\u{1ffff}').chain('\u{e0000}'..='\u{e0fff}') {
            let once: String = fold(&character.to_string()).collect();
            let twice: String = fold(&once).collect();
            assert_eq!(once, twice, "{character:?}");
            assert!(once.chars().count() <= 3, "{character:?} is at most three");
        }
    }

    #[test]
    fn words_are_parted_where_readers_part_them() {
        let parts = |text: &str| text.split(|it| !is_word(it)).filter(|it| !it.is_empty()).count();
        for (text, words) in
            [("one,two three", 3), ("don't", 2), ("क्या हाल है?", 3), ("ภาษาไทย", 1), ("日本語、中文", 2), ("a—b", 2)]
        {
            assert_eq!(parts(text), words, "{text}");
        }
    }
}
