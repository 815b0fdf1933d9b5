//! Actions of authors and moderators on existing comments and threads: permissions, effects and repeats.

use afterword_ledger::{CommentEdit, LedgerError, SubmissionPolicy, VerifiedComment};
use afterword_model::{Author, CommentId, Moderation, PostedComment, Refusal, Status, Vote};

use crate::common::assert_changes_are_counted;
use crate::fixtures::{
    NOW, TestDatabase, attribution, author_id, html, network, new_report, of_a, own_edit, reply, root_comment, submit,
    url,
};

const ADA: &str = "hash of ada";
const BOB: &str = "hash of bob";
const WINDOW: i64 = 900;
const OPEN: SubmissionPolicy<'_> =
    SubmissionPolicy { moderation: Moderation::Open, limits: &[], patterns: None, difficulty: None };

fn by_ada(number: u32) -> VerifiedComment {
    VerifiedComment {
        author: Some(author_id("ada")),
        email: Some("ada@ada.example".to_owned()),
        website: Some("https://ada.example/".to_owned()),
        ..root_comment(number)
    }
}

fn edit(text: &str) -> CommentEdit {
    CommentEdit { source: text.to_owned(), html: html(text), renderer: 2 }
}

/// Checks that an action is refused and writes nothing.
#[track_caller]
fn check_refused<T: std::fmt::Debug>(
    database: &TestDatabase,
    action: impl FnOnce() -> Result<T, LedgerError>,
    expected: Refusal,
) {
    let before = database.dump();
    assert_eq!(action().err(), Some(LedgerError::Refused(expected)));
    assert_eq!(database.dump(), before);
}

/// Checks that an action succeeds, and that its repeat returns the same and writes nothing.
#[track_caller]
fn check_repeat(database: &TestDatabase, action: impl Fn() -> Result<PostedComment, LedgerError>) -> PostedComment {
    let first = action().unwrap();
    let before = database.dump();
    assert_eq!(action().unwrap(), first);
    assert_eq!(database.dump(), before);
    first
}

#[test]
fn authors_edit_within_the_window_and_moderators_always() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &by_ada(1));
    // A minute more than the window: the edit was begun in time.
    let last = NOW + WINDOW + 60;
    let better = own_edit("ada", 21, "Better");
    let posted = check_repeat(&database, || ledger.edit_own(id, &better, &OPEN, last));
    assert_eq!((posted.status, posted.version, posted.comment.edited), (Status::Published, 2, Some(last)));
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().comments, [posted.comment]);
    check_refused(
        &database,
        || ledger.edit_own(id, &own_edit("ada", 22, "Late"), &OPEN, last + 1),
        Refusal::EditWindowOver,
    );
    assert_eq!(ledger.edit(id, &edit("Mended"), &attribution(), last + 1).unwrap().version, 3);
    // A late repeat succeeds, because its first reply may have been lost.
    assert_eq!(ledger.edit_own(id, &better, &OPEN, last + 1).unwrap().comment.html, html("Mended"));
}

#[test]
fn a_repeated_submission_returns_the_present_comment() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &by_ada(1));
    let edited = ledger.edit_own(id, &own_edit("ada", 21, "Better"), &OPEN, NOW).unwrap();
    assert_eq!((edited.version, edited.comment.edited), (2, None));
    assert_eq!(ledger.submit(&by_ada(1), Moderation::All, NOW).unwrap().posted, edited);
    let deleted = ledger.delete_own(of_a(id), ADA, NOW).unwrap();
    let posted = ledger.submit(&by_ada(1), Moderation::All, NOW).unwrap().posted;
    assert_eq!((posted.comment.deleted, posted.version), (true, deleted.version));
    assert_eq!(posted.comment.html.as_str(), "");
}

#[test]
fn authors_cannot_change_the_comments_of_others() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let of_ada = submit(&ledger, &by_ada(1));
    let anonymous = submit(&ledger, &root_comment(2));
    let pending = ledger.submit(&by_ada(3), Moderation::All, NOW).unwrap().posted.comment.id;
    let deleted = submit(&ledger, &by_ada(4));
    ledger.delete_own(of_a(deleted), ADA, NOW).unwrap();
    let elsewhere =
        submit(&ledger, &VerifiedComment { url: url("b"), author: Some(author_id("bob")), ..root_comment(5) });
    let unknown = [99, 0, -1, i64::MIN, i64::MAX].map(CommentId::new);
    // To others, a pending comment looks like one that does not exist, and so does a visible one: nothing tells them apart.
    for id in [of_ada, anonymous, pending, deleted, elsewhere].into_iter().chain(unknown) {
        let mine = own_edit("bob", 21, "Mine");
        check_refused(&database, || ledger.edit_own(id, &mine, &OPEN, NOW), Refusal::NotYourComment);
        check_refused(&database, || ledger.delete_own(of_a(id), BOB, NOW), Refusal::NotYourComment);
        check_refused(&database, || ledger.restore_own(of_a(id), BOB, NOW), Refusal::NotYourComment);
        check_refused(&database, || ledger.source(of_a(id), BOB), Refusal::NotYourComment);
        assert_eq!(ledger.fates(&url("a"), &[id], BOB).unwrap().comments, []);
    }
    let no_author = VerifiedComment { author: None, ..own_edit("ada", 21, "Mine") };
    check_refused(&database, || ledger.edit_own(anonymous, &no_author, &OPEN, NOW), Refusal::NotYourComment);
    let back = own_edit("ada", 22, "Back");
    check_refused(&database, || ledger.edit_own(deleted, &back, &OPEN, NOW), Refusal::UnknownComment);
    check_refused(&database, || ledger.source(of_a(deleted), ADA), Refusal::UnknownComment);
    check_refused(&database, || ledger.edit(deleted, &edit("Back"), &attribution(), NOW), Refusal::UnknownComment);
    check_refused(&database, || ledger.approve(deleted, &attribution(), NOW), Refusal::UnknownComment);
    check_refused(&database, || ledger.unpublish(deleted, &attribution(), NOW), Refusal::UnknownComment);
}

