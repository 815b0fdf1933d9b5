//! The secret of one deployment, under which everything is hashed that must not be guessed or linked from outside.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The shortest secret taken, in bytes: 128 bits written in hexadecimal.
const MIN_KEY_BYTES: usize = 32;

/// The setting `SIGNING_KEY`. Changing it makes every author a stranger.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

/// Why a setting is no signing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningKeyError {
    /// It has fewer than 32 bytes.
    TooShort,
}

impl std::fmt::Display for SigningKeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooShort => write!(f, "is too short; use at least {MIN_KEY_BYTES} random characters"),
        }
    }
}

impl std::error::Error for SigningKeyError {}

/// A secret is never printed.
impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// Takes the setting as it is; it is a key by its length alone.
    ///
    /// # Errors
    ///
    /// [`SigningKeyError::TooShort`].
    pub fn parse(setting: &str) -> Result<Self, SigningKeyError> {
        if setting.len() < MIN_KEY_BYTES {
            return Err(SigningKeyError::TooShort);
        }
        Hmac::new_from_slice(setting.as_bytes()).map(Self).map_err(|_| SigningKeyError::TooShort)
    }

    /// HMAC-SHA-256 (RFC 2104) over the fields, each after its length, so that no two lists of fields read alike. The first field
    /// names the purpose, so that a value made for one is worth nothing for another.
    pub(crate) fn mac<F: AsRef<[u8]>>(&self, fields: &[F]) -> [u8; 32] {
        self.hmac_over(fields).finalize().into_bytes().into()
    }

    /// Whether `mac` is what [`SigningKey::mac`] makes of the fields; how long that takes does not tell how much of it is right.
    pub(crate) fn verify_mac<F: AsRef<[u8]>>(&self, fields: &[F], mac: &[u8]) -> bool {
        self.hmac_over(fields).verify_slice(mac).is_ok()
    }

    /// A key of its own for the purpose and the time that the fields name; from it nothing leads back to this one.
    pub(crate) fn derive(&self, fields: &[&[u8]]) -> Self {
        // A key shorter than a block of the hash is filled up with zeros anyway (RFC 2104, section 2).
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.mac(fields));
        Self(Hmac::new(&block.into()))
    }

    fn hmac_over<F: AsRef<[u8]>>(&self, fields: &[F]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for field in fields {
            let field = field.as_ref();
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field);
        }
        mac
    }
}
