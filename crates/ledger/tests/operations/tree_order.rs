//! The order of a page, and what remains of erased comments.

use afterword_ledger::LedgerError;
use afterword_model::{Author, CommentId, Moderation, Refusal};

use crate::fixtures::{NOW, Store, answer, approve, entry, erase, post, url};

/// Posts comments 1, 2, 3, … with the given parents (0 for a root), erases some, and checks what is drawn: a tombstone
/// is a negative number.
#[track_caller]
fn check(parents: &[i64], erased: &[i64], expected: &[i64]) {
    let store = Store::new();
    let ledger = store.ledger();
    for (number, &parent) in (1..).zip(parents) {
        post(&ledger, &if parent == 0 { entry(number) } else { answer(number, CommentId::new(parent)) });
    }
    for &id in erased {
        erase(&store, CommentId::new(id));
    }
    let thread = ledger.read_page(&url("a"), 1).unwrap();
    let drawn = thread.comments.iter().map(|comment| {
        assert_eq!(comment.parent.map_or(0, CommentId::get), parents[usize::try_from(comment.id.get()).unwrap() - 1]);
        if comment.deleted {
            assert_eq!((&comment.author, comment.html.as_str()), (&Author::default(), ""));
            -comment.id.get()
        } else {
            comment.id.get()
        }
    });
    assert_eq!(drawn.collect::<Vec<_>>(), expected);
    assert_eq!(usize::try_from(thread.count).unwrap(), parents.len() - erased.len());
}

#[test]
fn depth_first_and_by_id() {
    check(&[], &[], &[]);
    check(&[0, 0, 0], &[], &[1, 2, 3]);
    check(&[0, 0, 1, 2, 1, 3], &[], &[1, 3, 6, 5, 2, 4]);
    check(&[0, 1, 2, 3], &[], &[1, 2, 3, 4]);
}

#[test]
fn an_erased_comment_stays_while_something_below_it_does() {
    check(&[0], &[1], &[]);
    check(&[0, 1], &[1], &[-1, 2]);
    check(&[0, 1], &[2], &[1]);
    check(&[0, 1], &[1, 2], &[]);
    check(&[0, 1, 2], &[1, 2], &[-1, -2, 3]);
    check(&[0, 1, 2], &[2, 3], &[1]);
    check(&[0, 1, 1, 3, 0], &[1, 3, 4], &[-1, 2, 5]);
}

#[test]
fn a_comment_that_waits_is_not_drawn_and_keeps_no_tombstone() {
    let store = Store::new();
    let ledger = store.ledger();
    let root = post(&ledger, &entry(1));
    let waiting = ledger.submit(&answer(2, root), Moderation::All, NOW).unwrap().posted.comment.id;
    erase(&store, root);
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().comments, []);
    approve(&store, waiting);
    let drawn = ledger.read_page(&url("a"), 1).unwrap().comments;
    assert_eq!(
        drawn.iter().map(|comment| (comment.id, comment.deleted)).collect::<Vec<_>>(),
        [(root, true), (waiting, false)]
    );
}

#[test]
fn a_comment_taken_back_is_as_good_as_erased() {
    let store = Store::new();
    let ledger = store.ledger();
    let root = post(&ledger, &entry(1));
    post(&ledger, &answer(2, root));
    store.run("UPDATE comment SET status = 0 WHERE id = ?", &[root.get().into()]);
    let drawn = ledger.read_page(&url("a"), 1).unwrap().comments;
    assert_eq!((drawn[0].deleted, drawn[0].author.clone(), drawn[0].html.as_str()), (true, Author::default(), ""));
    let refused = ledger.submit(&answer(3, root), Moderation::Open, NOW);
    assert_eq!(refused, Err(LedgerError::Refused(Refusal::UnknownParent)));
}

#[test]
fn a_chain_may_be_as_long_as_it_likes() {
    // Longer than any page gets by posting: what was stored by other rules is drawn too.
    const LENGTH: i64 = 20_000;
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &entry(1));
    store.run(
        "WITH RECURSIVE number (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM number WHERE id < ?) \
         INSERT INTO comment (id, thread, parent, page, status, version, uuid, fingerprint, name, source, html, renderer, created) \
         SELECT id, 1, id - 1, 1, 1, id, 'uuid ' || id, '', '', '', '', 1, 1 FROM number",
        &[LENGTH.into()],
    );
    let drawn = ledger.read_page(&url("a"), 1).unwrap().comments;
    assert!(drawn.iter().map(|comment| comment.id.get()).eq(1..=LENGTH));
}

#[test]
fn a_damaged_parent_makes_a_root_and_no_circle() {
    let store = Store::new();
    for number in 1..=3 {
        post(&store.ledger(), &entry(number));
    }
    store.run("UPDATE comment SET parent = CASE id WHEN 1 THEN 3 WHEN 2 THEN 2 ELSE 1 END", &[]);
    let drawn = store.ledger().read_page(&url("a"), 1).unwrap().comments;
    assert_eq!(drawn.iter().map(|comment| comment.id.get()).collect::<Vec<_>>(), [1, 3, 2]);
}
