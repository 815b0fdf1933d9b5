//! Texts with a MAC at their end, as cookies and links carry them: fields that are separated by dots, then the MAC in hexadecimal.
//!
//! Each field has only letters, digits, `_`, `-` and, in a name, dots; so the text needs no encoding in a cookie or a query.

use afterword_model::{decode_hex, encode_hex};

use crate::signing::SigningKey;

/// Length of a MAC, in bytes.
const MAC_BYTES: usize = 32;

/// Appends a MAC for a purpose.
pub(crate) fn sign(purpose: &str, fields: &str, key: &SigningKey) -> String {
    format!("{fields}.{}", encode_hex(&key.mac(&[purpose, fields])))
}

/// Returns the text before the MAC, if the MAC is right for the purpose. A text longer than `max_bytes` is rejected without computing a MAC.
pub(crate) fn verify<'a>(purpose: &str, text: &'a str, max_bytes: usize, key: &SigningKey) -> Option<&'a str> {
    let (fields, mac) = (text.len() <= max_bytes).then(|| text.rsplit_once('.')).flatten()?;
    let mut bytes = [0; MAC_BYTES];
    decode_hex(mac, &mut bytes)?;
    key.verify_mac(&[purpose, fields], &bytes).then_some(fields)
}

/// Reads consecutive fields of fixed width from bytes.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl Fields<'_> {
    /// The next field. Zeros if there are not enough bytes, which a valid MAC rules out.
    pub(crate) fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut field = [0; N];
        if let Some((first, rest)) = self.0.split_first_chunk() {
            field = *first;
            self.0 = rest;
        }
        field
    }
}
