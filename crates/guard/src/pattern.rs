//! Patterns for muted words and bans, with `*` for any characters.
//!
//! All patterns are matched at once, in one pass over the text, with the Shift-And algorithm (Baeza-Yates and Gonnet,
//! "A new approach to text searching", 1992): each character of each pattern is a bit, which tells if the text read so
//! far ends with the pattern up to that character. A bit in front of a `*` stays set. The time is the length of the
//! text times the length of the patterns divided by 64, whatever they contain: there is no backtracking.

use std::collections::BTreeMap;

use afterword_model::limits;

use crate::normalize::{Lookalikes, is_word_character, normalize};

/// Maximum length of all patterns of a list together, in characters. Matching 8 KiB of text twice against a list of
/// this length takes four milliseconds.
const MAX_LIST_CHARS: usize = 4096;
/// Delimiters of a text that is compared as a whole.
const TEXT_START: char = '\u{2}';
const TEXT_END: char = '\u{3}';

/// A list of patterns.
///
/// A text is matched twice: in the letters of its alphabets, and with lookalikes mapped to Latin letters. So `НОВОСТИ`
/// matches `новости`, and `cheap` matches `СНЕАР`.
#[derive(Clone, Debug)]
pub struct Patterns {
    sources: Vec<String>,
    letters: ShiftAnd,
    /// `None` if it would equal `letters`.
    latin: Option<ShiftAnd>,
    mode: MatchMode,
}

/// A Shift-And automaton for all patterns of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ShiftAnd {
    /// The bits at which each character occurs.
    bits_by_char: BTreeMap<char, Vec<u64>>,
    /// The bits of the first characters of patterns.
    start_bits: Vec<u64>,
    /// The bits that are followed by a `*`.
    star_bits: Vec<u64>,
    /// The bits of the last characters of patterns.
    end_bits: Vec<u64>,
    /// The number of the pattern that ends at a bit.
    pattern_by_end_bit: BTreeMap<usize, usize>,
    /// Number of bits.
    bit_count: usize,
}

/// The unit of comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MatchMode {
    /// Words anywhere in a text. `*` matches any characters of a word.
    Words,
    /// The whole text. `*` matches anything.
    WholeText,
}

/// The reason why a list was rejected, with the number of the line, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The line has no letter and no digit to match, such as `*` alone.
    #[error("line {0} has no letter and no digit")]
    Empty(usize),
    /// The line is too long.
    #[error("line {0} is longer than {max} characters", max = limits::PATTERN_CHARS)]
    TooLong(usize),
    /// The list is too long from this line on.
    #[error("from line {0} on, the list is longer than {max} characters", max = MAX_LIST_CHARS)]
    TooMany(usize),
}

impl Patterns {
    /// Parses a list with one pattern per line. A pattern matches wherever its words follow each other in a text:
    /// `cheap pills`, `viagr*`, `*casino*`, `spam.example`. Case, punctuation and the characters between words are
    /// ignored. For scripts without spaces between words, put `*` at both ends.
    ///
    /// # Errors
    ///
    /// [`PatternError`], for the first invalid line.
    pub fn parse_words(list: &str) -> Result<Self, PatternError> {
        Self::parse(list, MatchMode::Words)
    }

    /// Parses a list with one pattern per line. A pattern matches a whole text: `*@spam.example`, `Dr. Spam*`. Case is
    /// ignored.
    ///
    /// # Errors
    ///
    /// [`PatternError`], for the first invalid line.
    pub fn parse_whole(list: &str) -> Result<Self, PatternError> {
        Self::parse(list, MatchMode::WholeText)
    }

    /// The pattern whose match ends first in the text, as it was written. `None` if no pattern matches.
    pub fn find_match(&self, text: &str) -> Option<&str> {
        let letters = normalized_steps(&[text], self.mode, Lookalikes::Keep);
        let latin = normalized_steps(&[text], self.mode, Lookalikes::MapToLatin);
        let is_new = self.latin.is_some() || latin != letters;
        let by_shape =
            || is_new.then(|| self.latin.as_ref().unwrap_or(&self.letters).find(&latin, self.mode)).flatten();
        let pattern = self.letters.find(&letters, self.mode).or_else(by_shape)?;
        self.sources.get(pattern).map(String::as_str)
    }

