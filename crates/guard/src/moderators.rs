//! The moderators and their secrets: the setting `ADMIN_SECRETS`.

use afterword_model::is_moderator_name;
use afterword_model::limits::MODERATOR_NAME_BYTES;
use hmac::digest::CtOutput;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Minimum length of a secret, in bytes: 128 bits in hexadecimal.
const MIN_SECRET_BYTES: usize = 32;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModeratorsError {
    /// The pair has no colon.
    #[error("is not of the form `name:secret` in pair {0}")]
    NotAPair(usize),
    /// The name is empty, too long or has an invalid character.
    #[error("has an invalid name in pair {0}; use 1 to {MODERATOR_NAME_BYTES} letters, digits, `_`, `.` or `-`")]
    BadName(usize),
    /// The name is already used by an earlier pair.
    #[error("has a name in pair {0} that an earlier pair already uses")]
    DuplicateName(usize),
    /// The secret has fewer than 32 characters.
    #[error("has a secret in pair {0} with fewer than {MIN_SECRET_BYTES} characters")]
    SecretTooShort(usize),
    /// The secret has a character outside ASCII, or a control character, and could not be sent in a header.
    #[error("has a secret in pair {0} with a character that is not printable ASCII")]
    BadSecret(usize),
    /// The secret is already used by an earlier pair, so it would not identify a moderator.
    #[error("has a secret in pair {0} that an earlier pair already uses")]
    DuplicateSecret(usize),
}

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

    /// Returns true if there are no moderators.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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

    /// A secret of the minimum length that begins with this text.
    fn secret(begin: &str) -> String {
        format!("{begin:0<MIN_SECRET_BYTES$}")
    }

    #[test]
    fn each_secret_identifies_its_moderator() {
        let [ada, grace, symbols, digits] = ["0123456789", "se:cr:et:", "\"'`~/\\?#=&", "12345678"].map(secret);
        let setting = format!(" ada:{ada},Grace.H-1:{grace}\n_:{symbols} x1:{digits},, ");
        let moderators = Moderators::parse(&setting).unwrap();
        for (secret, name) in [(&ada, "ada"), (&grace, "Grace.H-1"), (&symbols, "_"), (&digits, "x1")] {
            assert_eq!(moderators.find_by_secret(secret), Some(name), "{secret}");
        }
        let wrong = [
            String::new(),
            ada[..31].to_owned(),
            format!("{ada}0"),
            format!("{ada} "),
            format!("ada:{ada}"),
            grace.to_uppercase(),
            format!("{digits}\0"),
        ];
        for wrong in wrong {
            assert_eq!(moderators.find_by_secret(&wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn there_are_no_moderators_by_default() {
        for moderators in [Moderators::default(), Moderators::parse("").unwrap(), Moderators::parse(" ,\t,\n").unwrap()]
        {
            assert_eq!(moderators.find_by_secret(""), None);
            assert_eq!(moderators.find_by_secret(&secret("0123456789")), None);
        }
    }

    #[test]
    fn secrets_have_at_least_32_characters() {
        assert!(Moderators::parse(&format!("ada:{}", "s".repeat(32))).is_ok());
        for short in ["", "12345678", "correct-horse-battery-staple"] {
            let error = Moderators::parse(&format!("ada:{short}")).unwrap_err();
            assert_eq!(error, ModeratorsError::SecretTooShort(1), "{short}");
            assert!(error.to_string().contains("32 characters"), "{error}");
        }
    }

    #[test]
    fn errors_name_the_number_of_the_pair() {
        use ModeratorsError::*;
        let (one, two) = (secret("one"), secret("two"));
        let cases = [
            (one.clone(), NotAPair(1)),
            (format!("ada:{one} {two}"), NotAPair(2)),
            (format!(":{one}"), BadName(1)),
            (format!("a/b:{one}"), BadName(1)),
            (format!("ädä:{one}"), BadName(1)),
            (format!("{}:{one}", "n".repeat(MODERATOR_NAME_BYTES + 1)), BadName(1)),
            (format!("ada:{one},ada:{two}"), DuplicateName(2)),
            (format!("ada:{one},bob:short"), SecretTooShort(2)),
            (format!("ada:{}", secret("pässwörter")), BadSecret(1)),
            (format!("ada:{}", secret("\u{1}")), BadSecret(1)),
            (format!("ada:{one} bob:{one}"), DuplicateSecret(2)),
        ];
        for (setting, error) in cases {
            assert_eq!(Moderators::parse(&setting).unwrap_err(), error, "{setting}");
        }
        assert!(Moderators::parse(&format!("{}:{one}", "n".repeat(MODERATOR_NAME_BYTES))).is_ok());
    }

    #[test]
    fn no_secret_is_printed_or_repeated() {
        let canary = secret("canary-7f3");
        let moderators = Moderators::parse(&format!("ada:{canary}")).unwrap();
        assert_eq!(format!("{moderators:?}"), r#"["ada"]"#);
        let other = secret("canary-7f4");
        for setting in [
            canary.clone(),
            "a:canary-7f3".to_owned(),
            format!("canary/7f3:{canary}"),
            format!("a:{canary} a:{other}"),
            format!("a:{canary} b:{canary}"),
        ] {
            let error = Moderators::parse(&setting).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
}
