//! The comments that count towards a rate limit.

use afterword_ledger::{ProofStatus, VerifiedComment};
use afterword_model::{Moderation, Refusal, Status};

use crate::fixtures::{NOW, TestDatabase, author_id, erase, root_comment, submit, uuid};
use crate::policy_fixtures::{DAY, comment_by, comment_from, comment_in_block, retry_after, status_and_signals};

/// The same comment without a proof of work.
fn unproven(comment: VerifiedComment) -> VerifiedComment {
    VerifiedComment { proof: ProofStatus::Missing, signals: vec!["no_proof".to_owned()], ..comment }
}

#[test]
fn posts_without_proof_have_a_site_limit_of_their_own() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let comment_without_proof = |number: u32| unproven(comment_from(&format!("net{number}"), number));
    for number in 0..4 {
        assert_eq!(retry_after(&ledger, &comment_without_proof(number), NOW), 0);
    }
    for ledger in [database.ledger(), ledger] {
        assert_eq!(retry_after(&ledger, &comment_without_proof(9), NOW + 1), 99);
        assert_eq!(ledger.count_recent(60, NOW + 1), Ok(0), "nor do they raise the difficulty for others");
    }
    for number in 20..40 {
        let proven = VerifiedComment {
            proof: ProofStatus::Nonce(number.to_string()),
            ..comment_from(&format!("net{number}"), number)
        };
        assert_eq!(retry_after(&database.ledger(), &proven, NOW + 1), 0);
    }
    assert_eq!(database.ledger().count_recent(60, NOW + 1), Ok(20));
    // Posts with a proof do not use up the limit of those without.
    assert_eq!(retry_after(&database.ledger(), &comment_from("net99", 99), NOW + 1), 1_000);
    assert_eq!(retry_after(&database.ledger(), &comment_without_proof(99), NOW + 100), 0);
}

#[test]
fn posts_without_proof_have_a_network_limit_of_their_own() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 0..2 {
        assert_eq!(retry_after(&ledger, &unproven(comment_from("net", number)), NOW), 0);
    }
    assert_eq!(retry_after(&ledger, &unproven(comment_from("net", 9)), NOW + 1), 9);
    for number in 10..15 {
        assert_eq!(retry_after(&ledger, &comment_from("net", number), NOW + 1), 0);
    }
    assert_eq!(retry_after(&ledger, &comment_from("net", 20), NOW + 2), 9);
    assert_eq!(retry_after(&ledger, &unproven(comment_from("net", 21)), NOW + 10), 0);
}

#[test]
fn erased_comments_count_with_their_proof_status() {
    let database = TestDatabase::new();
    for number in 0..4 {
        let id = submit(&database.ledger(), &unproven(comment_from(&format!("net{number}"), number)));
        erase(&database, id);
    }
    assert_eq!(retry_after(&database.ledger(), &unproven(comment_from("net9", 9)), NOW), 100);
    assert_eq!(retry_after(&database.ledger(), &comment_from("net9", 10), NOW), 0);
}

#[test]
fn network_blocks_have_a_limit_of_their_own() {
    let database = TestDatabase::new();
    for number in 0..12 {
        assert_eq!(retry_after(&database.ledger(), &comment_in_block("block", number / 4, number), NOW), 0);
    }
    assert_eq!(retry_after(&database.ledger(), &comment_in_block("block", 99, 99), NOW + 1), 9);
    assert_eq!(retry_after(&database.ledger(), &comment_in_block("other", 99, 98), NOW + 1), 0);
    assert_eq!(
        retry_after(&database.ledger(), &comment_from("block-0", 97), NOW + 1),
        0,
        "the same network outside the block"
    );
    assert_eq!(retry_after(&database.ledger(), &comment_in_block("block", 99, 99), NOW + 10), 0);
    // The block is pruned together with the network.
    database.ledger().prune(NOW + 3 * DAY, 1_000).unwrap();
    assert!(!format!("{:?}", database.dump()).contains("block-"));
}

