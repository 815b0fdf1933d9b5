//! What a comment says, without how it is drawn.

use afterword_model::encode_hex;
use sha2::{Digest, Sha256};

use crate::fold::{View, fold, is_word};

/// Letters and digits from which on a text is its author's own: below it, two readers may well say the same.
const OWN_WORDS: usize = 40;
/// Bytes of SHA-256 that tell two texts apart.
const LIKENESS: usize = 16;

/// What is the same for two texts that say the same: for finding again what was posted before. None for a text so short that many would
/// write it.
///
/// Case, type, punctuation, white space and what takes no ink do not matter.
pub fn duplicate_key(words: &str) -> Option<String> {
    let mut hash = Sha256::new();
    let (mut count, mut buffer) = (0, [0; 4]);
    for character in fold(words, View::Shapes).filter(|&character| is_word(character)) {
        hash.update(character.encode_utf8(&mut buffer));
        count += 1;
    }
    (count >= OWN_WORDS).then(|| encode_hex(&hash.finalize()[..LIKENESS]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_are_like_each_other() {
        let one = duplicate_key("Cheap pills! Visit https://spam.example/ today, and tomorrow.").unwrap();
        for same in [
            "cheap PILLS visit https spam example today and tomorrow",
            "Ch\u{200b}eap   pills!!!\n\nVisit *https*://spam.example/ today,\nand tomorrow",
            "Сhеар рills Visit https://spam.example/ today, and tomorrow",
        ] {
            assert_eq!(duplicate_key(same).as_ref(), Some(&one), "{same}");
        }
        assert_ne!(duplicate_key("Cheap pills! Visit https://spam.example/2 today, and tomorrow.").unwrap(), one);
        assert_eq!(one.len(), 32);
    }

    #[test]
    fn what_many_would_write_is_like_nothing() {
        for short in
            ["", "Thanks!", "First!!! First!!! First!!!", &"?".repeat(1000), "Thank you very much for this great post"]
        {
            assert_eq!(duplicate_key(short), None, "{short}");
        }
        assert!(duplicate_key(&"x".repeat(40)).is_some());
    }
}
