//! Approving and unpublishing one comment.

use afterword_model::moderation::{AuditAction as Action, ModerationState};
use afterword_model::{CommentId, PostedComment, Refusal};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::transition::Transition;
use crate::store::audit_log::{self, ActionKey, Attribution, CommentChange};
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;

impl<S: Sql> Ledger<S> {
    /// Publishes a comment that waits, and makes its author trusted. A repeat changes nothing and has the same reply.
    ///
    /// A comment that was unpublished returns to its page. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`] for a comment that does not exist or is erased, or
    /// [`Refusal::IdReused`] for the id of another action.
    pub fn approve(&self, id: CommentId, by: &Attribution<'_>, now: i64) -> Result<PostedComment, LedgerError> {
        self.decide(id, (Action::Approve, ModerationState::Published), by, now)
    }

    /// Unpublishes a comment: it waits again, and so does the next comment of its author until one is approved. A repeat changes nothing
    /// and has the same reply.
    ///
    /// `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`] for a comment that does not exist or is erased, or
    /// [`Refusal::IdReused`] for the id of another action.
    pub fn unpublish(&self, id: CommentId, by: &Attribution<'_>, now: i64) -> Result<PostedComment, LedgerError> {
        self.decide(id, (Action::Unpublish, ModerationState::Pending), by, now)
    }

    fn decide(
        &self,
        id: CommentId,
        (action, state): (Action, ModerationState),
        by: &Attribution<'_>,
        now: i64,
    ) -> Result<PostedComment, LedgerError> {
        let mut stored = StoredComment::find(&self.sql, id)?;
        if stored.comment.deleted {
            return Err(Refusal::UnknownComment.into());
        }
        let uuid = stored.uuid.clone();
        let key = ActionKey::new(action, &uuid);
        if audit_log::is_repeat(&self.sql, by, key)? || stored.state == state {
            return Ok(stored.into_posted());
        }
        let before = Some(self.take_snapshot(&stored)?);
        let to = Transition::decide(state, now);
        self.sql.transaction(|| {
            match state {
                ModerationState::Published => self.change_state(&mut stored, &to, now)?,
                _ => self.reject(StoredComment::find(&self.sql, id)?, &to, now)?,
            }
            let after = Some(self.take_snapshot(&StoredComment::find(&self.sql, id)?)?);
            let change = CommentChange { comment: Some(id), before, after, ..CommentChange::default() };
            audit_log::record_change(&self.sql, by, key, &change, now)?;
            StoredComment::find(&self.sql, id).map(StoredComment::into_posted)
        })
    }
}
