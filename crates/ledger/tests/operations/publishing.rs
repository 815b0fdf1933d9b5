//! Due threads: which pages are due, in which order they are published, and when they are no longer due.

use afterword_ledger::{DueThread, Ledger, PageSize, VerifiedComment};
use afterword_model::{Moderation, Sort, Thread, ThreadMeta, Vote, limits};

use crate::fixtures::{NOW, TestDatabase, attribution, erase, html, reply, root_comment, submit, url};

/// The only thread that is due.
#[track_caller]
fn only_due(ledger: &Ledger<&TestDatabase>) -> DueThread {
    match ledger.due_threads_after(0, NOW, 10).unwrap().as_slice() {
        [due] => due.clone(),
        other => panic!("{other:?}"),
    }
}

/// Marks all due threads as published.
fn mark_all_published(ledger: &Ledger<&TestDatabase>) {
    while let Some(due) = ledger.due_threads_after(0, NOW, 1).unwrap().first() {
        ledger.mark_published(due).unwrap();
    }
}

/// A root comment whose HTML alone fills a page, for replies too.
fn page_filler(number: u32) -> VerifiedComment {
    VerifiedComment { html: html(&"x".repeat(limits::PAGE_BYTES_WITH_REPLIES)), ..root_comment(number) }
}

#[test]
fn only_published_comments_make_a_thread_due() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    assert_eq!(ledger.due_threads_after(0, NOW, 10).unwrap(), []);
    ledger.submit(&root_comment(1), Moderation::All, NOW).unwrap();
    assert_eq!(ledger.due_threads_after(0, NOW, 10).unwrap(), []);
    submit(&ledger, &root_comment(2));
    let due = only_due(&ledger);
    assert_eq!((due.url.clone(), due.version, due.pages.as_slice()), (url("a"), 1, [1].as_slice()));
    ledger.mark_published(&due).unwrap();
    assert_eq!(ledger.due_threads_after(0, NOW, 10).unwrap(), []);
}

#[test]
fn due_threads_survive_a_crash_and_respect_the_limit() {
    let database = TestDatabase::new();
    for number in 1..=5 {
        submit(&database.ledger(), &VerifiedComment { url: url(&format!("post-{number}")), ..root_comment(number) });
    }
    let ledger = database.ledger();
    assert_eq!(ledger.due_threads_after(0, NOW, 2).unwrap(), ledger.due_threads_after(0, NOW, 10).unwrap()[..2]);
    assert_eq!(ledger.due_threads_after(0, NOW, 0).unwrap(), []);
    assert_eq!(ledger.due_threads_after(0, NOW, u32::MAX).unwrap().len(), 5);
}

#[test]
fn pages_changed_during_a_write_stay_due() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let first = submit(&ledger, &page_filler(1));
    submit(&ledger, &page_filler(2));
    let snapshot = ledger.snapshot(&only_due(&ledger), NOW).unwrap().unwrap();
    submit(&ledger, &page_filler(3));
    ledger.mark_published(&snapshot.due).unwrap();
    let due = only_due(&ledger);
    assert_eq!(
        (due.version, due.pages.as_slice()),
        (3, [1, 3].as_slice()),
        "the second page has not changed since it was published"
    );
    ledger.mark_published(&due).unwrap();
    submit(&ledger, &reply(4, first));
    assert_eq!(only_due(&ledger).pages, [1, 4]);
}

#[test]
fn a_page_changed_while_it_is_written_stays_due() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let first = submit(&ledger, &page_filler(1));
    submit(&ledger, &root_comment(2));
    let snapshot = ledger.snapshot(&only_due(&ledger), NOW).unwrap().unwrap();
    submit(&ledger, &root_comment(3));
    ledger.vote(first, "ada", Vote::For, NOW).unwrap();
    ledger.mark_published(&snapshot.due).unwrap();
    assert_eq!((only_due(&ledger).version, only_due(&ledger).pages), (4, vec![1, 2]));
    mark_all_published(&ledger);
    assert_eq!(
        (ledger.next_due(), ledger.next_deferred(NOW)),
        (Ok(Some(NOW + 60)), Ok(Some(NOW + 60))),
        "the best comments"
    );
}

#[test]
fn pages_written_before_a_failure_are_not_written_again() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 1..=4 {
        submit(&ledger, &page_filler(number));
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
fn a_long_thread_is_published_while_comments_arrive() {
    let database = TestDatabase::new();
    let ledger = database.ledger().with_page_size(PageSize { comments: 1, ..PageSize::default() });
    for number in 1..=100 {
        submit(&ledger, &root_comment(number));
    }
    let mut written = 0;
    for number in 101..110 {
        let snapshot = ledger.snapshot(&only_due(&ledger), NOW).unwrap().unwrap();
        submit(&ledger, &root_comment(number));
        written += snapshot.pages.len();
        ledger.mark_published(&snapshot.due).unwrap();
    }
    assert_eq!(written, 107 + 3, "each page once, and the first page as often as possible");
    assert_eq!(only_due(&ledger).pages, [1, 109]);
}

#[test]
fn votes_on_many_pages_publish_the_first_page_last() {
    let database = TestDatabase::new();
    let ledger = database.ledger().with_page_size(PageSize { comments: 1, ..PageSize::default() });
    let ids: Vec<_> = (1..=18).map(|number| submit(&ledger, &root_comment(number))).collect();
    mark_all_published(&ledger);
    for id in &ids[1..] {
        ledger.vote(*id, "ada", Vote::For, NOW).unwrap();
    }
    let mut written = Vec::new();
    while let Some(due) = ledger.due_threads_after(0, NOW + 60, 1).unwrap().first() {
        let snapshot = ledger.snapshot(due, NOW + 60).unwrap().unwrap();
        written.extend(snapshot.pages.iter().map(|value| (value.sort, value.page, value.version)));
        ledger.mark_published(&snapshot.due).unwrap();
    }
    assert_eq!(written.len(), 19);
    assert_eq!(written.last(), Some(&(Sort::Oldest, 1, ledger.read_page(&url("a"), 1).unwrap().version)));
}

#[test]
fn due_threads_are_listed_after_a_given_thread() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 1..=5 {
        submit(&ledger, &VerifiedComment { url: url(&format!("post-{number}")), ..root_comment(number) });
    }
    let all = ledger.due_threads_after(0, NOW, 10).unwrap();
    assert_eq!(ledger.due_threads_after(all[1].thread, NOW, 2).unwrap(), all[2..4]);
    assert_eq!(ledger.due_threads_after(all[4].thread, NOW, 2).unwrap(), []);
}

