//! Names of things: a comment's place in the order of all comments, and a submission's name before it has one.

use serde::{Deserialize, Serialize};

/// The number of a comment, given by the ledger; ascending, so that order comes from it and never from a clock.
///
/// The ledger gives numbers from 1 to 2^53 - 1, which survive a JavaScript number. One that a client sends (the comment it
/// answers) may be any integer, and then names no comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommentId(i64);

impl CommentId {
    /// The comment of this number; that it exists is the ledger's to say.
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

/// The UUID a client makes for one submission: sent twice, the submission is stored once.
///
/// Any version of UUID (RFC 9562) in its hyphenated form is taken; letters are folded to lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct SubmissionId(uuid::Uuid);

impl SubmissionId {
    /// Reads the 36 characters of the hyphenated form; nothing else is a submission id.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 36).then(|| uuid::Uuid::try_parse(text).ok()).flatten().map(Self)
    }

    /// A version 4 UUID from 16 random bytes of the caller's.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// A version 8 UUID from 16 bytes that stand for some content: the same content has the same id.
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
