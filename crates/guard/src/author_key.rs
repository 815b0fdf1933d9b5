//! The author key, which identifies a returning reader without an account.

use afterword_model::{AuthorId, Origin, SubmissionId, encode_hex, is_author_key};

use crate::bearer::bearer_token;
use crate::signing::SigningKey;

/// The alphabet of marks: 32 characters that are hard to confuse.
const MARK_ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Characters in a mark: 30 bits, so that two authors of one blog rarely share a mark.
const MARK_LENGTH: usize = 6;

/// Bytes of the key of a form.
const FORM_KEY_BYTES: usize = 16;
/// Minimum length of the id of a form that cannot be guessed: a UUID, or the digits of a random number of the loader. Ids that the Worker makes
/// from the time are shorter.
const MIN_FORM_ID_LENGTH: usize = 16;

/// The random secret that a browser generated for one site. It is sent in the `Authorization` header of writes and
/// never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorKey(String);

/// Never prints the secret.
impl std::fmt::Debug for AuthorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthorKey(…)")
    }
}

impl AuthorKey {
    /// Parses the value of an `Authorization` header: `Bearer` and 22 to 64 characters of base64url or hexadecimal.
    pub fn from_authorization(header: &str) -> Option<Self> {
        let key = bearer_token(header)?;
        is_author_key(key).then(|| Self(key.to_owned()))
    }

    /// The key of a comment that a plain form sends, whose reader has no browser storage for a key. The same form with the same content has the
    /// same key, so that a repeat is recognized; nobody without the id of the form can make it.
    ///
    /// `None` for a form whose id can be guessed: one that was rendered for everybody has none of its own.
    pub fn of_form(form_id: &str, submission: SubmissionId, signing_key: &SigningKey) -> Option<Self> {
        if form_id.len() < MIN_FORM_ID_LENGTH {
            return None;
        }
        let mac = signing_key.mac(&["author of a form", form_id, &submission.to_string()]);
        Some(Self(encode_hex(&mac[..FORM_KEY_BYTES])))
    }

    /// Parses the token of a link with which an author changes a comment.
    pub fn from_token(token: &str) -> Option<Self> {
        is_author_key(token).then(|| Self(token.to_owned()))
    }

    /// The token of a link with which the author changes a comment. It is the key itself, and as secret.
    pub fn token(&self) -> &str {
        &self.0
    }