#[test]
fn marking_an_older_version_undoes_no_newer_mark() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &root_comment(1));
    let older = only_due(&ledger);
    submit(&ledger, &root_comment(2));
    let newer = only_due(&ledger);
    ledger.mark_published(&newer).unwrap();
    ledger.mark_published(&older).unwrap();
    ledger.mark_published(&newer).unwrap();
    assert_eq!(ledger.due_threads_after(0, NOW, 10).unwrap(), []);
    submit(&ledger, &root_comment(3));
    ledger.mark_published(&newer).unwrap();
    assert_eq!(only_due(&ledger).version, 3);
    let future = DueThread { version: 99, ..newer.clone() };
    ledger.mark_published(&future).unwrap();
    assert_eq!(only_due(&ledger).version, 3);
}

#[test]
fn a_new_comment_publishes_its_page_then_the_first_page() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let first = submit(&ledger, &page_filler(1));
    let second = submit(&ledger, &page_filler(2));
    submit(&ledger, &page_filler(3));
    mark_all_published(&ledger);
    let all = [
        (reply(4, second), vec![4, 1]),
        (reply(5, second), vec![4, 1]),
        (reply(6, first), vec![5, 1]),
        (page_filler(7), vec![6, 1]),
        (root_comment(8), vec![7, 1]),
        (root_comment(9), vec![7, 1]),
    ];
    for (comment, pages) in all {
        submit(&ledger, &comment);
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
fn a_snapshot_holds_the_present_version() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &page_filler(1));
    let due = only_due(&ledger);
    submit(&ledger, &page_filler(2));
    let snapshot = ledger.snapshot(&due, NOW).unwrap().unwrap();
    assert_eq!((snapshot.due.version, snapshot.due.pages.as_slice()), (2, [1, 2].as_slice()));
    assert_eq!((snapshot.pages.len(), snapshot.meta.pages), (2, 2));
    ledger.mark_published(&snapshot.due).unwrap();
    assert_eq!(ledger.snapshot(&due, NOW).unwrap(), None);
}

#[test]
fn an_erased_comment_leaves_the_published_thread() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &root_comment(1));
    mark_all_published(&ledger);
    erase(&database, id);
    let snapshot = ledger.snapshot(&only_due(&ledger), NOW).unwrap().unwrap();
    assert_eq!(snapshot.meta, ThreadMeta { version: 2, count: 0, pages: 1, is_redirect: false });
    assert_eq!(snapshot.pages[0].comments, []);
}

#[test]
fn a_thread_is_published_under_its_stored_address() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &root_comment(1));
    // The thread may have been created under other rules for addresses.
    database.run("UPDATE thread SET url = 'https://blog.example/a/index.html?ref=old'");
    let due = only_due(&ledger);
    assert_eq!(due.url.as_str(), "https://blog.example/a/index.html?ref=old");
    let snapshot = ledger.snapshot(&due, NOW).unwrap().unwrap();
    assert_eq!((snapshot.pages[0].url.clone(), snapshot.pages[0].comments.len()), (due.url, 1));
}

#[test]
fn removals_are_urgent_until_the_first_page_is_published() {
    let database = TestDatabase::new();
    let urgent = || database.ledger().urgent_threads(NOW, 9).unwrap();
    let ledger = database.ledger();
    let comments: Vec<_> = (1..=4).map(|number| submit(&ledger, &root_comment(number))).collect();
    assert_eq!(urgent(), [], "new comments are not urgent");
    mark_all_published(&ledger);
    ledger.unpublish(comments[0], &attribution(), NOW).unwrap();
    let [first] = urgent().try_into().unwrap();
    // Another comment is erased while the first page is being published.
    ledger.erase(comments[1], &attribution(), NOW).unwrap();
    ledger.mark_published(&first).unwrap();
    let [second] = urgent().try_into().unwrap();
    assert_eq!(second.version, first.version + 1);
    ledger.mark_published(&second).unwrap();
    assert_eq!(urgent(), []);
    ledger.approve(comments[0], &attribution(), NOW).unwrap();
    assert_eq!(urgent(), [], "approved comments are not urgent");
    for change in [
        |ledger: &Ledger<&TestDatabase>| ledger.set_closed(&url("a"), true, &attribution(), NOW),
        |ledger: &Ledger<&TestDatabase>| ledger.set_title(&url("a"), "Another title", &attribution(), NOW),
    ] {
        change(&ledger).unwrap();
        let [due] = urgent().try_into().unwrap();
        ledger.mark_published(&due).unwrap();
        assert_eq!(urgent(), []);
    }
    ledger.set_closed(&url("a"), false, &attribution(), NOW).unwrap();
    assert_eq!(urgent(), []);
}
