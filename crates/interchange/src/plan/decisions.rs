//! The decision about each comment: import, leave out, or keep as a tombstone.

use crate::plan::entry::{CommentEntry, Key};
use crate::plan::options::PlanOptions;
use crate::plan::placement::{Destination, Placement};
use crate::plan::report::LeftOut;
use crate::record::SourceState;

/// The index of no comment.
pub(crate) const NO_PARENT: u32 = u32::MAX;

/// The decision about a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// The reason if it is left out.
    pub(crate) left_out: Option<LeftOut>,
    /// True if a comment below it is imported. If it is left out itself, it becomes a tombstone.
    pub(crate) has_replies: bool,
    /// True if readers see a comment below it. It has a place in its thread then, even if it waits.
    pub(crate) has_shown_replies: bool,
    /// True if readers see a reply of the owner to it.
    pub(crate) answered: bool,
}

impl Decision {
    /// True if the export has a line for it.
    pub(crate) const fn has_line(self) -> bool {
        self.left_out.is_none() || self.has_replies
    }
}

/// Finds comments by their ids.
pub(crate) struct IdIndex<'a> {
    comments: &'a [CommentEntry],
    /// Indexes of all comments, sorted by id and then by their places in the file.
    sorted: Vec<u32>,
}

impl<'a> IdIndex<'a> {
    pub(crate) fn new(comments: &'a [CommentEntry]) -> Self {
        let mut sorted: Vec<u32> = (0..comments.len() as u32).collect();
        sorted.sort_unstable_by_key(|index| (comments.get(*index as usize).map(|comment| comment.id), *index));
        Self { comments, sorted }
    }

    /// The first comment with an id.
    pub(crate) fn find(&self, id: Key) -> Option<u32> {
        let place = self.sorted.partition_point(|index| self.id(*index) < Some(id));
        self.sorted.get(place).copied().filter(|index| self.id(*index) == Some(id))
    }

    fn id(&self, index: u32) -> Option<Key> {
        self.comments.get(index as usize).map(|comment| comment.id)
    }

    /// Indexes of comments whose id an earlier one has.
    fn repeated(&self) -> impl Iterator<Item = u32> {
        self.sorted.windows(2).filter_map(|pair| match pair {
            [a, b] if self.id(*a) == self.id(*b) => Some(*b),
            _ => None,
        })
    }
}

/// Decides which comments are imported, without regard to replies.
pub(crate) fn decide(ids: &IdIndex<'_>, placement: &Placement, options: &PlanOptions) -> Vec<Decision> {
    let mut decisions: Vec<Decision> = ids
        .comments
        .iter()
        .map(|comment| Decision {
            left_out: reason(comment, placement, options),
            has_replies: false,
            has_shown_replies: false,
            answered: false,
        })
        .collect();
    for index in ids.repeated() {
        if let Some(decision) = decisions.get_mut(index as usize) {
            decision.left_out = Some(LeftOut::RepeatedId);
        }
    }
    decisions
}

fn reason(comment: &CommentEntry, placement: &Placement, options: &PlanOptions) -> Option<LeftOut> {
    if let Destination::LeftOut(reason) = placement.place(comment.thread) {
        return Some(reason);
    }
    match comment.state {
        SourceState::Deleted => Some(LeftOut::Deleted),
        SourceState::Spam if !options.include_spam => Some(LeftOut::Spam),
        SourceState::Private => Some(LeftOut::Private),
        SourceState::Pingback if !options.include_pingbacks => Some(LeftOut::Pingback),
        SourceState::Other => Some(LeftOut::Other),
        _ => (comment.parts == 0).then_some(LeftOut::NoText),
    }
}

/// Marks the ancestors of imported comments, so that each has a parent with a line.
pub(crate) fn mark_ancestors(decisions: &mut [Decision], parents: &[u32], comments: &[CommentEntry]) {
    for index in 0..decisions.len() {
        let is_imported = decisions.get(index).is_some_and(|decision| decision.left_out.is_none());
        let is_shown = comments.get(index).is_some_and(|comment| is_shown(comment.state));
        if is_imported {
            mark(decisions, parents, index, is_shown);
        }
    }
}

/// True if readers see an imported comment of this state.
pub(crate) const fn is_shown(state: SourceState) -> bool {
    matches!(state, SourceState::Published | SourceState::Pingback)
}

fn mark(decisions: &mut [Decision], parents: &[u32], index: usize, is_shown: bool) {
    let mut at = parents.get(index).copied().unwrap_or(NO_PARENT);
    while let Some(decision) = decisions.get_mut(at as usize) {
        if decision.has_replies && (decision.has_shown_replies || !is_shown) {
            return;
        }
        decision.has_replies = true;
        decision.has_shown_replies |= is_shown;
        at = parents.get(at as usize).copied().unwrap_or(NO_PARENT);
    }
}
