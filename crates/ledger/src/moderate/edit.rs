//! Editing the text of a comment.

use afterword_model::{CommentId, PostedComment, Refusal, SafeHtml};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::actor::Actor;
use crate::publish::pagination::{PageFill, json_bytes};
use crate::store::audit_log::{Action, ActionKey};
use crate::store::fingerprint;
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;

/// A new text for a comment, checked and rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentEdit {
    /// The text as it was typed.
    pub source: String,
    /// The text as it was rendered.
    pub html: SafeHtml,
    /// Version of the renderer that made `html` from `source`.
    pub renderer: i64,
}

impl<S: Sql> Ledger<S> {
    /// Replaces the text of a comment. A repeat changes nothing and has the same reply.
    ///
    /// The author may edit for `window` seconds after the comment was created, a moderator at any time. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`], [`Refusal::NotYours`], [`Refusal::EditClosed`],
    /// [`Refusal::IdReused`] for the id of another action, or [`Refusal::TextTooLong`] if the comment's page has no room for more.
    pub fn edit(
        &self,
        id: CommentId,
        edit: &CommentEdit,
        actor: Actor<'_>,
        window: i64,
        now: i64,
    ) -> Result<PostedComment, LedgerError> {
        let mut stored = StoredComment::find(&self.sql, id)?;
        actor.check_permission(&stored)?;
        if stored.comment.deleted {
            return Err(Refusal::UnknownComment.into());
        }
        let uuid = stored.uuid.clone();
        // The hash of the text is keyed with the fingerprint, so that nothing can be told from it once both texts are erased.
        let detail = fingerprint::key_of(&stored.fingerprint).map(|key| format!("{key} {}", edit.source));
        let key = ActionKey { detail: detail.as_deref(), ..ActionKey::new(Action::Edit, &uuid) };
        if actor.is_repeat(&self.sql, key)? || is_unchanged(&stored, edit) {
            return Ok(stored.into_posted());
        }
        if !actor.is_moderator() && now.saturating_sub(stored.comment.created) > window {
            return Err(Refusal::EditClosed.into());
        }
        self.check_room(&stored, edit)?;
        let page = stored.visible_page();
        if let Some(page) = page {
            stored.thread.version += 1;
            stored.thread.dirty.mark_page(page);
            stored.thread.mark_top(now);
        }
        stored.comment.html = edit.html.clone();
        stored.comment.edited = Some(now);
        self.sql.transaction(|| {
            let query = "UPDATE comment SET source = ?, html = ?, renderer = ?, edited = ?, duplicate_key = NULL \
                         WHERE id = ?";
            let params = [
                edit.source.as_str().into(),
                edit.html.as_str().into(),
                edit.renderer.into(),
                now.into(),
                id.get().into(),
            ];
            self.sql.exec(query, &params)?;
            actor.record(&self.sql, key, now)?;
            if page.is_some() { stored.thread.update(&self.sql) } else { Ok(()) }
        })?;
        Ok(stored.into_posted())
    }

    /// Refuses a text that is longer than before if the comment's page has no room for it.
    fn check_room(&self, stored: &StoredComment, edit: &CommentEdit) -> Result<(), LedgerError> {
        let growth = json_bytes(edit.html.as_str()) - json_bytes(stored.comment.html.as_str());
        if let Some(page) = stored.page.filter(|_| growth > 0)
            && PageFill::load(&self.sql, stored.thread.id, page)?.bytes + growth > self.page_size.edited_bytes
        {
            return Err(Refusal::TextTooLong.into());
        }
        Ok(())
    }
}

fn is_unchanged(stored: &StoredComment, edit: &CommentEdit) -> bool {
    stored.source == edit.source && stored.comment.html == edit.html && stored.renderer_version == edit.renderer
}
