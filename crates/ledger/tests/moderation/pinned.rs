use std::collections::HashMap;

use afterword_ledger::Ledger;
use afterword_model::moderation::BatchAction;
use afterword_model::{CommentId, Moderation, PageReader, Sort, Thread, Vote, limits};

use crate::common::reading::{check_links, published_values, read};
use crate::common::{NOW, TestDatabase, page_size, url};
use crate::fixtures::{act, comment_by, submit, undo};

/// A ledger whose pages take three comments, with ten root comments, one by each author.
fn ten_comments(database: &TestDatabase) -> Ledger<&TestDatabase> {
    let ledger = database.ledger().with_page_size(page_size(3));
    for number in 1..=10 {
        submit(&ledger, &comment_by(&format!("author {number}"), number, "Hello"), Moderation::Open);
    }
    ledger
}

fn published(ledger: &Ledger<&TestDatabase>) -> HashMap<String, Thread> {
    let values = published_values(ledger, &url("a"));
    assert!(check_links(&values) > 0);
    values
}

fn first_page(values: &HashMap<String, Thread>, sort: Sort) -> Vec<i64> {
    let (thread, _) = read(values, PageReader::new(url("a"), 1, sort).with_root_page());
    thread.comments.iter().map(|comment| comment.id.get()).collect()
}

fn submit_reply(ledger: &Ledger<&TestDatabase>, number: u32, parent: i64) -> CommentId {
    let mut comment = comment_by("reader", number, "Hi");
    comment.parent = Some(CommentId::new(parent));
    submit(ledger, &comment, Moderation::Open)
}

#[test]
fn a_pinned_comment_of_a_late_page_is_first_in_every_order() {
    let database = TestDatabase::new();
    let ledger = ten_comments(&database);
    ledger.vote(CommentId::new(5), "eve", Vote::For, NOW).unwrap();
    let pin = act(&database, BatchAction::Pin, &[CommentId::new(8)]);
    let values = published(&ledger);
    assert_eq!(first_page(&values, Sort::Oldest), [8, 1, 2, 3]);
    assert_eq!(first_page(&values, Sort::Newest), [8, 10]);
    assert_eq!(first_page(&values, Sort::Top), [8, 5]);
    let (third, _) = read(&values, PageReader::new(url("a"), 3, Sort::Oldest));
    assert_eq!(third.comments.iter().map(|comment| comment.id.get()).collect::<Vec<_>>(), [7, 9], "once");
    undo(&database, pin);
    assert_eq!(first_page(&published(&ledger), Sort::Oldest), [1, 2, 3]);
}

#[test]
fn a_reply_to_a_pinned_comment_is_below_it_and_changes_two_values() {
    let database = TestDatabase::new();
    let ledger = ten_comments(&database);
    act(&database, BatchAction::Pin, &[CommentId::new(10)]);
    ledger.due_threads_after(0, NOW, 9).unwrap().iter().for_each(|due| ledger.mark_published(due).unwrap());
    assert_eq!(submit_reply(&ledger, 11, 10), CommentId::new(11));
    let due = ledger.due_threads_after(0, NOW, 9).unwrap();
    assert_eq!(due[0].pages, [1, 4], "its page and the first one, as for every comment");
    assert_eq!(first_page(&published(&ledger), Sort::Oldest), [10, 11, 1, 2, 3]);
}

#[test]
fn a_pinned_comment_that_is_removed_leaves_the_first_page() {
    let database = TestDatabase::new();
    let ledger = ten_comments(&database);
    act(&database, BatchAction::Pin, &[CommentId::new(8)]);
    act(&database, BatchAction::Spam, &[CommentId::new(8)]);
    let values = published(&ledger);
    assert_eq!(first_page(&values, Sort::Oldest), [1, 2, 3]);
    assert!(values.values().all(|value| value.pins.is_empty()));
}

#[test]
fn pinned_comments_and_their_replies_are_bounded() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let pinned = limits::PINNED_COMMENTS + 2;
    for number in 1..=180 {
        submit(&ledger, &comment_by(&format!("author {number}"), number, "Hello"), Moderation::Open);
    }
    for number in 0..30 {
        submit_reply(&ledger, 1_000 + number, 150);
        submit_reply(&ledger, 2_000 + number, 151);
    }
    let ids: Vec<CommentId> = (0..pinned).map(|at| CommentId::new(150 + i64::try_from(at).unwrap())).collect();
    act(&database, BatchAction::Pin, &ids);
    let values = published(&ledger);
    let head = &values[&url("a").kv_key(1)];
    assert_eq!(head.pins.len(), limits::PINNED_TREE_COMMENTS);
    let (first, fetched) = read(&values, PageReader::new(url("a"), 1, Sort::Oldest));
    assert_eq!((first.comments[0].id, fetched), (ids[0], 1));
    // The replies that did not fit are behind a link, below the same comment.
    let (_, later) = first.reply_pages(ids[1]);
    let (page, _) = read(&values, PageReader::new(url("a"), later.unwrap(), Sort::Oldest).with_root_page());
    let replies = page.comments.iter().filter(|comment| comment.parent == Some(ids[1]));
    assert_eq!(replies.count(), 30);
}
