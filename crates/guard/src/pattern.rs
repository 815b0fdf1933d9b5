//! Words and names that a moderator does not want to see, with `*` for any characters.
//!
//! All patterns are tried at once, in one pass over the text: each character of each pattern is a bit, which says whether the text read
//! so far ends in the pattern up to there (Baeza-Yates and Gonnet, "A new approach to text searching", 1992, with a bit that stays for a
//! `*`). So the time is the length of the text times that of the patterns over 64, whatever either holds: there is nothing to backtrack.

use std::collections::BTreeMap;

use crate::fold::{View, fold, is_word};

/// Characters of all patterns of a list together: as many as 8 KiB of text can be held against twice in four milliseconds.
const LIST: usize = 4096;
/// Characters of one pattern.
const PATTERN: usize = 128;
/// Stand for the ends of a text that is compared as a whole.
const BEGIN: char = '\u{2}';
const END: char = '\u{3}';

/// A list of patterns.
///
/// It is held against a text twice: as letters of their alphabets, and as the Latin letters that they look like. So `НОВОСТИ` is found in
/// `новости`, and `cheap` in `СНЕАР`.
#[derive(Clone, Debug)]
pub struct Patterns {
    texts: Vec<String>,
    letters: Machine,
    /// None where it would be the same.
    shapes: Option<Machine>,
    kind: Kind,
}

/// All patterns of a list, in one view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Machine {
    /// For each character the bits where it goes on.
    bits: BTreeMap<char, Vec<u64>>,
    /// The bits with which patterns begin.
    firsts: Vec<u64>,
    /// The bits behind which a `*` stands.
    loops: Vec<u64>,
    /// The bits with which patterns end.
    ends: Vec<u64>,
    /// Whose they are.
    lasts: BTreeMap<usize, usize>,
    /// Bits there are.
    size: usize,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Words anywhere in a text: `*` stands for any characters of a word.
    Words,
    /// The text as a whole: `*` stands for anything.
    Whole,
}

/// Why a list is none; carries the number of the line, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// The line holds nothing that could be looked for, such as `*` alone.
    Empty(usize),
    /// The line is too long.
    TooLong(usize),
    /// The list is too long from this line on.
    TooMany(usize),
}

impl std::fmt::Display for PatternError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty(line) => write!(f, "line {line} holds no letter and no digit"),
            Self::TooLong(line) => write!(f, "line {line} is longer than {PATTERN} characters"),
            Self::TooMany(line) => write!(f, "from line {line} on, the list is longer than {LIST} characters"),
        }
    }
}

impl std::error::Error for PatternError {}

impl Patterns {
    /// One pattern a line, each found wherever its words stand one after the other in a text: `cheap pills`, `viagr*`, `*casino*`,
    /// `spam.example`. Case, punctuation and what is between words do not matter. In scripts that do not part
    /// words, write `*` at both ends.
    ///
    /// # Errors
    ///
    /// [`PatternError`], for the first line at fault.
    pub fn parse_words(list: &str) -> Result<Self, PatternError> {
        Self::parse(list, Kind::Words)
    }

    /// One pattern a line, each for a text as a whole: `*@spam.example`, `Dr. Spam*`. Case does not matter.
    ///
    /// # Errors
    ///
    /// [`PatternError`], for the first line at fault.
    pub fn parse_whole(list: &str) -> Result<Self, PatternError> {
        Self::parse(list, Kind::Whole)
    }

    /// The first pattern that the text completes, as it was written; none if there is none.
    pub fn find_match(&self, text: &str) -> Option<&str> {
        let letters = steps(&[text], self.kind, View::Letters);
        let shapes = steps(&[text], self.kind, View::Shapes);
        let is_new = self.shapes.is_some() || shapes != letters;
        let by_shape =
            || is_new.then(|| self.shapes.as_ref().unwrap_or(&self.letters).find(&shapes, self.kind)).flatten();
        let pattern = self.letters.find(&letters, self.kind).or_else(by_shape)?;
        self.texts.get(pattern).map(String::as_str)
    }

    fn parse(list: &str, kind: Kind) -> Result<Self, PatternError> {
        let (mut texts, mut letters, mut shapes) = (Vec::new(), Machine::default(), Machine::default());
        for (line, pattern) in (1..).zip(list.lines()).filter(|(_, pattern)| !pattern.trim().is_empty()) {
            let pattern = pattern.trim();
            if pattern.chars().count() > PATTERN {
                return Err(PatternError::TooLong(line));
            }
            let pieces: Vec<&str> = pattern.split('*').collect();
            for (machine, view) in [(&mut letters, View::Letters), (&mut shapes, View::Shapes)] {
                machine.add(&steps(&pieces, kind, view), line, texts.len())?;
            }
            texts.push(pattern.to_owned());
        }
        let shapes = (shapes != letters).then_some(shapes);
        Ok(Self { texts, letters, shapes, kind })
    }
}

