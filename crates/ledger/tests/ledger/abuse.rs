//! What keeps a site clean: proofs that are spent once, limits, signals, muted words and bans.

use afterword_ledger::{
    BanKind, Banned, Deed, Entry, Ledger, LedgerError, Listed, Muted, Proof, Rules, Sender, SettingsChange, Suspect,
    Watch,
};
use afterword_model::{CommentId, Limit, Moderation, Refusal, Seals, Status, Who};

use crate::setup::{NOW, Store, act, approve, entry, erase, post, stamp, url, uuid};

pub(crate) const DAY: i64 = 24 * 3600;
const LIMITS: [Limit; 8] = [
    Limit { who: Who::Author, proven: true, posts: 2, many: u32::MAX, seconds: 10 },
    Limit { who: Who::Author, proven: true, posts: 6, many: 4, seconds: 100 },
    Limit { who: Who::Network, proven: true, posts: 5, many: u32::MAX, seconds: 10 },
    Limit { who: Who::Site, proven: true, posts: 20, many: u32::MAX, seconds: 1_000 },
    Limit { who: Who::Block, proven: true, posts: 12, many: u32::MAX, seconds: 10 },
    Limit { who: Who::Network, proven: false, posts: 2, many: u32::MAX, seconds: 10 },
    Limit { who: Who::Block, proven: false, posts: 3, many: u32::MAX, seconds: 10 },
    Limit { who: Who::Site, proven: false, posts: 4, many: u32::MAX, seconds: 100 },
];

/// Compares to the letter, and takes a `*` at the end of a name for anything.
struct Letters;

impl Watch for Letters {
    fn muted(&self, list: &str) -> Muted {
        let list = list.to_owned();
        Box::new(move |entry, title| {
            list.lines().find(|word| entry.source.contains(word) || title.contains(word)).map(str::to_owned)
        })
    }

