//! Order of the comments on a page.

use std::collections::HashSet;

use afterword_model::{Comment, nest_replies};

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
    let mut with_replies = HashSet::new();
    let mut kept = Vec::with_capacity(page.len());
    // A reply has a larger id than its parent, so from the last to the first every comment comes after all its replies.
    for PagedComment { comment, keep_tombstone, .. } in page.into_iter().rev() {
        if keep_tombstone || !comment.deleted || with_replies.contains(&comment.id) {
            with_replies.extend(comment.parent);
            kept.push(comment);
        }
    }
    kept.reverse();
    nest_replies(kept)
}
