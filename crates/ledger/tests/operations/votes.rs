//! The publishing of votes and of the best comments.

use afterword_ledger::{Actor, Ledger, PageSize, VerifiedComment};
use afterword_model::{CommentId, Moderation, Sort, Vote};

use crate::fixtures::{NOW, TestDatabase, attribution, html, page_size, reply, root_comment, submit, url};

/// A page holds two comments.
const SMALL: PageSize = page_size(2);

/// The ledger with small pages.
fn open_small(database: &TestDatabase) -> Ledger<&TestDatabase> {
    database.ledger().with_page_size(SMALL)
}

/// Four pages of two root comments each, all published.
fn long_thread(database: &TestDatabase) -> Ledger<&TestDatabase> {
    let ledger = open_small(database);
    for number in 1..=8 {
        submit(&ledger, &root_comment(number));
    }
    assert_eq!(publish(&ledger, NOW), ["#4", "#3", "#2", ""]);
    ledger
}

fn vote(ledger: &Ledger<&TestDatabase>, id: i64, voters: std::ops::Range<u32>, now: i64) {
    for voter in voters {
        ledger.vote(CommentId::new(id), &format!("voter {voter}"), Vote::For, now).unwrap();
    }
}

/// Publishes all due threads and returns the suffixes of the written keys: empty for the first page.
fn publish(ledger: &Ledger<&TestDatabase>, now: i64) -> Vec<String> {
    let mut keys = Vec::new();
    for due in ledger.due_threads_after(0, now, 10).unwrap() {
        let snapshot = ledger.snapshot(&due, now).unwrap().unwrap();
        keys.extend(snapshot.pages.iter().map(|page| page.kv_key().replace(&page.url.kv_key(1), "")));
        ledger.mark_published(&snapshot.due).unwrap();
    }
    keys
}

/// The ids of the best comments.
fn best_ids(ledger: &Ledger<&TestDatabase>) -> Vec<i64> {
    let top = ledger.read_top(&url("a")).unwrap();
    assert_eq!(top.sort, Sort::Top);
    top.comments.iter().map(|comment| comment.id.get()).collect()
}

#[test]
fn votes_are_published_together_after_a_minute() {
    let database = TestDatabase::new();
    let ledger = open_small(&database);
    submit(&ledger, &root_comment(1));
    assert_eq!(publish(&ledger, NOW), [""]);
    assert_eq!(ledger.next_due(), Ok(None));
    vote(&ledger, 1, 0..3, NOW + 10);
    vote(&ledger, 1, 3..4, NOW + 69);
    assert_eq!((ledger.next_due(), ledger.due_threads_after(0, NOW + 69, 10).unwrap().len()), (Ok(Some(NOW + 70)), 0));
    assert_eq!(publish(&ledger, NOW + 70), [""]);
    assert_eq!((ledger.next_due(), publish(&ledger, i64::MAX)), (Ok(None), vec![]));
    vote(&ledger, 1, 4..5, NOW + 71);
    assert_eq!(ledger.next_due(), Ok(Some(NOW + 131)), "the next votes wait a minute again");
}

#[test]
fn votes_are_published_with_the_next_change_of_their_page() {
    let database = TestDatabase::new();
    let ledger = open_small(&database);
    submit(&ledger, &root_comment(1));
    publish(&ledger, NOW);
    vote(&ledger, 1, 0..1, NOW);
    submit(&ledger, &root_comment(2));
    assert_eq!(ledger.next_due(), Ok(Some(0)));
    assert_eq!((publish(&ledger, NOW), ledger.next_due()), (vec![String::new()], Ok(None)));
}

#[test]
fn a_new_comment_writes_two_values_despite_waiting_votes() {
    let database = TestDatabase::new();
    let ledger = long_thread(&database);
    vote(&ledger, 1, 0..1, NOW);
    vote(&ledger, 3, 0..1, NOW);
    vote(&ledger, 5, 0..1, NOW);
    submit(&ledger, &reply(9, CommentId::new(3)));
    assert_eq!(publish(&ledger, NOW), ["#5", ""]);
    let version = ledger.read_page(&url("a"), 1).unwrap().version;
    assert_eq!(version, 13, "the votes that still wait have a version of their own");
    assert_eq!(publish(&ledger, NOW + 59), [""; 0]);
    let due = &ledger.due_threads_after(0, NOW + 60, 10).unwrap()[0];
    assert_eq!((due.version, due.pages.as_slice(), due.top), (13, [1, 2, 3].as_slice(), true));
    assert_eq!(publish(&ledger, NOW + 60), ["#top", "#3", "#2", ""]);
    assert_eq!(ledger.next_due(), Ok(None));
}

