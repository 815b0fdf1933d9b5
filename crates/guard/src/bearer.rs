//! Parsers for secrets in the `Authorization` header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The token in the value of an `Authorization` header (RFC 6750, section 2.1): everything after the word `Bearer`.
pub fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The password in the value of an `Authorization` header (RFC 7617, section 2): the base64 of a name, a colon and the password.
pub fn basic_password(header: &str) -> Option<String> {
    let (scheme, credentials) = header.trim().split_once(' ')?;
    let credentials = STANDARD.decode(credentials.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (_, password) = std::str::from_utf8(&credentials).ok()?.split_once(':')?;
    Some(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_basic_authentication_follows_the_first_colon() {
        let header = |credentials: &str| format!("Basic {}", STANDARD.encode(credentials));
        for (credentials, password) in [
            ("ada:secret", Some("secret")),
            (":secret", Some("secret")),
            ("a:b:c", Some("b:c")),
            ("ada:", Some("")),
            ("ada", None),
        ] {
            assert_eq!(basic_password(&header(credentials)).as_deref(), password, "{credentials}");
        }
        for bad in ["", "Basic", "Basic ", "Basic ***", "Bearer YTpi", "YTpi", "Basic YTo=x", "Basic gDqA"] {
            assert_eq!(basic_password(bad), None, "{bad}");
        }
        assert_eq!(basic_password("basic  YTpi ").as_deref(), Some("b"));
    }
}
