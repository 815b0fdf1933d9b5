//! Changes to stored comments and threads by moderators and authors, and what moderators read.

pub(crate) mod approve;
pub(crate) mod audit_entries;
pub(crate) mod bans;
pub(crate) mod describe;
pub(crate) mod edit;
pub(crate) mod erase;
pub(crate) mod list;
pub(crate) mod settings;
pub(crate) mod threads;
