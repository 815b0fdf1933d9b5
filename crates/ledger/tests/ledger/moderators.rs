//! What moderators see and set, and the log of what they do.

use afterword_ledger::{
    Act, BanKind, Banned, By, Deed, Edit, Entry, Ledger, LedgerError, Listed, Move, Moves, SettingsChange,
};
use afterword_model::{CommentId, Moderation, Refusal, Status, SubmissionId};

use crate::setup::{NOW, Store, act, answer, entry, erase, html, post, stamp, url, uuid};

const ALL: SettingsChange = SettingsChange::Moderation(Some(Moderation::All));

/// The log, oldest first: who did what to what.
fn log(store: &Store) -> Vec<(String, Deed, String)> {
    let mut log: Vec<_> = store.ledger().audit(None, 100).unwrap().items;
    log.reverse();
    log.into_iter().map(|audited| (audited.by, audited.act, audited.about)).collect()
}

#[test]
fn every_act_is_in_the_log_once() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &entry(1));
    let by = |number: u32, by| Act { id: uuid(900 + number), by };
    for _ in 0..2 {
        ledger.hold(first, &by(1, "ada"), NOW).unwrap();
        ledger.approve(first, &by(2, "bob"), NOW).unwrap();
        let edit = Edit { source: "x".to_owned(), html: html("x"), renderer: 1 };
        ledger.edit(first, &edit, By::Moderator(&by(3, "cy")), 0, NOW).unwrap();
        ledger.close(&url("a"), true, &by(4, "ada"), NOW).unwrap();
        ledger.close(&url("a"), false, &by(5, "ada"), NOW).unwrap();
        ledger.set(&ALL, &by(6, "ada"), NOW).unwrap();
        ledger.set(&SettingsChange::Moderation(None), &by(7, "ada"), NOW).unwrap();
        let moves = Moves::List(vec![Move { from: url("a"), to: url("b") }]);
        ledger.remap(&moves, 0, 9, &by(8, "bob"), NOW).unwrap();
    }
    for _ in 0..2 {
        ledger.erase(first, By::Moderator(&by(9, "bob")), NOW + 1).unwrap();
    }
    let (comment, a, b) = (uuid(1).to_string(), url("a").to_string(), url("b").to_string());
    let expected = [
        ("ada", Deed::Hold, comment.as_str()),
        ("bob", Deed::Approve, &comment),
        ("cy", Deed::Edit, &comment),
        ("ada", Deed::Close, &a),
        ("ada", Deed::Open, &a),
        ("ada", Deed::Set, "moderation"),
        ("ada", Deed::Set, "moderation"),
        ("bob", Deed::Move, &format!("{a} {b}")),
        ("bob", Deed::Erase, &comment),
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
    ledger.hold(first, &late, NOW).unwrap();
    ledger.approve(first, &act(), NOW).unwrap();
    let before = store.dump();
    assert_eq!(ledger.hold(first, &late, NOW).unwrap().status, Status::Published);
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
    ledger.hold(first, &held, NOW).unwrap();
    check_reused(&store, |ledger| ledger.hold(second, &held, NOW));
    check_reused(&store, |ledger| ledger.approve(first, &held, NOW));
    check_reused(&store, |ledger| ledger.approve(second, &held, NOW));
    check_reused(&store, |ledger| ledger.erase(first, By::Moderator(&held), NOW));
    check_reused(&store, |ledger| ledger.close(&url("a"), true, &held, NOW));
    check_reused(&store, |ledger| ledger.set(&ALL, &held, NOW));
    check_reused(&store, |ledger| ledger.ban(Banned::Pattern(BanKind::Name, "Eve"), None, &held, NOW));
    let moves = Moves::List(vec![Move { from: url("a"), to: url("b") }]);
    check_reused(&store, |ledger| ledger.remap(&moves, 0, 9, &held, NOW));
    assert_eq!(ledger.hold(first, &held, NOW).unwrap().status, Status::Pending, "a repeat is none");

    // Nor for the same act with another content.
    let (edited, set, banned, lifted) = (act(), act(), act(), act());
    let edit = |source: &str| Edit { source: source.to_owned(), html: html(source), renderer: 1 };
    ledger.edit(second, &edit("x"), By::Moderator(&edited), 0, NOW).unwrap();
    check_reused(&store, |ledger| ledger.edit(second, &edit("y"), By::Moderator(&edited), 0, NOW));
    ledger.set(&ALL, &set, NOW).unwrap();
    check_reused(&store, |ledger| ledger.set(&SettingsChange::Moderation(None), &set, NOW));
    let eve = Banned::Pattern(BanKind::Name, "Eve");
    ledger.ban(eve, None, &banned, NOW).unwrap();
    check_reused(&store, |ledger| ledger.ban(eve, Some(NOW + 9), &banned, NOW));
    let bans = ledger.ban(Banned::Pattern(BanKind::Name, "Mallory"), None, &act(), NOW).unwrap();
    let [one, two] = [0, 1].map(|at: usize| SubmissionId::parse(&bans[at].id).unwrap());
    ledger.unban(&one, &lifted, NOW).unwrap();
    check_reused(&store, |ledger| ledger.unban(&two, &lifted, NOW));
    let log = log(&store).len();
    assert_eq!(ledger.unban(&one, &lifted, NOW).unwrap().len(), 1);
    assert_eq!(self::log(&store).len(), log);
}

