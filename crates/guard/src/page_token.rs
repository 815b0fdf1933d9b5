//! Tokens with which a moderator decides on a page of the blog, where the session's cookie is not sent.
//!
//! `/admin` hands such a token to the page. It is bound to the origin of that page and to the session, ends with the session, and expires soon:
//! every script of the blog can read it.

use afterword_model::{Origin, decode_hex, encode_hex};
use sha2::{Digest, Sha256};

use crate::signed_text::{Fields, sign, verify};
use crate::signing::SigningKey;

/// Lifetime of a token, in seconds: one hour.
pub const PAGE_TOKEN_SECONDS: i64 = 3600;

const PURPOSE: &str = "page token v1";
const FIELD_BYTES: usize = 8 + 16;
/// Maximum length of a token: that of a session, and the fields of this one.
const MAX_BYTES: usize = 512;

/// Issues a token for the pages of an origin. `session` is the token of the session.
pub fn issue_page_token(session: &str, page: &Origin, now: i64, key: &SigningKey) -> String {
    let mut bytes = now.saturating_add(PAGE_TOKEN_SECONDS).to_be_bytes().to_vec();
    bytes.extend(hash(page));
    sign(PURPOSE, &format!("{session}.{}", encode_hex(&bytes)), key)
}

/// Returns the token of the session of a page's token, for `Session::verify`. `None` if the page's token is invalid, expired, or for pages
/// of another origin.
pub fn session_of_page_token<'a>(token: &'a str, page: &Origin, now: i64, key: &SigningKey) -> Option<&'a str> {
    let fields = verify(PURPOSE, token, MAX_BYTES, key)?;
    let (session, hex) = fields.rsplit_once('.')?;
    let mut bytes = [0; FIELD_BYTES];
    decode_hex(hex, &mut bytes)?;
    let mut fields = Fields(&bytes);
    let is_valid = now < i64::from_be_bytes(fields.take()) && fields.take() == hash(page);
    is_valid.then_some(session)
}

/// The exact origin, with its scheme: a page of `http://blog.example` may have been changed on its way.
fn hash(page: &Origin) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&Sha256::digest(page.as_str())[..16]);
    hash
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::moderators::Moderators;
    use crate::session::{Session, SessionError};

    const NOW: i64 = 1_321_000_000;

    fn key() -> SigningKey {
        SigningKey::parse(&"k".repeat(32)).unwrap()
    }

    fn origin(text: &str) -> Origin {
        Origin::parse(text).unwrap()
    }

    fn moderators() -> Moderators {
        Moderators::parse(&format!("ada:{}", "1".repeat(32))).unwrap()
    }

    fn session_token() -> String {
        Session::new(moderators().find("ada").unwrap(), [7; 16], 0, NOW).token(&moderators(), &key()).unwrap()
    }

    #[test]
    fn a_token_is_valid_for_an_hour_on_pages_of_its_origin() {
        let blog = origin("https://blog.example");
        let token = issue_page_token(&session_token(), &blog, NOW, &key());
        let session = |page: &Origin, now| session_of_page_token(&token, page, now, &key()).map(str::to_owned);
        assert_eq!(session(&blog, NOW), Some(session_token()));
        assert_eq!(session(&blog, NOW + PAGE_TOKEN_SECONDS - 1), Some(session_token()));
        assert_eq!(session(&blog, NOW + PAGE_TOKEN_SECONDS), None);
        for other in ["http://blog.example", "https://blog.example:8443", "https://other.example"] {
            assert_eq!(session(&origin(other), NOW), None, "{other}");
        }
    }

    #[test]
    fn neither_token_stands_for_the_other() {
        let blog = origin("https://blog.example");
        let token = issue_page_token(&session_token(), &blog, NOW, &key());
        assert_eq!(Session::verify(&token, NOW, &moderators(), &key()), Err(SessionError::Invalid));
        assert_eq!(session_of_page_token(&session_token(), &blog, NOW, &key()), None);
    }

    proptest! {
        #[test]
        fn no_other_text_is_a_token(text in ".{0,600}", at in 0..400usize, byte in any::<u8>()) {
            let blog = origin("https://blog.example");
            let token = issue_page_token(&session_token(), &blog, NOW, &key());
            prop_assert_eq!(session_of_page_token(&text, &blog, NOW, &key()), None);
            let mut changed = token.clone().into_bytes();
            let at = at % changed.len();
            changed[at] = byte;
            let changed = String::from_utf8_lossy(&changed).into_owned();
            prop_assert_eq!(session_of_page_token(&changed, &blog, NOW, &key()).is_some(), changed == token);
        }
    }
}
