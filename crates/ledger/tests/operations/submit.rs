//! Submitting: what is stored, what is refused, and that a refusal and a repeat write nothing.

use afterword_ledger::{LedgerError, VerifiedComment};
use afterword_model::{AuthorId, CommentId, Moderation, Refusal, Status};

use crate::fixtures::{NOW, Store, answer, approve, entry, erase, html, post, stamp, url, uuid};

/// The entry is refused, by every policy, and nothing is written.
#[track_caller]
fn check_refused(store: &Store, entry: &VerifiedComment, expected: Refusal) {
    let before = store.dump();
    for policy in [Moderation::Open, Moderation::First, Moderation::All] {
        assert_eq!(store.ledger().submit(entry, policy, NOW), Err(LedgerError::Refused(expected)), "{policy:?}");
    }
    assert_eq!(store.dump(), before);
}

#[test]
fn the_answer_is_the_comment_as_stored() {
    let store = Store::new();
    let ledger = store.ledger();
    let sent = VerifiedComment {
        author: Some(stamp("k3f9")),
        website: Some("https://ada.example/".to_owned()),
        email: Some("ada@ada.example".to_owned()),
        ..entry(1)
    };
    let outcome = ledger.submit(&sent, Moderation::Open, NOW).unwrap();
    assert!(!outcome.repeat);
    assert_eq!((outcome.posted.status, outcome.posted.version), (Status::Published, 1));
    let comment = outcome.posted.comment;
    assert_eq!(comment.author.name, "Author 1");
    assert_eq!(comment.author.website.as_deref(), Some("https://ada.example/"));
    assert_eq!(comment.author.mark.as_deref(), Some("k3f9"));
    assert_eq!((comment.created, comment.html.as_str()), (NOW, "<p>Text 1</p>"));
    assert_eq!(ledger.read_page(&sent.url, 1).unwrap().comments, [comment]);
}

#[test]
fn ids_ascend_over_all_threads_and_after_a_crash() {
    let store = Store::new();
    let mut last = CommentId::new(0);
    for number in 1..=50 {
        let ledger = store.ledger();
        let thread = url(&format!("post-{}", number % 3));
        let id = post(&ledger, &VerifiedComment { url: thread, ..entry(number) });
        assert!(id > last);
        last = id;
        if number % 5 == 0 {
            erase(&store, id);
        }
    }
}

#[test]
fn a_repeat_gets_the_same_answer_and_writes_nothing() {
    for policy in [Moderation::Open, Moderation::All] {
        let store = Store::new();
        let sent = VerifiedComment { author: Some(stamp("ada")), ..entry(1) };
        let first = store.ledger().submit(&sent, policy, NOW).unwrap();
        post(&store.ledger(), &VerifiedComment { url: url("b"), ..entry(2) });
        let before = store.dump();
        for policy in [Moderation::Open, Moderation::First, Moderation::All] {
            let again = store.ledger().submit(&sent, policy, NOW + 60).unwrap();
            assert!(again.repeat);
            assert_eq!(again.posted, first.posted);
        }
        assert_eq!(store.dump(), before);
    }
}

#[test]
fn a_repeat_with_another_title_is_still_one() {
    let store = Store::new();
    post(&store.ledger(), &entry(1));
    let again = VerifiedComment { title: "The page was renamed".to_owned(), ..entry(1) };
    assert!(store.ledger().submit(&again, Moderation::Open, NOW).unwrap().repeat);
}

#[test]
fn a_repeat_says_what_became_of_the_comment_meanwhile() {
    let store = Store::new();
    let ledger = store.ledger();
    let waiting = ledger.submit(&entry(1), Moderation::All, NOW).unwrap().posted;
    assert_eq!((waiting.status, waiting.version), (Status::Pending, 0));
    approve(&store, waiting.comment.id);
    post(&ledger, &entry(2));
    let approved = ledger.submit(&entry(1), Moderation::All, NOW).unwrap().posted;
    assert_eq!((approved.status, approved.version), (Status::Published, 1));
    erase(&store, waiting.comment.id);
    let erased = ledger.submit(&entry(1), Moderation::All, NOW).unwrap().posted;
    assert!(erased.comment.deleted);
    assert_eq!((erased.comment.author.name.as_str(), erased.comment.html.as_str()), ("", ""));
}

