//! Data that the browser keeps for the reader.

pub(crate) mod browser_storage;
pub(crate) mod drafts;
pub(crate) mod own_comments;
