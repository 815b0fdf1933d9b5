//! What keeps a site clean: proofs that are spent once, limits, signals, muted words and bans.

use afterword_ledger::{
    Action, BanKind, BanMatcher, BanTarget, ClientNetwork, CommentFilter, Ledger, LedgerError, MutedWordMatcher,
    PatternCompiler, ProofStatus, SettingChange, SubmissionPolicy, VerifiedComment,
};
use afterword_model::{CommentId, LimitScope, Moderation, NetworkIds, RateLimit, Refusal, Status};

use crate::fixtures::{NOW, Store, act, approve, entry, erase, post, stamp, url, uuid};

pub(crate) const DAY: i64 = 24 * 3600;
const LIMITS: [RateLimit; 8] = [
    RateLimit {
        scope: LimitScope::Author,
        with_proof: true,
        max_posts: 2,
        suspicious_from: u32::MAX,
        window_seconds: 10,
    },
    RateLimit { scope: LimitScope::Author, with_proof: true, max_posts: 6, suspicious_from: 4, window_seconds: 100 },
    RateLimit {
        scope: LimitScope::Network,
        with_proof: true,
        max_posts: 5,
        suspicious_from: u32::MAX,
        window_seconds: 10,
    },
    RateLimit {
        scope: LimitScope::Site,
        with_proof: true,
        max_posts: 20,
        suspicious_from: u32::MAX,
        window_seconds: 1_000,
    },
    RateLimit {
        scope: LimitScope::Block,
        with_proof: true,
        max_posts: 12,
        suspicious_from: u32::MAX,
        window_seconds: 10,
    },
    RateLimit {
        scope: LimitScope::Network,
        with_proof: false,
        max_posts: 2,
        suspicious_from: u32::MAX,
        window_seconds: 10,
    },
    RateLimit {
        scope: LimitScope::Block,
        with_proof: false,
        max_posts: 3,
        suspicious_from: u32::MAX,
        window_seconds: 10,
    },
    RateLimit {
        scope: LimitScope::Site,
        with_proof: false,
        max_posts: 4,
        suspicious_from: u32::MAX,
        window_seconds: 100,
    },
];

/// Compares to the letter, and takes a `*` at the end of a name for anything.
struct Letters;

impl PatternCompiler for Letters {
    fn compile_muted_words(&self, list: &str) -> MutedWordMatcher {
        let list = list.to_owned();
        Box::new(move |entry, title| {
            list.lines().find(|word| entry.source.contains(word) || title.contains(word)).map(str::to_owned)
        })
    }

    fn compile_ban(&self, kind: BanKind, pattern: &str) -> BanMatcher {
        let pattern = pattern.to_owned();
        Box::new(move |entry| match kind {
            BanKind::Name => {
                pattern.strip_suffix('*').map_or(entry.name == pattern, |start| entry.name.starts_with(start))
            }
            BanKind::Email => entry.email.as_ref() == Some(&pattern),
            BanKind::Author | BanKind::Network => panic!("not asked about {kind:?}"),
        })
    }
}

pub(crate) const RULES: SubmissionPolicy<'static> =
    SubmissionPolicy { moderation: Moderation::Open, limits: &LIMITS, patterns: Some(&Letters) };

/// By an author, from a network of its own.
pub(crate) fn by(author: &str, number: u32) -> VerifiedComment {
    VerifiedComment { author: Some(stamp(author)), ..from(&format!("net{number}"), number) }
}

pub(crate) fn seals(network: &str, block: Option<&str>, day: &str) -> NetworkIds {
    NetworkIds { network: format!("{network}-{day}"), block: block.map(|block| format!("{block}-{day}")) }
}

pub(crate) fn from(network: &str, number: u32) -> VerifiedComment {
    let sender = ClientNetwork { today: seals(network, None, "today"), yesterday: seals(network, None, "yesterday") };
    VerifiedComment { network: Some(sender), ..entry(number) }
}

