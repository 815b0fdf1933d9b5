//! The latest comments of the site, and the version that first showed each comment.

use afterword_ledger::{CommentEdit, Ledger, PostMove, PostMoves, VerifiedComment};
use afterword_model::{CommentId, LatestComments, Moderation, Vote};

use crate::fixtures::{NOW, TestDatabase, attribution, erase, html, reply, root_comment, submit, url};

fn hold(ledger: &Ledger<&TestDatabase>, comment: &VerifiedComment) -> CommentId {
    ledger.submit(comment, Moderation::All, NOW).unwrap().posted.comment.id
}

fn listed(ledger: &Ledger<&TestDatabase>) -> Vec<CommentId> {
    ledger.latest_comments().unwrap().value.comments.iter().map(|latest| latest.comment.id).collect()
}

/// Time at which the list is due, after `NOW`. 0 and less mean at once.
fn due(ledger: &Ledger<&TestDatabase>) -> Option<i64> {
    ledger.due_latest().unwrap().map(|latest| (latest.due - NOW).max(0))
}

fn publish(ledger: &Ledger<&TestDatabase>) {
    ledger.mark_latest_published(&ledger.latest_comments().unwrap()).unwrap();
    assert_eq!(ledger.due_latest().unwrap(), None);
}

#[test]
fn comments_are_listed_in_the_order_in_which_they_became_visible() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let held = hold(&ledger, &root_comment(1));
    let root = submit(&ledger, &root_comment(2));
    let other = VerifiedComment { url: url("b"), title: "Spring".to_owned(), ..root_comment(3) };
    let other = ledger.submit(&other, Moderation::Open, NOW + 5).unwrap().posted.comment.id;
    assert_eq!(listed(&ledger), [other, root]);
    publish(&ledger);
    ledger.approve(held, &attribution(), NOW + 90).unwrap();
    assert_eq!(listed(&ledger), [held, other, root]);
    let latest = ledger.latest_comments().unwrap().value.comments;
    assert_eq!(latest.iter().map(|latest| latest.published - NOW).collect::<Vec<_>>(), [90, 5, 0]);
    assert_eq!((&latest[1].url, latest[1].title.as_str()), (&url("b"), "Spring"));
    publish(&ledger);
    assert_eq!(listed(&database.ledger()), [held, other, root], "after the object was evicted too");
}

#[test]
fn new_comments_are_due_a_minute_after_the_first_of_them() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    assert_eq!(due(&ledger), None);
    let first = submit(&ledger, &root_comment(1));
    assert_eq!(due(&ledger), Some(60));
    ledger.submit(&root_comment(2), Moderation::Open, NOW + 50).unwrap();
    assert_eq!(due(&ledger), Some(60));
    let snapshot = ledger.latest_comments().unwrap();
    ledger.submit(&root_comment(3), Moderation::Open, NOW + 61).unwrap();
    ledger.mark_latest_published(&snapshot).unwrap();
    assert_eq!(due(&ledger), Some(121), "a comment that arrived during the write");
    publish(&ledger);
    hold(&ledger, &root_comment(4));
    ledger.vote(first, "ada", Vote::For, NOW).unwrap();
    assert_eq!(due(&ledger), None, "neither a comment that waits nor a vote");
}

#[test]
fn a_removed_comment_leaves_the_list_at_once() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let ids: Vec<CommentId> = (1..=3).map(|number| submit(&ledger, &root_comment(number))).collect();
    publish(&ledger);
    for (removed, left) in [(ids[1], vec![ids[2], ids[0]]), (ids[2], vec![ids[0]])] {
        if removed == ids[1] {
            erase(&database, removed);
        } else {
            ledger.unpublish(removed, &attribution(), NOW).unwrap();
        }
        assert!(ledger.due_latest().unwrap().is_some_and(afterword_ledger::DueLatest::is_urgent));
        assert_eq!(listed(&ledger), left);
        // A removal during the write of an older list stays due.
        let before = ledger.latest_comments().unwrap();
        submit(&ledger, &root_comment(if removed == ids[1] { 10 } else { 11 }));
        ledger.unpublish(*listed(&ledger).first().unwrap(), &attribution(), NOW).unwrap();
        ledger.mark_latest_published(&before).unwrap();
        assert!(ledger.due_latest().unwrap().is_some_and(afterword_ledger::DueLatest::is_urgent));
        publish(&ledger);
    }
}

