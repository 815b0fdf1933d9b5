//! Votes, reactions and reports of readers, and the limits for them.

use std::cell::Cell;

use afterword_ledger::{
    CommentFilter, InteractionSender, Ledger, LedgerError, NewReport, SettingChange, VerifiedComment,
};
use afterword_model::{
    CommentId, InteractionKind, InteractionLimit, LimitScope, Moderation, Reactions, Refusal, ReportReason, Vote,
};

use crate::common::assert_changes_are_counted;
use crate::fixtures::{
    NOW, TestDatabase, attribution, author_id, erase, named_network, network, new_report, of_a, root_comment, submit,
    url,
};

fn set(ledger: &Ledger<&TestDatabase>, change: &SettingChange) {
    ledger.update_setting(change, &attribution(), NOW).unwrap();
}

fn offer(ledger: &Ledger<&TestDatabase>, reactions: &str) {
    set(ledger, &SettingChange::Reactions(Reactions::parse(reactions)));
}

#[test]
fn a_vote_is_a_state_and_nobody_votes_on_their_own_comment() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &VerifiedComment { author: Some(author_id("ada")), ..root_comment(1) });
    let vote =
        |author: &str, vote| ledger.vote_below(of_a(id), author, vote, NOW).map(|reply| (reply.votes, reply.vote));
    assert_eq!(vote("bob", Vote::For), Ok((1, Vote::For)));
    assert_eq!(vote("bob", Vote::For), Ok((1, Vote::For)), "a repeat changes nothing");
    assert_eq!(vote("eve", Vote::For), Ok((2, Vote::For)));
    let before = database.dump();
    assert_eq!(vote("hash of ada", Vote::For), Err(Refusal::OwnComment.into()));
    assert_eq!(vote("hash of ada", Vote::Neutral), Err(Refusal::OwnComment.into()));
    assert_eq!(vote("bob", Vote::Against), Err(Refusal::DownvotesOff.into()));
    assert_eq!(database.dump(), before);
    set(&ledger, &SettingChange::Downvotes(Some(true)));
    assert_eq!(vote("bob", Vote::Against), Ok((0, Vote::Against)));
    assert_eq!(vote("bob", Vote::Neutral), Ok((1, Vote::Neutral)));
    assert!(ledger.read_page(&url("a"), 1).unwrap().downvotes);
    assert_changes_are_counted(&database);
}

#[test]
fn votes_and_reports_need_a_visible_comment_below_the_post() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let pending = ledger.submit(&root_comment(1), Moderation::All, NOW).unwrap().posted.comment.id;
    let erased = submit(&ledger, &root_comment(2));
    erase(&database, erased);
    let elsewhere = submit(&ledger, &VerifiedComment { url: url("b"), ..root_comment(3) });
    let before = database.dump();
    for id in [pending, erased, elsewhere].into_iter().chain([99, 0, -7, i64::MIN, i64::MAX].map(CommentId::new)) {
        let unknown = Some(LedgerError::from(Refusal::UnknownComment));
        assert_eq!(ledger.vote_below(of_a(id), "ada", Vote::For, NOW).err(), unknown);
        assert_eq!(ledger.report(of_a(id), &new_report(&network()), NOW).err(), unknown);
    }
    let closed = submit(&ledger, &root_comment(4));
    ledger.set_closed(&url("a"), true, &attribution(), NOW).unwrap();
    let refused = ledger.vote_below(of_a(closed), "ada", Vote::For, NOW).err();
    assert_eq!(refused, Some(Refusal::Closed.into()));
    assert_eq!(ledger.react(&url("a"), "ada", None, NOW).err(), Some(Refusal::Closed.into()));
    assert_eq!(ledger.report(of_a(closed), &new_report(&network()), NOW), Ok(()), "a closed thread can be reported");
    assert!(before.iter().any(|(table, rows)| table == "vote" && rows.is_empty()));
}

