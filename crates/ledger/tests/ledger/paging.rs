//! How a thread is cut into pages.

use afterword_ledger::Entry;
use afterword_model::{CommentId, Thread, limits};

use crate::setup::{Store, answer, entry, html, post, url};

/// The ids on each page of the post `a`; every page tells the same about the thread.
fn pages(store: &Store) -> Vec<Vec<i64>> {
    let ledger = store.ledger();
    let head = ledger.read_page(&url("a"), 1).unwrap();
    let read = |page| {
        let thread = ledger.read_page(&url("a"), page).unwrap();
        assert_eq!(
            (thread.page, thread.pages, thread.count, thread.version),
            (page, head.pages, head.count, head.version)
        );
        thread.comments.iter().map(|comment| comment.id.get()).collect()
    };
    (1..=head.pages).map(read).collect()
}

#[test]
fn a_page_is_full_after_so_many_comments() {
    let store = Store::new();
    let full = u32::try_from(limits::PAGE_COMMENTS).unwrap();
    for number in 1..=full {
        post(&store.ledger(), &entry(number));
    }
    assert_eq!(pages(&store).len(), 1);
    let next = post(&store.ledger(), &entry(full + 1));
    assert_eq!(pages(&store)[1], [next.get()]);
    assert_eq!(pages(&store)[0].len(), limits::PAGE_COMMENTS);
}

#[test]
fn answers_count_for_the_last_page_and_no_other() {
    let store = Store::new();
    let ledger = store.ledger();
    let full = u32::try_from(limits::PAGE_COMMENTS).unwrap();
    let first = post(&ledger, &entry(1));
    for number in 2..=full + 20 {
        post(&ledger, &answer(number, first));
    }
    assert_eq!(pages(&store).len(), 1, "answers open no page");
    let second = post(&ledger, &entry(1000));
    for number in 1001..1001 + full {
        post(&ledger, &answer(number, first));
    }
    let third = post(&ledger, &entry(2000));
    assert_eq!(pages(&store)[1], [second.get(), third.get()], "answers on page 1 do not fill page 2");
    assert_eq!(pages(&store)[0].len(), 2 * limits::PAGE_COMMENTS + 20);
}

#[test]
fn a_page_is_full_after_so_many_bytes() {
    let store = Store::new();
    let ledger = store.ledger();
    let half = Entry { html: html(&"x".repeat(limits::PAGE_BYTES / 2 - "<p></p>".len())), ..entry(1) };
    let first = post(&ledger, &half);
    let second = post(&ledger, &Entry { html: half.html.clone(), ..entry(2) });
    let third = post(&ledger, &entry(3));
    let below = post(&ledger, &Entry { html: half.html, ..answer(4, second) });
    assert_eq!(pages(&store), [vec![first.get(), second.get(), below.get()], vec![third.get()]]);
}

#[test]
fn an_answer_to_an_answer_is_on_the_page_of_its_root() {
    let store = Store::new();
    let ledger = store.ledger();
    let full = u32::try_from(limits::PAGE_COMMENTS).unwrap();
    for number in 1..=full + 1 {
        post(&ledger, &entry(number));
    }
    let below_first = post(&ledger, &answer(500, CommentId::new(1)));
    let below_that = post(&ledger, &answer(501, below_first));
    assert_eq!(pages(&store)[0][..3], [1, below_first.get(), below_that.get()]);
}

#[test]
fn pages_that_are_not_there_are_empty_and_stay_so() {
    let store = Store::new();
    let ledger = store.ledger();
    let before = store.dump();
    for page in [0, 1, 2, u32::MAX] {
        let expected = Thread { page, ..Thread::empty(url("nobody-wrote-here")) };
        assert_eq!(ledger.read_page(&expected.url, page).unwrap(), expected);
    }
    assert_eq!(store.dump(), before);
    post(&ledger, &entry(1));
    for page in [0, 2, u32::MAX] {
        let thread = ledger.read_page(&url("a"), page).unwrap();
        assert_eq!((thread.comments.len(), thread.page, thread.pages, thread.count), (0, page, 1, 1));
    }
}
