//! Erasing a comment by a moderator.

use afterword_model::{CommentId, PostedComment};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::title::update_title;
use crate::store::audit_log::{self, Action, ActionKey, Attribution};
use crate::store::author_trust::revoke_trust;
use crate::store::comment_row::tombstone;
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;
use crate::store::wipe::wipe_content;

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
        let mut stored = StoredComment::find(&self.sql, id)?;
        let uuid = stored.uuid.clone();
        let key = ActionKey::new(Action::Erase, &uuid);
        let is_deleted = stored.comment.deleted;
        if audit_log::is_repeat(&self.sql, by, key)? || (is_deleted && stored.is_wiped()) {
            return Ok(stored.into_posted());
        }
        let page = stored.visible_page();
        let keep_tombstone = page.is_some() && stored.has_replies_on_other_pages(&self.sql)?;
        if let Some(page) = page {
            stored.thread.remove_comment(page, now);
        }
        stored.comment = tombstone(&stored.comment);
        self.sql.transaction(|| {
            wipe_content(&self.sql, id.get())?;
            if !is_deleted {
                let query = "UPDATE comment SET erased = ?, keep_tombstone = max(keep_tombstone, ?) WHERE id = ?";
                self.sql.exec(query, &[now.into(), keep_tombstone.into(), id.get().into()])?;
            }
            revoke_trust(&self.sql, stored.author.as_deref())?;
            audit_log::record(&self.sql, by, key, now)?;
            if page.is_none() {
                return Ok(());
            }
            update_title(&self.sql, &mut stored.thread)?;
            stored.thread.update(&self.sql)
        })?;
        Ok(stored.into_posted())
    }
}
