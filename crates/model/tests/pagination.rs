//! Reading a thread page by page in every sort order.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;

use afterword_model::{Author, Comment, CommentId, PageReader, PostUrl, SafeHtml, Sort, Thread, Vote};

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

/// Pages 1, 2 and 5 are root pages. 3, 4 and 7 continue the first, 6 the second.
const CONTINUATIONS: &[[u32; 3]] = &[[1, 3, 4], [2, 6, 6], [1, 7, 7]];

#[test]
fn a_long_thread_reads_correctly_in_every_order() {
    let pages: &[&[_]] = &[
        &[(1, 0, 0), (3, 1, 0), (2, 0, 5)],
        &[(4, 0, 0), (5, 0, 1)],
        &[(6, 3, 0), (7, 1, 0)],
        &[(8, 6, 0)],
        &[(9, 0, 0), (10, 0, 7)],
        &[(11, 4, 0)],
        &[(12, 8, 0), (13, 2, 0)],
    ];
    let values = published(CONTINUATIONS, pages, Some(&[(10, 0, 7), (2, 0, 5), (5, 0, 1)]));
    check(&values, Sort::Oldest, &[&[1, 3, 2], &[4, 5], &[6, 7], &[8], &[9, 10], &[11], &[12, 13]]);
    check(&values, Sort::Newest, &[&[10, 9], &[5, 4], &[11], &[2, 1, 3], &[6, 7], &[8], &[12, 13]]);
    check(&values, Sort::Top, &[&[10, 2, 5], &[1, 3], &[4], &[6, 7], &[8], &[9], &[11], &[12, 13]]);
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
    let unvoted = published(CONTINUATIONS, pages, None);
    assert_eq!(read(&unvoted, 3, Sort::Top).1, [1, 2, 1], "the page that was fetched in parallel is not needed");
    let continuations = |sort| read(&values, 1, sort).0.continuations;
    assert_eq!(
        (continuations(Sort::Oldest), continuations(Sort::Newest), continuations(Sort::Top)),
        (CONTINUATIONS.to_vec(), vec![], vec![])
    );
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