    fn banned(&self, kind: BanKind, pattern: &str) -> Suspect {
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

pub(crate) const RULES: Rules<'static> = Rules { moderation: Moderation::Open, limits: &LIMITS, watch: Some(&Letters) };

/// By an author, from a network of its own.
pub(crate) fn by(author: &str, number: u32) -> Entry {
    Entry { author: Some(stamp(author)), ..from(&format!("net{number}"), number) }
}

pub(crate) fn seals(network: &str, block: Option<&str>, day: &str) -> Seals {
    Seals { network: format!("{network}-{day}"), block: block.map(|block| format!("{block}-{day}")) }
}

pub(crate) fn from(network: &str, number: u32) -> Entry {
    let sender = Sender { today: seals(network, None, "today"), yesterday: seals(network, None, "yesterday") };
    Entry { sender: Some(sender), ..entry(number) }
}

/// From a network of this number in a block.
pub(crate) fn within(block: &str, network: u32, number: u32) -> Entry {
    let of = |day| seals(&format!("{block}-{network}"), Some(block), day);
    Entry { sender: Some(Sender { today: of("today"), yesterday: of("yesterday") }), ..entry(number) }
}

/// Submits, and says for how many seconds it is too many; 0 if it is taken.
#[track_caller]
pub(crate) fn wait(ledger: &Ledger<&Store>, entry: &Entry, now: i64) -> u32 {
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
    [Listed::Pending, Listed::Published]
        .into_iter()
        .flat_map(|listed| store.ledger().comments(listed, None, 1_000).unwrap().items)
        .find(|full| full.comment.id == id)
        .unwrap()
        .signals
}

/// Submits, and gives how it stands and what is suspicious about it.
#[track_caller]
pub(crate) fn found(store: &Store, entry: &Entry, now: i64) -> (Status, Vec<String>) {
    let posted = store.ledger().submit(entry, RULES, now).unwrap().posted;
    (posted.status, signals(store, posted.comment.id))
}

#[test]
fn a_proof_is_spent_once() {
    let store = Store::new();
    let proven = |number| Entry { proof: Proof::Nonce("aa".to_owned()), ..entry(number) };
    store.ledger().submit(&proven(1), RULES, NOW).unwrap();
    let before = store.dump();
    // In the instance that took it, in one that begins anew, and on another thread.
    for ledger in [store.ledger(), store.ledger()] {
        for other in [proven(2), Entry { url: url("b"), ..proven(3) }] {
            assert_eq!(ledger.submit(&other, RULES, NOW + 3_600).err(), Some(Refusal::ProofSpent.into()));
        }
        let again = ledger.submit(&proven(1), RULES, NOW + 3_600).unwrap();
        assert!(again.repeat && again.posted.comment.id == CommentId::new(1));
    }
    assert_eq!(store.dump(), before);
    let other_content = Entry { fingerprint: "other".to_owned(), ..proven(1) };
    assert_eq!(store.ledger().submit(&other_content, RULES, NOW).err(), Some(Refusal::IdReused.into()));
    assert_eq!(wait(&store.ledger(), &Entry { proof: Proof::Nonce("ab".to_owned()), ..entry(4) }, NOW), 0);
}

#[test]
fn what_is_refused_spends_no_proof() {
    let store = Store::new();
    let ledger = store.ledger();
    let proven = Entry { proof: Proof::Nonce("aa".to_owned()), parent: Some(CommentId::new(9)), ..entry(1) };
    assert_eq!(ledger.submit(&proven, RULES, NOW).err(), Some(Refusal::UnknownParent.into()));
    assert_eq!(wait(&ledger, &Entry { parent: None, ..proven }, NOW), 0);
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
    let sender = Sender { today: seals("net", None, "tomorrow"), yesterday: seals("net", None, "today") };
    let tomorrow = Entry { sender: Some(sender), ..entry(11) };
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
    assert_eq!(ledger.recent(60, NOW + 1), Ok(20));
    assert_eq!(ledger.recent(60, NOW + 60), Ok(0));
    assert_eq!(store.ledger().recent(1_000, NOW + 60), Ok(20));
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
    let sent = Entry { signals: vec!["too_fast:2".to_owned(), "no_proof".to_owned()], ..by("ada", 1) };
    let expected = vec!["too_fast:2".to_owned(), "no_proof".to_owned(), "first_comment".to_owned()];
    assert_eq!(found(&store, &sent, NOW), (Status::Pending, expected));
    // Nothing is dropped for its form.
    let odd = ["Odd Word", "", "x:a\nb", &format!("y:{}", "ü".repeat(1_000))].map(str::to_owned);
    let (status, stored) = found(&store, &Entry { signals: odd.into(), ..entry(2) }, NOW);
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
    let says = |likeness: &str, number: u32| Entry {
        likeness: Some(likeness.to_owned()),
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
    ledger.set(&SettingsChange::Muted("pills\nText 7".to_owned()), &act(), NOW).unwrap();
    assert_eq!(found(&store, &entry(6), NOW), (Status::Published, vec![]));
    assert_eq!(found(&store, &entry(7), NOW), (Status::Pending, vec!["muted_word:Text 7".to_owned()]));
    assert!(
        ledger.submit(&entry(77), Moderation::Open, NOW).unwrap().posted.status == Status::Published,
        "nobody compares"
    );
    ledger.set(&SettingsChange::Muted(String::new()), &act(), NOW).unwrap();
    assert_eq!(ledger.settings().unwrap().muted, None);
    assert_eq!(found(&store, &entry(71), NOW), (Status::Published, vec![]));
    for (list, refusal) in
        [("a".repeat(16 * 1024 + 1), Refusal::TextTooLong), (" a\r\n".to_owned(), Refusal::BadCharacter)]
    {
        assert_eq!(ledger.set(&SettingsChange::Muted(list), &act(), NOW).err(), Some(refusal.into()));
    }
}

#[test]
fn the_banned_wait_and_are_told_nothing() {
    let store = Store::new();
    let ledger = store.ledger();
    let spam = Entry {
        author: Some(stamp("eve")),
        name: "Dr. Spam".to_owned(),
        email: Some("eve@spam.example".to_owned()),
        ..from("net", 1)
    };
    let id = post(&ledger, &spam);
    approve(&store, id);
    let expected = [
        (
            Banned::Author(BanKind::Author, id),
            vec!["banned:author", "first_comment"],
            Entry { author: spam.author.clone(), ..entry(10) },
        ),
        (Banned::Author(BanKind::Network, id), vec!["banned:network"], from("net", 11)),
        (
            Banned::Pattern(BanKind::Name, "Dr.*"),
            vec!["banned:name"],
            Entry { name: "Dr. Eve".to_owned(), ..entry(12) },
        ),
        (Banned::Author(BanKind::Email, id), vec!["banned:email"], Entry { email: spam.email.clone(), ..entry(13) }),
    ];
    for ((banned, expected, sent), now) in expected.into_iter().zip((NOW + 100..).step_by(10)) {
        let bans = ledger.ban(banned, None, &act(), NOW).unwrap();
        assert_eq!(bans.len(), 1);
        let (status, signals) = found(&store, &sent, now);
        assert_eq!((status, signals.iter().map(String::as_str).collect()), (Status::Pending, expected));
        let made = afterword_model::SubmissionId::parse(&bans[0].id).unwrap();
        assert_eq!(ledger.unban(&made, &act(), NOW).unwrap(), []);
        assert_eq!(ledger.unban(&made, &act(), NOW).unwrap(), []);
        let free = Entry { id: uuid(9_000 + sent.id.to_string().as_bytes()[35] as u32), ..sent };
        assert_eq!(found(&store, &free, now).0, Status::Published);
    }
    let log: Vec<_> =
        ledger.audit(None, 99).unwrap().items.into_iter().map(|audited| (audited.act, audited.about)).collect();
    assert_eq!(log[0], (Deed::Unban, "email eve@spam.example".to_owned()));
    assert_eq!(log[4], (Deed::Unban, "network".to_owned()), "no seal is kept for good");
    assert_eq!(log.iter().filter(|(deed, _)| *deed == Deed::Ban).count(), 4);
}

#[test]
fn a_ban_ends() {
    let store = Store::new();
    let ledger = store.ledger();
    let sent = |number| Entry { name: "Eve".to_owned(), ..entry(number) };
    ledger.ban(Banned::Pattern(BanKind::Name, "Eve"), Some(NOW + 100), &act(), NOW).unwrap();
    assert_eq!(found(&store, &sent(1), NOW + 99).0, Status::Pending);
    assert_eq!(found(&store, &sent(2), NOW + 100).0, Status::Published);
    let longer = ledger.ban(Banned::Pattern(BanKind::Name, "Eve"), Some(NOW + 200), &act(), NOW + 100).unwrap();
    assert_eq!((longer.len(), longer[0].until), (1, Some(NOW + 200)));
    assert_eq!(found(&store, &sent(3), NOW + 199).0, Status::Pending);
    // One that ends by itself is cleared away.
    assert_eq!(ledger.prune(NOW + 199, 10).unwrap().bans, 0);
    assert_eq!(ledger.prune(NOW + 200, 10).unwrap().bans, 1);
    assert_eq!(ledger.bans().unwrap(), []);
}

#[test]
fn a_ban_of_a_network_ends_with_the_day_after_the_comment() {
    let store = Store::new();
    let ledger = store.ledger();
    let id = post(&ledger, &from("net", 1));
    let end = (NOW.div_euclid(DAY) + 2) * DAY;
    for until in [None, Some(end + 1), Some(i64::MAX)] {
        assert_eq!(ledger.ban(Banned::Author(BanKind::Network, id), until, &act(), NOW).unwrap()[0].until, Some(end));
    }
    assert_eq!(
        ledger.ban(Banned::Author(BanKind::Network, id), Some(NOW + 1), &act(), NOW).unwrap()[0].until,
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
        check(Banned::Author(kind, id), Refusal::UnknownComment);
        check(Banned::Author(kind, CommentId::new(9)), Refusal::UnknownComment);
    }
    check(Banned::Pattern(BanKind::Network, "seal"), Refusal::BadQuery);
    for pattern in ["", " ", "a\nb", " a", &long] {
        check(Banned::Pattern(BanKind::Name, pattern), Refusal::BadQuery);
    }
    for number in 0..500 {
        let pattern = number.to_string();
        ledger.ban(Banned::Pattern(BanKind::Name, &pattern), None, &act(), NOW).unwrap();
    }
    check(Banned::Pattern(BanKind::Name, "one more"), Refusal::ListFull);
    assert_eq!(ledger.ban(Banned::Pattern(BanKind::Name, "7"), Some(1), &act(), NOW).unwrap().len(), 500);
}

#[test]
fn an_act_of_banning_is_done_once() {
    let store = Store::new();
    let ledger = store.ledger();
    let ban = act();
    let bans = ledger.ban(Banned::Pattern(BanKind::Name, "Eve"), None, &ban, NOW).unwrap();
    assert_eq!((bans[0].id.as_str(), bans[0].by.as_str()), (ban.id.to_string().as_str(), "grace"));
    ledger.unban(&ban.id, &act(), NOW).unwrap();
    assert_eq!(ledger.ban(Banned::Pattern(BanKind::Name, "Eve"), None, &ban, NOW).unwrap(), []);
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
