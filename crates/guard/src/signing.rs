//! The signing key of a deployment. It keys every hash that outsiders must not guess or link.

use afterword_model::encode_hex;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Minimum length of the key, in bytes: 128 bits in hexadecimal.
const MIN_KEY_BYTES: usize = 32;

/// The setting `SIGNING_KEY`. Changing it invalidates all author ids, network ids and challenges.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

/// The reason why a signing key was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    /// The key has fewer than 32 bytes.
    #[error("has fewer than {MIN_KEY_BYTES} characters")]
    TooShort,
}

/// Never prints the key.
impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// Uses the setting as it is. Only its length is checked.
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

    /// HMAC-SHA-256 (RFC 2104) over the fields, each prefixed with its length, so that different lists of fields never
    /// give the same input. The first field names the purpose, so that a MAC for one purpose is useless for another.
    pub(crate) fn mac<F: AsRef<[u8]>>(&self, fields: &[F]) -> [u8; 32] {
        self.hmac_over(fields).finalize().into_bytes().into()
    }

    /// Verifies a MAC of [`SigningKey::mac`] in constant time, so that the time does not reveal how much of it is
    /// right.
    pub(crate) fn verify_mac<F: AsRef<[u8]>>(&self, fields: &[F], mac: &[u8]) -> bool {
        self.hmac_over(fields).verify_slice(mac).is_ok()
    }

    /// Derives a key for the purpose and time in `fields`. The derived key does not reveal this one.
    pub(crate) fn derive(&self, fields: &[&[u8]]) -> Self {
        // HMAC pads a key shorter than a hash block with zeros anyway (RFC 2104, section 2).
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.mac(fields));
        Self(Hmac::new(&block.into()))
    }

    /// Secret with which the audit log of a ledger hashes titles and muted words, in hexadecimal.
    pub fn audit_key(&self) -> String {
        encode_hex(&self.mac(&["audit log"]))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audit_key_depends_on_the_signing_key_and_does_not_contain_it() {
        let [one, other] = ["a", "b"].map(|letter| SigningKey::parse(&letter.repeat(32)).unwrap().audit_key());
        assert_ne!(one, other);
        assert_eq!(one.len(), 64);
        assert!(!one.contains("aaaa"));
    }
}
