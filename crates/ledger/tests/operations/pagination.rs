//! The distribution of comments over the pages of a thread.

use afterword_ledger::{Actor, CommentEdit, Ledger, LedgerError, PageSize, VerifiedComment};
use afterword_model::{Author, Comment, CommentId, Moderation, Refusal, Thread, limits};

use crate::fixtures::{
    NOW, TestDatabase, approve, attribution, erase, html, page_size, reply, root_comment, submit, url,
};

/// A page holds three comments.
const SMALL: PageSize = page_size(3);

/// Submits comments 1, 2, 3, … with the given parents (0 for a root comment) under [`SMALL`], and checks the ids on
/// each page and the continuations of the thread.
#[track_caller]
fn check(parents: &[i64], expected: &[&[i64]], continuations: &[[u32; 3]]) -> TestDatabase {
    let database = TestDatabase::new();
    let ledger = database.ledger().with_page_size(SMALL);
    for (number, &parent) in (1..).zip(parents) {
        submit(&ledger, &if parent == 0 { root_comment(number) } else { reply(number, CommentId::new(parent)) });
    }
    assert_eq!(pages(&database), expected);
    assert_eq!(ledger.read_page(&url("a"), 1).unwrap().continuations, continuations);
    database
}

/// The ids on each page of the post `a`. Checks that all pages agree about the thread.
fn pages(database: &TestDatabase) -> Vec<Vec<i64>> {
    let ledger = database.ledger();
    let first_page = ledger.read_page(&url("a"), 1).unwrap();
    let read = |page| {
        let thread = ledger.read_page(&url("a"), page).unwrap();
        assert_eq!(
            (thread.page, thread.pages, thread.count, thread.version),
            (page, first_page.pages, first_page.count, first_page.version)
        );
        thread.comments.iter().map(|comment| comment.id.get()).collect()
    };
    (1..=first_page.pages).map(read).collect()
}

#[test]
fn a_root_comment_goes_to_the_last_root_page() {
    check(&[0, 0, 0, 0], &[&[1, 2, 3], &[4]], &[]);
    // The second page continues the first one and takes no root comment.
    check(&[0, 0, 0, 1, 0, 0], &[&[1, 2, 3], &[4], &[5, 6]], &[[1, 2, 2]]);
}

#[test]
fn a_reply_goes_to_its_parents_page_or_the_end_of_the_chain() {
    check(&[0, 1, 2], &[&[1, 2, 3]], &[]);
    check(&[0, 0, 0, 0, 4, 1], &[&[1, 2, 3], &[4, 5], &[6]], &[[1, 3, 3]]);
    check(&[0, 1, 1, 1, 1, 4, 2, 7], &[&[1, 2, 3], &[4, 6, 5], &[7, 8]], &[[1, 2, 3]]);
    // Full pages within a chain are skipped.
    check(&[0, 1, 1, 1, 1, 1, 4, 4, 4, 4], &[&[1, 2, 3], &[4, 5, 6], &[7, 8, 9], &[10]], &[[1, 2, 4]]);
}

#[test]
fn chains_of_several_root_pages_are_independent() {
    check(
        &[0, 1, 1, 0, 4, 4, 1, 4, 1, 1, 1, 5],
        &[&[1, 2, 3], &[4, 5, 6], &[7, 9, 10], &[8, 12], &[11]],
        &[[1, 3, 3], [2, 4, 4], [1, 5, 5]],
    );
}

#[test]
fn removed_comments_keep_their_place_on_a_page() {
    let database = check(&[0, 0, 0], &[&[1, 2, 3]], &[]);
    let ledger = database.ledger().with_page_size(SMALL);
    erase(&database, CommentId::new(2));
    ledger.unpublish(CommentId::new(3), &attribution(), NOW).unwrap();
    submit(&ledger, &root_comment(4));
    ledger.approve(CommentId::new(3), &attribution(), NOW).unwrap();
    assert_eq!(pages(&database), [vec![1, 3], vec![4]]);
}

#[test]
fn a_tombstone_stays_for_replies_on_another_page() {
    let database = check(&[0, 0, 0, 2, 4], &[&[1, 2, 3], &[4, 5]], &[[1, 2, 2]]);
    erase(&database, CommentId::new(1));
    erase(&database, CommentId::new(2));
    database.ledger().unpublish(CommentId::new(3), &attribution(), NOW).unwrap();
    assert_eq!(pages(&database), [vec![2], vec![4, 5]]);
    database.ledger().approve(CommentId::new(3), &attribution(), NOW).unwrap();
    erase(&database, CommentId::new(4));
    assert_eq!(pages(&database), [vec![2, 3], vec![4, 5]]);
}

