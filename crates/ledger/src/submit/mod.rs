//! Readers' posts: new comments and votes.

pub(crate) mod admission;
pub(crate) mod submit_comment;
pub(crate) mod vote;
