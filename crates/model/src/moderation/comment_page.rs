//! One comment with its history, and what a moderator can write.

use serde::{Deserialize, Serialize};

use crate::id::{CommentId, SubmissionId};
use crate::moderation::audit::AuditRecord;
use crate::moderation::queue::QueuedComment;
use crate::post_url::PostUrl;

/// A comment with its surroundings, for the page `/admin/comments/<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentPage {
    /// The comment.
    pub comment: QueuedComment,
    /// The comments that it answers, from the root down to its parent. At most the last few.
    pub ancestors: Vec<QueuedComment>,
    /// The replies to it, oldest first. At most the first few.
    pub replies: Vec<QueuedComment>,
    /// Former texts, newest first: what moderators replaced.
    pub revisions: Vec<CommentRevision>,
    /// The actions on it, newest first.
    pub log: Vec<AuditRecord>,
    /// Number of the newest entry of the audit log.
    pub audit_head: i64,
}

/// A former text of a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentRevision {
    /// The last revision that had this text.
    pub revision: i64,
    /// The text as it was typed.
    pub source: String,
    /// Time at which it was replaced.
    pub until: i64,
}

/// A new text for a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModeratedEdit {
    /// UUID of the action.
    pub id: SubmissionId,
    /// The revision that the moderator saw.
    pub revision: i64,
    /// The text, in Markdown.
    pub text: String,
    /// True if the comment is approved with this text.
    #[serde(default)]
    pub approve: bool,
}

/// A reply that a moderator writes as the owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewReply {
    /// UUID of the action, and of the reply.
    pub id: SubmissionId,
    /// The revision of the comment that the moderator saw.
    pub revision: i64,
    /// The text, in Markdown.
    pub text: String,
    /// Name that readers see. The name of the moderator if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// True if the comment that is answered is approved as well.
    #[serde(default)]
    pub approve: bool,
}

/// A moderator who has the form for an answer open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answering {
    /// The comment.
    pub comment: CommentId,
    /// Name of the moderator.
    pub by: String,
}

/// A comment that a moderator posts for somebody who sent it another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnBehalf {
    /// UUID of the action, and of the comment.
    pub id: SubmissionId,
    /// The post.
    pub url: PostUrl,
    /// The comment that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<CommentId>,
    /// Name of the author.
    pub name: String,
    /// E-mail address of the author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Website of the author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Time at which it was written; `None` for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<i64>,
    /// The text, in Markdown.
    pub text: String,
}

/// A comment that moves to another post, with all replies below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveComment {
    /// UUID of the action.
    pub id: SubmissionId,
    /// The revision that the moderator saw.
    pub revision: i64,
    /// The other post.
    pub url: PostUrl,
}

/// A comment that a moderator wrote, and the outcome for the comment that it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenComment {
    /// The comment as it is now.
    pub comment: QueuedComment,
    /// The outcomes, as those of a batch.
    pub results: Vec<crate::moderation::action::ItemResult>,
}
