//! Deletion of a comment by its author, undo, and what authors are replies of the fate of their comments.

use afterword_ledger::{CommentFilter, ExportCursor, VerifiedComment};
use afterword_model::{CommentFate, CommentId, Moderation, PostedComment, Refusal, Status, Vote};

use crate::common::SITE;
use crate::fixtures::{
    NOW, TestDatabase, approve, author_id, erase, network, new_report, of_a, own_edit, reply, root_comment, submit, url,
};

const ADA: &str = "hash of ada";
const DELAY: i64 = 600;

fn by_ada(number: u32) -> VerifiedComment {
    VerifiedComment {
        author: Some(author_id("ada")),
        email: Some("ada@ada.example".to_owned()),
        title: "Adas title".to_owned(),
        ..root_comment(number)
    }
}

#[test]
fn a_deleted_comment_is_out_of_sight_at_once_and_comes_back_as_it_was() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &by_ada(1));
    submit(&ledger, &reply(2, id));
    ledger.vote(id, "bob", Vote::For, NOW).unwrap();
    let before = ledger.read_page(&url("a"), 1).unwrap();
    let deleted = ledger.delete_own(of_a(id), ADA, NOW).unwrap();
    assert_eq!((deleted.status, deleted.restore_until), (CommentFate::Deleted, NOW + DELAY));
    assert_eq!(ledger.delete_own(of_a(id), ADA, NOW + 9).unwrap(), deleted, "a repeat changes nothing");
    let page = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((page.count, page.title.as_str(), page.version), (1, "", deleted.version));
    assert!(page.comments[0].deleted && page.comments[0].html.as_str().is_empty());
    assert_eq!(ledger.urgent_threads(NOW, 9).unwrap().len(), 1);
    let listed = format!("{:?}", ledger.list_comments(CommentFilter::Erased, None, 9).unwrap());
    let exported = ledger.export(SITE, ExportCursor::default(), 1 << 20).unwrap().lines.join("\n");
    for private in ["Text 1", "Author 1", "ada@ada.example", "Adas title"] {
        assert!(!listed.contains(private) && !exported.contains(private), "{private}");
    }
    let restored = ledger.restore_own(of_a(id), ADA, NOW + DELAY - 1).unwrap();
    assert_eq!((restored.status, &restored.comment), (Status::Published, &before.comments[0]));
    assert_eq!(ledger.restore_own(of_a(id), ADA, NOW + DELAY).unwrap(), restored, "a repeat changes nothing");
    let after = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((&after.comments, &after.title, after.count), (&before.comments, &before.title, before.count));
    assert_eq!(ledger.next_prune(9).unwrap(), None, "nothing is left to wipe");
}

#[test]
fn a_deleted_comment_is_wiped_after_the_delay() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &by_ada(1));
    ledger.edit_own(id, &own_edit("ada", 21, "Better"), &Moderation::Open.into(), NOW).unwrap();
    ledger
        .report(of_a(id), &afterword_ledger::NewReport { text: Some("Better says ada"), ..new_report(&network()) }, NOW)
        .unwrap();
    ledger.delete_own(of_a(id), ADA, NOW).unwrap();
    assert_eq!(ledger.next_prune(9), Ok(Some(NOW + DELAY)));
    assert_eq!(ledger.prune(NOW + DELAY - 1, 9).unwrap().wiped, 0);
    assert_eq!(ledger.restore_own(of_a(id), ADA, NOW + DELAY).err(), Some(Refusal::RestoreWindowOver.into()));
    // The instance that deleted it may be gone by then.
    assert_eq!(database.ledger().prune(NOW + DELAY, 9).unwrap().wiped, 1);
    let stored = format!("{:?}", database.dump());
    for private in ["Better", "Text 1", "Author 1", "ada@", "fingerprint of", "Adas title"] {
        assert!(!stored.contains(private), "{private}");
    }
    assert_eq!(ledger.restore_own(of_a(id), ADA, NOW).err(), Some(Refusal::RestoreWindowOver.into()));
    assert_eq!(ledger.delete_own(of_a(id), ADA, NOW + 9_999).unwrap().restore_until, NOW + DELAY);
}

#[test]
fn a_pending_comment_can_be_deleted_and_restored() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = ledger.submit(&by_ada(1), Moderation::All, NOW).unwrap().posted.comment.id;
    let deleted = ledger.delete_own(of_a(id), ADA, NOW).unwrap();
    assert_eq!((deleted.version, ledger.list_comments(CommentFilter::Pending, None, 9).unwrap().items.len()), (0, 0));
    assert_eq!(ledger.restore_own(of_a(id), ADA, NOW).unwrap().status, Status::Pending);
    assert_eq!(ledger.list_comments(CommentFilter::Pending, None, 9).unwrap().items[0].source, "Text 1");
    assert_eq!(ledger.due_threads_after(0, NOW, 9).unwrap(), []);
    approve(&database, id);
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().count, 1);
}

