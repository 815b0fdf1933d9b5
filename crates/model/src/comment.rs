//! The public form of a comment.

use serde::{Deserialize, Serialize};

use crate::id::CommentId;
use crate::safe_html::SafeHtml;

/// A published comment, as in the JSON of a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// The id of the comment.
    pub id: CommentId,
    /// The parent comment, if this is a reply.
    pub parent: Option<CommentId>,
    /// The author. All fields are empty once the comment is deleted.
    pub author: Author,
    /// The rendered text. Empty once the comment is deleted.
    pub html: SafeHtml,
    /// Time of submission, in Unix seconds.
    pub created: i64,
    /// Time of the last edit, in Unix seconds.
    pub edited: Option<i64>,
    /// Votes for the comment minus votes against it.
    pub votes: i64,
    /// True if a moderator pinned it above the other comments.
    pub pinned: bool,
    /// True for a tombstone, which is kept because the comment has replies.
    pub deleted: bool,
    /// True if a moderator made the last edit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub moderated: bool,
    /// True if a moderator posted it for its author, who sent it another way. `created` is then the time that the moderator gave.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_behalf: bool,
    /// The version of the thread that first showed the comment. A comment that was held for moderation has a later one than comments with
    /// larger ids. `None` for a pending comment, a tombstone, and a comment published before this field existed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
}

/// The public data about the author of a comment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The name, on one line. Empty if the author gave none.
    pub name: String,
    /// An absolute `http` or `https` URL.
    pub website: Option<String>,
    /// True if a signed-in moderator of the site wrote the comment.
    pub owner: bool,
    /// The public mark of the author key. It is the same on all comments of an author on one site.
    pub mark: Option<String>,
}

/// The moderation status of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everybody can read it, at the latest when the thread is published again.
    Published,
    /// It is held for moderation.
    Pending,
}

/// The reply to a submission. A repeated submission gets the same reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostedComment {
    /// The comment as stored.
    pub comment: Comment,
    /// Tells if the comment is published or pending.
    pub status: Status,
    /// A version of the thread that contains the comment as it is here, if it is published.
    pub version: i64,
}
