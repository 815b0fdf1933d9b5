//! Publishing everything again, and rendering everything again.

use afterword_ledger::{PageSize, PostMove, PostMoves, RebuildCursor, Renderer};
use afterword_model::{Moderation, SafeHtml, Vote};

use crate::fixtures::{NOW, Store, act, answer, entry, export, full_site, plain, post, publish, render, stamp, url};

#[test]
fn a_rebuild_marks_every_page_once_in_steps_of_any_size() {
    for limit in [1, 2, 3, 5, 100] {
        let store = Store::new();
        let pages = PageSize { comments: 3, bytes: 100_000, edited_bytes: 200_000, max_interleaved_pages: 20 };
        let ledger = store.ledger().with_page_size(pages);
        for number in 1..=20 {
            post(&ledger, &entry(if number % 4 == 0 { "b" } else { "a" }, number));
        }
        ledger.submit(&entry("waits", 30), Moderation::All, NOW).unwrap();
        publish(&ledger, NOW);
        let before = export(&ledger, 900);
        let (mut from, mut marked, mut calls, mut put) = (Some(RebuildCursor::default()), 0, 0, 0);
        while let Some(after) = from {
            let done = ledger.republish(after, limit, NOW).unwrap();
            assert!(done.pages <= limit);
            (from, marked, calls) = (done.next, marked + done.pages, calls + 1);
            if calls % 2 == 0 {
                put += publish(&ledger, NOW);
            }
        }
        put += publish(&ledger, NOW);
        assert_eq!(marked, 5 + 2, "{limit}");
        assert!(put >= 7, "{put}");
        assert_eq!(export(&ledger, 900), before, "no version rises");
    }
}

#[test]
fn a_rebuild_comes_to_the_last_thread_whatever_lies_before_it() {
    for limit in 1..=9 {
        let store = Store::new();
        let ledger = store.ledger();
        for number in 1..=8 {
            // Of the threads before the last, every other one has nothing that is published.
            let moderation = if number % 2 == 0 { Moderation::Open } else { Moderation::All };
            ledger.submit(&entry(&format!("post-{number}"), number), moderation, NOW).unwrap();
        }
        publish(&ledger, NOW);
        let (mut from, mut marked) = (Some(RebuildCursor::default()), 0);
        while let Some(after) = from {
            let done = ledger.republish(after, limit, NOW).unwrap();
            (from, marked) = (done.next, marked + done.pages);
        }
        assert_eq!((marked, publish(&ledger, NOW)), (4, 4), "{limit}");
    }
}

#[test]
fn a_rebuild_goes_on_from_a_page_that_was_never_there() {
    let store = Store::new();
    let ledger = store.ledger();
    for (number, name) in [(1, "a"), (2, "b")] {
        post(&ledger, &entry(name, number));
    }
    publish(&ledger, NOW);
    let done =
        ledger.republish(RebuildCursor { thread: 1, page: u32::MAX, ..RebuildCursor::default() }, 100, NOW).unwrap();
    assert_eq!((done.pages, done.next), (1, None));
    let due = ledger.due_threads(NOW, 9).unwrap();
    assert_eq!(due.into_iter().map(|due| (due.url, due.pages)).collect::<Vec<_>>(), [(url("b"), vec![1])]);
}

#[test]
fn former_addresses_are_marked_within_the_limit_too() {
    for limit in [1, 2, 3, 5, 100] {
        let store = Store::new();
        let ledger = store.ledger();
        for number in 1..=7 {
            post(&ledger, &entry(&format!("old-{number}"), number));
        }
        let rule = |number| PostMove { from: url(&format!("old-{number}")), to: url(&format!("new-{number}")) };
        ledger.remap(&PostMoves::List((1..=7).map(rule).collect()), 0, 100, &act(), NOW).unwrap();
        let settle = || {
            let mut put = publish(&ledger, NOW);
            for forward in ledger.due_redirects(NOW, 100).unwrap() {
                ledger.record_redirect(&forward, 1, NOW).unwrap();
                put += 1;
            }
            put
        };
        settle();
        let (mut from, mut marked, mut put) = (Some(RebuildCursor::default()), (0, 0), 0);
        while let Some(after) = from {
            let done = ledger.republish(after, limit, NOW).unwrap();
            assert!((1..=limit).contains(&(done.pages + done.moved)), "{done:?}");
            (from, marked) = (done.next, (marked.0 + done.pages, marked.1 + done.moved));
            let now_put = settle();
            assert_eq!(now_put, (done.pages + done.moved) as usize, "nothing else is published");
            put += now_put;
        }
        assert_eq!((marked, put), ((7, 7), 14), "{limit}");
    }
}

