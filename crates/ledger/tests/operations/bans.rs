//! Bans of authors, networks, names and e-mail addresses, and the pruning of expired bans and networks.

use afterword_ledger::{Action, BanKind, BanTarget, Ledger, LedgerError, SettingChange, VerifiedComment};
use afterword_model::{CommentId, Moderation, Refusal, Status, SubmissionId};

use crate::fixtures::{NOW, TestDatabase, approve, attribution, author_id, root_comment, submit, uuid};
use crate::policy_fixtures::{DAY, POLICY, comment_by, comment_from, status_and_signals};

#[test]
fn comments_of_banned_senders_become_pending() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let spam = VerifiedComment {
        author: Some(author_id("eve")),
        name: "Dr. Spam".to_owned(),
        email: Some("eve@spam.example".to_owned()),
        ..comment_from("net", 1)
    };
    let id = submit(&ledger, &spam);
    approve(&database, id);
    let expected = [
        (
            BanTarget::Author(BanKind::Author, id),
            vec!["banned:author", "first_comment"],
            VerifiedComment { author: spam.author.clone(), ..root_comment(10) },
        ),
        (BanTarget::Author(BanKind::Network, id), vec!["banned:network"], comment_from("net", 11)),
        (
            BanTarget::Pattern(BanKind::Name, "Dr.*".into()),
            vec!["banned:name"],
            VerifiedComment { name: "Dr. Eve".to_owned(), ..root_comment(12) },
        ),
        (
            BanTarget::Author(BanKind::Email, id),
            vec!["banned:email"],
            VerifiedComment { email: spam.email.clone(), ..root_comment(13) },
        ),
    ];
    let mut lifted = Vec::new();
    for ((target, expected, comment), now) in expected.into_iter().zip((NOW + 100..).step_by(10)) {
        let bans = ledger.ban(&target, None, &attribution(), NOW).unwrap();
        assert_eq!(bans.len(), 1);
        let (status, signals) = status_and_signals(&database, &comment, now);
        assert_eq!((status, signals.iter().map(String::as_str).collect()), (Status::Pending, expected));
        let ban = SubmissionId::parse(&bans[0].id).unwrap();
        lifted.push(ban);
        assert_eq!(ledger.lift_bans(&[ban], &attribution(), NOW).unwrap(), []);
        assert_eq!(ledger.lift_bans(&[ban], &attribution(), NOW).unwrap(), []);
        let next = VerifiedComment { id: uuid(9_000 + comment.id.to_string().as_bytes()[35] as u32), ..comment };
        assert_eq!(status_and_signals(&database, &next, now).0, Status::Published);
    }
    let log: Vec<_> =
        ledger.list_audit_log(None, 99).unwrap().items.into_iter().map(|entry| (entry.action, entry.target)).collect();
    assert_eq!((log[0].0, log[4].0), (Action::Unban, Action::Unban));
    assert_eq!([&log[0].1, &log[4].1], [&format!("email {}", lifted[3]), &format!("network {}", lifted[1])]);
    let targets = format!("{log:?}");
    for private in ["eve@spam.example", "Dr.", "net-today", "hash of eve"] {
        assert!(!targets.contains(private), "the log names bans by their ids: {targets}");
    }
    assert_eq!(log.iter().filter(|(action, _)| *action == Action::Ban).count(), 4);
}

#[test]
fn a_ban_ends_at_its_expiry() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let comment = |number| VerifiedComment { name: "Eve".to_owned(), ..root_comment(number) };
    ledger.ban(&BanTarget::Pattern(BanKind::Name, "Eve".into()), Some(NOW + 100), &attribution(), NOW).unwrap();
    assert_eq!(status_and_signals(&database, &comment(1), NOW + 99).0, Status::Pending);
    assert_eq!(status_and_signals(&database, &comment(2), NOW + 100).0, Status::Published);
    let longer = ledger
        .ban(&BanTarget::Pattern(BanKind::Name, "Eve".into()), Some(NOW + 200), &attribution(), NOW + 100)
        .unwrap();
    assert_eq!((longer.len(), longer[0].until), (1, Some(NOW + 200)));
    assert_eq!(status_and_signals(&database, &comment(3), NOW + 199).0, Status::Pending);
    // An expired ban is pruned.
    assert_eq!(ledger.prune(NOW + 199, 10).unwrap().bans, 0);
    assert_eq!(ledger.prune(NOW + 200, 10).unwrap().bans, 1);
    assert_eq!(ledger.list_bans().unwrap(), []);
}

