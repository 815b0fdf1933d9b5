use afterword_ledger::Renderer;
use afterword_model::moderation::{ActionOutcome, BatchAction, CloseOldThreads, ModerationState, UndoRequest};
use afterword_model::{CommentId, Moderation, Refusal};

use crate::common::{NOW, TestDatabase, attribution, url};
use crate::fixtures::{
    TestLedger, act, author_id, below, comment_by, edit, export_but_log, html, is_done, new_id, report, revision_of,
    state_of, submit, undo,
};

#[test]
fn undo_of_every_action_restores_the_export() {
    let actions = [
        BatchAction::Approve,
        BatchAction::ApproveAndTrust,
        BatchAction::Unpublish,
        BatchAction::Spam,
        BatchAction::Delete,
        BatchAction::Keep,
        BatchAction::Pin,
    ];
    for action in actions {
        for policy in [Moderation::All, Moderation::Open] {
            let database = TestDatabase::new();
            let ledger = database.ledger();
            let id = submit(&ledger, &comment_by("eve", 1, "Hello"), policy);
            submit(&ledger, &comment_by("bob", 2, "World"), Moderation::Open);
            if policy == Moderation::Open {
                report(&ledger, id, "reader");
            }
            let seen = crate::fixtures::batch(&database, action, &[id]);
            let before = export_but_log(&ledger);
            if !is_done(&ledger.act(&seen, "ada", NOW).unwrap().results[0]) {
                continue;
            }
            assert_ne!(export_but_log(&ledger), before, "{action:?} after {policy:?}");
            let undone = undo(&database, seen.id);
            assert!(undone.results.iter().all(is_done), "{action:?}: {undone:?}");
            assert_eq!(export_but_log(&ledger), before, "{action:?} after {policy:?}");
            let again = undo(&database, undone.id);
            assert!(again.results.iter().all(is_done), "the undo of {action:?} is undone: {again:?}");
            assert_ne!(export_but_log(&ledger), before, "{action:?} after {policy:?}");
        }
    }
}

#[test]
fn an_undo_names_what_was_changed_since_and_leaves_it() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let ids = [1, 2, 3].map(|number| submit(&ledger, &comment_by("eve", number, "Hello"), Moderation::Open));
    let batch = act(&database, BatchAction::Spam, &ids);
    act(&database, BatchAction::Approve, &[ids[0]]);
    ledger.edit_own(ids[1], &comment_by("eve", 9, "Other"), &Moderation::Open.into(), NOW).unwrap();
    let undone = undo(&database, batch);
    let outcome = |id| undone.results.iter().find(|result| result.id == id).unwrap().outcome.clone();
    assert!(matches!(outcome(ids[0]), ActionOutcome::DecidedOtherwise { by, .. } if by == "ada"));
    assert!(matches!(outcome(ids[1]), ActionOutcome::Changed { .. }));
    assert!(matches!(outcome(ids[2]), ActionOutcome::Done { .. }));
    assert_eq!(
        ids.map(|id| state_of(&ledger, id)),
        [ModerationState::Published, ModerationState::Spam, ModerationState::Published]
    );
    // An undo that is sent again has the same outcome, and another one finds it undone.
    let request = UndoRequest { id: undone.id, batch, after: None };
    assert_eq!(ledger.undo(&request, "ada", NOW + 9).unwrap().results[0], undone.results[0]);
    assert!(matches!(undo(&database, batch).results[0].outcome, ActionOutcome::Already { .. }));
    assert_eq!(ledger.undo(&request, "ben", NOW).err(), Some(Refusal::IdReused.into()));
    let unknown = UndoRequest { id: new_id(), batch: new_id(), after: None };
    assert_eq!(ledger.undo(&unknown, "ada", NOW).err(), Some(Refusal::NotFound.into()));
}

