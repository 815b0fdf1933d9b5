use afterword_ledger::RESTORE_SECONDS;
use afterword_model::moderation::{
    ActionBatch, ActionItem, ActionOutcome, BatchAction, MatchingBatch, ModerationState, QueueFilter, QueueList,
};
use afterword_model::{CommentFate, CommentId, Moderation, Refusal};

use crate::common::{NOW, TestDatabase, url};
use crate::fixtures::{
    act, author_id, batch, below, comment_by, is_done, list_of, new_id, report, revision_of, state_of, submit,
};

#[test]
fn an_action_on_a_comment_that_somebody_decided_names_them() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::All);
    let approve = batch(&database, BatchAction::Approve, &[id]);
    let spam = batch(&database, BatchAction::Spam, &[id]);
    let again = batch(&database, BatchAction::Approve, &[id]);
    assert!(is_done(&ledger.act(&approve, "ada", NOW).unwrap().results[0]));
    let outcome = |batch: &ActionBatch| ledger.act(batch, "ben", NOW + 9).unwrap().results[0].outcome.clone();
    let (by, at, state, revision) = ("ada".to_owned(), NOW, ModerationState::Published, 2);
    assert_eq!(outcome(&spam), ActionOutcome::DecidedOtherwise { by: by.clone(), at, state, revision });
    assert_eq!(outcome(&again), ActionOutcome::Already { by: Some(by), at: Some(at) });
    assert_eq!(state_of(&ledger, id), ModerationState::Published);
}

#[test]
fn a_text_that_nobody_has_seen_is_not_approved() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let comment = comment_by("eve", 1, "Hello");
    let id = submit(&ledger, &comment, Moderation::All);
    let approve = batch(&database, BatchAction::Approve, &[id]);
    let edit = comment_by("eve", 2, "Buy pills");
    ledger.edit_own(id, &edit, &Moderation::All.into(), NOW).unwrap();
    let results = ledger.act(&approve, "ada", NOW).unwrap().results;
    assert_eq!(results[0].outcome, ActionOutcome::Changed { revision: 2 });
    assert_eq!(state_of(&ledger, id), ModerationState::Pending);
}

#[test]
fn a_batch_that_is_sent_twice_is_done_once() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let ids = [1, 2].map(|number| submit(&ledger, &comment_by("eve", number, "Hello"), Moderation::All));
    let approve = batch(&database, BatchAction::Approve, &ids);
    let first = ledger.act(&approve, "ada", NOW).unwrap();
    let log = database.query_integer("SELECT count(*) FROM audit_log");
    // Another moderator decides in between, and the first answer was lost.
    act(&database, BatchAction::Spam, &[ids[0]]);
    assert_eq!(ledger.act(&approve, "ada", NOW + 9).unwrap(), first);
    assert_eq!(database.query_integer("SELECT count(*) FROM audit_log"), log + 1);
    assert_eq!(state_of(&ledger, ids[0]), ModerationState::Spam);
    let other = ActionBatch { action: BatchAction::Spam, ..approve.clone() };
    assert_eq!(ledger.act(&other, "ada", NOW).err(), Some(Refusal::IdReused.into()));
    assert_eq!(ledger.act(&approve, "ben", NOW).err(), Some(Refusal::IdReused.into()));
    let unknown = ActionItem { id: CommentId::new(99), revision: 1 };
    let gone = ActionBatch { id: new_id(), comments: vec![unknown], ..approve };
    assert_eq!(ledger.act(&gone, "ada", NOW).unwrap().results[0].outcome, ActionOutcome::Gone);
}

#[test]
fn a_deleted_comment_can_be_restored_for_thirty_days() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::Open);
    act(&database, BatchAction::Delete, &[id]);
    assert!(ledger.read_page(&url("a"), 1).unwrap().comments.is_empty());
    assert_eq!(ledger.due_threads_after(0, NOW, 1).unwrap().len(), 1);
    let hash = author_id("eve").hash;
    assert_eq!(ledger.restore_own(below(id), &hash, NOW).err(), Some(Refusal::RestoreWindowOver.into()));
    assert_eq!(ledger.fates(&url("a"), &[id], &hash).unwrap().comments[0].status, CommentFate::Rejected);
    assert_eq!(ledger.prune(NOW + RESTORE_SECONDS - 1, 10).unwrap().wiped, 0);
    assert_eq!(list_of(&ledger, QueueList::Deleted), [id.get()]);
    act(&database, BatchAction::Restore, &[id]);
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().comments.len(), 1);
    act(&database, BatchAction::Delete, &[id]);
    assert_eq!(ledger.next_prune(100).unwrap(), Some(NOW + RESTORE_SECONDS));
    assert_eq!(ledger.prune(NOW + RESTORE_SECONDS, 10).unwrap().wiped, 1);
    let read = ledger.read_queued_comment(id).unwrap();
    assert_eq!((read.state, read.source.as_str()), (ModerationState::Erased, ""));
    assert_eq!(ledger.fates(&url("a"), &[id], &hash).unwrap().comments[0].status, CommentFate::Rejected);
}

#[test]
fn an_author_who_deletes_what_a_moderator_deleted_has_it_wiped() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::Open);
    act(&database, BatchAction::Delete, &[id]);
    ledger.delete_own(below(id), &author_id("eve").hash, NOW).unwrap();
    assert_eq!(state_of(&ledger, id), ModerationState::Erased);
    assert_eq!(database.query_integer("SELECT count(*) FROM comment WHERE source <> ''"), 0);
}

