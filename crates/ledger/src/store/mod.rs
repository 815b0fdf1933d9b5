//! The database: access to SQL, the schema, and typed access to the rows of each table.

pub(crate) mod audit_log;
pub(crate) mod dirty_pages;
pub(crate) mod row;
#[cfg(feature = "rusqlite")]
pub(crate) mod rusqlite;
pub(crate) mod schema;
pub(crate) mod signals;
pub(crate) mod sql;
