//! Rules that are read once, and refusals that cost next to nothing.

use std::cell::Cell;
use std::rc::Rc;

use afterword_ledger::{
    BanKind, BanMatcher, BanTarget, Ledger, LedgerError, MutedWordMatcher, PatternCompiler, ProofStatus, SettingChange,
    SubmissionPolicy, VerifiedComment,
};
use afterword_model::{CommentId, LimitScope, Moderation, RateLimit, Refusal, Status, SubmissionId};

use crate::fixtures::{NOW, Store, act, answer, entry, post, url};
use crate::rate_limits::{RULES, from, within};

/// Counts how often it is asked to make something.
#[derive(Default)]
struct Counting(Rc<Cell<u32>>);

impl PatternCompiler for Counting {
    fn compile_muted_words(&self, list: &str) -> MutedWordMatcher {
        self.0.set(self.0.get() + 1);
        let list = list.to_owned();
        Box::new(move |entry, _| entry.source.contains(&list).then(|| list.clone()))
    }

    fn compile_ban(&self, _: BanKind, pattern: &str) -> BanMatcher {
        self.0.set(self.0.get() + 1);
        let pattern = pattern.to_owned();
        Box::new(move |entry| entry.name == pattern)
    }
}

fn stands(ledger: &Ledger<&Store>, watch: &Counting, name: &str, number: u32) -> Status {
    let rules = SubmissionPolicy { moderation: Moderation::Open, limits: &[], patterns: Some(watch) };
    ledger.submit(&VerifiedComment { name: name.to_owned(), ..entry(number) }, rules, NOW).unwrap().posted.status
}

#[test]
fn what_a_moderator_changes_holds_for_the_next_post_and_is_made_once() {
    let store = Store::new();
    let (ledger, watch) = (store.ledger(), Counting::default());
    let next = Cell::new(0);
    let check = |name: &str, expected: Status, made: u32| {
        watch.0.set(0);
        for _ in 0..3 {
            next.set(next.get() + 1);
            assert_eq!(stands(&ledger, &watch, name, next.get()), expected, "{name}");
        }
        assert_eq!(watch.0.get(), made);
    };
    check("Eve", Status::Published, 0);
    let bans = ledger.ban(BanTarget::Pattern(BanKind::Name, "Eve"), Some(NOW + 10), &act(), NOW).unwrap();
    check("Eve", Status::Pending, 1);
    check("Ada", Status::Published, 0);
    ledger.ban(BanTarget::Pattern(BanKind::Name, "Eve"), Some(NOW), &act(), NOW).unwrap();
    check("Eve", Status::Published, 0);
    ledger.ban(BanTarget::Pattern(BanKind::Name, "Eve"), None, &act(), NOW).unwrap();
    check("Eve", Status::Pending, 1);
    ledger.lift_ban(&SubmissionId::parse(&bans[0].id).unwrap(), &act(), NOW).unwrap();
    check("Eve", Status::Published, 0);
    ledger.ban(BanTarget::Pattern(BanKind::Name, "Mal"), Some(NOW - 1), &act(), NOW).unwrap();
    assert_eq!(ledger.prune(NOW, 100).unwrap().bans, 1);
    check("Mal", Status::Published, 0);
    ledger.update_setting(&SettingChange::Muted("Text".to_owned()), &act(), NOW).unwrap();
    check("Ada", Status::Pending, 1);
    ledger.update_setting(&SettingChange::Muted(String::new()), &act(), NOW).unwrap();
    check("Ada", Status::Published, 0);
    ledger.update_setting(&SettingChange::Moderation(Some(Moderation::All)), &act(), NOW).unwrap();
    check("Ada", Status::Pending, 0);
    // What fails on the way changes nothing.
    store.fuse.set(Some(4));
    assert!(ledger.update_setting(&SettingChange::Moderation(None), &act(), NOW).is_err());
    store.fuse.set(None);
    check("Ada", Status::Pending, 0);
}

/// A site with as many bans as there can be, and what a post is held against.
fn strict() -> Store {
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &entry(1));
    post(&ledger, &VerifiedComment { url: url("closed"), ..entry(2) });
    ledger.set_closed(&url("closed"), true, &act(), NOW).unwrap();
    for number in 0..500 {
        ledger.ban(BanTarget::Pattern(BanKind::Name, &format!("Eve {number}")), None, &act(), NOW).unwrap();
    }
    store
}

