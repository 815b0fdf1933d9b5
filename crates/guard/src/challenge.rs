//! Challenges, which a client solves before it may post. They are issued and verified without any storage.
//!
//! A challenge consists of fields of fixed width under one MAC, so that no field can extend into its neighbour (the
//! libraries of CVE-2025-68113 signed parameters and nonce in one string, and an expiry could be moved into the nonce).
//! A challenge is valid for one purpose, on one thread, for [`CHALLENGE_TTL_SECONDS`] seconds. The ledger ensures that
//! it is used only once, by its nonce.
//!
//! | bytes | field |
//! | --- | --- |
//! | 0 | version |
//! | 1 | purpose |
//! | 2 | bits of each puzzle |
//! | 3 | number of puzzles |
//! | 4..8 | lifetime in seconds |
//! | 8..16 | time when the form was opened, in Unix seconds |
//! | 16..24 | time of issue, in Unix seconds |
//! | 24..40 | nonce |
//! | 40..56 | hash of the site |
//! | 56..72 | hash of the thread |
//! | 72..104 | MAC over all of these |

use afterword_model::limits::MAX_CLOCK_SKEW_SECONDS;
use afterword_model::proof_of_work::{BITS_OFFSET, CHALLENGE_BYTES, COUNT_OFFSET, MAC_OFFSET, Proof};
use afterword_model::{Origin, PostUrl, decode_hex, encode_hex};
use sha2::{Digest, Sha256};

use crate::signing::SigningKey;

/// Lifetime of a challenge, in seconds. Used nonces have to be stored for as long.
pub const CHALLENGE_TTL_SECONDS: i64 = 3600;

const VERSION: u8 = 1;
const VERSION_OFFSET: usize = 0;
const PURPOSE_OFFSET: usize = 1;
const TTL_OFFSET: usize = 4;
const OPENED_OFFSET: usize = 8;
const ISSUED_OFFSET: usize = 16;
const NONCE_OFFSET: usize = 24;
const SITE_HASH_OFFSET: usize = 40;
const THREAD_HASH_OFFSET: usize = 56;

const NONCE_BYTES: usize = 16;
/// Bytes of the SHA-256 hash. A second URL with the hash of a given one takes 2^128 attempts.
const HASH_BYTES: usize = 16;
/// Binary logarithm of the number of puzzles. With 16 puzzles, most proofs take within a quarter of the average time.
const LOG2_PUZZLE_COUNT: u8 = 4;
/// Maximum age of a form's opening time, in seconds. An older time says nothing about the sender.
const MAX_FORM_AGE_SECONDS: i64 = 24 * 3600;
/// The purpose field of the MACs of challenges.
const MAC_PURPOSE: &[u8] = b"challenge";

/// The purpose of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Proof of work for posting a comment.
    Comment,
    /// Form token that tells when a plain form was rendered. It has no puzzles.
    Form,
}

impl Purpose {
    const fn code(self) -> u8 {
        match self {
            Self::Comment => 1,
            Self::Form => 2,
        }
    }
}

/// The scope of a challenge: it is valid for this purpose on this thread only.
#[derive(Clone, Copy, Debug)]
pub struct ChallengeScope<'a> {
    /// The purpose.
    pub purpose: Purpose,
    /// The site.
    pub site: &'a Origin,
    /// The post.
    pub thread: &'a PostUrl,
}

/// The parameters with which a challenge is issued.
#[derive(Clone, Copy, Debug)]
pub struct ChallengeParams {
    /// The current time, in Unix seconds.
    pub now: i64,
    /// Time when the form was opened, in Unix seconds: now, or the result of [`ChallengeScope::form_opened_at`] for the
    /// challenge that this one renews.
    pub form_opened_at: i64,
    /// The difficulty in bits: a solution takes about 2^difficulty hashes.
    pub difficulty: u8,
    /// 16 random bytes.
    pub nonce: [u8; NONCE_BYTES],
}

/// A verified proof. The ledger ensures that it is used only once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedProof {
    /// The nonce, 32 hexadecimal digits. All proofs of one challenge have the same nonce.
    pub nonce: String,
    /// Time of issue of the challenge, in Unix seconds. The proof cannot have been used before.
    pub issued: i64,
    /// Time when the form was opened, in Unix seconds.
    pub form_opened_at: i64,
    /// The difficulty in bits, as in [`ChallengeParams`].
    pub difficulty: u8,
}

/// The reason why a proof was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The proof is malformed, has a wrong MAC, is for another scope, or is not solved. The client does not learn
    /// which.
    Invalid,
    /// The proof was valid but has expired, or its clock is ahead.
    Expired,
}

