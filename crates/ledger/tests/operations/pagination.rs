//! How a thread is cut into pages.

use afterword_ledger::{Actor, CommentEdit, Ledger, LedgerError, PageSize, VerifiedComment};
use afterword_model::{Author, Comment, CommentId, Moderation, Refusal, Thread, limits};

use crate::fixtures::{NOW, Store, act, answer, approve, entry, erase, html, post, url};

/// Three comments fill a page.
const SMALL: PageSize = PageSize { comments: 3, bytes: i64::MAX, edited_bytes: i64::MAX, max_interleaved_pages: 20 };

/// Posts comments 1, 2, 3, … with the given parents (0 for a root) on small pages, and checks on which pages they are.
#[track_caller]
fn check(parents: &[i64], expected: &[&[i64]], parts: &[[u32; 3]]) -> Store {
    let store = Store::new();
    let ledger = store.ledger().with_page_size(SMALL);
    for (number, &parent) in (1..).zip(parents) {
        post(&ledger, &if parent == 0 { entry(number) } else { answer(number, CommentId::new(parent)) });
    }
    assert_eq!(pages(&store), expected);
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().continuations, parts);
    store
}

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
fn a_root_goes_to_the_last_root_page() {
    check(&[0, 0, 0, 0], &[&[1, 2, 3], &[4]], &[]);
    // The page that continues the first one comes between, and takes no root.
    check(&[0, 0, 0, 1, 0, 0], &[&[1, 2, 3], &[4], &[5, 6]], &[[1, 2, 2]]);
}

#[test]
fn an_answer_goes_to_its_parents_page_or_to_the_end_of_the_chain() {
    check(&[0, 1, 2], &[&[1, 2, 3]], &[]);
    check(&[0, 0, 0, 0, 4, 1], &[&[1, 2, 3], &[4, 5], &[6]], &[[1, 3, 3]]);
    check(&[0, 1, 1, 1, 1, 4, 2, 7], &[&[1, 2, 3], &[4, 6, 5], &[7, 8]], &[[1, 2, 3]]);
    // Full pages in the middle of a chain are passed over.
    check(&[0, 1, 1, 1, 1, 1, 4, 4, 4, 4], &[&[1, 2, 3], &[4, 5, 6], &[7, 8, 9], &[10]], &[[1, 2, 4]]);
}

#[test]
fn chains_of_several_roots_go_side_by_side() {
    check(
        &[0, 1, 1, 0, 4, 4, 1, 4, 1, 1, 1, 5],
        &[&[1, 2, 3], &[4, 5, 6], &[7, 9, 10], &[8, 12], &[11]],
        &[[1, 3, 3], [2, 4, 4], [1, 5, 5]],
    );
}

#[test]
fn what_is_taken_away_keeps_its_place_on_a_page() {
    let store = check(&[0, 0, 0], &[&[1, 2, 3]], &[]);
    let ledger = store.ledger().with_page_size(SMALL);
    erase(&store, CommentId::new(2));
    ledger.unpublish(CommentId::new(3), &act(), NOW).unwrap();
    post(&ledger, &entry(4));
    ledger.approve(CommentId::new(3), &act(), NOW).unwrap();
    assert_eq!(pages(&store), [vec![1, 3], vec![4]]);
}

#[test]
fn a_tombstone_stays_for_answers_on_another_page() {
    let store = check(&[0, 0, 0, 2, 4], &[&[1, 2, 3], &[4, 5]], &[[1, 2, 2]]);
    erase(&store, CommentId::new(1));
    erase(&store, CommentId::new(2));
    store.ledger().unpublish(CommentId::new(3), &act(), NOW).unwrap();
    assert_eq!(pages(&store), [vec![2], vec![4, 5]]);
    store.ledger().approve(CommentId::new(3), &act(), NOW).unwrap();
    erase(&store, CommentId::new(4));
    assert_eq!(pages(&store), [vec![2, 3], vec![4, 5]]);
}

