//! The ledger on SQLite: its rules one by one, its price, its stored forms, and all of it at once against a plain model.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, in the functions that tests share as well"
)]

mod abuse;
mod acts;
mod cost;
mod counted;
mod drawing;
mod house;
mod json;
mod moderation;
mod moderators;
mod outbox;
mod paging;
mod random;

mod schema;
mod setup;
mod submit;
mod titles;
mod votes;
