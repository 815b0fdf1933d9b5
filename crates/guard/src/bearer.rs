//! Parser for bearer tokens in the `Authorization` header.

/// The token in the value of an `Authorization` header (RFC 6750, section 2.1): everything after the word `Bearer`.
pub fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
