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
pub use bearer::bearer;
pub use challenge::{ProofError, Purpose, Scope, Spent, TTL, Terms};
pub use limit::{CALM_SECONDS, LIMITS, work};
pub use moderators::{Moderators, ModeratorsError};
pub use pattern::{PatternError, Patterns};
pub use signal::Arrival;
pub use signing::{SigningKey, SigningKeyError};
pub use words::{likeness, words};
