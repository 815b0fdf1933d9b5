//! The audit log, as moderators see it.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::id::CommentId;
use crate::moderation::action::ActionReason;
use crate::moderation::queue::ModerationState;
use crate::post_url::PostUrl;

/// An action of a moderator, as recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditAction {
    /// A comment was approved. The target is its UUID.
    Approve,
    /// A comment was approved and its author declared to be trusted. The target is the UUID of the comment.
    Trust,
    /// A comment was unpublished. The target is its UUID.
    #[serde(alias = "hold")]
    Unpublish,
    /// A comment was marked as spam. The target is its UUID.
    Spam,
    /// A comment was deleted, so that it can be restored. The target is its UUID.
    Delete,
    /// A comment that was deleted or marked as spam got its former state. The target is its UUID.
    Restore,
    /// The reports of a comment were closed. The target is the UUID of the comment.
    Keep,
    /// A comment was pinned. The target is its UUID.
    Pin,
    /// A comment is no longer pinned. The target is its UUID.
    Unpin,
    /// A comment got another text. The target is its UUID.
    Edit,
    /// A comment was erased. The target is its UUID.
    Erase,
    /// A comment was written as the owner. The target is its UUID.
    Reply,
    /// A comment was posted on somebody's behalf. The target is its UUID.
    Post,
    /// A comment was moved to another post. The target is its UUID.
    Transfer,
    /// An action on a comment, a thread or a ban was undone. The target is that of the action.
    Undo,
    /// A thread was closed. The target is its address.
    Close,
    /// A thread was opened again. The target is its address.
    Open,
    /// A post got a title, or the choice of its title was given back to the comments. The target is the address of the post.
    Title,
    /// A thread got another address. The target is the old address and the new one, with a space between them.
    Move,
    /// A setting was changed. The target is its name.
    Set,
    /// A ban was made, or its end was changed. The target is the kind and the UUID of the ban, or the kind alone in an entry of an earlier
    /// version.
    Ban,
    /// A ban was lifted. The target is that of [`AuditAction::Ban`].
    Unban,
}

impl AuditAction {
    /// All actions.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The word for the action: the same in the database, in an export and in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The parts of a comment that an action may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentSnapshot {
    /// The state.
    pub state: ModerationState,
    /// The revision.
    pub revision: i64,
    /// True if the comment is pinned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// True if it has open reports.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reported: bool,
    /// True if readers cannot report it until its text changes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    /// The comment for which its author is trusted, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_approved: Option<CommentId>,
    /// True if a moderator has declared the author to be trusted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trusted: bool,
    /// Version of the thread that first showed it, if it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// True if it has a place in its thread: it was published once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub placed: bool,
    /// Time at which a moderator deleted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<i64>,
    /// The state to which a deleted comment returns when it is restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<ModerationState>,
    /// The post, if the action moved the comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<PostUrl>,
    /// The comment that it answers, if the action moved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<CommentId>,
}

/// The text of a comment before and after an edit by a moderator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedText {
    /// The text before.
    pub before: String,
    /// The text after.
    pub after: String,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Number of the entry. Later entries have larger ones.
    pub number: i64,
    /// UUID of the entry.
    pub id: String,
    /// UUID of the batch, by which it can be undone. That of the entry if it is the only one.
    pub batch: String,
    /// Time of the action.
    pub at: i64,
    /// Name of the moderator.
    pub by: String,
    /// The action.
    pub action: AuditAction,
    /// The target of the action; see [`AuditAction`].
    pub target: String,
    /// The comment that the action concerns.
    pub comment: Option<CommentId>,
    /// The moderator's reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ActionReason>,
    /// The comment before the action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<CommentSnapshot>,
    /// The comment after the action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<CommentSnapshot>,
    /// The texts of an edit, until the comment is erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<LoggedText>,
    /// True if the action is undone, at least for this comment.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undone: bool,
}

/// The entries that a moderator asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditFilter {
    /// Name of the moderator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<AuditAction>,
    /// The comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<CommentId>,
    /// UUID of the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// First second of the actions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// The second after the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// Entries with larger numbers than this, oldest first: what is new since a page was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
}

/// A page of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The entries, newest first. May be empty even if `next` is set.
    pub audit: Vec<AuditRecord>,
    /// The number before which (with `since`: after which) the next page begins; `None` at the end.
    pub next: Option<i64>,
}