#[test]
fn an_erased_comment_keeps_no_personal_data() {
    for is_pending in [false, true] {
        let database = TestDatabase::new();
        let ledger = database.ledger();
        let policy = if is_pending { Moderation::All } else { Moderation::Open };
        let comment = VerifiedComment {
            source: "Secret".to_owned(),
            html: html("Secret"),
            name: "Ada L.".to_owned(),
            ..by_ada(1)
        };
        let id = ledger.submit(&comment, policy, NOW).unwrap().posted.comment.id;
        let posted = check_repeat(&database, || ledger.erase(id, &attribution(), NOW + 1_000_000));
        assert!(posted.comment.deleted);
        assert_eq!((&posted.comment.author, posted.comment.html.as_str()), (&Author::default(), ""));
        let stored = format!("{:?}", database.dump());
        for private in ["Secret", "Ada L.", "ada@ada.example", "https://ada.example/"] {
            assert!(!stored.contains(private), "{private}");
        }
        assert_eq!(ledger.due_threads_after(0, NOW, 10).unwrap().len(), usize::from(!is_pending));
        let before = database.dump();
        assert_eq!(ledger.erase(id, &attribution(), NOW + 2_000_000), Ok(posted));
        assert_eq!(database.dump(), before, "the time of the first erasure stays");
        check_refused(&database, || ledger.restore_own(of_a(id), ADA, NOW), Refusal::RestoreWindowOver);
    }
}

#[test]
fn a_comment_can_be_approved_and_unpublished() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = ledger.submit(&by_ada(1), Moderation::First, NOW).unwrap().posted.comment.id;
    let posted = check_repeat(&database, || ledger.approve(id, &attribution(), NOW));
    assert_eq!((posted.status, posted.version), (Status::Published, 1));
    assert_eq!(ledger.submit(&by_ada(2), Moderation::First, NOW).unwrap().posted.status, Status::Published);
    let posted = check_repeat(&database, || ledger.unpublish(id, &attribution(), NOW));
    assert_eq!((posted.status, posted.version), (Status::Pending, 3));
    let thread = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((thread.count, thread.comments.len()), (1, 1));
    // The author of an unpublished comment is no longer trusted.
    assert_eq!(ledger.submit(&by_ada(3), Moderation::First, NOW).unwrap().posted.status, Status::Pending);
    let posted = check_repeat(&database, || ledger.approve(id, &attribution(), NOW));
    assert_eq!((posted.status, posted.version), (Status::Published, 4));
    assert_eq!(ledger.submit(&by_ada(4), Moderation::First, NOW).unwrap().posted.status, Status::Published);
}

#[test]
fn unpublishing_a_comment_revokes_trust_in_its_author() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &by_ada(1));
    let second = submit(&ledger, &by_ada(2));
    ledger.unpublish(second, &attribution(), NOW).unwrap();
    assert_eq!(ledger.submit(&by_ada(3), Moderation::First, NOW).unwrap().posted.status, Status::Pending);
}

#[test]
fn editing_a_pending_comment_publishes_nothing() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = ledger.submit(&by_ada(1), Moderation::All, NOW).unwrap().posted.comment.id;
    let posted = check_repeat(&database, || ledger.edit_own(id, &own_edit("ada", 21, "Better"), &OPEN, NOW));
    assert_eq!((posted.status, posted.version), (Status::Pending, 0));
    assert_eq!(ledger.due_threads_after(0, NOW, 10).unwrap(), []);
    ledger.approve(id, &attribution(), NOW).unwrap();
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().comments[0].html, html("Better"));
}

#[test]
fn a_thread_can_be_closed_and_reopened() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id =
        ledger.submit(&VerifiedComment { title: "Buy this".to_owned(), ..by_ada(1) }, Moderation::All, NOW).unwrap();
    assert_eq!(ledger.set_closed(&url("a"), true, &attribution(), NOW), Ok(1));
    assert_eq!(ledger.set_closed(&url("a"), true, &attribution(), NOW), Ok(1));
    let thread = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((thread.closed, thread.count, thread.title.as_str()), (true, 0, ""), "a pending comment gives no title");
    // A comment submitted before can still be approved.
    ledger.approve(id.posted.comment.id, &attribution(), NOW).unwrap();
    assert_eq!(ledger.set_closed(&url("a"), false, &attribution(), NOW), Ok(3));
    submit(&ledger, &root_comment(2));
    assert!(!ledger.read_page(&url("a"), 1).unwrap().closed);
}

