use afterword_ledger::{LedgerError, SettingChange, SiteSettings};
use afterword_model::{Moderation, Refusal, Sort, ThreadOptions, Vote};

use crate::common::{NOW, TestDatabase, attribution, url};
use crate::fixtures::{TestLedger, comment_by, submit};

const DAY: i64 = 86_400;

fn set(ledger: &TestLedger<'_>, name: &str, value: Option<&str>, now: i64) -> Result<SiteSettings, LedgerError> {
    ledger.update_setting(&SettingChange::from_input(name, value)?, &attribution(), now)
}

#[test]
fn a_thread_closes_some_days_after_its_first_comment() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let first = submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::Open);
    let written = database.query_integer("SELECT total_changes()");
    set(&ledger, "close_after", Some("30"), NOW + 5 * DAY).unwrap();
    assert!(database.query_integer("SELECT total_changes()") - written <= 2, "no thread is written");
    let closes = NOW + 30 * DAY;
    let post = |number, now| ledger.submit(&comment_by("ada", number, "Late"), Moderation::Open, now).map(drop);
    post(2, closes - 1).unwrap();
    assert_eq!(post(3, closes), Err(Refusal::Closed.into()));
    assert_eq!(ledger.react(&url("a"), "bob", None, closes).err(), Some(Refusal::Closed.into()));
    let vote = ledger.vote_below(crate::fixtures::below(first), "bob", Vote::For, closes);
    assert_eq!(vote.err(), Some(Refusal::Closed.into()));
    let page = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((page.options.closes, page.closed), (Some(closes), false), "readers decide by the time");
    set(&ledger, "close_after", None, closes).unwrap();
    post(3, closes + 1).unwrap();
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().options, ThreadOptions::default());
}

#[test]
fn the_look_of_threads_is_published_with_their_first_page() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::Open);
    for (name, value) in [
        ("sort", "newest"),
        ("language", "pt-BR"),
        ("form_text", "Be kind.\n\nThank you."),
        ("contact", "ada@blog.example"),
        ("avatars", "off"),
    ] {
        set(&ledger, name, Some(value), NOW).unwrap();
    }
    let options = ledger.read_page(&url("a"), 1).unwrap().options;
    let expected = ThreadOptions {
        closes: None,
        order: Some(Sort::Newest),
        language: Some("pt-BR".to_owned()),
        form_text: Some("Be kind.\n\nThank you.".to_owned()),
        contact: Some("ada@blog.example".to_owned()),
        avatars: Some(false),
    };
    assert_eq!(options, expected);
    let json = serde_json::to_value(ledger.settings().unwrap()).unwrap();
    assert_eq!((&json["sort"], &json["avatars"]), (&"newest".into(), &"off".into()));
    assert_eq!(serde_json::from_value::<SiteSettings>(json).unwrap(), ledger.settings().unwrap());
    for name in ["sort", "language", "form_text", "contact", "avatars"] {
        set(&ledger, name, None, NOW).unwrap();
    }
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().options, ThreadOptions::default());
}

#[test]
fn invalid_values_of_settings_are_refused() {
    for (name, value) in [
        ("close_after", "-1"),
        ("close_after", "soon"),
        ("sort", "best"),
        ("language", "de_DE"),
        ("contact", "javascript:alert(1)"),
        ("avatars", "yes"),
    ] {
        assert_eq!(SettingChange::from_input(name, Some(value)), Err(Refusal::BadJson), "{name}: {value}");
    }
    assert_eq!(SettingChange::from_input("form_text", Some(&"x".repeat(1_001))), Err(Refusal::TextTooLong));
    assert_eq!(SettingChange::from_input("colour", Some("red")), Err(Refusal::BadJson));
}
