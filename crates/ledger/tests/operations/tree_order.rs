//! The order of the comments on a page, and the tombstones of removed comments.

use afterword_ledger::LedgerError;
use afterword_model::{Author, Comment, CommentId, Moderation, Refusal, reply_depths};

use crate::fixtures::{NOW, TestDatabase, approve, erase, reply, root_comment, submit, url};

/// Submits comments 1, 2, 3, … with the given parents (0 for a root comment), erases some of them, and checks the page.
/// A tombstone has a negative number.
#[track_caller]
fn check(parents: &[i64], erased: &[i64], expected: &[i64]) {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for (number, &parent) in (1..).zip(parents) {
        submit(&ledger, &if parent == 0 { root_comment(number) } else { reply(number, CommentId::new(parent)) });
    }
    for &id in erased {
        erase(&database, CommentId::new(id));
    }
    let thread = ledger.read_page(&url("a"), 1).unwrap();
    let numbers = thread.comments.iter().map(|comment| {
        assert_eq!(comment.parent.map_or(0, CommentId::get), parents[usize::try_from(comment.id.get()).unwrap() - 1]);
        if comment.deleted {
            assert_eq!((&comment.author, comment.html.as_str()), (&Author::default(), ""));
            -comment.id.get()
        } else {
            comment.id.get()
        }
    });
    assert_eq!(numbers.collect::<Vec<_>>(), expected);
    check_depths(&thread.comments);
    assert_eq!(usize::try_from(thread.count).unwrap(), parents.len() - erased.len());
}

/// Checks that the order alone tells the depth of each comment: every parent on the page is an ancestor.
#[track_caller]
fn check_depths(comments: &[Comment]) {
    let depths = reply_depths(comments);
    for (comment, depth) in comments.iter().zip(&depths) {
        let parent = comments.iter().position(|other| Some(other.id) == comment.parent);
        assert_eq!(*depth, parent.map_or(0, |parent| depths[parent] + 1), "{comment:?}");
    }
}

#[test]
fn comments_are_in_depth_first_order_by_id() {
    check(&[], &[], &[]);
    check(&[0, 0, 0], &[], &[1, 2, 3]);
    check(&[0, 0, 1, 2, 1, 3], &[], &[1, 3, 6, 5, 2, 4]);
    check(&[0, 1, 2, 3], &[], &[1, 2, 3, 4]);
}

#[test]
fn an_erased_comment_stays_while_a_reply_to_it_does() {
    check(&[0], &[1], &[]);
    check(&[0, 1], &[1], &[-1, 2]);
    check(&[0, 1], &[2], &[1]);
    check(&[0, 1], &[1, 2], &[]);
    check(&[0, 1, 2], &[1, 2], &[-1, -2, 3]);
    check(&[0, 1, 2], &[2, 3], &[1]);
    check(&[0, 1, 1, 3, 0], &[1, 3, 4], &[-1, 2, 5]);
}

#[test]
fn a_pending_reply_is_hidden_and_keeps_no_tombstone() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let root = submit(&ledger, &root_comment(1));
    let pending = ledger.submit(&reply(2, root), Moderation::All, NOW).unwrap().posted.comment.id;
    erase(&database, root);
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().comments, []);
    approve(&database, pending);
    let comments = ledger.read_page(&url("a"), 1).unwrap().comments;
    assert_eq!(
        comments.iter().map(|comment| (comment.id, comment.deleted)).collect::<Vec<_>>(),
        [(root, true), (pending, false)]
    );
}

#[test]
fn an_unpublished_parent_becomes_a_tombstone() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let root = submit(&ledger, &root_comment(1));
    submit(&ledger, &reply(2, root));
    database.run_with("UPDATE comment SET status = 0 WHERE id = ?", &[root.get().into()]);
    let comments = ledger.read_page(&url("a"), 1).unwrap().comments;
    assert_eq!(
        (comments[0].deleted, comments[0].author.clone(), comments[0].html.as_str()),
        (true, Author::default(), "")
    );
    let refused = ledger.submit(&reply(3, root), Moderation::Open, NOW);
    assert_eq!(refused, Err(LedgerError::Refused(Refusal::UnknownParent)));
}

#[test]
fn reply_chains_may_have_any_length() {
    // Longer than any chain on a page can become. Comments stored under other limits must be readable too.
    const LENGTH: i64 = 20_000;
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &root_comment(1));
    database.run_with(
        "WITH RECURSIVE number (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM number WHERE id < ?) \
         INSERT INTO comment (id, thread, parent, page, status, version, uuid, fingerprint, name, source, html, renderer, created) \
         SELECT id, 1, id - 1, 1, 1, id, 'uuid ' || id, '', '', '', '', 1, 1 FROM number",
        &[LENGTH.into()],
    );
    let comments = ledger.read_page(&url("a"), 1).unwrap().comments;
    assert!(comments.iter().map(|comment| comment.id.get()).eq(1..=LENGTH));
}

#[test]
fn a_damaged_parent_makes_a_root_and_no_cycle() {
    let database = TestDatabase::new();
    for number in 1..=3 {
        submit(&database.ledger(), &root_comment(number));
    }
    database.run("UPDATE comment SET parent = CASE id WHEN 1 THEN 3 WHEN 2 THEN 2 ELSE 1 END");
    let comments = database.ledger().read_page(&url("a"), 1).unwrap().comments;
    assert_eq!(comments.iter().map(|comment| comment.id.get()).collect::<Vec<_>>(), [1, 3, 2]);
}
