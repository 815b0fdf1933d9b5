//! Keys that find duplicates of a comment.

use afterword_model::encode_hex;
use sha2::{Digest, Sha256};

use crate::normalize::{Lookalikes, is_word_character, normalize};

/// Minimum number of letters and digits for a duplicate key. Two readers may well write the same shorter text.
const MIN_KEY_CHARACTERS: usize = 40;
/// Length of a duplicate key, in bytes of SHA-256.
const DUPLICATE_KEY_BYTES: usize = 16;

/// A key that is equal for texts with the same words, to find duplicates of earlier comments. `None` for a text so
/// short that many readers would write it.
///
/// Case, fonts, punctuation, white space and invisible characters are ignored.
pub fn duplicate_key(text: &str) -> Option<String> {
    let mut hash = Sha256::new();
    let (mut count, mut buffer) = (0, [0; 4]);
    for character in normalize(text, Lookalikes::MapToLatin).filter(|&character| is_word_character(character)) {
        hash.update(character.encode_utf8(&mut buffer));
        count += 1;
    }
    (count >= MIN_KEY_CHARACTERS).then(|| encode_hex(&hash.finalize()[..DUPLICATE_KEY_BYTES]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_words_have_equal_duplicate_keys() {
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
    fn short_texts_have_no_duplicate_key() {
        for short in
            ["", "Thanks!", "First!!! First!!! First!!!", &"?".repeat(1000), "Thank you very much for this great post"]
        {
            assert_eq!(duplicate_key(short), None, "{short}");
        }
        assert!(duplicate_key(&"x".repeat(40)).is_some());
    }
}
