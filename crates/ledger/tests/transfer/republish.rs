//! Republishing all pages and redirects, and rerendering all comments.

use afterword_ledger::{PostMove, PostMoves, Renderer, RepublishCursor};
use afterword_model::{Moderation, SafeHtml, Vote};

use crate::fixtures::{
    NOW, TestDatabase, attribution, author_id, export, full_site, page_size, publish_all, render, render_plain, reply,
    root_comment, submit, url,
};

#[test]
fn republish_marks_every_page_once_for_any_step_size() {
    for limit in [1, 2, 3, 5, 100] {
        let database = TestDatabase::new();
        let pages = page_size(3);
        let ledger = database.ledger().with_page_size(pages);
        for number in 1..=20 {
            submit(&ledger, &root_comment(if number % 4 == 0 { "b" } else { "a" }, number));
        }
        ledger.submit(&root_comment("waits", 30), Moderation::All, NOW).unwrap();
        publish_all(&ledger, NOW);
        let before = export(&ledger, 900);
        let (mut from, mut marked, mut calls, mut written) = (Some(RepublishCursor::default()), 0, 0, 0);
        while let Some(after) = from {
            let progress = ledger.republish(after, limit, NOW).unwrap();
            assert!(progress.pages <= limit);
            (from, marked, calls) = (progress.next, marked + progress.pages, calls + 1);
            if calls % 2 == 0 {
                written += publish_all(&ledger, NOW);
            }
        }
        written += publish_all(&ledger, NOW);
        assert_eq!(marked, 5 + 2, "{limit}");
        assert!(written >= 7, "{written}");
        assert_eq!(export(&ledger, 900), before, "no version rises");
    }
}

#[test]
fn republish_passes_over_threads_without_published_comments() {
    for limit in 1..=9 {
        let database = TestDatabase::new();
        let ledger = database.ledger();
        for number in 1..=8 {
            // Every other thread has no published comment.
            let moderation = if number % 2 == 0 { Moderation::Open } else { Moderation::All };
            ledger.submit(&root_comment(&format!("post-{number}"), number), moderation, NOW).unwrap();
        }
        publish_all(&ledger, NOW);
        let (mut from, mut marked) = (Some(RepublishCursor::default()), 0);
        while let Some(after) = from {
            let progress = ledger.republish(after, limit, NOW).unwrap();
            (from, marked) = (progress.next, marked + progress.pages);
        }
        assert_eq!((marked, publish_all(&ledger, NOW)), (4, 4), "{limit}");
    }
}

#[test]
fn republish_continues_from_a_page_that_does_not_exist() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for (number, name) in [(1, "a"), (2, "b")] {
        submit(&ledger, &root_comment(name, number));
    }
    publish_all(&ledger, NOW);
    let progress = ledger
        .republish(RepublishCursor { thread: 1, page: u32::MAX, ..RepublishCursor::default() }, 100, NOW)
        .unwrap();
    assert_eq!((progress.pages, progress.next), (1, None));
    let due = ledger.due_threads_after(0, NOW, 9).unwrap();
    assert_eq!(due.into_iter().map(|due| (due.url, due.pages)).collect::<Vec<_>>(), [(url("b"), vec![1])]);
}

#[test]
fn republish_counts_redirects_towards_its_limit() {
    for limit in [1, 2, 3, 5, 100] {
        let database = TestDatabase::new();
        let ledger = database.ledger();
        for number in 1..=7 {
            submit(&ledger, &root_comment(&format!("old-{number}"), number));
        }
        let rule = |number| PostMove { from: url(&format!("old-{number}")), to: url(&format!("new-{number}")) };
        ledger.remap(&PostMoves::List((1..=7).map(rule).collect()), 0, 100, &attribution(), NOW).unwrap();
        let publish_due = || {
            let mut written = publish_all(&ledger, NOW);
            for redirect in ledger.due_redirects(NOW, 100).unwrap() {
                ledger.record_redirect(&redirect, 1, NOW).unwrap();
                written += 1;
            }
            written
        };
        publish_due();
        let (mut from, mut marked, mut total_written) = (Some(RepublishCursor::default()), (0, 0), 0);
        while let Some(after) = from {
            let progress = ledger.republish(after, limit, NOW).unwrap();
            assert!((1..=limit).contains(&(progress.pages + progress.moved)), "{progress:?}");
            (from, marked) = (progress.next, (marked.0 + progress.pages, marked.1 + progress.moved));
            let written = publish_due();
            assert_eq!(written, (progress.pages + progress.moved) as usize, "nothing else is published");
            total_written += written;
        }
        assert_eq!((marked, total_written), ((7, 7), 14), "{limit}");
    }
}

