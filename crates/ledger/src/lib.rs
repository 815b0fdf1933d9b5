#![doc = include_str!("../README.md")]

mod act;
mod audit;
mod check;
mod draw;
mod edit;
mod entry;
mod erase;
mod error;
mod export;
mod import;
mod intake;
mod ledger;
mod line;
mod list;
mod marks;
mod merge;
mod moderate;
mod outbox;
mod pages;
mod read;
mod rebuild;
mod remap;
mod row;
#[cfg(feature = "rusqlite")]
mod rusqlite_sql;
mod schema;
mod setting;
mod sql;
mod submit;
mod tally;
mod top;
mod vote;

pub use act::By;
pub use audit::{Act, Audited, Deed};
pub use check::Fault;
pub use edit::Edit;
pub use entry::{AuthorStamp, Entry};
pub use error::LedgerError;
pub use export::{Cursor, Part};
pub use import::{BadLine, Batch, ImportError, Imported, Renderer};
pub use ledger::Ledger;
pub use line::{Header, LINE_BYTES};
pub use list::{FullComment, Listed, Listing};
pub use outbox::{Due, Snapshot};
pub use pages::PageSize;
pub use rebuild::{Place, Rebuilt, Rerendered};
pub use remap::{Forward, Move, Moves, Moving, Remapped, Step};
#[cfg(feature = "rusqlite")]
pub use rusqlite_sql::RusqliteSql;
pub use setting::{SettingsChange, SiteSettings};
pub use sql::{Sql, SqlError, Value};
pub use submit::Outcome;
pub use tally::{SealError, Tally};
pub use vote::Voted;
