//! Random sites: an export, imported into an empty ledger, gives the same site again.

use std::collections::BTreeMap;

use afterword_ledger::{Actor, CommentEdit, Ledger, PageSize, PostMove, PostMoves, VerifiedComment};
use afterword_model::{CommentId, Moderation, Thread, Vote};
use proptest::prelude::*;

use crate::common::assert_changes_are_counted;
use crate::common::reading::{check_links, published_values};
use crate::fixtures::{
    NOW, TestDatabase, attribution, author_id, export, import_lines, page_size, publish_all, render, root_comment, url,
};

const POSTS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A step of a random story. Ids of comments are taken modulo 60.
#[derive(Clone, Debug)]
enum Step {
    Submit { post: usize, parent: Option<usize>, author: Option<u8>, policy: Moderation, bytes: usize },
    Edit(usize),
    Erase(usize),
    Approve(usize),
    Unpublish(usize),
    Vote { which: usize, author: u8, vote: Vote },
    Close(usize, bool),
    Remap(usize, usize),
    Publish(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let policy = prop_oneof![4 => Just(Moderation::Open), 1 => Just(Moderation::First), 1 => Just(Moderation::All)];
    let vote = prop_oneof![Just(Vote::For), Just(Vote::Neutral), Just(Vote::Against)];
    let submission = (0..POSTS.len(), prop::option::of(any::<usize>()), prop::option::of(0..4u8), policy, 0..400usize);
    prop_oneof![
        40 => submission.prop_map(|(post, parent, author, policy, bytes)| Step::Submit { post, parent, author, policy, bytes }),
        3 => any::<usize>().prop_map(Step::Edit),
        4 => any::<usize>().prop_map(Step::Erase),
        4 => any::<usize>().prop_map(Step::Approve),
        4 => any::<usize>().prop_map(Step::Unpublish),
        8 => (any::<usize>(), 0..4u8, vote).prop_map(|(which, author, vote)| Step::Vote { which, author, vote }),
        1 => (0..POSTS.len(), any::<bool>()).prop_map(|(post, closed)| Step::Close(post, closed)),
        2 => (0..POSTS.len(), 0..POSTS.len()).prop_map(|(from, to)| Step::Remap(from, to)),
        4 => (0..200i64).prop_map(Step::Publish),
    ]
}

/// Does a step. A refusal is ignored: the step then has no effect.
fn apply_step(ledger: &Ledger<&TestDatabase>, step: &Step, number: u32) {
    let id = |which: usize| CommentId::new(i64::try_from(which % 60).unwrap());
    match step {
        Step::Submit { post, parent, author, policy, bytes } => {
            let source = format!("Text {number}{}", "\"".repeat(*bytes));
            let comment = VerifiedComment {
                parent: parent.map(id),
                author: author.map(|author| author_id(&author.to_string())),
                email: author.map(|author| format!("{author}@mail.example")),
                html: render(&source).unwrap(),
                source,
                ..root_comment(POSTS[*post], number)
            };
            drop(ledger.submit(&comment, *policy, NOW + i64::from(number)));
        }
        Step::Edit(which) => {
            let source = format!("Edit {number}");
            let edit = CommentEdit { html: render(&source).unwrap(), source, renderer: 1 };
            drop(ledger.edit(id(*which), &edit, Actor::Moderator(&attribution()), 0, NOW + i64::from(number)));
        }
        Step::Erase(which) => drop(ledger.erase(id(*which), Actor::Moderator(&attribution()), NOW)),
        Step::Approve(which) => drop(ledger.approve(id(*which), &attribution(), NOW)),
        Step::Unpublish(which) => drop(ledger.unpublish(id(*which), &attribution(), NOW)),
        Step::Vote { which, author, vote } => {
            drop(ledger.vote(id(*which), &author_id(&author.to_string()).hash, *vote, NOW));
        }
        Step::Close(post, closed) => drop(ledger.set_closed(&url(POSTS[*post]), *closed, &attribution(), NOW).unwrap()),
        Step::Remap(from, to) => {
            let moves = PostMoves::List(vec![PostMove { from: url(POSTS[*from]), to: url(POSTS[*to]) }]);
            drop(ledger.remap(&moves, 0, 9, &attribution(), NOW).unwrap());
        }
        Step::Publish(later) => drop(publish_all(ledger, NOW + later)),
    }
}

/// Everything that readers can see of each thread, without page numbers.
fn visible_content(ledger: &Ledger<&TestDatabase>) -> BTreeMap<&'static str, (Thread, Vec<String>)> {
    let read = |post: &&'static str| {
        let head = ledger.read_page(&url(post), 1).unwrap();
        let mut comments: Vec<_> = (1..=head.pages)
            .flat_map(|page| ledger.read_page(&url(post), page).unwrap().comments)
            .filter(|comment| !comment.deleted)
            .map(|comment| format!("{comment:?}"))
            .collect();
        comments.sort();
        (*post, (Thread { pages: 1, continuations: Vec::new(), index: None, comments: Vec::new(), ..head }, comments))
    };
    POSTS.iter().map(read).collect()
}

/// Checks that a link to each comment leads to the page that has it. The index of an imported site differs from the exported one, as the
/// pages do.
fn check_all_links(ledger: &Ledger<&TestDatabase>) {
    for post in POSTS {
        check_links(&published_values(ledger, &url(post)));
    }
}

proptest! {
    #[test]
    fn a_random_site_survives_export_and_import(
        steps in prop::collection::vec(step(), 1..90),
        part_bytes in 1..4_000usize,
        batch in 1..30usize,
        fail_after in 0..300u32,
        is_published in any::<bool>(),
    ) {
        let pages = PageSize { bytes: 4_000, bytes_with_replies: 4_000, edited_bytes: 6_000, max_interleaved_pages: 3, ..page_size(4) };
        let before = TestDatabase::new();
        let ledger = before.ledger().with_page_size(pages);
        for (number, step) in (1..).zip(&steps) {
            apply_step(&ledger, step, number);
        }
        let lines = export(&ledger, part_bytes);
        prop_assert_eq!(&export(&ledger, part_bytes / 2), &lines);

        let after = TestDatabase::new();
        let restored = after.ledger().with_page_size(pages);
        after.fail_after.set(Some(fail_after));
        let first = import_lines(&restored, &lines, batch);
        after.fail_after.set(None);
        if is_published && first.is_ok() {
            publish_all(&restored, NOW);
        }
        import_lines(&restored, &lines, batch + 1).unwrap();
        prop_assert_eq!(&export(&restored, part_bytes), &lines);
        prop_assert_eq!(visible_content(&restored), visible_content(&ledger));
        [&ledger, &restored].into_iter().for_each(check_all_links);
        [&before, &after].into_iter().for_each(assert_changes_are_counted);
        publish_all(&restored, NOW);
        prop_assert_eq!(&export(&restored, part_bytes), &lines);
        prop_assert_eq!(restored.due_threads_after(0, NOW + 1_000, 9).unwrap(), []);
    }
}