/// From a network of this number in a block.
pub(crate) fn within(block: &str, network: u32, number: u32) -> VerifiedComment {
    let of = |day| seals(&format!("{block}-{network}"), Some(block), day);
    VerifiedComment { network: Some(ClientNetwork { today: of("today"), yesterday: of("yesterday") }), ..entry(number) }
}

/// Submits, and says for how many seconds it is too many; 0 if it is taken.
#[track_caller]
pub(crate) fn wait(ledger: &Ledger<&Store>, entry: &VerifiedComment, now: i64) -> u32 {
    match ledger.submit(entry, RULES, now) {
        Ok(outcome) => {
            assert!(!outcome.repeat);
            0
        }
        Err(LedgerError::TooMany { seconds }) => seconds,
        Err(other) => panic!("{other}"),
    }
}

fn signals(store: &Store, id: CommentId) -> Vec<String> {
    [CommentFilter::Pending, CommentFilter::Published]
        .into_iter()
        .flat_map(|listed| store.ledger().list_comments(listed, None, 1_000).unwrap().items)
        .find(|full| full.comment.id == id)
        .unwrap()
        .signals
}

/// Submits, and gives how it stands and what is suspicious about it.
#[track_caller]
pub(crate) fn found(store: &Store, entry: &VerifiedComment, now: i64) -> (Status, Vec<String>) {
    let posted = store.ledger().submit(entry, RULES, now).unwrap().posted;
    (posted.status, signals(store, posted.comment.id))
}

#[test]
fn a_proof_is_spent_once() {
    let store = Store::new();
    let proven = |number| VerifiedComment { proof: ProofStatus::Nonce("aa".to_owned()), ..entry(number) };
    store.ledger().submit(&proven(1), RULES, NOW).unwrap();
    let before = store.dump();
    // In the instance that took it, in one that begins anew, and on another thread.
    for ledger in [store.ledger(), store.ledger()] {
        for other in [proven(2), VerifiedComment { url: url("b"), ..proven(3) }] {
            assert_eq!(ledger.submit(&other, RULES, NOW + 3_600).err(), Some(Refusal::ProofSpent.into()));
        }
        let again = ledger.submit(&proven(1), RULES, NOW + 3_600).unwrap();
        assert!(again.repeat && again.posted.comment.id == CommentId::new(1));
    }
    assert_eq!(store.dump(), before);
    let other_content = VerifiedComment { fingerprint: "other".to_owned(), ..proven(1) };
    assert_eq!(store.ledger().submit(&other_content, RULES, NOW).err(), Some(Refusal::IdReused.into()));
    assert_eq!(
        wait(&store.ledger(), &VerifiedComment { proof: ProofStatus::Nonce("ab".to_owned()), ..entry(4) }, NOW),
        0
    );
}

#[test]
fn what_is_refused_spends_no_proof() {
    let store = Store::new();
    let ledger = store.ledger();
    let proven =
        VerifiedComment { proof: ProofStatus::Nonce("aa".to_owned()), parent: Some(CommentId::new(9)), ..entry(1) };
    assert_eq!(ledger.submit(&proven, RULES, NOW).err(), Some(Refusal::UnknownParent.into()));
    assert_eq!(wait(&ledger, &VerifiedComment { parent: None, ..proven }, NOW), 0);
}

#[test]
fn an_author_posts_so_often_and_not_more() {
    let store = Store::new();
    let ledger = store.ledger();
    assert_eq!(wait(&ledger, &by("ada", 1), NOW), 0);
    assert_eq!(wait(&ledger, &by("ada", 2), NOW + 4), 0);
    assert_eq!(wait(&ledger, &by("ada", 3), NOW + 4), 6, "until the first is ten seconds old");
    assert_eq!(wait(&ledger, &by("ada", 3), NOW + 9), 1);
    assert_eq!(wait(&ledger, &by("bob", 4), NOW + 9), 0, "others are not kept waiting");
    assert_eq!(wait(&ledger, &entry(5), NOW + 9), 0, "nor is nobody");
    assert_eq!(wait(&ledger, &by("ada", 3), NOW + 10), 0);
    // An instance that begins anew counts the same.
    assert_eq!(wait(&store.ledger(), &by("ada", 6), NOW + 10), 4);
    // A repeat is no post.
    assert!(ledger.submit(&by("ada", 3), RULES, NOW + 10).unwrap().repeat);
}

