//! Proofs of work that are accepted once, and the number of posts per author, network and site.

use afterword_ledger::{ClientNetwork, ProofStatus, VerifiedComment};
use afterword_model::{CommentId, Moderation, Refusal};

use crate::fixtures::{NOW, TestDatabase, root_comment, url};
use crate::policy_fixtures::{POLICY, comment_by, comment_from, network_ids, retry_after};

#[test]
fn a_proof_of_work_is_accepted_once() {
    let database = TestDatabase::new();
    let proven = |number| VerifiedComment { proof: ProofStatus::Nonce("aa".to_owned()), ..root_comment(number) };
    database.ledger().submit(&proven(1), POLICY, NOW).unwrap();
    let before = database.dump();
    // In the same instance, in a new instance, and on another thread.
    for ledger in [database.ledger(), database.ledger()] {
        for other in [proven(2), VerifiedComment { url: url("b"), ..proven(3) }] {
            assert_eq!(ledger.submit(&other, POLICY, NOW + 3_600).err(), Some(Refusal::ProofSpent.into()));
        }
        let again = ledger.submit(&proven(1), POLICY, NOW + 3_600).unwrap();
        assert!(again.repeat && again.posted.comment.id == CommentId::new(1));
    }
    assert_eq!(database.dump(), before);
    let other_content = VerifiedComment { fingerprint: "other".to_owned(), ..proven(1) };
    assert_eq!(database.ledger().submit(&other_content, POLICY, NOW).err(), Some(Refusal::IdReused.into()));
    assert_eq!(
        retry_after(
            &database.ledger(),
            &VerifiedComment { proof: ProofStatus::Nonce("ab".to_owned()), ..root_comment(4) },
            NOW
        ),
        0
    );
}

#[test]
fn a_refused_comment_spends_no_proof() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let proven = VerifiedComment {
        proof: ProofStatus::Nonce("aa".to_owned()),
        parent: Some(CommentId::new(9)),
        ..root_comment(1)
    };
    assert_eq!(ledger.submit(&proven, POLICY, NOW).err(), Some(Refusal::UnknownParent.into()));
    assert_eq!(retry_after(&ledger, &VerifiedComment { parent: None, ..proven }, NOW), 0);
}

#[test]
fn the_posts_of_an_author_are_limited() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    assert_eq!(retry_after(&ledger, &comment_by("ada", 1), NOW), 0);
    assert_eq!(retry_after(&ledger, &comment_by("ada", 2), NOW + 4), 0);
    assert_eq!(retry_after(&ledger, &comment_by("ada", 3), NOW + 4), 6, "until the first is ten seconds old");
    assert_eq!(retry_after(&ledger, &comment_by("ada", 3), NOW + 9), 1);
    assert_eq!(retry_after(&ledger, &comment_by("bob", 4), NOW + 9), 0, "other authors are not limited");
    assert_eq!(retry_after(&ledger, &root_comment(5), NOW + 9), 0, "anonymous senders are not limited");
    assert_eq!(retry_after(&ledger, &comment_by("ada", 3), NOW + 10), 0);
    // A new instance counts the same.
    assert_eq!(retry_after(&database.ledger(), &comment_by("ada", 6), NOW + 10), 4);
    // A repeat is accepted.
    assert!(ledger.submit(&comment_by("ada", 3), POLICY, NOW + 10).unwrap().repeat);
}

#[test]
fn the_longest_retry_time_is_returned() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 0..6_u32 {
        assert_eq!(retry_after(&ledger, &comment_by("ada", number), NOW + i64::from(number) * 10), 0);
    }
    assert_eq!(retry_after(&ledger, &comment_by("ada", 9), NOW + 51), 49);
    assert_eq!(retry_after(&ledger, &comment_by("ada", 9), NOW + 99), 1);
    assert_eq!(retry_after(&ledger, &comment_by("ada", 9), NOW + 100), 0);
}

#[test]
fn a_network_is_recognised_after_midnight() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 0..5 {
        assert_eq!(retry_after(&ledger, &comment_from("net", number), NOW), 0);
    }
    assert_eq!(retry_after(&ledger, &comment_from("net", 9), NOW + 1), 9);
    assert_eq!(retry_after(&ledger, &comment_from("other", 10), NOW + 1), 0);
    let network =
        ClientNetwork { today: network_ids("net", None, "tomorrow"), yesterday: network_ids("net", None, "today") };
    let tomorrow = VerifiedComment { network: Some(network), ..root_comment(11) };
    assert_eq!(retry_after(&ledger, &tomorrow, NOW + 2), 8);
    assert_eq!(retry_after(&ledger, &tomorrow, NOW + 10), 0);
}

#[test]
fn the_site_limit_counts_all_senders() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 0..20 {
        assert_eq!(retry_after(&ledger, &comment_from(&number.to_string(), number), NOW), 0);
    }
    assert_eq!(retry_after(&ledger, &comment_from("new", 99), NOW + 1), 999);
    assert_eq!(ledger.count_recent(60, NOW + 1), Ok(20));
    assert_eq!(ledger.count_recent(60, NOW + 60), Ok(0));
    assert_eq!(database.ledger().count_recent(1_000, NOW + 60), Ok(20));
    // A policy without limits counts nothing.
    assert!(ledger.submit(&root_comment(100), Moderation::Open, NOW).is_ok());
}

#[test]
fn old_comments_with_larger_ids_hide_no_recent_ones() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    assert_eq!(retry_after(&ledger, &comment_by("ada", 1), NOW), 0);
    assert_eq!(retry_after(&ledger, &comment_by("ada", 2), NOW), 0);
    // Comments from long ago with larger ids, such as those of an import.
    database.run(
        "WITH RECURSIVE number (id) AS (SELECT 3 UNION ALL SELECT id + 1 FROM number WHERE id < 1000) \
         INSERT INTO comment (id, thread, status, uuid, fingerprint, name, source, html, renderer, created) \
         SELECT id, 1, 0, 'uuid ' || id, '', '', '', '', 1, 1 FROM number",
    );
    assert_eq!(retry_after(&ledger, &comment_by("ada", 9_001), NOW + 1), 9);
    assert_eq!(retry_after(&ledger, &comment_by("bob", 9_002), NOW + 1), 0);
    assert_eq!(retry_after(&ledger, &comment_by("bob", 9_003), NOW + 1), 0);
    assert_eq!(retry_after(&ledger, &comment_by("bob", 9_004), NOW + 1), 10);
}
