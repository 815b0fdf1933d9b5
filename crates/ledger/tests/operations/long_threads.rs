//! Threads of many pages: answers under their parents, and the way from a link to its comment.

use std::collections::{BTreeSet, HashMap};

use afterword_ledger::{Actor, Ledger, PageSize};
use afterword_model::{Comment, CommentId, Moderation, PageReader, Sort, Thread};

use crate::common::reading::{self, published_values, read};
use crate::fixtures::{NOW, TestDatabase, attribution, page_size, reply, root_comment, submit, url};

/// A page takes 3 root comments, and replies up to 5 comments; the first page has 4 runs of the index.
const SMALL: PageSize = PageSize { comments_with_replies: 5, ..page_size(3) };

/// All values of the post `a`, as they would be published now.
fn published(ledger: &Ledger<&TestDatabase>) -> HashMap<String, Thread> {
    published_values(ledger, &url("a"))
}

fn ids(thread: &Thread) -> Vec<i64> {
    thread.comments.iter().map(|comment| comment.id.get()).collect()
}

/// Checks that a link to each comment leads to it.
#[track_caller]
fn check_links(values: &HashMap<String, Thread>) {
    assert!(reading::check_links(values) > 0);
}

/// Checks that the links on the pages lead from the first page to every comment, each below its parent.
#[track_caller]
fn check_every_comment_is_reached(values: &HashMap<String, Thread>) {
    for sort in [Sort::Oldest, Sort::Newest, Sort::Top] {
        let (mut open, mut seen, mut met) = (vec![1], BTreeSet::new(), BTreeSet::new());
        while let Some(page) = open.pop() {
            if !seen.insert(page) {
                continue;
            }
            let thread = read(values, PageReader::new(url("a"), page, sort).with_root_page()).0;
            open.extend(thread.navigation().next_root_page(page));
            for Comment { id, .. } in &thread.comments {
                met.insert(*id);
                let (earlier, later) = thread.reply_pages(*id);
                open.extend([earlier, later].into_iter().flatten());
            }
        }
        let pages = values.values().filter(|value| value.sort == Sort::Oldest);
        let all: BTreeSet<CommentId> = pages.flat_map(|value| &value.comments).map(|comment| comment.id).collect();
        assert_eq!(met, all, "{sort:?}");
    }
}

#[test]
fn answers_to_comments_of_early_pages_stand_under_them() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 1..=350 {
        submit(&ledger, &root_comment(number));
    }
    for (number, parent) in [(351, 1), (352, 100), (353, 349), (354, 351), (355, 201)] {
        let posted = ledger.submit(&reply(number, CommentId::new(parent)), Moderation::Open, NOW).unwrap().posted;
        assert_eq!(posted.comment.id.get(), i64::from(number));
        let values = published(&ledger);
        let page = values.values().find(|value| ids(value).contains(&i64::from(number))).unwrap();
        assert!(ids(page).contains(&parent), "{number} is on page {}", page.page);
    }
    let first = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!(ids(&first)[..4], [1, 351, 354, 2]);
    assert_eq!(ids(&first)[101..], [100, 352]);
    check_links(&published(&ledger));
    check_every_comment_is_reached(&published(&ledger));
}

#[test]
fn replies_without_room_are_found_from_their_parent() {
    let database = TestDatabase::new();
    let ledger = database.ledger().with_page_size(SMALL);
    for number in 1..=7 {
        submit(&ledger, &root_comment(number));
    }
    for (number, parent) in [(8, 1), (9, 3), (10, 1), (11, 2), (12, 11), (13, 8), (14, 4)] {
        submit(&ledger, &reply(number, CommentId::new(parent)));
    }
    let page = |page| ledger.read_page(&url("a"), page).unwrap();
    assert_eq!(
        [1, 2, 3, 4].map(|number| ids(&page(number))),
        [vec![1, 8, 2, 3, 9], vec![4, 14, 5, 6], vec![7], vec![10, 11, 12, 13]]
    );
    let continued: Vec<_> =
        page(1).index.unwrap().continued.iter().map(|(id, first, last)| (id.get(), *first, *last)).collect();
    assert_eq!(continued, [(1, 4, 4), (2, 4, 4), (8, 4, 4)]);
    let values = published(&ledger);
    let nested = read(&values, PageReader::new(url("a"), 4, Sort::Oldest).with_root_page()).0;
    assert_eq!(ids(&nested), [1, 8, 13, 10, 2, 11, 12, 3, 9]);
    check_links(&values);
    check_every_comment_is_reached(&values);
}