#[test]
fn the_longest_wait_is_told() {
    let store = Store::new();
    let ledger = store.ledger();
    for number in 0..6_u32 {
        assert_eq!(wait(&ledger, &by("ada", number), NOW + i64::from(number) * 10), 0);
    }
    assert_eq!(wait(&ledger, &by("ada", 9), NOW + 51), 49);
    assert_eq!(wait(&ledger, &by("ada", 9), NOW + 99), 1);
    assert_eq!(wait(&ledger, &by("ada", 9), NOW + 100), 0);
}

#[test]
fn a_network_is_known_again_after_midnight() {
    let store = Store::new();
    let ledger = store.ledger();
    for number in 0..5 {
        assert_eq!(wait(&ledger, &from("net", number), NOW), 0);
    }
    assert_eq!(wait(&ledger, &from("net", 9), NOW + 1), 9);
    assert_eq!(wait(&ledger, &from("other", 10), NOW + 1), 0);
    let sender = ClientNetwork { today: seals("net", None, "tomorrow"), yesterday: seals("net", None, "today") };
    let tomorrow = VerifiedComment { network: Some(sender), ..entry(11) };
    assert_eq!(wait(&ledger, &tomorrow, NOW + 2), 8);
    assert_eq!(wait(&ledger, &tomorrow, NOW + 10), 0);
}

#[test]
fn a_site_takes_so_many_from_whomever() {
    let store = Store::new();
    let ledger = store.ledger();
    for number in 0..20 {
        assert_eq!(wait(&ledger, &from(&number.to_string(), number), NOW), 0);
    }
    assert_eq!(wait(&ledger, &from("new", 99), NOW + 1), 999);
    assert_eq!(ledger.count_recent(60, NOW + 1), Ok(20));
    assert_eq!(ledger.count_recent(60, NOW + 60), Ok(0));
    assert_eq!(store.ledger().count_recent(1_000, NOW + 60), Ok(20));
    // Without limits nothing is counted.
    assert!(ledger.submit(&entry(100), Moderation::Open, NOW).is_ok());
}

#[test]
fn what_was_imported_long_ago_hides_nothing() {
    let store = Store::new();
    let ledger = store.ledger();
    assert_eq!(wait(&ledger, &by("ada", 1), NOW), 0);
    assert_eq!(wait(&ledger, &by("ada", 2), NOW), 0);
    // Comments of old, with larger numbers than those.
    store.run(
        "WITH RECURSIVE number (id) AS (SELECT 3 UNION ALL SELECT id + 1 FROM number WHERE id < 1000) \
         INSERT INTO comment (id, thread, status, uuid, fingerprint, name, source, html, renderer, created) \
         SELECT id, 1, 0, 'uuid ' || id, '', '', '', '', 1, 1 FROM number",
        &[],
    );
    assert_eq!(wait(&ledger, &by("ada", 9_001), NOW + 1), 9);
    assert_eq!(wait(&ledger, &by("bob", 9_002), NOW + 1), 0);
    assert_eq!(wait(&ledger, &by("bob", 9_003), NOW + 1), 0);
    assert_eq!(wait(&ledger, &by("bob", 9_004), NOW + 1), 10);
}