#[test]
fn a_network_ban_ends_with_the_day_after_the_comment() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_from("net", 1));
    let end = (NOW.div_euclid(DAY) + 2) * DAY;
    for until in [None, Some(end + 1), Some(253_402_300_799)] {
        assert_eq!(
            ledger.ban(&BanTarget::Author(BanKind::Network, id), until, &attribution(), NOW).unwrap()[0].until,
            Some(end)
        );
    }
    assert_eq!(
        ledger.ban(&BanTarget::Author(BanKind::Network, id), Some(NOW + 1), &attribution(), NOW).unwrap()[0].until,
        Some(NOW + 1)
    );
}

#[test]
fn invalid_bans_are_refused() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &root_comment(1));
    let long = "a".repeat(257);
    let check = |target, refusal: Refusal| {
        assert_eq!(ledger.ban(&target, None, &attribution(), NOW).err(), Some(refusal.into()), "{target:?}")
    };
    for kind in [BanKind::Author, BanKind::Network, BanKind::Email] {
        check(BanTarget::Author(kind, id), Refusal::UnknownComment);
        check(BanTarget::Author(kind, CommentId::new(9)), Refusal::UnknownComment);
    }
    check(BanTarget::Pattern(BanKind::Network, "network".into()), Refusal::BadQuery);
    for pattern in ["", " ", "a\nb", " a", &long] {
        check(BanTarget::Pattern(BanKind::Name, pattern.into()), Refusal::BadQuery);
    }
    for number in 0..500 {
        let pattern = number.to_string();
        ledger.ban(&BanTarget::Pattern(BanKind::Name, pattern.clone()), None, &attribution(), NOW).unwrap();
    }
    check(BanTarget::Pattern(BanKind::Name, "one more".into()), Refusal::ListFull);
    assert_eq!(
        ledger.ban(&BanTarget::Pattern(BanKind::Name, "7".into()), Some(1), &attribution(), NOW).unwrap().len(),
        500
    );
}

#[test]
fn a_repeated_ban_is_not_applied_again() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let ban = attribution();
    let bans = ledger.ban(&BanTarget::Pattern(BanKind::Name, "Eve".into()), None, &ban, NOW).unwrap();
    assert_eq!((bans[0].id.as_str(), bans[0].by.as_str()), (ban.id.to_string().as_str(), "grace"));
    ledger.lift_bans(&[ban.id], &attribution(), NOW).unwrap();
    assert_eq!(ledger.ban(&BanTarget::Pattern(BanKind::Name, "Eve".into()), None, &ban, NOW).unwrap(), []);
    let json = serde_json::to_string(&bans[0]).unwrap();
    let expected = format!(
        r#"{{"id":"{}","kind":"name","pattern":"Eve","literal":false,"until":null,"at":1321000000,"by":"grace"}}"#,
        ban.id
    );
    assert_eq!(json, expected);
}

#[test]
fn networks_are_pruned_after_the_next_day() {
    let database = TestDatabase::new();
    let midnight = (NOW.div_euclid(DAY) + 1) * DAY;
    let ledger = database.ledger();
    for (number, at) in [(1, NOW), (2, midnight - 1), (3, midnight), (4, midnight + 5)] {
        ledger
            .submit(&if number == 2 { root_comment(2) } else { comment_from("net", number) }, Moderation::Open, at)
            .unwrap();
    }
    ledger.submit(&comment_from("net", 5), Moderation::All, midnight - 1).unwrap();
    let with_network = || database.run("SELECT id FROM comment WHERE network IS NOT NULL").len();
    let prune = |now, limit| {
        let (mut pruned, mut calls) = (0, 0);
        loop {
            let progress = ledger.prune(now, limit).unwrap();
            assert!(progress.networks <= limit);
            (pruned, calls) = (pruned + progress.networks, calls + 1);
            if !progress.more {
                return (pruned, calls);
            }
        }
    };
    assert_eq!((prune(midnight - 1, 2).0, with_network()), (0, 4));
    assert_eq!((prune(midnight + DAY - 1, 2).0, with_network()), (0, 4));
    // Comments are pruned in the order of their ids. An older comment behind a newer one is pruned after it.
    assert_eq!((prune(midnight + DAY, 2).0, with_network()), (1, 3));
    assert_eq!(prune(midnight + 2 * DAY, 2), (3, 2));
    assert_eq!(with_network(), 0);
    let before = database.dump();
    assert_eq!(prune(midnight + 3 * DAY, 100), (0, 1));
    assert_eq!(database.dump(), before);
}

