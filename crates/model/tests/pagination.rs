//! Reading a thread page by page in every sort order.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;

use afterword_model::{
    Author, Comment, CommentId, CommentIndex, PageReader, PageRuns, PostUrl, SafeHtml, Sort, Thread, Vote,
};

const SORTS: [Sort; 3] = [Sort::Oldest, Sort::Newest, Sort::Top];

fn url() -> PostUrl {
    PostUrl::parse("https://blog.example/post").unwrap()
}

/// A comment from (id, parent or 0, votes).
fn comment((id, parent, votes): (i64, i64, i64)) -> Comment {
    Comment {
        id: CommentId::new(id),
        parent: (parent > 0).then(|| CommentId::new(parent)),
        author: Author::default(),
        html: SafeHtml::default(),
        created: 0,
        edited: None,
        votes,
        pinned: false,
        deleted: false,
        moderated: false,
        on_behalf: false,
        since: None,
    }
}

fn thread(pages: u32, continuations: &[[u32; 3]], comments: &[(i64, i64, i64)]) -> Thread {
    let comments = comments.iter().copied().map(comment).collect();
    Thread { version: 9, pages, continuations: continuations.to_vec(), comments, ..Thread::empty(url()) }
}

/// The KV values of a published thread: the comments of each page, and those of the top page.
fn published(
    continuations: &[[u32; 3]],
    pages: &[&[(i64, i64, i64)]],
    top: Option<&[(i64, i64, i64)]>,
) -> HashMap<String, Thread> {
    let count = u32::try_from(pages.len()).unwrap();
    let stored = (1..).zip(pages).map(|(page, comments)| Thread { page, ..thread(count, continuations, comments) });
    let top = top.map(|top| Thread { sort: Sort::Top, ..thread(count, &[], top) });
    stored.chain(top).map(|value| (value.kv_key(), value)).collect()
}

/// Reads a page. Returns it with the number of values fetched in each round.
fn read(values: &HashMap<String, Thread>, page: u32, sort: Sort) -> (Thread, Vec<usize>) {
    let mut reader = PageReader::new(url(), page, sort);
    let mut rounds = Vec::new();
    while let Some(keys) = reader.next_keys() {
        rounds.push(keys.len());
        reader.provide(keys.iter().map(|key| values.get(key).cloned()));
    }
    (reader.into_thread(), rounds)
}

#[track_caller]
fn check(values: &HashMap<String, Thread>, sort: Sort, expected: &[&[i64]]) {
    let pages = read(values, 1, sort).0.pages;
    let ids = |page| -> Vec<i64> {
        let thread = read(values, page, sort).0;
        assert_eq!((thread.page, thread.pages, thread.sort, thread.version), (page, pages, sort, 9));
        thread.comments.iter().map(|comment| comment.id.get()).collect()
    };
    assert_eq!((1..=pages).map(ids).collect::<Vec<_>>(), expected);
    assert_eq!(ids(pages + 1), [0; 0]);
    assert_eq!(ids(0), [0; 0]);
}

#[test]
fn a_single_page_is_sorted_without_other_values() {
    let page: &[_] = &[(1, 0, 0), (4, 1, 9), (5, 4, 0), (2, 0, 3), (3, 0, 3), (6, 3, 0), (7, 0, -1)];
    let values = published(&[], &[page], None);
    check(&values, Sort::Oldest, &[&[1, 4, 5, 2, 3, 6, 7]]);
    check(&values, Sort::Newest, &[&[7, 3, 6, 2, 1, 4, 5]]);
    check(&values, Sort::Top, &[&[2, 3, 6, 1, 4, 5, 7]]);
    for sort in SORTS {
        assert_eq!(read(&values, 1, sort).1, [1], "one value is fetched");
    }
}

/// The pages of a long thread. 1, 2 and 5 are root pages. 3, 4 and 7 continue the first, 6 the second.
const LONG_THREAD: &[&[(i64, i64, i64)]] = &[
    &[(1, 0, 0), (3, 1, 0), (2, 0, 5)],
    &[(4, 0, 0), (5, 0, 1)],
    &[(6, 3, 0), (7, 1, 0)],
    &[(8, 6, 0)],
    &[(9, 0, 0), (10, 0, 7)],
    &[(11, 4, 0)],
    &[(12, 8, 0), (13, 2, 0), (14, 1, 0)],
];
const CONTINUATIONS: &[[u32; 3]] = &[[1, 3, 4], [2, 6, 6], [1, 7, 7]];

