//! The moderators and their secrets: the setting `ADMIN_SECRETS`.

use afterword_model::is_moderator_name;
use afterword_model::limits::MODERATOR_NAME_BYTES;
use hmac::digest::CtOutput;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Minimum length of a secret, in bytes. It prevents accidents; a good secret is 32 random characters.
const MIN_SECRET_BYTES: usize = 8;

/// The moderators of a deployment, each with their own secret. There are none by default.
#[derive(Clone, Default)]
pub struct Moderators(Vec<Moderator>);

#[derive(Clone)]
struct Moderator {
    name: String,
    /// The MAC of the secret. Comparing two MACs takes the same time wherever they differ, and reveals nothing about
    /// the length of the secret.
    secret_mac: CtOutput<Hmac<Sha256>>,
}

/// Never prints a secret.
impl std::fmt::Debug for Moderators {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|moderator| &moderator.name)).finish()
    }
}

/// An error in the setting `ADMIN_SECRETS`. It never repeats the setting, which may contain a secret. Each variant has
/// the number of the pair, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModeratorsError {
    /// The pair has no colon.
    NotAPair(usize),
    /// The name is empty, too long or has an invalid character.
    BadName(usize),
    /// The name is already used by an earlier pair.
    DuplicateName(usize),
    /// The secret has fewer than 8 characters.
    SecretTooShort(usize),
    /// The secret has a character outside ASCII, or a control character, and could not be sent in a header.
    BadSecret(usize),
    /// The secret is already used by an earlier pair, so it would not identify a moderator.
    DuplicateSecret(usize),
}

impl std::fmt::Display for ModeratorsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAPair(pair) => write!(f, "is not of the form `name:secret` in pair {pair}"),
            Self::BadName(pair) => {
                write!(
                    f,
                    "has an invalid name in pair {pair}; use 1 to {MODERATOR_NAME_BYTES} letters, digits, `_`, `.` or `-`"
                )
            }
            Self::DuplicateName(pair) => write!(f, "has a name in pair {pair} that an earlier pair already uses"),
            Self::SecretTooShort(pair) => {
                write!(
                    f,
                    "has a secret in pair {pair} with fewer than {MIN_SECRET_BYTES} characters; use 32 random characters"
                )
            }
            Self::BadSecret(pair) => {
                write!(f, "has a secret in pair {pair} with a character that is not printable ASCII")
            }
            Self::DuplicateSecret(pair) => write!(f, "has a secret in pair {pair} that an earlier pair already uses"),
        }
    }
}

impl std::error::Error for ModeratorsError {}

impl Moderators {
    /// Parses the setting: `name:secret` pairs, separated by white space or commas. The first colon ends the name.
    ///
    /// # Errors
    ///
    /// The first invalid pair; see [`ModeratorsError`].
    pub fn parse(setting: &str) -> Result<Self, ModeratorsError> {
        let mut moderators = Self::default();
        let pairs = setting.split(|c: char| c == ',' || c.is_whitespace()).filter(|pair| !pair.is_empty());
        for (pair, number) in pairs.zip(1..) {
            let (name, secret) = pair.split_once(':').ok_or(ModeratorsError::NotAPair(number))?;
            if !is_moderator_name(name) {
                return Err(ModeratorsError::BadName(number));
            }
            if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(ModeratorsError::BadSecret(number));
            }
            if secret.len() < MIN_SECRET_BYTES {
                return Err(ModeratorsError::SecretTooShort(number));
            }
            if moderators.0.iter().any(|other| other.name == name) {
                return Err(ModeratorsError::DuplicateName(number));
            }
            let Some(secret_mac) = secret_mac(secret) else { return Err(ModeratorsError::BadSecret(number)) };
            if moderators.0.iter().any(|other| other.secret_mac == secret_mac) {
                return Err(ModeratorsError::DuplicateSecret(number));
            }
            moderators.0.push(Moderator { name: name.to_owned(), secret_mac });
        }
        Ok(moderators)
    }

    /// The name of the moderator with this secret. The time is the same for a wrong secret as for that of any
    /// moderator.
    pub fn find_by_secret(&self, secret: &str) -> Option<&str> {
        let secret_mac = secret_mac(secret)?;
        let mut found = None;
        for moderator in &self.0 {
            if moderator.secret_mac == secret_mac {
                found = Some(moderator.name.as_str());
            }
        }
        found
    }
}

/// The secret is the message and not the key, because HMAC treats a key and the same key followed by zeros as equal.
/// Any key makes an HMAC, so the result is never `None`.
fn secret_mac(secret: &str) -> Option<CtOutput<Hmac<Sha256>>> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(b"moderator").ok()?;
    mac.update(secret.as_bytes());
    Some(mac.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_identifies_its_moderator() {
        let moderators =
            Moderators::parse(" ada:0123456789,Grace.H-1:se:cr:et:\n_:\"'`~/\\?#=& x1:12345678,, ").unwrap();
        for (secret, name) in
            [("0123456789", "ada"), ("se:cr:et:", "Grace.H-1"), ("\"'`~/\\?#=&", "_"), ("12345678", "x1")]
        {
            assert_eq!(moderators.find_by_secret(secret), Some(name), "{secret}");
        }
        for wrong in ["", "012345678", "01234567890", "0123456789 ", "ada:0123456789", "SE:CR:ET:", "1234567\u{38}\0"] {
            assert_eq!(moderators.find_by_secret(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn there_are_no_moderators_by_default() {
        for moderators in [Moderators::default(), Moderators::parse("").unwrap(), Moderators::parse(" ,\t,\n").unwrap()]
        {
            assert_eq!(moderators.find_by_secret(""), None);
            assert_eq!(moderators.find_by_secret("0123456789"), None);
        }
    }

    #[test]
    fn errors_name_the_number_of_the_pair() {
        use ModeratorsError::*;
        let long = format!("{}:0123456789", "n".repeat(MODERATOR_NAME_BYTES + 1));
        let cases = [
            ("0123456789abcdef", NotAPair(1)),
            ("ada:0123456789 0123456789", NotAPair(2)),
            (":0123456789", BadName(1)),
            ("a/b:0123456789", BadName(1)),
            ("ädä:0123456789", BadName(1)),
            (&long, BadName(1)),
            ("ada:0123456789,ada:abcdefghij", DuplicateName(2)),
            ("ada:", SecretTooShort(1)),
            ("ada:1234567", SecretTooShort(1)),
            ("ada:pässwörter", BadSecret(1)),
            ("ada:01234567\u{1}", BadSecret(1)),
            ("ada:0123456789 bob:0123456789", DuplicateSecret(2)),
        ];
        for (setting, error) in cases {
            assert_eq!(Moderators::parse(setting).unwrap_err(), error, "{setting}");
        }
        assert!(Moderators::parse(&format!("{}:0123456789", "n".repeat(MODERATOR_NAME_BYTES))).is_ok());
    }

    #[test]
    fn no_secret_is_printed_or_repeated() {
        let moderators = Moderators::parse("ada:canary-7f3").unwrap();
        assert_eq!(format!("{moderators:?}"), r#"["ada"]"#);
        for setting in ["canary-7f3", "canary/7f3:0123456789", "a:canary-7f3 a:canary-7f4", "a:canary-7f3 b:canary-7f3"]
        {
            let error = Moderators::parse(setting).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
}