#[test]
fn how_far_a_rebuild_has_come_is_pinned() {
    let place = RebuildCursor { thread: 3, page: 2, moved: 1 };
    assert_eq!(serde_json::to_string(&place).unwrap(), r#"{"thread":3,"page":2,"moved":1}"#);
    assert_eq!(
        serde_json::from_str::<RebuildCursor>(r#"{"thread":3,"page":2}"#).unwrap(),
        RebuildCursor { moved: 0, ..place }
    );
}

#[test]
fn a_rebuild_of_nothing_ends() {
    let store = Store::new();
    assert_eq!(store.ledger().republish(RebuildCursor::default(), 0, NOW).unwrap().next, None);
}

#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
fn newer(text: &str) -> Option<SafeHtml> {
    let changed = if text.contains("Text 3") { "<p>new</p>".to_owned() } else { render(text)?.as_str().to_owned() };
    (!text.contains("Text 4")).then(|| SafeHtml::from_sanitizer(changed))
}

#[test]
fn rendering_again_marks_what_changed_and_nothing_else() {
    let store = Store::new();
    let ledger = store.ledger();
    for (number, name) in [(1, "a"), (2, "b"), (3, "a"), (4, "a"), (5, "a")] {
        post(&ledger, &entry(name, number));
    }
    ledger.erase(afterword_model::CommentId::new(5), afterword_ledger::Actor::Moderator(&act()), NOW).unwrap();
    publish(&ledger, NOW);
    let versions = |name| ledger.read_page(&url(name), 1).unwrap().version;
    let before = (versions("a"), versions("b"));
    let renderer = Renderer { version: 2, render: &newer, render_plain: &plain };
    let (mut after, mut sum) = (Some(0), (0, 0, 0));
    while let Some(from) = after {
        let done = ledger.rerender(from, 2, &renderer, NOW).unwrap();
        sum = (sum.0 + done.rendered, sum.1 + done.changed, sum.2 + done.refused);
        after = done.next;
    }
    assert_eq!(sum, (4, 2, 1));
    assert_eq!((versions("a"), versions("b")), (before.0 + 1, before.1));
    let due = ledger.due_threads(NOW, 9).unwrap();
    assert_eq!(due.iter().map(|due| due.url.clone()).collect::<Vec<_>>(), [url("a")]);
    let html = |at: usize| ledger.read_page(&url("a"), 1).unwrap().comments[at].html.as_str().to_owned();
    assert_eq!(html(1), "<p>new</p>");
    assert_eq!(html(2), plain(&entry("a", 4).source).as_str(), "what is refused is shown as the text it is");
    assert_eq!(ledger.rerender(0, 100, &renderer, NOW).unwrap().rendered, 0, "done is done");
}

#[test]
fn rendering_again_that_was_killed_goes_on() {
    for fuse in 0..40 {
        let store = full_site();
        let ledger = store.ledger();
        publish(&ledger, NOW + 100);
        store.fuse.set(Some(fuse));
        let renderer = Renderer { version: 2, render: &newer, render_plain: &plain };
        let whole = ledger.rerender(0, 100, &renderer, NOW).is_ok();
        store.fuse.set(None);
        ledger.rerender(0, 100, &renderer, NOW).unwrap();
        assert_eq!(store.number("SELECT count(*) FROM comment WHERE renderer < 2 AND erased IS NULL"), 0, "{fuse}");
        assert_eq!(store.number("SELECT count(*) FROM comment WHERE html = '<p>new</p>'"), 0, "it was edited");
        if whole {
            return;
        }
    }
    panic!("never whole");
}

#[test]
fn a_long_thread_is_published_piece_by_piece_and_its_head_last() {
    let store = Store::new();
    let pages = PageSize { comments: 2, bytes: 100_000, edited_bytes: 200_000, max_interleaved_pages: 20 };
    let ledger = store.ledger().with_page_size(pages);
    let first = post(&ledger, &entry("a", 1));
    for number in 2..=100 {
        post(&ledger, &if number % 2 == 0 { answer("a", number, first) } else { entry("a", number) });
    }
    ledger.vote(first, &stamp("ada").hash, Vote::For, NOW).unwrap();
    publish(&ledger, NOW + 100);
    let version = ledger.read_page(&url("a"), 1).unwrap().version;
    ledger.republish(RebuildCursor::default(), 1_000, NOW).unwrap();
    let mut put = Vec::new();
    while let Some(due) = ledger.due_threads(NOW, 1).unwrap().first() {
        let snapshot = ledger.snapshot(due, NOW).unwrap().unwrap();
        assert!(snapshot.pages.len() <= 17, "{}", snapshot.pages.len());
        assert_eq!(snapshot.meta.version, version);
        put.extend(snapshot.pages.iter().map(|page| page.kv_key()));
        ledger.mark_published(&snapshot.due).unwrap();
    }
    let last = ledger.read_page(&url("a"), 1).unwrap().pages;
    assert_eq!(put.len(), last as usize + 1, "each page and the best comments once");
    assert_eq!(put.last(), Some(&url("a").kv_key(1)));
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().version, version);
}
