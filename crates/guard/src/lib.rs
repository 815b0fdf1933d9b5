#![doc = include_str!("../README.md")]

mod author;
mod challenge;
mod signing;

pub use author::{AuthorKey, AuthorSeal};
pub use challenge::{ProofError, Purpose, Scope, Spent, TTL, Terms};
pub use signing::{SigningKey, SigningKeyError};
