//! A comment of the model.

use std::collections::BTreeMap;

use afterword_ledger::VerifiedComment;
use afterword_model::{Author, Comment, SafeHtml, Status};

#[derive(Clone, Debug)]
pub(crate) struct ModelComment {
    pub(crate) submission: VerifiedComment,
    /// The comment as readers see it, or would see it if it were published.
    pub(crate) comment: Comment,
    pub(crate) status: Status,
    /// Set once it was published.
    pub(crate) is_placed: bool,
    /// All texts that it had.
    pub(crate) texts: Vec<String>,
    pub(super) votes: BTreeMap<String, i64>,
    pub(crate) signals: Vec<String>,
}

impl ModelComment {
    pub(crate) fn is_visible(&self) -> bool {
        self.status == Status::Published && !self.comment.deleted
    }

    pub(super) fn vote_sum(&self) -> i64 {
        self.votes.values().sum()
    }
}

/// Bytes of a value as JSON.
pub(crate) fn json_length(value: &impl serde::Serialize) -> i64 {
    i64::try_from(serde_json::to_string(value).unwrap().len()).unwrap()
}

pub(super) fn tombstone(comment: &Comment) -> Comment {
    Comment {
        author: Author::default(),
        html: SafeHtml::default(),
        edited: None,
        votes: 0,
        deleted: true,
        since: None,
        ..comment.clone()
    }
}
