//! Which comments are published at once and which wait.

use afterword_ledger::{Actor, BanKind, BanTarget, VerifiedComment};
use afterword_model::{Moderation, Status, Thread};

use crate::fixtures::{NOW, Store, act, approve, entry, erase, post, stamp, url};

const ANONYMOUS: Option<&str> = None;

/// Submits one comment and checks whether it waits, and that it is in the thread exactly if it does not.
#[track_caller]
fn check(store: &Store, number: u32, author: Option<&str>, policy: Moderation, expected: Status) {
    let sent = VerifiedComment { author: author.map(stamp), ..entry(number) };
    let ledger = store.ledger();
    let before = ledger.read_page(&sent.url, 1).unwrap();
    let posted = ledger.submit(&sent, policy, NOW).unwrap().posted;
    assert_eq!(posted.status, expected);
    let after = ledger.read_page(&sent.url, 1).unwrap();
    if expected == Status::Published {
        assert_eq!((after.version, after.count), (before.version + 1, before.count + 1));
        assert_eq!((after.comments.last(), posted.version), (Some(&posted.comment), after.version));
    } else {
        assert_eq!(after, before);
        assert_eq!(posted.version, before.version);
    }
}

#[test]
fn open_publishes_and_all_holds() {
    let store = Store::new();
    check(&store, 1, ANONYMOUS, Moderation::Open, Status::Published);
    check(&store, 2, Some("ada"), Moderation::Open, Status::Published);
    check(&store, 3, ANONYMOUS, Moderation::All, Status::Pending);
    check(&store, 4, Some("ada"), Moderation::All, Status::Pending);
}

#[test]
fn first_holds_until_the_author_has_a_published_comment() {
    let store = Store::new();
    check(&store, 1, Some("ada"), Moderation::First, Status::Pending);
    check(&store, 2, Some("ada"), Moderation::First, Status::Pending);
    approve(
        &store,
        store
            .ledger()
            .submit(&VerifiedComment { author: Some(stamp("ada")), ..entry(1) }, Moderation::First, NOW)
            .unwrap()
            .posted
            .comment
            .id,
    );
    check(&store, 3, Some("ada"), Moderation::First, Status::Published);
    check(&store, 4, Some("bob"), Moderation::First, Status::Pending);
    check(&store, 5, ANONYMOUS, Moderation::First, Status::Pending);
}

#[test]
fn first_knows_authors_from_all_posts_and_from_other_policies() {
    let store = Store::new();
    post(&store.ledger(), &VerifiedComment { url: url("b"), author: Some(stamp("ada")), ..entry(1) });
    post(&store.ledger(), &VerifiedComment { url: url("b"), author: Some(stamp("ada")), ..entry(2) });
    check(&store, 3, Some("ada"), Moderation::First, Status::Published);
}

#[test]
fn a_moderator_who_takes_a_comment_away_takes_trust_away() {
    let store = Store::new();
    let by_ada = |number| VerifiedComment { author: Some(stamp("ada")), ..entry(number) };
    let id = post(&store.ledger(), &by_ada(1));
    erase(&store, id);
    check(&store, 2, Some("ada"), Moderation::First, Status::Pending);
    // Also what waits was not worth having.
    let id = post(&store.ledger(), &by_ada(3));
    let waits = store.ledger().submit(&by_ada(4), Moderation::All, NOW).unwrap().posted.comment.id;
    erase(&store, waits);
    check(&store, 5, Some("ada"), Moderation::First, Status::Pending);
    approve(&store, store.ledger().submit(&by_ada(5), Moderation::First, NOW).unwrap().posted.comment.id);
    // A ban by the key outlasts its end.
    let ledger = store.ledger();
    ledger.ban(BanTarget::Author(BanKind::Author, id), Some(NOW + 10), &act(), NOW).unwrap();
    check(&store, 6, Some("ada"), Moderation::First, Status::Pending);
    post(&ledger, &VerifiedComment { author: Some(stamp("bob")), ..entry(7) });
    check(&store, 8, Some("bob"), Moderation::First, Status::Published);
}

#[test]
fn who_erases_a_comment_of_his_own_is_trusted_as_before() {
    let store = Store::new();
    let by = |author, number| VerifiedComment { author: Some(stamp(author)), ..entry(number) };
    let id = post(&store.ledger(), &by("ada", 1));
    store.ledger().erase(id, Actor::Author("hash of ada"), NOW).unwrap();
    check(&store, 2, Some("ada"), Moderation::First, Status::Published);
    let waits = store.ledger().submit(&by("bob", 3), Moderation::First, NOW).unwrap().posted.comment.id;
    store.ledger().erase(waits, Actor::Author("hash of bob"), NOW).unwrap();
    check(&store, 4, Some("bob"), Moderation::First, Status::Pending);
}

#[test]
fn no_author_key_is_nobody_and_not_an_author() {
    let store = Store::new();
    check(&store, 1, ANONYMOUS, Moderation::Open, Status::Published);
    check(&store, 2, ANONYMOUS, Moderation::First, Status::Pending);
}

#[test]
fn a_thread_of_waiting_comments_looks_like_no_thread() {
    let store = Store::new();
    let sent = VerifiedComment { title: "Spring".to_owned(), ..entry(1) };
    let posted = store.ledger().submit(&sent, Moderation::All, NOW).unwrap().posted;
    assert_eq!((posted.status, posted.version), (Status::Pending, 0));
    assert_eq!(store.ledger().read_page(&url("a"), 1).unwrap(), Thread::empty(url("a")));
    assert_eq!(store.ledger().due_threads(NOW, 10).unwrap(), []);
}