#[test]
fn what_is_suspicious_waits_and_says_why() {
    let store = Store::new();
    let sent = VerifiedComment { signals: vec!["too_fast:2".to_owned(), "no_proof".to_owned()], ..by("ada", 1) };
    let expected = vec!["too_fast:2".to_owned(), "no_proof".to_owned(), "first_comment".to_owned()];
    assert_eq!(found(&store, &sent, NOW), (Status::Pending, expected));
    // Nothing is dropped for its form.
    let odd = ["Odd Word", "", "x:a\nb", &format!("y:{}", "ü".repeat(1_000))].map(str::to_owned);
    let (status, stored) = found(&store, &VerifiedComment { signals: odd.into(), ..entry(2) }, NOW);
    assert_eq!(
        (status, stored.len(), stored[..3].to_vec()),
        (Status::Pending, 4, ["ddord", "other", "x:ab"].map(str::to_owned).to_vec())
    );
    assert!(stored[3].len() <= 640 && stored[3].starts_with("y:ü"), "{}", stored[3].len());
}

#[test]
fn the_first_comment_of_an_author_says_so_and_is_the_policys_to_hold() {
    let store = Store::new();
    let first = vec!["first_comment".to_owned()];
    assert_eq!(found(&store, &by("ada", 1), NOW), (Status::Published, first));
    assert_eq!(found(&store, &by("ada", 2), NOW), (Status::Published, vec![]));
    assert_eq!(found(&store, &entry(3), NOW), (Status::Published, vec![]));
}

#[test]
fn many_posts_are_suspicious_before_they_are_too_many() {
    let store = Store::new();
    for number in 0..4_u32 {
        assert_eq!(found(&store, &by("ada", number), NOW + i64::from(number) * 10).0, Status::Published);
    }
    let (status, signals) = found(&store, &by("ada", 9), NOW + 50);
    assert_eq!((status, signals), (Status::Pending, vec!["many:author".to_owned()]));
}

#[test]
fn the_same_text_within_a_day_is_suspicious_on_any_thread() {
    let store = Store::new();
    let says = |likeness: &str, number: u32| VerifiedComment {
        duplicate_key: Some(likeness.to_owned()),
        url: url(&number.to_string()),
        ..entry(number)
    };
    assert_eq!(found(&store, &says("a", 1), NOW).0, Status::Published);
    assert_eq!(found(&store, &says("b", 2), NOW).0, Status::Published);
    let repeated = (Status::Pending, vec!["repeated".to_owned()]);
    assert_eq!(found(&store, &says("a", 3), NOW + 1), repeated);
    assert_eq!(found(&store, &says("a", 4), NOW + DAY - 1), repeated);
    assert_eq!(found(&store, &says("b", 5), NOW + DAY).0, Status::Published);
    // What was erased says nothing any more.
    for id in [1, 3, 4] {
        erase(&store, CommentId::new(id));
    }
    assert_eq!(found(&store, &says("a", 6), NOW + 10), (Status::Published, vec![]));
}

#[test]
fn muted_words_hold() {
    let store = Store::new();
    let ledger = store.ledger();
    ledger.update_setting(&SettingChange::Muted("pills\nText 7".to_owned()), &act(), NOW).unwrap();
    assert_eq!(found(&store, &entry(6), NOW), (Status::Published, vec![]));
    assert_eq!(found(&store, &entry(7), NOW), (Status::Pending, vec!["muted_word:Text 7".to_owned()]));
    assert!(
        ledger.submit(&entry(77), Moderation::Open, NOW).unwrap().posted.status == Status::Published,
        "nobody compares"
    );
    ledger.update_setting(&SettingChange::Muted(String::new()), &act(), NOW).unwrap();
    assert_eq!(ledger.settings().unwrap().muted, None);
    assert_eq!(found(&store, &entry(71), NOW), (Status::Published, vec![]));
    for (list, refusal) in
        [("a".repeat(16 * 1024 + 1), Refusal::TextTooLong), (" a\r\n".to_owned(), Refusal::BadCharacter)]
    {
        assert_eq!(ledger.update_setting(&SettingChange::Muted(list), &act(), NOW).err(), Some(refusal.into()));
    }
}

