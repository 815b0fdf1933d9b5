//! Erasing one comment by a moderator.

use afterword_model::moderation::AuditAction as Action;
use afterword_model::{CommentId, PostedComment};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::audit_log::{self, ActionKey, Attribution, CommentChange};
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;

impl<S: Sql> Ledger<S> {
    /// Erases the text and the author of a comment for good, in this turn. A tombstone remains while there are replies to it. A repeat
    /// changes nothing and has the same reply.
    ///
    /// What a moderator erases should not have been there, so its author loses their trust, as after [`Ledger::unpublish`]. A comment that
    /// its author has deleted can be erased too, which ends the time in which its author can restore it. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`](afterword_model::Refusal::UnknownComment), or
    /// [`Refusal::IdReused`](afterword_model::Refusal::IdReused) for the id of another action.
    pub fn erase(&self, id: CommentId, by: &Attribution<'_>, now: i64) -> Result<PostedComment, LedgerError> {
        let stored = StoredComment::find(&self.sql, id)?;
        let uuid = stored.uuid.clone();
        let key = ActionKey::new(Action::Erase, &uuid);
        if audit_log::is_repeat(&self.sql, by, key)? || (stored.comment.deleted && stored.is_wiped()) {
            return Ok(stored.into_posted());
        }
        let before = Some(self.take_snapshot(&stored)?);
        self.sql.transaction(|| {
            self.erase_stored(stored, now)?;
            let after = Some(self.take_snapshot(&StoredComment::find(&self.sql, id)?)?);
            let change = CommentChange { comment: Some(id), before, after, ..CommentChange::default() };
            audit_log::record_change(&self.sql, by, key, &change, now)?;
            StoredComment::find(&self.sql, id).map(StoredComment::into_posted)
        })
    }
}
