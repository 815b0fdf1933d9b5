//! Typed requests of readers from the Worker to the object, besides new comments, and their responses.

use afterword_ledger::{ClientNetwork, VerifiedComment};
use afterword_model::{
    CommentId, CommentSource, DeletedComment, FateReply, InteractionKind, PostUrl, PostedComment, ReactionReply,
    ReportReason, ReportReply, SubmissionId, Vote, VoteReply,
};
use serde::{Deserialize, Serialize};

/// A validated request of a reader.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReaderCall {
    /// The post.
    pub(crate) url: PostUrl,
    /// Keyed hash of the author key. Empty, which is no hash, if a report came without one.
    pub(crate) author: String,
    pub(crate) network: ClientNetwork,
    pub(crate) request: ReaderRequest,
}

/// A request about the post, or about a comment below it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ReaderRequest {
    Source { comment: CommentId },
    Edit { comment: CommentId, edit: Box<VerifiedComment> },
    Delete { comment: CommentId },
    Restore { comment: CommentId },
    Vote { comment: CommentId, vote: Vote },
    Report { comment: CommentId, id: SubmissionId, reason: ReportReason, text: Option<String> },
    React { reaction: Option<String> },
    Fates { comments: Vec<CommentId> },
}

/// Response to a [`ReaderCall`]. It serializes as the public JSON, so that the Worker can forward it unread.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum ReaderResponse {
    Source(CommentSource),
    Comment(PostedComment),
    Deleted(DeletedComment),
    Vote(VoteReply),
    Report(ReportReply),
    Reaction(ReactionReply),
    Fates(FateReply),
}

/// Work that a request may leave behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aftermath {
    /// Nothing.
    None,
    /// A change that readers can do without for a minute.
    DeferredChange,
    /// A change to publish.
    Change,
    /// A change to publish, and something that is kept for a limited time.
    ExpiringChange,
    /// Something that is kept for a limited time.
    Expiring,
}

impl ReaderRequest {
    /// The limits that apply to the request. Reading what belongs to the reader has none.
    pub(crate) fn kind(&self) -> Option<InteractionKind> {
        match self {
            Self::Source { .. } | Self::Fates { .. } => None,
            Self::Edit { .. } | Self::Delete { .. } | Self::Restore { .. } => Some(InteractionKind::Own),
            Self::Vote { .. } | Self::React { .. } => Some(InteractionKind::Opinion),
            Self::Report { .. } => Some(InteractionKind::Report),
        }
    }

    pub(crate) fn aftermath(&self) -> Aftermath {
        match self {
            Self::Source { .. } | Self::Fates { .. } => Aftermath::None,
            Self::Vote { .. } | Self::React { .. } => Aftermath::DeferredChange,
            Self::Edit { .. } | Self::Restore { .. } => Aftermath::Change,
            Self::Delete { .. } => Aftermath::ExpiringChange,
            Self::Report { .. } => Aftermath::Expiring,
        }
    }
}
