#![doc = include_str!("../README.md")]

mod draw;
mod entry;
mod error;
mod ledger;
mod outbox;
mod read;
mod row;
#[cfg(feature = "rusqlite")]
mod rusqlite_sql;
mod schema;
mod sql;
mod submit;

pub use entry::{AuthorStamp, Entry};
pub use error::LedgerError;
pub use ledger::Ledger;
pub use outbox::{Due, Snapshot};
#[cfg(feature = "rusqlite")]
pub use rusqlite_sql::RusqliteSql;
pub use sql::{Sql, SqlError, Value};
pub use submit::Outcome;
