//! Interactions of readers beside commenting: edits, deletions, votes, reactions and reports. Each names the post, and a comment that is not
//! below that post does not exist for it.

pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod fate;
pub(crate) mod limits;
pub(crate) mod own_comment;
pub(crate) mod react;
pub(crate) mod report;
pub(crate) mod vote;
