//! The export of the earlier version, restored and exported again.

use afterword_ledger::{Ledger, Restore, RestoreOptions, RestoreSummary, RusqliteSql};
use afterword_model::{Origin, Sites};
use rusqlite::Connection;
use serde_json::{Map, Value};

use crate::fixture::{NOW, RENDERER, SITE, database_copy, export, export_file, export_lines, open};

/// Keys of export lines that have another name today: the path of the old key, and the new key.
///
/// The path consists of the old key names from the top of the line: `comment` is the key that makes a line a comment,
/// `comment.uuid` is its UUID.
const RENAMED_KEYS: &[(&str, &str)] = &[
    ("audit.about", "target"),
    ("audit.act", "action"),
    ("comment.introduces", "first_approved"),
    ("moved", "redirect"),
    ("thread.named", "title_locked"),
];

/// Words that have another spelling today: the path of the old key, the old word, and the new word.
const RENAMED_WORDS: &[(&str, &str, &str)] = &[("audit.act", "hold", "unpublish")];

/// An empty ledger in memory.
fn empty() -> Ledger<RusqliteSql> {
    Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap()
}

/// Restores a file that arrives in chunks.
fn restore(ledger: &Ledger<RusqliteSql>, file: &str) -> RestoreSummary {
    let (sites, site) = (Sites::parse(SITE).unwrap(), Origin::parse(SITE).unwrap());
    let (renderer, patterns) = (RENDERER, None);
    let options = RestoreOptions { sites: &sites, site: &site, renderer, patterns, first_line: None, dry_run: false };
    let mut restore = Restore::new(options);
    for chunk in file.as_bytes().chunks(10_000) {
        restore.push(chunk);
        while restore.import_next_batch(ledger, NOW).unwrap() {}
    }
    restore.finish(ledger, NOW).unwrap()
}

/// The same line with the key names and words of today.
fn with_new_names(line: Value) -> Value {
    let mut line = line;
    for (path, old, new) in RENAMED_WORDS {
        let pointer = format!("/{}", path.replace('.', "/"));
        if let Some(word) = line.pointer_mut(&pointer).filter(|word| *word == old) {
            *word = Value::String((*new).to_owned());
        }
    }
    with_new_keys(line, "", RENAMED_KEYS)
}

/// The same line without what the present code does not take over: unkeyed fingerprints, and the patterns of bans in the audit log.
fn without_private_data(mut line: Value) -> Value {
    if let Some(fingerprint) = line.pointer_mut("/comment/fingerprint") {
        *fingerprint = Value::String(String::new());
    }
    let is_ban = line.pointer("/audit/action").is_some_and(|action| action == "ban" || action == "unban");
    if let Some(target) = line.pointer_mut("/audit/target").filter(|_| is_ban) {
        let kind = target.as_str().unwrap().split(' ').next().unwrap().to_owned();
        *target = Value::String(kind);
    }
    line
}

/// The same value with the key names of today.
fn with_new_keys(value: Value, path: &str, renamed: &[(&str, &str)]) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(key, value)| {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    let new = renamed.iter().find(|(old, _)| *old == path).map(|(_, new)| (*new).to_owned());
                    (new.unwrap_or(key), with_new_keys(value, &path, renamed))
                })
                .collect::<Map<_, _>>(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| with_new_keys(item, path, renamed)).collect()),
        other => other,
    }
}

/// Asserts that an export has the content of the exported file, line by line.
///
/// The checksum in the closing line has to be equal too, unless names changed.
#[track_caller]
fn assert_same_content(found: &[String]) {
    let expected = export_lines().into_iter().map(with_new_names).map(without_private_data);
    let mut expected: Vec<Value> = expected.collect();
    let mut found: Vec<Value> = found.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found.len(), expected.len());
    let (closing, expected_closing) = (found.pop().unwrap(), expected.pop().unwrap());
    // The format has a later version since.
    let header = found[0].as_object_mut().unwrap();
    assert_eq!(header.insert("afterword".to_owned(), 1.into()), Some(2.into()));
    for (number, (found, expected)) in (1..).zip(found.iter().zip(&expected)) {
        assert_eq!(found, expected, "line {number}");
    }
    let count = |closing: &Value| closing["end"]["lines"].as_u64().unwrap();
    assert_eq!(count(&closing), count(&expected_closing));
    assert_eq!(count(&closing), found.len() as u64);
    if RENAMED_KEYS.is_empty() {
        assert_eq!(closing, expected_closing, "the checksum of equal lines");
    }
}

#[test]
fn old_export_restores_with_equal_content() {
    let ledger = empty();
    let restored = restore(&ledger, &export_file());
    assert!(restored.complete);
    assert_eq!(restored.lines, 437);
    let imported = restored.imported;
    assert_eq!((imported.settings, imported.bans, imported.audited), (2, 4, 45));
    assert_eq!((imported.threads, imported.moved), (35, 12));
    assert_eq!((imported.comments, imported.votes), (324, 15));
    assert_eq!((imported.renumbered, imported.refused, imported.known), (0, 0, 0));
    assert_same_content(&export(&ledger));
}

#[test]
fn old_export_restored_twice_changes_nothing() {
    let ledger = empty();
    let first = restore(&ledger, &export_file());
    let again = restore(&ledger, &export_file());
    assert!(again.complete);
    assert_eq!(u64::from(again.imported.known), first.lines);
    assert_same_content(&export(&ledger));
}

#[test]
fn old_database_exports_equal_content() {
    assert_same_content(&export(&open(&database_copy("export"))));
}

#[test]
fn old_database_knows_every_line_of_its_export() {
    let ledger = open(&database_copy("restore"));
    let restored = restore(&ledger, &export_file());
    assert!(restored.complete);
    assert_eq!(u64::from(restored.imported.known), restored.lines);
    assert_same_content(&export(&ledger));
}

#[test]
fn renamed_keys_apply_to_their_own_path_only() {
    let old = serde_json::json!({"comment": {"uuid": "a", "inner": [{"uuid": "b"}]}, "uuid": "c"});
    let renamed = [("comment", "note"), ("comment.uuid", "id"), ("comment.inner.uuid", "key")];
    let new = serde_json::json!({"note": {"id": "a", "inner": [{"key": "b"}]}, "uuid": "c"});
    assert_eq!(with_new_keys(old, "", &renamed), new);
}
