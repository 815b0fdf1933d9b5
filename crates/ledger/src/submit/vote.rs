//! Voting for and against comments.

use afterword_model::{CommentId, Refusal, Vote};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// What became of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoteResult {
    /// Votes for the comment less votes against it.
    pub votes: i64,
    /// The version of the thread from which on they are in it.
    pub version: i64,
}

impl<S: Sql> Ledger<S> {
    /// Sets the vote of an author, by the keyed hash of the author key: each has one for each comment, the last one given.
    ///
    /// Readers see it with the next change of the comment's page, or a minute later. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`] for a comment that nobody can read.
    pub fn vote(&self, id: CommentId, author: &str, vote: Vote, now: i64) -> Result<VoteResult, LedgerError> {
        let mut found = self.find(id)?;
        let page = found.visible_on().ok_or(Refusal::UnknownComment)?;
        let change = vote.value() - self.vote_of(id, author)?;
        let votes = found.comment.votes + change;
        if change == 0 {
            return Ok(VoteResult { votes, version: found.thread.version });
        }
        let thread = &mut found.thread;
        thread.version += 1;
        thread.mark_later(page, now);
        if thread.pages > 1 {
            thread.mark_top_later(now);
        }
        self.sql.transaction(&mut || {
            if vote == Vote::Neutral {
                self.sql
                    .exec("DELETE FROM vote WHERE comment = ? AND author = ?", &[id.get().into(), author.into()])?;
            } else {
                let query = "INSERT INTO vote (comment, author, vote) VALUES (?, ?, ?) \
                             ON CONFLICT (comment, author) DO UPDATE SET vote = excluded.vote";
                self.sql.exec(query, &[id.get().into(), author.into(), vote.value().into()])?;
            }
            self.sql.exec("UPDATE comment SET votes = ? WHERE id = ?", &[votes.into(), id.get().into()])?;
            self.update_thread(&found.thread)
        })?;
        Ok(VoteResult { votes, version: found.thread.version })
    }

    fn vote_of(&self, id: CommentId, author: &str) -> Result<i64, LedgerError> {
        let query = "SELECT vote FROM vote WHERE comment = ? AND author = ?";
        let rows = self.sql.exec(query, &[id.get().into(), author.into()])?;
        rows.into_iter().next().map_or(Ok(0), |row| Row::new(row).integer("vote.vote"))
    }
}
