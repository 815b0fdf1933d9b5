//! Sessions of moderators in a browser: signed tokens, which need no storage to be verified.
//!
//! A token names the moderator, and has the session's random id, the generation of the moderator's sessions, the time of the sign-in and that of
//! the last use. It is valid only with the moderator's present role, blogs and secret: removing or changing the entry in `ADMIN_SECRETS` ends
//! the sessions. To end them otherwise, a store keeps the ids of ended sessions, and the generation, which "sign out everywhere" raises.

use afterword_model::limits::{MAX_CLOCK_SKEW_SECONDS, MODERATOR_NAME_BYTES};
use afterword_model::{decode_hex, encode_hex};

use crate::moderators::{Moderator, Moderators};
use crate::signed_text::{Fields, sign, verify};
use crate::signing::SigningKey;

/// Lifetime of a session, in seconds, however often it is used: 30 days (NIST SP 800-63B, section 2.1.3).
pub const SESSION_SECONDS: i64 = 30 * 24 * 3600;
/// Time without use after which a session ends, in seconds.
pub const SESSION_IDLE_SECONDS: i64 = 7 * 24 * 3600;
/// Age of a token from which a request gets a new one, with the time of this use. It bounds how many responses set a cookie.
const RENEW_AFTER_SECONDS: i64 = 3600;

const PURPOSE: &str = "session v1";
const ID_BYTES: usize = 16;
const FIELD_BYTES: usize = ID_BYTES + 4 + 8 + 8 + 16;
/// Maximum length of a token.
const MAX_BYTES: usize = MODERATOR_NAME_BYTES + 1 + 2 * FIELD_BYTES + 1 + 64;

/// A session of a moderator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Random id, 128 bits.
    pub id: [u8; ID_BYTES],
    /// Name of the moderator.
    pub moderator: String,
    /// Generation of the moderator's sessions when this one began. All sessions of an earlier generation have ended.
    pub generation: u32,
    /// Time of the sign-in, in Unix seconds.
    pub started: i64,
    /// Time of the last use that the token tells, in Unix seconds.
    pub used: i64,
}

/// The reason why a session was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionError {
    /// The token is malformed, has a wrong MAC, or its moderator was removed or has another role or secret now.
    Invalid,
    /// The session has lasted too long, or was not used for too long.
    Expired,
}

impl Session {
    /// Starts a session.
    pub fn new(moderator: &Moderator, id: [u8; ID_BYTES], generation: u32, now: i64) -> Self {
        Self { id, moderator: moderator.name().to_owned(), generation, started: now, used: now }
    }

    /// The id in hexadecimal, as the store keeps it.
    pub fn id_text(&self) -> String {
        encode_hex(&self.id)
    }

    /// Time at which the session ends if it is not used any more, in Unix seconds.
    pub fn expires(&self) -> i64 {
        let idle = self.used.saturating_add(SESSION_IDLE_SECONDS);
        idle.min(self.started.saturating_add(SESSION_SECONDS))
    }

    /// The time at which every token of this session has ended, however late it was last used.
    pub fn latest_expiry(&self) -> i64 {
        self.started.saturating_add(SESSION_SECONDS)
    }

    /// The signed token. `None` if there is no such moderator.
    pub fn token(&self, moderators: &Moderators, key: &SigningKey) -> Option<String> {
        let mut bytes = Vec::with_capacity(FIELD_BYTES);
        bytes.extend(self.id);
        bytes.extend(self.generation.to_be_bytes());
        bytes.extend(self.started.to_be_bytes());
        bytes.extend(self.used.to_be_bytes());
        bytes.extend(moderators.credential_tag(&self.moderator, key)?);
        Some(sign(PURPOSE, &format!("{}.{}", self.moderator, encode_hex(&bytes)), key))
    }

    /// Verifies everything about a token except that its session was not ended.
    ///
    /// # Errors
    ///
    /// [`SessionError`].
    pub fn verify(token: &str, now: i64, moderators: &Moderators, key: &SigningKey) -> Result<Self, SessionError> {
        let fields = verify(PURPOSE, token, MAX_BYTES, key).ok_or(SessionError::Invalid)?;
        let (name, hex) = fields.rsplit_once('.').ok_or(SessionError::Invalid)?;
        let mut bytes = [0; FIELD_BYTES];
        decode_hex(hex, &mut bytes).ok_or(SessionError::Invalid)?;
        let mut fields = Fields(&bytes);
        let session = Self {
            id: fields.take(),
            moderator: name.to_owned(),
            generation: u32::from_be_bytes(fields.take()),
            started: i64::from_be_bytes(fields.take()),
            used: i64::from_be_bytes(fields.take()),
        };
        if moderators.credential_tag(name, key) != Some(fields.take()) {
            return Err(SessionError::Invalid);
        }
        let is_from_future = session.used > now.saturating_add(MAX_CLOCK_SKEW_SECONDS);
        if is_from_future || now >= session.expires() { Err(SessionError::Expired) } else { Ok(session) }
    }

