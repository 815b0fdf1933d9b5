//! Threads whose addresses later rules, or other settings, have changed.

use afterword_ledger::{CanonicalizeProgress, Ledger, VerifiedComment};
use afterword_model::{CleanUrls, PostUrl, Site, Sites, UrlRules};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error;

use crate::fixtures::{NOW, TestDatabase, export, import_lines, publish_all, reply, root_comment, submit};

/// The rules of a site with this value of `CLEAN_URLS`.
fn rules(clean_urls: &str) -> UrlRules {
    let mut sites = Sites::parse("https://blog.example").unwrap();
    sites.set_clean_urls(&CleanUrls::parse(clean_urls).unwrap()).unwrap();
    sites.iter().map(Site::rules).next().unwrap()
}

/// An address as an earlier version stored it.
fn stored(path: &str) -> PostUrl {
    let text = format!("https://blog.example/{path}");
    PostUrl::deserialize(IntoDeserializer::<Error>::into_deserializer(text)).unwrap()
}

/// A published site with one comment on each of these addresses, which are stored as they are.
fn site_at(paths: &[&str]) -> TestDatabase {
    let database = TestDatabase::new();
    for (number, path) in (1..).zip(paths) {
        submit(&database.ledger(), &VerifiedComment { url: stored(path), ..root_comment("", number) });
    }
    publish_all(&database.ledger(), NOW);
    database
}

/// Moves threads in small steps until there is nothing left to move. Returns the number of threads that moved.
fn canonicalize(ledger: &Ledger<&TestDatabase>, rules: UrlRules) -> u32 {
    let mut moved = 0;
    for _ in 0..100 {
        let progress = ledger.canonicalize_urls(rules, 2, NOW).unwrap();
        moved += progress.moved;
        if !progress.more {
            return moved;
        }
    }
    panic!("the steps never end");
}

/// The paths of all threads with the number of their comments.
fn threads(database: &TestDatabase) -> Vec<(String, i64)> {
    let rows = database.run("SELECT url || ' ' || count FROM thread ORDER BY url");
    let texts = rows.into_iter().map(|mut row| match row.remove(0) {
        afterword_ledger::Value::Text(text) => text,
        other => panic!("{other:?}"),
    });
    let split = |text: String| {
        let (url, count) = text.split_once(' ').unwrap();
        (url.trim_start_matches("https://blog.example/").to_owned(), count.parse().unwrap())
    };
    texts.map(split).collect()
}

fn owned(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(path, count)| ((*path).to_owned(), *count)).collect()
}

#[test]
fn threads_of_one_post_become_one() {
    let database = site_at(&[
        "post?from=singlemessage&isappinstalled=0",
        "post",
        "other?p=1",
        "post?nb=1&share=twitter",
        "new?doing_wp_cron=1",
        "/double",
        "app;jsessionid=1",
    ]);
    let ledger = database.ledger();
    assert_eq!(canonicalize(&ledger, rules("off")), 5);
    let expected = [("app", 1), ("double", 1), ("new", 1), ("other?p=1", 1), ("post", 3)];
    assert_eq!(threads(&database), owned(&expected));
    // A former address still leads to the thread, and its page in KV becomes a redirect.
    publish_all(&ledger, NOW);
    let redirects = ledger.due_redirects(NOW, 100).unwrap();
    let led: Vec<_> = redirects.iter().map(|redirect| (redirect.from.clone(), redirect.to.clone())).collect();
    assert!(led.contains(&(stored("post?nb=1&share=twitter"), stored("post"))), "{led:?}");
    assert_eq!(led.len(), 5);
    let before = database.dump();
    assert_eq!(canonicalize(&ledger, rules("off")), 0);
    assert_eq!(database.dump(), before, "a second run writes nothing");
}

#[test]
fn clean_urls_join_the_two_names_of_a_page() {
    let database = site_at(&["post.html", "post", "only.html", "a/index", "index.php/x.htm"]);
    let ledger = database.ledger();
    assert_eq!(canonicalize(&ledger, rules("off")), 0);
    assert_eq!(canonicalize(&ledger, rules("on")), 4);
    assert_eq!(threads(&database), owned(&[("a", 1), ("index.php/x", 1), ("only", 1), ("post", 2)]));
    // A thread that comes later is looked at as well, and switching the setting off moves nothing back.
    submit(&ledger, &VerifiedComment { url: stored("late.html"), ..root_comment("", 9) });
    assert_eq!(canonicalize(&ledger, rules("on")), 1);
    assert_eq!(canonicalize(&ledger, rules("off")), 0);
    // A reply from a page that was open before reaches the thread.
    let parent = ledger.list_comments(afterword_ledger::CommentFilter::Published, None, 1).unwrap().items[0].comment.id;
    submit(&ledger, &VerifiedComment { url: stored("late.html"), ..reply("", 10, parent) });
    assert_eq!(threads(&database).iter().find(|(path, _)| path == "late"), Some(&("late".to_owned(), 2)));
}

#[test]
fn a_thread_joins_its_post_where_that_has_moved_to() {
    let database = site_at(&["post", "post?share=x", "old.html"]);
    let ledger = database.ledger();
    crate::remap::remap(&database, &crate::remap::list(&[("post", "moved"), ("old.html", "2024/old")]));
    assert_eq!(canonicalize(&ledger, rules("on")), 1);
    assert_eq!(threads(&database), owned(&[("2024/old", 1), ("moved", 2)]));
    // The former address is known under its canonical name too.
    submit(&ledger, &VerifiedComment { url: stored("old"), ..root_comment("", 9) });
    assert_eq!(threads(&database), owned(&[("2024/old", 2), ("moved", 2)]));
}

#[test]
fn an_error_in_between_loses_nothing() {
    for fail_after in 0..80 {
        let database = site_at(&["post?share=x", "post", "a?nb=1"]);
        let ledger = database.ledger();
        database.fail_after.set(Some(fail_after));
        let failed = ledger.canonicalize_urls(rules("off"), 9, NOW).is_err();
        database.fail_after.set(None);
        canonicalize(&ledger, rules("off"));
        assert_eq!(threads(&database), owned(&[("a", 1), ("post", 2)]), "after {fail_after} statements");
        if !failed {
            return;
        }
    }
    panic!("a step takes more than 80 statements");
}

#[test]
fn an_export_of_an_earlier_version_is_restored_under_the_present_addresses() {
    let database = site_at(&["post?from=timeline", "post", "a//b"]);
    let lines = export(&database.ledger(), 10_000);
    let restored = TestDatabase::new();
    import_lines(&restored.ledger(), &lines, 100).unwrap();
    assert_eq!(threads(&restored), owned(&[("a/b", 1), ("post", 2)]));
    assert_eq!(restored.ledger().canonicalize_urls(rules("off"), 9, NOW), Ok(CanonicalizeProgress::default()));
}
