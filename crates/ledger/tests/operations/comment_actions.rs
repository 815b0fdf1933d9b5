//! What authors and moderators do with a comment that is there: who may, what it changes, and that the same again changes nothing.

use afterword_ledger::{Actor, CommentEdit, LedgerError, VerifiedComment};
use afterword_model::{Author, CommentId, Moderation, PostedComment, Refusal, Status, Vote};

use crate::fixtures::{NOW, Store, act, answer, entry, html, post, stamp, url};

const ADA: Actor<'_> = Actor::Author("hash of ada");
const BOB: Actor<'_> = Actor::Author("hash of bob");
const WINDOW: i64 = 900;

fn by_ada(number: u32) -> VerifiedComment {
    VerifiedComment {
        author: Some(stamp("ada")),
        email: Some("ada@ada.example".to_owned()),
        website: Some("https://ada.example/".to_owned()),
        ..entry(number)
    }
}

fn edit(text: &str) -> CommentEdit {
    CommentEdit { source: text.to_owned(), html: html(text), renderer: 2 }
}

/// The act is refused, and nothing is written.
#[track_caller]
fn refused(store: &Store, act: impl FnOnce() -> Result<PostedComment, LedgerError>, expected: Refusal) {
    let before = store.dump();
    assert_eq!(act(), Err(LedgerError::Refused(expected)));
    assert_eq!(store.dump(), before);
}

/// The act succeeds; the second time it gives the same and writes nothing.
#[track_caller]
fn twice(store: &Store, act: impl Fn() -> Result<PostedComment, LedgerError>) -> PostedComment {
    let first = act().unwrap();
    let before = store.dump();
    assert_eq!(act().unwrap(), first);
    assert_eq!(store.dump(), before);
    first
}

#[test]
fn an_author_edits_within_the_window_and_a_moderator_always() {
    let store = Store::new();
    let ledger = store.ledger();
    let id = post(&ledger, &by_ada(1));
    let posted = twice(&store, || ledger.edit(id, &edit("Better"), ADA, WINDOW, NOW + WINDOW));
    assert_eq!((posted.status, posted.version, posted.comment.edited), (Status::Published, 2, Some(NOW + WINDOW)));
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().comments, [posted.comment]);
    let late = NOW + WINDOW + 1;
    refused(&store, || ledger.edit(id, &edit("Late"), ADA, WINDOW, late), Refusal::EditClosed);
    assert_eq!(ledger.edit(id, &edit("Mended"), Actor::Moderator(&act()), WINDOW, late).unwrap().version, 3);
    // What arrives again late, because its answer was lost, is still answered.
    assert_eq!(ledger.edit(id, &edit("Mended"), ADA, WINDOW, late).unwrap().version, 3);
}

#[test]
fn a_repeat_of_the_submission_gives_the_comment_as_it_is_now() {
    let store = Store::new();
    let ledger = store.ledger();
    let id = post(&ledger, &by_ada(1));
    let edited = ledger.edit(id, &edit("Better"), ADA, WINDOW, NOW).unwrap();
    assert_eq!(ledger.submit(&by_ada(1), Moderation::All, NOW).unwrap().posted, edited);
    let erased = ledger.erase(id, ADA, NOW).unwrap();
    assert_eq!(ledger.submit(&by_ada(1), Moderation::All, NOW).unwrap().posted, erased);
}

#[test]
fn nobody_touches_what_is_not_theirs() {
    let store = Store::new();
    let ledger = store.ledger();
    let hers = post(&ledger, &by_ada(1));
    let nobodys = post(&ledger, &entry(2));
    let waiting = ledger.submit(&by_ada(3), Moderation::All, NOW).unwrap().posted.comment.id;
    let erased = post(&ledger, &by_ada(4));
    ledger.erase(erased, ADA, NOW).unwrap();
    let cases = [
        (hers, Refusal::NotYours),
        (nobodys, Refusal::NotYours),
        // A comment that waits and one that never was are the same to others.
        (waiting, Refusal::UnknownComment),
        (erased, Refusal::UnknownComment),
        (CommentId::new(99), Refusal::UnknownComment),
        (CommentId::new(i64::MIN), Refusal::UnknownComment),
    ];
    for (id, expected) in cases {
        refused(&store, || ledger.edit(id, &edit("Mine"), BOB, WINDOW, NOW), expected);
        refused(&store, || ledger.erase(id, BOB, NOW), expected);
    }
    refused(&store, || ledger.edit(erased, &edit("Back"), ADA, WINDOW, NOW), Refusal::UnknownComment);
    refused(
        &store,
        || ledger.edit(erased, &edit("Back"), Actor::Moderator(&act()), WINDOW, NOW),
        Refusal::UnknownComment,
    );
    refused(&store, || ledger.approve(erased, &act(), NOW), Refusal::UnknownComment);
    refused(&store, || ledger.unpublish(erased, &act(), NOW), Refusal::UnknownComment);
}