#[test]
fn approving_a_reply_restores_the_tombstone_above_it() {
    let database = check(&[0, 0, 0], &[&[1, 2, 3]], &[]);
    let ledger = database.ledger().with_page_size(SMALL);
    let pending = ledger.submit(&reply(4, CommentId::new(2)), Moderation::All, NOW).unwrap().posted.comment.id;
    erase(&database, CommentId::new(2));
    assert_eq!(pages(&database), [vec![1, 3]]);
    ledger.mark_published(&ledger.due_threads_after(0, NOW, 1).unwrap()[0]).unwrap();
    ledger.approve(pending, &attribution(), NOW).unwrap();
    assert_eq!(pages(&database), [vec![1, 2, 3], vec![4]]);
    assert_eq!(ledger.due_threads_after(0, NOW, 1).unwrap()[0].pages, [1, 2]);
}

#[test]
fn a_page_is_full_at_the_comment_limit() {
    let database = TestDatabase::new();
    let full = u32::try_from(limits::PAGE_COMMENTS).unwrap();
    for number in 1..=full {
        submit(&database.ledger(), &root_comment(number));
    }
    assert_eq!(pages(&database).len(), 1);
    let next = submit(&database.ledger(), &root_comment(full + 1));
    assert_eq!(pages(&database)[1], [next.get()]);
    assert_eq!(pages(&database)[0].len(), limits::PAGE_COMMENTS);
}

/// Without its first comment a full page is below the limit, and with all of them it reaches the limit, whatever fills
/// it.
#[test]
fn a_page_is_full_at_the_byte_limit() {
    let names = VerifiedComment {
        name: "\u{1f469}".repeat(limits::NAME_CHARS),
        website: Some(format!("https://ada.example/{}", "x".repeat(490))),
        ..root_comment(0)
    };
    let texts = VerifiedComment { html: html(&"x\n\"\\\u{1}".repeat(500)), ..root_comment(0) };
    let both = VerifiedComment { html: texts.html.clone(), ..names.clone() };
    for kind in [names, texts, both] {
        let database = TestDatabase::new();
        let ledger = database.ledger();
        let mut number = 1;
        while ledger.read_page(&url("a"), 1).unwrap().pages == 1 {
            submit(
                &ledger,
                &VerifiedComment { id: root_comment(number).id, fingerprint: number.to_string(), ..kind.clone() },
            );
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
fn edits_cannot_exceed_the_page_size_limit() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 1..=50 {
        submit(&ledger, &root_comment(number));
    }
    let long = |length| CommentEdit { source: String::new(), html: html(&"x".repeat(length)), renderer: 1 };
    let edit = |id, edit: &CommentEdit| ledger.edit(CommentId::new(id), edit, Actor::Moderator(&attribution()), 0, NOW);
    let refused = (1..=50).find(|&id| edit(id, &long(8_000)).is_err()).unwrap();
    assert_eq!(edit(refused, &long(8_000)), Err(LedgerError::Refused(Refusal::TextTooLong)));
    assert!(edit(1, &long(7_000)).is_ok(), "a text that becomes shorter is always accepted");
    let json = serde_json::to_string(&ledger.read_page(&url("a"), 1).unwrap()).unwrap();
    assert!(json.len() > limits::PAGE_EDITED_BYTES - 9_000 && json.len() < limits::PAGE_EDITED_BYTES, "{}", json.len());
}

#[test]
fn an_approved_comment_goes_to_a_page_with_room() {
    let database = TestDatabase::new();
    let ledger = database.ledger().with_page_size(SMALL);
    let pending = ledger.submit(&root_comment(1), Moderation::All, NOW).unwrap().posted.comment.id;
    for number in 2..=5 {
        submit(&ledger, &root_comment(number));
    }
    approve(&database, pending);
    assert_eq!(pages(&database), [vec![2, 3, 4], vec![1, 5]]);
}

#[test]
fn missing_pages_are_empty_and_reading_writes_nothing() {
    let database = TestDatabase::new();
    let ledger: Ledger<&TestDatabase> = database.ledger();
    let before = database.dump();
    for page in [0, 1, 2, u32::MAX] {
        let expected = Thread { page, ..Thread::empty(url("nobody-wrote-here")) };
        assert_eq!(ledger.read_page(&expected.url, page).unwrap(), expected);
    }
    assert_eq!(ledger.read_top(&url("nobody-wrote-here")).unwrap().comments, []);
    assert_eq!(database.dump(), before);
    submit(&ledger, &root_comment(1));
    for page in [0, 2, u32::MAX] {
        let thread = ledger.read_page(&url("a"), page).unwrap();
        assert_eq!((thread.comments.len(), thread.page, thread.pages, thread.count), (0, page, 1, 1));
    }
    assert_eq!(
        ledger.read_page(&url("a"), 1).unwrap().comments[0].author,
        Author { name: "Author 1".to_owned(), ..Author::default() }
    );
}
