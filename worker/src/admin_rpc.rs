//! Typed requests of moderators from the Worker to the object, and their responses.

use afterword_ledger::{
    Ban, BanTarget, CommentDetails, CommentFilter, InvalidRule, PostMoves, RemapStep, RepublishCursor,
    RepublishProgress, RerenderProgress, SettingChange, SiteSettings, ThreadReport, VerifiedComment,
};
use afterword_model::moderation::{
    ActionBatch, ActionItem, AuditFilter, AuditPage, BatchResult, CloseOldThreads, ClosedThreads, CommentPage,
    ItemResult, MatchingBatch, MatchingCount, MatchingProgress, Overview, QueueFilter, QueuePage, SweepRequest,
    ThreadFilter, ThreadListPage, UndoRequest, UndoResult, WrittenComment,
};
use afterword_model::{CommentId, PostUrl, PostedComment, SafeHtml, SubmissionId};
use serde::{Deserialize, Serialize};

/// A validated request of a moderator.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum AdminRequest {
    ListComments { filter: CommentFilter, before: Option<CommentId>, limit: u32 },
    ReadQueue { filter: QueueFilter, after: Option<CommentId>, limit: u32 },
    CountMatching { filter: QueueFilter },
    ReadComment { comment: CommentId },
    RunBatch { batch: ActionBatch, by: String },
    RunMatchingBatch { batch: MatchingBatch, by: String },
    Undo { request: UndoRequest, by: String },
    Edit { comment: ActionItem, text: NewText, approve: bool, attribution: Attributed },
    Reply { parent: ActionItem, reply: Box<VerifiedComment>, approve: bool, attribution: Attributed },
    PostOnBehalf { comment: Box<VerifiedComment>, date: Option<i64>, attribution: Attributed },
    MoveComment { comment: ActionItem, url: PostUrl, attribution: Attributed },
    ListThreads { filter: ThreadFilter, before: Option<i64>, limit: u32 },
    CloseOldThreads { request: CloseOldThreads, by: String },
    ReadOverview,
    Moderate { comment: CommentId, action: ModerationAction, attribution: Attributed },
    SetClosed { url: PostUrl, closed: bool, attribution: Attributed },
    SetTitle { url: PostUrl, title: String, attribution: Attributed },
    DescribeThread { url: PostUrl },
    GetSettings,
    UpdateSetting { change: SettingChange, attribution: Attributed },
    ListBans,
    Ban { target: BanTarget, until: Option<i64>, reason: String, sweep: bool, attribution: Attributed },
    Sweep { request: SweepRequest, by: String },
    LiftBans { bans: Vec<SubmissionId>, attribution: Attributed },
    ListInvalidRules,
    ListAuditLog { filter: AuditFilter, before: Option<i64>, limit: u32 },
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

/// A text that a moderator wrote, checked and rendered.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewText {
    /// The text as it was typed.
    pub(crate) source: String,
    /// The text as it was rendered.
    pub(crate) html: SafeHtml,
    /// Version of the renderer.
    pub(crate) renderer: i64,
}

/// Id and author of an action, for the audit log.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Attributed {
    /// UUID of the action: sent twice, it is done once.
    pub(crate) id: SubmissionId,
    /// Name of the moderator.
    pub(crate) by: String,
}

/// Response to an [`AdminRequest`]. It serializes as the public JSON, so that the Worker can forward it unread. A caller that reads it decodes
/// the type inside the variant that belongs to its request.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum AdminResponse {
    Comments(CommentList),
    Comment(PostedComment),
    QueuePage(QueuePage),
    MatchingCount(MatchingCount),
    CommentPage(Box<CommentPage>),
    Batch(BatchResult),
    Matching(MatchingProgress),
    Undo(UndoResult),
    Item(ItemResult),
    WrittenComment(Box<WrittenComment>),
    ClosedThread(ClosedThread),
    ClosedThreads(ClosedThreads),
    TitledThread(TitledThread),
    Threads(ThreadListPage),
    Bans(BanList),
    InvalidRules(InvalidRuleList),
    AuditLog(AuditPage),
    Overview(Overview),
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

/// The site's bans.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BanList {
    pub(crate) bans: Vec<Ban>,
    /// The ban that the request made or found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ban: Option<String>,
    /// The first step of marking the comments that a new ban matches as spam.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) swept: Option<MatchingProgress>,
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
        matches!(self, Self::Ban { .. } | Self::RunBatch { .. } | Self::RunMatchingBatch { .. } | Self::Undo { .. })
    }

    /// Returns true if the request may leave something to publish.
    pub(crate) fn may_publish(&self) -> bool {
        match self {
            Self::Republish { .. }
            | Self::Rerender { .. }
            | Self::Moderate { .. }
            | Self::RunBatch { .. }
            | Self::RunMatchingBatch { .. }
            | Self::Undo { .. }
            | Self::Edit { .. }
            | Self::Reply { .. }
            | Self::PostOnBehalf { .. }
            | Self::MoveComment { .. }
            | Self::CloseOldThreads { .. }
            | Self::Sweep { .. }
            | Self::SetClosed { .. }
            | Self::SetTitle { .. } => true,
            Self::Ban { sweep, .. } => *sweep,
            Self::Remap { dry_run, .. } => !dry_run,
            Self::ListComments { .. }
            | Self::ReadQueue { .. }
            | Self::CountMatching { .. }
            | Self::ReadComment { .. } => false,
            Self::GetSettings | Self::UpdateSetting { .. } | Self::ListAuditLog { .. } | Self::ReadOverview => false,
            Self::DescribeThread { .. } | Self::ListThreads { .. } => false,
            Self::ListBans | Self::ListInvalidRules | Self::LiftBans { .. } => false,
        }
    }
}
