//! Any site whatever is the same after it was carried away and brought back.

use std::collections::BTreeMap;

use afterword_ledger::{Actor, CommentEdit, Ledger, PageSize, PostMove, PostMoves, VerifiedComment};
use afterword_model::{CommentId, Moderation, Thread, Vote};
use proptest::prelude::*;

use crate::fixtures::{NOW, Store, act, entry, export, publish, render, send, stamp, url};

const POSTS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// One thing that happens on a site. Numbers that point at something are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    Submit { post: usize, parent: Option<usize>, author: Option<u8>, policy: Moderation, bytes: usize },
    Edit(usize),
    Erase(usize),
    Approve(usize),
    Hold(usize),
    Vote { which: usize, author: u8, vote: Vote },
    Close(usize, bool),
    Remap(usize, usize),
    Publish(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let policy = prop_oneof![4 => Just(Moderation::Open), 1 => Just(Moderation::First), 1 => Just(Moderation::All)];
    let vote = prop_oneof![Just(Vote::For), Just(Vote::Neutral), Just(Vote::Against)];
    let sent = (0..POSTS.len(), prop::option::of(any::<usize>()), prop::option::of(0..4u8), policy, 0..400usize);
    prop_oneof![
        40 => sent.prop_map(|(post, parent, author, policy, bytes)| Step::Submit { post, parent, author, policy, bytes }),
        3 => any::<usize>().prop_map(Step::Edit),
        4 => any::<usize>().prop_map(Step::Erase),
        4 => any::<usize>().prop_map(Step::Approve),
        4 => any::<usize>().prop_map(Step::Hold),
        8 => (any::<usize>(), 0..4u8, vote).prop_map(|(which, author, vote)| Step::Vote { which, author, vote }),
        1 => (0..POSTS.len(), any::<bool>()).prop_map(|(post, closed)| Step::Close(post, closed)),
        2 => (0..POSTS.len(), 0..POSTS.len()).prop_map(|(from, to)| Step::Remap(from, to)),
        4 => (0..200i64).prop_map(Step::Publish),
    ]
}

/// Refusals are part of the story: what is not possible does not happen.
fn happen(ledger: &Ledger<&Store>, step: &Step, number: u32) {
    let any = |which: usize| CommentId::new(i64::try_from(which % 60).unwrap());
    match step {
        Step::Submit { post, parent, author, policy, bytes } => {
            let source = format!("Text {number}{}", "\"".repeat(*bytes));
            let sent = VerifiedComment {
                parent: parent.map(any),
                author: author.map(|author| stamp(&author.to_string())),
                email: author.map(|author| format!("{author}@mail.example")),
                html: render(&source).unwrap(),
                source,
                ..entry(POSTS[*post], number)
            };
            drop(ledger.submit(&sent, *policy, NOW + i64::from(number)));
        }
        Step::Edit(which) => {
            let source = format!("Edit {number}");
            let edit = CommentEdit { html: render(&source).unwrap(), source, renderer: 1 };
            drop(ledger.edit(any(*which), &edit, Actor::Moderator(&act()), 0, NOW + i64::from(number)));
        }
        Step::Erase(which) => drop(ledger.erase(any(*which), Actor::Moderator(&act()), NOW)),
        Step::Approve(which) => drop(ledger.approve(any(*which), &act(), NOW)),
        Step::Hold(which) => drop(ledger.unpublish(any(*which), &act(), NOW)),
        Step::Vote { which, author, vote } => {
            drop(ledger.vote(any(*which), &stamp(&author.to_string()).hash, *vote, NOW));
        }
        Step::Close(post, closed) => drop(ledger.set_closed(&url(POSTS[*post]), *closed, &act(), NOW).unwrap()),
        Step::Remap(from, to) => {
            let moves = PostMoves::List(vec![PostMove { from: url(POSTS[*from]), to: url(POSTS[*to]) }]);
            drop(ledger.remap(&moves, 0, 9, &act(), NOW).unwrap());
        }
        Step::Publish(later) => drop(publish(ledger, NOW + later)),
    }
}

/// All that readers can see, page numbers aside.
fn seen(ledger: &Ledger<&Store>) -> BTreeMap<&'static str, (Thread, Vec<String>)> {
    let read = |name: &&'static str| {
        let head = ledger.read_page(&url(name), 1).unwrap();
        let mut comments: Vec<_> = (1..=head.pages)
            .flat_map(|page| ledger.read_page(&url(name), page).unwrap().comments)
            .filter(|comment| !comment.deleted)
            .map(|comment| format!("{comment:?}"))
            .collect();
        comments.sort();
        (*name, (Thread { pages: 1, continuations: Vec::new(), comments: Vec::new(), ..head }, comments))
    };
    POSTS.iter().map(read).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_site_comes_back(
        steps in prop::collection::vec(step(), 1..90),
        piece in 1..4_000usize,
        batch in 1..30usize,
        killed in 0..300u32,
        published in any::<bool>(),
    ) {
        let pages = PageSize { comments: 4, bytes: 4_000, edited_bytes: 6_000, max_interleaved_pages: 3 };
        let before = Store::new();
        let ledger = before.ledger().with_page_size(pages);
        for (number, step) in (1..).zip(&steps) {
            happen(&ledger, step, number);
        }
        let lines = export(&ledger, piece);
        prop_assert_eq!(&export(&ledger, piece / 2), &lines);

        let after = Store::new();
        let restored = after.ledger().with_page_size(pages);
        after.fuse.set(Some(killed));
        let first = send(&restored, &lines, batch);
        after.fuse.set(None);
        if published && first.is_ok() {
            publish(&restored, NOW);
        }
        send(&restored, &lines, batch + 1).unwrap();
        prop_assert_eq!(&export(&restored, piece), &lines);
        prop_assert_eq!(seen(&restored), seen(&ledger));
        publish(&restored, NOW);
        prop_assert_eq!(&export(&restored, piece), &lines);
        prop_assert_eq!(restored.due_threads(NOW + 1_000, 9).unwrap(), []);
    }
}
