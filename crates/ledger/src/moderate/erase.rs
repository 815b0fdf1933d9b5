//! Erasing a comment.

use afterword_model::{CommentId, PostedComment};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::actor::Actor;
use crate::store::audit_log::{Action, ActionKey};
use crate::store::row::tombstone;
use crate::store::sql::Sql;

impl<S: Sql> Ledger<S> {
    /// Erases what a comment says and who said it, for good; its place stays while there are answers to it. The same again changes
    /// nothing and is answered the same.
    ///
    /// The author may do so at any time, and a moderator. What a moderator erases should not have been there: its author is a stranger
    /// again, as after [`Ledger::hold`]. Who erases a comment of his own keeps what trust he has: a moderator has read what it is for, and
    /// nobody should have to think twice before he takes back what he said. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`](afterword_model::Refusal::UnknownComment),
    /// [`Refusal::NotYours`](afterword_model::Refusal::NotYours), or [`Refusal::IdReused`](afterword_model::Refusal::IdReused) for an act
    /// that was another one before.
    pub fn erase(&self, id: CommentId, by: Actor<'_>, now: i64) -> Result<PostedComment, LedgerError> {
        let mut found = self.find(id)?;
        found.require(by)?;
        let uuid = found.uuid.clone();
        let doing = ActionKey::plain(Action::Erase, &uuid);
        if self.is_repeated(by, doing)? || found.comment.deleted {
            return Ok(found.posted());
        }
        let page = found.visible_on();
        let kept = page.is_some() && self.is_answered_elsewhere(&found)?;
        if let Some(page) = page {
            found.thread.version += 1;
            found.thread.count = found.thread.count.saturating_sub(1);
            found.thread.mark(page);
            found.thread.mark_top_now(now);
            found.thread.mark_urgent();
            found.version = Some(found.thread.version);
        }
        found.comment = tombstone(&found.comment);
        self.sql.transaction(&mut || {
            // The key's hash, the id and the fingerprint stay: by them a repeat of the submission is known for one.
            let query = "UPDATE comment SET erased = ?, kept = max(kept, ?), version = ?, name = '', email = NULL, website = NULL, \
                         title = '', source = '', html = '', likeness = NULL, signals = '' WHERE id = ?";
            self.sql.exec(query, &[now.into(), kept.into(), found.version.into(), id.get().into()])?;
            if matches!(by, Actor::Moderator(_)) {
                self.distrust(found.author.as_deref())?;
            }
            self.note_by(by, doing, now)?;
            if page.is_none() {
                return Ok(());
            }
            self.find_title(&mut found.thread)?;
            self.update_thread(&found.thread)
        })?;
        Ok(found.posted())
    }
}
