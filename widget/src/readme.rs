//! Tests that compare the documentation and the types of the page API with the code: options, events and storage keys.

use std::collections::BTreeSet;

use crate::scripts::sources;

const README: &str = include_str!("../README.md");
const PAGE_API: &str = include_str!("../../docs/src/page-api.md");
const OPTIONS: &str = include_str!("../../docs/src/customise.md");
const TYPES: &str = include_str!("../afterword.d.ts");
const LOADER: &str = include_str!("../embed.js");
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
    let thread = sources("thread");
    let widget = thread.values().flat_map(|source| {
        let calls = between(source, "dispatch(", ')').filter_map(|call| call.split("'").nth(1).map(str::to_owned));
        calls.collect::<Vec<_>>()
    });
    let widget: Vec<String> = widget.collect();
    let loader: Vec<&str> = loader.collect();
    let all = loader.iter().copied().chain(widget.iter().map(String::as_str));
    let dispatched = with_prefix("afterword:", all);
    assert_eq!(table_keys(PAGE_API, "afterword:"), dispatched);
    assert_eq!(with_prefix("", between(TYPES, "  '", '\'').filter(|name| name.starts_with("afterword:"))), dispatched);
    assert!(dispatched.contains("afterword:drawn") && dispatched.contains("afterword:posted"));
}

#[test]
fn storage_keys_of_the_code_are_documented() {
    let scripts = [sources("thread"), sources("parts")];
    let names =
        scripts.iter().flat_map(|folder| folder.values()).flat_map(|source| between(source, "'afterword:", '\''));
    let used = with_prefix("afterword:", names.filter(|name| !name.is_empty()));
    assert_eq!(table_keys(README, "afterword:"), used);
    let documented = table_keys(OPTIONS, "afterword:");
    assert_eq!(documented.iter().map(|key| key.replace("<post>", "")).collect::<BTreeSet<_>>(), used);
    assert!(used.contains("afterword:key"));
}