    /// The keyed pseudonym of this key on `site`.
    pub fn author_id(&self, site: &Origin, signing_key: &SigningKey) -> AuthorId {
        let hash = encode_hex(&signing_key.mac(&["author", site.authority(), &self.0]));
        // The mark has its own MAC, so that it reveals nothing about the hash.
        let digest = signing_key.mac(&["mark", &hash]);
        let mark =
            digest.iter().take(MARK_LENGTH).map(|byte| char::from(MARK_ALPHABET[usize::from(byte % 32)])).collect();
        AuthorId { hash, mark }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn author_id(key: &str, site: &str, secret: &str) -> AuthorId {
        AuthorKey::from_authorization(&format!("Bearer {key}"))
            .unwrap()
            .author_id(&Origin::parse(site).unwrap(), &SigningKey::parse(secret).unwrap())
    }

    #[test]
    fn authorization_is_parsed_strictly() {
        for good in [format!("Bearer {KEY}"), format!("bearer  {KEY}"), "Bearer A-Za-z0-9_-A-Za-z0-9_-".to_owned()] {
            assert!(AuthorKey::from_authorization(&good).is_some(), "{good}");
        }
        let long = format!("Bearer {}", "a".repeat(65));
        for bad in ["", "Bearer", "Bearer ", KEY, "Basic 0123456789abcdef0123456789abcdef", "Bearer short", &long] {
            assert!(AuthorKey::from_authorization(bad).is_none(), "{bad}");
        }
        assert!(AuthorKey::from_authorization(&format!("Bearer {KEY} {KEY}")).is_none());
        assert!(AuthorKey::from_authorization("Bearer 0123456789abcdef\u{e9}123456789abcdef").is_none());
    }

    #[test]
    fn author_ids_depend_on_key_site_and_signing_key() {
        let secret = "s".repeat(32);
        let ada = author_id(KEY, "https://blog.example", &secret);
        assert_eq!(ada, author_id(KEY, "http://blog.example", &secret));
        assert_eq!(ada.hash.len(), 64);
        assert_eq!(ada.mark.len(), MARK_LENGTH);
        for stranger in [
            author_id(KEY, "https://other.example", &secret),
            author_id("1123456789abcdef0123456789abcdef", "https://blog.example", &secret),
            author_id(KEY, "https://blog.example", &"t".repeat(32)),
        ] {
            assert_ne!(ada.hash, stranger.hash);
            assert_ne!(ada.mark, stranger.mark);
        }
        assert!(!ada.hash.contains(&ada.mark));
    }

    #[test]
    fn the_key_of_a_form_belongs_to_one_submission_of_it() {
        let signing_key = |text: &str| SigningKey::parse(&text.repeat(32)).unwrap();
        let (form, other_form) = ("0b9f5a3e-6f3c-4d57-9a55-1c7a6f7f2f10", "0.12345678901234567");
        let [one, two] = [[1; 16], [2; 16]].map(SubmissionId::from_digest);
        let key = AuthorKey::of_form(form, one, &signing_key("s")).unwrap();
        assert_eq!(AuthorKey::of_form(form, one, &signing_key("s")), Some(key.clone()));
        for other in [
            AuthorKey::of_form(other_form, one, &signing_key("s")),
            AuthorKey::of_form(form, two, &signing_key("s")),
            AuthorKey::of_form(form, one, &signing_key("t")),
        ] {
            assert!(other.is_some_and(|other| other != key));
        }
        assert_eq!(AuthorKey::from_token(key.token()), Some(key.clone()));
        assert_eq!(AuthorKey::from_authorization(&format!("Bearer {}", key.token())), Some(key.clone()));
        assert_eq!(format!("{key:?}"), "AuthorKey(…)");
    }

    #[test]
    fn a_form_whose_id_can_be_guessed_has_no_key() {
        let signing_key = SigningKey::parse(&"s".repeat(32)).unwrap();
        // The last one is what the Worker gives to a form without an id: ten minutes have one number.
        let key_of = |id: &str| AuthorKey::of_form(id, SubmissionId::from_digest([1; 16]), &signing_key);
        for id in ["", "1", "2934857", "0.1234567890123"] {
            assert_eq!(key_of(id), None, "{id}");
        }
        assert!(key_of("0.12345678901234").is_some());
        for token in ["", "short", "<script>alert(1)</script>!!", &"a".repeat(65)] {
            assert_eq!(AuthorKey::from_token(token), None, "{token}");
        }
    }

    #[test]
    fn stored_hashes_never_change() {
        // Released hashes are stored in ledgers. A different hash would make every author a stranger.
        let ada = author_id(KEY, "https://blog.example", &"s".repeat(32));
        assert_eq!(ada.hash, "16dc2cda7c5cc9a1563500b79a318ac05dd417b1e0fec3d287802fbd524a0f7d");
        assert_eq!(ada.mark, "dhj5ye");
    }

    #[test]
    fn field_boundaries_change_the_mac() {
        let key = SigningKey::parse(&"s".repeat(32)).unwrap();
        assert_ne!(key.mac(&["ab", "c"]), key.mac(&["a", "bc"]));
        assert_ne!(key.mac(&["ab"]), key.mac(&["ab", ""]));
    }

    #[test]
    fn secrets_are_not_printed() {
        let printed = format!("{:?}", SigningKey::parse(&"s".repeat(32)).unwrap());
        assert!(!printed.contains("sss"));
        assert!(SigningKey::parse(&"s".repeat(31)).is_err());
    }
}