#[test]
fn a_moderators_erasure_does_not_wait() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let (erased, deleted) = (submit(&ledger, &by_ada(1)), submit(&ledger, &by_ada(2)));
    erase(&database, erased);
    ledger.delete_own(of_a(deleted), ADA, NOW).unwrap();
    assert!(format!("{:?}", database.dump()).contains("Text 2"));
    erase(&database, deleted);
    let stored = format!("{:?}", database.dump());
    assert!(!stored.contains("Text 1") && !stored.contains("Text 2"));
    for id in [erased, deleted] {
        assert_eq!(ledger.restore_own(of_a(id), ADA, NOW).err(), Some(Refusal::RestoreWindowOver.into()));
    }
    assert_eq!(ledger.list_audit_log(None, 9).unwrap().items.len(), 2);
    let PostedComment { status, .. } = ledger.submit(&by_ada(3), Moderation::First, NOW).unwrap().posted;
    assert_eq!(status, Status::Pending, "the author is not trusted any more");
    let fates: Vec<_> = ledger.fates(&url("a"), &[erased, deleted], ADA).unwrap().comments;
    assert_eq!(fates.iter().map(|it| it.status).collect::<Vec<_>>(), [CommentFate::Rejected; 2]);
}

#[test]
fn deletions_beyond_a_number_wait_for_the_daily_quota() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &by_ada(1));
    let publish = |now| {
        for due in ledger.due_threads_after(0, now, 9).unwrap() {
            ledger.mark_published(&due).unwrap();
        }
    };
    let is_urgent = |now| {
        publish(now);
        ledger.delete_own(of_a(id), ADA, now).unwrap();
        let urgent = !ledger.urgent_threads(now, 9).unwrap().is_empty();
        assert_eq!(ledger.due_threads_after(0, now, 9).unwrap().len(), 1, "it is published in any case");
        publish(now);
        ledger.restore_own(of_a(id), ADA, now).unwrap();
        urgent
    };
    assert_eq!((0..60).filter(|_| is_urgent(NOW)).count(), 50);
    assert!(is_urgent(NOW + 86_400), "the next day");
}

#[test]
fn authors_learn_the_fate_of_their_own_comments_only() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let published = submit(&ledger, &by_ada(1));
    let pending = ledger.submit(&by_ada(2), Moderation::All, NOW).unwrap().posted.comment.id;
    let rejected = ledger.submit(&by_ada(3), Moderation::All, NOW).unwrap().posted.comment.id;
    erase(&database, rejected);
    let deleted = submit(&ledger, &by_ada(4));
    ledger.delete_own(of_a(deleted), ADA, NOW).unwrap();
    let of_others = ledger.submit(&root_comment(5), Moderation::All, NOW).unwrap().posted.comment.id;
    let elsewhere = submit(&ledger, &VerifiedComment { url: url("b"), ..by_ada(6) });
    let unknown = [99, 0, -1, i64::MAX, i64::MIN].map(CommentId::new);
    let ids = [&[deleted, of_others, published, pending, elsewhere, rejected, published][..], &unknown].concat();
    let replies = |author| serde_json::to_string(&ledger.fates(&url("a"), &ids, author).unwrap()).unwrap();
    let until = NOW + 900;
    assert_eq!(
        replies(ADA),
        format!(
            r#"{{"comments":[{{"id":4,"status":"deleted"}},{{"id":1,"status":"published","edit_until":{until}}},{{"id":2,"status":"pending","edit_until":{until}}},{{"id":3,"status":"rejected"}}]}}"#
        )
    );
    assert_eq!(replies("hash of bob"), r#"{"comments":[]}"#);
    assert_eq!(ledger.fates(&url("nothing"), &ids, ADA).unwrap().comments, []);
    assert_eq!(ledger.fates(&url("a"), &[], ADA).unwrap().comments, []);
}

#[test]
fn replies_keep_their_place_while_the_parent_is_deleted() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let parent = submit(&ledger, &by_ada(1));
    let answer = submit(&ledger, &VerifiedComment { author: Some(author_id("bob")), ..reply(2, parent) });
    ledger.delete_own(of_a(parent), ADA, NOW).unwrap();
    ledger.delete_own(of_a(answer), "hash of bob", NOW).unwrap();
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().comments, []);
    ledger.restore_own(of_a(answer), "hash of bob", NOW).unwrap();
    let shown: Vec<_> = ledger.read_page(&url("a"), 1).unwrap().comments.iter().map(|it| (it.id, it.deleted)).collect();
    assert_eq!(shown, [(parent, true), (answer, false)]);
}
