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
    pub(super) version: Option<i64>,
    pub(crate) page: Option<u32>,
    /// Set if its tombstone stays even without a reply on the same page.
    pub(super) keeps_tombstone: bool,
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

    /// Bytes that the comment takes on a page.
    pub(super) fn bytes(&self) -> i64 {
        let submission = &self.submission;
        200 + json_length(&submission.html) + json_length(&submission.name) + json_length(&submission.website)
    }

    /// The comment, or its tombstone.
    pub(super) fn public_view(&self) -> Comment {
        if self.is_visible() { self.comment.clone() } else { tombstone(&self.comment) }
    }
}

fn json_length(value: &impl serde::Serialize) -> i64 {
    i64::try_from(serde_json::to_string(value).unwrap().len()).unwrap()
}

pub(super) fn tombstone(comment: &Comment) -> Comment {
    Comment {
        author: Author::default(),
        html: SafeHtml::default(),
        edited: None,
        votes: 0,
        deleted: true,
        ..comment.clone()
    }
}
