//! Changing the text of a comment.

use afterword_model::{CommentId, PostedComment, Refusal, SafeHtml};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::actor::Actor;
use crate::publish::pagination::json_bytes;
use crate::store::audit_log::{Action, ActionKey};
use crate::store::sql::Sql;

/// A new text for a comment, checked and rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentEdit {
    /// The text as it was typed.
    pub source: String,
    /// The text rendered.
    pub html: SafeHtml,
    /// The version of the renderer that made `html` out of `source`.
    pub renderer: i64,
}

impl<S: Sql> Ledger<S> {
    /// Gives a comment another text. The same again changes nothing and is answered the same.
    ///
    /// The author may do so for `window` seconds after the comment came in, a moderator always. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`], [`Refusal::NotYours`], [`Refusal::EditClosed`],
    /// [`Refusal::IdReused`] for an act that was another one before, or [`Refusal::TextTooLong`] where the comment's page has no room for more.
    pub fn edit(
        &self,
        id: CommentId,
        edit: &CommentEdit,
        by: Actor<'_>,
        window: i64,
        now: i64,
    ) -> Result<PostedComment, LedgerError> {
        let mut found = self.find(id)?;
        found.require(by)?;
        if found.comment.deleted {
            return Err(Refusal::UnknownComment.into());
        }
        let is_same = found.source == edit.source && found.comment.html == edit.html && found.renderer == edit.renderer;
        let uuid = found.uuid.clone();
        let doing = ActionKey { detail: Some(&edit.source), ..ActionKey::plain(Action::Edit, &uuid) };
        if self.is_repeated(by, doing)? || is_same {
            return Ok(found.posted());
        }
        if matches!(by, Actor::Author(_)) && now.saturating_sub(found.comment.created) > window {
            return Err(Refusal::EditClosed.into());
        }
        let growth = json_bytes(edit.html.as_str()) - json_bytes(found.comment.html.as_str());
        if let Some(page) = found.page.filter(|_| growth > 0)
            && self.fill(found.thread.id, page)?.bytes + growth > self.page_size.edited_bytes
        {
            return Err(Refusal::TextTooLong.into());
        }
        let page = found.visible_on();
        if let Some(page) = page {
            found.thread.version += 1;
            found.thread.mark(page);
            found.thread.mark_top_now(now);
            found.version = Some(found.thread.version);
        }
        found.comment.html = edit.html.clone();
        found.comment.edited = Some(now);
        self.sql.transaction(&mut || {
            let query = "UPDATE comment SET source = ?, html = ?, renderer = ?, edited = ?, version = ?, likeness = NULL \
                         WHERE id = ?";
            let params = [
                edit.source.as_str().into(),
                edit.html.as_str().into(),
                edit.renderer.into(),
                now.into(),
                found.version.into(),
                id.get().into(),
            ];
            self.sql.exec(query, &params)?;
            self.note_by(by, doing, now)?;
            if page.is_some() { self.update_thread(&found.thread) } else { Ok(()) }
        })?;
        Ok(found.posted())
    }
}
