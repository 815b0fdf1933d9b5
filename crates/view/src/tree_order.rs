//! The reading order of the comments of a page, and their depth.

use afterword_model::{Comment, CommentId};

const NONE: usize = usize::MAX;

/// A comment in reading order.
pub(crate) struct PlacedComment {
    /// Index of the comment in the page.
    pub(crate) index: usize,
    /// Number of ancestors on this page.
    pub(crate) depth: usize,
    /// Index of the parent, if it is on this page.
    pub(crate) parent: Option<usize>,
}

/// Orders comments so that each follows its parent. The replies to a comment stay in the order of the page.
///
/// Takes linear time without recursion, for any input. A comment whose parent is missing, or whose ancestors form a
/// cycle, is treated as a root comment, so that every comment occurs exactly once.
pub(crate) fn tree_order(comments: &[Comment]) -> Vec<PlacedComment> {
    let parents = parents(comments);
    let (mut first, mut next) = (vec![NONE; comments.len()], vec![NONE; comments.len()]);
    for (index, &parent) in parents.iter().enumerate().rev() {
        if let Some(parent) = parent {
            next[index] = first[parent];
            first[parent] = index;
        }
    }
    let mut placed = Vec::with_capacity(comments.len());
    let mut done = vec![false; comments.len()];
    let starts = (0..comments.len()).filter(|&index| parents[index].is_none());
    // Comments that no root leads to form cycles. Any member of a cycle can be its start.
    for start in starts.chain(0..comments.len()) {
        let mut stack = vec![(start, 0)];
        while let Some((index, depth)) = stack.pop() {
            if index == NONE || done[index] {
                continue;
            }
            done[index] = true;
            placed.push(PlacedComment { index, depth, parent: parents[index] });
            if depth > 0 {
                stack.push((next[index], depth));
            }
            stack.push((first[index], depth + 1));
        }
    }
    placed
}

/// The index of the parent of each comment.
fn parents(comments: &[Comment]) -> Vec<Option<usize>> {
    let by_id = IdIndex::new(comments);
    let find =
        |(index, comment): (usize, &Comment)| comment.parent.and_then(|id| by_id.find(id)).filter(|&p| p != index);
    comments.iter().enumerate().map(find).collect()
}

/// Finds comments by id: a hash table with open addressing. It has a few hundred bytes of code, while a standard map
/// has thousands.
struct IdIndex<'a> {
    comments: &'a [Comment],
    slots: Vec<usize>,
}

impl<'a> IdIndex<'a> {
    fn new(comments: &'a [Comment]) -> Self {
        let mut table = Self { comments, slots: vec![NONE; (comments.len() * 2).next_power_of_two()] };
        for (index, comment) in comments.iter().enumerate() {
            let slot = table.slot(comment.id);
            if table.slots[slot] == NONE {
                table.slots[slot] = index;
            }
        }
        table
    }

    fn find(&self, id: CommentId) -> Option<usize> {
        Some(self.slots[self.slot(id)]).filter(|&index| index != NONE)
    }

    /// The slot of an id, or the free slot for it. At least half of the slots are free.
    fn slot(&self, id: CommentId) -> usize {
        let mask = self.slots.len() - 1;
        // Fibonacci hashing: the upper half of the product is well mixed, even for ids in ascending steps.
        let hash = (id.get() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let mut slot = hash as usize & mask;
        while self.slots[slot] != NONE && self.comments[self.slots[slot]].id != id {
            slot = (slot + 1) & mask;
        }
        slot
    }
}