/// The values of the long thread.
fn long_thread() -> HashMap<String, Thread> {
    published(CONTINUATIONS, LONG_THREAD, Some(&[(10, 0, 7), (2, 0, 5), (5, 0, 1)]))
}

#[test]
fn a_long_thread_reads_correctly_in_every_order() {
    let values = long_thread();
    check(&values, Sort::Oldest, &[&[1, 3, 2], &[4, 5], &[6, 7], &[8], &[9, 10], &[11], &[12, 13, 14]]);
    check(&values, Sort::Newest, &[&[10, 9], &[5, 4], &[11], &[2, 1, 3], &[6, 7], &[8], &[12, 13, 14]]);
    check(&values, Sort::Top, &[&[10, 2, 5], &[1, 3], &[4], &[6, 7], &[8], &[9], &[11], &[12, 13, 14]]);
    let rounds: [(_, _, &[usize]); 9] = [
        (Sort::Oldest, 1, &[1]),
        (Sort::Oldest, 2, &[1, 1]),
        (Sort::Oldest, 8, &[1]),
        (Sort::Newest, 1, &[1, 1]),
        (Sort::Newest, 4, &[1]),
        (Sort::Top, 1, &[1, 1]),
        (Sort::Top, 2, &[1, 1]),
        (Sort::Top, 3, &[1, 2]),
        (Sort::Top, 9, &[1, 1]),
    ];
    for (sort, page, expected) in rounds {
        assert_eq!(read(&values, page, sort).1, expected, "{sort:?} {page}");
    }
    let unvoted = published(CONTINUATIONS, LONG_THREAD, None);
    assert_eq!(read(&unvoted, 3, Sort::Top).1, [1, 2, 1], "the page that was fetched in parallel is not needed");
    let continuations = |sort| read(&values, 1, sort).0.continuations;
    assert_eq!(
        (continuations(Sort::Oldest), continuations(Sort::Newest), continuations(Sort::Top)),
        (CONTINUATIONS.to_vec(), vec![], vec![])
    );
}

/// The values of the long thread with an index: comment 1 has replies on pages 3 and 7, comment 6 on page 4, and so on.
fn indexed() -> HashMap<String, Thread> {
    let mut values = long_thread();
    let ids = |entries: &[(i64, u32, u32)]| -> Vec<_> {
        entries.iter().map(|&(id, first, last)| (CommentId::new(id), first, last)).collect()
    };
    let runs =
        |entries: &[(i64, u32)]| PageRuns(entries.iter().map(|&(id, page)| (CommentId::new(id), page)).collect());
    let mut set = |key: String, index| values.get_mut(&key).unwrap().index = Some(index);
    let continued = ids(&[(1, 3, 7), (3, 3, 3), (2, 7, 7)]);
    set(
        url().kv_key(1),
        CommentIndex {
            continued,
            newest: Some(CommentId::new(14)),
            runs: runs(&[(8, 4), (9, 5), (11, 6), (12, 7)]),
            blocks: vec![(CommentId::new(1), 2), (CommentId::new(6), 3)],
        },
    );
    set(
        url().kv_key(2),
        CommentIndex { continued: ids(&[(4, 6, 6)]), runs: runs(&[(1, 1), (4, 2)]), ..CommentIndex::default() },
    );
    set(
        url().kv_key(3),
        CommentIndex { continued: ids(&[(6, 4, 4)]), runs: runs(&[(6, 3)]), ..CommentIndex::default() },
    );
    set(url().kv_key(4), CommentIndex { continued: ids(&[(8, 7, 7)]), ..CommentIndex::default() });
    values
}

/// Fetches everything that a reader asks for. Returns the page and the number of values fetched.
fn finish(values: &HashMap<String, Thread>, mut reader: PageReader) -> (Thread, usize) {
    let mut fetched = 0;
    while let Some(keys) = reader.next_keys() {
        fetched += keys.len();
        reader.provide(keys.iter().map(|key| values.get(key).cloned()));
    }
    (reader.into_thread(), fetched)
}

#[test]
fn a_comment_is_found_on_its_page_in_every_order() {
    let values = indexed();
    for sort in SORTS {
        for id in 1..=14 {
            let id = CommentId::new(id);
            let (thread, fetched) = finish(&values, PageReader::for_comment(url(), id, sort));
            assert!(thread.comments.iter().any(|comment| comment.id == id), "{sort:?} {id}");
            let by_number = read(&values, thread.page, sort).0;
            assert_eq!(thread, by_number, "{sort:?} {id}");
            let top = usize::from(sort == Sort::Top);
            assert!(fetched <= 3 + top, "{sort:?} {id}: {fetched} values");
            assert!(id.get() < 8 || fetched <= 2 + top, "{sort:?} {id}: {fetched} values without a block");
        }
    }
    assert_eq!(finish(&values, PageReader::for_comment(url(), CommentId::new(3), Sort::Oldest)).1, 1, "in the head");
}

