//! The moderators who are writing an answer, so that two of them do not answer the same comment. Nobody is kept from it.

use afterword_model::CommentId;
use afterword_model::moderation::Answering;

use crate::ledger::Ledger;
use crate::store::sql::Sql;

impl<S: Sql> Ledger<S> {
    /// Records that a moderator has the form for an answer open, or has closed it. Without another word it counts as closed after two minutes.
    /// `now` is in Unix seconds.
    pub fn set_answering(&self, comment: CommentId, by: &str, is_open: bool, now: i64) {
        self.answering.set(comment, by, is_open, now);
    }

    /// The open forms, the oldest first.
    pub fn answering(&self, now: i64) -> Vec<Answering> {
        self.answering.open(now)
    }
}
