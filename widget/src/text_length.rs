//! The length of a comment's text, as the Worker counts it.

use afterword_model::limits::TEXT_BYTES;

/// Number of characters by which a text is too long. The Worker trims the end of a text, and counts bytes.
pub(crate) fn excess(text: &str) -> u32 {
    let text = text.trim_ascii_end();
    // A character that begins before the limit and ends behind it has to go as well.
    let limit = (0..=TEXT_BYTES.min(text.len())).rev().find(|&index| text.is_char_boundary(index));
    count_characters(&text.as_bytes()[limit.unwrap_or_default()..])
}

/// Bytes of free room below which the form shows how much is left: a tenth of the whole.
const SCARCE_BYTES: usize = TEXT_BYTES / 10;

/// Number of further characters for which a text has room if they are like those before. `None` while there is much room, and if the text
/// is too long.
pub(crate) fn room(text: &str) -> Option<u32> {
    let free = TEXT_BYTES.checked_sub(text.len())?;
    (free < SCARCE_BYTES).then(|| free as u32 * count_characters(text.as_bytes()) / text.len() as u32)
}

/// Number of characters, which is that of the bytes that begin one. Decoding them takes more code.
fn count_characters(text: &[u8]) -> u32 {
    text.iter().filter(|&byte| byte & 0xc0 != 0x80).count() as u32
}

#[cfg(test)]
mod tests {
    use super::{SCARCE_BYTES, TEXT_BYTES, excess, room};

    #[test]
    fn room_is_counted_in_characters_of_the_text() {
        assert_eq!(room(""), None);
        assert_eq!(room(&"a".repeat(TEXT_BYTES - SCARCE_BYTES)), None);
        assert_eq!(room(&"a".repeat(TEXT_BYTES - 800)), Some(800));
        assert_eq!(room(&"字".repeat((TEXT_BYTES - 600) / 3)), Some(200));
        assert_eq!(room(&"a".repeat(TEXT_BYTES)), Some(0));
        assert_eq!(room(&"a".repeat(TEXT_BYTES + 1)), None);
    }

    #[test]
    fn text_is_too_long_by_the_characters_beyond_the_limit() {
        assert_eq!(excess(""), 0);
        assert_eq!(excess(&"a".repeat(TEXT_BYTES)), 0);
        assert_eq!(excess(&"a".repeat(9_000)), 9_000 - 8_192);
        assert_eq!(excess(&"字".repeat(3_000)), 3_000 - 2_730);
        assert_eq!(excess(&format!("{}🙂", "a".repeat(TEXT_BYTES - 1))), 1);
        assert_eq!(excess(&format!("{}{}", "a".repeat(TEXT_BYTES), " \n".repeat(500))), 0);
    }
}
