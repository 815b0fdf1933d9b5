//! Forms in which records are stored: JSON, SQLite, SQL text.

mod bytes;
pub(crate) mod json;
pub(crate) mod sql;
pub(crate) mod sqlite;
