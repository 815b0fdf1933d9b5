//! Submitting a comment: stored comments, refusals and repeats.

use afterword_ledger::{LedgerError, VerifiedComment};
use afterword_model::{AuthorId, CommentId, Moderation, Refusal, Status};

use crate::fixtures::{NOW, TestDatabase, approve, author_id, erase, html, reply, root_comment, submit, url, uuid};

/// Checks that a comment is refused in every moderation mode, and that nothing is written.
#[track_caller]
fn check_refused(database: &TestDatabase, comment: &VerifiedComment, expected: Refusal) {
    let before = database.dump();
    for policy in [Moderation::Open, Moderation::First, Moderation::All] {
        assert_eq!(database.ledger().submit(comment, policy, NOW), Err(LedgerError::Refused(expected)), "{policy:?}");
    }
    assert_eq!(database.dump(), before);
}

#[test]
fn submit_returns_the_stored_comment() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let submission = VerifiedComment {
        author: Some(author_id("k3f9")),
        website: Some("https://ada.example/".to_owned()),
        email: Some("ada@ada.example".to_owned()),
        ..root_comment(1)
    };
    let outcome = ledger.submit(&submission, Moderation::Open, NOW).unwrap();
    assert!(!outcome.repeat);
    assert_eq!((outcome.posted.status, outcome.posted.version), (Status::Published, 1));
    let comment = outcome.posted.comment;
    assert_eq!(comment.author.name, "Author 1");
    assert_eq!(comment.author.website.as_deref(), Some("https://ada.example/"));
    assert_eq!(comment.author.mark.as_deref(), Some("k3f9"));
    assert_eq!((comment.created, comment.html.as_str()), (NOW, "<p>Text 1</p>"));
    assert_eq!(ledger.read_page(&submission.url, 1).unwrap().comments, [comment]);
}

#[test]
fn ids_ascend_across_threads_and_restarts() {
    let database = TestDatabase::new();
    let mut last = CommentId::new(0);
    for number in 1..=50 {
        let ledger = database.ledger();
        let thread = url(&format!("post-{}", number % 3));
        let id = submit(&ledger, &VerifiedComment { url: thread, ..root_comment(number) });
        assert!(id > last);
        last = id;
        if number % 5 == 0 {
            erase(&database, id);
        }
    }
}

#[test]
fn a_repeat_returns_the_same_result_and_writes_nothing() {
    for policy in [Moderation::Open, Moderation::All] {
        let database = TestDatabase::new();
        let submission = VerifiedComment { author: Some(author_id("ada")), ..root_comment(1) };
        let first = database.ledger().submit(&submission, policy, NOW).unwrap();
        submit(&database.ledger(), &VerifiedComment { url: url("b"), ..root_comment(2) });
        let before = database.dump();
        for policy in [Moderation::Open, Moderation::First, Moderation::All] {
            let again = database.ledger().submit(&submission, policy, NOW + 60).unwrap();
            assert!(again.repeat);
            assert_eq!(again.posted, first.posted);
        }
        assert_eq!(database.dump(), before);
    }
}

#[test]
fn a_repeat_with_another_title_is_still_a_repeat() {
    let database = TestDatabase::new();
    submit(&database.ledger(), &root_comment(1));
    let again = VerifiedComment { title: "The page was renamed".to_owned(), ..root_comment(1) };
    assert!(database.ledger().submit(&again, Moderation::Open, NOW).unwrap().repeat);
}

#[test]
fn a_repeat_returns_the_present_status() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let pending = ledger.submit(&root_comment(1), Moderation::All, NOW).unwrap().posted;
    assert_eq!((pending.status, pending.version), (Status::Pending, 0));
    approve(&database, pending.comment.id);
    submit(&ledger, &root_comment(2));
    let approved = ledger.submit(&root_comment(1), Moderation::All, NOW).unwrap().posted;
    assert_eq!((approved.status, approved.version), (Status::Published, 1));
    erase(&database, pending.comment.id);
    let erased = ledger.submit(&root_comment(1), Moderation::All, NOW).unwrap().posted;
    assert!(erased.comment.deleted);
    assert_eq!((erased.comment.author.name.as_str(), erased.comment.html.as_str()), ("", ""));
}

