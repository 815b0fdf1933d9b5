//! Threads that become one because a post moves to the address of another post.

use afterword_ledger::{MoveOutcome, PageSize};
use afterword_model::{CommentId, Moderation};

use crate::fixtures::{
    NOW, TestDatabase, attribution, export, import_lines, page_size, publish_all, reply, root_comment, submit, url,
};
use crate::remap::{comment_ids, list, outcomes, publish_redirects, published_site, remap};

#[test]
fn a_post_moved_to_an_existing_thread_is_merged_into_it() {
    let database = published_site(&["a", "b", "a", "b", "a"]);
    let ledger = database.ledger();
    ledger.submit(&root_comment("a", 20), Moderation::All, NOW).unwrap();
    let (a, b) = (ledger.read_page(&url("a"), 1).unwrap(), ledger.read_page(&url("b"), 1).unwrap());
    assert_eq!(remap(&database, &list(&[("a", "b")])), outcomes(&[("a", "b", MoveOutcome::Merged)]));
    let merged = ledger.read_page(&url("b"), 1).unwrap();
    assert_eq!(comment_ids(&ledger, "b"), [1, 2, 3, 4, 5]);
    assert_eq!((merged.count, merged.title.as_str()), (5, "Title of b"));
    assert!(merged.version > a.version.max(b.version));
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap(), merged);
    assert_eq!(database.query_integer("SELECT count(*) FROM thread"), 1);
    ledger.approve(CommentId::new(6), &attribution(), NOW).unwrap();
    assert_eq!(comment_ids(&ledger, "b").len(), 6);
    // The id of the deleted thread is not used again.
    submit(&ledger, &root_comment("new", 30));
    assert_eq!(database.query_integer("SELECT max(id) FROM thread"), 3);
}

#[test]
fn a_merge_of_long_threads_keeps_every_comment_and_reply() {
    let pages = page_size(3);
    let database = TestDatabase::new();
    let ledger = database.ledger().with_page_size(pages);
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for number in 1..=40 {
        let (post, ids) = if number % 2 == 0 { ("a", &mut a) } else { ("b", &mut b) };
        let comment = match ids.get(number as usize / 5) {
            Some(parent) if number % 3 == 0 => reply(post, number, *parent),
            _ => root_comment(post, number),
        };
        ids.push(submit(&ledger, &comment));
    }
    ledger.erase(a[0], &attribution(), NOW).unwrap();
    ledger.unpublish(b[1], &attribution(), NOW).unwrap();
    let comments = "SELECT id, parent, uuid, created, status, name FROM comment ORDER BY id";
    let before = database.run(comments);
    let pages_of_a = ledger.read_page(&url("a"), 1).unwrap().pages;
    assert!(pages_of_a > 5, "{pages_of_a}");
    ledger.remap(&list(&[("a", "b")]), 0, 9, &attribution(), NOW).unwrap();
    assert_eq!(database.run(comments), before);
    let first_page = ledger.read_page(&url("b"), 1).unwrap();
    assert_eq!(first_page.count, 38);
    let visible: usize = (1..=first_page.pages)
        .map(|page| ledger.read_page(&url("b"), page).unwrap())
        .map(|page| page.comments.iter().filter(|comment| !comment.deleted).count())
        .sum();
    assert_eq!(visible, 38);
    assert_eq!(
        database.query_integer("SELECT count(*) FROM comment WHERE page = 0 OR thread NOT IN (SELECT id FROM thread)"),
        0
    );
    let written = publish_all(&ledger, NOW);
    assert!(written >= first_page.pages as usize);
    let redirect = ledger.due_redirects(NOW, 9).unwrap().remove(0);
    assert_eq!((&redirect.from, &redirect.to, redirect.pages), (&url("a"), &url("b"), pages_of_a));
    ledger.record_redirect(&redirect, 0, NOW).unwrap();
    // A merged thread is exported and imported like any other.
    let lines = export(&ledger, 900);
    let restored = TestDatabase::new();
    let restored = restored.ledger().with_page_size(pages);
    import_lines(&restored, &lines, 5).unwrap();
    assert_eq!(export(&restored, 900), lines);
    for page in 1..=first_page.pages {
        assert_eq!(
            restored.read_page(&url("b"), page).unwrap().comments,
            ledger.read_page(&url("b"), page).unwrap().comments
        );
    }
}

#[test]
fn merging_a_pending_only_thread_adds_no_empty_page() {
    let pages = PageSize { max_interleaved_pages: 3, ..page_size(1) };
    for (from, to) in [("long", "waits"), ("waits", "long")] {
        let database = TestDatabase::new();
        let ledger = database.ledger().with_page_size(pages);
        ledger.submit(&root_comment("waits", 9), Moderation::All, NOW).unwrap();
        for number in 1..=5 {
            submit(&ledger, &root_comment("long", number));
        }
        ledger.remap(&list(&[(from, to)]), 0, 9, &attribution(), NOW).unwrap();
        publish_all(&ledger, NOW);
        let first_page = ledger.read_page(&url(to), 1).unwrap();
        let comments_on = |page| ledger.read_page(&url(to), page).unwrap().comments.len();
        assert_eq!((first_page.pages, (1..=5).map(comments_on).collect::<Vec<_>>()), (5, vec![1; 5]), "{from} {to}");
        ledger.approve(CommentId::new(1), &attribution(), NOW).unwrap();
        assert_eq!((ledger.read_page(&url(to), 1).unwrap().pages, comments_on(6)), (6, 1), "{from} {to}");
    }
}

#[test]
fn merging_two_unpublished_threads_publishes_nothing() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for (number, post) in [(1, "a"), (2, "b")] {
        ledger.submit(&root_comment(post, number), Moderation::All, NOW).unwrap();
    }
    remap(&database, &list(&[("a", "b")]));
    assert_eq!((ledger.read_page(&url("b"), 1).unwrap().version, ledger.next_due()), (0, Ok(None)));
    ledger.approve(CommentId::new(1), &attribution(), NOW).unwrap();
    assert_eq!(publish_redirects(&ledger), [(url("a"), url("b"))]);
    assert_eq!(comment_ids(&ledger, "a"), [1]);
}

#[test]
fn a_pending_comment_gives_no_title_to_a_merged_thread() {
    for (from, to) in [("waits", "a"), ("a", "waits")] {
        let database = published_site(&["a"]);
        let ledger = database.ledger();
        ledger.submit(&root_comment("waits", 9), Moderation::All, NOW).unwrap();
        remap(&database, &list(&[(from, to)]));
        assert_eq!(ledger.read_page(&url(to), 1).unwrap().title, "Title of a", "{from} {to}");
    }
}

#[test]
fn versions_stay_in_range_after_merges() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let mut lines = vec![r#"{"afterword":2,"site":"https://blog.example","last":0}"#.to_owned()];
    lines.extend(["a", "b", "c"].map(|name| {
        format!(r#"{{"thread":{{"url":"https://blog.example/{name}","title":"","version":{},"changes":0,"closed":false}}}}"#, 1_i64 << 48)
    }));
    import_lines(&ledger, &lines, 9).unwrap();
    remap(&database, &list(&[("a", "b"), ("b", "c")]));
    let version = ledger.read_page(&url("c"), 1).unwrap().version;
    assert!((1 << 48 < version) && version < 1 << 49, "{version}");
}
