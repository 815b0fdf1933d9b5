//! What counts towards a limit, and against whom.

use afterword_ledger::{BanKind, BanTarget, Ledger, LedgerError, ProofStatus, VerifiedComment};
use afterword_model::{Moderation, Refusal, Status};

use crate::fixtures::{NOW, Store, act, entry, post, stamp};
use crate::rate_limits::{DAY, RULES, by, found, from, wait, within};

fn unproven(entry: VerifiedComment) -> VerifiedComment {
    VerifiedComment { proof: ProofStatus::Missing, signals: vec!["no_proof".to_owned()], ..entry }
}

#[test]
fn posts_without_a_proof_are_few_and_keep_nobody_else_waiting() {
    let store = Store::new();
    let ledger = store.ledger();
    let program = |number: u32| unproven(from(&format!("net{number}"), number));
    for number in 0..4 {
        assert_eq!(wait(&ledger, &program(number), NOW), 0);
    }
    for ledger in [store.ledger(), ledger] {
        assert_eq!(wait(&ledger, &program(9), NOW + 1), 99);
        assert_eq!(ledger.count_recent(60, NOW + 1), Ok(0), "nor does the work of others rise");
    }
    for number in 20..40 {
        let proven =
            VerifiedComment { proof: ProofStatus::Nonce(number.to_string()), ..from(&format!("net{number}"), number) };
        assert_eq!(wait(&store.ledger(), &proven, NOW + 1), 0);
    }
    assert_eq!(store.ledger().count_recent(60, NOW + 1), Ok(20));
    // The other way round: a busy day keeps no form waiting.
    assert_eq!(wait(&store.ledger(), &from("net99", 99), NOW + 1), 1_000);
    assert_eq!(wait(&store.ledger(), &program(99), NOW + 100), 0);
}

#[test]
fn neither_does_one_network_keep_itself_waiting() {
    let store = Store::new();
    let ledger = store.ledger();
    for number in 0..2 {
        assert_eq!(wait(&ledger, &unproven(from("net", number)), NOW), 0);
    }
    assert_eq!(wait(&ledger, &unproven(from("net", 9)), NOW + 1), 9);
    for number in 10..15 {
        assert_eq!(wait(&ledger, &from("net", number), NOW + 1), 0);
    }
    assert_eq!(wait(&ledger, &from("net", 20), NOW + 2), 9);
    assert_eq!(wait(&ledger, &unproven(from("net", 21)), NOW + 10), 0);
}

#[test]
fn an_erased_one_counts_as_what_it_was() {
    let store = Store::new();
    for number in 0..4 {
        let id = post(&store.ledger(), &unproven(from(&format!("net{number}"), number)));
        crate::fixtures::erase(&store, id);
    }
    assert_eq!(wait(&store.ledger(), &unproven(from("net9", 9)), NOW), 100);
    assert_eq!(wait(&store.ledger(), &from("net9", 10), NOW), 0);
}

#[test]
fn a_block_of_networks_is_counted_beside_them() {
    let store = Store::new();
    for number in 0..12 {
        assert_eq!(wait(&store.ledger(), &within("block", number / 4, number), NOW), 0);
    }
    assert_eq!(wait(&store.ledger(), &within("block", 99, 99), NOW + 1), 9);
    assert_eq!(wait(&store.ledger(), &within("other", 99, 98), NOW + 1), 0);
    assert_eq!(wait(&store.ledger(), &from("block-0", 97), NOW + 1), 0, "the same network, though in no block");
    assert_eq!(wait(&store.ledger(), &within("block", 99, 99), NOW + 10), 0);
    // As a whole it is forgotten with its networks.
    store.ledger().prune(NOW + 3 * DAY, 1_000).unwrap();
    assert!(!format!("{:?}", store.dump()).contains("block-"));
}

#[test]
fn a_clock_that_was_ahead_keeps_nobody_waiting() {
    let store = Store::new();
    let ledger = store.ledger();
    for number in 0..20 {
        let ahead = VerifiedComment {
            author: Some(stamp("ada")),
            duplicate_key: Some("like".to_owned()),
            ..from("net", number)
        };
        ledger.submit(&ahead, Moderation::Open, NOW + 400 * DAY).unwrap();
    }
    for ledger in [store.ledger(), ledger] {
        assert_eq!(ledger.count_recent(60, NOW), Ok(0));
    }
    let sent = VerifiedComment { network: from("net", 0).network, ..by("ada", 100) };
    assert_eq!(found(&store, &sent, NOW), (Status::Published, vec![]));
    assert_eq!(wait(&store.ledger(), &by("ada", 101), NOW), 0);
    assert_eq!(wait(&store.ledger(), &by("ada", 102), NOW), 10, "what is posted now counts");
}

#[test]
fn what_an_import_brought_is_nobodys_doing() {
    let store = Store::new();
    let ledger = store.ledger();
    // Just now, by the same key, and from nowhere.
    for number in 0..20 {
        post(&ledger, &VerifiedComment { author: Some(stamp("ada")), ..entry(number) });
    }
    assert_eq!(wait(&ledger, &by("ada", 100), NOW), 0);
    assert_eq!(ledger.count_recent(60, NOW), Ok(1));
}

#[test]
fn of_many_that_said_the_same_the_newest_are_looked_up_in_one_go() {
    let store = Store::new();
    let says =
        |number: u32| VerifiedComment { duplicate_key: Some("like".to_owned()), ..from(&number.to_string(), number) };
    let ledger = store.ledger();
    for number in 0..400 {
        ledger.submit(&says(number), Moderation::Open, NOW).unwrap();
    }
    store.run("UPDATE comment SET likeness = NULL WHERE id > 350", &[]);
    let before = store.log.borrow().len();
    let (status, signals) = found(&store, &says(1_000), NOW + 1_000);
    assert_eq!((status, signals), (Status::Pending, vec!["repeated".to_owned()]));
    assert!(store.log.borrow().len() - before < 20);
    store.run("UPDATE comment SET likeness = NULL", &[]);
    assert_eq!(found(&store, &says(1_001), NOW + 2_000).0, Status::Published);
}

/// Everything that whoever posts is told: the same number of times, and for as long.
fn told(ledger: &Ledger<&Store>, name: &str) -> Vec<Result<Status, LedgerError>> {
    let sent = |number: u32| VerifiedComment { name: name.to_owned(), ..from("net", number) };
    let submit = |number: u32| {
        let outcome = ledger.submit(&sent(number), RULES, NOW + i64::from(number));
        outcome.map(|outcome| outcome.posted.status)
    };
    (0..200).map(submit).collect()
}

#[test]
fn nobody_can_ask_who_is_banned() {
    let (store, other) = (Store::new(), Store::new());
    store.ledger().ban(BanTarget::Pattern(BanKind::Name, "Eve*"), None, &act(), NOW).unwrap();
    let all = Moderation::All;
    other.ledger().update_setting(&afterword_ledger::SettingChange::Moderation(Some(all)), &act(), NOW).unwrap();
    let (banned, held) = (told(&store.ledger(), "Eve"), told(&other.ledger(), "Eve"));
    assert_eq!(banned, held, "the same as those who wait for another reason");
    assert!(banned.contains(&Ok(Status::Pending)));
    assert!(banned.iter().any(|told| matches!(told, Err(LedgerError::TooMany { .. }))));
    let sent = VerifiedComment { id: crate::fixtures::uuid(0), ..by("ada", 0) };
    assert_eq!(store.ledger().submit(&sent, RULES, NOW).err(), Some(Refusal::IdReused.into()));
}
