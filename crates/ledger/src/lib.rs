#![doc = include_str!("../README.md")]

mod error;
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

pub use error::LedgerError;
pub use ledger::Ledger;
pub use maintenance::prune::PruneProgress;
pub use maintenance::republish::{RebuildCursor, RebuildProgress, RerenderProgress};
pub use moderate::actor::Actor;
pub use moderate::bans::{Ban, BanKind, BanTarget};
pub use moderate::edit::CommentEdit;
pub use moderate::list::{CommentDetails, CommentFilter, ListPage};
pub use moderate::settings::{SettingChange, SiteSettings};
pub use moves::remap::{MoveOutcome, PostMove, PostMoves, RemapProgress, RemapStep};
pub use policy::submission_policy::{BanMatcher, MutedWordMatcher, PatternCompiler, SubmissionPolicy};
pub use publish::outbox::{DueThread, Snapshot};
pub use publish::pagination::PageSize;
pub use publish::redirects::{PendingRedirect, StalePages};
pub use store::audit_log::{Action, Attribution, AuditEntry};
#[cfg(feature = "rusqlite")]
pub use store::rusqlite::RusqliteSql;
pub use store::sql::{Sql, SqlError, Value};
pub use submit::submit_comment::SubmitOutcome;
pub use submit::vote::VoteResult;
pub use transfer::checksum::{ChecksumError, ExportChecksum};
pub use transfer::export::{ExportCursor, ExportPart};
pub use transfer::export_format::{ExportHeader, MAX_LINE_BYTES};
pub use transfer::import::validate::LineError;
pub use transfer::import::{ImportBatch, ImportCounts, ImportError, InvalidLine, Renderer};
pub use transfer::restore::{Restore, RestoreError, RestoreOptions, RestoreSummary};
pub use verified_comment::{ClientNetwork, ProofStatus, VerifiedComment};
