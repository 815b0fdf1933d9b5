use afterword_ledger::VerifiedComment;
use afterword_model::moderation::{ActionItem, ActionOutcome, BatchAction, ModerationState, QueueList};
use afterword_model::{CommentId, Moderation, Refusal};

use crate::common::{NOW, TestDatabase, attribution, url};
use crate::fixtures::{act, comment_by, export_but_log, is_done, list_of, revision_of, state_of, submit, undo};

fn written(number: u32, text: &str) -> VerifiedComment {
    VerifiedComment { author: None, id: attribution().id, ..comment_by("grace", number, text) }
}

fn seen(database: &TestDatabase, id: CommentId) -> ActionItem {
    ActionItem { id, revision: revision_of(database, id) }
}

#[test]
fn approve_and_reply_is_one_batch() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_by("eve", 1, "Hello?"), Moderation::All);
    let before = export_but_log(&ledger);
    let (reply, mut by) = (written(900, "Hello!"), attribution());
    by.id = reply.id;
    let item = seen(&database, id);
    let posted = ledger.reply_as_owner(item, &reply, true, &by, NOW).unwrap();
    assert_eq!(posted.results.len(), 2);
    let page = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!(page.comments.iter().map(|it| it.author.owner).collect::<Vec<_>>(), [false, true]);
    assert!(ledger.read_queued_comment(id).unwrap().answered);
    assert!(list_of(&ledger, QueueList::Unanswered).is_empty());
    let repeat = ledger.reply_as_owner(item, &reply, true, &by, NOW).unwrap();
    assert_eq!(repeat.id, posted.id);
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().comments.len(), 2);
    assert!(undo(&database, by.id).results.iter().all(is_done));
    assert!(!ledger.read_queued_comment(id).unwrap().answered);
    assert_eq!(state_of(&ledger, id), ModerationState::Pending);
    assert_eq!(state_of(&ledger, posted.id.unwrap()), ModerationState::Deleted);
    assert_ne!(export_but_log(&ledger), before, "the reply can be restored");
}

#[test]
fn a_reply_to_a_comment_that_changed_is_not_posted() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_by("eve", 1, "Hello?"), Moderation::Open);
    let item = seen(&database, id);
    ledger.edit_own(id, &comment_by("eve", 2, "Insult"), &Moderation::Open.into(), NOW).unwrap();
    let reply = written(900, "Thank you!");
    let by = afterword_ledger::Attribution { id: reply.id, by: "ada" };
    let posted = ledger.reply_as_owner(item, &reply, false, &by, NOW).unwrap();
    assert_eq!(posted.id, None);
    assert!(matches!(posted.results[0].outcome, ActionOutcome::Changed { .. }));
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().comments.len(), 1);
    let pending = submit(&ledger, &comment_by("eve", 3, "Wait"), Moderation::All);
    let refused = ledger.reply_as_owner(seen(&database, pending), &reply, false, &by, NOW);
    assert_eq!(refused.err(), Some(Refusal::UnknownParent.into()), "nobody sees what it would answer");
}

#[test]
fn a_comment_on_somebodys_behalf_has_the_date_that_was_given() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let comment = written(900, "By mail");
    let by = afterword_ledger::Attribution { id: comment.id, by: "ada" };
    let posted = ledger.post_on_behalf(&comment, NOW - 86_400, &by, NOW).unwrap();
    let page = ledger.read_page(&url("a"), 1).unwrap();
    assert!(page.comments[0].on_behalf && !page.comments[0].author.owner);
    assert_eq!(page.comments[0].created, NOW - 86_400);
    assert_eq!(ledger.post_on_behalf(&comment, NOW - 86_400, &by, NOW).unwrap().id, posted.id);
    let later = ledger.post_on_behalf(&written(901, "Later"), NOW + 1, &attribution(), NOW);
    assert_eq!(later.err(), Some(Refusal::BadTime.into()));
    undo(&database, by.id);
    assert!(ledger.read_page(&url("a"), 1).unwrap().comments.is_empty());
}

#[test]
fn a_comment_moves_with_its_replies_and_back() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let root = submit(&ledger, &comment_by("eve", 1, "Root"), Moderation::Open);
    let moved =
        submit(&ledger, &VerifiedComment { parent: Some(root), ..comment_by("bob", 2, "Off topic") }, Moderation::Open);
    let reply =
        submit(&ledger, &VerifiedComment { parent: Some(moved), ..comment_by("eve", 3, "Indeed") }, Moderation::Open);
    let pending =
        submit(&ledger, &VerifiedComment { parent: Some(moved), ..comment_by("eve", 4, "Waits") }, Moderation::All);
    let before = export_but_log(&ledger);
    let by = attribution();
    let result = ledger.move_comment(seen(&database, moved), &url("b"), &by, NOW).unwrap();
    assert!(is_done(&result), "{result:?}");
    let ids = |post: &str| -> Vec<CommentId> {
        ledger.read_page(&url(post), 1).unwrap().comments.iter().map(|comment| comment.id).collect()
    };
    assert_eq!((ids("a"), ids("b")), (vec![root], vec![moved, reply]));
    assert_eq!(ledger.read_queued_comment(pending).unwrap().url, url("b"));
    assert_eq!(ledger.read_page(&url("b"), 1).unwrap().comments[0].parent, None);
    crate::common::assert_changes_are_counted(&database);
    assert!(undo(&database, by.id).results.iter().all(is_done));
    assert_eq!((ids("a"), ids("b")), (vec![root, moved, reply], vec![]));
    crate::common::assert_changes_are_counted(&database);
    let lines = |lines: Vec<serde_json::Value>| -> Vec<_> {
        lines
            .into_iter()
            .filter(|line| line.get("comment").is_some())
            .map(|mut line| {
                // The version of the thread that shows a comment is that of its present thread.
                line["comment"].as_object_mut().unwrap().remove("version");
                line
            })
            .collect()
    };
    assert_eq!(lines(export_but_log(&ledger)), lines(before));
    act(&database, BatchAction::Delete, &[moved]);
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().count, 2);
}
