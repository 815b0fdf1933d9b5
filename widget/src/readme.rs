//! Tests that compare the documentation and the types of the page API with the code: options, events and storage keys.

use std::collections::BTreeSet;

const README: &str = include_str!("../README.md");
const PAGE_API: &str = include_str!("../../docs/src/page-api.md");
const OPTIONS: &str = include_str!("../../docs/src/customise.md");
const TYPES: &str = include_str!("../afterword.d.ts");
const LOADER: &str = include_str!("../embed.js");
const STORAGE: [&str; 3] =
    [include_str!("storage/drafts.rs"), include_str!("storage/own_comments.rs"), include_str!("thread/author.rs")];
const THREAD: [&str; 4] = [
    include_str!("thread/attach.rs"),
    include_str!("thread/comment_list.rs"),
    include_str!("thread/submit.rs"),
    include_str!("thread/widget.rs"),
];

/// The first cells of a page's tables that begin with a prefix, without their variable part.
fn table_keys(page: &str, prefix: &str) -> BTreeSet<String> {
    let cells = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    cells.filter(|cell| cell.starts_with(prefix)).map(|cell| cell.replace("<canonical url>", "")).collect()
}

/// All parts of a text between an opening and a closing delimiter.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
}

fn with_prefix<'a>(prefix: &str, names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    names.map(|name| [prefix, name].concat()).collect()
}

#[test]
fn options_are_documented_and_have_types() {
    let read: BTreeSet<&str> = between(LOADER, "option('", '\'').collect();
    assert_eq!(table_keys(OPTIONS, "data-"), with_prefix("data-", read.iter().copied()));
    let interface =
        TYPES.split("interface AfterwordOptions {").nth(1).and_then(|rest| rest.split("\n}").next()).unwrap();
    let typed: BTreeSet<&str> =
        interface.lines().filter_map(|line| line.trim().split_once("?:")).map(|(name, _)| name).collect();
    assert_eq!(typed, read);
    assert!(read.contains("url"));
}

#[test]
fn events_are_documented_and_have_types() {
    let loader =
        between(LOADER, "for (const type of ['", ']').flat_map(|list| list.split('\'')).filter(|name| name.len() > 2);
    let widget = THREAD.iter().flat_map(|source| between(source, "dispatch_event(\"afterword:", '"'));
    let dispatched = with_prefix("afterword:", loader.chain(widget));
    assert_eq!(table_keys(PAGE_API, "afterword:"), dispatched);
    assert_eq!(with_prefix("", between(TYPES, "  '", '\'').filter(|name| name.starts_with("afterword:"))), dispatched);
    assert!(dispatched.contains("afterword:drawn") && dispatched.contains("afterword:posted"));
}

#[test]
fn readme_lists_the_storage_keys_in_the_code() {
    let used = with_prefix("afterword:", STORAGE.iter().flat_map(|source| between(source, "\"afterword:", '"')));
    assert_eq!(table_keys(README, "afterword:"), used);
    assert!(used.contains("afterword:key"));
}