#[test]
fn an_unknown_comment_leads_to_a_page_that_exists() {
    let values = indexed();
    for sort in SORTS {
        for id in [-1, 0, 15, 1_000_000, i64::MAX] {
            let (thread, _) = finish(&values, PageReader::for_comment(url(), CommentId::new(id), sort));
            assert!((1..=thread.pages).contains(&thread.page) && !thread.comments.is_empty(), "{sort:?} {id}");
        }
    }
    let old = published(CONTINUATIONS, &[&[(1, 0, 0)], &[(2, 0, 0)]], None);
    let (thread, _) = finish(&old, PageReader::for_comment(url(), CommentId::new(2), Sort::Oldest));
    assert_eq!(thread.page, 1, "a thread without an index");
    let (thread, _) = finish(&HashMap::new(), PageReader::for_comment(url(), CommentId::new(2), Sort::Oldest));
    assert_eq!((thread.page, thread.comments), (1, vec![]));
}

#[test]
fn a_reply_that_is_not_published_yet_leads_to_its_parent() {
    let values = indexed();
    let page = |comment, parent: Option<i64>| {
        let reader = PageReader::for_comment(url(), CommentId::new(comment), Sort::Oldest);
        finish(&values, reader.or_parent(parent.map(CommentId::new))).0.page
    };
    assert_eq!([page(15, Some(4)), page(15, Some(8)), page(15, Some(1))], [2, 4, 1]);
    assert_eq!(page(15, None), 5, "a root comment will be on the last root page");
    assert_eq!(page(11, Some(1)), 6, "the comment itself is published");
    assert_eq!(page(15, Some(16)), 5);
}

#[test]
fn a_continuation_page_is_nested_into_its_root_page() {
    let values = indexed();
    let ids = |page, sort| -> Vec<i64> {
        let (thread, _) = finish(&values, PageReader::new(url(), page, sort).with_root_page());
        thread.comments.iter().map(|comment| comment.id.get()).collect()
    };
    assert_eq!(ids(3, Sort::Oldest), [1, 3, 6, 7, 2]);
    assert_eq!(ids(6, Sort::Oldest), [4, 11, 5]);
    // The parent of 12 is on a page that is not shown.
    assert_eq!(ids(7, Sort::Oldest), [1, 3, 14, 2, 13, 12]);
    assert_eq!(ids(1, Sort::Oldest), [1, 3, 2], "a root page is shown alone");
    assert_eq!(ids(3, Sort::Newest), [5, 4, 11], "page 6 after page 2");
    assert_eq!(ids(5, Sort::Newest), [2, 1, 3, 6, 7]);
    assert_eq!(ids(4, Sort::Top), [1, 3, 6, 7, 2]);
}

#[test]
fn links_lead_to_further_replies_in_both_directions() {
    let values = indexed();
    let reply_pages = |page, sort, id| {
        let (thread, _) = finish(&values, PageReader::new(url(), page, sort).with_root_page());
        thread.reply_pages(CommentId::new(id))
    };
    assert_eq!(reply_pages(1, Sort::Oldest, 1), (None, Some(3)));
    assert_eq!(reply_pages(3, Sort::Oldest, 1), (None, Some(4)));
    assert_eq!(reply_pages(4, Sort::Oldest, 1), (Some(3), Some(7)));
    assert_eq!(reply_pages(7, Sort::Oldest, 1), (Some(4), None));
    assert_eq!(reply_pages(7, Sort::Oldest, 3), (None, Some(3)), "replies on an earlier page");
    assert_eq!(reply_pages(3, Sort::Oldest, 3), (None, None), "all replies are shown");
    assert_eq!(reply_pages(3, Sort::Oldest, 6), (None, Some(4)));
    assert_eq!(reply_pages(1, Sort::Oldest, 10), (None, None));
    assert_eq!(reply_pages(4, Sort::Newest, 1), (None, Some(5)), "numbers are those of the order");
    assert_eq!(reply_pages(2, Sort::Top, 1), (None, Some(4)));
}