#[test]
fn the_banned_wait_and_are_told_nothing() {
    let store = Store::new();
    let ledger = store.ledger();
    let spam = VerifiedComment {
        author: Some(stamp("eve")),
        name: "Dr. Spam".to_owned(),
        email: Some("eve@spam.example".to_owned()),
        ..from("net", 1)
    };
    let id = post(&ledger, &spam);
    approve(&store, id);
    let expected = [
        (
            BanTarget::Author(BanKind::Author, id),
            vec!["banned:author", "first_comment"],
            VerifiedComment { author: spam.author.clone(), ..entry(10) },
        ),
        (BanTarget::Author(BanKind::Network, id), vec!["banned:network"], from("net", 11)),
        (
            BanTarget::Pattern(BanKind::Name, "Dr.*"),
            vec!["banned:name"],
            VerifiedComment { name: "Dr. Eve".to_owned(), ..entry(12) },
        ),
        (
            BanTarget::Author(BanKind::Email, id),
            vec!["banned:email"],
            VerifiedComment { email: spam.email.clone(), ..entry(13) },
        ),
    ];
    for ((banned, expected, sent), now) in expected.into_iter().zip((NOW + 100..).step_by(10)) {
        let bans = ledger.ban(banned, None, &act(), NOW).unwrap();
        assert_eq!(bans.len(), 1);
        let (status, signals) = found(&store, &sent, now);
        assert_eq!((status, signals.iter().map(String::as_str).collect()), (Status::Pending, expected));
        let made = afterword_model::SubmissionId::parse(&bans[0].id).unwrap();
        assert_eq!(ledger.lift_ban(&made, &act(), NOW).unwrap(), []);
        assert_eq!(ledger.lift_ban(&made, &act(), NOW).unwrap(), []);
        let free = VerifiedComment { id: uuid(9_000 + sent.id.to_string().as_bytes()[35] as u32), ..sent };
        assert_eq!(found(&store, &free, now).0, Status::Published);
    }
    let log: Vec<_> = ledger
        .list_audit_log(None, 99)
        .unwrap()
        .items
        .into_iter()
        .map(|audited| (audited.action, audited.target))
        .collect();
    assert_eq!(log[0], (Action::Unban, "email eve@spam.example".to_owned()));
    assert_eq!(log[4], (Action::Unban, "network".to_owned()), "no seal is kept for good");
    assert_eq!(log.iter().filter(|(deed, _)| *deed == Action::Ban).count(), 4);
}

#[test]
fn a_ban_ends() {
    let store = Store::new();
    let ledger = store.ledger();
    let sent = |number| VerifiedComment { name: "Eve".to_owned(), ..entry(number) };
    ledger.ban(BanTarget::Pattern(BanKind::Name, "Eve"), Some(NOW + 100), &act(), NOW).unwrap();
    assert_eq!(found(&store, &sent(1), NOW + 99).0, Status::Pending);
    assert_eq!(found(&store, &sent(2), NOW + 100).0, Status::Published);
    let longer = ledger.ban(BanTarget::Pattern(BanKind::Name, "Eve"), Some(NOW + 200), &act(), NOW + 100).unwrap();
    assert_eq!((longer.len(), longer[0].until), (1, Some(NOW + 200)));
    assert_eq!(found(&store, &sent(3), NOW + 199).0, Status::Pending);
    // One that ends by itself is cleared away.
    assert_eq!(ledger.prune(NOW + 199, 10).unwrap().bans, 0);
    assert_eq!(ledger.prune(NOW + 200, 10).unwrap().bans, 1);
    assert_eq!(ledger.list_bans().unwrap(), []);
}

#[test]
fn a_ban_of_a_network_ends_with_the_day_after_the_comment() {
    let store = Store::new();
    let ledger = store.ledger();
    let id = post(&ledger, &from("net", 1));
    let end = (NOW.div_euclid(DAY) + 2) * DAY;
    for until in [None, Some(end + 1), Some(i64::MAX)] {
        assert_eq!(
            ledger.ban(BanTarget::Author(BanKind::Network, id), until, &act(), NOW).unwrap()[0].until,
            Some(end)
        );
    }
    assert_eq!(
        ledger.ban(BanTarget::Author(BanKind::Network, id), Some(NOW + 1), &act(), NOW).unwrap()[0].until,
        Some(NOW + 1)
    );
}

