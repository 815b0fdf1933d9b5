//! Votes of readers on comments.

use serde::{Deserialize, Serialize};

/// A vote. In JSON 1, 0 or -1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "i8", try_from = "i8")]
pub enum Vote {
    /// A vote for the comment.
    For,
    /// No vote, or a withdrawn vote.
    Neutral,
    /// A vote against the comment.
    Against,
}

impl Vote {
    /// The value that the vote adds to the votes of a comment.
    pub const fn value(self) -> i64 {
        match self {
            Self::For => 1,
            Self::Neutral => 0,
            Self::Against => -1,
        }
    }
}

impl From<Vote> for i8 {
    fn from(vote: Vote) -> Self {
        match vote {
            Vote::For => 1,
            Vote::Neutral => 0,
            Vote::Against => -1,
        }
    }
}

impl TryFrom<i8> for Vote {
    type Error = &'static str;

    fn try_from(number: i8) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::For),
            0 => Ok(Self::Neutral),
            -1 => Ok(Self::Against),
            _ => Err("a vote is 1, 0 or -1"),
        }
    }
}
