//! Large sites: the memory of export and import is bounded, and their work grows linearly with the number of comments.

use std::collections::HashMap;

use afterword_ledger::{ExportCursor, Ledger, MoveOutcome, PostMove, PostMoves};
use afterword_model::{CommentId, limits};

use crate::fixtures::{
    NOW, SITE, TestDatabase, attribution, export, import_lines, publish_all, reply, root_comment, submit, url,
};

/// Size of a part of the export in bytes.
const PART_BYTES: usize = 256 * 1024;

/// The cost of an export and of an import of this number of comments, in steps of SQLite's virtual machine per comment.
fn transfer_cost(comments: u32) -> (i64, i64) {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let mut first = None;
    for number in 1..=comments {
        // A third of the comments are in one long thread with continuation pages, the others in short threads.
        let name = if number % 3 == 0 { "long".to_owned() } else { format!("post-{}", number / 30) };
        let comment = match first {
            Some(first) if number % 9 == 0 => reply("long", number, first),
            _ => root_comment(&name, number),
        };
        let id = submit(&ledger, &comment);
        if number == 3 {
            first = Some(id);
        }
    }
    database.largest_result.set(0);
    database.vm_steps.set(0);
    let (mut lines, mut cursor, mut longest) = (Vec::new(), Some(ExportCursor::default()), 0);
    while let Some(from) = cursor {
        let part = ledger.export(SITE, from, PART_BYTES).unwrap();
        longest = longest.max(part.lines.iter().map(|line| line.len() + 1).sum());
        lines.extend(part.lines);
        cursor = part.next;
    }
    assert!(longest <= PART_BYTES + 1_024, "a part of {longest} bytes");
    assert!(database.largest_result.get() <= 64 * 1_024, "{} bytes from one statement", database.largest_result.get());
    let exported = database.vm_steps.get();
    let restored = TestDatabase::new();
    let ledger = restored.ledger();
    restored.vm_steps.set(0);
    import_lines(&ledger, &lines, 200).unwrap();
    assert!(restored.largest_result.get() <= 64 * 1_024, "{} bytes from one statement", restored.largest_result.get());
    let imported = restored.vm_steps.get();
    assert!(export(&ledger, PART_BYTES) == lines, "an imported site exports the same lines");
    (exported / i64::from(comments), imported / i64::from(comments))
}

#[test]
fn transfer_cost_is_linear_in_the_number_of_comments() {
    let (small, large) = (transfer_cost(3_000), transfer_cost(12_000));
    // A page that is not full costs less than a full one, and the small site has relatively more of them.
    assert!(large.0 <= small.0 * 11 / 10 && large.1 <= small.1 * 13 / 10, "{small:?} {large:?}");
    // The fill of a page is read once per batch, not once per comment.
    assert!(large.1 <= 250, "{large:?}");
}

/// `cargo test --release -p afterword-ledger --test transfer -- --ignored --nocapture hundred_thousand`
#[test]
#[ignore = "takes a while without optimization; the test above checks the same property"]
fn transfer_cost_is_linear_up_to_a_hundred_thousand_comments() {
    let (small, large) = (transfer_cost(10_000), transfer_cost(100_000));
    println!("SQLite VM steps per comment for export and import: {small:?} of 10,000 comments, {large:?} of 100,000");
    assert!(large.0 <= small.0 * 11 / 10 && large.1 <= small.1 * 13 / 10, "{small:?} {large:?}");
}

/// The cost of a merge of two threads with `comments` comments each, in statements and in steps of SQLite's virtual
/// machine. A third of the comments are replies. The site has `others` further comments.
fn merge_cost(comments: u32, others: u32) -> (usize, i64) {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 1..=others {
        submit(&ledger, &root_comment(&format!("other-{}", number % 50), 1_000_000 + number));
    }
    let mut ids = Vec::new();
    for number in 1..=2 * comments {
        let name = if number % 2 == 0 { "a" } else { "b" };
        let parent = ids.len().checked_sub(4).filter(|_| number % 3 == 0);
        let comment = parent.map_or_else(|| root_comment(name, number), |at| reply(name, number, ids[at]));
        ids.push(submit(&ledger, &comment));
    }
    publish_all(&ledger, NOW);
    database.statements.borrow_mut().clear();
    database.vm_steps.set(0);
    let moves = PostMoves::List(vec![PostMove { from: url("a"), to: url("b") }]);
    assert_eq!(ledger.remap(&moves, 0, 9, &attribution(), NOW).unwrap().steps[0].outcome, MoveOutcome::Merged);
    let cost = (database.statements.borrow().len(), database.vm_steps.get());
    check_merged_thread(&ledger, &ids);
    cost
}

/// Checks that the merged thread shows each comment once, and each reply on the page of its parent or a continuation of
/// it.
fn check_merged_thread(ledger: &Ledger<&TestDatabase>, ids: &[CommentId]) {
    let first_page = ledger.read_page(&url("b"), 1).unwrap();
    let pages: Vec<_> = (1..=first_page.pages).map(|page| ledger.read_page(&url("b"), page).unwrap()).collect();
    let mut read: Vec<_> = pages.iter().flat_map(|page| &page.comments).map(|comment| comment.id).collect();
    read.sort_unstable();
    assert!(read == ids, "every comment is read once");
    assert_eq!(first_page.count as usize, ids.len());
    let mut page_of = HashMap::new();
    for page in &pages {
        page_of.extend(page.comments.iter().map(|comment| (comment.id, page.page)));
        for parent in page.comments.iter().filter_map(|comment| comment.parent) {
            assert_eq!(first_page.layout().root_page_of(page_of[&parent]), first_page.layout().root_page_of(page.page));
        }
    }
}

#[test]
fn merging_long_threads_takes_a_constant_number_of_statements() {
    let (short, long, longer) = (merge_cost(900, 0), merge_cost(3_000, 0), merge_cost(9_000, 0));
    assert!(short.0 < 6_000, "{} statements", short.0);
    assert_eq!(long.0, longer.0);
    assert!(long.0 < 32, "{} statements", long.0);
    assert!(longer.1 < 3 * long.1 * 11 / 10, "steps grow with the comments and no faster: {long:?} {longer:?}");
}

#[test]
fn a_merge_does_not_read_other_threads() {
    const OTHERS: u32 = 3_000;
    let (alone, beside) = (merge_cost(5, 0), merge_cost(5, OTHERS));
    assert_eq!(alone.0, beside.0);
    // The foreign key has SQLite search all comments for the deleted thread once.
    assert!(beside.1 - alone.1 <= i64::from(OTHERS) * 3 + 100, "{alone:?} {beside:?}");
}

#[test]
fn the_longest_export_line_is_imported() {
    let database = TestDatabase::new();
    let escaped = "\"".repeat(limits::TEXT_BYTES);
    let mut comment = root_comment("a", 1);
    comment.html = crate::fixtures::render(&"\"".repeat(limits::TEXT_BYTES * 4)).unwrap();
    comment.source = escaped;
    submit(&database.ledger(), &comment);
    let lines = export(&database.ledger(), 9);
    assert!(lines[2].len() > 70_000, "{}", lines[2].len());
    assert_eq!(import_lines(&TestDatabase::new().ledger(), &lines, 9).unwrap().comments, 1);
}
