//! Plural rules: the plural form of a message for a number.
//!
//! The rules are those of the Unicode CLDR (Language Plural Rules, cardinals), for whole numbers. A catalogue names its
//! rule under the key `plural`, so that a new language of a known family needs no code.

/// The CLDR category of a number under a rule.
///
/// | rule | languages, for example |
/// | --- | --- |
/// | `none` | Japanese, Chinese, Korean, Thai, Vietnamese, Indonesian |
/// | `one` | English, German, Dutch, Swedish, Greek, Turkish, Hungarian |
/// | `zero-one` | Persian, Hindi |
/// | `spanish` | Spanish, Italian, Catalan |
/// | `french` | French, Portuguese |
/// | `hebrew` | Hebrew |
/// | `east-slavic` | Russian, Ukrainian, Belarusian |
/// | `polish` | Polish |
/// | `czech` | Czech, Slovak |
/// | `arabic` | Arabic |
///
/// Under an unknown rule every number has the category `other`.
pub(crate) fn category(rule: &str, number: u32) -> &'static str {
    let (tens, hundreds) = (number % 10, number % 100);
    let few = matches!(tens, 2..=4) && !matches!(hundreds, 12..=14);
    match (rule, number) {
        ("one" | "spanish" | "hebrew" | "polish" | "czech", 1) | ("french" | "zero-one", 0 | 1) => "one",
        ("french" | "spanish", 1..) if number.is_multiple_of(1_000_000) => "many",
        ("hebrew", 2) => "two",
        ("czech", 2..=4) => "few",
        ("polish" | "east-slavic", _) if few => "few",
        ("polish", _) => "many",
        ("east-slavic", _) if tens == 1 && hundreds != 11 => "one",
        ("east-slavic", _) => "many",
        ("arabic", 0) => "zero",
        ("arabic", 1) => "one",
        ("arabic", 2) => "two",
        ("arabic", _) if matches!(hundreds, 3..=10) => "few",
        ("arabic", _) if hundreds > 10 => "many",
        _ => "other",
    }
}
