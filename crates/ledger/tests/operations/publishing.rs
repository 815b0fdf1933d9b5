//! The outbox: what is due, what is put in which order, and when it is no longer due.

use afterword_ledger::{Actor, DueThread, Ledger, PageSize, VerifiedComment};
use afterword_model::{Moderation, Sort, Thread, ThreadMeta, Vote};

use crate::fixtures::{NOW, Store, act, answer, entry, erase, html, post, url};

/// The only thread that is due.
#[track_caller]
fn only_due(ledger: &Ledger<&Store>) -> DueThread {
    match ledger.due_threads(NOW, 10).unwrap().as_slice() {
        [due] => due.clone(),
        other => panic!("{other:?}"),
    }
}

fn published(ledger: &Ledger<&Store>) {
    while let Some(due) = ledger.due_threads(NOW, 1).unwrap().first() {
        ledger.mark_published(due).unwrap();
    }
}

/// A root comment whose HTML alone fills a page.
fn page_filler(number: u32) -> VerifiedComment {
    VerifiedComment { html: html(&"x".repeat(afterword_model::limits::PAGE_BYTES)), ..entry(number) }
}

#[test]
fn only_published_comments_make_a_thread_due() {
    let store = Store::new();
    let ledger = store.ledger();
    assert_eq!(ledger.due_threads(NOW, 10).unwrap(), []);
    ledger.submit(&entry(1), Moderation::All, NOW).unwrap();
    assert_eq!(ledger.due_threads(NOW, 10).unwrap(), []);
    post(&ledger, &entry(2));
    let due = only_due(&ledger);
    assert_eq!((due.url.clone(), due.version, due.pages.as_slice()), (url("a"), 1, [1].as_slice()));
    ledger.mark_published(&due).unwrap();
    assert_eq!(ledger.due_threads(NOW, 10).unwrap(), []);
}

#[test]
fn what_is_due_survives_a_crash_and_a_limit() {
    let store = Store::new();
    for number in 1..=5 {
        post(&store.ledger(), &VerifiedComment { url: url(&format!("post-{number}")), ..entry(number) });
    }
    let ledger = store.ledger();
    assert_eq!(ledger.due_threads(NOW, 2).unwrap(), ledger.due_threads(NOW, 10).unwrap()[..2]);
    assert_eq!(ledger.due_threads(NOW, 0).unwrap(), []);
    assert_eq!(ledger.due_threads(NOW, u32::MAX).unwrap().len(), 5);
}

#[test]
fn a_change_while_it_is_put_stays_due_with_the_pages_it_is_on() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &page_filler(1));
    post(&ledger, &page_filler(2));
    let putting = ledger.snapshot(&only_due(&ledger), NOW).unwrap().unwrap();
    post(&ledger, &page_filler(3));
    ledger.mark_published(&putting.due).unwrap();
    let due = only_due(&ledger);
    assert_eq!((due.version, due.pages.as_slice()), (3, [1, 3].as_slice()), "the second page is as it was put");
    ledger.mark_published(&due).unwrap();
    post(&ledger, &answer(4, first));
    assert_eq!(only_due(&ledger).pages, [1, 4]);
}

#[test]
fn the_same_page_changed_while_it_is_put_stays_due() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &page_filler(1));
    post(&ledger, &entry(2));
    let putting = ledger.snapshot(&only_due(&ledger), NOW).unwrap().unwrap();
    post(&ledger, &entry(3));
    ledger.vote(first, "ada", Vote::For, NOW).unwrap();
    ledger.mark_published(&putting.due).unwrap();
    assert_eq!((only_due(&ledger).version, only_due(&ledger).pages), (4, vec![1, 2]));
    published(&ledger);
    assert_eq!(
        (ledger.next_due(), ledger.next_deferred(NOW)),
        (Ok(Some(NOW + 60)), Ok(Some(NOW + 60))),
        "the best comments"
    );
}