#[test]
fn a_report_counts_once_for_a_key_or_a_network() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &root_comment(1));
    let now = Cell::new(NOW);
    let report = |author: Option<&str>, network: &str, reason, text: Option<&str>| {
        let network = named_network(network);
        let report = NewReport { author, reason, text, ..new_report(&network) };
        now.set(now.get() + 1);
        ledger.report(of_a(id), &report, now.get()).unwrap();
        ledger.list_comments(CommentFilter::Reported, None, 9).unwrap().items[0].reports.clone().unwrap().count
    };
    assert_eq!(report(Some("ada"), "home", ReportReason::Spam, Some("It sells pills")), 1);
    assert_eq!(report(Some("ada"), "office", ReportReason::Abuse, None), 1, "the same key");
    assert_eq!(report(Some("bob"), "home", ReportReason::Abuse, None), 1, "the same network");
    assert_eq!(report(None, "home", ReportReason::Abuse, None), 1);
    assert_eq!(report(None, "school", ReportReason::PrivateData, None), 2);
    assert_eq!(report(Some("eve"), "tor", ReportReason::Spam, Some("Spam")), 3);
    for number in 0..150 {
        report(None, &format!("network {number}"), ReportReason::Other, None);
    }
    let details = &ledger.list_comments(CommentFilter::Reported, None, 9).unwrap().items[0];
    let reports = serde_json::to_string(details.reports.as_ref().unwrap()).unwrap();
    assert_eq!(
        reports,
        r#"{"count":100,"reasons":{"spam":2,"private_data":1,"other":97},"texts":["It sells pills","Spam"]}"#
    );
    assert!(serde_json::to_string(details).unwrap().contains(&format!("\"reports\":{reports}")));
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().version, 1, "readers see nothing of it");
    erase(&database, id);
    assert_eq!(ledger.list_comments(CommentFilter::Reported, None, 9).unwrap().items, []);
    assert!(!format!("{:?}", database.dump()).contains("It sells pills"), "what it says of the comment goes with it");
}

#[test]
fn networks_of_reports_are_pruned_after_the_next_day() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &root_comment(1));
    ledger.report(of_a(id), &new_report(&network()), NOW).unwrap();
    let end = (NOW / 86_400 + 2) * 86_400;
    assert_eq!(ledger.next_prune(9), Ok(Some(end)));
    assert_eq!((ledger.prune(end - 1, 9).unwrap().reports, ledger.prune(end, 9).unwrap().reports), (0, 1));
    assert_eq!(database.query_integer("SELECT count(*) FROM report WHERE network IS NULL"), 1);
    assert_eq!(ledger.next_prune(9), Ok(None));
}

#[test]
fn each_author_has_one_reaction_to_a_post() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let react = |author: &str, reaction| ledger.react(&url("a"), author, reaction, NOW).map(|reply| reply.reactions);
    let counts = |up: u32, party: u32| Ok(vec![("👍".to_owned(), up), ("🎉".to_owned(), party)]);
    assert_eq!(react("ada", Some("👍")), Err(Refusal::UnknownReaction.into()), "they are off by default");
    assert_eq!(database.query_integer("SELECT count(*) FROM thread"), 0);
    offer(&ledger, "👍 🎉");
    assert_eq!(react("ada", None), counts(0, 0));
    assert_eq!(database.query_integer("SELECT count(*) FROM thread"), 0, "nothing to remember");
    assert_eq!(react("ada", Some("👍")), counts(1, 0));
    assert_eq!(react("ada", Some("👍")), counts(1, 0));
    assert_eq!(react("bob", Some("🎉")), counts(1, 1));
    assert_eq!(react("ada", Some("🎉")), counts(0, 2));
    assert_eq!(react("eve", Some("❤️")), Err(Refusal::UnknownReaction.into()));
    assert_eq!(react("bob", None), counts(0, 1));
    let page = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((Ok(page.reactions), page.count, page.version), (counts(0, 1), 0, 4));
    assert_changes_are_counted(&database);
    // What the site does not offer any more is not shown, and can still be taken back.
    offer(&ledger, "👍");
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().reactions, [("👍".to_owned(), 0)]);
    assert_eq!(react("ada", None), Ok(vec![("👍".to_owned(), 0)]));
    assert_eq!(database.query_integer("SELECT count(*) FROM reaction"), 0);
    assert_changes_are_counted(&database);
}

