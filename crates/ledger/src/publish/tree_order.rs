//! Order of the comments on a page.

use std::collections::HashMap;

use afterword_model::Comment;

/// A comment on its page.
#[derive(Clone, Debug)]
pub(crate) struct PagedComment {
    pub(crate) comment: Comment,
    /// True if its tombstone stays because of replies on other pages.
    pub(crate) keep_tombstone: bool,
    /// First and last of the other pages that have replies to it.
    pub(crate) replies: Option<(u32, u32)>,
}

/// Orders the comments of a page, given by ascending id, as a tree: depth first, with siblings by id.
///
/// A deleted comment stays if a comment below it stays, or if its tombstone is kept for replies on other pages. A comment whose parent
/// is on another page counts as a root. The function is linear and not recursive, because a chain of replies may be as long as the page.
pub(crate) fn tree_order(page: Vec<PagedComment>) -> Vec<Comment> {
    let mut stays: Vec<bool> = page.iter().map(|paged| paged.keep_tombstone || !paged.comment.deleted).collect();
    let comments: Vec<Comment> = page.into_iter().map(|paged| paged.comment).collect();
    let indexes: HashMap<_, _> = comments.iter().enumerate().map(|(index, comment)| (comment.id, index)).collect();
    // A reply has a larger id than its parent, so its index is larger too; anything else could be a cycle.
    let parents: Vec<Option<usize>> = comments
        .iter()
        .enumerate()
        .map(|(index, comment)| {
            comment.parent.and_then(|parent| indexes.get(&parent).copied()).filter(|&parent| parent < index)
        })
        .collect();
    let mut replies: Vec<Vec<usize>> = vec![Vec::new(); comments.len()];
    let mut stack = Vec::new();
    // From the last to the first, every comment comes after all its replies, and the lists end up ready to be popped.
    for (index, parent) in parents.iter().enumerate().rev() {
        if !stays[index] {
            continue;
        }
        match parent {
            Some(parent) => {
                stays[*parent] = true;
                replies[*parent].push(index);
            }
            None => stack.push(index),
        }
    }
    let mut comments: Vec<Option<Comment>> = comments.into_iter().map(Some).collect();
    let mut ordered = Vec::with_capacity(comments.len());
    while let Some(index) = stack.pop() {
        ordered.extend(comments[index].take());
        stack.append(&mut replies[index]);
    }
    ordered
}
