//! A comment as everybody may read it.

use serde::{Deserialize, Serialize};

use crate::id::CommentId;
use crate::safe_html::SafeHtml;

/// A published comment, as it stands in a thread's JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its number.
    pub id: CommentId,
    /// The comment it answers.
    pub parent: Option<CommentId>,
    /// Who wrote it; all empty once the comment is deleted.
    pub author: Author,
    /// What it says; empty once the comment is deleted.
    pub html: SafeHtml,
    /// When it came in, in Unix seconds.
    pub created: i64,
    /// When its author last changed it, in Unix seconds.
    pub edited: Option<i64>,
    /// Votes for it less votes against it.
    pub votes: i64,
    /// Whether a moderator keeps it above the others.
    pub pinned: bool,
    /// Whether it is a tombstone, kept because other comments answer it.
    pub deleted: bool,
}

/// Who wrote a comment, as far as that is public.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The name given, on one line; empty for somebody who gave none.
    pub name: String,
    /// An absolute `http` or `https` URL.
    pub website: Option<String>,
    /// Whether a moderator of the site wrote it, signed in.
    pub owner: bool,
    /// The public mark of the author key, the same on all of an author's comments on one site.
    pub mark: Option<String>,
}

/// What became of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everybody can read it, or will as soon as the thread is published again.
    Published,
    /// It waits for a moderator.
    Pending,
}

/// The answer to a submission, the first time and every other time it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostedComment {
    /// The comment as stored.
    pub comment: Comment,
    /// Whether it is published or waits.
    pub status: Status,
    /// The version of the thread from which on the comment is in it, if it is published.
    pub version: i64,
}
