//! Votes for and against comments.

use afterword_model::{CommentId, Refusal, Vote, VoteReply};

use crate::error::LedgerError;
use crate::interact::own_comment::CommentRef;
use crate::ledger::Ledger;
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;
use crate::store::vote_row::find_vote;

/// Outcome of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoteResult {
    /// Votes for the comment minus votes against it.
    pub votes: i64,
    /// Version of the thread since which they are in it.
    pub version: i64,
}

impl<S: Sql> Ledger<S> {
    /// Sets the vote of a reader on a comment below a post, as [`Ledger::vote`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::vote`], and [`LedgerError::Refused`] with [`Refusal::UnknownComment`] for a comment below another post,
    /// [`Refusal::Closed`], or [`Refusal::DownvotesOff`].
    pub fn vote_below(
        &self,
        comment: CommentRef<'_>,
        author: &str,
        vote: Vote,
        now: i64,
    ) -> Result<VoteReply, LedgerError> {
        let stored = self.find_below(comment)?;
        check_vote(&stored, author)?;
        if self.is_closed(&stored.thread, now)? {
            return Err(Refusal::Closed.into());
        }
        if vote == Vote::Against && !self.reader_settings()?.downvotes {
            return Err(Refusal::DownvotesOff.into());
        }
        let VoteResult { votes, .. } = self.store_vote(stored, author, vote, now)?;
        Ok(VoteReply { votes, vote })
    }

    /// Sets the vote of an author, by the keyed hash of the author key. Each author has one vote for each comment, the last one sent.
    ///
    /// Readers see it with the next change of the comment's page, or a minute later. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`] for a comment that nobody can read, or [`Refusal::OwnComment`].
    pub fn vote(&self, id: CommentId, author: &str, vote: Vote, now: i64) -> Result<VoteResult, LedgerError> {
        let stored = StoredComment::find(&self.sql, id)?;
        check_vote(&stored, author)?;
        self.store_vote(stored, author, vote, now)
    }

    fn store_vote(
        &self,
        mut stored: StoredComment,
        author: &str,
        vote: Vote,
        now: i64,
    ) -> Result<VoteResult, LedgerError> {
        let id = stored.comment.id;
        let page = stored.visible_page().ok_or(Refusal::UnknownComment)?;
        let previous = find_vote(&self.sql, id.get(), author)?;
        let change = vote.value() - previous.unwrap_or(0);
        let votes = stored.comment.votes + change;
        if change == 0 {
            return Ok(VoteResult { votes, version: stored.thread.version });
        }
        let thread = &mut stored.thread;
        thread.version += 1;
        thread.changes += i64::from(vote != Vote::Neutral) - i64::from(previous.is_some());
        thread.dirty.defer_page(page, now);
        if thread.pages > 1 {
            thread.defer_top(now);
        }
        self.sql.transaction(|| {
            if vote == Vote::Neutral {
                let query = "DELETE FROM vote WHERE comment = ? AND author = ?";
                self.sql.exec(query, &[id.get().into(), author.into()])?;
            } else {
                let query = "INSERT INTO vote (comment, author, vote) VALUES (?, ?, ?) \
                             ON CONFLICT (comment, author) DO UPDATE SET vote = excluded.vote";
                self.sql.exec(query, &[id.get().into(), author.into(), vote.value().into()])?;
            }
            self.sql.exec("UPDATE comment SET votes = ? WHERE id = ?", &[votes.into(), id.get().into()])?;
            stored.thread.update(&self.sql)
        })?;
        Ok(VoteResult { votes, version: stored.thread.version })
    }
}

/// Refuses a vote on a comment that nobody can read, or by its own author.
fn check_vote(stored: &StoredComment, author: &str) -> Result<(), Refusal> {
    if stored.visible_page().is_none() {
        return Err(Refusal::UnknownComment);
    }
    if stored.author.as_deref() == Some(author) { Err(Refusal::OwnComment) } else { Ok(()) }
}
