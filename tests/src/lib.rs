#![doc = include_str!("../README.md")]
#![expect(clippy::expect_used, reason = "a test harness reports by failing, with the words given")]

mod api;
mod attack;
mod browser;
mod bucket;
mod export;
mod hooks;
mod host;
mod kv;
mod process;
mod proof;
mod scripts;
mod server;
mod trap;
mod wait;
mod watch;
mod widget;

pub use api::{Answer, Call, comment, cost, hidden, post_url, whole_thread, whole_thread_within, write_many};
pub use attack::{Attack, attacks};
pub use browser::{Browser, Look};
pub use bucket::backup_file;
pub use export::{entry, export, export_of, import, many_comments, sealed};
pub use hooks::{Hooks, Writes};
pub use host::{HostPage, HostSite};
pub use kv::Kv;
pub use process::{Group, free_port, root};
pub use proof::{challenge, old_challenge, solve};
pub use scripts::{VOICES, Voice, seed};
pub use server::{MODERATOR, SECRET, Server, Setting, xtask};
pub use wait::{clock, pause, until, until_async, until_within};
pub use watch::watched;
pub use widget::{MAIN, Shown, Widget};
