//! The HTTP contract of DESIGN section 7, against the release build on the real runtime.

#![expect(clippy::unwrap_used, reason = "a test reports by failing, in its helpers too")]

mod admin;
mod backup;
mod bad_forms;
mod bad_input;
mod budget;
mod carry;
mod challenge;
mod comments;
mod cors;
mod counts;
mod crowd;
mod golden;
mod guard;
mod killed;
mod limits;
mod methods;
mod moderation;
mod moderators;
mod moving;
mod nightly;
mod page;
mod panics;
mod security;
mod serve;
mod setup;
mod statics;
mod thread;
mod trouble;

use std::sync::LazyLock;

use afterword_tests::Server;

/// The Worker that publishes at once, shared by all tests that need nothing else.
static OPEN: LazyLock<Server> = LazyLock::new(|| Server::moderated("http-open", "open"));
