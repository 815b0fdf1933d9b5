//! Encodings of text.

use std::borrow::Cow;
use std::io::{self, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

/// A reader that turns a text of any encoding into UTF-8. What its first bytes do not say is UTF-8, and is passed on as it is, so that
/// [`text`] can decode each field.
pub(crate) enum Utf8Reader<R> {
    /// UTF-8.
    Plain(R),
    /// Another encoding.
    Decoded(Box<DecodeReaderBytes<R, Vec<u8>>>),
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(buffer),
            Self::Decoded(reader) => reader.read(buffer),
        }
    }
}

/// Reads a file as UTF-8. `head` is its beginning.
pub(crate) fn utf8_reader<R: Read>(head: &[u8], reader: R) -> Utf8Reader<R> {
    let encoding = other_encoding(head);
    if encoding.is_none() && Encoding::for_bom(head).is_none() {
        return Utf8Reader::Plain(reader);
    }
    let mut builder = DecodeReaderBytesBuilder::new();
    builder.encoding(encoding).bom_override(true).utf8_passthru(true).strip_bom(true);
    Utf8Reader::Decoded(Box::new(builder.build(reader)))
}

/// The beginning of a file as text, for recognition.
pub(crate) fn head_text(head: &[u8]) -> Cow<'_, str> {
    let encoding = Encoding::for_bom(head).map(|(encoding, _)| encoding).or_else(|| other_encoding(head));
    match encoding {
        Some(encoding) => encoding.decode(head).0,
        None => String::from_utf8_lossy(head),
    }
}

/// The encoding of a file, if it is another one than UTF-8 and has no byte order mark.
fn other_encoding(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [b'<' | b'{' | b'[', 0, ..] => return Some(UTF_16LE),
        [0, b'<' | b'{' | b'[', ..] => return Some(UTF_16BE),
        _ => {}
    }
    let encoding = declared_encoding(head).filter(|encoding| *encoding != UTF_8)?;
    // Programs write UTF-8 below the declaration of another encoding. Text of several bytes is valid UTF-8 by chance only if it is short.
    (head.is_ascii() || !is_utf8_prefix(head)).then_some(encoding)
}

/// Returns true if the bytes are the beginning of a text in UTF-8.
fn is_utf8_prefix(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).err().is_none_or(|error| error.error_len().is_none())
}

/// The encoding that an XML declaration names. One of 16 bits cannot be true, because the declaration itself could be read.
fn declared_encoding(head: &[u8]) -> Option<&'static Encoding> {
    let end = head.iter().take(512).position(|byte| *byte == b'>')?;
    let declaration = head[..end].trim_ascii_start().strip_prefix(b"<?xml")?;
    let at = declaration.windows(8).position(|word| word == b"encoding")? + 8;
    let value = declaration[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let label = value.split(|byte| byte == quote).next()?;
    Encoding::for_label(label).filter(|encoding| encoding.is_ascii_compatible())
}

/// Decodes a part of a field. What is no UTF-8 is windows-1252, of which Latin-1 is a part.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Decodes a text whose bytes of UTF-8 were taken for windows-1252 and encoded again, such as `Ã©` for `é`.
///
/// Returns a text only if there is no doubt: every character stands for a byte, and all bytes together are UTF-8. A person who writes about such
/// a text has other letters around it, and one who writes in a language with `Ã` does not put a symbol behind each of them.
pub(crate) fn repair_double_encoding(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let is_lead = |character: char| matches!(character, '\u{c2}'..='\u{f4}');
    if !text.contains(is_lead) {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(windows_1252_byte).collect();
    String::from_utf8(bytes?).ok().filter(|repaired| repaired.len() < text.len())
}

/// The byte of a character in windows-1252, with the C1 controls at the five places that it leaves free.
fn windows_1252_byte(character: char) -> Option<u8> {
    if let Ok(byte) = u8::try_from(u32::from(character))
        && (!(0x80..0xa0).contains(&byte) || matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d))
    {
        return Some(byte);
    }
    let mut utf8 = [0; 4];
    let (encoded, _, has_errors) = WINDOWS_1252.encode(character.encode_utf8(&mut utf8));
    match (*encoded).first() {
        Some(byte) if !has_errors && encoded.len() == 1 => Some(*byte),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> String {
        let mut utf8 = Vec::new();
        utf8_reader(bytes, bytes).read_to_end(&mut utf8).unwrap();
        assert_eq!(head_text(bytes).trim_start_matches('\u{feff}'), text(&utf8), "the head is read in the same way");
        text(&utf8).into_owned()
    }

    fn utf16(text: &str, little_endian: bool) -> Vec<u8> {
        let bytes = |unit: u16| if little_endian { unit.to_le_bytes() } else { unit.to_be_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn encodings_are_recognized_with_and_without_a_mark() {
        for text in ["<a>é字😀</a>", "{\"é\":1}", "[\"字\"]"] {
            for little_endian in [true, false] {
                assert_eq!(decoded(&utf16(text, little_endian)), text);
                assert_eq!(decoded(&utf16(&format!("\u{feff}{text}"), little_endian)), text);
            }
            assert_eq!(decoded(text.as_bytes()), text);
            assert_eq!(decoded(format!("\u{feff}{text}").as_bytes()), text);
        }
    }

    #[test]
    fn declared_encodings_count_unless_the_text_is_utf8() {
        let declared =
            |label: &str, body: &[u8]| [b"<?xml version='1.0' encoding='", label.as_bytes(), b"'?><a>", body].concat();
        assert!(decoded(&declared("ISO-8859-1", b"caf\xe9 \x93q\x94")).ends_with("café “q”"));
        assert!(decoded(&declared("windows-1251", b"\xcf\xf0\xe8")).ends_with("При"));
        assert!(decoded(&declared("ISO-8859-1", "café".as_bytes())).ends_with("café"));
        assert!(decoded(&declared("UTF-16", "café".as_bytes())).ends_with("café"));
        assert!(decoded(&declared("no-such", "café".as_bytes())).ends_with("café"));
    }

    #[test]
    fn a_field_that_is_no_utf8_is_windows_1252() {
        assert_eq!(text(b"caf\xe9 \x80"), "café €");
        assert_eq!(text("café".as_bytes()), "café");
    }

    #[test]
    fn double_encoding_is_repaired_only_where_all_of_it_is() {
        let repaired = |text: &str| repair_double_encoding(text);
        assert_eq!(repaired("cafÃ© â€œqâ€\u{9d} naÃ¯ve").as_deref(), Some("café “q” naïve"));
        assert_eq!(repaired("ÐŸÑ€Ð¸").as_deref(), Some("При"));
        for text in ["café", "São Paulo", "Â", "ÃO", "Ã© 字", "Ã© é", "plain", "Größe: 5 Â° é"] {
            assert_eq!(repaired(text), None, "{text}");
        }
    }
}
