#![doc = include_str!("../README.md")]
#![expect(clippy::expect_used, reason = "a test harness reports errors by panicking with the given message")]

mod access_team;
mod api;
mod attack;
mod backup_bucket;
mod blog;
mod browser;
mod browser_session;
mod export;
mod faults;
mod foreign_blog;
mod kv;
mod kv_database;
mod multilingual;
mod polling_readers;
mod process;
mod proof_of_work;
mod server;
mod wait;
mod widget;

/// Returns true in `cargo xtask test --all`, on a machine without other work: ratios of time are asserted and not only printed.
pub fn is_long_run() -> bool {
    std::env::var_os("AFTERWORD_LONG_RUN").is_some()
}

/// Returns true in `cargo xtask test --all` and `cargo xtask test --browser`: tests go through all of their cases. Other runs are quick and leave out
/// what the README lists.
pub fn is_whole_run() -> bool {
    is_long_run() || std::env::var_os("AFTERWORD_WHOLE_RUN").is_some()
}

pub use access_team::{AccessTeam, AccessTestKey};
pub use api::{
    Request, Response, hidden_field, new_comment, post_many_comments, post_url, usage, wait_for_thread,
    wait_for_thread_within,
};
pub use attack::{Attack, attacks};
pub use backup_bucket::backup_file;
pub use blog::{HostPage, HostSite};
pub use browser::{Browser, BrowserOptions, Engine, Trace};
pub use browser_session::{BrowserSession, SESSION_COOKIE, session_cookie, sign_in_request};
pub use export::{build_export, export, generate_export, import, verified_comment, with_checksum_line};
pub use faults::{FaultInjector, KvWriteCounts};
pub use foreign_blog::{COMMENTS, OldComment, POSTS, blogger_backup, old_comments, old_post_path, old_text};
pub use kv::Kv;
pub use multilingual::{SCRIPT_SAMPLES, ScriptSample, post_multilingual_thread};
pub use polling_readers::with_polling_readers;
pub use process::{ProcessGroup, free_port, root};
pub use proof_of_work::{backdated_challenge, fetch_challenge, solve_challenge};
/// The pages of moderators to which the navigation leads.
pub const ADMIN_PAGES: [&str; 7] =
    ["/admin", "/admin/queue", "/admin/threads", "/admin/bans", "/admin/audit", "/admin/settings", "/admin/transfer"];

pub use server::{BASE_PATH, MODERATOR_AUTHORIZATION, MODERATOR_SECRET, Server, Setting, xtask};
pub use wait::{sleep, timed, wait_until, wait_until_async, wait_until_within};
pub use widget::{MAIN_FORM, ShownComment, Widget};
