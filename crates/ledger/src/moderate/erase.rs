//! Erasing a comment.

use afterword_model::{CommentId, PostedComment};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::actor::Actor;
use crate::publish::title::update_title;
use crate::store::audit_log::{Action, ActionKey};
use crate::store::author_trust::revoke_trust;
use crate::store::comment_row::tombstone;
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;
use crate::store::wipe::wipe_content;

impl<S: Sql> Ledger<S> {
    /// Erases the text and the author of a comment for good. A tombstone remains while there are replies to it. A repeat changes nothing
    /// and has the same reply.
    ///
    /// The author and moderators may do so at any time. If a moderator erases a comment, it should not have been there, so its author
    /// loses their trust, as after [`Ledger::unpublish`]. Authors who erase a comment of their own keep it: a moderator has read the
    /// comment that earned it, and nobody should have to think twice before they take back what they said. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`](afterword_model::Refusal::UnknownComment),
    /// [`Refusal::NotYours`](afterword_model::Refusal::NotYours), or [`Refusal::IdReused`](afterword_model::Refusal::IdReused) for the id
    /// of another action.
    pub fn erase(&self, id: CommentId, actor: Actor<'_>, now: i64) -> Result<PostedComment, LedgerError> {
        let mut stored = StoredComment::find(&self.sql, id)?;
        actor.check_permission(&stored)?;
        let uuid = stored.uuid.clone();
        let key = ActionKey::new(Action::Erase, &uuid);
        if actor.is_repeat(&self.sql, key)? || stored.comment.deleted {
            return Ok(stored.into_posted());
        }
        let page = stored.visible_page();
        let keep_tombstone = page.is_some() && stored.has_replies_on_other_pages(&self.sql)?;
        if let Some(page) = page {
            stored.thread.remove_comment(page, now);
            stored.version = Some(stored.thread.version);
        }
        stored.comment = tombstone(&stored.comment);
        self.sql.transaction(|| {
            if self.wipe_delay == 0 {
                wipe_content(&self.sql, id.get())?;
            }
            let query =
                "UPDATE comment SET erased = ?, keep_tombstone = max(keep_tombstone, ?), version = ? WHERE id = ?";
            self.sql.exec(query, &[now.into(), keep_tombstone.into(), stored.version.into(), id.get().into()])?;
            if actor.is_moderator() {
                revoke_trust(&self.sql, stored.author.as_deref())?;
            }
            actor.record(&self.sql, key, now)?;
            if page.is_none() {
                return Ok(());
            }
            update_title(&self.sql, &mut stored.thread)?;
            stored.thread.update(&self.sql)
        })?;
        Ok(stored.into_posted())
    }
}
