//! Large sites: memory is bounded, and work grows with the number of comments and no faster.

use afterword_ledger::Cursor;
use afterword_model::limits;

use crate::setup::{SITE, Store, answer, entry, export, post, send};

/// Bytes in one piece.
const PIECE: usize = 256 * 1024;

/// What an export and a restore of so many comments cost, in steps of SQLite's machine for each comment.
fn cost(comments: u32) -> (i64, i64) {
    let store = Store::new();
    let ledger = store.ledger();
    let mut first = None;
    for number in 1..=comments {
        // One thread of a third of them, with a chain of pages, and short ones.
        let name = if number % 3 == 0 { "long".to_owned() } else { format!("post-{}", number / 30) };
        let sent = match first {
            Some(first) if number % 9 == 0 => answer("long", number, first),
            _ => entry(&name, number),
        };
        let id = post(&ledger, &sent);
        if number == 3 {
            first = Some(id);
        }
    }
    store.widest.set(0);
    store.steps.set(0);
    let (mut lines, mut cursor, mut longest) = (Vec::new(), Some(Cursor::default()), 0);
    while let Some(from) = cursor {
        let part = ledger.export(SITE, from, PIECE).unwrap();
        longest = longest.max(part.lines.iter().map(|line| line.len() + 1).sum());
        lines.extend(part.lines);
        cursor = part.next;
    }
    assert!(longest <= PIECE + 1_024, "a piece of {longest} bytes");
    assert!(store.widest.get() <= 64 * 1_024, "{} bytes out of one statement", store.widest.get());
    let exported = store.steps.get();
    let restored = Store::new();
    let ledger = restored.ledger();
    restored.steps.set(0);
    send(&ledger, &lines, 200).unwrap();
    assert!(restored.widest.get() <= 64 * 1_024, "{} bytes out of one statement", restored.widest.get());
    let imported = restored.steps.get();
    assert!(export(&ledger, PIECE) == lines, "a restore gives the export back");
    (exported / i64::from(comments), imported / i64::from(comments))
}

#[test]
fn work_grows_with_the_number_of_comments() {
    let (small, large) = (cost(3_000), cost(12_000));
    // A page that is not full is cheaper than a full one, so the short threads of the small site weigh more.
    assert!(large.0 <= small.0 * 11 / 10 && large.1 <= small.1 * 13 / 10, "{small:?} {large:?}");
    // A page that is being filled is looked at once a batch, and not once a comment.
    assert!(large.1 <= 250, "{large:?}");
}

/// `cargo test --release -p afterword-ledger --test carry -- --ignored --nocapture hundred_thousand`
#[test]
#[ignore = "takes a while without optimization; the test above holds the same law"]
fn a_hundred_thousand_comments() {
    let (small, large) = (cost(10_000), cost(100_000));
    println!(
        "steps of SQLite's machine for each comment, export and import: {small:?} of 10,000, {large:?} of 100,000"
    );
    assert!(large.0 <= small.0 * 11 / 10 && large.1 <= small.1 * 13 / 10, "{small:?} {large:?}");
}

#[test]
fn the_longest_line_of_an_export_is_read() {
    let store = Store::new();
    let escaped = "\"".repeat(limits::TEXT);
    let mut sent = entry("a", 1);
    sent.html = crate::setup::render(&"\"".repeat(limits::TEXT * 4)).unwrap();
    sent.source = escaped;
    post(&store.ledger(), &sent);
    let lines = export(&store.ledger(), 9);
    assert!(lines[2].len() > 70_000, "{}", lines[2].len());
    assert_eq!(send(&Store::new().ledger(), &lines, 9).unwrap().comments, 1);
}
