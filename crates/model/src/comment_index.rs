//! The index of a thread with several pages: the page of each comment, and the pages with further replies to a comment.

use serde::{Deserialize, Serialize};

use crate::id::CommentId;

/// The places of comments, as far as a stored page names them. A thread has an index as soon as it has a second page.
///
/// The head has the runs of the newest comments. Those of older ones are in blocks, each on a page that was written anyway. So a comment
/// is found with at most one read more than its page takes, and a new comment changes no further page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentIndex {
    /// The comments of this page that have replies on continuation pages: `[comment, first page, last page]`. Pages between the two may
    /// have replies to it as well.
    #[serde(default, rename = "more", skip_serializing_if = "Vec::is_empty")]
    pub continued: Vec<(CommentId, u32, u32)>,
    /// On the first page, the comment with the largest id of those that have a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<CommentId>,
    /// On the first page, the pages of the newest comments of the thread. On any other page, a block of older ones, if it has one.
    #[serde(default, skip_serializing_if = "PageRuns::is_empty")]
    pub runs: PageRuns,
    /// On the first page, the blocks: `[first comment, page that has the block]`, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<(CommentId, u32)>,
}

/// The place where a comment is found, by the index of the first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommentPlace {
    /// The comment is on this page, or on none.
    Page(u32),
    /// The page of the comment is in the block on this page.
    Block(u32),
}

impl CommentIndex {
    /// Looks up a comment in the index of the first page. `None` for an id before the first comment, and after the newest one.
    pub(crate) fn find(&self, comment: CommentId) -> Option<CommentPlace> {
        if self.newest.is_some_and(|newest| comment > newest) {
            return None;
        }
        if let Some(page) = self.runs.page_of(comment) {
            return Some(CommentPlace::Page(page));
        }
        let block = self.blocks.iter().rev().find(|&&(first, _)| first <= comment);
        block.map(|&(_, page)| CommentPlace::Block(page))
    }
}

/// The pages of comments, as runs `[first comment, page]`.
///
/// The runs ascend by comment. A run ends before the next one begins, and the last one has no end. All comments of a run are on its page.
/// An id within a run may also belong to another thread, or to a comment without a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageRuns(pub Vec<(CommentId, u32)>);

impl PageRuns {
    /// Returns true if there are no runs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The page of a comment. `None` for an id before the first run.
    pub fn page_of(&self, comment: CommentId) -> Option<u32> {
        let run = self.first_run_after(comment).checked_sub(1)?;
        self.0.get(run).map(|&(_, page)| page)
    }

    /// Sets the page of a comment. The pages of all others stay. With `is_newest`, there are none with a larger id.
    pub fn insert(&mut self, comment: CommentId, page: u32, is_newest: bool) {
        let end = self.first_run_after(comment);
        let covering = end.checked_sub(1).and_then(|run| self.0.get(run)).copied();
        if covering.is_some_and(|(_, covered)| covered == page) {
            return;
        }
        let next = CommentId::new(comment.get().saturating_add(1));
        let has_next = self.0.get(end).is_some_and(|&(first, _)| first == next);
        let rest = covering.filter(|_| !is_newest && !has_next).map(|(_, covered)| (next, covered));
        let is_first_of_run = covering.is_some_and(|(first, _)| first == comment);
        let start = if is_first_of_run { end - 1 } else { end };
        self.0.splice(start..end, [(comment, page)].into_iter().chain(rest));
        self.0.dedup_by_key(|run| run.1);
    }

    /// Removes the first `count` runs and returns them.
    pub fn remove_first(&mut self, count: usize) -> Self {
        let rest = self.0.split_off(count.min(self.0.len()));
        Self(std::mem::replace(&mut self.0, rest))
    }

    fn first_run_after(&self, comment: CommentId) -> usize {
        self.0.partition_point(|&(first, _)| first <= comment)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn late_replies_take_a_run_each_and_comments_of_one_page_share_one() {
        let mut runs = PageRuns::default();
        for (comment, page) in [(1, 1), (2, 1), (5, 1), (9, 2), (10, 2), (12, 1), (13, 2), (20, 2)] {
            runs.insert(CommentId::new(comment), page, true);
        }
        let json = serde_json::to_string(&runs).unwrap();
        assert_eq!(json, "[[1,1],[9,2],[12,1],[13,2]]");
        assert_eq!(serde_json::from_str::<PageRuns>(&json).unwrap(), runs);
        // A comment that was approved late.
        runs.insert(CommentId::new(3), 2, false);
        assert_eq!(serde_json::to_string(&runs).unwrap(), "[[1,1],[3,2],[4,1],[9,2],[12,1],[13,2]]");
    }

    proptest! {
        #[test]
        fn every_comment_keeps_the_page_that_it_was_given(comments in prop::collection::vec((1..60i64, 1..5u32), 0..80)) {
            let (mut runs, mut pages) = (PageRuns::default(), BTreeMap::new());
            for (comment, page) in comments {
                if pages.contains_key(&comment) {
                    continue;
                }
                let is_newest = pages.keys().all(|known| *known < comment);
                runs.insert(CommentId::new(comment), page, is_newest);
                pages.insert(comment, page);
                prop_assert!(runs.0.is_sorted_by(|a, b| a.0 < b.0 && a.1 != b.1), "{:?}", runs);
                for (comment, page) in &pages {
                    prop_assert_eq!(runs.page_of(CommentId::new(*comment)), Some(*page), "{} in {:?}", comment, runs);
                }
            }
        }
    }
}
