//! Fingerprints of submissions as stored: keyed hashes of their content.
//!
//! A fingerprint is deleted with the text that it was made of. A repeat of that submission is then recognized by its UUID alone.

/// Prefix of a keyed fingerprint. Earlier versions stored unkeyed hashes, which have no prefix. They are neither compared, because present
/// submissions have keyed ones, nor exported or imported, because a short text can be guessed from its hash.
const KEYED: &str = "hmac:";

/// The value of `comment.fingerprint` for a new comment.
pub(crate) fn to_column(fingerprint: &str) -> String {
    [KEYED, fingerprint].concat()
}

/// The keyed hash in a stored fingerprint, if there is one.
pub(crate) fn key_of(stored: &str) -> Option<&str> {
    stored.strip_prefix(KEYED)
}

/// Returns true if a submission is known to have another content than the stored one.
pub(crate) fn differs(stored: &str, fingerprint: &str) -> bool {
    key_of(stored).is_some_and(|stored| stored != fingerprint)
}

/// A stored fingerprint, or an empty text in place of an unkeyed one.
pub(crate) fn without_unkeyed(stored: String) -> String {
    if stored.starts_with(KEYED) { stored } else { String::new() }
}
