//! The backoff for senders whose submissions are refused again and again.

use afterword_ledger::{Ledger, LedgerError, ProofStatus, SubmissionPolicy, VerifiedComment};
use afterword_model::{CommentId, LimitScope, RateLimit, Refusal};

use crate::fixtures::{NOW, TestDatabase};
use crate::policy_fixtures::{POLICY, comment_from, comment_in_block};

/// Submits 500 different comments that must be refused. Returns the number of those that were refused for their unknown
/// parent; all later ones must be refused with a retry time of 60 seconds.
fn refusals_before_limit(ledger: &Ledger<&TestDatabase>, comment: impl Fn(u32) -> VerifiedComment) -> usize {
    let refused = (1_000..1_500).map(|number| ledger.submit(&comment(number), POLICY, NOW + 1).unwrap_err());
    let (by_parent, limited): (Vec<_>, Vec<_>) = refused.partition(|error| *error == Refusal::UnknownParent.into());
    assert!(limited.iter().all(|error| *error == LedgerError::TooMany { seconds: 60 }), "{limited:?}");
    by_parent.len()
}

#[test]
fn repeated_refusals_are_rate_limited() {
    let orphan = |comment: VerifiedComment| VerifiedComment { parent: Some(CommentId::new(99)), ..comment };
    let database = TestDatabase::new();
    let ledger = database.ledger();
    assert_eq!(refusals_before_limit(&ledger, |number| orphan(comment_from("net", number))), 30);
    let reads = database.statements.borrow().len();
    assert_eq!(
        ledger.submit(&comment_from("net", 1), POLICY, NOW + 60).err(),
        Some(LedgerError::TooMany { seconds: 1 })
    );
    assert_eq!(database.statements.borrow().len() - reads, 1, "only the submission id is looked up");
    assert!(ledger.submit(&comment_from("other", 2), POLICY, NOW + 60).is_ok());
    assert!(ledger.submit(&comment_from("net", 1), POLICY, NOW + 61).is_ok());
    assert_eq!(
        refusals_before_limit(&database.ledger(), |number| orphan(comment_in_block("block", number, number))),
        120
    );
    let proven = |number: u32| VerifiedComment {
        proof: ProofStatus::Nonce("one".to_owned()),
        ..comment_from(&number.to_string(), number)
    };
    assert_eq!(refusals_before_limit(&database.ledger(), |number| orphan(proven(number))), 8);
    // Senders without a proof are limited apart from senders of the same network with a proof.
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let unproven = |number: u32| VerifiedComment { proof: ProofStatus::Missing, ..comment_from("net", number) };
    assert_eq!(refusals_before_limit(&ledger, |number| orphan(unproven(number))), 30);
    assert_eq!(ledger.submit(&unproven(1), POLICY, NOW + 2).err(), Some(LedgerError::TooMany { seconds: 59 }));
    assert!(
        ledger
            .submit(
                &VerifiedComment { proof: ProofStatus::Nonce("one".to_owned()), ..comment_from("net", 2) },
                POLICY,
                NOW + 2
            )
            .is_ok()
    );
    // Senders with a new network and a new proof each time are not limited, and use no memory.
    let other = |number: u32| VerifiedComment {
        proof: ProofStatus::Nonce(number.to_string()),
        ..comment_from(&number.to_string(), number)
    };
    assert_eq!(refusals_before_limit(&database.ledger(), |number| orphan(other(number))), 500);
    // Refusals by a rate limit do not count: the whole network may post again after the retry time. A school class is
    // an example.
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 0..60 {
        let result = ledger.submit(&comment_from("school", number), POLICY, NOW);
        assert!(number < 5 || result == Err(LedgerError::TooMany { seconds: 10 }), "{number}: {result:?}");
    }
    assert!(ledger.submit(&comment_from("school", 60), POLICY, NOW + 10).is_ok());
    // A policy without limits has no backoff.
    let limits: &[RateLimit] = &[];
    let policy = SubmissionPolicy { limits, ..POLICY };
    for number in 0..100 {
        let refused = database.ledger().submit(&orphan(comment_from("net", number + 5_000)), policy, NOW);
        assert_eq!(refused.err(), Some(Refusal::UnknownParent.into()));
    }
    assert!(POLICY.limits.iter().any(|limit| limit.scope == LimitScope::Network));
}
