//! Typed requests of moderators from the Worker to the object, and their responses.

use afterword_ledger::{
    AuditEntry, Ban, BanTarget, CommentDetails, CommentFilter, InvalidRule, PostMoves, RemapStep, RepublishCursor,
    RepublishProgress, RerenderProgress, SettingChange, SiteSettings, ThreadReport,
};
use afterword_model::{CommentId, PostUrl, PostedComment, SubmissionId};
use serde::{Deserialize, Serialize};

/// A validated request of a moderator.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum AdminRequest {
    ListComments { filter: CommentFilter, before: Option<CommentId>, limit: u32 },
    Moderate { comment: CommentId, action: ModerationAction, attribution: Attributed },
    SetClosed { url: PostUrl, closed: bool, attribution: Attributed },
    SetTitle { url: PostUrl, title: String, attribution: Attributed },
    DescribeThread { url: PostUrl },
    GetSettings,
    UpdateSetting { change: SettingChange, attribution: Attributed },
    ListBans,
    Ban { target: BanTarget, until: Option<i64>, attribution: Attributed },
    LiftBans { bans: Vec<SubmissionId>, attribution: Attributed },
    ListInvalidRules,
    ListAuditLog { before: Option<i64>, limit: u32 },
    Republish { after: RepublishCursor, limit: u32 },
    Rerender { after: i64, limit: u32 },
    Remap { moves: PostMoves, dry_run: bool, after: i64, limit: u32, attribution: Attributed },
}

/// A moderator's decision about a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ModerationAction {
    Approve,
    Unpublish,
    Erase,
}

/// Id and author of an action, for the audit log.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Attributed {
    /// UUID of the action: sent twice, it is done once.
    pub(crate) id: SubmissionId,
    /// Name of the moderator.
    pub(crate) by: String,
}

/// Response to an [`AdminRequest`]. It serializes as the public JSON, so that the Worker can forward it unread.
///
/// The fields tell the variants apart. `Settings` is the last one, because all of its fields are optional.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum AdminResponse {
    Comments(CommentList),
    Comment(PostedComment),
    ClosedThread(ClosedThread),
    TitledThread(TitledThread),
    Bans(BanList),
    InvalidRules(InvalidRuleList),
    AuditLog(AuditLog),
    Republish(RepublishProgress),
    Rerender(RerenderProgress),
    Remap(RemapProgress),
    Thread(ThreadReport),
    Settings(SiteSettings),
}

/// Some comments, newest first.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CommentList {
    pub(crate) comments: Vec<CommentDetails>,
    /// Value of `before` for the next page; `None` at the end.
    pub(crate) next: Option<i64>,
}

/// Some entries of the audit log, newest first.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AuditLog {
    pub(crate) audit: Vec<AuditEntry>,
    /// Value of `before` for the next page; `None` at the end.
    pub(crate) next: Option<i64>,
}

/// The site's bans.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BanList {
    pub(crate) bans: Vec<Ban>,
}

/// Rules of the site that are not valid, because of which comments are held.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct InvalidRuleList {
    pub(crate) invalid_rules: Vec<InvalidRule>,
}

/// A thread that was closed or opened.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ClosedThread {
    pub(crate) url: PostUrl,
    pub(crate) closed: bool,
    /// Version of the thread.
    pub(crate) version: i64,
}

/// A thread whose title was set.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TitledThread {
    pub(crate) url: PostUrl,
    pub(crate) title: String,
    /// Version of the thread.
    pub(crate) version: i64,
}

/// Posts that one call moved, or would move.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RemapProgress {
    pub(crate) dry_run: bool,
    pub(crate) steps: Vec<RemapStep>,
    /// Value of `after` for the next call; `None` at the end.
    pub(crate) next: Option<i64>,
}

impl AdminRequest {
    /// Returns true if this request may store something that is kept for a limited time.
    pub(crate) fn may_expire(&self) -> bool {
        matches!(self, Self::Ban { .. })
    }

    /// Returns true if the request may leave something to publish.
    pub(crate) fn may_publish(&self) -> bool {
        match self {
            Self::Republish { .. }
            | Self::Rerender { .. }
            | Self::Moderate { .. }
            | Self::SetClosed { .. }
            | Self::SetTitle { .. } => true,
            Self::Remap { dry_run, .. } => !dry_run,
            Self::ListComments { .. } | Self::GetSettings | Self::UpdateSetting { .. } | Self::ListAuditLog { .. } => {
                false
            }
            Self::DescribeThread { .. }
            | Self::ListBans
            | Self::ListInvalidRules
            | Self::Ban { .. }
            | Self::LiftBans { .. } => false,
        }
    }
}
