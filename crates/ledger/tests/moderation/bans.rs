use afterword_ledger::{Attribution, Ban, BanMatcher, BanTarget, MutedWordMatcher, PatternCompiler, VerifiedComment};
use afterword_model::moderation::{BanKind, BatchAction, ModerationState, SweepRequest};
use afterword_model::{Moderation, SubmissionId};

use crate::common::{NOW, TestDatabase, attribution};
use crate::fixtures::{act, author_id, comment_by, is_done, network, new_id, state_of, submit, undo, undo_all};

/// Patterns that match a whole name or address.
#[derive(Debug)]
struct Whole;

impl PatternCompiler for Whole {
    fn compile_muted_words(&self, _: &str) -> Option<MutedWordMatcher> {
        None
    }

    fn compile_ban(&self, ban: &Ban) -> Option<BanMatcher> {
        let (kind, pattern) = (ban.kind, ban.pattern.clone());
        Some(Box::new(move |comment| match kind {
            BanKind::Name => comment.name == pattern,
            _ => comment.email.as_ref() == Some(&pattern),
        }))
    }
}

#[test]
fn a_ban_and_its_sweep_are_one_batch_whose_undo_restores() {
    let sender = |name: &str, number| VerifiedComment {
        name: format!("{name} the {number}"),
        email: Some(format!("{name}@mail.example")),
        network: Some(network(name)),
        ..comment_by(name, number, "Hello")
    };
    for kind in [BanKind::Author, BanKind::Network, BanKind::Email, BanKind::Name] {
        let database = TestDatabase::new();
        let ledger = database.ledger();
        let eve: Vec<_> = (1..=60)
            .map(|number| {
                let policy = if number % 2 == 0 { Moderation::All } else { Moderation::Open };
                submit(&ledger, &sender("eve", if kind == BanKind::Name { number.max(1) } else { number }), policy)
            })
            .collect();
        let ada = submit(&ledger, &sender("ada", 100), Moderation::Open);
        let by = attribution();
        ledger.ban_with_reason(&BanTarget::Author(kind, eve[0]), (None, "Floods"), &by, NOW).unwrap();
        let done = sweep_all(&database, by.id, by.id);
        let expected = if kind == BanKind::Name { 1 } else { 60 };
        assert_eq!(done, expected, "{kind:?}");
        assert_eq!(state_of(&ledger, eve[0]), ModerationState::Spam);
        assert_eq!(state_of(&ledger, ada), ModerationState::Published);
        assert_eq!(ledger.list_bans().unwrap()[0].reason, "Floods");
        assert!(undo_all(&database, by.id).iter().all(is_done));
        assert!(ledger.list_bans().unwrap().is_empty(), "{kind:?}");
        assert_eq!(state_of(&ledger, eve[0]), ModerationState::Published);
        assert_eq!(state_of(&ledger, eve[1]), ModerationState::Pending);
    }
}

#[test]
fn a_lifted_ban_cannot_be_swept() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let by = Attribution { ..attribution() };
    ledger.ban(&BanTarget::Pattern(BanKind::Name, "Eve".to_owned()), None, &by, NOW).unwrap();
    ledger.lift_bans(&[by.id], &attribution(), NOW).unwrap();
    let request = SweepRequest { ban: by.id, batch: by.id, after: None };
    assert!(ledger.sweep(&request, &Whole, "grace", NOW).is_err());
}

/// Sweeps with a ban in as many steps as it takes, each of a bounded number of comments. Returns the number of comments marked as spam.
fn sweep_all(database: &TestDatabase, ban: SubmissionId, batch: SubmissionId) -> u32 {
    let mut request = SweepRequest { ban, batch, after: None };
    let mut before = 0;
    loop {
        let step = database.ledger().sweep(&request, &Whole, "grace", NOW).unwrap();
        assert!(step.done - before <= 50, "{step:?}");
        before = step.done;
        request.after = step.next;
        if step.next.is_none() {
            return step.done;
        }
    }
}

