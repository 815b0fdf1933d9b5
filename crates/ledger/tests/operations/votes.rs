//! When votes are published, and with what.

use afterword_ledger::{Actor, Ledger, PageSize, VerifiedComment};
use afterword_model::{CommentId, Moderation, Sort, Vote};

use crate::fixtures::{NOW, Store, act, answer, entry, html, post, url};

/// Two comments fill a page.
const SMALL: PageSize = PageSize { comments: 2, bytes: i64::MAX, edited_bytes: i64::MAX, max_interleaved_pages: 20 };

fn small(store: &Store) -> Ledger<&Store> {
    store.ledger().with_page_size(SMALL)
}

/// Four pages of two root comments each, all published.
fn long_thread(store: &Store) -> Ledger<&Store> {
    let ledger = small(store);
    for number in 1..=8 {
        post(&ledger, &entry(number));
    }
    assert_eq!(publish(&ledger, NOW), ["#4", "#3", "#2", ""]);
    ledger
}

fn vote(ledger: &Ledger<&Store>, id: i64, voters: std::ops::Range<u32>, now: i64) {
    for voter in voters {
        ledger.vote(CommentId::new(id), &format!("voter {voter}"), Vote::For, now).unwrap();
    }
}

/// Publishes what is due at this time, and gives the ends of the keys that were put.
fn publish(ledger: &Ledger<&Store>, now: i64) -> Vec<String> {
    let mut keys = Vec::new();
    for due in ledger.due_threads(now, 10).unwrap() {
        let snapshot = ledger.snapshot(&due, now).unwrap().unwrap();
        keys.extend(snapshot.pages.iter().map(|page| page.kv_key().replace(&page.url.kv_key(1), "")));
        ledger.mark_published(&snapshot.due).unwrap();
    }
    keys
}

fn ids(ledger: &Ledger<&Store>) -> Vec<i64> {
    let top = ledger.read_top(&url("a")).unwrap();
    assert_eq!(top.sort, Sort::Top);
    top.comments.iter().map(|comment| comment.id.get()).collect()
}

#[test]
fn votes_wait_a_minute_together() {
    let store = Store::new();
    let ledger = small(&store);
    post(&ledger, &entry(1));
    assert_eq!(publish(&ledger, NOW), [""]);
    assert_eq!(ledger.next_due(), Ok(None));
    vote(&ledger, 1, 0..3, NOW + 10);
    vote(&ledger, 1, 3..4, NOW + 69);
    assert_eq!((ledger.next_due(), ledger.due_threads(NOW + 69, 10).unwrap().len()), (Ok(Some(NOW + 70)), 0));
    assert_eq!(publish(&ledger, NOW + 70), [""]);
    assert_eq!((ledger.next_due(), publish(&ledger, i64::MAX)), (Ok(None), vec![]));
    vote(&ledger, 1, 4..5, NOW + 71);
    assert_eq!(ledger.next_due(), Ok(Some(NOW + 131)), "and the next ones wait again");
}

#[test]
fn votes_on_a_page_go_with_its_next_change() {
    let store = Store::new();
    let ledger = small(&store);
    post(&ledger, &entry(1));
    publish(&ledger, NOW);
    vote(&ledger, 1, 0..1, NOW);
    post(&ledger, &entry(2));
    assert_eq!(ledger.next_due(), Ok(Some(0)));
    assert_eq!((publish(&ledger, NOW), ledger.next_due()), (vec![String::new()], Ok(None)));
}

#[test]
fn a_post_puts_two_values_whatever_was_voted_for() {
    let store = Store::new();
    let ledger = long_thread(&store);
    vote(&ledger, 1, 0..1, NOW);
    vote(&ledger, 3, 0..1, NOW);
    vote(&ledger, 5, 0..1, NOW);
    post(&ledger, &answer(9, CommentId::new(3)));
    assert_eq!(publish(&ledger, NOW), ["#5", ""]);
    let version = ledger.read_page(&url("a"), 1).unwrap().version;
    assert_eq!(version, 13, "what still waits is a version of its own");
    assert_eq!(publish(&ledger, NOW + 59), [""; 0]);
    let due = &ledger.due_threads(NOW + 60, 10).unwrap()[0];
    assert_eq!((due.version, due.pages.as_slice(), due.top), (13, [1, 2, 3].as_slice(), true));
    assert_eq!(publish(&ledger, NOW + 60), ["#top", "#3", "#2", ""]);
    assert_eq!(ledger.next_due(), Ok(None));
}

