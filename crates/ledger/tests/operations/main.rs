//! The ledger on SQLite: its rules one by one, its price, its stored forms, and all of it at once against a plain model.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, in the functions that tests share as well"
)]

mod audit_log;
mod comment_actions;
mod json_format;
mod limit_counting;
mod moderation_modes;
mod pagination;
mod publishing;
mod query_cost;
mod random;
mod rate_limits;
mod site_policy;
mod tree_order;

mod fixtures;
mod schema;
mod submit;
mod thread_titles;
mod votes;