#[test]
fn an_id_stands_for_one_content_by_one_author() {
    let store = Store::new();
    let sent = VerifiedComment { author: Some(stamp("ada")), ..entry(1) };
    post(&store.ledger(), &sent);
    let other_hash = AuthorId { hash: "another".to_owned(), ..stamp("ada") };
    for reused in [
        VerifiedComment { fingerprint: "f".repeat(64), ..sent.clone() },
        VerifiedComment { author: None, ..sent.clone() },
        VerifiedComment { author: Some(other_hash), ..sent.clone() },
        VerifiedComment { id: uuid(1), author: sent.author.clone(), ..entry(2) },
    ] {
        check_refused(&store, &reused, Refusal::IdReused);
    }
}

#[test]
fn only_what_readers_of_the_thread_see_can_be_answered() {
    let store = Store::new();
    let ledger = store.ledger();
    let elsewhere = post(&ledger, &VerifiedComment { url: url("b"), ..entry(1) });
    let waiting = ledger.submit(&entry(2), Moderation::All, NOW).unwrap().posted.comment.id;
    let erased = post(&ledger, &entry(3));
    let tombstone = post(&ledger, &entry(4));
    post(&ledger, &answer(5, tombstone));
    erase(&store, erased);
    erase(&store, tombstone);
    for parent in [elsewhere, waiting, erased, tombstone, CommentId::new(99), CommentId::new(0), CommentId::new(-1)] {
        check_refused(&store, &answer(6, parent), Refusal::UnknownParent);
    }
    let on_a_new_post = VerifiedComment { url: url("new"), ..answer(7, tombstone) };
    check_refused(&store, &on_a_new_post, Refusal::UnknownParent);
}

#[test]
fn a_closed_thread_takes_nothing_but_repeats() {
    let store = Store::new();
    let first = post(&store.ledger(), &entry(1));
    store.run("UPDATE thread SET closed = 1", &[]);
    check_refused(&store, &entry(2), Refusal::Closed);
    check_refused(&store, &answer(3, first), Refusal::Closed);
    check_refused(&store, &answer(4, CommentId::new(99)), Refusal::Closed);
    assert!(store.ledger().submit(&entry(1), Moderation::Open, NOW).unwrap().repeat);
    assert!(store.ledger().read_page(&url("a"), 1).unwrap().closed);
}

#[test]
fn a_title_may_come_later_but_not_with_a_comment_that_waits() {
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &entry(1));
    ledger.submit(&VerifiedComment { title: "Buy this".to_owned(), ..entry(2) }, Moderation::All, NOW).unwrap();
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().title, "");
    post(&ledger, &VerifiedComment { title: "Spring".to_owned(), ..entry(3) });
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().title, "Spring");
}

#[test]
fn a_statement_that_fails_undoes_the_whole_turn() {
    for existing in [false, true] {
        let store = Store::new();
        if existing {
            post(&store.ledger(), &entry(1));
        }
        drop(store.ledger());
        let before = store.dump();
        let mut failures = 0;
        loop {
            // An instance that begins anew reads all there is to read.
            let ledger = store.ledger();
            store.fuse.set(Some(failures));
            let outcome =
                ledger.submit(&VerifiedComment { author: Some(stamp("ada")), ..entry(2) }, Moderation::Open, NOW);
            store.fuse.set(None);
            if outcome.is_ok() {
                break;
            }
            assert!(matches!(outcome, Err(LedgerError::Sql(_))), "{outcome:?}");
            assert_eq!(store.dump(), before, "after {failures} statements");
            failures += 1;
        }
        assert_eq!(failures, 12, "questions, three writes and the commit");
        assert_eq!(store.ledger().read_page(&url("a"), 1).unwrap().count, 1 + u32::from(existing));
    }
}

#[test]
fn what_readers_type_is_stored_to_the_letter() {
    let store = Store::new();
    let text = "'); DROP TABLE comment; -- \u{1f469}\u{200d}\u{1f680} \u{5e9}\u{5dc}\u{5d5}\u{5dd} %s ? :a \\ \"";
    let sent = VerifiedComment { name: text.to_owned(), title: text.to_owned(), html: html(text), ..entry(1) };
    post(&store.ledger(), &sent);
    let thread = store.ledger().read_page(&url("a"), 1).unwrap();
    assert_eq!((thread.title.as_str(), thread.comments[0].author.name.as_str()), (text, text));
    assert_eq!(thread.comments[0].html, sent.html);
}
