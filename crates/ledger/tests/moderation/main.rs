//! Tests of moderation: the queue, actions bound to revisions, batches and their undo, the search, and their cost on a large site.

#![expect(
    clippy::unwrap_used,
    reason = "test helpers may panic, and clippy exempts only the test functions themselves"
)]

#[expect(dead_code, reason = "other test targets use the rest")]
#[path = "../common/mod.rs"]
mod common;

mod actions;
mod bans;
mod changes;
mod fixtures;
mod groups;
mod large_site;
mod pinned;
mod queue;
mod search;
mod site_settings;
mod two_moderators;
mod undo;
mod written;
