#![doc = include_str!("../README.md")]

mod address;
mod author;
mod bearer;
mod challenge;
mod fold;
mod limit;
mod moderators;
mod pattern;
mod signal;
mod signing;
mod words;

pub use address::Network;
pub use author::AuthorKey;
pub use bearer::bearer_token;
pub use challenge::{CHALLENGE_TTL_SECONDS, ChallengeParams, ChallengeScope, ProofError, Purpose, VerifiedProof};
pub use limit::{LOAD_WINDOW_SECONDS, RATE_LIMITS, required_difficulty};
pub use moderators::{Moderators, ModeratorsError};
pub use pattern::{PatternError, Patterns};
pub use signal::SpamCheck;
pub use signing::{SigningKey, SigningKeyError};
pub use words::duplicate_key;
