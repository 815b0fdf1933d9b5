//! A comment of the model.

use std::collections::BTreeMap;

use afterword_ledger::VerifiedComment;
use afterword_model::{Author, Comment, ReportReason, SafeHtml, Status};

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
    /// Ids and contents of its author's edits.
    pub(super) edits: Vec<(String, String)>,
    pub(crate) reports: Vec<ModelReport>,
    /// Time at which it was erased or deleted.
    pub(super) erased: Option<i64>,
    /// True if a moderator erased it.
    pub(super) is_rejected: bool,
    /// Content that its author can restore.
    pub(super) deleted_content: Option<Box<Content>>,
}

/// The content of a comment, and everything that was made of it.
#[derive(Clone, Debug)]
pub(super) struct Content {
    comment: Comment,
    submission: VerifiedComment,
    signals: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct ModelReport {
    pub(super) author: Option<String>,
    pub(super) network: Option<String>,
    pub(super) reason: ReportReason,
    pub(super) at: i64,
}

impl ModelComment {
    pub(crate) fn is_visible(&self) -> bool {
        self.status == Status::Published && !self.comment.deleted
    }

    pub(super) fn vote_sum(&self) -> i64 {
        self.votes.values().sum()
    }

    /// Leaves a tombstone, and returns the content.
    pub(super) fn take_content(&mut self) -> Content {
        let content = Content {
            comment: self.comment.clone(),
            submission: self.submission.clone(),
            signals: std::mem::take(&mut self.signals),
        };
        self.comment = tombstone(&self.comment);
        self.submission = VerifiedComment {
            name: String::new(),
            email: None,
            website: None,
            title: String::new(),
            source: String::new(),
            html: SafeHtml::default(),
            duplicate_key: None,
            ..self.submission.clone()
        };
        content
    }

    pub(super) fn put_content_back(&mut self, content: Content) {
        let Content { comment, submission, signals } = content;
        self.comment = Comment { votes: self.vote_sum(), ..comment };
        // The network may have been pruned in the meantime.
        let network = self.submission.network.take();
        self.submission = VerifiedComment { network, ..submission };
        self.signals = signals;
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
        moderated: false,
        on_behalf: false,
        since: None,
        ..comment.clone()
    }
}