#[test]
fn an_edit_is_undone_with_its_approval() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_by("eve", 1, "Helo"), Moderation::All);
    let before = export_but_log(&ledger);
    let by = attribution();
    let seen = (id, revision_of(&database, id));
    assert!(is_done(&ledger.edit_seen(seen, &edit("Hello"), true, &by, NOW).unwrap()));
    let page = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((page.comments[0].html.as_str(), page.comments[0].moderated), ("<p>Hello</p>", true));
    let log = ledger.read_comment_page(id).unwrap();
    let text = log.log[0].text.clone().unwrap();
    assert_eq!((text.before.as_str(), text.after.as_str()), ("Helo", "Hello"));
    assert_eq!(log.revisions.len(), 1);
    assert!(is_done(&ledger.edit_seen(seen, &edit("Hello"), true, &by, NOW).unwrap()), "a repeat");
    assert!(!is_done(&ledger.edit_seen(seen, &edit("Stale"), true, &attribution(), NOW).unwrap()));
    let undone = undo(&database, by.id);
    assert_eq!(export_but_log(&ledger), before);
    undo(&database, undone.id);
    assert_eq!(ledger.read_queued_comment(id).unwrap().source, "Hello");
    assert_eq!(state_of(&ledger, id), ModerationState::Published);
    // What its author deletes is shown to nobody, although it can be restored for some minutes.
    ledger.delete_own(below(id), &author_id("eve").hash, NOW).unwrap();
    assert!(ledger.read_comment_page(id).unwrap().log.iter().all(|entry| entry.text.is_none()));
    ledger.restore_own(below(id), &author_id("eve").hash, NOW).unwrap();
    // Nothing of the texts is left in the log once the comment is erased.
    act(&database, BatchAction::Erase, &[id]);
    let log = ledger.read_comment_page(id).unwrap();
    assert!(log.revisions.is_empty() && log.log.iter().all(|entry| entry.text.is_none()));
    assert_eq!(database.query_integer("SELECT count(*) FROM comment_text"), 0);
    assert!(undo(&database, undone.id).results.iter().all(|result| result.outcome == ActionOutcome::Gone));
}

/// A renderer that is newer than the one of all stored comments.
const NEWER: Renderer<'static> =
    Renderer { version: 9, render: &|text| Some(html(&format!("new {text}"))), render_plain: &html };

#[test]
fn a_restored_text_is_rendered_by_the_present_renderer() {
    let database = TestDatabase::new();
    let ledger = database.ledger().with_renderer(NEWER);
    let ids = [1, 2, 3].map(|number| submit(&ledger, &comment_by("eve", number, "Text"), Moderation::Open));
    let [edited, taken_back, deleted] = ids;
    let by = attribution();
    ledger.edit_seen((edited, revision_of(&database, edited)), &edit("Other"), false, &by, NOW).unwrap();
    ledger.delete_own(below(taken_back), &author_id("eve").hash, NOW).unwrap();
    let batch = act(&database, BatchAction::Delete, &[deleted]);
    // Renders the texts that are visible now. The others keep the HTML that they had.
    ledger.rerender(0, 100, &NEWER, NOW).unwrap();
    ledger.undo(&UndoRequest { id: new_id(), batch: by.id, after: None }, "ada", NOW).unwrap();
    ledger.restore_own(below(taken_back), &author_id("eve").hash, NOW).unwrap();
    ledger.undo(&UndoRequest { id: new_id(), batch, after: None }, "ada", NOW).unwrap();
    let shown = |ledger: &TestLedger<'_>| {
        let page = ledger.read_page(&url("a"), 1).unwrap();
        page.comments.iter().map(|comment| comment.html.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(shown(&ledger), ["<p>new Text</p>"; 3]);
    let restored = restore_outdated(&ledger, &database, deleted);
    assert_eq!((shown(&ledger), restored), (vec!["<p>new Text</p>".to_owned(); 3], ModerationState::Published));
}

/// Deletes a comment, makes its HTML old, and restores it.
fn restore_outdated(ledger: &TestLedger<'_>, database: &TestDatabase, id: CommentId) -> ModerationState {
    act(database, BatchAction::Delete, &[id]);
    database.run(&format!("UPDATE comment SET html = 'old', renderer = 1 WHERE id = {id}"));
    let seen = crate::fixtures::batch(database, BatchAction::Restore, &[id]);
    assert!(is_done(&ledger.act(&seen, "ada", NOW).unwrap().results[0]));
    state_of(ledger, id)
}

#[test]
fn old_threads_are_closed_in_one_batch() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 0..70 {
        let mut comment = comment_by("eve", number + 1, "Hello");
        comment.url = url(&format!("post{number}"));
        ledger.submit(&comment, Moderation::Open, NOW + i64::from(number)).unwrap();
    }
    let mut request = CloseOldThreads { id: new_id(), before: NOW + 60, after: 0 };
    let mut closed = 0;
    loop {
        let step = ledger.close_old_threads(&request, "ada", NOW + 99).unwrap();
        closed += step.closed;
        let Some(next) = step.next else { break };
        request.after = next;
    }
    assert_eq!(closed, 60);
    assert_eq!(database.query_integer("SELECT count(*) FROM thread WHERE closed = 1"), 60);
    let mut undo = UndoRequest { id: new_id(), batch: request.id, after: None };
    loop {
        undo.after = ledger.undo(&undo, "ada", NOW + 99).unwrap().next;
        if undo.after.is_none() {
            break;
        }
    }
    assert_eq!(database.query_integer("SELECT count(*) FROM thread WHERE closed = 1"), 0);
}