#[test]
fn what_was_put_before_a_put_failed_is_not_put_again() {
    let store = Store::new();
    let ledger = store.ledger();
    for number in 1..=4 {
        post(&ledger, &page_filler(number));
    }
    let snapshot = ledger.snapshot(&only_due(&ledger), NOW).unwrap().unwrap();
    ledger.mark_published(&snapshot.published_part(0)).unwrap();
    assert_eq!(only_due(&ledger).pages, [1, 2, 3, 4]);
    ledger.mark_published(&snapshot.published_part(2)).unwrap();
    assert_eq!(only_due(&ledger).pages, [1, 2]);
    ledger.mark_published(&snapshot.published_part(3)).unwrap();
    assert_eq!(only_due(&ledger).pages, [1]);
    ledger.mark_published(&snapshot.published_part(4)).unwrap();
    assert_eq!(ledger.next_due(), Ok(None));
}

#[test]
fn a_long_thread_is_published_while_comments_keep_coming() {
    let store = Store::new();
    let ledger = store.ledger().with_page_size(PageSize { comments: 1, ..PageSize::default() });
    for number in 1..=100 {
        post(&ledger, &entry(number));
    }
    let mut put = 0;
    for number in 101..110 {
        let snapshot = ledger.snapshot(&only_due(&ledger), NOW).unwrap().unwrap();
        post(&ledger, &entry(number));
        put += snapshot.pages.len();
        ledger.mark_published(&snapshot.due).unwrap();
    }
    assert_eq!(put, 107 + 3, "each page once, and the head as often as it could be");
    assert_eq!(only_due(&ledger).pages, [1, 109]);
}

#[test]
fn votes_on_many_pages_end_with_the_head() {
    let store = Store::new();
    let ledger = store.ledger().with_page_size(PageSize { comments: 1, ..PageSize::default() });
    let ids: Vec<_> = (1..=18).map(|number| post(&ledger, &entry(number))).collect();
    published(&ledger);
    for id in &ids[1..] {
        ledger.vote(*id, "ada", Vote::For, NOW).unwrap();
    }
    let mut put = Vec::new();
    while let Some(due) = ledger.due_threads(NOW + 60, 1).unwrap().first() {
        let snapshot = ledger.snapshot(due, NOW + 60).unwrap().unwrap();
        put.extend(snapshot.pages.iter().map(|value| (value.sort, value.page, value.version)));
        ledger.mark_published(&snapshot.due).unwrap();
    }
    assert_eq!(put.len(), 19);
    assert_eq!(put.last(), Some(&(Sort::Oldest, 1, ledger.read_page(&url("a"), 1).unwrap().version)));
}

#[test]
fn who_goes_on_after_a_thread_comes_to_each() {
    let store = Store::new();
    let ledger = store.ledger();
    for number in 1..=5 {
        post(&ledger, &VerifiedComment { url: url(&format!("post-{number}")), ..entry(number) });
    }
    let all = ledger.due_threads(NOW, 10).unwrap();
    assert_eq!(ledger.due_threads_after(all[1].thread, NOW, 2).unwrap(), all[2..4]);
    assert_eq!(ledger.due_threads_after(all[4].thread, NOW, 2).unwrap(), []);
}

#[test]
fn the_mark_never_goes_backwards() {
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &entry(1));
    let older = only_due(&ledger);
    post(&ledger, &entry(2));
    let newer = only_due(&ledger);
    ledger.mark_published(&newer).unwrap();
    ledger.mark_published(&older).unwrap();
    ledger.mark_published(&newer).unwrap();
    assert_eq!(ledger.due_threads(NOW, 10).unwrap(), []);
    post(&ledger, &entry(3));
    ledger.mark_published(&newer).unwrap();
    assert_eq!(only_due(&ledger).version, 3);
    let never = DueThread { version: 99, ..newer.clone() };
    ledger.mark_published(&never).unwrap();
    assert_eq!(only_due(&ledger).version, 3);
}

