//! What moderators see and set, and the log of what they do.

use afterword_ledger::{
    Action, Actor, Attribution, BanKind, BanTarget, CommentEdit, CommentFilter, Ledger, LedgerError, PostMove,
    PostMoves, SettingChange, VerifiedComment,
};
use afterword_model::{CommentId, Moderation, Refusal, Status, SubmissionId};

use crate::fixtures::{NOW, Store, act, answer, entry, erase, html, post, stamp, url, uuid};

const ALL: SettingChange = SettingChange::Moderation(Some(Moderation::All));

/// The log, oldest first: who did what to what.
fn log(store: &Store) -> Vec<(String, Action, String)> {
    let mut log: Vec<_> = store.ledger().list_audit_log(None, 100).unwrap().items;
    log.reverse();
    log.into_iter().map(|audited| (audited.by, audited.action, audited.target)).collect()
}

#[test]
fn every_act_is_in_the_log_once() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &entry(1));
    let by = |number: u32, by| Attribution { id: uuid(900 + number), by };
    for _ in 0..2 {
        ledger.unpublish(first, &by(1, "ada"), NOW).unwrap();
        ledger.approve(first, &by(2, "bob"), NOW).unwrap();
        let edit = CommentEdit { source: "x".to_owned(), html: html("x"), renderer: 1 };
        ledger.edit(first, &edit, Actor::Moderator(&by(3, "cy")), 0, NOW).unwrap();
        ledger.set_closed(&url("a"), true, &by(4, "ada"), NOW).unwrap();
        ledger.set_closed(&url("a"), false, &by(5, "ada"), NOW).unwrap();
        ledger.update_setting(&ALL, &by(6, "ada"), NOW).unwrap();
        ledger.update_setting(&SettingChange::Moderation(None), &by(7, "ada"), NOW).unwrap();
        let moves = PostMoves::List(vec![PostMove { from: url("a"), to: url("b") }]);
        ledger.remap(&moves, 0, 9, &by(8, "bob"), NOW).unwrap();
    }
    for _ in 0..2 {
        ledger.erase(first, Actor::Moderator(&by(9, "bob")), NOW + 1).unwrap();
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
    let expected: Vec<_> = expected.map(|(by, act, about)| (by.to_owned(), act, about.to_owned())).into();
    assert_eq!(log(&store), expected);
}

#[test]
fn an_act_that_arrives_late_does_not_undo_what_came_after_it() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &entry(1));
    let late = act();
    ledger.unpublish(first, &late, NOW).unwrap();
    ledger.approve(first, &act(), NOW).unwrap();
    let before = store.dump();
    assert_eq!(ledger.unpublish(first, &late, NOW).unwrap().status, Status::Published);
    assert_eq!(store.dump(), before);
}

/// That an act whose UUID was used before is refused, and nothing changes.
#[track_caller]
fn check_reused<T: std::fmt::Debug + PartialEq>(
    store: &Store,
    act: impl FnOnce(&Ledger<&Store>) -> Result<T, LedgerError>,
) {
    let before = store.dump();
    assert_eq!(act(&store.ledger()), Err(Refusal::IdReused.into()));
    assert_eq!(store.dump(), before);
}

