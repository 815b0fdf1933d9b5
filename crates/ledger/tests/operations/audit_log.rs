//! The audit log of moderators' actions, and actions that are repeated.

use afterword_ledger::{
    Action, Attribution, BanKind, BanTarget, CommentEdit, CommentRef, Ledger, LedgerError, PostMove, PostMoves,
    SettingChange, VerifiedComment,
};
use afterword_model::{CommentId, Moderation, Refusal, Status, SubmissionId};

use crate::fixtures::{NOW, TestDatabase, attribution, author_id, html, root_comment, submit, url, uuid};

const ALL: SettingChange = SettingChange::Moderation(Some(Moderation::All));

/// The moderator, action and target of each entry of the log, oldest first.
fn log(database: &TestDatabase) -> Vec<(String, Action, String)> {
    let mut log: Vec<_> = database.ledger().list_audit_log(None, 100).unwrap().items;
    log.reverse();
    log.into_iter().map(|entry| (entry.by, entry.action, entry.target)).collect()
}

#[test]
fn every_action_is_logged_once() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let first = submit(&ledger, &root_comment(1));
    let action = |number: u32, by| Attribution { id: uuid(900 + number), by };
    for _ in 0..2 {
        ledger.unpublish(first, &action(1, "ada"), NOW).unwrap();
        ledger.approve(first, &action(2, "bob"), NOW).unwrap();
        let edit = CommentEdit { source: "x".to_owned(), html: html("x"), renderer: 1 };
        ledger.edit(first, &edit, &action(3, "cy"), NOW).unwrap();
        ledger.set_closed(&url("a"), true, &action(4, "ada"), NOW).unwrap();
        ledger.set_closed(&url("a"), false, &action(5, "ada"), NOW).unwrap();
        ledger.update_setting(&ALL, &action(6, "ada"), NOW).unwrap();
        ledger.update_setting(&SettingChange::Moderation(None), &action(7, "ada"), NOW).unwrap();
        let moves = PostMoves::List(vec![PostMove { from: url("a"), to: url("b") }]);
        ledger.remap(&moves, 0, 9, &action(8, "bob"), NOW).unwrap();
    }
    for _ in 0..2 {
        ledger.erase(first, &action(9, "bob"), NOW + 1).unwrap();
    }
    let (comment, a, b) = (uuid(1).to_string(), url("a").to_string(), url("b").to_string());
    let expected = [
        ("ada", Action::Unpublish, comment.as_str()),
        ("bob", Action::Approve, &comment),
        ("cy", Action::Edit, &comment),
        ("ada", Action::Close, &a),
        ("ada", Action::Open, &a),
        ("ada", Action::Set, "moderation"),
        ("ada", Action::Set, "moderation"),
        ("bob", Action::Move, &format!("{a} {b}")),
        ("bob", Action::Erase, &comment),
    ];
    let expected: Vec<_> = expected.map(|(by, action, target)| (by.to_owned(), action, target.to_owned())).into();
    assert_eq!(log(&database), expected);
}

#[test]
fn a_late_repeat_does_not_undo_later_actions() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let first = submit(&ledger, &root_comment(1));
    let late = attribution();
    ledger.unpublish(first, &late, NOW).unwrap();
    ledger.approve(first, &attribution(), NOW).unwrap();
    let before = database.dump();
    assert_eq!(ledger.unpublish(first, &late, NOW).unwrap().status, Status::Published);
    assert_eq!(database.dump(), before);
}

/// Checks that an action whose id was used before is refused, and changes nothing.
#[track_caller]
fn check_reused<T: std::fmt::Debug + PartialEq>(
    database: &TestDatabase,
    action: impl FnOnce(&Ledger<&TestDatabase>) -> Result<T, LedgerError>,
) {
    let before = database.dump();
    assert_eq!(action(&database.ledger()), Err(Refusal::IdReused.into()));
    assert_eq!(database.dump(), before);
}

