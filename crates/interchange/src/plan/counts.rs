//! Numbers of comments.

use serde::Serialize;

use crate::record::SourceState;

/// Numbers of comments by their state in the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StateCounts {
    /// Readers see them.
    pub published: u64,
    /// They wait for a moderator.
    pub pending: u64,
    /// They are marked as spam.
    pub spam: u64,
    /// They are deleted.
    pub deleted: u64,
    /// They never were for readers.
    pub private: u64,
    /// Pingbacks and trackbacks.
    pub pingbacks: u64,
    /// Other things than comments.
    pub other: u64,
}

impl StateCounts {
    pub(crate) fn add(&mut self, state: SourceState) {
        *self.counter(state) += 1;
    }

    /// Number of all comments.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.published + self.pending + self.spam + self.deleted + self.private + self.pingbacks + self.other
    }

    fn counter(&mut self, state: SourceState) -> &mut u64 {
        match state {
            SourceState::Published => &mut self.published,
            SourceState::Pending => &mut self.pending,
            SourceState::Spam => &mut self.spam,
            SourceState::Deleted => &mut self.deleted,
            SourceState::Private => &mut self.private,
            SourceState::Pingback => &mut self.pingbacks,
            SourceState::Other => &mut self.other,
        }
    }
}
