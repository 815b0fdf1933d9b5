//! Codes and tokens with which a moderator decides on a page of the blog, where the session's cookie is not sent.
//!
//! `/admin` hands a code to the page in its address. The page exchanges it at once, for a token that is valid on pages of its origin only. Every
//! script of the blog can read both. So neither can be turned into a session: they name it, and do not contain its token.

use afterword_model::limits::MODERATOR_NAME_BYTES;
use afterword_model::{decode_hex, encode_hex};
use sha2::{Digest, Sha256};

use crate::moderators::Moderators;
use crate::signed_text::{Fields, sign, verify};
use crate::signing::SigningKey;

/// Lifetime of a code, in seconds: the blog has to load meanwhile, on a slow network too.
pub const PAGE_CODE_SECONDS: i64 = 120;
/// Lifetime of a token, in seconds: one hour.
pub const PAGE_TOKEN_SECONDS: i64 = 3600;

const ID_BYTES: usize = 16;
const HASH_BYTES: usize = 16;
const FIELD_BYTES: usize = ID_BYTES + ID_BYTES + 4 + 8 + HASH_BYTES + 16;
/// Maximum length of a code or token.
const MAX_BYTES: usize = MODERATOR_NAME_BYTES + 1 + 2 * FIELD_BYTES + 1 + 64;

/// The moderator and the session that a code or a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAccess {
    /// Random id of the code. A token has that of its code.
    pub id: [u8; ID_BYTES],
    /// Name of the moderator.
    pub moderator: String,
    /// Id of the session, or a random one for a moderator without a session.
    pub session: [u8; ID_BYTES],
    /// Generation of the moderator's sessions. All of an earlier generation have ended.
    pub generation: u32,
    /// Time at which the code or token ends, in Unix seconds.
    pub expires: i64,
}

/// A code is exchanged for a token, which is used for calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageCredential {
    /// A code for pages of a site, valid once.
    Code,
    /// A token for pages of one origin.
    Token,
}

impl PageCredential {
    fn purpose(self) -> &'static str {
        match self {
            Self::Code => "page code v1",
            Self::Token => "page token v1",
        }
    }
}

impl PageAccess {
    /// The signed text. `page` is the origin of the site for a code, and that of the page for a token.
    pub fn issue(&self, kind: PageCredential, page: &str, moderators: &Moderators, key: &SigningKey) -> String {
        let mut bytes = Vec::with_capacity(FIELD_BYTES);
        bytes.extend(self.id);
        bytes.extend(self.session);
        bytes.extend(self.generation.to_be_bytes());
        bytes.extend(self.expires.to_be_bytes());
        bytes.extend(hash(page));
        bytes.extend(self.tag(moderators, key));
        sign(kind.purpose(), &format!("{}.{}", self.moderator, encode_hex(&bytes)), key)
    }

    /// Verifies everything about a code or token, except that it was not used and that its session was not ended.
    pub fn verify(
        kind: PageCredential,
        text: &str,
        page: &str,
        now: i64,
        (moderators, key): (&Moderators, &SigningKey),
    ) -> Option<Self> {
        let (name, hex) = verify(kind.purpose(), text, MAX_BYTES, key)?.rsplit_once('.')?;
        let mut bytes = [0; FIELD_BYTES];
        decode_hex(hex, &mut bytes)?;
        let mut fields = Fields(&bytes);
        let access = Self {
            id: fields.take(),
            moderator: name.to_owned(),
            session: fields.take(),
            generation: u32::from_be_bytes(fields.take()),
            expires: i64::from_be_bytes(fields.take()),
        };
        let is_valid =
            now < access.expires && fields.take() == hash(page) && fields.take() == access.tag(moderators, key);
        is_valid.then_some(access)
    }

    /// The id of the session in hexadecimal, as the store of ended sessions has it.
    pub fn session_text(&self) -> String {
        encode_hex(&self.session)
    }

    /// The id of the code in hexadecimal.
    pub fn id_text(&self) -> String {
        encode_hex(&self.id)
    }

    /// Changes with the role, the blogs and the secret of the moderator. Zeros for one who signs in with Cloudflare Access alone.
    fn tag(&self, moderators: &Moderators, key: &SigningKey) -> [u8; 16] {
        moderators.credential_tag(&self.moderator, key).unwrap_or_default()
    }
}

