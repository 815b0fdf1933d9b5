//! Large sites: memory is bounded, and work grows with the number of comments and no faster.

use std::collections::HashMap;

use afterword_ledger::{ExportCursor, Ledger, MoveOutcome, PostMove, PostMoves};
use afterword_model::{CommentId, limits};

use crate::fixtures::{NOW, SITE, Store, act, answer, entry, export, post, publish, send, url};

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
    let (mut lines, mut cursor, mut longest) = (Vec::new(), Some(ExportCursor::default()), 0);
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

/// `cargo test --release -p afterword-ledger --test transfer -- --ignored --nocapture hundred_thousand`
#[test]
#[ignore = "takes a while without optimization; the test above holds the same law"]
fn a_hundred_thousand_comments() {
    let (small, large) = (cost(10_000), cost(100_000));
    println!(
        "steps of SQLite's machine for each comment, export and import: {small:?} of 10,000, {large:?} of 100,000"
    );
    assert!(large.0 <= small.0 * 11 / 10 && large.1 <= small.1 * 13 / 10, "{small:?} {large:?}");
}

/// What a merge of two threads of so many comments each costs, beside so many comments of others: statements, and steps of SQLite's machine.
/// A third of the comments are answers.
fn cost_of_merge(comments: u32, others: u32) -> (u64, i64) {
    let store = Store::new();
    let ledger = store.ledger();
    for number in 1..=others {
        post(&ledger, &entry(&format!("other-{}", number % 50), 1_000_000 + number));
    }
    let mut known = Vec::new();
    for number in 1..=2 * comments {
        let name = if number % 2 == 0 { "a" } else { "b" };
        let parent = known.len().checked_sub(4).filter(|_| number % 3 == 0);
        let sent = parent.map_or_else(|| entry(name, number), |at| answer(name, number, known[at]));
        known.push(post(&ledger, &sent));
    }
    publish(&ledger, NOW);
    store.statements.set(0);
    store.steps.set(0);
    let moves = PostMoves::List(vec![PostMove { from: url("a"), to: url("b") }]);
    assert_eq!(ledger.remap(&moves, 0, 9, &act(), NOW).unwrap().steps[0].outcome, MoveOutcome::Merged);
    let cost = (store.statements.get(), store.steps.get());
    check_all_there(&ledger, &known);
    cost
}

fn check_all_there(ledger: &Ledger<&Store>, known: &[CommentId]) {
    let head = ledger.read_page(&url("b"), 1).unwrap();
    let pages: Vec<_> = (1..=head.pages).map(|page| ledger.read_page(&url("b"), page).unwrap()).collect();
    let mut read: Vec<_> = pages.iter().flat_map(|page| &page.comments).map(|comment| comment.id).collect();
    read.sort_unstable();
    assert!(read == known, "every comment is read once");
    assert_eq!(head.count as usize, known.len());
    // An answer is on the page of the comment that it answers, or on one that continues it.
    let mut on = HashMap::new();
    for page in &pages {
        on.extend(page.comments.iter().map(|comment| (comment.id, page.page)));
        for parent in page.comments.iter().filter_map(|comment| comment.parent) {
            assert_eq!(head.layout().root_page_of(on[&parent]), head.layout().root_page_of(page.page));
        }
    }
}

#[test]
fn a_merge_takes_no_more_statements_of_very_long_threads() {
    let (short, long, longer) = (cost_of_merge(900, 0), cost_of_merge(3_000, 0), cost_of_merge(9_000, 0));
    assert!(short.0 < 6_000, "{} statements", short.0);
    assert_eq!(long.0, longer.0);
    assert!(long.0 < 30, "{} statements", long.0);
    assert!(longer.1 < 3 * long.1 * 11 / 10, "steps grow with the comments and no faster: {long:?} {longer:?}");
}

#[test]
fn a_merge_does_not_read_the_rest_of_the_site() {
    const OTHERS: u32 = 3_000;
    let (alone, beside) = (cost_of_merge(5, 0), cost_of_merge(5, OTHERS));
    assert_eq!(alone.0, beside.0);
    // The row of a thread that is no more is looked for once among all comments, as a foreign key asks.
    assert!(beside.1 - alone.1 <= i64::from(OTHERS) * 3 + 100, "{alone:?} {beside:?}");
}

#[test]
fn the_longest_line_of_an_export_is_read() {
    let store = Store::new();
    let escaped = "\"".repeat(limits::TEXT_BYTES);
    let mut sent = entry("a", 1);
    sent.html = crate::fixtures::render(&"\"".repeat(limits::TEXT_BYTES * 4)).unwrap();
    sent.source = escaped;
    post(&store.ledger(), &sent);
    let lines = export(&store.ledger(), 9);
    assert!(lines[2].len() > 70_000, "{}", lines[2].len());
    assert_eq!(send(&Store::new().ledger(), &lines, 9).unwrap().comments, 1);
}
