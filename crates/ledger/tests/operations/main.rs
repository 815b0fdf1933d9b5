//! Tests of the operations of the ledger on SQLite: their rules, their cost, and their stored and exchanged formats.

#![expect(
    clippy::unwrap_used,
    reason = "test helpers may panic, and clippy exempts only the test functions themselves"
)]

#[path = "../common/mod.rs"]
mod common;

mod audit_log;
mod bans;
mod bounded_turns;
mod comment_actions;
mod comment_lists;
mod deletions;
mod difficulty;
mod edits;
mod erased_data;
mod fixtures;
mod interactions;
mod json_format;
mod latest_comments;
mod limit_counting;
mod long_threads;
mod moderation_modes;
mod pagination;
mod policy_fixtures;
mod publishing;
mod query_cost;
mod rate_limits;
mod refusal_limiter;
mod schema;
mod site_policy;
mod spam_signals;
mod submit;
mod thread_titles;
mod tree_order;
mod votes;