#[test]
fn best_comments_are_sorted_by_votes_then_age_with_replies() {
    let database = TestDatabase::new();
    let ledger = database.ledger().with_page_size(PageSize { comments: 6, comments_with_replies: 6, ..SMALL });
    for number in 1..=5 {
        submit(&ledger, &root_comment(number));
    }
    submit(&ledger, &reply(6, CommentId::new(2)));
    for number in 7..=9 {
        submit(&ledger, &root_comment(number));
    }
    submit(&ledger, &reply(10, CommentId::new(8)));
    submit(&ledger, &reply(11, CommentId::new(10)));
    assert_eq!(best_ids(&ledger), [0; 0]);
    for (id, votes) in [(2, 2), (8, 3), (4, 2), (9, 1), (6, 9), (1, 0)] {
        vote(&ledger, id, 0..votes, NOW);
    }
    ledger.vote(CommentId::new(3), "ada", Vote::Against, NOW).unwrap();
    assert_eq!(best_ids(&ledger), [8, 10, 11, 2, 6, 4], "six fit on a page");
    ledger.erase(CommentId::new(8), Actor::Moderator(&attribution()), NOW).unwrap();
    assert_eq!(best_ids(&ledger), [2, 6, 4, 9]);
    ledger.unpublish(CommentId::new(2), &attribution(), NOW).unwrap();
    assert_eq!(best_ids(&ledger), [4, 9]);
}

#[test]
fn best_comments_respect_the_byte_limit_of_a_page() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 1..=10 {
        submit(&ledger, &VerifiedComment { html: html(&"x".repeat(14_000)), ..root_comment(number) });
        vote(&ledger, number.into(), 0..1, NOW);
    }
    assert_eq!(best_ids(&ledger), [1, 2, 3, 4]);
}

#[test]
fn removed_comments_leave_the_best_comments_at_once() {
    let database = TestDatabase::new();
    let ledger = long_thread(&database);
    vote(&ledger, 3, 0..1, NOW);
    publish(&ledger, NOW + 60);
    ledger.erase(CommentId::new(3), Actor::Moderator(&attribution()), NOW + 61).unwrap();
    assert_eq!(publish(&ledger, NOW + 61), ["#top", "#2", ""]);
}

#[test]
fn a_thread_without_votes_publishes_no_best_comments() {
    let database = TestDatabase::new();
    let ledger = long_thread(&database);
    ledger.erase(CommentId::new(3), Actor::Moderator(&attribution()), NOW).unwrap();
    assert_eq!(publish(&ledger, i64::MAX), ["#2", ""]);
}

#[test]
fn best_comments_are_published_from_the_second_page_on() {
    let database = TestDatabase::new();
    let ledger = open_small(&database);
    submit(&ledger, &root_comment(1));
    submit(&ledger, &root_comment(2));
    vote(&ledger, 2, 0..1, NOW);
    assert_eq!(publish(&ledger, NOW + 60), [""]);
    submit(&ledger, &root_comment(3));
    assert_eq!(publish(&ledger, NOW + 59), ["#2", ""], "the new comment does not publish them at once");
    assert_eq!(ledger.next_due(), Ok(Some(NOW + 60)));
    assert_eq!(publish(&ledger, NOW + 60), ["#top", ""]);
}

#[test]
fn pending_replies_are_not_among_the_best_comments() {
    let database = TestDatabase::new();
    let ledger = long_thread(&database);
    vote(&ledger, 3, 0..1, NOW);
    let pending = ledger.submit(&reply(9, CommentId::new(3)), Moderation::All, NOW).unwrap().posted.comment.id;
    assert_eq!(best_ids(&ledger), [3]);
    ledger.approve(pending, &attribution(), NOW).unwrap();
    assert_eq!(best_ids(&ledger), [3], "the reply is on another page");
}
