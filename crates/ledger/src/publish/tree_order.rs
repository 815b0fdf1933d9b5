//! The order in which a page of a thread is drawn.

use std::collections::HashMap;

use afterword_model::Comment;

/// A comment on its page.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) comment: Comment,
    /// Whether its tombstone stays for what is below it on other pages.
    pub(crate) kept: bool,
}

/// Puts the comments of a page, given in the order of their ids, into drawing order: depth first, roots and answers by id.
///
/// A deleted comment stays while something below it does, or if it is kept for what is below it on other pages. A comment whose parent is on another page counts as a root.
/// Linear and without recursion: a chain of answers may be as long as the page.
pub(crate) fn drawing_order(placed: Vec<Placed>) -> Vec<Comment> {
    let mut kept: Vec<bool> = placed.iter().map(|placed| placed.kept || !placed.comment.deleted).collect();
    let comments: Vec<Comment> = placed.into_iter().map(|placed| placed.comment).collect();
    let place: HashMap<_, _> = comments.iter().enumerate().map(|(at, comment)| (comment.id, at)).collect();
    // An answer is younger than what it answers, so its place is later; anything else could be a circle.
    let parents: Vec<Option<usize>> = comments
        .iter()
        .enumerate()
        .map(|(at, comment)| {
            comment.parent.and_then(|parent| place.get(&parent).copied()).filter(|&parent| parent < at)
        })
        .collect();
    let mut answers: Vec<Vec<usize>> = vec![Vec::new(); comments.len()];
    let mut open = Vec::new();
    // From the last to the first, every comment is met after all its answers, and lists end up ready to be popped.
    for (at, parent) in parents.iter().enumerate().rev() {
        if !kept[at] {
            continue;
        }
        match parent {
            Some(parent) => {
                kept[*parent] = true;
                answers[*parent].push(at);
            }
            None => open.push(at),
        }
    }
    let mut comments: Vec<Option<Comment>> = comments.into_iter().map(Some).collect();
    let mut drawn = Vec::with_capacity(comments.len());
    while let Some(at) = open.pop() {
        drawn.extend(comments[at].take());
        open.append(&mut answers[at]);
    }
    drawn
}