#[test]
fn an_id_cannot_be_reused_for_other_content_or_authors() {
    let database = TestDatabase::new();
    let submission = VerifiedComment { author: Some(author_id("ada")), ..root_comment(1) };
    submit(&database.ledger(), &submission);
    let other_hash = AuthorId { hash: "another".to_owned(), ..author_id("ada") };
    for reused in [
        VerifiedComment { fingerprint: "f".repeat(64), ..submission.clone() },
        VerifiedComment { author: None, ..submission.clone() },
        VerifiedComment { author: Some(other_hash), ..submission.clone() },
        VerifiedComment { id: uuid(1), author: submission.author.clone(), ..root_comment(2) },
    ] {
        check_refused(&database, &reused, Refusal::IdReused);
    }
}

#[test]
fn only_visible_comments_of_the_thread_accept_replies() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let elsewhere = submit(&ledger, &VerifiedComment { url: url("b"), ..root_comment(1) });
    let pending = ledger.submit(&root_comment(2), Moderation::All, NOW).unwrap().posted.comment.id;
    let erased = submit(&ledger, &root_comment(3));
    let tombstone = submit(&ledger, &root_comment(4));
    submit(&ledger, &reply(5, tombstone));
    erase(&database, erased);
    erase(&database, tombstone);
    for parent in [elsewhere, pending, erased, tombstone, CommentId::new(99), CommentId::new(0), CommentId::new(-1)] {
        check_refused(&database, &reply(6, parent), Refusal::UnknownParent);
    }
    let on_a_new_post = VerifiedComment { url: url("new"), ..reply(7, tombstone) };
    check_refused(&database, &on_a_new_post, Refusal::UnknownParent);
}

#[test]
fn a_closed_thread_accepts_only_repeats() {
    let database = TestDatabase::new();
    let first = submit(&database.ledger(), &root_comment(1));
    database.run("UPDATE thread SET closed = 1");
    check_refused(&database, &root_comment(2), Refusal::Closed);
    check_refused(&database, &reply(3, first), Refusal::Closed);
    check_refused(&database, &reply(4, CommentId::new(99)), Refusal::Closed);
    assert!(database.ledger().submit(&root_comment(1), Moderation::Open, NOW).unwrap().repeat);
    assert!(database.ledger().read_page(&url("a"), 1).unwrap().closed);
}

#[test]
fn a_title_may_come_later_but_not_with_a_pending_comment() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &root_comment(1));
    ledger.submit(&VerifiedComment { title: "Buy this".to_owned(), ..root_comment(2) }, Moderation::All, NOW).unwrap();
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().title, "");
    submit(&ledger, &VerifiedComment { title: "Spring".to_owned(), ..root_comment(3) });
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().title, "Spring");
}

#[test]
fn a_failed_statement_undoes_the_whole_submission() {
    for has_thread in [false, true] {
        let database = TestDatabase::new();
        if has_thread {
            submit(&database.ledger(), &root_comment(1));
        }
        drop(database.ledger());
        let before = database.dump();
        let mut failures = 0;
        loop {
            // A new instance reads everything that it keeps in memory.
            let ledger = database.ledger();
            database.fail_after.set(Some(failures));
            let outcome = ledger.submit(
                &VerifiedComment { author: Some(author_id("ada")), ..root_comment(2) },
                Moderation::Open,
                NOW,
            );
            database.fail_after.set(None);
            if outcome.is_ok() {
                break;
            }
            assert!(matches!(outcome, Err(LedgerError::Sql(_))), "{outcome:?}");
            assert_eq!(database.dump(), before, "after {failures} statements");
            failures += 1;
        }
        // The latest comments are due already if there was a comment before.
        assert_eq!(failures, if has_thread { 13 } else { 14 }, "reads, three or four writes and the commit");
        assert_eq!(database.ledger().read_page(&url("a"), 1).unwrap().count, 1 + u32::from(has_thread));
    }
}

#[test]
fn text_is_stored_verbatim() {
    let database = TestDatabase::new();
    let text = "'); DROP TABLE comment; -- \u{1f469}\u{200d}\u{1f680} \u{5e9}\u{5dc}\u{5d5}\u{5dd} %s ? :a \\ \"";
    let submission =
        VerifiedComment { name: text.to_owned(), title: text.to_owned(), html: html(text), ..root_comment(1) };
    submit(&database.ledger(), &submission);
    let thread = database.ledger().read_page(&url("a"), 1).unwrap();
    assert_eq!((thread.title.as_str(), thread.comments[0].author.name.as_str()), (text, text));
    assert_eq!(thread.comments[0].html, submission.html);
}
