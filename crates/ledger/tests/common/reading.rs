//! A reader of the values that a ledger would publish: opens pages, and follows links to comments.

use std::collections::HashMap;

use afterword_ledger::Ledger;
use afterword_model::{CommentId, PageReader, PostUrl, Sort, Thread};

use crate::common::TestDatabase;

/// All values of a post, as they would be published now, by their keys.
pub(crate) fn published_values(ledger: &Ledger<&TestDatabase>, post: &PostUrl) -> HashMap<String, Thread> {
    let pages = ledger.read_page(post, 1).unwrap().pages;
    let values = (1..=pages).map(|page| ledger.read_page(post, page).unwrap());
    values.chain([ledger.read_top(post).unwrap()]).map(|value| (value.kv_key(), value)).collect()
}

/// Fetches what a reader asks for. Returns the page and the number of values.
pub(crate) fn read(values: &HashMap<String, Thread>, mut reader: PageReader) -> (Thread, usize) {
    let mut fetched = 0;
    while let Some(keys) = reader.next_keys() {
        fetched += keys.len();
        reader.provide(keys.iter().map(|key| values.get(key).cloned()));
    }
    (reader.into_thread(), fetched)
}

/// Checks that a link to each comment leads to the page that has it, with one read more than the page takes at most.
/// Returns the number of comments.
#[track_caller]
pub(crate) fn check_links(values: &HashMap<String, Thread>) -> usize {
    let pages = values.values().filter(|value| value.sort == Sort::Oldest);
    let all: Vec<(&PostUrl, CommentId)> =
        pages.flat_map(|page| page.comments.iter().map(|comment| (&page.url, comment.id))).collect();
    for &(post, id) in &all {
        let (thread, fetched) = read(values, PageReader::for_comment(post.clone(), id, Sort::Oldest));
        assert!(thread.comments.iter().any(|comment| comment.id == id), "{id} is not on page {}", thread.page);
        assert!(fetched <= 1 + if thread.page == 1 { 1 } else { 2 }, "{id}: {fetched} values");
    }
    all.len()
}