impl Machine {
    /// The number of the first pattern that the text completes.
    fn find(&self, text: &[Step], kind: Kind) -> Option<usize> {
        let mut state = vec![0_u64; self.firsts.len()];
        let nothing = vec![0; self.firsts.len()];
        for step in text {
            let Step::One(character) = step else { continue };
            let goes_on = self.bits.get(character).unwrap_or(&nothing);
            let loops = if kind.stays(*character) { &self.loops } else { &nothing };
            let (mut carry, mut ends) = (0, 0);
            for (at, bits) in state.iter_mut().enumerate() {
                let moved = *bits << 1 | carry | self.firsts[at];
                carry = *bits >> 63;
                *bits = moved & goes_on[at] | *bits & loops[at];
                ends |= *bits & self.ends[at];
            }
            if ends != 0 {
                let (_, pattern) = self.lasts.iter().find(|(last, _)| is_set(&state, **last))?;
                return Some(*pattern);
            }
        }
        None
    }

    /// Adds the pattern of this number.
    fn add(&mut self, steps: &[Step], line: usize, pattern: usize) -> Result<(), PatternError> {
        let bits = steps.iter().filter(|step| **step != Step::Any).count();
        if !steps.iter().any(|step| matches!(step, Step::One(character) if is_word(*character))) {
            return Err(PatternError::Empty(line));
        }
        if self.size + bits > LIST {
            return Err(PatternError::TooMany(line));
        }
        let words = (self.size + bits).div_ceil(64);
        for column in self.bits.values_mut().chain([&mut self.firsts, &mut self.loops, &mut self.ends]) {
            column.resize(words, 0);
        }
        set(&mut self.firsts, self.size);
        let mut bit = self.size;
        for step in steps {
            match step {
                Step::One(character) => {
                    set(self.bits.entry(*character).or_insert_with(|| vec![0; words]), bit);
                    bit += 1;
                }
                // Every pattern begins with a character, so there is one before.
                Step::Any => set(&mut self.loops, bit - 1),
            }
        }
        set(&mut self.ends, bit - 1);
        self.lasts.insert(bit - 1, pattern);
        self.size = bit;
        Ok(())
    }
}

impl Kind {
    /// Whether a `*` may stand for the character.
    const fn stays(self, character: char) -> bool {
        match self {
            Self::Words => character != ' ',
            Self::Whole => character != END,
        }
    }

    /// What a text is put between, so that a pattern knows where it may begin and end.
    const fn ends(self) -> (char, char) {
        match self {
            Self::Words => (' ', ' '),
            Self::Whole => (BEGIN, END),
        }
    }

    fn parts(self, character: char) -> bool {
        match self {
            Self::Words => !is_word(character),
            Self::Whole => character.is_whitespace(),
        }
    }
}

/// One step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// This character.
    One(char),
    /// Any characters, or none.
    Any,
}

