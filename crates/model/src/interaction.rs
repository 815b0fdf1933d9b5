//! Interactions of readers with a comment or a post: the words and replies of their calls.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::id::CommentId;
use crate::vote::Vote;

/// Reason for which a reader reports a comment.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReportReason {
    /// Advertising.
    Spam,
    /// Insults, threats or hatred.
    Abuse,
    /// It has nothing to do with the post.
    OffTopic,
    /// It reveals what somebody wants to keep private.
    PrivateData,
    /// Something else.
    Other,
}

impl ReportReason {
    /// All reasons.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The word for the reason: the same in the database, in an export and in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The fate of a comment, as its author is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommentFate {
    /// Everybody can read it.
    Published,
    /// It is held for moderation.
    Pending,
    /// A moderator removed it.
    Rejected,
    /// Its author deleted it.
    Deleted,
}

/// The reply to `GET /v1/comments/<id>/source`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentSource {
    /// The text as it was typed.
    pub text: String,
    /// Unix time in seconds until which its author may edit it.
    pub edit_until: i64,
}

/// The reply to `DELETE /v1/comments/<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedComment {
    /// Always [`CommentFate::Deleted`].
    pub status: CommentFate,
    /// Unix time in seconds until which its author may restore it.
    pub restore_until: i64,
    /// Version of the thread without the comment.
    pub version: i64,
}

/// The reply to `POST /v1/comments/<id>/vote`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteReply {
    /// Votes for the comment minus votes against it.
    pub votes: i64,
    /// The reader's own vote.
    pub vote: Vote,
}

/// The reply to `POST /v1/comments/<id>/report`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportReply {
    /// Always true: nobody is told if the report was the first.
    pub reported: bool,
}

/// The reply to `POST /v1/reactions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionReply {
    /// The reactions that readers can choose from, with their numbers.
    pub reactions: Vec<(String, u32)>,
    /// The reader's own reaction.
    pub reaction: Option<String>,
}

/// The reply to `GET /v1/comments/status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FateReply {
    /// The comments that were asked for, without those of others and those that do not exist.
    pub comments: Vec<OwnCommentFate>,
}

/// The fate of one comment of the reader who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnCommentFate {
    /// The id of the comment.
    pub id: CommentId,
    /// Its fate.
    pub status: CommentFate,
    /// Unix time in seconds until which its author may edit it. Absent if it is not there any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit_until: Option<i64>,
}
