//! Pages of moderators and the forms on them. A page reads, a form acts and then leads to a page, so a reload never repeats anything.

pub(crate) mod actions;
pub(crate) mod audit;
pub(crate) mod bans;
pub(crate) mod changes;
pub(crate) mod comments;
pub(crate) mod context;
mod cursors;
pub(crate) mod fields;
pub(crate) mod link;
pub(crate) mod matching;
mod merged_queue;
mod notice;
pub(crate) mod on_behalf;
pub(crate) mod overview;
pub(crate) mod queue_page;
pub(crate) mod settings;
pub(crate) mod steps;
pub(crate) mod threads;
pub(crate) mod transfer;