#[test]
fn the_id_of_an_act_is_not_taken_for_another_one() {
    let store = Store::new();
    let ledger = store.ledger();
    let (first, second) = (post(&ledger, &entry(1)), post(&ledger, &entry(2)));
    let held = act();
    ledger.unpublish(first, &held, NOW).unwrap();
    check_reused(&store, |ledger| ledger.unpublish(second, &held, NOW));
    check_reused(&store, |ledger| ledger.approve(first, &held, NOW));
    check_reused(&store, |ledger| ledger.approve(second, &held, NOW));
    check_reused(&store, |ledger| ledger.erase(first, Actor::Moderator(&held), NOW));
    check_reused(&store, |ledger| ledger.set_closed(&url("a"), true, &held, NOW));
    check_reused(&store, |ledger| ledger.update_setting(&ALL, &held, NOW));
    check_reused(&store, |ledger| ledger.ban(BanTarget::Pattern(BanKind::Name, "Eve"), None, &held, NOW));
    let moves = PostMoves::List(vec![PostMove { from: url("a"), to: url("b") }]);
    check_reused(&store, |ledger| ledger.remap(&moves, 0, 9, &held, NOW));
    assert_eq!(ledger.unpublish(first, &held, NOW).unwrap().status, Status::Pending, "a repeat is none");

    // Nor for the same act with another content.
    let (edited, set, banned, lifted) = (act(), act(), act(), act());
    let edit = |source: &str| CommentEdit { source: source.to_owned(), html: html(source), renderer: 1 };
    ledger.edit(second, &edit("x"), Actor::Moderator(&edited), 0, NOW).unwrap();
    check_reused(&store, |ledger| ledger.edit(second, &edit("y"), Actor::Moderator(&edited), 0, NOW));
    ledger.update_setting(&ALL, &set, NOW).unwrap();
    check_reused(&store, |ledger| ledger.update_setting(&SettingChange::Moderation(None), &set, NOW));
    let eve = BanTarget::Pattern(BanKind::Name, "Eve");
    ledger.ban(eve, None, &banned, NOW).unwrap();
    check_reused(&store, |ledger| ledger.ban(eve, Some(NOW + 9), &banned, NOW));
    let bans = ledger.ban(BanTarget::Pattern(BanKind::Name, "Mallory"), None, &act(), NOW).unwrap();
    let [one, two] = [0, 1].map(|at: usize| SubmissionId::parse(&bans[at].id).unwrap());
    ledger.lift_ban(&one, &lifted, NOW).unwrap();
    check_reused(&store, |ledger| ledger.lift_ban(&two, &lifted, NOW));
    let log = log(&store).len();
    assert_eq!(ledger.lift_ban(&one, &lifted, NOW).unwrap().len(), 1);
    assert_eq!(self::log(&store).len(), log);
}

#[test]
fn a_repeat_is_known_after_the_thread_has_moved() {
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &entry(1));
    let closed = act();
    ledger.set_closed(&url("a"), true, &closed, NOW).unwrap();
    ledger.remap(&PostMoves::List(vec![PostMove { from: url("a"), to: url("b") }]), 0, 9, &act(), NOW).unwrap();
    ledger.set_closed(&url("a"), false, &act(), NOW).unwrap();
    let before = store.dump();
    ledger.set_closed(&url("a"), true, &closed, NOW).unwrap();
    assert_eq!(store.dump(), before);
}

#[test]
fn what_changes_nothing_is_not_in_the_log() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &entry(1));
    ledger.approve(first, &act(), NOW).unwrap();
    ledger.set_closed(&url("a"), false, &act(), NOW).unwrap();
    ledger.update_setting(&SettingChange::Moderation(None), &act(), NOW).unwrap();
    assert!(ledger.unpublish(CommentId::new(7), &act(), NOW).is_err());
    ledger
        .erase(
            post(&ledger, &VerifiedComment { author: Some(stamp("ada")), ..entry(2) }),
            Actor::Author("hash of ada"),
            NOW,
        )
        .unwrap();
    assert_eq!(log(&store), []);
}

#[test]
fn the_log_is_read_from_its_end_in_pieces() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &entry(1));
    for number in 0..3 {
        ledger.unpublish(first, &act(), NOW + number).unwrap();
        ledger.approve(first, &act(), NOW + number).unwrap();
    }
    let (mut before, mut numbers) = (None, Vec::new());
    loop {
        let part = ledger.list_audit_log(before, 4).unwrap();
        numbers.extend(part.items.iter().map(|audited| (audited.number, audited.comment)));
        let Some(next) = part.next else { break };
        before = Some(next);
    }
    assert_eq!(numbers, (1..=6).rev().map(|number| (number, Some(first))).collect::<Vec<_>>());
}

#[test]
fn the_entries_of_the_log_as_json() {
    let store = Store::new();
    let ledger = store.ledger();
    ledger.unpublish(post(&ledger, &entry(1)), &Attribution { id: uuid(9), by: "ada" }, NOW).unwrap();
    ledger.update_setting(&ALL, &Attribution { id: uuid(10), by: "ada" }, NOW + 1).unwrap();
    let entries: Vec<_> = ledger.list_audit_log(None, 9).unwrap().items;
    let entries: Vec<_> = entries.iter().map(|audited| serde_json::to_string(audited).unwrap()).collect();
    let expected = [
        r#"{"number":2,"id":"00000000-0000-8000-8000-00000000000a","at":1321000001,"by":"ada","act":"set","about":"moderation","comment":null}"#,
        r#"{"number":1,"id":"00000000-0000-8000-8000-000000000009","at":1321000000,"by":"ada","act":"hold","about":"00000000-0000-8000-8000-000000000001","comment":1}"#,
    ];
    assert_eq!(entries, expected);
}