#[test]
fn edits_titles_and_moves_are_in_the_list_at_once() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &root_comment(1));
    publish(&ledger);
    let edit = CommentEdit { source: "Better".to_owned(), html: html("Better"), renderer: 1 };
    ledger.edit(id, &edit, &attribution(), NOW).unwrap();
    assert_eq!(due(&ledger), Some(0));
    publish(&ledger);
    ledger.set_title(&url("a"), "Summer", &attribution(), NOW).unwrap();
    assert_eq!(due(&ledger), Some(0));
    publish(&ledger);
    let moves = PostMoves::List(vec![PostMove { from: url("a"), to: url("z") }]);
    ledger.remap(&moves, 0, 9, &attribution(), NOW).unwrap();
    assert_eq!(due(&ledger), Some(0));
    let latest = &ledger.latest_comments().unwrap().value.comments[0];
    assert_eq!((latest.comment.html.as_str(), latest.title.as_str()), ("<p>Better</p>", "Summer"));
    assert_eq!(latest.url, url("z"));
}

#[test]
fn ledger_knows_its_site_from_the_first_comment_on() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    assert_eq!(ledger.authority().unwrap(), None);
    submit(&ledger, &root_comment(1));
    assert_eq!(ledger.authority().unwrap().as_deref(), Some("blog.example"));
}

#[test]
fn the_list_is_bounded() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let ids: Vec<CommentId> = (1..=60).map(|number| submit(&ledger, &root_comment(number))).collect();
    let newest: Vec<CommentId> = ids.iter().rev().copied().take(LatestComments::MAX).collect();
    assert_eq!(listed(&ledger), newest);
    publish(&ledger);
    submit(&ledger, &root_comment(61));
    assert_eq!(listed(&ledger)[1..], newest[..LatestComments::MAX - 1]);
    for number in 62..=75 {
        let text = "x".repeat(8_000);
        let long = VerifiedComment { html: html(&text), source: text, ..root_comment(number) };
        submit(&ledger, &long);
    }
    let snapshot = ledger.latest_comments().unwrap().value;
    let bytes = serde_json::to_string(&snapshot).unwrap().len();
    assert!((50_000..66_000).contains(&bytes), "{bytes} bytes");
}

#[test]
fn a_comment_keeps_the_version_that_first_showed_it() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let held = hold(&ledger, &root_comment(1));
    let root = submit(&ledger, &root_comment(2));
    let answer = submit(&ledger, &reply(3, root));
    let since = || {
        let comments = ledger.read_page(&url("a"), 1).unwrap().comments;
        comments.iter().map(|comment| (comment.id, comment.since)).collect::<Vec<_>>()
    };
    assert_eq!(since(), [(root, Some(1)), (answer, Some(2))]);
    let approved = ledger.approve(held, &attribution(), NOW).unwrap();
    assert_eq!((approved.comment.since, approved.version), (Some(3), 3), "although its id is smaller");
    let edit = CommentEdit { source: "Better".to_owned(), html: html("Better"), renderer: 1 };
    let edited = ledger.edit(root, &edit, &attribution(), NOW).unwrap();
    assert_eq!((edited.comment.since, edited.version), (Some(1), 4), "the reply names a version with the new text");
    assert_eq!(since(), [(held, Some(3)), (root, Some(1)), (answer, Some(2))]);
    let unpublished = ledger.unpublish(root, &attribution(), NOW).unwrap();
    assert_eq!(unpublished.comment.since, None);
    assert_eq!(since(), [(held, Some(3)), (root, None), (answer, Some(2))], "a tombstone is not new");
    ledger.approve(root, &attribution(), NOW).unwrap();
    assert_eq!(since()[1], (root, Some(6)), "it is visible again");
}