/// The results of 200 submissions with this name, which are all that a sender learns.
fn submission_results(ledger: &Ledger<&TestDatabase>, name: &str) -> Vec<Result<Status, LedgerError>> {
    let comment = |number: u32| VerifiedComment { name: name.to_owned(), ..comment_from("net", number) };
    let submit = |number: u32| {
        let outcome = ledger.submit(&comment(number), POLICY, NOW + i64::from(number));
        outcome.map(|outcome| outcome.posted.status)
    };
    (0..200).map(submit).collect()
}

#[test]
fn a_ban_cannot_be_found_out_where_every_comment_waits() {
    let results = |name: &str| {
        let database = TestDatabase::new();
        let ledger = database.ledger();
        ledger.update_setting(&SettingChange::Moderation(Some(Moderation::All)), &attribution(), NOW).unwrap();
        ledger.ban(&BanTarget::Pattern(BanKind::Name, "Eve*".into()), None, &attribution(), NOW).unwrap();
        submission_results(&ledger, name)
    };
    assert_eq!(results("Eve"), results("Ada"));
}

#[test]
fn banned_senders_get_the_replies_of_comments_that_wait() {
    let (database, other) = (TestDatabase::new(), TestDatabase::new());
    database.ledger().ban(&BanTarget::Pattern(BanKind::Name, "Eve*".into()), None, &attribution(), NOW).unwrap();
    let all = Moderation::All;
    other.ledger().update_setting(&SettingChange::Moderation(Some(all)), &attribution(), NOW).unwrap();
    let (banned, held) = (submission_results(&database.ledger(), "Eve"), submission_results(&other.ledger(), "Eve"));
    assert_eq!(banned, held, "as on a site that holds every comment");
    assert!(banned.contains(&Ok(Status::Pending)));
    assert!(banned.iter().any(|result| matches!(result, Err(LedgerError::TooMany { .. }))));
    let reused_id = VerifiedComment { id: uuid(0), ..comment_by("ada", 0) };
    assert_eq!(database.ledger().submit(&reused_id, POLICY, NOW).err(), Some(Refusal::IdReused.into()));
}

#[test]
fn the_end_of_a_ban_is_a_time_in_unix_seconds() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let eve = BanTarget::Pattern(BanKind::Name, "Eve".into());
    for until in [-1, i64::MIN, 253_402_300_800, NOW * 1_000, NOW * 1_000_000_000, (1 << 53) + 1, i64::MAX] {
        match ledger.ban(&eve, Some(until), &attribution(), NOW) {
            Err(LedgerError::Refused(refusal)) => {
                assert_eq!((refusal.code(), refusal.status()), ("bad_time", 422), "{until}");
                assert!(refusal.message().contains("milliseconds"), "{}", refusal.message());
            }
            other => panic!("{until}: {other:?}"),
        }
    }
    assert_eq!(ledger.list_bans().unwrap(), []);
    for until in [0, 253_402_300_799] {
        assert_eq!(ledger.ban(&eve, Some(until), &attribution(), NOW).unwrap()[0].until, Some(until));
    }
}

#[test]
fn a_ban_that_cannot_be_read_holds_comments_until_it_is_lifted() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let broken = attribution();
    ledger.ban(&BanTarget::Pattern(BanKind::Name, "Eve".into()), None, &broken, NOW).unwrap();
    ledger.ban(&BanTarget::Pattern(BanKind::Name, "Mal".into()), None, &attribution(), NOW).unwrap();
    database.run("UPDATE ban SET kind = 'unheard_of' WHERE pattern = 'Eve'");
    let (status, signals) = status_and_signals(&database, &root_comment(1), NOW);
    assert_eq!((status, signals), (Status::Pending, vec!["invalid_rule:ban".to_owned()]));
    assert_eq!(ledger.list_bans().unwrap().len(), 1, "the other ban is still listed");
    let part = ledger.export("https://blog.example", Default::default(), usize::MAX).unwrap();
    assert_eq!(part.lines.iter().filter(|line| line.starts_with("{\"ban\"")).count(), 1);
    ledger.lift_bans(&[broken.id], &attribution(), NOW).unwrap();
    assert_eq!(status_and_signals(&database, &root_comment(2), NOW), (Status::Published, vec![]));
}
