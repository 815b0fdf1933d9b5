//! Files inside files, encodings, and syntaxes, below any format.

pub(crate) mod encodings;
pub(crate) mod entities;
pub(crate) mod gzip;
pub(crate) mod limits;
pub(crate) mod members;
pub(crate) mod xml;