/// Adds comments of others, all of them published.
fn add_others(database: &TestDatabase, number: u32) {
    database.run(&format!(
        "WITH RECURSIVE number (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM number WHERE id < {number}) \
         INSERT INTO comment (thread, page, status, version, uuid, fingerprint, author, mark, name, source, html, renderer, created) \
         SELECT 1, 1, 1, 1, 'other ' || id, '', 'hash ' || id, 'm' || id, 'Other', 'Text', '', 1, 1 FROM number"
    ));
}

#[test]
fn a_sweep_finds_comments_of_any_age() {
    for is_trusted in [false, true] {
        let database = TestDatabase::new();
        let ledger = database.ledger();
        let policy = if is_trusted { Moderation::Open } else { Moderation::All };
        let eve: Vec<_> = (1..=70).map(|number| submit(&ledger, &comment_by("eve", number, "Hello"), policy)).collect();
        submit(&ledger, &comment_by("ada", 100, "Hello"), Moderation::Open);
        add_others(&database, 2_100);
        let by = attribution();
        ledger.ban(&BanTarget::Author(BanKind::Author, eve[0]), None, &by, NOW).unwrap();
        assert_eq!(sweep_all(&database, by.id, by.id), 70);
        assert_eq!(database.query_integer("SELECT count(*) FROM comment WHERE status = 2"), 70);
    }
}

#[test]
fn who_is_banned_already_can_be_swept_in_a_batch_of_its_own() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::Open);
    let (first, second) = (attribution(), attribution());
    let target = BanTarget::Author(BanKind::Author, id);
    for by in [first, second] {
        ledger.ban(&target, None, &by, NOW).unwrap();
    }
    let ban = ledger.find_ban(&target).unwrap().unwrap();
    assert_eq!(ban.id, first.id.to_string());
    assert_eq!(sweep_all(&database, first.id, second.id), 1);
    assert_eq!(state_of(&ledger, id), ModerationState::Spam);
    let other = act(&database, BatchAction::Approve, &[id]);
    let request = |batch| SweepRequest { ban: first.id, batch, after: None };
    for batch in [other, undo(&database, other).id] {
        assert!(ledger.sweep(&request(batch), &Whole, "grace", NOW).is_err(), "the id of another action");
    }
    assert!(ledger.sweep(&request(second.id), &Whole, "ben", NOW).is_err(), "somebody else's");
    let third = new_id();
    ledger.sweep(&request(third), &Whole, "grace", NOW).unwrap();
}

#[test]
fn the_undo_of_a_ban_restores_trust_and_the_former_end() {
    for is_swept in [false, true] {
        let database = TestDatabase::new();
        let ledger = database.ledger();
        let id = submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::All);
        act(&database, BatchAction::ApproveAndTrust, &[id]);
        let is_trusted = || {
            let (author, query) = (author_id("eve").hash, "SELECT count(*) FROM trusted_author WHERE author = ");
            let first = database.query_integer("SELECT count(*) FROM comment WHERE first_approved = 1");
            (first, database.query_integer(&format!("{query}'{author}'")))
        };
        assert_eq!(is_trusted(), (1, 1));
        let target = BanTarget::Author(BanKind::Author, id);
        let [made, changed, ended] = [attribution(), attribution(), attribution()];
        let until = || ledger.list_bans().unwrap().first().map(|ban| ban.until);
        ledger.ban(&target, Some(NOW + 500), &made, NOW).unwrap();
        assert_eq!(is_trusted(), (0, 0));
        if is_swept {
            sweep_all(&database, made.id, made.id);
        }
        ledger.ban(&target, None, &changed, NOW).unwrap();
        ledger.ban(&target, Some(NOW + 900), &ended, NOW).unwrap();
        undo(&database, changed.id);
        assert_eq!(until(), Some(Some(NOW + 900)), "it was changed since");
        undo(&database, ended.id);
        assert_eq!(until(), Some(None));
        undo(&database, changed.id);
        assert_eq!((until(), is_trusted()), (Some(Some(NOW + 500)), (0, 0)), "still banned, as before");
        undo_all(&database, made.id);
        assert_eq!((until(), is_trusted()), (None, (1, 1)));
    }
}
