//! The header `Authorization`, as far as it is used here.

/// What the value of an `Authorization` header bears (RFC 6750, section 2.1): all after the word `Bearer`.
pub fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