#[test]
fn an_answer_let_through_later_brings_the_tombstone_back() {
    let store = check(&[0, 0, 0], &[&[1, 2, 3]], &[]);
    let ledger = store.ledger().with_page_size(SMALL);
    let waiting = ledger.submit(&answer(4, CommentId::new(2)), Moderation::All, NOW).unwrap().posted.comment.id;
    erase(&store, CommentId::new(2));
    assert_eq!(pages(&store), [vec![1, 3]]);
    ledger.mark_published(&ledger.due_threads(NOW, 1).unwrap()[0]).unwrap();
    ledger.approve(waiting, &act(), NOW).unwrap();
    assert_eq!(pages(&store), [vec![1, 2, 3], vec![4]]);
    assert_eq!(ledger.due_threads(NOW, 1).unwrap()[0].pages, [1, 2]);
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

/// Whatever fills it: a page without its last comment is below the limit, and the limit is spent.
#[test]
fn a_page_is_full_after_so_many_bytes() {
    let names = VerifiedComment {
        name: "\u{1f469}".repeat(limits::NAME_CHARS),
        website: Some(format!("https://ada.example/{}", "x".repeat(490))),
        ..entry(0)
    };
    let texts = VerifiedComment { html: html(&"x\n\"\\\u{1}".repeat(500)), ..entry(0) };
    let both = VerifiedComment { html: texts.html.clone(), ..names.clone() };
    for kind in [names, texts, both] {
        let store = Store::new();
        let ledger = store.ledger();
        let mut number = 1;
        while ledger.read_page(&url("a"), 1).unwrap().pages == 1 {
            post(&ledger, &VerifiedComment { id: entry(number).id, fingerprint: number.to_string(), ..kind.clone() });
            number += 1;
        }
        let comments = ledger.read_page(&url("a"), 1).unwrap().comments;
        let bytes = |comments: &[Comment]| serde_json::to_string(comments).unwrap().len();
        assert!(bytes(&comments[1..]) < limits::PAGE_BYTES, "{}", bytes(&comments[1..]));
        let frame_slack = comments.len() * 60;
        assert!(bytes(&comments) + frame_slack >= limits::PAGE_BYTES, "{}", bytes(&comments));
    }
}

#[test]
fn a_page_cannot_be_blown_up_by_edits() {
    let store = Store::new();
    let ledger = store.ledger();
    for number in 1..=50 {
        post(&ledger, &entry(number));
    }
    let long = |length| CommentEdit { source: String::new(), html: html(&"x".repeat(length)), renderer: 1 };
    let edit = |id, edit: &CommentEdit| ledger.edit(CommentId::new(id), edit, Actor::Moderator(&act()), 0, NOW);
    let refused = (1..=50).find(|&id| edit(id, &long(8_000)).is_err()).unwrap();
    assert_eq!(edit(refused, &long(8_000)), Err(LedgerError::Refused(Refusal::TextTooLong)));
    assert!(edit(1, &long(7_000)).is_ok(), "what becomes shorter is always taken");
    let json = serde_json::to_string(&ledger.read_page(&url("a"), 1).unwrap()).unwrap();
    assert!(json.len() > limits::PAGE_EDITED_BYTES - 9_000 && json.len() < limits::PAGE_EDITED_BYTES, "{}", json.len());
}

#[test]
fn a_comment_that_waited_goes_where_there_is_room_by_then() {
    let store = Store::new();
    let ledger = store.ledger().with_page_size(SMALL);
    let waiting = ledger.submit(&entry(1), Moderation::All, NOW).unwrap().posted.comment.id;
    for number in 2..=5 {
        post(&ledger, &entry(number));
    }
    approve(&store, waiting);
    assert_eq!(pages(&store), [vec![2, 3, 4], vec![1, 5]]);
}

#[test]
fn pages_that_are_not_there_are_empty_and_stay_so() {
    let store = Store::new();
    let ledger: Ledger<&Store> = store.ledger();
    let before = store.dump();
    for page in [0, 1, 2, u32::MAX] {
        let expected = Thread { page, ..Thread::empty(url("nobody-wrote-here")) };
        assert_eq!(ledger.read_page(&expected.url, page).unwrap(), expected);
    }
    assert_eq!(ledger.read_top(&url("nobody-wrote-here")).unwrap().comments, []);
    assert_eq!(store.dump(), before);
    post(&ledger, &entry(1));
    for page in [0, 2, u32::MAX] {
        let thread = ledger.read_page(&url("a"), page).unwrap();
        assert_eq!((thread.comments.len(), thread.page, thread.pages, thread.count), (0, page, 1, 1));
    }
    assert_eq!(
        ledger.read_page(&url("a"), 1).unwrap().comments[0].author,
        Author { name: "Author 1".to_owned(), ..Author::default() }
    );
}
