//! Imports from other systems: the lines of a plan of the crate `interchange` in the ledger.

#![expect(
    clippy::unwrap_used,
    reason = "test helpers may panic, and clippy exempts only the test functions themselves"
)]

#[expect(dead_code, reason = "other test targets use the rest")]
#[path = "../common/mod.rs"]
mod common;

mod any_records;
mod fixtures;
mod moderation;
mod repeated;
