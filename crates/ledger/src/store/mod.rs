//! The database: access to SQL, the schema, and typed access to the rows of each table.

pub(crate) mod audit_log;
pub(crate) mod author_trust;
pub(crate) mod ban;
pub(crate) mod comment_row;
pub(crate) mod dirty_pages;
pub(crate) mod edit_log;
pub(crate) mod fingerprint;
pub(crate) mod interaction_usage;
pub(crate) mod latest_row;
pub(crate) mod network_ids;
pub(crate) mod overwrite;
pub(crate) mod reaction_row;
pub(crate) mod report_row;
pub(crate) mod row;
#[cfg(feature = "rusqlite")]
pub(crate) mod rusqlite;
pub(crate) mod schema;
pub(crate) mod setting;
pub(crate) mod signals;
pub(crate) mod sql;
pub(crate) mod stored_comment;
pub(crate) mod thread_index;
pub(crate) mod thread_row;
pub(crate) mod vote_row;
pub(crate) mod wipe;
