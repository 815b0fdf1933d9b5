//! The difficulty that a proof of work must have, which rises with the number of recent comments.

use afterword_ledger::{DifficultyRule, LedgerError, SubmissionPolicy, VerifiedComment};
use afterword_model::RateLimit;

use crate::fixtures::{NOW, TestDatabase};
use crate::policy_fixtures::{POLICY, comment_from};

/// Five bits on a quiet site, seven after two comments in a minute.
const RULE: DifficultyRule = DifficultyRule {
    window_seconds: 60,
    base_bits: 5,
    required: |base, recent| if recent > 1 { base + 2 } else { base },
};
const POLICY_WITH_RULE: SubmissionPolicy<'static> = SubmissionPolicy { difficulty: Some(RULE), ..POLICY };

fn comment(number: u32, difficulty: Option<u8>) -> VerifiedComment {
    VerifiedComment { difficulty, ..comment_from(&format!("net{number}"), number) }
}

/// A database in which two comments were posted within the last minute.
fn busy_database() -> TestDatabase {
    let database = TestDatabase::new();
    for number in [1, 2] {
        database.ledger().submit(&comment(number, Some(5)), POLICY_WITH_RULE, NOW).unwrap();
    }
    database
}

#[test]
fn an_easy_proof_is_refused_when_many_comments_are_posted() {
    let database = busy_database();
    let before = database.dump();
    let ledger = database.ledger();
    let submit = |number, difficulty, now| ledger.submit(&comment(number, difficulty), POLICY_WITH_RULE, now);
    assert_eq!(submit(3, Some(6), NOW).err(), Some(LedgerError::DifficultyTooLow { required: 7 }));
    assert_eq!(database.dump(), before, "a refusal writes nothing");
    assert!(submit(3, Some(7), NOW).is_ok());
    assert!(submit(4, Some(5), NOW + 60).is_ok(), "the comments before are out of the window");
}

#[test]
fn a_repeat_is_checked_like_a_new_comment() {
    let database = busy_database();
    let ledger = database.ledger();
    let repeated = ledger.submit(&comment(1, Some(5)), POLICY_WITH_RULE, NOW);
    assert_eq!(repeated.err(), Some(LedgerError::DifficultyTooLow { required: 7 }));
    assert!(ledger.submit(&comment(1, Some(7)), POLICY_WITH_RULE, NOW).unwrap().repeat);
}

#[test]
fn easy_proofs_do_not_count_as_refusals() {
    let database = busy_database();
    let ledger = database.ledger();
    for _ in 0..200 {
        let refused = ledger.submit(&comment(3, Some(5)), POLICY_WITH_RULE, NOW);
        assert_eq!(refused.err(), Some(LedgerError::DifficultyTooLow { required: 7 }));
    }
    assert!(ledger.submit(&comment(3, Some(7)), POLICY_WITH_RULE, NOW).is_ok());
}

#[test]
fn without_a_rule_or_a_proof_no_difficulty_is_required() {
    const NO_LIMITS: &[RateLimit] = &[];
    let database = busy_database();
    let ledger = database.ledger();
    let without_rule = SubmissionPolicy { limits: NO_LIMITS, ..POLICY };
    assert!(ledger.submit(&comment(3, Some(0)), without_rule, NOW).is_ok());
    let with_rule = SubmissionPolicy { limits: NO_LIMITS, ..POLICY_WITH_RULE };
    assert!(ledger.submit(&comment(4, None), with_rule, NOW).is_ok());
}
