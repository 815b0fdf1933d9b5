//! Tests of export and import, of republishing and rerendering, and of moved posts.

#![expect(
    clippy::unwrap_used,
    reason = "test helpers may panic, and clippy exempts only the test functions themselves"
)]

#[expect(dead_code, reason = "other test targets use the rest")]
#[path = "../common/mod.rs"]
mod common;

mod admin_round_trips;
mod canonical_urls;
mod closing_line;
mod export;
mod fixtures;
mod import;
mod interactions;
mod invalid_lines;
mod invalid_rules;
mod large_sites;
mod merge;
mod properties;
mod random_round_trips;
mod remap;
mod republish;
mod restore;
mod stale_pages;
