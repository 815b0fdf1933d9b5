//! Values with small faults that programs make.

use crate::problem::ProblemKind;
use serde_json::Value;

/// Reads a value. One with a byte that is no UTF-8, an escape that JSON does not know or half of a surrogate pair loses only this.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, ProblemKind> {
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Ok(value);
    }
    let repaired = repair(&String::from_utf8_lossy(bytes));
    serde_json::from_str(&repaired).map_err(|_| ProblemKind::BadField)
}

fn repair(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (escape, length) = escape(rest);
        out.push_str(&escape);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// A valid escape for the one at the start of the text, and the length of that.
fn escape(text: &str) -> (String, usize) {
    let Some(next) = text[1..].chars().next() else { return (String::new(), 1) };
    let whole = |length: usize| (text[..length].to_owned(), length);
    match next {
        '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => whole(2),
        'u' => match hex_escape(text) {
            Some(0xd800..=0xdbff) if matches!(text.get(6..).and_then(hex_escape), Some(0xdc00..=0xdfff)) => whole(12),
            Some(0xd800..=0xdfff) => ("\\ufffd".to_owned(), 6),
            Some(_) => whole(6),
            None => ("\\ufffd".to_owned(), 2),
        },
        other => (other.to_string(), 1 + other.len_utf8()),
    }
}

fn hex_escape(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}
