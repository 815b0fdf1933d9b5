//! Forms of hosts, author keys and names of moderators.

use crate::limits;

/// Returns true for a host as the URL standard serializes it: non-empty labels of letters, digits, `-` and `_`, or an
/// IP address, also in brackets. At most 253 bytes (RFC 1035, section 2.3.4, without the length bytes and the root).
///
/// The URL standard permits characters in hosts that no host on the Internet has (commas, quotes, asterisks).
pub fn is_host(host: &str) -> bool {
    const MAX_BYTES: usize = 253;
    host.len() <= MAX_BYTES
        && (host.starts_with('[') || host.split('.').all(|label| !label.is_empty() && is_word(label)))
}

/// Returns true for 128 bits or more in base64url or hexadecimal.
pub fn is_author_key(key: &str) -> bool {
    limits::AUTHOR_KEY_CHARS.contains(&key.len()) && is_word(key)
}

/// Returns true for a moderator's name: 1 to [`limits::MODERATOR_NAME_BYTES`] letters, digits, `_`, `.` and `-`.
pub fn is_moderator_name(name: &str) -> bool {
    (1..=limits::MODERATOR_NAME_BYTES).contains(&name.len()) && name.split('.').all(is_word)
}

/// Returns true if the text has only letters, digits, `-` and `_`.
fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
