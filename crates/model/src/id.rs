//! Identifiers of comments and submissions.

use serde::{Deserialize, Serialize};

/// The id of a comment, assigned by the ledger. Ids ascend, so they define the order of comments without a clock.
///
/// The ledger assigns ids from 1 to 2^53 - 1, which a JavaScript number represents exactly. An id that a client sends
/// (the parent of a reply) may be any integer, and may name no comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommentId(i64);

impl CommentId {
    /// Wraps a number. Only the ledger knows if the comment exists.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number itself.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl std::fmt::Display for CommentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The UUID that a client generates for one submission. A submission that is sent twice is stored once.
///
/// Any UUID version (RFC 9562) is accepted in its hyphenated form. Letters are converted to lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct SubmissionId(uuid::Uuid);

impl SubmissionId {
    /// Parses the 36 characters of the hyphenated form. Every other form is rejected.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 36).then(|| uuid::Uuid::try_parse(text).ok()).flatten().map(Self)
    }

    /// Makes a version 4 UUID from 16 random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Makes a version 8 UUID from a 16-byte digest of some content. Equal content has an equal id.
    pub fn from_digest(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl<'de> Deserialize<'de> for SubmissionId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a UUID"))
    }
}

impl std::fmt::Display for SubmissionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