#[test]
fn a_thread_can_be_closed_before_its_first_comment() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let before = database.dump();
    assert_eq!(ledger.set_closed(&url("new"), false, &attribution(), NOW), Ok(0));
    assert_eq!(database.dump(), before);
    assert_eq!(ledger.set_closed(&url("new"), true, &attribution(), NOW), Ok(1));
    assert_eq!(ledger.due_threads_after(0, NOW, 10).unwrap()[0].url, url("new"));
    let comment = VerifiedComment { url: url("new"), ..root_comment(1) };
    assert_eq!(ledger.submit(&comment, Moderation::Open, NOW), Err(LedgerError::Refused(Refusal::Closed)));
}

#[test]
fn each_author_has_one_vote() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &root_comment(1));
    let vote = |author: &str, vote| ledger.vote(id, author, vote, NOW).map(|result| (result.votes, result.version));
    assert_eq!(vote("ada", Vote::Neutral), Ok((0, 1)));
    assert_eq!(vote("ada", Vote::For), Ok((1, 2)));
    assert_eq!(vote("ada", Vote::For), Ok((1, 2)));
    assert_eq!(vote("bob", Vote::For), Ok((2, 3)));
    assert_eq!(vote("ada", Vote::Against), Ok((0, 4)));
    assert_eq!(vote("bob", Vote::Neutral), Ok((-1, 5)));
    assert_eq!(vote("bob", Vote::Neutral), Ok((-1, 5)));
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().comments[0].votes, -1);
    assert_eq!(database.query_integer("SELECT count(*) FROM vote"), 1);
    assert_changes_are_counted(&database);
}

#[test]
fn only_visible_comments_accept_votes() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let pending = ledger.submit(&root_comment(1), Moderation::All, NOW).unwrap().posted.comment.id;
    let unpublished = submit(&ledger, &root_comment(2));
    let erased = submit(&ledger, &root_comment(3));
    ledger.unpublish(unpublished, &attribution(), NOW).unwrap();
    ledger.erase(erased, &attribution(), NOW).unwrap();
    let before = database.dump();
    for id in [pending, unpublished, erased, CommentId::new(99)] {
        let result = ledger.vote(id, "ada", Vote::For, NOW);
        assert_eq!(result, Err(LedgerError::Refused(Refusal::UnknownComment)));
    }
    assert_eq!(database.dump(), before);
}

#[test]
fn a_failed_statement_undoes_the_whole_action() {
    type RunAction = fn(&TestDatabase) -> bool;
    let actions: [RunAction; 10] = [
        |database| database.ledger().edit(CommentId::new(1), &edit("Better"), &attribution(), NOW).is_ok(),
        |database| database.ledger().edit_own(CommentId::new(1), &own_edit("ada", 21, "Better"), &OPEN, NOW).is_ok(),
        |database| database.ledger().erase(CommentId::new(1), &attribution(), NOW).is_ok(),
        |database| database.ledger().delete_own(of_a(CommentId::new(1)), ADA, NOW).is_ok(),
        |database| database.ledger().restore_own(of_a(CommentId::new(4)), ADA, NOW).is_ok(),
        |database| database.ledger().report(of_a(CommentId::new(1)), &new_report(&network()), NOW).is_ok(),
        |database| database.ledger().unpublish(CommentId::new(1), &attribution(), NOW).is_ok(),
        |database| database.ledger().approve(CommentId::new(3), &attribution(), NOW).is_ok(),
        |database| database.ledger().vote(CommentId::new(1), "bob", Vote::For, NOW).is_ok(),
        |database| database.ledger().set_closed(&url("a"), true, &attribution(), NOW).is_ok(),
    ];
    for (at, action) in actions.into_iter().enumerate() {
        let database = TestDatabase::new();
        submit(&database.ledger(), &by_ada(1));
        submit(&database.ledger(), &reply(2, CommentId::new(1)));
        let pending = VerifiedComment { author: Some(author_id("bob")), ..reply(3, CommentId::new(2)) };
        database.ledger().submit(&pending, Moderation::All, NOW).unwrap();
        let deleted = submit(&database.ledger(), &by_ada(4));
        database.ledger().delete_own(of_a(deleted), ADA, NOW).unwrap();
        let before = database.dump();
        database.statements.borrow_mut().clear();
        drop(database.ledger());
        let opening = u32::try_from(database.statements.borrow().len()).unwrap();
        let mut failures = 0;
        // The first statements open the ledger.
        while {
            database.fail_after.set(Some(failures + opening));
            !action(&database)
        } {
            assert_eq!(database.dump(), before, "action {at} after {failures} statements");
            failures += 1;
        }
        database.fail_after.set(None);
        assert!(failures > 3, "action {at}");
        assert_ne!(database.dump(), before);
    }
}
