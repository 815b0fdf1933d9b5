//! The numbers of comments in the lists of moderators, kept in memory.

use afterword_model::moderation::{ListCount, ModerationState};

/// Number up to which a list is shown exactly.
pub(crate) const MAX_SHOWN: u32 = 1_000;

/// The numbers of the lists as of a comment and an entry of the audit log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountedLists {
    /// The newest comment.
    pub(crate) comment: i64,
    /// The newest entry.
    pub(crate) entry: i64,
    pub(crate) lists: [Counted; 4],
}

/// The number of comments in a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) number: i64,
    /// True if there may be more, because the count has ended at the limit.
    pub(crate) is_bounded: bool,
}

impl CountedLists {
    /// Adds a number of comments in a state.
    pub(crate) fn add(&mut self, state: ModerationState, is_reported: bool, number: i64) {
        let is_visible = !matches!(state, ModerationState::Deleted | ModerationState::Erased);
        let is_in = [
            state == ModerationState::Pending,
            is_reported && is_visible,
            state == ModerationState::Spam,
            state == ModerationState::Deleted,
        ];
        for (counted, _) in self.lists.iter_mut().zip(is_in).filter(|(_, is_in)| *is_in) {
            counted.number += number;
        }
    }
}

impl Counted {
    pub(crate) fn shown(self) -> ListCount {
        let number = u32::try_from(self.number).unwrap_or_default();
        ListCount { count: number.min(MAX_SHOWN), more: number > MAX_SHOWN }
    }
}
