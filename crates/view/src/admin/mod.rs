//! The pages of moderators, as pure functions of typed data.
//!
//! Every page works by links and forms alone. The script of `crates/view/admin` sends the same forms without loading a page, so a form and its
//! handler are the only interface. [`Frame`] is what all pages share; the texts are in one table, [`texts()`], apart from those of readers.

mod assets;
mod audit;
mod bans;
mod bulk;
mod chart;
mod comment_page;
mod continue_page;
mod error_page;
mod form;
mod frame;
mod icon;
mod keys;
mod link;
mod marked_text;
mod notice;
mod one_use;
mod overview;
mod queue;
mod queue_filter;
mod row;
mod row_actions;
mod script_texts;
mod sentence;
mod settings;
mod sign_in;
mod steps;
mod texts;
mod threads;
mod time;
mod transfer;
mod why_held;
mod write_forms;

pub use assets::{AdminAsset, SCRIPT_ENTRY};
pub use audit::{AuditView, audit_page};
pub use bans::{BanForm, ban_page, bans_page};
pub use bulk::{MatchingView, matching_page};
pub use comment_page::{AuthorView, author_page, comment_page};
pub use continue_page::continue_page;
pub use error_page::{AdminError, error_page};
pub use frame::{Frame, Section};
pub use link::is_admin_address;
pub use notice::{FormResult, Notice, Saved, UndoOffer};
pub use one_use::{OneUse, OneUseState, one_use_page};
pub use overview::overview_page;
pub use queue::{ListView, QueueView, queue_page};
pub use settings::{SettingsView, settings_page};
pub use sign_in::{SignIn, SignInProblem, first_time_page, sign_in_page};
pub use steps::{StepsKind, StepsView, steps_page};
pub use texts::{FIELDS, Fields, texts};
pub use threads::{ThreadsView, threads_page};
pub use transfer::{ImportResult, TransferView, transfer_page};
pub use write_forms::{CommentForm, OnBehalfForm, Typed, edit_page, erase_page, move_page, on_behalf_page, reply_page};
