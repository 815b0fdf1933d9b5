//! Scans of whole texts. They compare many bytes at once, which a search with an end at each byte does not.

/// Number of bytes between two places where a scan may end.
const CHUNK_BYTES: usize = 256;

/// Returns true if a byte matches. `matches` should join comparisons by `|`, and not by `||` or `matches!`, which become a table.
pub(crate) fn has_byte(text: &[u8], matches: impl Fn(u8) -> bool) -> bool {
    text.chunks(CHUNK_BYTES).any(|chunk| chunk.iter().fold(false, |any, byte| any | matches(*byte)))
}

/// Returns true if a space follows a space.
pub(crate) fn has_double_space(text: &[u8]) -> bool {
    let pairs = text.iter().zip(text.get(1..).unwrap_or_default());
    pairs.fold(false, |any, (first, second)| any | ((*first == b' ') & (*second == b' ')))
}

/// Returns true for a byte from `first` to `last`.
pub(crate) const fn is_within(byte: u8, first: u8, last: u8) -> bool {
    byte.wrapping_sub(first) <= last - first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_anywhere() {
        let mut text = vec![b'a'; 1000];
        assert!(!has_byte(&text, |byte| byte == b'b') && !has_double_space(&text));
        for at in [0, 1, 255, 256, 998] {
            text[at..at + 2].copy_from_slice(b"  ");
            assert!(has_byte(&text, |byte| byte == b' ') && has_double_space(&text), "{at}");
            text[at] = b'a';
            assert!(has_byte(&text, |byte| byte == b' ') && !has_double_space(&text), "{at}");
            text[at + 1] = b'a';
        }
        assert!(!has_double_space(b"") && !has_double_space(b" "));
        assert!(is_within(b'b', b'a', b'b') && !is_within(b'c', b'a', b'b') && !is_within(b'A', b'a', b'b'));
    }
}