#[test]
fn the_republish_cursor_has_a_pinned_format() {
    let cursor = RepublishCursor { thread: 3, page: 2, moved: 1 };
    assert_eq!(serde_json::to_string(&cursor).unwrap(), r#"{"thread":3,"page":2,"moved":1}"#);
    assert_eq!(
        serde_json::from_str::<RepublishCursor>(r#"{"thread":3,"page":2}"#).unwrap(),
        RepublishCursor { moved: 0, ..cursor }
    );
}

#[test]
fn republishing_an_empty_site_ends() {
    let database = TestDatabase::new();
    assert_eq!(database.ledger().republish(RepublishCursor::default(), 0, NOW).unwrap().next, None);
}

#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
fn render_newer(text: &str) -> Option<SafeHtml> {
    let changed = if text.contains("Text 3") { "<p>new</p>".to_owned() } else { render(text)?.as_str().to_owned() };
    (!text.contains("Text 4")).then(|| SafeHtml::from_sanitizer(changed))
}

#[test]
fn rerendering_marks_only_changed_threads() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for (number, name) in [(1, "a"), (2, "b"), (3, "a"), (4, "a"), (5, "a")] {
        submit(&ledger, &root_comment(name, number));
    }
    ledger.erase(afterword_model::CommentId::new(5), afterword_ledger::Actor::Moderator(&attribution()), NOW).unwrap();
    publish_all(&ledger, NOW);
    let version = |name| ledger.read_page(&url(name), 1).unwrap().version;
    let before = (version("a"), version("b"));
    let renderer = Renderer { version: 2, render: &render_newer, render_plain: &render_plain };
    let (mut after, mut sum) = (Some(0), (0, 0, 0));
    while let Some(from) = after {
        let progress = ledger.rerender(from, 2, &renderer, NOW).unwrap();
        sum = (sum.0 + progress.rendered, sum.1 + progress.changed, sum.2 + progress.refused);
        after = progress.next;
    }
    assert_eq!(sum, (4, 2, 1));
    assert_eq!((version("a"), version("b")), (before.0 + 1, before.1));
    let due = ledger.due_threads_after(0, NOW, 9).unwrap();
    assert_eq!(due.iter().map(|due| due.url.clone()).collect::<Vec<_>>(), [url("a")]);
    let html = |at: usize| ledger.read_page(&url("a"), 1).unwrap().comments[at].html.as_str().to_owned();
    assert_eq!(html(1), "<p>new</p>");
    assert_eq!(
        html(2),
        render_plain(&root_comment("a", 4).source).as_str(),
        "text that the renderer refuses is shown as plain text"
    );
    assert_eq!(ledger.rerender(0, 100, &renderer, NOW).unwrap().rendered, 0, "the second run finds nothing to do");
}

#[test]
fn an_interrupted_rerendering_is_completed() {
    for statements in 0..40 {
        let database = full_site();
        let ledger = database.ledger();
        publish_all(&ledger, NOW + 100);
        database.fail_after.set(Some(statements));
        let renderer = Renderer { version: 2, render: &render_newer, render_plain: &render_plain };
        let is_complete = ledger.rerender(0, 100, &renderer, NOW).is_ok();
        database.fail_after.set(None);
        ledger.rerender(0, 100, &renderer, NOW).unwrap();
        assert_eq!(
            database.query_integer("SELECT count(*) FROM comment WHERE renderer < 2 AND erased IS NULL"),
            0,
            "{statements}"
        );
        assert_eq!(
            database.query_integer("SELECT count(*) FROM comment WHERE html = '<p>new</p>'"),
            0,
            "the comment was edited"
        );
        if is_complete {
            return;
        }
    }
    panic!("never complete");
}

#[test]
fn a_long_thread_is_published_in_parts_with_its_first_page_last() {
    let database = TestDatabase::new();
    let pages = page_size(2);
    let ledger = database.ledger().with_page_size(pages);
    let first = submit(&ledger, &root_comment("a", 1));
    for number in 2..=100 {
        submit(&ledger, &if number % 2 == 0 { reply("a", number, first) } else { root_comment("a", number) });
    }
    ledger.vote(first, &author_id("ada").hash, Vote::For, NOW).unwrap();
    publish_all(&ledger, NOW + 100);
    let version = ledger.read_page(&url("a"), 1).unwrap().version;
    ledger.republish(RepublishCursor::default(), 1_000, NOW).unwrap();
    let mut keys = Vec::new();
    while let Some(due) = ledger.due_threads_after(0, NOW, 1).unwrap().first() {
        let snapshot = ledger.snapshot(due, NOW).unwrap().unwrap();
        assert!(snapshot.pages.len() <= 17, "{}", snapshot.pages.len());
        assert_eq!(snapshot.meta.version, version);
        keys.extend(snapshot.pages.iter().map(|page| page.kv_key()));
        ledger.mark_published(&snapshot.due).unwrap();
    }
    let last = ledger.read_page(&url("a"), 1).unwrap().pages;
    assert_eq!(keys.len(), last as usize + 1, "each page and the best comments once");
    assert_eq!(keys.last(), Some(&url("a").kv_key(1)));
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().version, version);
}
