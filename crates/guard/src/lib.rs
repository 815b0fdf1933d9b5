#![doc = include_str!("../README.md")]

mod address;
mod author;
mod bearer;
mod challenge;
mod limit;
mod moderators;
mod signing;

pub use address::Prefix;
pub use author::{AuthorKey, AuthorSeal};
pub use bearer::bearer;
pub use challenge::{ProofError, Purpose, Scope, Spent, TTL, Terms};
pub use limit::{CALM_SECONDS, LIMITS, Limit, Who, work};
pub use moderators::{Moderators, ModeratorsError};
pub use signing::{SigningKey, SigningKeyError};
