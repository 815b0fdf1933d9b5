//! Signals for which a comment becomes pending: suspicious submissions, duplicates and muted words.

use afterword_ledger::{ProofStatus, SettingChange, VerifiedComment};
use afterword_model::{CommentId, Moderation, Refusal, Status};

use crate::fixtures::{NOW, TestDatabase, attribution, erase, root_comment, url};
use crate::policy_fixtures::{DAY, comment_by, comment_from, status_and_signals};

#[test]
fn suspicious_comments_are_pending_with_their_signals() {
    let database = TestDatabase::new();
    let comment =
        VerifiedComment { signals: vec!["too_fast:2".to_owned(), "no_proof".to_owned()], ..comment_by("ada", 1) };
    let expected = vec!["too_fast:2".to_owned(), "no_proof".to_owned(), "first_comment".to_owned()];
    assert_eq!(status_and_signals(&database, &comment, NOW), (Status::Pending, expected));
    // Signals in an unexpected form are cleaned, not dropped.
    let odd = ["Odd Word", "", "x:a\nb", &format!("y:{}", "ü".repeat(1_000))].map(str::to_owned);
    let (status, stored) =
        status_and_signals(&database, &VerifiedComment { signals: odd.into(), ..root_comment(2) }, NOW);
    assert_eq!(
        (status, stored.len(), stored[..3].to_vec()),
        (Status::Pending, 4, ["ddord", "other", "x:ab"].map(str::to_owned).to_vec())
    );
    assert!(stored[3].len() <= 640 && stored[3].starts_with("y:ü"), "{}", stored[3].len());
}

#[test]
fn the_first_comment_signal_alone_holds_no_comment() {
    let database = TestDatabase::new();
    let first = vec!["first_comment".to_owned()];
    assert_eq!(status_and_signals(&database, &comment_by("ada", 1), NOW), (Status::Published, first));
    assert_eq!(status_and_signals(&database, &comment_by("ada", 2), NOW), (Status::Published, vec![]));
    assert_eq!(status_and_signals(&database, &root_comment(3), NOW), (Status::Published, vec![]));
}

#[test]
fn many_posts_are_suspicious_before_the_limit() {
    let database = TestDatabase::new();
    for number in 0..4_u32 {
        assert_eq!(
            status_and_signals(&database, &comment_by("ada", number), NOW + i64::from(number) * 10).0,
            Status::Published
        );
    }
    let (status, signals) = status_and_signals(&database, &comment_by("ada", 9), NOW + 50);
    assert_eq!((status, signals), (Status::Pending, vec!["many:author".to_owned()]));
}

#[test]
fn duplicates_within_a_day_are_suspicious_on_any_thread() {
    let database = TestDatabase::new();
    let comment = |duplicate_key: &str, number: u32| VerifiedComment {
        duplicate_key: Some(duplicate_key.to_owned()),
        url: url(&number.to_string()),
        ..root_comment(number)
    };
    assert_eq!(status_and_signals(&database, &comment("a", 1), NOW).0, Status::Published);
    assert_eq!(status_and_signals(&database, &comment("b", 2), NOW).0, Status::Published);
    let repeated = (Status::Pending, vec!["repeated".to_owned()]);
    assert_eq!(status_and_signals(&database, &comment("a", 3), NOW + 1), repeated);
    assert_eq!(status_and_signals(&database, &comment("a", 4), NOW + DAY - 1), repeated);
    assert_eq!(status_and_signals(&database, &comment("b", 5), NOW + DAY).0, Status::Published);
    // Erased comments have no duplicates.
    for id in [1, 3, 4] {
        erase(&database, CommentId::new(id));
    }
    assert_eq!(status_and_signals(&database, &comment("a", 6), NOW + 10), (Status::Published, vec![]));
}

#[test]
fn muted_words_make_a_comment_pending() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    ledger.update_setting(&SettingChange::MutedWords("pills\nText 7".to_owned()), &attribution(), NOW).unwrap();
    assert_eq!(status_and_signals(&database, &root_comment(6), NOW), (Status::Published, vec![]));
    assert_eq!(
        status_and_signals(&database, &root_comment(7), NOW),
        (Status::Pending, vec!["muted_word:Text 7".to_owned()])
    );
    assert!(
        ledger.submit(&root_comment(77), Moderation::Open, NOW).unwrap().posted.status == Status::Published,
        "this policy compiles no patterns"
    );
    ledger.update_setting(&SettingChange::MutedWords(String::new()), &attribution(), NOW).unwrap();
    assert_eq!(ledger.settings().unwrap().muted, None);
    assert_eq!(status_and_signals(&database, &root_comment(71), NOW), (Status::Published, vec![]));
    for (list, refusal) in
        [("a".repeat(16 * 1024 + 1), Refusal::TextTooLong), (" a\r\n".to_owned(), Refusal::BadCharacter)]
    {
        assert_eq!(
            ledger.update_setting(&SettingChange::MutedWords(list), &attribution(), NOW).err(),
            Some(refusal.into())
        );
    }
}

#[test]
fn only_the_newest_duplicates_are_looked_up() {
    let database = TestDatabase::new();
    let comment = |number: u32| VerifiedComment {
        duplicate_key: Some("like".to_owned()),
        ..comment_from(&number.to_string(), number)
    };
    let ledger = database.ledger();
    for number in 0..400 {
        ledger.submit(&comment(number), Moderation::Open, NOW).unwrap();
    }
    database.run("UPDATE comment SET duplicate_key = NULL WHERE id > 350");
    let before = database.statements.borrow().len();
    let (status, signals) = status_and_signals(&database, &comment(1_000), NOW + 1_000);
    assert_eq!((status, signals), (Status::Pending, vec!["repeated".to_owned()]));
    assert!(database.statements.borrow().len() - before < 20);
    database.run("UPDATE comment SET duplicate_key = NULL");
    assert_eq!(status_and_signals(&database, &comment(1_001), NOW + 2_000).0, Status::Published);
}

#[test]
fn a_spent_proof_stays_spent_after_a_flood_and_an_eviction() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let with_nonce = |nonce: &str, issued: i64, number: u32| VerifiedComment {
        proof: ProofStatus::Nonce(nonce.to_owned()),
        proof_issued: Some(issued),
        ..root_comment(number)
    };
    ledger.submit(&with_nonce("spent", NOW - 10, 1), Moderation::All, NOW).unwrap();
    // More comments within half an hour than are kept in memory, which is possible with rate limits off.
    for number in 2..17_000 {
        let now = NOW + i64::from(number) / 10;
        ledger.submit(&with_nonce(&number.to_string(), now - 5, number), Moderation::All, now).unwrap();
    }
    let now = NOW + 1_800;
    for ledger in [&ledger, &database.ledger()] {
        let replay = ledger.submit(&with_nonce("spent", NOW - 10, 50_000), Moderation::All, now);
        assert_eq!(replay.err(), Some(Refusal::ProofExpired.into()), "it may be among those that are not kept");
        let known = ledger.submit(&with_nonce("16000", NOW + 1_595, 50_001), Moderation::All, now);
        assert_eq!(known.err(), Some(Refusal::ProofSpent.into()));
    }
    ledger.submit(&with_nonce("fresh", now - 60, 60_000), Moderation::All, now).unwrap();
    let again = database.ledger().submit(&with_nonce("fresh", now - 60, 60_001), Moderation::All, now);
    assert_eq!(again.err(), Some(Refusal::ProofSpent.into()));
}
