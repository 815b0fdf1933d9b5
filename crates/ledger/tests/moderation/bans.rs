use afterword_ledger::{Attribution, Ban, BanMatcher, BanTarget, MutedWordMatcher, PatternCompiler, VerifiedComment};
use afterword_model::Moderation;
use afterword_model::moderation::{BanKind, ModerationState};

use crate::common::{NOW, TestDatabase, attribution};
use crate::fixtures::{comment_by, is_done, network, state_of, submit, undo};

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
        let mut after = None;
        let mut done;
        loop {
            let step = ledger.sweep(&by.id, &Whole, after, "grace", NOW).unwrap();
            (after, done) = (step.next, step.done);
            if after.is_none() {
                break;
            }
        }
        let expected = if kind == BanKind::Name { 1 } else { 60 };
        assert_eq!(done, expected, "{kind:?}");
        assert_eq!(state_of(&ledger, eve[0]), ModerationState::Spam);
        assert_eq!(state_of(&ledger, ada), ModerationState::Published);
        assert_eq!(ledger.list_bans().unwrap()[0].reason, "Floods");
        let mut undone = undo(&database, by.id);
        while let Some(after) = undone.next {
            let request = afterword_model::moderation::UndoRequest { id: undone.id, batch: by.id, after: Some(after) };
            undone = ledger.undo(&request, "ada", NOW).unwrap();
            assert!(undone.results.iter().all(is_done));
        }
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
    assert!(ledger.sweep(&by.id, &Whole, None, "grace", NOW).is_err());
}
