//! Cleaning of text: the characters that it removes, and those that it must keep.

use afterword_model::{clean_line, clean_text, decode_hex, encode_hex};
use proptest::prelude::*;

#[track_caller]
fn check(input: &str, expected: &str) {
    assert_eq!(clean_text(input), expected, "from {input:?}");
    assert_eq!(clean_text(expected), expected, "cleaning is idempotent");
}

#[test]
fn line_ends_are_normalized() {
    for end in ["\n", "\r\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
        check(&format!("a{end}b"), "a\nb");
        check(&format!("a{end}{end}b"), "a\n\nb");
        check(&format!("{end}{end}a{end}"), "a");
    }
    check("a\n\r\nb", "a\n\nb");
    check("a\r\r\nb", "a\n\nb");
}

#[test]
fn blank_ends_are_trimmed_and_indentation_is_kept() {
    check("", "");
    check(" \n\t\n ", "");
    check("  a  ", "  a");
    check("\n  \n\t\n    code\n", "    code");
    check("\u{3000}\n\u{a0}a\u{a0}", "\u{a0}a");
    check("a  \nb", "a  \nb");
    check("a\tb", "a\tb");
    check("\u{feff}\u{feff}a", "a");
    check("\u{202e}\n\u{202e}  a", "  a");
}

#[test]
fn harmful_characters_are_removed() {
    let harmful = [
        0x00..=0x08, // control characters
        0x0e..=0x1f,
        0x7f..=0x84,
        0x86..=0x9f,
        0x202a..=0x202e,   // bidirectional embeddings and overrides
        0x2066..=0x206f,   // isolates, deprecated format characters
        0xfdd0..=0xfdef,   // noncharacters
        0xfeff..=0xfeff,   // byte order mark
        0xfff9..=0xfffb,   // interlinear annotation
        0xfffe..=0xffff,   // noncharacters
        0x1fffe..=0x1ffff, // noncharacters
        0xe0000..=0xe00ff, // language tag, tags, unassigned
        0x10fffe..=0x10ffff,
    ];
    for character in harmful.into_iter().flatten().filter_map(char::from_u32) {
        check(&format!("a{character}b"), "ab");
    }
}

#[test]
fn scripts_and_emoji_are_kept() {
    let texts = [
        "Zażółć gęślą jaźń",
        "e\u{301}, o\u{302}\u{323}, Z\u{351}\u{36b}a\u{343}l\u{34f}go",
        "Привет, мир — ёж",
        "Καλημέρα",
        "السَّلَامُ عَلَيْكُمْ",
        "می\u{200c}خواهم",
        "שָׁלוֹם\u{200f}!",
        "\u{200e}abc\u{200f}\u{61c}",
        "क्\u{200d}ष क्\u{200c}ष",
        "สวัสดี\u{200b}ครับ",
        "汉字\u{fe00}、漢字\u{e0100}",
        "こんにちは",
        "한국어 \u{1112}\u{1161}\u{11ab}",
        "\u{1820}\u{180b}\u{180e}",
        "👨\u{200d}👩\u{200d}👧\u{200d}👦",
        "🏳\u{fe0f}\u{200d}🌈",
        "👍🏽 ❤\u{fe0f} ☺\u{fe0e} 1\u{fe0f}\u{20e3}",
        "🇩🇪🇯🇵",
        "🏴\u{200d}☠\u{fe0f}",
        "soft\u{ad}hyphen, word\u{2060}joiner, a\u{a0}b",
        "\u{fffd}\u{fffc}\u{e000}\u{10fffd}",
    ];
    for text in texts {
        check(text, text);
    }
}

fn tags(ascii: &str) -> String {
    ascii.bytes().filter_map(|byte| char::from_u32(0xe0000 + u32::from(byte))).collect()
}

