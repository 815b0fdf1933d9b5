//! The HTTP contract of docs/src/http-api.md, tested against the release build on the real runtime.

#![expect(clippy::unwrap_used, reason = "tests and their helpers report failures by panicking")]

mod addresses;
mod admin_access;
mod admin_auth;
mod admin_pages;
mod admin_sign_in;
mod backup_command;
mod blog_pages;
mod challenge;
mod comments;
mod concurrent_posts;
mod configuration;
mod cors;
mod counts;
mod crash_recovery;
mod erased_data;
mod feeds;
mod golden_fragments;
mod interactions;
mod invalid_comments;
mod invalid_forms;
mod invalid_interactions;
mod kv_failures;
mod kv_quota;
mod limits;
mod logs;
mod long_threads;
mod maintenance;
mod moderation_actions;
mod moderation_api;
mod moderation_policy;
mod own_comment_page;
mod panics;
mod preview;
mod read_thread;
mod remap_command;
mod routing;
mod security_txt;
mod serve_command;
mod spam_checks;
mod state_files;
mod static_assets;
mod thread_page;
mod transfer;
mod unreadable_values;

use std::sync::LazyLock;

use afterword_tests::Server;

/// A Worker that publishes at once, shared by all tests without special settings.
static OPEN: LazyLock<Server> = LazyLock::new(|| Server::with_moderation("http-open", "open"));
