//! Actions on comments, in batches, and their undo.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::id::{CommentId, SubmissionId};
use crate::moderation::audit::AuditAction;
use crate::moderation::queue::{ListCount, ModerationState, QueueFilter};

/// An action on one or several comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BatchAction {
    /// Publishes.
    Approve,
    /// Publishes, and has further comments of the author published even where all comments wait.
    ApproveAndTrust,
    /// Makes the comment wait.
    Unpublish,
    /// Marks as spam.
    Spam,
    /// Deletes; the text is wiped after 30 days.
    Delete,
    /// Gives a deleted comment, or one marked as spam, the state that it had before.
    Restore,
    /// Closes all reports, and mutes new ones until the text changes.
    Keep,
    /// Pins above the other comments.
    Pin,
    /// Ends that.
    Unpin,
    /// Wipes text and author for good. This cannot be undone.
    Erase,
}

impl BatchAction {
    /// All actions.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The word for the action in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The action as the audit log has it.
    pub fn logged(self) -> AuditAction {
        match self {
            Self::Approve => AuditAction::Approve,
            Self::ApproveAndTrust => AuditAction::Trust,
            Self::Unpublish => AuditAction::Unpublish,
            Self::Spam => AuditAction::Spam,
            Self::Delete => AuditAction::Delete,
            Self::Restore => AuditAction::Restore,
            Self::Keep => AuditAction::Keep,
            Self::Pin => AuditAction::Pin,
            Self::Unpin => AuditAction::Unpin,
            Self::Erase => AuditAction::Erase,
        }
    }

    /// Returns true if the action can be undone.
    pub fn is_undoable(self) -> bool {
        self != Self::Erase
    }
}

/// A moderator's reason for an action, for the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ActionReason {
    /// It has nothing to do with the post.
    OffTopic,
    /// Insults, threats or hatred.
    Insult,
    /// It reveals what somebody wants to keep private.
    PersonalData,
    /// It is against the law.
    Illegal,
    /// It says what another comment says.
    Duplicate,
    /// Something else.
    Other,
}

impl ActionReason {
    /// All reasons.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The word for the reason: the same in the database and in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A comment as the moderator saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionItem {
    /// The comment.
    pub id: CommentId,
    /// The revision that the moderator saw.
    pub revision: i64,
}

/// One action on some comments. A batch that is sent twice is done once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionBatch {
    /// UUID of the batch.
    pub id: SubmissionId,
    /// The action.
    pub action: BatchAction,
    /// The comments, at most [`limits::BATCH_COMMENTS`](crate::limits::BATCH_COMMENTS).
    pub comments: Vec<ActionItem>,
    /// A reason for the audit log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ActionReason>,
}

/// The outcome of an action for one comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum ActionOutcome {
    /// It was done, by this request or by an earlier one with the same UUID.
    Done {
        /// The revision that it left.
        revision: i64,
    },
    /// The comment was like that already.
    Already {
        /// Name of the moderator who made it so, if the audit log knows.
        by: Option<String>,
        /// Time of that action.
        at: Option<i64>,
    },
    /// A moderator has decided otherwise since the revision that was seen. Nothing was done.
    DecidedOtherwise {
        /// Name of the other moderator.
        by: String,
        /// Time of their action.
        at: i64,
        /// The state that it left.
        state: ModerationState,
        /// The present revision.
        revision: i64,
    },
    /// The text has changed since the revision that was seen. Nothing was done.
    Changed {
        /// The present revision.
        revision: i64,
    },
    /// There is no such comment, it is erased, or the action does not apply to it.
    Gone,
}

/// The outcome for one comment of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemResult {
    /// The comment.
    pub id: CommentId,
    /// The outcome.
    #[serde(flatten)]
    pub outcome: ActionOutcome,
}

/// The outcome for one comment of a batch on several sites, which may have comments with the same id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteResult {
    /// Origin of the site.
    pub site: String,
    /// The outcome.
    #[serde(flatten)]
    pub result: ItemResult,
}

/// The outcomes of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchResult {
    /// UUID of the batch, by which it can be undone.
    pub id: SubmissionId,
    /// The outcomes, in the order of the request.
    pub results: Vec<ItemResult>,
}

/// An action on all comments that match a filter, in bounded steps. All steps have the same UUID, and are one batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchingBatch {
    /// UUID of the batch.
    pub id: SubmissionId,
    /// The action.
    pub action: BatchAction,
    /// The comments.
    pub filter: QueueFilter,
    /// The newest comment of the page on which the moderator decided. Later ones are left alone.
    pub through: CommentId,
    /// The number that the moderator confirmed. The batch never acts on more comments.
    pub count: u32,
    /// The comment after which this step begins; `None` for the first step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommentId>,
    /// A reason for the audit log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ActionReason>,
}

/// A step of a [`MatchingBatch`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchingProgress {
    /// UUID of the batch.
    pub id: SubmissionId,
    /// Number of comments on which the whole batch has acted so far.
    pub done: u32,
    /// The comment after which the next step begins; `None` at the end.
    pub next: Option<CommentId>,
    /// The outcomes of this step that are not [`ActionOutcome::Done`].
    pub others: Vec<ItemResult>,
}

/// The number of comments that match a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchingCount {
    /// The number.
    #[serde(flatten)]
    pub count: ListCount,
    /// The newest comment of the site.
    pub through: Option<CommentId>,
}

/// The undo of a batch. It is a batch of its own, so it can be undone as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoRequest {
    /// UUID of the undo.
    pub id: SubmissionId,
    /// UUID of the batch to undo.
    pub batch: SubmissionId,
    /// The entry of the audit log after which this step begins; `None` for the first step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
}

/// A step of an undo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoResult {
    /// UUID of the undo.
    pub id: SubmissionId,
    /// UUID of the batch that it undoes.
    pub batch: SubmissionId,
    /// The outcomes of this step. Only comments whose revision is the one that the batch left are restored; the others are named.
    pub results: Vec<ItemResult>,
    /// Value of `after` for the next step; `None` if nothing is left.
    pub next: Option<i64>,
}