    /// The session with the time of a new use, if its token is old enough to be replaced.
    pub fn renewed(&self, now: i64) -> Option<Self> {
        (now.saturating_sub(self.used) >= RENEW_AFTER_SECONDS).then(|| Self { used: now, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_321_000_000;
    const DAY: i64 = 24 * 3600;

    fn key() -> SigningKey {
        SigningKey::parse(&"k".repeat(32)).unwrap()
    }

    fn moderators(setting: &str) -> Moderators {
        Moderators::parse(&setting.replace("ONE", &"1".repeat(32)).replace("TWO", &"2".repeat(32))).unwrap()
    }

    fn session() -> Session {
        let moderators = moderators("ada.l-1/moderator:ONE");
        Session::new(moderators.find("ada.l-1").unwrap(), [7; 16], 3, NOW)
    }

    fn token() -> String {
        session().token(&moderators("ada.l-1/moderator:ONE"), &key()).unwrap()
    }

    fn verify_at(now: i64) -> Result<Session, SessionError> {
        Session::verify(&token(), now, &moderators("ada.l-1/moderator:ONE"), &key())
    }

    #[test]
    fn a_session_is_what_its_token_says() {
        assert_eq!(verify_at(NOW), Ok(session()));
        assert!(token().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)), "{}", token());
        assert!(token().len() <= MAX_BYTES);
    }

    #[test]
    fn a_session_ends_after_a_week_without_use_and_after_a_month_of_use() {
        assert!(verify_at(NOW + SESSION_IDLE_SECONDS - 1).is_ok());
        assert_eq!(verify_at(NOW + SESSION_IDLE_SECONDS), Err(SessionError::Expired));
        assert_eq!(verify_at(NOW - DAY), Err(SessionError::Expired), "it was used in the future");
        let (mut session, moderators) = (session(), moderators("ada.l-1:ONE"));
        let mut now = NOW;
        let ended = loop {
            now += DAY;
            let token = session.token(&moderators, &key()).unwrap();
            match Session::verify(&token, now, &moderators, &key()) {
                Ok(valid) => session = valid.renewed(now).unwrap(),
                Err(error) => break error,
            }
        };
        assert_eq!((ended, now), (SessionError::Expired, NOW + SESSION_SECONDS));
    }

    #[test]
    fn a_token_is_replaced_once_an_hour() {
        assert_eq!(session().renewed(NOW + RENEW_AFTER_SECONDS - 1), None);
        let renewed = session().renewed(NOW + RENEW_AFTER_SECONDS).unwrap();
        assert_eq!(renewed, Session { used: NOW + RENEW_AFTER_SECONDS, ..session() });
        assert_eq!(renewed.latest_expiry(), session().latest_expiry(), "a session that is ended stays ended");
    }

    #[test]
    fn a_session_ends_with_the_entry_it_rests_on() {
        for (setting, reason) in [
            ("", "no moderators"),
            ("bob:ONE", "another name"),
            ("ada.l-1/moderator:TWO", "another secret"),
            ("ada.l-1:ONE", "another role"),
            ("ada.l-1/moderator@blog.example:ONE", "another blog"),
        ] {
            let result = Session::verify(&token(), NOW, &moderators(setting), &key());
            assert_eq!(result, Err(SessionError::Invalid), "{reason}");
        }
        let other_key = SigningKey::parse(&"o".repeat(32)).unwrap();
        let same = moderators("ada.l-1/moderator:ONE bob:TWO");
        assert_eq!(Session::verify(&token(), NOW, &same, &other_key), Err(SessionError::Invalid));
        assert_eq!(Session::verify(&token(), NOW, &same, &key()), Ok(session()));
    }

    proptest! {
        #[test]
        fn no_other_text_is_a_session(text in ".{0,400}", at in 0..300usize, byte in any::<u8>()) {
            let verify = |text: &str| Session::verify(text, NOW, &moderators("ada.l-1/moderator:ONE"), &key());
            prop_assert_eq!(verify(&text), Err(SessionError::Invalid));
            let mut changed = token().into_bytes();
            let at = at % changed.len();
            changed[at] = byte;
            let changed = String::from_utf8_lossy(&changed).into_owned();
            prop_assert_eq!(verify(&changed).is_ok(), changed == token());
            prop_assert!(verify(&token()[..at]).is_err());
        }
    }
}
