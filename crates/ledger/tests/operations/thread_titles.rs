//! What a post is called.

use afterword_ledger::{Actor, SettingChange, SubmissionPolicy, VerifiedComment};
use afterword_model::{CommentId, Moderation, Refusal};

use crate::fixtures::{NOW, Store, act, approve, entry, erase, post, stamp, url};
use crate::rate_limits::RULES;

fn says(title: &str, author: Option<&str>, number: u32) -> VerifiedComment {
    VerifiedComment { title: title.to_owned(), author: author.map(stamp), ..entry(number) }
}

/// What readers are told the post `a` is called.
fn title(store: &Store) -> String {
    store.ledger().read_page(&url("a"), 1).unwrap().title
}

fn waits(store: &Store, entry: &VerifiedComment) -> CommentId {
    store.ledger().submit(entry, Moderation::All, NOW).unwrap().posted.comment.id
}

#[test]
fn what_waits_or_is_taken_away_names_nothing() {
    let store = Store::new();
    let spam = waits(&store, &says("BUY PILLS", None, 1));
    let honest = waits(&store, &says("", Some("ada"), 2));
    erase(&store, spam);
    approve(&store, honest);
    assert_eq!(title(&store), "");
    // The same where it was there for a while.
    let spam = post(&store.ledger(), &says("BUY PILLS", None, 3));
    assert_eq!(title(&store), "BUY PILLS");
    store.ledger().unpublish(spam, &act(), NOW).unwrap();
    assert_eq!(title(&store), "");
    approve(&store, spam);
    assert_eq!(title(&store), "BUY PILLS");
    erase(&store, spam);
    assert_eq!(title(&store), "");
    assert!(!format!("{:?}", store.dump()).contains("BUY PILLS"), "nor is it kept anywhere");
    // An author takes his words back as well.
    let own = post(&store.ledger(), &says("Mine", Some("bob"), 4));
    store.ledger().erase(own, Actor::Author("hash of bob"), NOW).unwrap();
    assert_eq!(title(&store), "");
}

#[test]
fn most_authors_decide_and_of_two_titles_the_newer_one() {
    let store = Store::new();
    let told = |title_sent: &str, author, number| {
        post(&store.ledger(), &says(title_sent, author, number));
        title(&store)
    };
    assert_eq!(told("Sprnig", Some("ada"), 1), "Sprnig");
    assert_eq!(told("Spring", Some("bob"), 2), "Spring", "the author of the post has mended it");
    assert_eq!(told("Spring", Some("cy"), 3), "Spring");
    assert_eq!(told("PILLS", Some("eve"), 4), "Spring");
    assert_eq!(told("PILLS", Some("eve"), 5), "Spring", "one author is one, however much she says");
    assert_eq!(told("PILLS", None, 6), "PILLS");
    assert_eq!(told("PILLS", None, 7), "PILLS");
    assert_eq!(told("Spring", None, 8), "Spring", "all who have no key are one");
    assert_eq!(told("", Some("dee"), 9), "Spring", "who says nothing has no say");
    // After the last places of a long thread, what was said before is forgotten.
    for number in 10..42 {
        told("Summer", Some("fay"), number);
    }
    assert_eq!(title(&store), "Summer");
}

#[test]
fn what_a_moderator_calls_a_post_stays() {
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &says("PILLS", Some("eve"), 1));
    let before = ledger.read_page(&url("a"), 1).unwrap().version;
    let naming = act();
    assert_eq!(ledger.set_title(&url("a"), "Spring", &naming, NOW), Ok(before + 1));
    assert_eq!((title(&store).as_str(), ledger.due_threads(NOW, 9).unwrap()[0].pages.as_slice()), ("Spring", &[1][..]));
    let dump = store.dump();
    assert_eq!(ledger.set_title(&url("a"), "Spring", &act(), NOW), Ok(before + 1));
    assert_eq!(ledger.set_title(&url("a"), "Other", &naming, NOW), Err(Refusal::IdReused.into()), "an act is one act");
    assert_eq!(store.dump(), dump);
    let eve = post(&ledger, &says("PILLS", Some("fay"), 2));
    assert_eq!(title(&store), "Spring");
    erase(&store, eve);
    ledger.set_closed(&url("a"), true, &act(), NOW).unwrap();
    assert_eq!(title(&store), "Spring");
    // Given back, it is what comments say.
    ledger.set_title(&url("a"), "", &act(), NOW).unwrap();
    assert_eq!(title(&store), "PILLS");
    // Before anybody has written.
    ledger.set_title(&url("b"), "", &act(), NOW).unwrap();
    assert_eq!(ledger.read_page(&url("b"), 1).unwrap().version, 0);
    ledger.set_title(&url("b"), "Winter", &act(), NOW).unwrap();
    post(&ledger, &VerifiedComment { url: url("b"), ..says("PILLS", None, 3) });
    assert_eq!(ledger.read_page(&url("b"), 1).unwrap().title, "Winter");
}

#[test]
fn a_title_is_looked_through_for_muted_words_unless_it_is_the_posts() {
    let store = Store::new();
    let ledger = store.ledger();
    let rules: SubmissionPolicy<'_> = RULES;
    post(&ledger, &says("My casino", Some("ada"), 1));
    ledger.update_setting(&SettingChange::Muted("casino".to_owned()), &act(), NOW).unwrap();
    let signals = |entry: &VerifiedComment| {
        let posted = ledger.submit(entry, rules, NOW + 100).unwrap().posted;
        let listed = store.run("SELECT signals FROM comment WHERE id = ?", &[posted.comment.id.get().into()]);
        format!("{listed:?}").contains("muted_word:casino")
    };
    assert!(!signals(&says("My casino", None, 2)));
    assert!(signals(&says("Best casino", None, 3)));
    assert!(signals(&VerifiedComment { url: url("b"), ..says("My casino", None, 4) }));
}