/// A text, or a pattern in the pieces between its stars, as it is compared: folded, between its ends, and with one space wherever
/// something parts it.
fn steps(pieces: &[&str], kind: Kind, view: View) -> Vec<Step> {
    let (begin, end) = kind.ends();
    let mut steps = vec![Step::One(begin)];
    let mut push = |step| {
        let last = steps.last().copied();
        let parts = step == Step::One(' ');
        if parts && (last == Some(step) || last == Some(Step::One(BEGIN))) {
            return;
        }
        if step == Step::One(END) && last == Some(Step::One(' ')) {
            steps.pop();
        }
        steps.push(step);
    };
    for (number, piece) in pieces.iter().enumerate() {
        if number > 0 {
            push(Step::Any);
        }
        for character in fold(piece, view) {
            push(Step::One(if kind.parts(character) { ' ' } else { character }));
        }
    }
    push(Step::One(end));
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
    fn a_word_is_found_as_a_word() {
        words(
            "spam",
            &["spam", "SPAM!", "no (spam).", "x\nspam\ny", "\u{200b}s\u{200b}pam"],
            &["", "spams", "antispam", "s pam"],
        );
        words("Größe", &["GRÖSSE", "die größe.", "grosse"], &["grose"]);
    }

    #[test]
    fn a_star_is_any_part_of_a_word() {
        words("viagr*", &["viagr", "Viagra", "VIAGRAAAA now", "ｖｉаgrа"], &["viag", "a viag ra", "xviagra"]);
        words("*casino*", &["casino", "onlinecasino24.example", "my casino!"], &["cas ino"]);
        words("c*t", &["ct", "cat", "caaat", "a c--t? ct"], &["c t", "cats", "at"]);
        words("a*b*c", &["abc", "axxbxxc", "abbbcbc"], &["acb", "ab c"]);
        words("**x**", &["x", "axa"], &["a a"]);
    }

    #[test]
    fn words_follow_one_another() {
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
    fn scripts_without_spaces_take_stars() {
        words("*赌场*", &["在线赌场游戏"], &["赌"]);
        words("купить*", &["Купить дёшево", "КУПИТЬСЯ", "кyпить"], &["покупить"]);
        words("νέα", &["ΝΕΑ", "τα Νέα"], &["νεαρός"]);
    }

    #[test]
    fn no_spelling_hides_a_word() {
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
    fn a_whole_text_is_found_as_a_whole() {
        whole("*@spam.example", &["a.b@spam.example", "X@SPAM.EXAMPLE"], &["a@spam.example.org", "a@xspam.example"]);
        whole("Bob", &["bob", " BOB "], &["bobby", "bob b"]);
        whole("dr. *", &["Dr. Spam", "dr.   who is it"], &["Dr.", "mdr. x"]);
        whole("*shop*", &["best shop ever", "Shop", "workshop"], &["sho p"]);
        whole("a.b@c.d", &["a.b@c.d"], &["a-b@c.d", "a.b@c.d.e"]);
    }

    #[test]
    fn the_first_pattern_found_is_named() {
        let patterns = Patterns::parse_words("\n  one \n\ntwo*\n*three*\n").unwrap();
        assert_eq!(patterns.find_match("three twofold one"), Some("*three*"));
        assert_eq!(patterns.find_match("a twofold one"), Some("two*"));
        assert_eq!(Patterns::parse_words("").unwrap().find_match("anything"), None);
    }

    #[test]
    fn what_would_find_everything_or_cost_much_is_refused() {
        for empty in ["*", "* *", "...", "a\n*\u{301}*", "\u{200b}"] {
            assert!(matches!(Patterns::parse_words(empty), Err(PatternError::Empty(1 | 2))), "{empty}");
            assert!(matches!(Patterns::parse_whole(empty), Err(PatternError::Empty(1 | 2))), "{empty}");
        }
        assert!(Patterns::parse_words(&"a".repeat(128)).is_ok());
        assert_eq!(Patterns::parse_words(&format!("a\n{}", "*".repeat(129))).unwrap_err(), PatternError::TooLong(2));
        let many = "abcdefgh\n".repeat(500);
        assert_eq!(Patterns::parse_words(&many).unwrap_err(), PatternError::TooMany(410));
    }

    #[test]
    fn a_full_list_finds_its_last_pattern() {
        let list: String = (0..400).map(|number| format!("w{number:03}*x\n")).collect();
        let patterns = Patterns::parse_words(&list).unwrap();
        for number in [0, 9, 10, 11, 200, 399] {
            assert_eq!(patterns.find_match(&format!("so W{number:03}abcX it is")), Some(&*format!("w{number:03}*x")));
        }
        assert_eq!(patterns.find_match(&"w399w w399 xw ".repeat(600)), None);
    }

    /// The obvious way, exponential in the stars.
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
        fn a_whole_text_matches_as_the_obvious_way_says(pattern in "[ab*]{0,6}[ab][ab*]{0,6}", text in "[ab]{0,10}") {
            let (steps, characters): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
            let found = Patterns::parse_whole(&pattern).unwrap().find_match(&text).is_some();
            prop_assert_eq!(found, matches(&steps, &characters, &|_| true));
        }

        #[test]
        fn a_word_matches_as_the_obvious_way_says(pattern in "[ab*]{0,6}[ab][ab*]{0,6}", text in "[ab ]{0,14}") {
            let steps: Vec<_> = pattern.chars().collect();
            let by_word = text.split(' ').any(|word| matches(&steps, &word.chars().collect::<Vec<_>>(), &|_| true));
            // The same next to others, so that bits move from one word of the machine to the next.
            let list = format!("{}{pattern}\n", "other*pattern\n".repeat(20));
            prop_assert_eq!(Patterns::parse_words(&list).unwrap().find_match(&text).is_some(), by_word);
        }

        #[test]
        fn no_list_and_no_text_is_too_much(list in "\\PC{0,200}", text in "\\PC{0,200}") {
            for patterns in [Patterns::parse_words(&list), Patterns::parse_whole(&list)].into_iter().flatten() {
                patterns.find_match(&text);
            }
        }
    }
}