#[test]
fn tag_characters_are_kept_only_in_flags() {
    for region in ["gbeng", "gbsct", "gbwls", "usca", "jp13"] {
        let flag = format!("🏴{}\u{e007f}", tags(region));
        check(&flag, &flag);
        check(&format!("{flag}{flag} and {flag}."), &format!("{flag}{flag} and {flag}."));
    }
    let hidden = tags("hidden");
    check(&format!("a{hidden}b"), "ab");
    check(&format!("a{hidden}\u{e007f}b"), "ab");
    check(&format!("🏴{hidden}"), "🏴");
    check(&format!("🏴{}\u{e007f}", tags("a long message")), "🏴");
    check(&format!("🏴{}\u{e007f}", tags("GBENG")), "🏴");
    check("🏴\u{e007f}", "🏴");
    check(&format!("👍{}\u{e007f}", tags("gbeng")), "👍");
    check(&format!("🏴{}\u{e007f}{hidden}!", tags("gbeng")), &format!("🏴{}\u{e007f}!", tags("gbeng")));
    check(&format!("🏴\u{202e}{}\u{e007f}", tags("gbsct")), &format!("🏴{}\u{e007f}", tags("gbsct")));
}

#[test]
fn lines_have_single_spaces() {
    for (input, expected) in [
        ("", ""),
        ("  Ada \t Lovelace ", "Ada Lovelace"),
        ("Ada\r\nLovelace", "Ada Lovelace"),
        ("Ada\u{2028}\u{a0}\u{3000}Lovelace", "Ada Lovelace"),
        ("Ada\u{202e}\u{7}Lovelace", "AdaLovelace"),
        ("می\u{200c}خواهم", "می\u{200c}خواهم"),
    ] {
        assert_eq!(clean_line(input), expected, "from {input:?}");
    }
}

/// Texts in which the relevant characters are next to each other.
fn tricky_text() -> impl Strategy<Value = String> {
    "([ \\n\\r\\t\u{b}\u{85}\u{2028}\u{a0}]|[\u{0}-\u{1f}]|[\u{e0020}-\u{e007f}]|[\u{e0061}-\u{e0064}]{3,6}\u{e007f}|🏴|\u{202e}|\u{200d}|\u{301}|a){0,24}"
}

#[test]
fn hexadecimal_has_exactly_one_encoding() {
    let mut bytes = [0; 3];
    assert_eq!((decode_hex("00ff7a", &mut bytes), bytes), (Some(()), [0, 255, 0x7a]));
    for bad in ["", "00ff7", "00ff7a0", "00FF7A", "00ff7g", "+0ff7a", " 0ff7a", "00ff\u{e9}"] {
        assert_eq!(decode_hex(bad, &mut bytes), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn hexadecimal_round_trips(bytes: [u8; 9]) {
        let mut back = [0; 9];
        prop_assert_eq!(decode_hex(&encode_hex(&bytes), &mut back), Some(()));
        prop_assert_eq!(back, bytes);
    }

    #[test]
    fn cleaning_is_idempotent_and_adds_nothing(text in prop_oneof![tricky_text(), any::<String>()]) {
        let clean = clean_text(&text);
        prop_assert_eq!(&clean_text(&clean), &clean);
        prop_assert!(clean.len() <= text.len());
        let line = clean_line(&text);
        prop_assert_eq!(&clean_line(&line), &line);
        prop_assert_eq!(&clean_line(&clean), &line);
        prop_assert!(line.len() <= text.len() && !line.contains(['\n', '\t', '\r']) && !line.contains("  "));
    }

    #[test]
    fn cleaned_text_has_no_harmful_characters(text in prop_oneof![tricky_text(), any::<String>()]) {
        let clean = clean_text(&text);
        prop_assert!(!clean.contains(|it: char| it.is_control() && !matches!(it, '\n' | '\t')));
        let bidi = |it| matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        prop_assert_eq!(clean.find(bidi), None);
        prop_assert_eq!(clean.trim_end(), &clean);
        prop_assert!(clean.lines().next().is_none_or(|line| !line.trim().is_empty()));
    }
}
