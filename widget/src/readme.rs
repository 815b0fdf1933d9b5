//! The README's tables against the code: attributes, events and storage keys.

use std::collections::BTreeSet;

const README: &str = include_str!("../README.md");
const LOADER: &str = include_str!("../embed.js");
const SOURCES: [&str; 5] = [
    include_str!("storage/drafts.rs"),
    include_str!("storage/own_comments.rs"),
    include_str!("thread/reply_forms.rs"),
    include_str!("thread/submit.rs"),
    include_str!("thread/widget.rs"),
];

/// The first cells of the README's tables that begin with this, up to what varies.
fn listed(prefix: &str) -> BTreeSet<String> {
    let rows = README.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    rows.filter(|cell| cell.starts_with(prefix)).map(|cell| cell.replace("<canonical url>", "")).collect()
}

/// What stands between two marks, wherever it does.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
}

#[test]
fn the_attributes_are_those_that_the_loader_reads() {
    let read: BTreeSet<String> = between(LOADER, "option('", '\'').map(|key| format!("data-{key}")).collect();
    assert_eq!(listed("data-"), read);
    assert!(read.contains("data-url"));
}

#[test]
fn the_events_and_the_keys_are_those_of_the_code() {
    let used: BTreeSet<String> = SOURCES
        .iter()
        .flat_map(|source| between(source, "\"afterword:", '"'))
        .map(|name| format!("afterword:{name}"))
        .collect();
    assert_eq!(listed("afterword:"), used);
    assert!(used.contains("afterword:posted"));
}