#[test]
fn root_pages_follow_each_other_in_every_order() {
    let values = indexed();
    let around = |page, sort| {
        let thread = read(&values, page, sort).0;
        (thread.navigation().previous_root_page(page), thread.navigation().next_root_page(page))
    };
    assert_eq!(around(1, Sort::Oldest), (None, Some(2)));
    assert_eq!(around(2, Sort::Oldest), (Some(1), Some(5)));
    assert_eq!(around(6, Sort::Oldest), (Some(1), Some(5)), "a continuation page stands for its root page");
    assert_eq!(around(5, Sort::Oldest), (Some(2), None));
    assert_eq!(around(1, Sort::Newest), (None, Some(2)));
    assert_eq!(around(2, Sort::Newest), (Some(1), Some(4)));
    assert_eq!(around(4, Sort::Newest), (Some(2), None));
    assert_eq!(around(1, Sort::Top), (None, Some(2)));
    assert_eq!(around(2, Sort::Top), (Some(1), Some(3)));
    assert_eq!(around(6, Sort::Top), (Some(3), None));
}

#[test]
fn versions_identify_a_page() {
    let mut values = published(&[], &[&[(1, 0, 0)], &[(2, 0, 0)]], Some(&[(2, 0, 1)]));
    let versions = |values: &HashMap<String, Thread>, page, sort| {
        let mut reader = PageReader::new(url(), page, sort);
        while let Some(keys) = reader.next_keys() {
            reader.provide(keys.iter().map(|key| values.get(key).cloned()));
        }
        reader.versions()
    };
    assert_eq!(versions(&values, 1, Sort::Oldest), [9, 0, 0]);
    assert_eq!(versions(&values, 2, Sort::Oldest), [9, 0, 9]);
    assert_eq!(versions(&values, 3, Sort::Top), [9, 9, 9]);
    values.get_mut(&url().kv_key(2)).unwrap().version = 10;
    assert_eq!(versions(&values, 2, Sort::Oldest), [9, 0, 10]);
    assert_eq!(versions(&values, 1, Sort::Newest), [9, 0, 10]);
    assert_eq!(versions(&HashMap::new(), 1, Sort::Top), [0; 3]);
}

#[test]
fn without_votes_top_order_equals_oldest_order() {
    let pages: &[&[_]] = &[&[(1, 0, -2), (2, 0, 0)], &[(3, 0, 0)]];
    for top in [None, Some(&[][..])] {
        let values = published(&[], pages, top);
        check(&values, Sort::Top, &[&[1, 2], &[3]]);
    }
}

#[test]
fn a_post_without_comments_reads_as_an_empty_thread() {
    for sort in SORTS {
        let (thread, rounds) = read(&HashMap::new(), 1, sort);
        assert_eq!((thread, rounds), (Thread { sort, ..Thread::empty(url()) }, vec![1]));
        assert_eq!(read(&HashMap::new(), 7, sort).0.comments, []);
    }
}

#[test]
fn pages_missing_from_the_head_are_not_fetched() {
    let values = published(&[], &[&[(1, 0, 0)], &[(2, 0, 0)]], None);
    for sort in SORTS {
        for page in [0, 3, 4, u32::MAX] {
            let mut reader = PageReader::new(url(), page, sort);
            while let Some(keys) = reader.next_keys() {
                let is_stored = |key: &String| values.contains_key(key) || *key == url().kv_top_key();
                assert!(keys.iter().all(is_stored), "{keys:?} of page {page}");
                reader.provide(keys.iter().map(|key| values.get(key).cloned()));
            }
            assert_eq!(reader.into_thread().comments, [], "{sort:?} {page}");
        }
    }
}