/// Returns the origin as it is hashed: exact, with its scheme, because a page of `http://blog.example` may have been changed on its way.
fn hash(page: &str) -> [u8; HASH_BYTES] {
    let mut hash = [0; HASH_BYTES];
    hash.copy_from_slice(&Sha256::digest(page)[..HASH_BYTES]);
    hash
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::session::{Session, SessionError};

    const NOW: i64 = 1_321_000_000;
    const BLOG: &str = "https://blog.example";

    fn key() -> SigningKey {
        SigningKey::parse(&"k".repeat(32)).unwrap()
    }

    fn moderators(setting: &str) -> Moderators {
        Moderators::parse(&setting.replace("ONE", &"1".repeat(32)).replace("TWO", &"2".repeat(32))).unwrap()
    }

    fn access() -> PageAccess {
        let expires = NOW + PAGE_TOKEN_SECONDS;
        PageAccess { id: [3; 16], moderator: "ada.l-1".to_owned(), session: [7; 16], generation: 2, expires }
    }

    fn token() -> String {
        access().issue(PageCredential::Token, BLOG, &moderators("ada.l-1:ONE"), &key())
    }

    fn verify_as(kind: PageCredential, text: &str, page: &str, now: i64, setting: &str) -> Option<PageAccess> {
        PageAccess::verify(kind, text, page, now, (&moderators(setting), &key()))
    }

    fn verify_token(text: &str, page: &str, now: i64) -> Option<PageAccess> {
        verify_as(PageCredential::Token, text, page, now, "ada.l-1:ONE")
    }

    #[test]
    fn a_token_is_valid_for_an_hour_on_pages_of_its_origin() {
        assert_eq!(verify_token(&token(), BLOG, NOW), Some(access()));
        assert_eq!(verify_token(&token(), BLOG, NOW + PAGE_TOKEN_SECONDS - 1), Some(access()));
        assert_eq!(verify_token(&token(), BLOG, NOW + PAGE_TOKEN_SECONDS), None);
        for other in ["http://blog.example", "https://blog.example:8443", "https://other.example", "null", ""] {
            assert_eq!(verify_token(&token(), other, NOW), None, "{other}");
        }
        assert!(token().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)), "{}", token());
        assert!(token().len() <= MAX_BYTES);
    }

    #[test]
    fn code_token_and_session_never_stand_for_each_other() {
        let moderators = moderators("ada.l-1:ONE");
        let code = access().issue(PageCredential::Code, BLOG, &moderators, &key());
        assert_eq!(verify_token(&code, BLOG, NOW), None);
        assert_eq!(verify_as(PageCredential::Code, &token(), BLOG, NOW, "ada.l-1:ONE"), None);
        let session = Session::new(moderators.find("ada.l-1").unwrap(), [7; 16], 2, NOW);
        let session_token = session.token(&moderators, &key()).unwrap();
        assert_eq!(verify_token(&session_token, BLOG, NOW), None);
        for text in [token(), code] {
            assert_eq!(Session::verify(&text, NOW, &moderators, &key()), Err(SessionError::Invalid));
            assert!(!text.contains(&session_token), "a script that reads it gets no session");
        }
    }

    #[test]
    fn a_token_ends_with_the_entry_it_rests_on() {
        for setting in ["", "bob:ONE", "ada.l-1:TWO", "ada.l-1/moderator:ONE", "ada.l-1@blog.example:ONE"] {
            assert_eq!(verify_as(PageCredential::Token, &token(), BLOG, NOW, setting), None, "{setting}");
        }
        let other_key = SigningKey::parse(&"o".repeat(32)).unwrap();
        let same = moderators("ada.l-1:ONE");
        assert_eq!(PageAccess::verify(PageCredential::Token, &token(), BLOG, NOW, (&same, &other_key)), None);
    }

    proptest! {
        #[test]
        fn no_other_text_is_a_token(text in ".{0,400}", at in 0..300usize, byte in any::<u8>()) {
            prop_assert_eq!(verify_token(&text, BLOG, NOW), None);
            let mut changed = token().into_bytes();
            let at = at % changed.len();
            changed[at] = byte;
            let changed = String::from_utf8_lossy(&changed).into_owned();
            prop_assert_eq!(verify_token(&changed, BLOG, NOW).is_some(), changed == token());
        }
    }
}