#[test]
fn a_site_sets_for_itself_what_becomes_of_comments() {
    let store = Store::new();
    let ledger = store.ledger();
    let posted = |number, policy| ledger.submit(&entry(number), policy, NOW).unwrap().posted.status;
    assert_eq!(ledger.settings().unwrap().moderation, None);
    assert_eq!(posted(1, Moderation::Open), Status::Published);
    assert_eq!(ledger.update_setting(&ALL, &act(), NOW).unwrap().moderation, Some(Moderation::All));
    assert_eq!(ledger.settings().unwrap().moderation, Some(Moderation::All));
    assert_eq!(posted(2, Moderation::Open), Status::Pending);
    ledger.update_setting(&SettingChange::Moderation(Some(Moderation::Open)), &act(), NOW).unwrap();
    assert_eq!(posted(3, Moderation::All), Status::Published);
    ledger.update_setting(&SettingChange::Moderation(None), &act(), NOW).unwrap();
    assert_eq!(posted(4, Moderation::All), Status::Pending);
}

#[test]
fn comments_are_listed_by_what_they_are() {
    let store = Store::new();
    let ledger = store.ledger();
    for number in 1..=9 {
        let policy = if number % 3 == 0 { Moderation::All } else { Moderation::Open };
        ledger.submit(&entry(number), policy, NOW).unwrap();
    }
    for erased in [2, 6] {
        erase(&store, CommentId::new(erased));
    }
    ledger.unpublish(CommentId::new(4), &act(), NOW).unwrap();
    for limit in [1, 2, 3, 100] {
        let listed = |listed| {
            let (mut before, mut ids) = (None, Vec::new());
            loop {
                let part = ledger.list_comments(listed, before, limit).unwrap();
                assert!(part.items.len() <= limit as usize);
                ids.extend(part.items.iter().map(|full| full.comment.id.get()));
                let Some(next) = part.next else { return ids };
                before = Some(CommentId::new(next));
            }
        };
        assert_eq!(listed(CommentFilter::Pending), [9, 4, 3]);
        assert_eq!(listed(CommentFilter::Published), [8, 7, 5, 1]);
        assert_eq!(listed(CommentFilter::Erased), [6, 2]);
    }
}

#[test]
fn what_is_published_is_found_behind_all_that_waits() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &entry(1));
    store.run(
        "WITH RECURSIVE number (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM number WHERE id < 5001) \
         INSERT INTO comment (id, thread, status, uuid, fingerprint, name, source, html, renderer, created) \
         SELECT id, 1, 0, 'uuid ' || id, '', '', '', '', 1, 1 FROM number",
        &[],
    );
    let (mut before, mut found, mut calls) = (None, Vec::new(), 0);
    loop {
        let part = ledger.list_comments(CommentFilter::Published, before, 10).unwrap();
        (found, calls) = ([found, part.items].concat(), calls + 1);
        let Some(next) = part.next else { break };
        before = Some(CommentId::new(next));
    }
    assert_eq!((found.len(), found[0].comment.id, calls), (1, first, 3));
}

#[test]
fn a_listed_comment_as_json() {
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &VerifiedComment { title: "Spring".to_owned(), ..entry(1) });
    let sent = VerifiedComment {
        author: Some(stamp("k3f9")),
        email: Some("ada@ada.example".to_owned()),
        website: Some("https://ada.example/".to_owned()),
        title: "Summer".to_owned(),
        ..answer(2, CommentId::new(1))
    };
    ledger.submit(&sent, Moderation::All, NOW).unwrap();
    let listing = ledger.list_comments(CommentFilter::Pending, None, 9).unwrap();
    let json: Vec<_> = listing.items.iter().map(|full| serde_json::to_string(full).unwrap()).collect();
    let expected = concat!(
        r#"{"id":2,"parent":1,"author":{"name":"Author 2","website":"https://ada.example/","owner":false,"mark":"k3f9"},"#,
        r#""html":"<p>Text 2</p>","created":1321000000,"edited":null,"votes":0,"pinned":false,"deleted":false,"#,
        r#""status":"pending","uuid":"00000000-0000-8000-8000-000000000002","url":"https://blog.example/a","#,
        r#""title":"Spring","sent_title":"Summer","email":"ada@ada.example","source":"Text 2","key":"hash of k3f9","network":null,"signals":["first_comment"],"erased":null}"#,
    );
    assert_eq!(json, [expected]);
}