#[test]
fn the_best_come_by_votes_then_by_age_with_their_answers() {
    let store = Store::new();
    let ledger = store.ledger().with_page_size(PageSize { comments: 6, ..SMALL });
    for number in 1..=5 {
        post(&ledger, &entry(number));
    }
    post(&ledger, &answer(6, CommentId::new(2)));
    for number in 7..=9 {
        post(&ledger, &entry(number));
    }
    post(&ledger, &answer(10, CommentId::new(8)));
    post(&ledger, &answer(11, CommentId::new(10)));
    assert_eq!(ids(&ledger), [0; 0]);
    for (id, votes) in [(2, 2), (8, 3), (4, 2), (9, 1), (6, 9), (1, 0)] {
        vote(&ledger, id, 0..votes, NOW);
    }
    ledger.vote(CommentId::new(3), "ada", Vote::Against, NOW).unwrap();
    assert_eq!(ids(&ledger), [8, 10, 11, 2, 6, 4], "six fit on a page");
    ledger.erase(CommentId::new(8), Actor::Moderator(&act()), NOW).unwrap();
    assert_eq!(ids(&ledger), [2, 6, 4, 9]);
    ledger.unpublish(CommentId::new(2), &act(), NOW).unwrap();
    assert_eq!(ids(&ledger), [4, 9]);
}

#[test]
fn the_best_fit_on_a_page_by_their_bytes_too() {
    let store = Store::new();
    let ledger = store.ledger();
    for number in 1..=10 {
        post(&ledger, &VerifiedComment { html: html(&"x".repeat(14_000)), ..entry(number) });
        vote(&ledger, number.into(), 0..1, NOW);
    }
    assert_eq!(ids(&ledger), [1, 2, 3, 4]);
}

#[test]
fn what_is_taken_away_leaves_the_best_comments_at_once() {
    let store = Store::new();
    let ledger = long_thread(&store);
    vote(&ledger, 3, 0..1, NOW);
    publish(&ledger, NOW + 60);
    ledger.erase(CommentId::new(3), Actor::Moderator(&act()), NOW + 61).unwrap();
    assert_eq!(publish(&ledger, NOW + 61), ["#top", "#2", ""]);
}

#[test]
fn nothing_is_put_for_the_best_comments_of_a_thread_without_votes() {
    let store = Store::new();
    let ledger = long_thread(&store);
    ledger.erase(CommentId::new(3), Actor::Moderator(&act()), NOW).unwrap();
    assert_eq!(publish(&ledger, i64::MAX), ["#2", ""]);
}

#[test]
fn the_second_page_brings_the_best_comments_along() {
    let store = Store::new();
    let ledger = small(&store);
    post(&ledger, &entry(1));
    post(&ledger, &entry(2));
    vote(&ledger, 2, 0..1, NOW);
    assert_eq!(publish(&ledger, NOW + 60), [""]);
    post(&ledger, &entry(3));
    assert_eq!(publish(&ledger, NOW + 59), ["#2", ""], "but not with the post");
    assert_eq!(ledger.next_due(), Ok(Some(NOW + 60)));
    assert_eq!(publish(&ledger, NOW + 60), ["#top", ""]);
}

#[test]
fn a_comment_that_waits_is_not_among_the_best() {
    let store = Store::new();
    let ledger = long_thread(&store);
    vote(&ledger, 3, 0..1, NOW);
    let waiting = ledger.submit(&answer(9, CommentId::new(3)), Moderation::All, NOW).unwrap().posted.comment.id;
    assert_eq!(ids(&ledger), [3]);
    ledger.approve(waiting, &act(), NOW).unwrap();
    assert_eq!(ids(&ledger), [3], "its answer is on another page");
}
