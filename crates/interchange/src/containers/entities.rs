//! References of XML and HTML, such as `&amp;`.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use quick_xml::escape::resolve_html5_entity;

/// Length of the longest name of a reference, `CounterClockwiseContourIntegral`.
const MAX_NAME_BYTES: usize = 32;

/// The text of a reference, given without `&` and `;`. Those that the file itself defines are never resolved.
pub(crate) fn resolve(name: &str) -> Option<Cow<'static, str>> {
    if let Some(number) = name.strip_prefix('#') {
        return number_to_character(number).map(|character| Cow::Owned(character.to_string()));
    }
    resolve_html5_entity(name).map(Cow::Borrowed)
}

fn number_to_character(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => u32::from_str_radix(digits, 16).ok()?,
        None if number.bytes().all(|byte| byte.is_ascii_digit()) => number.parse().ok()?,
        _ => return None,
    };
    match u8::try_from(code) {
        // HTML gives these numbers the characters of windows-1252.
        Ok(byte @ 0x80..=0x9f) => WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next(),
        _ => char::from_u32(code),
    }
}

/// Decodes all references of a text once. What is none stays.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else { return Cow::Borrowed(text) };
    let mut decoded = String::with_capacity(text.len());
    decoded.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(after) = rest.strip_prefix('&') {
        let end = after.bytes().take(MAX_NAME_BYTES).position(|byte| byte == b';');
        let reference = end.and_then(|end| Some((resolve(after.get(..end)?)?, end)));
        rest = match reference {
            Some((value, end)) => {
                decoded.push_str(&value);
                &after[end + 1..]
            }
            None => {
                decoded.push('&');
                after
            }
        };
        let next = rest.find('&').unwrap_or(rest.len());
        decoded.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_once() {
        assert_eq!(decode("A&amp;B &laquo;q&raquo; &#233;&#xE9;&#x1F600; &#146;"), "A&B «q» éé😀 ’");
        assert_eq!(decode("&amp;lt;b&amp;gt;"), "&lt;b&gt;");
        for text in ["&", "a & b", "&;", "&nothing;", "&#x110000;", "&#-1;", "&#x+1;", "&#;", "&é;", "&lol9", "x"] {
            assert_eq!(decode(text), text);
        }
    }
}
