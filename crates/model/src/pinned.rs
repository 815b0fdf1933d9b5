//! Pinned comments, which come first on the first page of every order.

use std::cmp::Reverse;
use std::collections::HashSet;

use crate::comment::Comment;
use crate::id::CommentId;
use crate::pagination::{StoredPage, reply_depths};
use crate::thread::{Sort, Thread};

impl Thread {
    /// Takes the pinned root comments from the head, with the replies to them: those of its own page, and those of other pages.
    pub(crate) fn take_pins(&mut self) -> StoredPage {
        let mut trees = split_trees(std::mem::take(&mut self.pins));
        trees.extend(split_trees(self.comments.clone()).into_iter().filter(|tree| is_pinned(tree)));
        let comments: Vec<Comment> = trees.into_iter().flatten().collect();
        let is_taken = |id: &CommentId| comments.iter().any(|comment| comment.id == *id);
        let continued = self.index.iter().flat_map(|index| &index.continued).filter(|(id, ..)| is_taken(id));
        StoredPage { continued: continued.copied().collect(), comments }
    }
}

/// Puts the pinned comments before all others of the first page.
///
/// If the page has more of the replies to a pinned comment than the head, they are taken from the page.
pub(crate) fn put_pins_first(page: StoredPage, pins: &StoredPage, sort: Sort) -> StoredPage {
    let mut pinned = split_trees(pins.comments.clone());
    if pinned.is_empty() {
        return page;
    }
    let StoredPage { comments, mut continued } = page;
    let (mut others, mut replaced) = (Vec::new(), HashSet::new());
    for tree in split_trees(comments) {
        let root = tree.first().map(|root| root.id);
        match pinned.iter_mut().find(|pin| pin.first().map(|root| root.id) == root) {
            Some(pin) if tree.len() > pin.len() => {
                replaced.extend(root);
                *pin = tree;
            }
            Some(_) => {}
            None => others.push(tree),
        }
    }
    continued.extend(pins.continued.iter().filter(|(id, ..)| !replaced.contains(id)));
    pinned.sort_by_key(|tree| sort_key(tree, sort));
    StoredPage { comments: pinned.into_iter().chain(others).flatten().collect(), continued }
}

/// Removes the comments that the first page has, from a page after it. If the first page lacks some of the replies to a pinned comment, all of
/// them stay, below that comment.
pub(crate) fn without_pins(comments: Vec<Comment>, pins: &StoredPage) -> Vec<Comment> {
    if pins.comments.is_empty() {
        return comments;
    }
    let known: HashSet<_> = pins.comments.iter().map(|comment| comment.id).collect();
    let is_known = |tree: &[Comment]| tree.iter().all(|comment| known.contains(&comment.id));
    split_trees(comments).into_iter().filter(|tree| !is_known(tree)).flatten().collect()
}

/// The comments of a page, each root comment with the replies to it. A reply whose parent is on another page counts as a root comment.
pub(crate) fn split_trees(comments: Vec<Comment>) -> Vec<Vec<Comment>> {
    let mut trees: Vec<Vec<Comment>> = Vec::new();
    for (depth, comment) in reply_depths(&comments).into_iter().zip(comments) {
        match trees.last_mut() {
            Some(tree) if depth > 0 => tree.push(comment),
            _ => trees.push(vec![comment]),
        }
    }
    trees
}

/// Sorts trees by their root comments. Those that begin with a reply keep their order, after the others.
pub(crate) fn sort_key(tree: &[Comment], sort: Sort) -> (bool, Reverse<i64>, i64) {
    let Some(root) = tree.first().filter(|comment| comment.parent.is_none()) else { return (true, Reverse(0), 0) };
    let id = root.id.get();
    match sort {
        Sort::Oldest => (false, Reverse(0), id),
        Sort::Newest => (false, Reverse(0), id.saturating_neg()),
        Sort::Top => (false, Reverse(root.votes), id),
    }
}

fn is_pinned(tree: &[Comment]) -> bool {
    tree.first().is_some_and(|root| root.pinned && root.parent.is_none())
}
