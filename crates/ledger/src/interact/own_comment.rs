//! Finding the comment that a reader names, and its text for its author.

use afterword_model::{CommentId, CommentSource, PostUrl, Refusal};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;
use crate::store::thread_row::ThreadRow;

/// A comment as a reader names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommentRef<'a> {
    /// The post, by its present address or a former one.
    pub url: &'a PostUrl,
    /// The id of the comment.
    pub id: CommentId,
}

impl<S: Sql> Ledger<S> {
    /// The text of a comment, for the author with this hash of the author key.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::NotYourComment`], or [`Refusal::UnknownComment`] if it is deleted.
    pub fn source(&self, comment: CommentRef<'_>, author: &str) -> Result<CommentSource, LedgerError> {
        let stored = self.find_own(comment, author)?;
        if stored.comment.deleted {
            return Err(Refusal::UnknownComment.into());
        }
        let edit_until = stored.comment.created.saturating_add(self.reader_settings()?.edit_window);
        Ok(CommentSource { text: stored.source, edit_until })
    }

    /// A comment below a post.
    pub(crate) fn find_below(&self, comment: CommentRef<'_>) -> Result<StoredComment, LedgerError> {
        let stored = StoredComment::find(&self.sql, comment.id)?;
        if stored.thread.url == *comment.url {
            return Ok(stored);
        }
        let thread = ThreadRow::find(&self.sql, comment.url)?;
        if thread.is_some_and(|thread| thread.id == stored.thread.id) {
            Ok(stored)
        } else {
            Err(Refusal::UnknownComment.into())
        }
    }

    /// A comment below a post, if it is of this author. Every other comment is refused with the same error, so that nobody learns from it
    /// which comments wait for a moderator.
    pub(crate) fn find_own(&self, comment: CommentRef<'_>, author: &str) -> Result<StoredComment, LedgerError> {
        match self.find_below(comment) {
            Ok(stored) if stored.author.as_deref() == Some(author) => Ok(stored),
            Ok(_) | Err(LedgerError::Refused(Refusal::UnknownComment)) => Err(Refusal::NotYourComment.into()),
            Err(error) => Err(error),
        }
    }
}
