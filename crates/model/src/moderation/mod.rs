//! Types of moderation: what the pages of moderators show, and what their calls take and return.
//!
//! Times are in Unix seconds. Everything here may contain private data, and is for moderators only.

mod action;
mod audit;
mod ban;
mod comment_page;
mod overview;
mod queue;
mod settings;
mod thread_list;

pub use action::{
    ActionBatch, ActionItem, ActionOutcome, ActionReason, BatchAction, BatchResult, ItemResult, MatchingBatch,
    MatchingCount, MatchingProgress, SiteResult, UndoRequest, UndoResult,
};
pub use audit::{AuditAction, AuditFilter, AuditPage, AuditRecord, CommentSnapshot, LoggedText};
pub use ban::{BanKind, BanSummary, NewBan, SweepRequest};
pub use comment_page::{CommentPage, CommentRevision, ModeratedEdit, MoveComment, NewReply, OnBehalf, WrittenComment};
pub use overview::{DayCount, LimitUsage, Overview, SignalCount, ThreadActivity};
pub use queue::{
    AuthorHistory, ListCount, ModerationState, ParentComment, QueueCounts, QueueFilter, QueueList, QueuePage,
    QueuedAuthor, QueuedComment, QueuedReport,
};
pub use settings::{SettingField, SettingKind};
pub use thread_list::{CloseOldThreads, ClosedThreads, ThreadFilter, ThreadListPage, ThreadSummary};
