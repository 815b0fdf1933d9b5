#![doc = include_str!("../README.md")]

mod author_key;
mod bearer;
mod challenge;
mod duplicate_key;
mod literal;
mod moderators;
mod network;
mod normalize;
mod pattern;
mod rate_limits;
mod signing;
mod spam_check;
mod submission;

pub use author_key::AuthorKey;
pub use bearer::{basic_password, bearer_token};
pub use challenge::{CHALLENGE_TTL_SECONDS, ChallengeParams, ChallengeScope, ProofError, Purpose, VerifiedProof};
pub use duplicate_key::duplicate_key;
pub use literal::LiteralText;
pub use moderators::{Moderators, ModeratorsError};
pub use network::Network;
pub use pattern::{PatternError, Patterns};
pub use rate_limits::{INTERACTION_LIMITS, LOAD_WINDOW_SECONDS, RATE_LIMITS, required_difficulty};
pub use signing::{SigningKey, SigningKeyError};
pub use spam_check::SpamCheck;