    fn parse(list: &str, mode: MatchMode) -> Result<Self, PatternError> {
        let (mut sources, mut letters, mut latin) = (Vec::new(), ShiftAnd::default(), ShiftAnd::default());
        for (line, pattern) in (1..).zip(list.lines()).filter(|(_, pattern)| !pattern.trim().is_empty()) {
            let pattern = pattern.trim();
            if pattern.chars().count() > limits::PATTERN_CHARS {
                return Err(PatternError::TooLong(line));
            }
            let pieces: Vec<&str> = pattern.split('*').collect();
            for (automaton, lookalikes) in [(&mut letters, Lookalikes::Keep), (&mut latin, Lookalikes::MapToLatin)] {
                automaton.add(&normalized_steps(&pieces, mode, lookalikes), line, sources.len())?;
            }
            sources.push(pattern.to_owned());
        }
        let latin = (latin != letters).then_some(latin);
        Ok(Self { sources, letters, latin, mode })
    }
}

impl ShiftAnd {
    /// The number of the pattern whose match ends first in the text.
    fn find(&self, text: &[Step], mode: MatchMode) -> Option<usize> {
        let mut state = vec![0_u64; self.start_bits.len()];
        let nothing = vec![0; self.start_bits.len()];
        for step in text {
            let Step::Char(character) = step else { continue };
            let character_bits = self.bits_by_char.get(character).unwrap_or(&nothing);
            let star_bits = if mode.star_matches(*character) { &self.star_bits } else { &nothing };
            let (mut carry, mut ends) = (0, 0);
            for (at, bits) in state.iter_mut().enumerate() {
                let shifted = *bits << 1 | carry | self.start_bits[at];
                carry = *bits >> 63;
                *bits = shifted & character_bits[at] | *bits & star_bits[at];
                ends |= *bits & self.end_bits[at];
            }
            if ends != 0 {
                let (_, pattern) = self.pattern_by_end_bit.iter().find(|(last, _)| is_set(&state, **last))?;
                return Some(*pattern);
            }
        }
        None
    }

    /// Adds a pattern under its number.
    fn add(&mut self, steps: &[Step], line: usize, pattern: usize) -> Result<(), PatternError> {
        let bits = steps.iter().filter(|step| **step != Step::Star).count();
        if !steps.iter().any(|step| matches!(step, Step::Char(character) if is_word_character(*character))) {
            return Err(PatternError::Empty(line));
        }
        if self.bit_count + bits > MAX_LIST_CHARS {
            return Err(PatternError::TooMany(line));
        }
        let words = (self.bit_count + bits).div_ceil(64);
        for column in
            self.bits_by_char.values_mut().chain([&mut self.start_bits, &mut self.star_bits, &mut self.end_bits])
        {
            column.resize(words, 0);
        }
        set(&mut self.start_bits, self.bit_count);
        let mut bit = self.bit_count;
        for step in steps {
            match step {
                Step::Char(character) => {
                    set(self.bits_by_char.entry(*character).or_insert_with(|| vec![0; words]), bit);
                    bit += 1;
                }
                // Every pattern starts with a character, so there is a bit before.
                Step::Star => set(&mut self.star_bits, bit - 1),
            }
        }
        set(&mut self.end_bits, bit - 1);
        self.pattern_by_end_bit.insert(bit - 1, pattern);
        self.bit_count = bit;
        Ok(())
    }
}

impl MatchMode {
    /// Returns true if a `*` may match the character.
    const fn star_matches(self, character: char) -> bool {
        match self {
            Self::Words => character != ' ',
            Self::WholeText => character != TEXT_END,
        }
    }

    /// The delimiters around every text and pattern. They anchor a pattern at its start and end.
    const fn delimiters(self) -> (char, char) {
        match self {
            Self::Words => (' ', ' '),
            Self::WholeText => (TEXT_START, TEXT_END),
        }
    }

    fn is_separator(self, character: char) -> bool {
        match self {
            Self::Words => !is_word_character(character),
            Self::WholeText => character.is_whitespace(),
        }
    }
}

/// One step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// This character.
    Char(char),
    /// Any number of characters.
    Star,
}

/// Converts a text, or the pieces of a pattern between its stars, into steps: normalized, with delimiters, and with one
/// space for each run of separators.
pub(crate) fn normalized_steps(pieces: &[&str], mode: MatchMode, lookalikes: Lookalikes) -> Vec<Step> {
    let (begin, end) = mode.delimiters();
    let mut steps = vec![Step::Char(begin)];
    let mut push = |step| {
        let last = steps.last().copied();
        let is_separator = step == Step::Char(' ');
        if is_separator && (last == Some(step) || last == Some(Step::Char(TEXT_START))) {
            return;
        }
        if step == Step::Char(TEXT_END) && last == Some(Step::Char(' ')) {
            steps.pop();
        }
        steps.push(step);
    };
    for (number, piece) in pieces.iter().enumerate() {
        if number > 0 {
            push(Step::Star);
        }
        for character in normalize(piece, lookalikes) {
            push(Step::Char(if mode.is_separator(character) { ' ' } else { character }));
        }
    }
    push(Step::Char(end));
    steps
}

