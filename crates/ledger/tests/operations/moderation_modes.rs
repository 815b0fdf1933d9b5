//! The moderation modes, which decide whether a comment is published at once or becomes pending.

use afterword_ledger::{BanKind, BanTarget, CommentRef, SettingChange, VerifiedComment};
use afterword_model::{Moderation, Status, Thread};

use crate::fixtures::{NOW, TestDatabase, approve, attribution, author_id, erase, root_comment, submit, url};

const ANONYMOUS: Option<&str> = None;

/// Submits a comment and checks its status. Only a published comment may be in the thread and change it.
#[track_caller]
fn check(database: &TestDatabase, number: u32, author: Option<&str>, policy: Moderation, expected: Status) {
    let comment = VerifiedComment { author: author.map(author_id), ..root_comment(number) };
    let ledger = database.ledger();
    let before = ledger.read_page(&comment.url, 1).unwrap();
    let posted = ledger.submit(&comment, policy, NOW).unwrap().posted;
    assert_eq!(posted.status, expected);
    let after = ledger.read_page(&comment.url, 1).unwrap();
    if expected == Status::Published {
        assert_eq!((after.version, after.count), (before.version + 1, before.count + 1));
        assert_eq!((after.comments.last(), posted.version), (Some(&posted.comment), after.version));
    } else {
        assert_eq!(after, before);
        assert_eq!(posted.version, before.version);
    }
}

#[test]
fn open_publishes_and_all_holds_every_comment() {
    let database = TestDatabase::new();
    check(&database, 1, ANONYMOUS, Moderation::Open, Status::Published);
    check(&database, 2, Some("ada"), Moderation::Open, Status::Published);
    check(&database, 3, ANONYMOUS, Moderation::All, Status::Pending);
    check(&database, 4, Some("ada"), Moderation::All, Status::Pending);
}

#[test]
fn first_holds_until_the_author_has_a_published_comment() {
    let database = TestDatabase::new();
    check(&database, 1, Some("ada"), Moderation::First, Status::Pending);
    check(&database, 2, Some("ada"), Moderation::First, Status::Pending);
    approve(
        &database,
        database
            .ledger()
            .submit(&VerifiedComment { author: Some(author_id("ada")), ..root_comment(1) }, Moderation::First, NOW)
            .unwrap()
            .posted
            .comment
            .id,
    );
    check(&database, 3, Some("ada"), Moderation::First, Status::Published);
    check(&database, 4, Some("bob"), Moderation::First, Status::Pending);
    check(&database, 5, ANONYMOUS, Moderation::First, Status::Pending);
}

#[test]
fn first_trusts_authors_from_all_posts_and_other_modes() {
    let database = TestDatabase::new();
    submit(&database.ledger(), &VerifiedComment { url: url("b"), author: Some(author_id("ada")), ..root_comment(1) });
    submit(&database.ledger(), &VerifiedComment { url: url("b"), author: Some(author_id("ada")), ..root_comment(2) });
    check(&database, 3, Some("ada"), Moderation::First, Status::Published);
}

#[test]
fn erasing_or_banning_by_a_moderator_revokes_trust() {
    let database = TestDatabase::new();
    let by_ada = |number| VerifiedComment { author: Some(author_id("ada")), ..root_comment(number) };
    let id = submit(&database.ledger(), &by_ada(1));
    erase(&database, id);
    check(&database, 2, Some("ada"), Moderation::First, Status::Pending);
    // Erasing a pending comment revokes trust too.
    let id = submit(&database.ledger(), &by_ada(3));
    let pending = database.ledger().submit(&by_ada(4), Moderation::All, NOW).unwrap().posted.comment.id;
    erase(&database, pending);
    check(&database, 5, Some("ada"), Moderation::First, Status::Pending);
    approve(&database, database.ledger().submit(&by_ada(5), Moderation::First, NOW).unwrap().posted.comment.id);
    // Trust stays revoked after the end of a ban of the author key.
    let ledger = database.ledger();
    ledger.ban(&BanTarget::Author(BanKind::Author, id), Some(NOW + 10), &attribution(), NOW).unwrap();
    check(&database, 6, Some("ada"), Moderation::First, Status::Pending);
    submit(&ledger, &VerifiedComment { author: Some(author_id("bob")), ..root_comment(7) });
    check(&database, 8, Some("bob"), Moderation::First, Status::Published);
}

#[test]
fn authors_who_erase_their_own_comment_keep_their_trust() {
    let database = TestDatabase::new();
    let comment_by = |author, number| VerifiedComment { author: Some(author_id(author)), ..root_comment(number) };
    let id = submit(&database.ledger(), &comment_by("ada", 1));
    let delete = |id, author| database.ledger().delete_own(CommentRef { url: &url("a"), id }, author, NOW).unwrap();
    delete(id, "hash of ada");
    check(&database, 2, Some("ada"), Moderation::First, Status::Published);
    let pending = database.ledger().submit(&comment_by("bob", 3), Moderation::First, NOW).unwrap().posted.comment.id;
    delete(pending, "hash of bob");
    check(&database, 4, Some("bob"), Moderation::First, Status::Pending);
}

#[test]
fn senders_without_author_key_never_become_trusted() {
    let database = TestDatabase::new();
    check(&database, 1, ANONYMOUS, Moderation::Open, Status::Published);
    check(&database, 2, ANONYMOUS, Moderation::First, Status::Pending);
}

#[test]
fn a_thread_with_only_pending_comments_looks_empty() {
    let database = TestDatabase::new();
    let comment = VerifiedComment { title: "Spring".to_owned(), ..root_comment(1) };
    let posted = database.ledger().submit(&comment, Moderation::All, NOW).unwrap().posted;
    assert_eq!((posted.status, posted.version), (Status::Pending, 0));
    assert_eq!(database.ledger().read_page(&url("a"), 1).unwrap(), Thread::empty(url("a")));
    assert_eq!(database.ledger().due_threads_after(0, NOW, 10).unwrap(), []);
}

#[test]
fn the_site_setting_overrides_the_default_mode() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let status = |number, policy| ledger.submit(&root_comment(number), policy, NOW).unwrap().posted.status;
    assert_eq!(ledger.settings().unwrap().moderation, None);
    assert_eq!(status(1, Moderation::Open), Status::Published);
    assert_eq!(
        ledger
            .update_setting(&SettingChange::Moderation(Some(Moderation::All)), &attribution(), NOW)
            .unwrap()
            .moderation,
        Some(Moderation::All)
    );
    assert_eq!(ledger.settings().unwrap().moderation, Some(Moderation::All));
    assert_eq!(status(2, Moderation::Open), Status::Pending);
    ledger.update_setting(&SettingChange::Moderation(Some(Moderation::Open)), &attribution(), NOW).unwrap();
    assert_eq!(status(3, Moderation::All), Status::Published);
    ledger.update_setting(&SettingChange::Moderation(None), &attribution(), NOW).unwrap();
    assert_eq!(status(4, Moderation::All), Status::Pending);
}