#[test]
fn json_of_continuations_sort_orders_and_votes() {
    let json = serde_json::to_string(&thread(4, &[[1, 3, 4]], &[])).unwrap();
    assert!(json.ends_with(r#""page":1,"pages":4,"comments":[],"parts":[[1,3,4]]}"#), "{json}");
    assert_eq!(serde_json::from_str::<Thread>(&json).unwrap().continuations, [[1, 3, 4]]);
    assert_eq!(serde_json::to_string(&SORTS).unwrap(), r#"["oldest","newest","top"]"#);
    assert_eq!(serde_json::to_string(&[Vote::For, Vote::Neutral, Vote::Against]).unwrap(), "[1,0,-1]");
    for bad in ["2", "-2", "1.0", "true", "null", "\"1\"", "9999999999"] {
        assert!(serde_json::from_str::<Vote>(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_top_page_has_its_own_key() {
    assert_eq!(url().kv_top_key(), "thread:https://blog.example/post#top");
    let long = PostUrl::parse(&format!("https://blog.example/{}", "x".repeat(600))).unwrap();
    assert!(long.kv_top_key().starts_with("thread:sha256:") && long.kv_top_key().ends_with("#top"));
    assert!(long.kv_top_key().len() <= 512);
}

/// The values of the long thread, in which these root comments are pinned. The first page has those of later pages as well, but at most `room`
/// comments of each.
fn with_pins(pinned: &[i64], room: usize) -> HashMap<String, Thread> {
    let mut values = indexed();
    let mut pins = Vec::new();
    for value in values.values_mut() {
        for comment in &mut value.comments {
            comment.pinned = pinned.contains(&comment.id.get());
        }
    }
    for (id, page) in pinned.iter().filter_map(|id| {
        let page = values.values().find(|it| it.sort == Sort::Oldest && it.page > 1 && has_root(it, *id))?;
        Some((*id, page))
    }) {
        let tree = page.comments.iter().filter(|it| it.id.get() == id || it.parent == Some(CommentId::new(id)));
        pins.extend(tree.take(room).cloned());
    }
    if let Some(head) = values.get_mut(&url().kv_key(1)) {
        head.pins = pins;
    }
    values
}

fn has_root(page: &Thread, id: i64) -> bool {
    page.comments.iter().any(|comment| comment.id.get() == id && comment.parent.is_none())
}

#[test]
fn pinned_comments_come_first_in_every_order() {
    let values = with_pins(&[2, 9], 9);
    check(&values, Sort::Oldest, &[&[2, 9, 1, 3], &[4, 5], &[6, 7], &[8], &[10], &[11], &[12, 13, 14]]);
    check(&values, Sort::Newest, &[&[9, 2, 10], &[5, 4], &[11], &[1, 3], &[6, 7], &[8], &[12, 13, 14]]);
    check(&values, Sort::Top, &[&[2, 9, 10, 5], &[1, 3], &[4], &[6, 7], &[8], &[], &[11], &[12, 13, 14]]);
    for sort in SORTS {
        for (id, page) in [(2, 1), (9, 1)] {
            let mut reader = PageReader::for_comment(url(), CommentId::new(id), sort);
            while let Some(keys) = reader.next_keys() {
                reader.provide(keys.iter().map(|key| values.get(key).cloned()));
            }
            let found = reader.into_thread();
            assert!(found.page == page && has_root(&found, id), "{sort:?} {id}");
        }
        let first = read(&values, 1, sort);
        assert_eq!(first.1, read(&indexed(), 1, sort).1, "pins take no further read");
        assert!(first.0.pins.is_empty(), "the public form names each comment once");
    }
}

#[test]
fn replies_stay_below_a_pinned_comment() {
    // The tree of comment 1 is on the first page, with its reply 3.
    check(&with_pins(&[1], 9), Sort::Newest, &[&[1, 3, 10, 9], &[5, 4], &[11], &[2], &[6, 7], &[8], &[12, 13, 14]]);
    // A single page needs nothing but its comments.
    let mut values = published(&[], &[&[(1, 0, 0), (2, 0, 0), (3, 2, 0), (4, 0, 0), (5, 4, 0)]], None);
    for comment in values.values_mut().flat_map(|value| &mut value.comments) {
        comment.pinned = [2, 5].contains(&comment.id.get());
    }
    check(&values, Sort::Oldest, &[&[2, 3, 1, 4, 5]]);
    check(&values, Sort::Newest, &[&[2, 3, 4, 5, 1]]);
}

#[test]
fn a_pinned_comment_whose_replies_do_not_fit_has_all_of_them_on_its_own_page() {
    let pages: &[&[_]] = &[&[(1, 0, 0)], &[(2, 0, 0), (3, 2, 0), (4, 2, 0), (5, 0, 0)], &[(6, 0, 0)]];
    let mut values = published(&[], pages, None);
    for comment in values.values_mut().flat_map(|value| &mut value.comments) {
        comment.pinned = comment.id.get() == 2;
    }
    let pins = values[&url().kv_key(2)].comments[..2].to_vec();
    values.get_mut(&url().kv_key(1)).unwrap().pins = pins;
    check(&values, Sort::Oldest, &[&[2, 3, 1], &[2, 3, 4, 5], &[6]]);
    check(&values, Sort::Newest, &[&[2, 3, 6], &[5, 2, 3, 4], &[1]]);
    values.get_mut(&url().kv_key(1)).unwrap().pages = 2;
    check(&values, Sort::Newest, &[&[2, 3, 4, 5], &[1]]);
}
