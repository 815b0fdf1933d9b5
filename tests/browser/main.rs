//! The widget in a browser, on pages of another origin than the Worker's.

#![expect(clippy::expect_used, reason = "tests and their helpers report failures by panicking")]

mod accessibility;
mod accessibility_trees;
mod announcements;
mod attacks;
mod axe_states;
mod blog_pages;
mod clobbering;
mod comment_text;
mod counts;
mod cross_origin;
mod csp;
mod examples;
mod following;
mod forms;
mod forms_in_order;
mod harness;
mod host_pages;
mod keyboard;
mod languages;
mod leaks;
mod links;
mod loader;
mod local_storage;
mod long_threads;
mod matrix;
mod moderation;
mod network_failures;
mod no_javascript;
mod offline;
mod own_comments;
mod page_api;
mod page_changes;
mod pending_comments;
mod posting;
mod preferences;
mod proof_of_work;
mod random_acts;
mod reading;
mod responsiveness;
mod screenshots;
mod state_screenshots;
mod states;
mod typing;
mod waiting;
mod wasm_rendering;
mod writing;

use std::sync::LazyLock;

use afterword_model::{Comment, NewComment, PostedComment};
use afterword_tests::{Browser, HostSite, Request, Server, new_comment, post_many_comments, post_url, wait_for_thread};

/// A Worker that publishes at once, shared by all tests without special settings.
static OPEN: LazyLock<Server> = LazyLock::new(|| Server::with_moderation("browser-open", "open"));

/// The blog, on an origin of its own.
static HOST: LazyLock<HostSite> = LazyLock::new(HostSite::start);

/// Name and comments of a thread with more than one page, for tests that only read it.
static LONG: LazyLock<(&str, Vec<Comment>)> =
    LazyLock::new(|| ("long_thread", post_many_comments(&OPEN, &post_url("long_thread"), 115)));

/// Posts a thread and waits until it is published. Each text comes with the index of the text it replies to.
fn post_thread(name: &str, texts: &[(&str, Option<usize>)]) -> Vec<PostedComment> {
    let url = post_url(name);
    let mut posted: Vec<PostedComment> = Vec::new();
    for (text, parent_index) in texts {
        let parent = parent_index.map(|parent_index| posted[parent_index].comment.id);
        posted.push(Request::post_comment(&NewComment { parent, ..new_comment(&url, text) }).send(&OPEN).json());
    }
    wait_for_thread(&OPEN, &url, u32::try_from(texts.len()).unwrap_or_default());
    posted
}

/// Keeps the widget from arriving on the pages that the reader opens, until [`release_widget`].
async fn hold_widget_back(reader: &Browser) {
    let hold = "
        const instantiate = WebAssembly.instantiateStreaming;
        WebAssembly.instantiateStreaming = async (...parts) => {
            while (!window.isReleased) await new Promise((resolve) => setTimeout(resolve, 10));
            return instantiate(...parts);
        };";
    reader.inject_script(hold).await;
}

/// Lets the widget arrive on the page that the reader has open.
async fn release_widget(reader: &Browser) {
    reader.run("window.isReleased = true", Vec::new()).await;
}
