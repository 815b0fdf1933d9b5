#![doc = include_str!("../README.md")]

mod author;
mod signing;

pub use author::{AuthorKey, AuthorSeal};
pub use signing::{SigningKey, SigningKeyError};
