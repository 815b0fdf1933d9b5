//! The ledger on SQLite: its rules one by one, its price, its stored forms, and all of it at once against a plain model.

mod cost;
mod drawing;
mod json;
mod moderation;
mod outbox;
mod paging;
mod random;
mod schema;
mod setup;
mod submit;