#[test]
fn a_refusal_reads_a_few_rows_whatever_the_site_has_banned() {
    let store = strict();
    let ledger = store.ledger();
    let lost = |number: u32| VerifiedComment {
        network: from(&number.to_string(), number).network,
        ..answer(number, CommentId::new(99))
    };
    let late = |number: u32| VerifiedComment { url: url("closed"), ..from(&number.to_string(), number) };
    assert!(ledger.submit(&lost(10), RULES, NOW).is_err(), "the instance begins");
    let before = store.log.borrow().len();
    for number in 100..200 {
        assert_eq!(ledger.submit(&lost(number), RULES, NOW).err(), Some(Refusal::UnknownParent.into()));
        assert_eq!(ledger.submit(&late(number), RULES, NOW).err(), Some(Refusal::Closed.into()));
    }
    let rows: usize = store.log.borrow()[before..].iter().map(|call| call.rows).sum();
    assert!(rows <= 200 * 2, "{rows} rows of 200 refusals");
    // Nor does what is taken read the bans again.
    ledger.submit(&from("a", 300), RULES, NOW).unwrap();
    let before = store.log.borrow().len();
    ledger.submit(&from("b", 301), RULES, NOW).unwrap();
    let rows: usize = store.log.borrow()[before..].iter().map(|call| call.rows).sum();
    assert!(rows < 20, "{rows}");
}

/// How often an entry made for each number is refused for what it is, before it is not looked at any more.
fn patience(ledger: &Ledger<&Store>, entry: impl Fn(u32) -> VerifiedComment) -> usize {
    let refused = (1_000..1_500).map(|number| ledger.submit(&entry(number), RULES, NOW + 1).unwrap_err());
    let (lost, told): (Vec<_>, Vec<_>) = refused.partition(|error| *error == Refusal::UnknownParent.into());
    assert!(told.iter().all(|error| *error == LedgerError::TooMany { seconds: 60 }), "{told:?}");
    lost.len()
}

#[test]
fn who_is_refused_again_and_again_waits() {
    let lost = |entry: VerifiedComment| VerifiedComment { parent: Some(CommentId::new(99)), ..entry };
    let store = Store::new();
    let ledger = store.ledger();
    assert_eq!(patience(&ledger, |number| lost(from("net", number))), 30);
    let reads = store.log.borrow().len();
    assert_eq!(ledger.submit(&from("net", 1), RULES, NOW + 60).err(), Some(LedgerError::TooMany { seconds: 1 }));
    assert_eq!(store.log.borrow().len() - reads, 1, "nothing is asked but whether it is there");
    assert!(ledger.submit(&from("other", 2), RULES, NOW + 60).is_ok());
    assert!(ledger.submit(&from("net", 1), RULES, NOW + 61).is_ok());
    assert_eq!(patience(&store.ledger(), |number| lost(within("block", number, number))), 120);
    let proven = |number: u32| VerifiedComment {
        proof: ProofStatus::Nonce("one".to_owned()),
        ..from(&number.to_string(), number)
    };
    assert_eq!(patience(&store.ledger(), |number| lost(proven(number))), 8);
    // Without a proof one waits alone: nobody of the same network who brings one.
    let store = Store::new();
    let ledger = store.ledger();
    let unproven = |number: u32| VerifiedComment { proof: ProofStatus::Missing, ..from("net", number) };
    assert_eq!(patience(&ledger, |number| lost(unproven(number))), 30);
    assert_eq!(ledger.submit(&unproven(1), RULES, NOW + 2).err(), Some(LedgerError::TooMany { seconds: 59 }));
    assert!(
        ledger
            .submit(&VerifiedComment { proof: ProofStatus::Nonce("one".to_owned()), ..from("net", 2) }, RULES, NOW + 2)
            .is_ok()
    );
    // From ever new networks with ever new proofs: no memory is filled by it.
    let other = |number: u32| VerifiedComment {
        proof: ProofStatus::Nonce(number.to_string()),
        ..from(&number.to_string(), number)
    };
    assert_eq!(patience(&store.ledger(), |number| lost(other(number))), 500);
    // Who was only too many comes back when he was told to, however many they are: a class, say.
    let store = Store::new();
    let ledger = store.ledger();
    for number in 0..60 {
        let told = ledger.submit(&from("school", number), RULES, NOW);
        assert!(number < 5 || told == Err(LedgerError::TooMany { seconds: 10 }), "{number}: {told:?}");
    }
    assert!(ledger.submit(&from("school", 60), RULES, NOW + 10).is_ok());
    // Where nothing is counted, nobody waits.
    let limits: &[RateLimit] = &[];
    let rules = SubmissionPolicy { limits, ..RULES };
    for number in 0..100 {
        let refused = store.ledger().submit(&lost(from("net", number + 5_000)), rules, NOW);
        assert_eq!(refused.err(), Some(Refusal::UnknownParent.into()));
    }
    assert!(RULES.limits.iter().any(|limit| limit.scope == LimitScope::Network));
}
