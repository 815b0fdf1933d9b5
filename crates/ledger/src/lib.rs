#![doc = include_str!("../README.md")]

mod act;
mod draw;
mod edit;
mod entry;
mod erase;
mod error;
mod ledger;
mod marks;
mod moderate;
mod outbox;
mod pages;
mod read;
mod row;
#[cfg(feature = "rusqlite")]
mod rusqlite_sql;
mod schema;
mod sql;
mod submit;
mod top;
mod vote;

pub use act::By;
pub use edit::Edit;
pub use entry::{AuthorStamp, Entry};
pub use error::LedgerError;
pub use ledger::Ledger;
pub use outbox::{Due, Snapshot};
pub use pages::PageSize;
#[cfg(feature = "rusqlite")]
pub use rusqlite_sql::RusqliteSql;
pub use sql::{Sql, SqlError, Value};
pub use submit::Outcome;
pub use vote::Voted;
