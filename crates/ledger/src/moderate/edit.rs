//! Editing the text of a comment by a moderator.

use afterword_model::moderation::{ActionOutcome, AuditAction as Action, ItemResult, ModerationState};
use afterword_model::{CommentId, PostedComment, Refusal, SafeHtml};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::batch::BatchContext;
use crate::moderate::transition::Transition;
use crate::store::audit_log::{self, ActionKey, Attribution, CommentChange};
use crate::store::comment_text::{self, FormerText};
use crate::store::fingerprint;
use crate::store::overwrite::{TextColumns, update_without_copy};
use crate::store::search_index;
use crate::store::sql::{Sql, Value};
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

impl CommentEdit {
    fn into_text(self, now: i64) -> FormerText {
        FormerText {
            source: self.source,
            html: self.html.as_str().to_owned(),
            renderer: self.renderer,
            edited: Some(now),
            edited_by_moderator: true,
        }
    }
}

impl<S: Sql> Ledger<S> {
    /// Replaces the text of a comment. A repeat changes nothing and has the same reply. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`], [`Refusal::IdReused`] for the id of another action, or
    /// [`Refusal::TextTooLong`] if the comment's page has no room for more.
    pub fn edit(
        &self,
        id: CommentId,
        edit: &CommentEdit,
        by: &Attribution<'_>,
        now: i64,
    ) -> Result<PostedComment, LedgerError> {
        let stored = StoredComment::find(&self.sql, id)?;
        if stored.comment.deleted {
            return Err(Refusal::UnknownComment.into());
        }
        let uuid = stored.uuid.clone();
        let detail = edit_detail(&stored, edit);
        let key = ActionKey { detail: detail.as_deref(), ..ActionKey::new(Action::Edit, &uuid) };
        if audit_log::is_repeat(&self.sql, by, key)? || is_unchanged(&stored, edit) {
            return Ok(stored.into_posted());
        }
        self.check_room(&stored, &edit.html)?;
        let before = Some(self.take_snapshot(&stored)?);
        self.sql.transaction(|| {
            self.replace_text(stored, &edit.clone().into_text(now), now)?;
            let after = Some(self.take_snapshot(&StoredComment::find(&self.sql, id)?)?);
            let change = CommentChange { comment: Some(id), before, after, ..CommentChange::default() };
            audit_log::record_change(&self.sql, by, key, &change, now)?;
            StoredComment::find(&self.sql, id).map(StoredComment::into_posted)
        })
    }

    /// Replaces the text of a comment as a moderator saw it, and approves the comment with it if they want that. Both are one action, which can
    /// be undone. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::edit`].
    pub fn edit_seen(
        &self,
        (id, seen): (CommentId, i64),
        edit: &CommentEdit,
        approve: bool,
        by: &Attribution<'_>,
        now: i64,
    ) -> Result<ItemResult, LedgerError> {
        let stored = StoredComment::find(&self.sql, id)?;
        let context = BatchContext { by: *by, reason: None, now };
        let uuid = stored.uuid.clone();
        let detail = edit_detail(&stored, edit);
        let key = ActionKey { detail: detail.as_deref(), ..ActionKey::new(Action::Edit, &uuid) };
        let entry = Attribution { id: context.entry_id(&uuid), ..*by };
        if audit_log::is_repeat(&self.sql, &entry, key)? {
            let revision = audit_log::find(&self.sql, &entry.id)?.and_then(|entry| entry.after).map(|it| it.revision);
            let revision = revision.unwrap_or(stored.revision);
            return Ok(ItemResult { id, outcome: ActionOutcome::Done { revision } });
        }
        if audit_log::contains(&self.sql, &by.id)? || audit_log::first_of_batch(&self.sql, &by.id)?.is_some() {
            return Err(Refusal::IdReused.into());
        }
        if let Some(outcome) = self.find_conflict(&stored, seen)? {
            return Ok(ItemResult { id, outcome });
        }
        self.check_room(&stored, &edit.html)?;
        let before = self.take_snapshot(&stored)?;
        let revision = self.sql.transaction(|| {
            if !is_unchanged(&stored, edit) {
                self.replace_text(StoredComment::find(&self.sql, id)?, &edit.clone().into_text(now), now)?;
            }
            if approve && stored.state != ModerationState::Published {
                let to = Transition::decide(ModerationState::Published, now);
                self.change_state(&mut StoredComment::find(&self.sql, id)?, &to, now)?;
            }
            self.record_item(key, id, Some(before), &context)
        })?;
        Ok(ItemResult { id, outcome: ActionOutcome::Done { revision } })
    }

    /// Replaces the text of a comment, and keeps the former one. Must run in a transaction.
    pub(crate) fn replace_text(
        &self,
        mut stored: StoredComment,
        text: &FormerText,
        now: i64,
    ) -> Result<(), LedgerError> {
        let id = stored.comment.id;
        comment_text::keep(&self.sql, id, stored.revision, now)?;
        search_index::remove(&self.sql, id.get())?;
        let columns = TextColumns {
            kept: &["name", "email", "website", "title", "signals", "fingerprint", "edits"],
            assigned: &["source", "html", "duplicate_key"],
        };
        let assignments = "source = ?, html = ?, renderer = ?, edited = ?, edited_by_moderator = ?, duplicate_key = NULL, \
                           reports_muted = 0, revision = ?";
        let values: [Value; 6] = [
            text.source.as_str().into(),
            text.html.as_str().into(),
            text.renderer.into(),
            text.edited.into(),
            text.edited_by_moderator.into(),
            (stored.revision + 1).into(),
        ];
        update_without_copy(&self.sql, "comment", &columns, (assignments, &values), ("id", id.get().into()))?;
        search_index::add(&self.sql, id.get())?;
        let Some(page) = stored.visible_page() else { return Ok(()) };
        stored.thread.version += 1;
        stored.thread.dirty.mark_page(page);
        stored.thread.mark_top(now);
        stored.thread.update(&self.sql)
    }
}

/// The text, hashed with the key of the fingerprint, so that nothing can be told from the log once the comment is erased.
fn edit_detail(stored: &StoredComment, edit: &CommentEdit) -> Option<String> {
    fingerprint::key_of(&stored.fingerprint).map(|key| format!("{key} {}", edit.source))
}

fn is_unchanged(stored: &StoredComment, edit: &CommentEdit) -> bool {
    stored.source == edit.source && stored.comment.html == edit.html && stored.renderer_version == edit.renderer
}