#[test]
fn votes_and_reactions_are_published_once_in_a_minute() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &root_comment(1));
    offer(&ledger, "👍");
    let publish = |now| {
        let due = ledger.due_threads_after(0, now, 9).unwrap();
        due.iter().for_each(|due| ledger.mark_published(due).unwrap());
        due.iter().map(|due| (due.pages.len(), due.deferred)).collect::<Vec<_>>()
    };
    assert_eq!(publish(NOW), [(1, false)]);
    for second in 0..60 {
        ledger.vote_below(of_a(id), &second.to_string(), Vote::For, NOW + second).unwrap();
        ledger.react(&url("a"), &second.to_string(), Some("👍"), NOW + second).unwrap();
        assert_eq!(publish(NOW + second), []);
    }
    assert_eq!(publish(NOW + 60), [(1, true)], "one write for a hundred and twenty interactions");
    assert_eq!(publish(NOW + 9_999), []);
}

const LIMITS: [InteractionLimit; 6] = [
    limit(InteractionKind::Opinion, LimitScope::Author, 2, 60),
    limit(InteractionKind::Opinion, LimitScope::Network, 3, 60),
    limit(InteractionKind::Opinion, LimitScope::Block, 4, 60),
    limit(InteractionKind::Opinion, LimitScope::Site, 20, 86_400),
    limit(InteractionKind::Own, LimitScope::Author, 1, 60),
    limit(InteractionKind::Own, LimitScope::Site, 1_000, 86_400),
];

const fn limit(kind: InteractionKind, scope: LimitScope, max: u32, window_seconds: u32) -> InteractionLimit {
    InteractionLimit { kind, scope, max, window_seconds }
}

/// Seconds to wait for another vote.
fn retry_after(ledger: &Ledger<&TestDatabase>, author: Option<&str>, network: Option<&str>, now: i64) -> u32 {
    let mut network = network.map(named_network);
    if let Some(network) = &mut network {
        let block = network.today.network.starts_with('v').then(|| "block".to_owned());
        (network.today.block, network.yesterday.block) = (block.clone(), block);
    }
    let sender = InteractionSender { author, network: network.as_ref() };
    match ledger.count_interaction(InteractionKind::Opinion, sender, &LIMITS, now) {
        Ok(()) => 0,
        Err(LedgerError::TooMany { seconds }) => seconds,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn interactions_of_authors_networks_and_blocks_are_limited() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let waits = [
        retry_after(&ledger, Some("ada"), Some("one"), NOW),
        retry_after(&ledger, Some("ada"), Some("two"), NOW + 10),
        retry_after(&ledger, Some("ada"), Some("three"), NOW + 20),
        retry_after(&ledger, Some("bob"), Some("one"), NOW + 20),
        retry_after(&ledger, None, Some("one"), NOW + 20),
        retry_after(&ledger, None, Some("one"), NOW + 20),
        retry_after(&ledger, Some("ada"), Some("one"), NOW + 60),
    ];
    assert_eq!(waits, [0, 0, 40, 0, 0, 40, 0]);
    let of_block: Vec<u32> =
        (0..6).map(|number| retry_after(&ledger, None, Some(&format!("v{number}")), NOW + 200)).collect();
    assert_eq!(of_block, [0, 0, 0, 0, 60, 60]);
    // Another kind is counted apart, and without limits nothing is.
    let sender = InteractionSender { author: Some("ada"), network: None };
    assert_eq!(ledger.count_interaction(InteractionKind::Own, sender, &LIMITS, NOW + 200), Ok(()));
    assert!(ledger.count_interaction(InteractionKind::Own, sender, &LIMITS, NOW + 200).is_err());
    assert_eq!(ledger.count_interaction(InteractionKind::Own, sender, &[], NOW + 200), Ok(()));
}

#[test]
fn the_daily_number_of_a_site_survives_an_eviction() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let count = |ledger: &Ledger<&TestDatabase>, now: i64| {
        (0..40).filter(|number| retry_after(ledger, Some(&number.to_string()), None, now) == 0).count()
    };
    assert_eq!((0..10).filter(|number| retry_after(&ledger, Some(&number.to_string()), None, NOW) == 0).count(), 10);
    // Eight of them are stored.
    let ledger = database.ledger();
    assert_eq!((count(&ledger, NOW), count(&ledger, NOW + 1)), (12, 0));
    let midnight = (NOW / 86_400 + 1) * 86_400;
    assert_eq!(i64::from(retry_after(&ledger, Some("x"), None, NOW + 1)), midnight - NOW - 1);
    assert_eq!(count(&ledger, midnight), 20);
    assert_eq!(count(&database.ledger(), midnight + 61), 4, "sixteen are stored");
}