#[test]
fn bans_that_cannot_be() {
    let store = Store::new();
    let ledger = store.ledger();
    let id = post(&ledger, &entry(1));
    let long = "a".repeat(513);
    let check = |banned, refusal: Refusal| {
        assert_eq!(ledger.ban(banned, None, &act(), NOW).err(), Some(refusal.into()), "{banned:?}")
    };
    for kind in [BanKind::Author, BanKind::Network, BanKind::Email] {
        check(BanTarget::Author(kind, id), Refusal::UnknownComment);
        check(BanTarget::Author(kind, CommentId::new(9)), Refusal::UnknownComment);
    }
    check(BanTarget::Pattern(BanKind::Network, "seal"), Refusal::BadQuery);
    for pattern in ["", " ", "a\nb", " a", &long] {
        check(BanTarget::Pattern(BanKind::Name, pattern), Refusal::BadQuery);
    }
    for number in 0..500 {
        let pattern = number.to_string();
        ledger.ban(BanTarget::Pattern(BanKind::Name, &pattern), None, &act(), NOW).unwrap();
    }
    check(BanTarget::Pattern(BanKind::Name, "one more"), Refusal::ListFull);
    assert_eq!(ledger.ban(BanTarget::Pattern(BanKind::Name, "7"), Some(1), &act(), NOW).unwrap().len(), 500);
}

#[test]
fn an_act_of_banning_is_done_once() {
    let store = Store::new();
    let ledger = store.ledger();
    let ban = act();
    let bans = ledger.ban(BanTarget::Pattern(BanKind::Name, "Eve"), None, &ban, NOW).unwrap();
    assert_eq!((bans[0].id.as_str(), bans[0].by.as_str()), (ban.id.to_string().as_str(), "grace"));
    ledger.lift_ban(&ban.id, &act(), NOW).unwrap();
    assert_eq!(ledger.ban(BanTarget::Pattern(BanKind::Name, "Eve"), None, &ban, NOW).unwrap(), []);
    let json = serde_json::to_string(&bans[0]).unwrap();
    let expected =
        format!(r#"{{"id":"{}","kind":"name","pattern":"Eve","until":null,"at":1321000000,"by":"grace"}}"#, ban.id);
    assert_eq!(json, expected);
}

#[test]
fn networks_are_forgotten_after_the_next_day() {
    let store = Store::new();
    let midnight = (NOW.div_euclid(DAY) + 1) * DAY;
    let ledger = store.ledger();
    for (number, at) in [(1, NOW), (2, midnight - 1), (3, midnight), (4, midnight + 5)] {
        ledger.submit(&if number == 2 { entry(2) } else { from("net", number) }, Moderation::Open, at).unwrap();
    }
    ledger.submit(&from("net", 5), Moderation::All, midnight - 1).unwrap();
    let known = || store.run("SELECT id FROM comment WHERE network IS NOT NULL", &[]).len();
    let prune = |now, limit| {
        let (mut pruned, mut turns) = (0, 0);
        loop {
            let done = ledger.prune(now, limit).unwrap();
            assert!(done.networks <= limit);
            (pruned, turns) = (pruned + done.networks, turns + 1);
            if !done.more {
                return (pruned, turns);
            }
        }
    };
    assert_eq!((prune(midnight - 1, 2).0, known()), (0, 4));
    assert_eq!((prune(midnight + DAY - 1, 2).0, known()), (0, 4));
    // What came in late but is older waits for what is before it: by then its own day is over, too.
    assert_eq!((prune(midnight + DAY, 2).0, known()), (1, 3));
    assert_eq!(prune(midnight + 2 * DAY, 2), (3, 2));
    assert_eq!(known(), 0);
    let before = store.dump();
    assert_eq!(prune(midnight + 3 * DAY, 100), (0, 1));
    assert_eq!(store.dump(), before);
}