#[test]
fn nothing_personal_is_left_of_an_erased_comment() {
    for waits in [false, true] {
        let store = Store::new();
        let ledger = store.ledger();
        let policy = if waits { Moderation::All } else { Moderation::Open };
        let sent = VerifiedComment {
            source: "Secret".to_owned(),
            html: html("Secret"),
            name: "Ada L.".to_owned(),
            ..by_ada(1)
        };
        let id = ledger.submit(&sent, policy, NOW).unwrap().posted.comment.id;
        let posted = twice(&store, || ledger.erase(id, ADA, NOW + 1_000_000));
        assert!(posted.comment.deleted);
        assert_eq!((&posted.comment.author, posted.comment.html.as_str()), (&Author::default(), ""));
        let left = format!("{:?}", store.dump());
        for private in ["Secret", "Ada L.", "ada@ada.example", "https://ada.example/"] {
            assert!(!left.contains(private), "{private}");
        }
        assert_eq!(ledger.due_threads(NOW, 10).unwrap().len(), usize::from(!waits));
        let before = store.dump();
        assert_eq!(ledger.erase(id, Actor::Moderator(&act()), NOW + 2_000_000), Ok(posted));
        assert_eq!(store.dump(), before, "it was erased when it was erased");
    }
}

#[test]
fn a_comment_is_let_through_and_taken_back() {
    let store = Store::new();
    let ledger = store.ledger();
    let id = ledger.submit(&by_ada(1), Moderation::First, NOW).unwrap().posted.comment.id;
    let posted = twice(&store, || ledger.approve(id, &act(), NOW));
    assert_eq!((posted.status, posted.version), (Status::Published, 1));
    assert_eq!(ledger.submit(&by_ada(2), Moderation::First, NOW).unwrap().posted.status, Status::Published);
    let posted = twice(&store, || ledger.unpublish(id, &act(), NOW));
    assert_eq!((posted.status, posted.version), (Status::Pending, 3));
    let thread = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((thread.count, thread.comments.len()), (1, 1));
    // Whose comment was taken back is new again.
    assert_eq!(ledger.submit(&by_ada(3), Moderation::First, NOW).unwrap().posted.status, Status::Pending);
    let posted = twice(&store, || ledger.approve(id, &act(), NOW));
    assert_eq!((posted.status, posted.version), (Status::Published, 4));
    assert_eq!(ledger.submit(&by_ada(4), Moderation::First, NOW).unwrap().posted.status, Status::Published);
}

#[test]
fn taking_back_any_comment_makes_its_author_new() {
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &by_ada(1));
    let second = post(&ledger, &by_ada(2));
    ledger.unpublish(second, &act(), NOW).unwrap();
    assert_eq!(ledger.submit(&by_ada(3), Moderation::First, NOW).unwrap().posted.status, Status::Pending);
}

#[test]
fn an_edit_of_what_waits_is_seen_by_nobody() {
    let store = Store::new();
    let ledger = store.ledger();
    let id = ledger.submit(&by_ada(1), Moderation::All, NOW).unwrap().posted.comment.id;
    let posted = twice(&store, || ledger.edit(id, &edit("Better"), ADA, WINDOW, NOW));
    assert_eq!((posted.status, posted.version), (Status::Pending, 0));
    assert_eq!(ledger.due_threads(NOW, 10).unwrap(), []);
    ledger.approve(id, &act(), NOW).unwrap();
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().comments[0].html, html("Better"));
}

#[test]
fn a_thread_is_closed_and_opened_again() {
    let store = Store::new();
    let ledger = store.ledger();
    let id =
        ledger.submit(&VerifiedComment { title: "Buy this".to_owned(), ..by_ada(1) }, Moderation::All, NOW).unwrap();
    assert_eq!(ledger.set_closed(&url("a"), true, &act(), NOW), Ok(1));
    assert_eq!(ledger.set_closed(&url("a"), true, &act(), NOW), Ok(1));
    let thread = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((thread.closed, thread.count, thread.title.as_str()), (true, 0, ""), "what waits names nothing");
    // What was sent before can still be let through.
    ledger.approve(id.posted.comment.id, &act(), NOW).unwrap();
    assert_eq!(ledger.set_closed(&url("a"), false, &act(), NOW), Ok(3));
    post(&ledger, &entry(2));
    assert!(!ledger.read_page(&url("a"), 1).unwrap().closed);
}

