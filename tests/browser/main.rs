//! The widget in real Chromium, on pages of another origin than the Worker's.

#![expect(clippy::expect_used, reason = "a test reports by failing, in its helpers too")]

mod access;
mod adopt;
mod attacks;
mod blog;
mod failing;
mod forms;
mod keyboard;
mod outside;
mod pending;
mod plain;
mod policies;
mod posting;
mod proof;
mod reading;
mod screenshots;
mod storage;

use std::sync::LazyLock;

use afterword_model::{Comment, NewComment, PostedComment};
use afterword_tests::{Call, HostSite, Server, comment, post_url, whole_thread, write_many};

/// The Worker that publishes at once, shared by all tests that need nothing else.
static OPEN: LazyLock<Server> = LazyLock::new(|| Server::moderated("browser-open", "open"));

/// The blog, on an origin of its own.
static HOST: LazyLock<HostSite> = LazyLock::new(HostSite::start);

/// A thread of more than one page, for the tests that only read it: its name, and its comments in their order.
static LONG: LazyLock<(&str, Vec<Comment>)> =
    LazyLock::new(|| ("long_thread", write_many(&OPEN, &post_url("long_thread"), 115)));

/// Writes a thread beforehand and waits until it is published: texts, each with the place in the list of the one it answers.
fn written(name: &str, texts: &[(&str, Option<usize>)]) -> Vec<PostedComment> {
    let url = post_url(name);
    let mut posted: Vec<PostedComment> = Vec::new();
    for (text, above) in texts {
        let parent = above.map(|above| posted[above].comment.id);
        posted.push(Call::post(&NewComment { parent, ..comment(&url, text) }).send(&OPEN).json());
    }
    whole_thread(&OPEN, &url, u32::try_from(texts.len()).unwrap_or_default());
    posted
}
