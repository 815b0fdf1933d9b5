//! Keyed hashes of what a reader submitted. Without the signing key nobody can tell from them whether a guessed text was sent.

use afterword_model::{Submission, SubmissionId, encode_hex};

use crate::signing::SigningKey;

/// Bytes of a fingerprint: enough that two submissions do not share one by chance.
const FINGERPRINT_BYTES: usize = 16;

impl SigningKey {
    /// The fingerprint of a submission, in hexadecimal. A repeat has the same, other content has another.
    pub fn submission_fingerprint(&self, submission: &Submission) -> String {
        encode_hex(&self.mac(&[b"fingerprint".as_slice(), &submission.digest()])[..FINGERPRINT_BYTES])
    }

    /// Derives an id for a submission without one. Equal content with an equal `seed` has an equal id.
    pub fn submission_id(&self, submission: &Submission, seed: &str) -> SubmissionId {
        let mac = self.mac(&[b"submission id".as_slice(), &submission.digest(), seed.as_bytes()]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac[..16]);
        SubmissionId::from_digest(bytes)
    }
}

#[cfg(test)]
mod tests {
    use afterword_model::{NewComment, Sites};

    use super::*;

    fn submission(text: &str) -> Submission {
        let new = NewComment {
            id: "00000000-0000-4000-8000-000000000001".to_owned(),
            url: "https://blog.example/post".to_owned(),
            text: text.to_owned(),
            ..NewComment::default()
        };
        new.validate(&Sites::parse("https://blog.example").unwrap()).unwrap()
    }

    fn key(byte: &str) -> SigningKey {
        SigningKey::parse(&byte.repeat(32)).unwrap()
    }

    #[test]
    fn hashes_depend_on_the_content_and_on_the_key() {
        let (hello, other) = (submission("Hello"), submission("Hallo"));
        let fingerprint = key("s").submission_fingerprint(&hello);
        assert_eq!(fingerprint, key("s").submission_fingerprint(&submission("Hello")));
        assert_eq!(fingerprint.len(), 32);
        assert_ne!(fingerprint, key("s").submission_fingerprint(&other));
        assert_ne!(fingerprint, key("t").submission_fingerprint(&hello), "nobody without the key can compute it");
        let id = key("s").submission_id(&hello, "seed");
        assert_eq!(id, key("s").submission_id(&hello, "seed"));
        for (key, submission, seed) in [(key("t"), &hello, "seed"), (key("s"), &other, "seed"), (key("s"), &hello, "2")]
        {
            assert_ne!(id, key.submission_id(submission, seed));
        }
    }

    #[test]
    fn stored_fingerprints_never_change() {
        // They are stored in ledgers. With another one, a repeat would be refused as another submission under the same id.
        assert_eq!(key("s").submission_fingerprint(&submission("Hello")), "0955264a623c037a1ba66a83c6237bd4");
    }
}