#[test]
fn a_thread_is_closed_before_anybody_has_written() {
    let store = Store::new();
    let ledger = store.ledger();
    let before = store.dump();
    assert_eq!(ledger.set_closed(&url("new"), false, &act(), NOW), Ok(0));
    assert_eq!(store.dump(), before);
    assert_eq!(ledger.set_closed(&url("new"), true, &act(), NOW), Ok(1));
    assert_eq!(ledger.due_threads(NOW, 10).unwrap()[0].url, url("new"));
    let sent = VerifiedComment { url: url("new"), ..entry(1) };
    assert_eq!(ledger.submit(&sent, Moderation::Open, NOW), Err(LedgerError::Refused(Refusal::Closed)));
}

#[test]
fn each_author_has_one_vote() {
    let store = Store::new();
    let ledger = store.ledger();
    let id = post(&ledger, &entry(1));
    let vote = |author: &str, vote| ledger.vote(id, author, vote, NOW).map(|voted| (voted.votes, voted.version));
    assert_eq!(vote("ada", Vote::Neutral), Ok((0, 1)));
    assert_eq!(vote("ada", Vote::For), Ok((1, 2)));
    assert_eq!(vote("ada", Vote::For), Ok((1, 2)));
    assert_eq!(vote("bob", Vote::For), Ok((2, 3)));
    assert_eq!(vote("ada", Vote::Against), Ok((0, 4)));
    assert_eq!(vote("bob", Vote::Neutral), Ok((-1, 5)));
    assert_eq!(vote("bob", Vote::Neutral), Ok((-1, 5)));
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().comments[0].votes, -1);
    assert_eq!(store.number("SELECT count(*) FROM vote"), 1);
}

#[test]
fn only_what_everybody_reads_is_voted_for() {
    let store = Store::new();
    let ledger = store.ledger();
    let waiting = ledger.submit(&entry(1), Moderation::All, NOW).unwrap().posted.comment.id;
    let held = post(&ledger, &entry(2));
    let erased = post(&ledger, &entry(3));
    ledger.unpublish(held, &act(), NOW).unwrap();
    ledger.erase(erased, Actor::Moderator(&act()), NOW).unwrap();
    let before = store.dump();
    for id in [waiting, held, erased, CommentId::new(99)] {
        let voted = ledger.vote(id, "ada", Vote::For, NOW);
        assert_eq!(voted, Err(LedgerError::Refused(Refusal::UnknownComment)));
    }
    assert_eq!(store.dump(), before);
}

#[test]
fn a_statement_that_fails_undoes_the_whole_act() {
    type Act = fn(&Store) -> bool;
    let acts: [Act; 6] = [
        |store| store.ledger().edit(CommentId::new(1), &edit("Better"), ADA, WINDOW, NOW).is_ok(),
        |store| store.ledger().erase(CommentId::new(1), ADA, NOW).is_ok(),
        |store| store.ledger().unpublish(CommentId::new(1), &act(), NOW).is_ok(),
        |store| store.ledger().approve(CommentId::new(3), &act(), NOW).is_ok(),
        |store| store.ledger().vote(CommentId::new(1), "bob", Vote::For, NOW).is_ok(),
        |store| store.ledger().set_closed(&url("a"), true, &act(), NOW).is_ok(),
    ];
    for (at, act) in acts.into_iter().enumerate() {
        let store = Store::new();
        post(&store.ledger(), &by_ada(1));
        post(&store.ledger(), &answer(2, CommentId::new(1)));
        let waits = VerifiedComment { author: Some(stamp("bob")), ..answer(3, CommentId::new(2)) };
        store.ledger().submit(&waits, Moderation::All, NOW).unwrap();
        let before = store.dump();
        let mut failures = 0;
        // Two statements open the ledger.
        while {
            store.fuse.set(Some(failures + 2));
            !act(&store)
        } {
            assert_eq!(store.dump(), before, "act {at} after {failures} statements");
            failures += 1;
        }
        store.fuse.set(None);
        assert!(failures > 3, "act {at}");
        assert_ne!(store.dump(), before);
    }
}