#[test]
fn a_new_comment_puts_the_head_and_its_page_and_the_head_last() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &page_filler(1));
    let second = post(&ledger, &page_filler(2));
    post(&ledger, &page_filler(3));
    published(&ledger);
    let all = [
        (answer(4, second), vec![4, 1]),
        (answer(5, second), vec![4, 1]),
        (answer(6, first), vec![5, 1]),
        (page_filler(7), vec![6, 1]),
        (entry(8), vec![7, 1]),
        (entry(9), vec![7, 1]),
    ];
    for (sent, pages) in all {
        post(&ledger, &sent);
        let snapshot = ledger.snapshot(&only_due(&ledger), NOW).unwrap().unwrap();
        assert_eq!(snapshot.pages.iter().map(|thread| thread.page).collect::<Vec<_>>(), pages);
        for thread in &snapshot.pages {
            assert_eq!(*thread, ledger.read_page(&url("a"), thread.page).unwrap());
            let Thread { version, count, pages, .. } = *thread;
            let meta = ThreadMeta { version, count, pages, is_redirect: false };
            assert_eq!(snapshot.meta, meta);
        }
        ledger.mark_published(&snapshot.due).unwrap();
    }
}

#[test]
fn a_snapshot_is_of_now_and_says_so() {
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &page_filler(1));
    let due = only_due(&ledger);
    post(&ledger, &page_filler(2));
    let snapshot = ledger.snapshot(&due, NOW).unwrap().unwrap();
    assert_eq!((snapshot.due.version, snapshot.due.pages.as_slice()), (2, [1, 2].as_slice()));
    assert_eq!((snapshot.pages.len(), snapshot.meta.pages), (2, 2));
    ledger.mark_published(&snapshot.due).unwrap();
    assert_eq!(ledger.snapshot(&due, NOW).unwrap(), None);
}

#[test]
fn an_erased_comment_leaves_the_published_thread() {
    let store = Store::new();
    let ledger = store.ledger();
    let id = post(&ledger, &entry(1));
    published(&ledger);
    erase(&store, id);
    let snapshot = ledger.snapshot(&only_due(&ledger), NOW).unwrap().unwrap();
    assert_eq!(snapshot.meta, ThreadMeta { version: 2, count: 0, pages: 1, is_redirect: false });
    assert_eq!(snapshot.pages[0].comments, []);
}

#[test]
fn a_thread_is_published_under_the_address_it_is_stored_by() {
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &entry(1));
    // As if the rules for addresses had been others when the thread began.
    store.run("UPDATE thread SET url = 'https://blog.example/a/index.html?ref=old'", &[]);
    let due = only_due(&ledger);
    assert_eq!(due.url.as_str(), "https://blog.example/a/index.html?ref=old");
    let snapshot = ledger.snapshot(&due, NOW).unwrap().unwrap();
    assert_eq!((snapshot.pages[0].url.clone(), snapshot.pages[0].comments.len()), (due.url, 1));
}

#[test]
fn what_is_taken_away_is_urgent_until_a_head_without_it_is_put() {
    let store = Store::new();
    let urgent = || store.ledger().urgent_threads(NOW, 9).unwrap();
    let ledger = store.ledger();
    let comments: Vec<_> = (1..=4).map(|number| post(&ledger, &entry(number))).collect();
    assert_eq!(urgent(), [], "what is new can wait");
    published(&ledger);
    ledger.unpublish(comments[0], &act(), NOW).unwrap();
    let [first] = urgent().try_into().unwrap();
    // While that is put, another one goes.
    ledger.erase(comments[1], Actor::Moderator(&act()), NOW).unwrap();
    ledger.mark_published(&first).unwrap();
    let [second] = urgent().try_into().unwrap();
    assert_eq!(second.version, first.version + 1);
    ledger.mark_published(&second).unwrap();
    assert_eq!(urgent(), []);
    ledger.approve(comments[0], &act(), NOW).unwrap();
    assert_eq!(urgent(), [], "what comes back can wait");
    for take in [
        |ledger: &Ledger<&Store>| ledger.set_closed(&url("a"), true, &act(), NOW),
        |ledger: &Ledger<&Store>| ledger.set_title(&url("a"), "Another title", &act(), NOW),
    ] {
        take(&ledger).unwrap();
        let [due] = urgent().try_into().unwrap();
        ledger.mark_published(&due).unwrap();
        assert_eq!(urgent(), []);
    }
    ledger.set_closed(&url("a"), false, &act(), NOW).unwrap();
    assert_eq!(urgent(), []);
}
