//! Changes to stored comments and threads by moderators and authors, and what moderators read.

mod answering;
mod approve;
pub(crate) mod audit_entries;
pub(crate) mod bans;
pub(crate) mod batch;
pub(crate) mod describe;
pub(crate) mod edit;
pub(crate) mod erase;
pub(crate) mod kept_counts;
pub(crate) mod list;
pub(crate) mod matching;
pub(crate) mod move_comment;
pub(crate) mod overview;
pub(crate) mod queue;
pub(crate) mod queue_counts;
pub(crate) mod queued_comment;
mod reason;
pub(crate) mod settings;
pub(crate) mod similar;
pub(crate) mod thread_list;
pub(crate) mod threads;
pub(crate) mod transition;
pub(crate) mod undo;
pub(crate) mod written_comment;
