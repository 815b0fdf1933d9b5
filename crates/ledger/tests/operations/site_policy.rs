//! The settings and bans of a site, which are read and compiled once, and the few reads of a refusal.

use std::cell::Cell;
use std::rc::Rc;

use afterword_ledger::{
    Ban, BanKind, BanMatcher, BanTarget, Ledger, MutedWordMatcher, PatternCompiler, SettingChange, SubmissionPolicy,
    VerifiedComment,
};
use afterword_model::{CommentId, Moderation, Refusal, Status, SubmissionId};

use crate::fixtures::{NOW, TestDatabase, attribution, reply, root_comment, submit, url};
use crate::policy_fixtures::{POLICY, comment_from};

/// A compiler of exact patterns that counts its calls.
#[derive(Debug, Default)]
struct CountingCompiler(Rc<Cell<u32>>);

impl PatternCompiler for CountingCompiler {
    fn compile_muted_words(&self, list: &str) -> Option<MutedWordMatcher> {
        self.0.set(self.0.get() + 1);
        let list = list.to_owned();
        Some(Box::new(move |comment, _| comment.source.contains(&list).then(|| list.clone())))
    }

    fn compile_ban(&self, ban: &Ban) -> Option<BanMatcher> {
        self.0.set(self.0.get() + 1);
        let pattern = ban.pattern.clone();
        Some(Box::new(move |comment| comment.name == pattern))
    }
}

fn submitted_status(ledger: &Ledger<&TestDatabase>, patterns: &CountingCompiler, name: &str, number: u32) -> Status {
    let policy =
        SubmissionPolicy { moderation: Moderation::Open, limits: &[], patterns: Some(patterns), difficulty: None };
    ledger
        .submit(&VerifiedComment { name: name.to_owned(), ..root_comment(number) }, policy, NOW)
        .unwrap()
        .posted
        .status
}

#[test]
fn policy_changes_hold_for_the_next_post_and_are_compiled_once() {
    let database = TestDatabase::new();
    let (ledger, patterns) = (database.ledger(), CountingCompiler::default());
    let next = Cell::new(0);
    let check = |name: &str, expected: Status, compiled: u32| {
        patterns.0.set(0);
        for _ in 0..3 {
            next.set(next.get() + 1);
            assert_eq!(submitted_status(&ledger, &patterns, name, next.get()), expected, "{name}");
        }
        assert_eq!(patterns.0.get(), compiled);
    };
    check("Eve", Status::Published, 0);
    let bans =
        ledger.ban(&BanTarget::Pattern(BanKind::Name, "Eve".into()), Some(NOW + 10), &attribution(), NOW).unwrap();
    check("Eve", Status::Pending, 1);
    check("Ada", Status::Published, 0);
    ledger.ban(&BanTarget::Pattern(BanKind::Name, "Eve".into()), Some(NOW), &attribution(), NOW).unwrap();
    check("Eve", Status::Published, 0);
    ledger.ban(&BanTarget::Pattern(BanKind::Name, "Eve".into()), None, &attribution(), NOW).unwrap();
    check("Eve", Status::Pending, 1);
    ledger.lift_bans(&[SubmissionId::parse(&bans[0].id).unwrap()], &attribution(), NOW).unwrap();
    check("Eve", Status::Published, 0);
    ledger.ban(&BanTarget::Pattern(BanKind::Name, "Mal".into()), Some(NOW - 1), &attribution(), NOW).unwrap();
    assert_eq!(ledger.prune(NOW, 100).unwrap().bans, 1);
    check("Mal", Status::Published, 0);
    ledger.update_setting(&SettingChange::MutedWords("Text".to_owned()), &attribution(), NOW).unwrap();
    check("Ada", Status::Pending, 1);
    ledger.update_setting(&SettingChange::MutedWords(String::new()), &attribution(), NOW).unwrap();
    check("Ada", Status::Published, 0);
    ledger.update_setting(&SettingChange::Moderation(Some(Moderation::All)), &attribution(), NOW).unwrap();
    check("Ada", Status::Pending, 0);
    // A failed change has no effect.
    database.fail_after.set(Some(4));
    assert!(ledger.update_setting(&SettingChange::Moderation(None), &attribution(), NOW).is_err());
    database.fail_after.set(None);
    check("Ada", Status::Pending, 0);
}

/// A site with the maximum number of bans, a comment on `a`, and a closed thread.
fn site_with_many_bans() -> TestDatabase {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &root_comment(1));
    submit(&ledger, &VerifiedComment { url: url("closed"), ..root_comment(2) });
    ledger.set_closed(&url("closed"), true, &attribution(), NOW).unwrap();
    for number in 0..500 {
        ledger.ban(&BanTarget::Pattern(BanKind::Name, format!("Eve {number}")), None, &attribution(), NOW).unwrap();
    }
    database
}

#[test]
fn refusals_read_few_rows_on_a_site_with_many_bans() {
    let database = site_with_many_bans();
    let ledger = database.ledger();
    let orphan = |number: u32| VerifiedComment {
        network: comment_from(&number.to_string(), number).network,
        ..reply(number, CommentId::new(99))
    };
    let on_closed_thread =
        |number: u32| VerifiedComment { url: url("closed"), ..comment_from(&number.to_string(), number) };
    assert!(
        ledger.submit(&orphan(10), POLICY, NOW).is_err(),
        "the first submission of an instance reads settings and bans"
    );
    let before = database.statements.borrow().len();
    for number in 100..200 {
        assert_eq!(ledger.submit(&orphan(number), POLICY, NOW).err(), Some(Refusal::UnknownParent.into()));
        assert_eq!(ledger.submit(&on_closed_thread(number), POLICY, NOW).err(), Some(Refusal::Closed.into()));
    }
    let rows: usize = database.statements.borrow()[before..].iter().map(|statement| statement.rows).sum();
    assert!(rows <= 200 * 2, "{rows} rows for 200 refusals");
    // An accepted comment does not read the bans again either.
    ledger.submit(&comment_from("a", 300), POLICY, NOW).unwrap();
    let before = database.statements.borrow().len();
    ledger.submit(&comment_from("b", 301), POLICY, NOW).unwrap();
    let rows: usize = database.statements.borrow()[before..].iter().map(|statement| statement.rows).sum();
    assert!(rows < 20, "{rows}");
}