#[test]
fn a_comment_changes_two_values_at_once_and_others_later() {
    let database = TestDatabase::new();
    let ledger = database.ledger().with_page_size(SMALL);
    let mut ids = Vec::new();
    for number in 1..=200_u32 {
        let parent = (number % 3 != 1).then(|| ids[(number as usize * 7) % ids.len()]);
        ids.push(submit(&ledger, &parent.map_or_else(|| root_comment(number), |parent| reply(number, parent))));
        let due = ledger.due_threads_after(0, NOW, 1).unwrap().remove(0);
        assert!(due.pages.len() <= 2, "{number}: {:?}", due.pages);
        ledger.mark_published(&due).unwrap();
    }
    let values = published(&ledger);
    let head = &values[&url("a").kv_key(1)].index.as_ref().unwrap();
    assert!(head.runs.0.len() <= 16 && head.blocks.len() > 10, "{head:?}");
    check_links(&values);
    check_every_comment_is_reached(&values);
}

#[test]
fn many_replies_to_one_comment_follow_each_other() {
    let database = TestDatabase::new();
    let ledger = database.ledger().with_page_size(SMALL);
    let root = submit(&ledger, &root_comment(1));
    for number in 2..=5 {
        submit(&ledger, &root_comment(number));
    }
    for number in 6..=105 {
        submit(&ledger, &reply(number, root));
    }
    let values = published(&ledger);
    // From the first page through all continuation pages, in order.
    let (mut page, mut met) = (Some(1), Vec::new());
    while let Some(number) = page {
        let thread = read(&values, PageReader::new(url("a"), number, Sort::Oldest).with_root_page()).0;
        met.extend(
            thread.comments.iter().filter(|comment| comment.parent == Some(root)).map(|comment| comment.id.get()),
        );
        assert_eq!(thread.comments[0].id, root);
        page = thread.reply_pages(root).1;
    }
    met.dedup();
    let in_order: Vec<i64> = (6..=105).collect();
    let unique: BTreeSet<i64> = met.iter().copied().collect();
    assert_eq!(unique.into_iter().collect::<Vec<_>>(), in_order);
    check_links(&values);
    check_every_comment_is_reached(&values);
}

#[test]
fn a_chain_of_200_replies_can_be_followed() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let mut parent = submit(&ledger, &root_comment(1));
    for number in 2..=200 {
        parent = submit(&ledger, &reply(number, parent));
    }
    let values = published(&ledger);
    let first = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((first.pages, first.comments.len()), (2, 150));
    let nested = read(&values, PageReader::new(url("a"), 2, Sort::Oldest).with_root_page()).0;
    assert_eq!(ids(&nested), (1..=200).collect::<Vec<_>>());
    check_links(&values);
    check_every_comment_is_reached(&values);
}

#[test]
fn comments_approved_late_and_erased_ones_are_found() {
    let database = TestDatabase::new();
    let ledger = database.ledger().with_page_size(SMALL);
    let parents: Vec<_> = (1..=4).map(|number| submit(&ledger, &root_comment(number))).collect();
    let mut pending = Vec::new();
    for number in 5..=90_u32 {
        let comment = match number % 4 {
            0 => root_comment(number),
            other => reply(number, parents[other as usize]),
        };
        if number % 3 == 0 {
            submit(&ledger, &comment);
        } else {
            pending.push(ledger.submit(&comment, Moderation::All, NOW).unwrap().posted.comment.id);
        }
    }
    // From the newest to the oldest, and every fifth not at all.
    let by_time = |(number, id): (usize, CommentId)| (number % 5 != 0).then_some(id);
    for id in pending.into_iter().enumerate().filter_map(by_time).rev() {
        ledger.approve(id, &attribution(), NOW).unwrap();
    }
    for id in [1, 9, 12, 33] {
        ledger.erase(CommentId::new(id), Actor::Moderator(&attribution()), NOW).unwrap();
    }
    let values = published(&ledger);
    check_links(&values);
    check_every_comment_is_reached(&values);
    for value in values.values().filter(|value| value.page > 1) {
        let runs = value.index.as_ref().map_or(0, |index| index.runs.0.len());
        assert!(runs <= 16, "{runs} runs on page {}", value.page);
    }
}