#[test]
fn spam_stays_spam_when_its_author_edits_it() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::Open);
    act(&database, BatchAction::Spam, &[id]);
    ledger.edit_own(id, &comment_by("eve", 2, "Other"), &Moderation::Open.into(), NOW).unwrap();
    assert_eq!(state_of(&ledger, id), ModerationState::Spam);
    let fates = ledger.fates(&url("a"), &[id], &author_id("eve").hash).unwrap();
    assert_eq!(fates.comments[0].status, CommentFate::Pending, "its author learns nothing");
    act(&database, BatchAction::Restore, &[id]);
    assert_eq!(state_of(&ledger, id), ModerationState::Published, "as it was before");
}

#[test]
fn a_kept_comment_cannot_be_reported_until_its_text_changes() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::Open);
    report(&ledger, id, "one");
    ledger.edit_own(id, &comment_by("eve", 2, "Better"), &Moderation::Open.into(), NOW).unwrap();
    let read = ledger.read_queued_comment(id).unwrap();
    assert_eq!(read.reports[0].reported_text.as_deref(), Some("Hello"));
    act(&database, BatchAction::Keep, &[id]);
    report(&ledger, id, "two");
    assert!(list_of(&ledger, QueueList::Reported).is_empty());
    assert_eq!(ledger.read_queued_comment(id).unwrap().reports.len(), 1);
    ledger.edit_own(id, &comment_by("eve", 3, "Worse"), &Moderation::Open.into(), NOW).unwrap();
    // The reader of the first report may report the new text too.
    report(&ledger, id, "one");
    assert_eq!(list_of(&ledger, QueueList::Reported), [id.get()]);
}

#[test]
fn a_trusted_author_is_published_where_all_comments_wait() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let first = submit(&ledger, &comment_by("eve", 1, "One"), Moderation::All);
    act(&database, BatchAction::Approve, &[first]);
    let second = submit(&ledger, &comment_by("eve", 2, "Two"), Moderation::All);
    assert_eq!(state_of(&ledger, second), ModerationState::Pending, "an approved comment is not enough");
    act(&database, BatchAction::ApproveAndTrust, &[second]);
    let third = submit(&ledger, &comment_by("eve", 3, "Three"), Moderation::All);
    assert_eq!(state_of(&ledger, third), ModerationState::Published);
    act(&database, BatchAction::Spam, &[third]);
    let fourth = submit(&ledger, &comment_by("eve", 4, "Four"), Moderation::All);
    assert_eq!(state_of(&ledger, fourth), ModerationState::Pending);
}

#[test]
fn all_matching_comments_are_those_that_were_counted() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let ids: Vec<CommentId> =
        (1..=120).map(|number| submit(&ledger, &comment_by("eve", number, "Hello"), Moderation::All)).collect();
    let filter = QueueFilter::of_list(QueueList::Pending);
    let counted = ledger.count_matching(&filter).unwrap();
    assert_eq!((counted.count.count, counted.count.more), (120, false));
    // One more arrives before the moderator confirms, and the page was drawn before the last three.
    let late = submit(&ledger, &comment_by("eve", 500, "Late"), Moderation::All);
    let mut step = MatchingBatch {
        id: new_id(),
        action: BatchAction::Spam,
        filter,
        through: ids[116],
        count: 120,
        after: None,
        reason: None,
    };
    let mut steps = 0;
    loop {
        let progress = ledger.act_on_matching(&step, "ada", NOW).unwrap();
        // A step that is sent again, because its answer was lost, changes nothing.
        let repeat = ledger.act_on_matching(&step, "ada", NOW).unwrap();
        assert!(repeat.done >= progress.done && progress.others.is_empty());
        steps += 1;
        step.after = progress.next;
        if step.after.is_none() {
            assert_eq!(progress.done, 117);
            break;
        }
    }
    assert!(steps >= 3, "{steps}");
    assert_eq!(list_of(&ledger, QueueList::Spam).len(), 117);
    assert_eq!(state_of(&ledger, late), ModerationState::Pending);
    let mut request = afterword_model::moderation::UndoRequest { id: new_id(), batch: step.id, after: None };
    loop {
        let undone = ledger.undo(&request, "ben", NOW).unwrap();
        assert!(undone.results.iter().all(is_done), "{undone:?}");
        request.after = undone.next;
        if undone.next.is_none() {
            break;
        }
    }
    assert_eq!(list_of(&ledger, QueueList::Pending).len(), 121);
}

#[test]
fn a_batch_never_acts_on_more_comments_than_were_confirmed() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let ids: Vec<CommentId> =
        (1..=9).map(|number| submit(&ledger, &comment_by("eve", number, "Hello"), Moderation::All)).collect();
    let filter = QueueFilter::of_list(QueueList::Pending);
    let (action, through) = (BatchAction::Delete, ids[8]);
    let batch = MatchingBatch { id: new_id(), action, filter, through, count: 4, after: None, reason: None };
    for _ in 0..3 {
        assert_eq!(ledger.act_on_matching(&batch, "ada", NOW).unwrap().done, 4);
    }
    assert_eq!(list_of(&ledger, QueueList::Pending).len(), 5);
}

#[test]
fn pins_are_for_readers() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::Open);
    let before = ledger.read_page(&url("a"), 1).unwrap().version;
    act(&database, BatchAction::Pin, &[id]);
    let page = ledger.read_page(&url("a"), 1).unwrap();
    assert!(page.comments[0].pinned && page.version > before);
    assert_eq!(revision_of(&database, id), 2);
    let pending = submit(&ledger, &comment_by("eve", 2, "Hello"), Moderation::All);
    let pin = batch(&database, BatchAction::Pin, &[pending]);
    assert_eq!(ledger.act(&pin, "ada", NOW).unwrap().results[0].outcome, ActionOutcome::Gone, "nobody reads it");
}