impl ChallengeScope<'_> {
    /// Issues a challenge, in hexadecimal.
    pub fn issue(&self, params: &ChallengeParams, key: &SigningKey) -> String {
        let mut challenge = [0; CHALLENGE_BYTES];
        let mut put = |at: usize, field: &[u8]| challenge[at..at + field.len()].copy_from_slice(field);
        put(VERSION_OFFSET, &[VERSION]);
        put(PURPOSE_OFFSET, &[self.purpose.code()]);
        if self.purpose == Purpose::Comment {
            put(BITS_OFFSET, &[params.difficulty.saturating_sub(LOG2_PUZZLE_COUNT)]);
            put(COUNT_OFFSET, &[1 << LOG2_PUZZLE_COUNT]);
        }
        put(TTL_OFFSET, &(CHALLENGE_TTL_SECONDS as u32).to_be_bytes());
        put(OPENED_OFFSET, &params.form_opened_at.to_be_bytes());
        put(ISSUED_OFFSET, &params.now.to_be_bytes());
        put(NONCE_OFFSET, &params.nonce);
        put(SITE_HASH_OFFSET, &truncated_hash(self.site.authority()));
        put(THREAD_HASH_OFFSET, &truncated_hash(self.thread.as_str()));
        let mac = key.mac(&[MAC_PURPOSE, &challenge[..MAC_OFFSET]]);
        challenge[MAC_OFFSET..].copy_from_slice(&mac);
        encode_hex(&challenge)
    }

    /// Verifies everything about a proof except that it is used for the first time. The cheapest checks come first, and
    /// only the MAC is compared with a secret value.
    ///
    /// # Errors
    ///
    /// [`ProofError`].
    pub fn verify(&self, proof: &str, now: i64, key: &SigningKey) -> Result<VerifiedProof, ProofError> {
        let proof = Proof::parse(proof).ok_or(ProofError::Invalid)?;
        let opened = ChallengeFields(&proof.challenge);
        if !opened.has_valid_mac(key) || !opened.matches_scope(self) {
            return Err(ProofError::Invalid);
        }
        let (issued, expires) = (opened.timestamp(ISSUED_OFFSET), opened.expires_at());
        if now >= expires || issued > now.saturating_add(MAX_CLOCK_SKEW_SECONDS) {
            return Err(ProofError::Expired);
        }
        if !proof.is_solved() {
            return Err(ProofError::Invalid);
        }
        Ok(VerifiedProof {
            nonce: encode_hex(&opened.0[NONCE_OFFSET..NONCE_OFFSET + NONCE_BYTES]),
            issued,
            form_opened_at: opened.timestamp(OPENED_OFFSET),
            difficulty: opened.0[BITS_OFFSET].saturating_add(LOG2_PUZZLE_COUNT),
        })
    }

    /// Time when the form of a challenge was opened, also if the challenge has expired. `None` if the challenge has
    /// another scope, or if the time is too long ago to say anything about the sender.
    pub fn form_opened_at(&self, challenge: &str, now: i64, key: &SigningKey) -> Option<i64> {
        let mut bytes = [0; CHALLENGE_BYTES];
        decode_hex(challenge, &mut bytes)?;
        let opened = ChallengeFields(&bytes);
        let at = opened.timestamp(OPENED_OFFSET);
        let recent =
            (now.saturating_sub(MAX_FORM_AGE_SECONDS)..=now.saturating_add(MAX_CLOCK_SKEW_SECONDS)).contains(&at);
        (recent && opened.has_valid_mac(key) && opened.matches_scope(self)).then_some(at)
    }
}

/// The fields of a challenge.
struct ChallengeFields<'a>(&'a [u8; CHALLENGE_BYTES]);

impl ChallengeFields<'_> {
    fn has_valid_mac(&self, key: &SigningKey) -> bool {
        let (fields, mac) = self.0.split_at(MAC_OFFSET);
        key.verify_mac(&[MAC_PURPOSE, fields], mac)
    }

    fn matches_scope(&self, scope: &ChallengeScope<'_>) -> bool {
        self.0[VERSION_OFFSET] == VERSION
            && self.0[PURPOSE_OFFSET] == scope.purpose.code()
            && self.0[SITE_HASH_OFFSET..SITE_HASH_OFFSET + HASH_BYTES] == truncated_hash(scope.site.authority())
            && self.0[THREAD_HASH_OFFSET..THREAD_HASH_OFFSET + HASH_BYTES] == truncated_hash(scope.thread.as_str())
    }

    fn timestamp(&self, at: usize) -> i64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[at..at + 8]);
        i64::from_be_bytes(bytes)
    }

    fn expires_at(&self) -> i64 {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.0[TTL_OFFSET..TTL_OFFSET + 4]);
        self.timestamp(ISSUED_OFFSET).saturating_add(u32::from_be_bytes(bytes).into())
    }
}

fn truncated_hash(text: &str) -> [u8; HASH_BYTES] {
    let mut hash = [0; HASH_BYTES];
    hash.copy_from_slice(&Sha256::digest(text)[..HASH_BYTES]);
    hash
}
