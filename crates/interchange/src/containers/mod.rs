//! Files inside files, encodings, and the syntaxes in which records are stored, below any format.

mod bytes;
pub(crate) mod encodings;
pub(crate) mod entities;
pub(crate) mod gzip;
pub(crate) mod json;
pub(crate) mod limits;
pub(crate) mod members;
pub(crate) mod sql;
pub(crate) mod sqlite;
pub(crate) mod xml;