#[test]
fn an_action_id_cannot_be_reused_for_another_action() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let (first, second) = (submit(&ledger, &root_comment(1)), submit(&ledger, &root_comment(2)));
    let used = attribution();
    ledger.unpublish(first, &used, NOW).unwrap();
    check_reused(&database, |ledger| ledger.unpublish(second, &used, NOW));
    check_reused(&database, |ledger| ledger.approve(first, &used, NOW));
    check_reused(&database, |ledger| ledger.approve(second, &used, NOW));
    check_reused(&database, |ledger| ledger.erase(first, &used, NOW));
    check_reused(&database, |ledger| ledger.set_closed(&url("a"), true, &used, NOW));
    check_reused(&database, |ledger| ledger.update_setting(&ALL, &used, NOW));
    check_reused(&database, |ledger| ledger.ban(&BanTarget::Pattern(BanKind::Name, "Eve".into()), None, &used, NOW));
    let moves = PostMoves::List(vec![PostMove { from: url("a"), to: url("b") }]);
    check_reused(&database, |ledger| ledger.remap(&moves, 0, 9, &used, NOW));
    assert_eq!(
        ledger.unpublish(first, &used, NOW).unwrap().status,
        Status::Pending,
        "a repeat of the same action is accepted"
    );

    // The same action with other content is refused as well.
    let (edited, set, banned, lifted) = (attribution(), attribution(), attribution(), attribution());
    let edit = |source: &str| CommentEdit { source: source.to_owned(), html: html(source), renderer: 1 };
    ledger.edit(second, &edit("x"), &edited, NOW).unwrap();
    check_reused(&database, |ledger| ledger.edit(second, &edit("y"), &edited, NOW));
    ledger.update_setting(&ALL, &set, NOW).unwrap();
    check_reused(&database, |ledger| ledger.update_setting(&SettingChange::Moderation(None), &set, NOW));
    let eve = BanTarget::Pattern(BanKind::Name, "Eve".into());
    ledger.ban(&eve, None, &banned, NOW).unwrap();
    check_reused(&database, |ledger| ledger.ban(&eve, Some(NOW + 9), &banned, NOW));
    let bans = ledger.ban(&BanTarget::Pattern(BanKind::Name, "Mallory".into()), None, &attribution(), NOW).unwrap();
    let [one, two] = [0, 1].map(|at: usize| SubmissionId::parse(&bans[at].id).unwrap());
    ledger.lift_bans(&[one], &lifted, NOW).unwrap();
    check_reused(&database, |ledger| ledger.lift_bans(&[two], &lifted, NOW));
    let log = log(&database).len();
    assert_eq!(ledger.lift_bans(&[one], &lifted, NOW).unwrap().len(), 1);
    assert_eq!(self::log(&database).len(), log);
}

#[test]
fn a_repeat_is_recognised_after_the_thread_has_moved() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &root_comment(1));
    let closed = attribution();
    ledger.set_closed(&url("a"), true, &closed, NOW).unwrap();
    ledger.remap(&PostMoves::List(vec![PostMove { from: url("a"), to: url("b") }]), 0, 9, &attribution(), NOW).unwrap();
    ledger.set_closed(&url("a"), false, &attribution(), NOW).unwrap();
    let before = database.dump();
    ledger.set_closed(&url("a"), true, &closed, NOW).unwrap();
    assert_eq!(database.dump(), before);
}

#[test]
fn actions_without_effect_are_not_logged() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let first = submit(&ledger, &root_comment(1));
    ledger.approve(first, &attribution(), NOW).unwrap();
    ledger.set_closed(&url("a"), false, &attribution(), NOW).unwrap();
    ledger.update_setting(&SettingChange::Moderation(None), &attribution(), NOW).unwrap();
    assert!(ledger.unpublish(CommentId::new(7), &attribution(), NOW).is_err());
    let id = submit(&ledger, &VerifiedComment { author: Some(author_id("ada")), ..root_comment(2) });
    ledger.delete_own(CommentRef { url: &url("a"), id }, "hash of ada", NOW).unwrap();
    assert_eq!(log(&database), []);
}

#[test]
fn the_log_is_read_in_pages_newest_first() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let first = submit(&ledger, &root_comment(1));
    for number in 0..3 {
        ledger.unpublish(first, &attribution(), NOW + number).unwrap();
        ledger.approve(first, &attribution(), NOW + number).unwrap();
    }
    let (mut before, mut numbers) = (None, Vec::new());
    loop {
        let part = ledger.list_audit_log(before, 4).unwrap();
        numbers.extend(part.items.iter().map(|entry| (entry.number, entry.comment)));
        let Some(next) = part.next else { break };
        before = Some(next);
    }
    assert_eq!(numbers, (1..=6).rev().map(|number| (number, Some(first))).collect::<Vec<_>>());
}

#[test]
fn audit_entries_have_a_pinned_json_form() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    ledger.unpublish(submit(&ledger, &root_comment(1)), &Attribution { id: uuid(9), by: "ada" }, NOW).unwrap();
    ledger.update_setting(&ALL, &Attribution { id: uuid(10), by: "ada" }, NOW + 1).unwrap();
    let entries: Vec<_> = ledger.list_audit_log(None, 9).unwrap().items;
    let entries: Vec<_> = entries.iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
    let expected = [
        r#"{"number":2,"id":"00000000-0000-8000-8000-00000000000a","batch":"00000000-0000-8000-8000-00000000000a","at":1321000001,"by":"ada","action":"set","target":"moderation","comment":null}"#,
        r#"{"number":1,"id":"00000000-0000-8000-8000-000000000009","batch":"00000000-0000-8000-8000-000000000009","at":1321000000,"by":"ada","action":"unpublish","target":"00000000-0000-8000-8000-000000000001","comment":1,"before":{"state":"published","revision":1,"since":1,"placed":true},"after":{"state":"pending","revision":2,"placed":true}}"#,
    ];
    assert_eq!(entries, expected);
}
