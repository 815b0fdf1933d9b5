//! Normalizes text for comparison, so that different spellings of a word become equal. Never shown to readers.
//!
//! Unicode's own data about letters (compatibility decompositions, combining classes, case) come from `icu_normalizer`,
//! which the Worker links anyway, for host names. The lookalikes are a table of the letters that spam is written with.
//! Unicode's own list of confusables (TR 39, crate `unicode-security`) has thousands of entries, maps `m` to `rn` and `1`
//! to `l`, and covers neither capitals nor the letters in circles, squares and flags that spam uses.

use afterword_model::is_visible;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// The treatment of letters that look like Latin ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookalikes {
    /// Letters stay in their alphabet, and capitals become small letters: `Ν` becomes `ν`.
    Keep,
    /// Letters become the Latin letters that they look like: `Ν` becomes `n`, and `ν` becomes `v`.
    MapToLatin,
}

/// Normalizes a text for comparison. Capitals become small letters; ligatures and circled, wide or mathematical letters
/// become plain ones; characters that look like a space become one; diacritics and other invisible characters are
/// dropped; lookalikes are treated as `lookalikes` says.
/// Normalization is idempotent.
pub(crate) fn normalize(text: &str, lookalikes: Lookalikes) -> impl Iterator<Item = char> {
    let map_to_latin = lookalikes == Lookalikes::MapToLatin;
    let spaced = text.chars().map(|it| if is_blank(it) { ' ' } else { it });
    let visible = spaced.filter(|&it| is_visible(it) || it.is_whitespace());
    // Characters that stand for whole sentences stay one character. Decomposed, a text of them would be eighteen times
    // as long.
    let short = visible.map(|it| if matches!(it, '\u{fdfa}' | '\u{fdfb}') { '\u{fdfd}' } else { it });
    let without_diacritics =
        DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(short).filter(|&it| !is_diacritic(it));
    // Hangul syllables and Kana letters become one character again.
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize_iter(without_diacritics);
    composed
        .map(move |it| if map_to_latin { map_lookalike(it) } else { it })
        // Lower, upper, lower: `ẞ`, `ß` and `SS`, `ſ` and `s`, `ς` and `σ` get the same form.
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|&it| !is_diacritic(it))
        .map(move |it| if map_to_latin { map_lookalike(it) } else { it })
}

/// Returns true for the invisible characters that take as much room as a space, although Unicode classes them as
/// letters or symbols: the fillers of Hangul, the blank Braille cell and the null notehead. The other invisible
/// characters take no room.
fn is_blank(character: char) -> bool {
    !is_visible(character) && (character.is_alphabetic() || matches!(character, '\u{2800}' | '\u{1d159}'))
}

/// Returns true for characters of words. All other characters separate words.
pub(crate) fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() && letter_of_symbol(character).is_none() || is_word_sign(character)
}

/// Signs of the Brahmic scripts and of Thai and Lao that Unicode does not class as letters, but that stand within
/// words.
fn is_word_sign(character: char) -> bool {
    matches!(character, '\u{900}'..='\u{963}' | '\u{971}'..='\u{df3}' | '\u{e31}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{eb1}'..='\u{ebc}' | '\u{ec8}'..='\u{ece}' | '\u{f71}'..='\u{f84}' | '\u{102b}'..='\u{103e}' | '\u{17b4}'..='\u{17d3}'
        | '\u{3099}' | '\u{309a}')
}

/// Returns true for marks above, below, across and around letters, for vowel points of Hebrew and Arabic, and for the
/// Arabic tatweel. A quick reader takes them for decoration. Recognized by combining class (Unicode 16, section 4.3): 1
/// is across, 10 to 36 are points, 200 and above is above and below. The signs of Brahmic scripts, of Thai and Lao, and
/// of Kana have other classes, or none. Enclosing marks have none and are listed by code point.
fn is_diacritic(character: char) -> bool {
    let class = CanonicalCombiningClassMapBorrowed::new().get_u8(character);
    let is_around = matches!(character, '\u{488}' | '\u{489}' | '\u{640}' | '\u{1abe}' | '\u{20dd}'..='\u{20e0}'
        | '\u{20e2}'..='\u{20e4}' | '\u{a670}'..='\u{a672}');
    is_around || matches!(class, 1 | 10..=36 | 200..)
}