#[test]
fn comments_dated_in_the_future_do_not_count() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 0..20 {
        let comment = VerifiedComment {
            author: Some(author_id("ada")),
            duplicate_key: Some("like".to_owned()),
            ..comment_from("net", number)
        };
        ledger.submit(&comment, Moderation::Open, NOW + 400 * DAY).unwrap();
    }
    for ledger in [database.ledger(), ledger] {
        assert_eq!(ledger.count_recent(60, NOW), Ok(0));
    }
    let comment = VerifiedComment { network: comment_from("net", 0).network, ..comment_by("ada", 100) };
    assert_eq!(status_and_signals(&database, &comment, NOW), (Status::Published, vec![]));
    assert_eq!(retry_after(&database.ledger(), &comment_by("ada", 101), NOW), 0);
    assert_eq!(retry_after(&database.ledger(), &comment_by("ada", 102), NOW), 10, "comments posted now count");
}

#[test]
fn imported_comments_do_not_count() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    // An imported comment has no network; these are recent and have the same author key.
    for number in 0..20 {
        submit(&ledger, &VerifiedComment { author: Some(author_id("ada")), ..root_comment(number) });
    }
    assert_eq!(retry_after(&ledger, &comment_by("ada", 100), NOW), 0);
    assert_eq!(ledger.count_recent(60, NOW), Ok(1));
}

#[test]
fn imported_comments_do_not_crowd_out_others() {
    let database = TestDatabase::new();
    let with_nonce = |nonce: &str, number: u32| VerifiedComment {
        proof: ProofStatus::Nonce(nonce.to_owned()),
        proof_issued: Some(NOW - 30),
        ..comment_by("ada", number)
    };
    let ledger = database.ledger();
    for (nonce, number) in [("first", 1), ("second", 2)] {
        assert_eq!(retry_after(&ledger, &with_nonce(nonce, number), NOW), 0);
    }
    // More than are cached, and as recent. An import of them has neither network nor proof nor duplicate key.
    database.run_with(
        "WITH RECURSIVE number (id) AS (SELECT 3 UNION ALL SELECT id + 1 FROM number WHERE id < 20000) \
         INSERT INTO comment (id, thread, page, status, version, uuid, fingerprint, author, name, source, html, renderer, created) \
         SELECT id, 1, 1, 1, id, 'uuid ' || id, '', 'hash of ada', '', '', '', 1, ? FROM number",
        &[NOW.into()],
    );
    for ledger in [ledger, database.ledger()] {
        let replay = ledger.submit(&with_nonce("first", 9), Moderation::Open, NOW + 1);
        assert_eq!(replay.err(), Some(Refusal::ProofSpent.into()));
        assert_eq!(retry_after(&ledger, &comment_by("ada", 10), NOW + 1), 9, "the two of the same author count");
    }
    assert_eq!(retry_after(&database.ledger(), &with_nonce("third", 11), NOW + 10), 0, "no proof is taken for spent");
}

#[test]
fn a_clock_that_was_ahead_does_not_make_proofs_expire() {
    let database = TestDatabase::new();
    let with_nonce = |nonce: u32, issued: i64| VerifiedComment {
        proof: ProofStatus::Nonce(nonce.to_string()),
        proof_issued: Some(issued),
        ..root_comment(nonce)
    };
    let (ledger, ahead) = (database.ledger(), NOW + 400 * DAY);
    for number in 0..16_500 {
        let now = ahead + i64::from(number) / 10;
        ledger.submit(&with_nonce(number, now - 5), Moderation::All, now).unwrap();
    }
    for (number, ledger) in [ledger, database.ledger()].into_iter().enumerate() {
        let number = 20_000 + u32::try_from(number).unwrap();
        assert!(ledger.submit(&with_nonce(number, NOW - 5), Moderation::All, NOW).is_ok(), "instance {number}");
        let replay = ledger.submit(
            &VerifiedComment { id: uuid(number + 10), ..with_nonce(number, NOW - 5) },
            Moderation::All,
            NOW,
        );
        assert_eq!(replay.err(), Some(Refusal::ProofSpent.into()));
    }
}
