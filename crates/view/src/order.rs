//! The order in which the comments of a page are drawn, and how deep each one lies.

use afterword_model::{Comment, CommentId};

const NONE: usize = usize::MAX;

/// A comment in its place.
pub(crate) struct Placed {
    /// Which one, as an index into the page.
    pub(crate) at: usize,
    /// How many comments on this page lie above it.
    pub(crate) depth: usize,
    /// The comment it answers, if that is on this page.
    pub(crate) parent: Option<usize>,
}

/// Puts each comment after the one it answers, and answers in the order of the page.
///
/// Takes linear time and no recursion, whatever the page holds: a comment whose parent is missing, or that answers itself by way of
/// others, is placed like one that answers nobody, so that each is placed exactly once.
pub(crate) fn place(comments: &[Comment]) -> Vec<Placed> {
    let parents = parents(comments);
    let (mut first, mut next) = (vec![NONE; comments.len()], vec![NONE; comments.len()]);
    for (at, &parent) in parents.iter().enumerate().rev() {
        if let Some(parent) = parent {
            next[at] = first[parent];
            first[parent] = at;
        }
    }
    let mut placed = Vec::with_capacity(comments.len());
    let mut done = vec![false; comments.len()];
    let starts = (0..comments.len()).filter(|&at| parents[at].is_none());
    // What the starts do not lead to goes round in circles; any of its members will do to begin with.
    for start in starts.chain(0..comments.len()) {
        let mut stack = vec![(start, 0)];
        while let Some((at, depth)) = stack.pop() {
            if at == NONE || done[at] {
                continue;
            }
            done[at] = true;
            placed.push(Placed { at, depth, parent: parents[at] });
            if depth > 0 {
                stack.push((next[at], depth));
            }
            stack.push((first[at], depth + 1));
        }
    }
    placed
}

/// For each comment, where on the page its parent is.
fn parents(comments: &[Comment]) -> Vec<Option<usize>> {
    let index = Index::new(comments);
    let find = |(at, comment): (usize, &Comment)| comment.parent.and_then(|id| index.find(id)).filter(|&p| p != at);
    comments.iter().enumerate().map(find).collect()
}

/// Finds comments by id: a hash table with open addressing, a few hundred bytes of code where a standard map is thousands.
struct Index<'a> {
    comments: &'a [Comment],
    slots: Vec<usize>,
}

impl<'a> Index<'a> {
    fn new(comments: &'a [Comment]) -> Self {
        let mut index = Self { comments, slots: vec![NONE; (comments.len() * 2).next_power_of_two()] };
        for (at, comment) in comments.iter().enumerate() {
            let slot = index.slot(comment.id);
            if index.slots[slot] == NONE {
                index.slots[slot] = at;
            }
        }
        index
    }

    fn find(&self, id: CommentId) -> Option<usize> {
        Some(self.slots[self.slot(id)]).filter(|&at| at != NONE)
    }

    /// The slot of an id, or the free one where it would go; at least half of them are free.
    fn slot(&self, id: CommentId) -> usize {
        let mask = self.slots.len() - 1;
        // Fibonacci hashing: the upper half of the product is well mixed, even for ids that ascend by steps.
        let hash = (id.get() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let mut slot = hash as usize & mask;
        while self.slots[slot] != NONE && self.comments[self.slots[slot]].id != id {
            slot = (slot + 1) & mask;
        }
        slot
    }
}
