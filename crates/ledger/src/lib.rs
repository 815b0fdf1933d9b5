#![doc = include_str!("../README.md")]

mod error;
mod interact;
mod ledger;
mod maintenance;
mod moderate;
mod moves;
mod policy;
mod publish;
mod store;
mod submit;
mod transfer;
mod verified_comment;

pub use afterword_model::export_format::{ChecksumError, ExportChecksum, ExportHeader, MAX_LINE_BYTES};
pub use afterword_model::moderation::{AuditAction as Action, AuditRecord as AuditEntry, BanKind};
pub use error::{LedgerError, SqlError};
pub use interact::own_comment::CommentRef;
pub use interact::report::NewReport;
pub use interact::vote::VoteResult;
pub use ledger::{Ledger, PageSize, RESTORE_SECONDS, WIPE_DELAY_SECONDS};
pub use maintenance::prune::PruneProgress;
pub use maintenance::republish::{RepublishCursor, RepublishProgress};
pub use maintenance::rerender::RerenderProgress;
pub use moderate::bans::BanTarget;
pub use moderate::describe::{ThreadFacts, ThreadReport};
pub use moderate::edit::CommentEdit;
pub use moderate::list::{CommentDetails, CommentFilter, ListPage};
pub use moderate::written_comment::ModeratorComment;
pub use moves::canonicalize::CanonicalizeProgress;
pub use moves::post_move::{MoveOutcome, PostMove, PostMoves};
pub use moves::remap::{RemapProgress, RemapStep};
pub use policy::interaction_limiter::InteractionSender;
pub use policy::submission_policy::{
    BanMatcher, DifficultyRule, InvalidRule, MutedWordMatcher, PatternCompiler, SubmissionPolicy,
};
pub use publish::due_threads::{DueThread, Snapshot};
pub use publish::latest_comments::{DueLatest, LatestSnapshot};
pub use publish::redirects::PendingRedirect;
pub use publish::renderer::Renderer;
pub use publish::stale_pages::StalePages;
pub use store::audit_log::Attribution;
pub use store::ban::Ban;
pub use store::network_ids::network_id_expiry;
pub use store::report_row::ReportSummary;
#[cfg(feature = "rusqlite")]
pub use store::rusqlite::RusqliteSql;
pub use store::setting::{SettingChange, SiteSettings};
pub use store::sql::{Sql, Value};
pub use submit::submit_comment::SubmitReply;
pub use transfer::export::{ExportCursor, ExportPart};
pub use transfer::import::batch::{ImportBatch, ImportCounts, ImportError, InvalidLine};
pub use transfer::import::validate::LineError;
pub use transfer::restore::{Restore, RestoreError, RestoreOptions, RestoreSummary};
pub use verified_comment::{ClientNetwork, ProofStatus, VerifiedComment};