#[test]
fn a_repeat_is_known_after_the_thread_has_moved() {
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &entry(1));
    let closed = act();
    ledger.close(&url("a"), true, &closed, NOW).unwrap();
    ledger.remap(&Moves::List(vec![Move { from: url("a"), to: url("b") }]), 0, 9, &act(), NOW).unwrap();
    ledger.close(&url("a"), false, &act(), NOW).unwrap();
    let before = store.dump();
    ledger.close(&url("a"), true, &closed, NOW).unwrap();
    assert_eq!(store.dump(), before);
}

#[test]
fn what_changes_nothing_is_not_in_the_log() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &entry(1));
    ledger.approve(first, &act(), NOW).unwrap();
    ledger.close(&url("a"), false, &act(), NOW).unwrap();
    ledger.set(&SettingsChange::Moderation(None), &act(), NOW).unwrap();
    assert!(ledger.hold(CommentId::new(7), &act(), NOW).is_err());
    ledger
        .erase(post(&ledger, &Entry { author: Some(stamp("ada")), ..entry(2) }), By::Author("hash of ada"), NOW)
        .unwrap();
    assert_eq!(log(&store), []);
}

#[test]
fn the_log_is_read_from_its_end_in_pieces() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &entry(1));
    for number in 0..3 {
        ledger.hold(first, &act(), NOW + number).unwrap();
        ledger.approve(first, &act(), NOW + number).unwrap();
    }
    let (mut before, mut numbers) = (None, Vec::new());
    loop {
        let part = ledger.audit(before, 4).unwrap();
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
    ledger.hold(post(&ledger, &entry(1)), &Act { id: uuid(9), by: "ada" }, NOW).unwrap();
    ledger.set(&ALL, &Act { id: uuid(10), by: "ada" }, NOW + 1).unwrap();
    let entries: Vec<_> = ledger.audit(None, 9).unwrap().items;
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
    assert_eq!(ledger.set(&ALL, &act(), NOW).unwrap().moderation, Some(Moderation::All));
    assert_eq!(ledger.settings().unwrap().moderation, Some(Moderation::All));
    assert_eq!(posted(2, Moderation::Open), Status::Pending);
    ledger.set(&SettingsChange::Moderation(Some(Moderation::Open)), &act(), NOW).unwrap();
    assert_eq!(posted(3, Moderation::All), Status::Published);
    ledger.set(&SettingsChange::Moderation(None), &act(), NOW).unwrap();
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
    ledger.hold(CommentId::new(4), &act(), NOW).unwrap();
    for limit in [1, 2, 3, 100] {
        let listed = |listed| {
            let (mut before, mut ids) = (None, Vec::new());
            loop {
                let part = ledger.comments(listed, before, limit).unwrap();
                assert!(part.items.len() <= limit as usize);
                ids.extend(part.items.iter().map(|full| full.comment.id.get()));
                let Some(next) = part.next else { return ids };
                before = Some(CommentId::new(next));
            }
        };
        assert_eq!(listed(Listed::Pending), [9, 4, 3]);
        assert_eq!(listed(Listed::Published), [8, 7, 5, 1]);
        assert_eq!(listed(Listed::Erased), [6, 2]);
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
        let part = ledger.comments(Listed::Published, before, 10).unwrap();
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
    post(&ledger, &Entry { title: "Spring".to_owned(), ..entry(1) });
    let sent = Entry {
        author: Some(stamp("k3f9")),
        email: Some("ada@ada.example".to_owned()),
        website: Some("https://ada.example/".to_owned()),
        title: "Summer".to_owned(),
        ..answer(2, CommentId::new(1))
    };
    ledger.submit(&sent, Moderation::All, NOW).unwrap();
    let listing = ledger.comments(Listed::Pending, None, 9).unwrap();
    let json: Vec<_> = listing.items.iter().map(|full| serde_json::to_string(full).unwrap()).collect();
    let expected = concat!(
        r#"{"id":2,"parent":1,"author":{"name":"Author 2","website":"https://ada.example/","owner":false,"mark":"k3f9"},"#,
        r#""html":"<p>Text 2</p>","created":1321000000,"edited":null,"votes":0,"pinned":false,"deleted":false,"#,
        r#""status":"pending","uuid":"00000000-0000-8000-8000-000000000002","url":"https://blog.example/a","#,
        r#""title":"Spring","sent_title":"Summer","email":"ada@ada.example","source":"Text 2","key":"hash of k3f9","network":null,"signals":["first_comment"],"erased":null}"#,
    );
    assert_eq!(json, [expected]);
}
