//! Tests that compare the tables in README.md with the code: attributes, events and storage keys.

use std::collections::BTreeSet;

const README: &str = include_str!("../README.md");
const LOADER: &str = include_str!("../embed.js");
const SOURCES: [&str; 6] = [
    include_str!("storage/drafts.rs"),
    include_str!("storage/own_comments.rs"),
    include_str!("thread/attach.rs"),
    include_str!("thread/author.rs"),
    include_str!("thread/submit.rs"),
    include_str!("thread/widget.rs"),
];

/// The first cells of the README's tables that begin with a prefix, without their variable part.
fn table_keys(prefix: &str) -> BTreeSet<String> {
    let cells = README.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    cells.filter(|cell| cell.starts_with(prefix)).map(|cell| cell.replace("<canonical url>", "")).collect()
}

/// All parts of a text between an opening and a closing delimiter.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
}

#[test]
fn readme_lists_the_attributes_that_the_loader_reads() {
    let read: BTreeSet<String> = between(LOADER, "option('", '\'').map(|key| format!("data-{key}")).collect();
    assert_eq!(table_keys("data-"), read);
    assert!(read.contains("data-url"));
}

#[test]
fn readme_lists_the_events_and_storage_keys_in_the_code() {
    let used: BTreeSet<String> = SOURCES
        .iter()
        .flat_map(|source| between(source, "\"afterword:", '"'))
        .map(|name| format!("afterword:{name}"))
        .collect();
    assert_eq!(table_keys("afterword:"), used);
    assert!(used.contains("afterword:posted"));
}