fn set(bits: &mut [u64], bit: usize) {
    if let Some(word) = bits.get_mut(bit / 64) {
        *word |= 1 << (bit % 64);
    }
}

fn is_set(bits: &[u64], bit: usize) -> bool {
    bits.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn words(pattern: &str, found: &[&str], missed: &[&str]) {
        hold(&Patterns::parse_words(pattern).unwrap(), pattern, found, missed);
    }

    #[track_caller]
    fn whole(pattern: &str, found: &[&str], missed: &[&str]) {
        hold(&Patterns::parse_whole(pattern).unwrap(), pattern, found, missed);
    }

    #[track_caller]
    fn hold(patterns: &Patterns, pattern: &str, found: &[&str], missed: &[&str]) {
        for text in found {
            assert_eq!(patterns.find_match(text), Some(pattern), "{text:?}");
        }
        for text in missed {
            assert_eq!(patterns.find_match(text), None, "{text:?}");
        }
    }

    #[test]
    fn words_match_as_whole_words() {
        words(
            "spam",
            &["spam", "SPAM!", "no (spam).", "x\nspam\ny", "\u{200b}s\u{200b}pam"],
            &["", "spams", "antispam", "s pam"],
        );
        words("Größe", &["GRÖSSE", "die größe.", "grosse"], &["grose"]);
    }

    #[test]
    fn a_star_matches_any_part_of_a_word() {
        words("viagr*", &["viagr", "Viagra", "VIAGRAAAA now", "ｖｉаgrа"], &["viag", "a viag ra", "xviagra"]);
        words("*casino*", &["casino", "onlinecasino24.example", "my casino!"], &["cas ino"]);
        words("c*t", &["ct", "cat", "caaat", "a c--t? ct"], &["c t", "cats", "at"]);
        words("a*b*c", &["abc", "axxbxxc", "abbbcbc"], &["acb", "ab c"]);
        words("**x**", &["x", "axa"], &["a a"]);
    }

    #[test]
    fn several_words_match_in_sequence() {
        words(
            "cheap pills",
            &["cheap pills", "Cheap, PILLS", "so cheap -- pills\n"],
            &["cheap blue pills", "cheappills"],
        );
        words("buy * now", &["buy it now", "BUY THIS! now"], &["buy now", "buy it right now"]);
        words("spam.example", &["https://spam.example/x", "www.spam.example"], &["spam.example2", "spamexample"]);
        words("*.spam.example", &["www.spam.example"], &["spam.example"]);
        words("don't", &["Don\u{2019}t"], &["dont"]);
    }

    #[test]
    fn stars_match_in_scripts_without_spaces() {
        words("*赌场*", &["在线赌场游戏"], &["赌"]);
        words("купить*", &["Купить дёшево", "КУПИТЬСЯ", "кyпить"], &["покупить"]);
        words("νέα", &["ΝΕΑ", "τα Νέα"], &["νεαρός"]);
    }

    #[test]
    fn common_spelling_tricks_do_not_hide_a_word() {
        words(
            "cheap pills",
            &["СНЕАР РILLS", "CΗEAP PΙLLS", "ᴄʜᴇᴀᴘ ᴘɪʟʟꜱ", "ⅽheap pıllś", "c\u{488}h\u{1ab0}eap pills"],
            &["chep pills"],
        );
        words(
            "casino",
            &["саsіпо", "CASIΝΟ", "casiηo", "ᴄᴀsɪɴᴏ", "ℂasino", "Ⓒⓐⓢⓘⓝⓞ", "сasіno!"],
            &["casin", "casinos"],
        );
        words("viagr*", &["viágra", "ᵛiagra", "ѴІАGRА", "v\u{fe20}iagra"], &["via gra"]);
        whole("Dr. Spam*", &["Dг. Spam", "Dr․ Spam", "DR． ЅPAM 2", "Dr. Ѕраm"], &["Drspam"]);
    }

    #[test]
    fn characters_that_look_blank_separate_words() {
        for blank in ['\u{2800}', '\u{3164}', '\u{115f}', '\u{1160}', '\u{ffa0}', '\u{a0}', '\u{3000}'] {
            words("cheap pills", &[&format!("cheap{blank}pills")], &[]);
            whole("Dr. Spam", &[&format!("Dr.{blank}Spam"), &format!("{blank}Dr.{blank}{blank}Spam{blank}")], &[]);
        }
    }

    #[test]
    fn letters_drawn_as_symbols_are_letters() {
        words(
            "casino",
            &["🅒🅐🅢🅘🅝🅞", "🅲🅰🆂🅸🅽🅾", "🇨\u{200b}🇦\u{200b}🇸\u{200b}🇮\u{200b}🇳\u{200b}🇴", "ᑕᗩᔕIᑎO", "c🅰sino", "𐌂𐌀sino"],
            &["🅒🅐🅢"],
        );
        words("casino", &["casino🇩🇪", "🅿casino", "casino 🅾"], &[]);
        words("*viagra*", &["🆅🅸🅰🅶🆁🅰", "ⱱiɐgra", "ꮩiagra"], &[]);
    }

    #[test]
    fn a_whole_text_is_found_as_a_whole() {
        whole("*@spam.example", &["a.b@spam.example", "X@SPAM.EXAMPLE"], &["a@spam.example.org", "a@xspam.example"]);
        whole("Bob", &["bob", " BOB "], &["bobby", "bob b"]);
        whole("dr. *", &["Dr. Spam", "dr.   who is it"], &["Dr.", "mdr. x"]);
        whole("*shop*", &["best shop ever", "Shop", "workshop"], &["sho p"]);
        whole("a.b@c.d", &["a.b@c.d"], &["a-b@c.d", "a.b@c.d.e"]);
    }

    #[test]
    fn the_first_match_is_returned() {
        let patterns = Patterns::parse_words("\n  one \n\ntwo*\n*three*\n").unwrap();
        assert_eq!(patterns.find_match("three twofold one"), Some("*three*"));
        assert_eq!(patterns.find_match("a twofold one"), Some("two*"));
        assert_eq!(Patterns::parse_words("").unwrap().find_match("anything"), None);
    }

    #[test]
    fn empty_and_oversized_patterns_are_rejected() {
        for empty in ["*", "* *", "...", "a\n*\u{301}*", "\u{200b}"] {
            assert!(matches!(Patterns::parse_words(empty), Err(PatternError::Empty(1 | 2))), "{empty}");
            assert!(matches!(Patterns::parse_whole(empty), Err(PatternError::Empty(1 | 2))), "{empty}");
        }
        assert!(Patterns::parse_words(&"a".repeat(256)).is_ok());
        assert_eq!(Patterns::parse_words(&format!("a\n{}", "*".repeat(257))).unwrap_err(), PatternError::TooLong(2));
        let many = "abcdefgh\n".repeat(500);
        assert_eq!(Patterns::parse_words(&many).unwrap_err(), PatternError::TooMany(410));
    }

    #[test]
    fn a_full_list_matches_its_last_pattern() {
        let list: String = (0..400).map(|number| format!("w{number:03}*x\n")).collect();
        let patterns = Patterns::parse_words(&list).unwrap();
        for number in [0, 9, 10, 11, 200, 399] {
            assert_eq!(patterns.find_match(&format!("so W{number:03}abcX it is")), Some(&*format!("w{number:03}*x")));
        }
        assert_eq!(patterns.find_match(&"w399w w399 xw ".repeat(600)), None);
    }

    /// The obvious algorithm, with time exponential in the number of stars.
    fn matches(pattern: &[char], text: &[char], star: &dyn Fn(char) -> bool) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, _) => text.is_empty(),
            (Some(('*', rest)), after) => {
                matches(rest, text, star) || after.is_some_and(|(&it, after)| star(it) && matches(pattern, after, star))
            }
            (Some((one, rest)), Some((it, after))) => one == it && matches(rest, after, star),
            (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn whole_text_matching_equals_the_reference(pattern in "[ab*]{0,6}[ab][ab*]{0,6}", text in "[ab]{0,10}") {
            let (steps, characters): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
            let found = Patterns::parse_whole(&pattern).unwrap().find_match(&text).is_some();
            prop_assert_eq!(found, matches(&steps, &characters, &|_| true));
        }

        #[test]
        fn word_matching_equals_the_reference(pattern in "[ab*]{0,6}[ab][ab*]{0,6}", text in "[ab ]{0,14}") {
            let steps: Vec<_> = pattern.chars().collect();
            let by_word = text.split(' ').any(|word| matches(&steps, &word.chars().collect::<Vec<_>>(), &|_| true));
            // Checks the same pattern after others, so that bits carry from one word of the automaton into the next.
            let list = format!("{}{pattern}\n", "other*pattern\n".repeat(20));
            prop_assert_eq!(Patterns::parse_words(&list).unwrap().find_match(&text).is_some(), by_word);
        }

        #[test]
        fn no_list_or_text_panics(list in "\\PC{0,200}", text in "\\PC{0,200}") {
            for patterns in [Patterns::parse_words(&list), Patterns::parse_whole(&list)].into_iter().flatten() {
                patterns.find_match(&text);
            }
        }
    }
}