/// Letters that Unicode classes as symbols without a decomposition: the first of 26 in black circles, in black squares,
/// and of those that make flags. Only lookalikes are mapped to them, so that a flag after a word is also matched as a
/// symbol.
const SYMBOL_ALPHABETS: [char; 3] = ['\u{1f150}', '\u{1f170}', '\u{1f1e6}'];

/// The letter that a symbol shows.
fn letter_of_symbol(character: char) -> Option<char> {
    let offset_in = |first: char| u8::try_from(u32::from(character).wrapping_sub(first.into())).ok();
    let offset = SYMBOL_ALPHABETS.into_iter().filter_map(offset_in).find(|offset| *offset < 26)?;
    Some(char::from(b'a' + offset))
}

/// Maps a letter, or a symbol that shows one, to the Latin letter that it looks like.
fn map_lookalike(character: char) -> char {
    if let Some(letter) = letter_of_symbol(character) {
        return letter;
    }
    if let '\u{ab70}'..='\u{abbf}' = character {
        // Small Cherokee letters are drawn like the capitals.
        let capital = character.to_uppercase().next().unwrap_or(character);
        let latin = latin_lookalike(capital);
        return if latin == capital { character } else { latin };
    }
    latin_lookalike(character)
}

/// Maps a letter that looks like a Latin letter to that letter, in lower case. If a capital and its small letter look
/// like different Latin letters, each is mapped to its own.
const fn latin_lookalike(character: char) -> char {
    match character {
        'Α' | 'А' | 'Ꭺ' | 'α' | 'а' | 'ɑ' | 'ᴀ' | 'Ⲁ' | 'ⲁ' | 'ꓮ' | 'ɐ' | 'Ɐ' | 'ᗩ' | 'ᗅ' | '𐌀' => {
            'a'
        }
        'Β' | 'В' | 'Ᏼ' | 'β' | 'в' | 'ь' | 'Ь' | 'ʙ' | 'ƀ' | 'Ⲃ' | 'ꓐ' | 'ᗷ' | '𐌁' => 'b',
        'С' | 'Ϲ' | 'Ꮯ' | 'с' | 'ϲ' | 'ᴄ' | 'Ⲥ' | 'ⲥ' | 'ꓚ' | 'ƈ' | 'ҫ' | 'Ҫ' | 'ᑕ' | '𐌂' => 'c',
        'Ꭰ' | 'ԁ' | 'Ԁ' | 'ɗ' | 'đ' | 'Đ' | 'ð' | 'ᴅ' | 'ꓓ' | 'ᗪ' | 'ᗞ' => 'd',
        'Ε' | 'Е' | 'Ꭼ' | 'ε' | 'е' | 'є' | 'Є' | 'ҽ' | 'Ҽ' | 'ɇ' | 'ᴇ' | 'ⲉ' | 'ꓰ' | 'ә' | 'ǝ' | 'ᗴ' | 'ᕮ' | '𐌄' => {
            'e'
        }
        'Ϝ' | 'ƒ' | 'ғ' | 'Ғ' | 'ꜰ' | 'ꓝ' | 'ᖴ' | '𐌅' => 'f',
        'Ꮐ' | 'ɡ' | 'ɢ' | 'ց' | 'ǥ' | 'ꓖ' | 'ᘜ' => 'g',
        'Η' | 'Н' | 'Ꮋ' | 'н' | 'һ' | 'Һ' | 'հ' | 'ħ' | 'Ħ' | 'ʜ' | 'Ⲏ' | 'ꓧ' | 'ᕼ' | '𐌇' => 'h',
        'Ι' | 'І' | 'Ӏ' | 'Ꭵ' | 'ι' | 'і' | 'ӏ' | 'ı' | 'ɩ' | 'ɪ' | 'ɨ' | 'Ⲓ' | 'ⲓ' | 'ꓲ' | '𐌉' => {
            'i'
        }
        'Ϳ' | 'Ј' | 'Ꭻ' | 'ϳ' | 'ј' | 'յ' | 'ᴊ' | 'ȷ' | 'ꓙ' | 'ᒍ' => 'j',
        'Κ' | 'К' | 'Ꮶ' | 'κ' | 'к' | 'қ' | 'Қ' | 'ƙ' | 'ᴋ' | 'Ⲕ' | 'ⲕ' | 'ꓗ' | 'ᛕ' | '𐌊' => 'k',
        'Ꮮ' | 'ł' | 'Ł' | 'ƚ' | 'ʟ' | 'ꓡ' | 'ᒪ' | '𐌋' => 'l',
        'Μ' | 'М' | 'Ꮇ' | 'м' | 'ᴍ' | 'Ⲙ' | 'ⲙ' | 'ꓟ' | 'ᗰ' | '𐌌' => 'm',
        'Ν' | 'η' | 'п' | 'П' | 'ո' | 'ɴ' | 'ŋ' | 'ƞ' | 'Ⲛ' | 'ꓠ' | 'Ꮑ' | 'ᑎ' | '𐌍' => 'n',
        'Ο' | 'О' | 'Օ' | 'ο' | 'о' | 'օ' | 'σ' | 'ø' | 'Ø' | 'ө' | 'Ө' | 'ᴏ' | 'ⲟ' | 'Ⲟ' | 'ꓳ' | 'Ꮎ' | 'ᗝ' | '𐌏' => {
            'o'
        }
        'Ρ' | 'Р' | 'Ꮲ' | 'ρ' | 'р' | 'ᴘ' | 'Ⲣ' | 'ⲣ' | 'ꓑ' | 'ᑭ' | '𐌐' => 'p',
        'Ԛ' | 'ԛ' | 'զ' | 'ᑫ' => 'q',
        'Ꭱ' | 'г' | 'Г' | 'ґ' | 'Ґ' | 'ʀ' | 'ɍ' | 'ꓣ' | 'ᖇ' | '𐌓' => 'r',
        'Ѕ' | 'Ꮪ' | 'Տ' | 'ѕ' | 'ꜱ' | 'ʂ' | 'ꓢ' | 'ᔕ' | '𐌔' => 's',
        'Τ' | 'Т' | 'Ꭲ' | 'τ' | 'т' | 'ŧ' | 'Ŧ' | 'ᴛ' | 'Ⲧ' | 'ⲧ' | 'ꓔ' | '𐌕' => 't',
        'υ' | 'и' | 'И' | 'ս' | 'Ս' | 'ᴜ' | 'ʉ' | 'ʋ' | 'ꓴ' | 'ᑌ' => 'u',
        'ν' | 'ѵ' | 'Ѵ' | 'Ꮩ' | 'ᴠ' | 'ꓦ' | 'ⱱ' | 'ᐯ' => 'v',
        'ω' | 'ш' | 'Ш' | 'ԝ' | 'Ԝ' | 'ѡ' | 'Ꮃ' | 'ᴡ' | 'ա' | 'ꓪ' | 'ᗯ' => 'w',
        'Χ' | 'Х' | 'χ' | 'х' | 'ҳ' | 'Ⲭ' | 'ⲭ' | 'ꓫ' | '᙭' | '𐌗' => 'x',
        'Υ' | 'У' | 'Ү' | 'γ' | 'у' | 'ү' | 'ұ' | 'ʏ' | 'Ⲩ' | 'ꓬ' | 'Ꭹ' => 'y',
        'Ζ' | 'Ꮓ' | 'ᴢ' | 'ƶ' | 'ʐ' | 'Ⲍ' | 'ꓜ' | 'ᘔ' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalized(text: &str, lookalikes: Lookalikes) -> String {
        normalize(text, lookalikes).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(normalized(text, Lookalikes::MapToLatin), expected, "from {text:?}");
    }

    #[test]
    fn case_is_ignored() {
        check("ViAgRa", "viagra");
        check("Straße STRASSE", "strasse strasse");
        check("İstanbul ISTANBUL ısı", "istanbul istanbul isi");
        check("ﬁne ǅ", "fine dz");
        for (capital, small) in
            [("ΣΊΣΥΦΟΣ ΝΈΑ", "Σίσυφος νέα"), ("НОВОСТИ ДНЯ", "новости дня"), ("ՀԱՅԱՍՏԱՆ", "Հայաստան")]
        {
            assert_eq!(normalized(capital, Lookalikes::Keep), normalized(small, Lookalikes::Keep));
        }
    }

    #[test]
    fn fonts_and_width_are_ignored() {
        check("Ｖｉａｇｒａ ！", "viagra !");
        check("𝐕𝒊𝓪𝔤𝕣𝖺 𝚅𝟙𝟎", "viagra v10");
        check("ⓥⓘⒶ 🅅🄸🄰 ℂ ⅰⅽ ᵛᶦᵃ ₐ", "via via c ic via a");
        check("Dr․ x… №", "dr. x... no");
    }

    #[test]
    fn lookalikes_map_to_latin_letters() {
        check("сіаlіѕ СІАLІЅ", "cialis cialis");
        check("ριll СНЕАР РILLS CΗEAP ΡΙLLЅ", "pill cheap pills cheap pills");
        check("саsіпо casiηo САЅІΝО ᴄᴀsɪɴᴏ ꓚꓮꓢꓲꓠꓳ", "casino casino casino casino casino");
        check("Dг. Sραm ᏙᎥᎪᏀᎡᎪ Zloty Złoty", "dr. spam viagra zloty zloty");
        check("0123 l1I rn m", "0123 l1i rn m");
    }

    #[test]
    fn invisible_characters_and_diacritics_are_dropped() {
        check("v\u{200b}i\u{ad}a\u{2060}g\u{200d}r\u{feff}a\u{fe0f}", "viagra");
        check("v\u{336}i\u{301}a\u{20dd}\u{e0061}", "via");
        check("v\u{483}i\u{489}a\u{1ab0}g\u{1abe}r\u{1dc4}a\u{fe20}", "viagra");
        check("viágra ṿıāġṝå", "viagra viagra");
        assert_eq!(normalized("שָׁלוֹם مُحَمَّد كـــلمة", Lookalikes::Keep), "שלום محمد كلمة");
        check(" a\t\u{a0}b\n", " a\t b\n");
    }

    #[test]
    fn blank_characters_become_spaces_and_nothing_else_does() {
        let all = || '\0'..=char::MAX;
        let blank: String = all().filter(|it| is_blank(*it)).collect();
        assert_eq!(blank, "\u{115f}\u{1160}\u{2800}\u{3164}\u{ffa0}\u{1d159}");
        for character in all().filter(|it| !is_visible(*it) && !it.is_whitespace()) {
            let expected = if is_blank(character) { "a b" } else { "ab" };
            check(&format!("a{character}b"), expected);
        }
    }

    #[test]
    fn symbols_that_show_letters_are_lookalikes() {
        check("🅐🅩 🅰🆉 🇦🇿 🆊", "az az az 🆊");
        assert_eq!(normalized("🅰🇩🇪", Lookalikes::Keep), "🅰🇩🇪");
        check("ᗷᑕᗪᖴᘜᕼᒍᒪᗰᑎᑭᑫᖇᔕᑌᐯᗯ᙭ᘔ", "bcdfghjlmnpqrsuvwxz");
        check("ᏉꮩꮿᏯ", "ꮙvꮿꮿ");
    }

    #[test]
    fn other_scripts_are_unchanged() {
        for text in ["ภาษาไทย", "क्या हाल है", "日本語ガギグ", "한국어", "தமிழ்", "ភាសាខ្មែរ"]
        {
            for lookalikes in [Lookalikes::Keep, Lookalikes::MapToLatin] {
                assert_eq!(normalized(text, lookalikes), text);
            }
        }
    }

    #[test]
    fn normalization_is_idempotent() {
        for character in ('\0'..='\u{1ffff}').chain('\u{e0000}'..='\u{e0fff}') {
            for lookalikes in [Lookalikes::Keep, Lookalikes::MapToLatin] {
                let once = normalized(&character.to_string(), lookalikes);
                assert_eq!(normalized(&once, lookalikes), once, "{character:?} {lookalikes:?}");
                assert!(once.chars().count() <= 6, "{character:?} is at most six");
            }
        }
    }

    #[test]
    fn words_are_separated_as_readers_expect() {
        let parts = |text: &str| text.split(|it| !is_word_character(it)).filter(|it| !it.is_empty()).count();
        for (text, words) in
            [("one,two three", 3), ("don't", 2), ("क्या हाल है?", 3), ("ภาษาไทย", 1), ("日本語、中文", 2), ("a—b", 2)]
        {
            assert_eq!(parts(text), words, "{text}");
        }
    }
}
