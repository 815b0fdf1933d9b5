//! Reads the attack strings in `tests/attacks`. The README there describes their notation.

use std::borrow::Cow;
use std::path::Path;

/// An attack string. It need not be UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attack {
    /// File name and line of the string, such as `script:12`. The file name is the class.
    pub place: String,
    /// The string itself.
    pub bytes: Vec<u8>,
}

impl Attack {
    /// The string as text, with U+FFFD in place of invalid UTF-8.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// The class of the attack.
    pub fn class(&self) -> &str {
        self.place.split(':').next().unwrap_or_default()
    }
}

/// All strings of a folder, ordered by file name and line.
///
/// # Panics
///
/// If a file cannot be read or a line is malformed.
pub fn attacks(folder: &Path) -> Vec<Attack> {
    let files = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = files.flatten().map(|file| file.path()).collect();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "txt"));
    files.sort();
    let read = |file: &Path| {
        let class = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with("# "));
        lines
            .map(|(number, line)| {
                let place = format!("{class}:{}", number + 1);
                let bytes = unescape(line).unwrap_or_else(|| panic!("{place} is malformed: {line}"));
                Attack { place, bytes }
            })
            .collect::<Vec<_>>()
    };
    files.iter().flat_map(|file| read(file)).collect()
}

/// Resolves the escapes of a line.
fn unescape(line: &str) -> Option<Vec<u8>> {
    let (bytes, rest) = unescape_piece(line)?;
    rest.is_empty().then_some(bytes)
}

/// Unescapes up to the end of the line, or to the end of the enclosing repetition. Returns the bytes and the rest.
fn unescape_piece(mut rest: &str) -> Option<(Vec<u8>, &str)> {
    let mut bytes = Vec::new();
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let escape = rest[at + 1..].chars().next()?;
        rest = &rest[at + 1 + escape.len_utf8()..];
        match escape {
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            '0' => bytes.push(0),
            '\\' => bytes.push(b'\\'),
            'x' => {
                bytes.push(u8::from_str_radix(rest.get(..2)?, 16).ok()?);
                rest = &rest[2..];
            }
            'u' => {
                let (name, after) = rest.strip_prefix('{')?.split_once('}')?;
                let character = char::from_u32(u32::from_str_radix(name, 16).ok()?)?;
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after;
            }
            '*' => {
                let (times, after) = rest.split_once('<')?;
                let (repeated, after) = unescape_piece(after)?;
                bytes.extend(repeated.repeat(times.parse().ok()?));
                rest = after;
            }
            '>' => return Some((bytes, rest)),
            _ => return None,
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    Some((bytes, ""))
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[track_caller]
    fn check(line: &str, expected: &[u8]) {
        assert_eq!(unescape(line).as_deref(), Some(expected), "{line}");
    }

    #[test]
    fn escapes_are_resolved() {
        check("<b>", b"<b>");
        check(r"a\nb\r\t\0\\", b"a\nb\r\t\0\\");
        check(r"\xff\x5c", b"\xff\\");
        check(r"\u{202e}x", "\u{202e}x".as_bytes());
        check(r"a\*3<bc\>d", b"abcbcbcd");
        check(r"\*2<x\*2<\n\>\>", b"x\n\nx\n\n");
        check(r"\*2<<b>\>", b"<b><b>");
    }

    #[test]
    fn malformed_escapes_are_rejected() {
        for line in [r"\q", r"\", r"\x4", r"\xzz", r"\u{d800}", r"\u41", r"\*x<a\>", r"\*2a"] {
            assert_eq!(unescape(line), None, "{line}");
        }
    }
}
