//! Undo of batches, on the server: each comment gets back what the batch changed of it, if nobody has changed it since.

use afterword_model::moderation::{
    ActionOutcome, AuditAction, AuditRecord, CommentSnapshot, ItemResult, ModerationState, UndoRequest, UndoResult,
};
use afterword_model::{CommentId, Refusal, SubmissionId};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::batch::BatchContext;
use crate::moderate::transition::Transition;
use crate::store::audit_log::{self, ActionKey, Attribution, CommentChange, RECORD_COLUMNS, read_record};
use crate::store::author_trust::{find_first_approved, is_declared, set_declared, set_first_approved};
use crate::store::comment_text;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;

/// Maximum number of entries that one step undoes.
const STEP: u32 = 50;

impl<S: Sql> Ledger<S> {
    /// Undoes a batch, or a single action, in bounded steps. The entry that is recorded last is undone first.
    ///
    /// A comment whose revision is no longer the one that the batch left is named in the result and stays as it is. An erasure cannot be undone.
    /// An undo that is sent twice is done once. `moderator` is the name of the moderator, and `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::NotFound`] if there is no such batch, or [`Refusal::IdReused`] for the id of another action.
    pub fn undo(&self, request: &UndoRequest, moderator: &str, now: i64) -> Result<UndoResult, LedgerError> {
        let UndoRequest { id, batch, after } = *request;
        let context = BatchContext { by: Attribution { id, by: moderator }, reason: None, now };
        self.check_undo_id(&context)?;
        let entries = self.entries_of_batch(&batch, after)?;
        if entries.is_empty() && after.is_none() {
            return Err(Refusal::NotFound.into());
        }
        let next = entries.last().map(|entry| entry.number).filter(|_| entries.len() >= STEP as usize);
        let results = self.sql.transaction(|| {
            let mut results = Vec::new();
            for entry in &entries {
                results.extend(self.undo_entry(entry, &context)?);
            }
            Ok::<_, LedgerError>(results)
        })?;
        Ok(UndoResult { id, batch, results, next })
    }

    fn check_undo_id(&self, context: &BatchContext<'_>) -> Result<(), LedgerError> {
        let is_other = match audit_log::first_of_batch(&self.sql, &context.by.id)? {
            Some(entry) => entry.action != AuditAction::Undo || entry.by != context.by.by,
            None => audit_log::contains(&self.sql, &context.by.id)?,
        };
        if is_other { Err(Refusal::IdReused.into()) } else { Ok(()) }
    }

    /// The entries of a batch with numbers below `before`, newest first.
    fn entries_of_batch(&self, batch: &SubmissionId, before: Option<i64>) -> Result<Vec<AuditRecord>, LedgerError> {
        let query =
            format!("SELECT {RECORD_COLUMNS} FROM audit_log WHERE batch = ? AND id < ? ORDER BY id DESC LIMIT ?");
        let before = before.unwrap_or(i64::MAX >> 11);
        let rows = self.sql.exec(&query, &[batch.to_string().into(), before.into(), STEP.into()])?;
        let mut entries: Vec<AuditRecord> =
            rows.into_iter().map(|columns| read_record(&mut Row::new(columns))).collect::<Result<_, _>>()?;
        if entries.len() < STEP as usize {
            // A ban comes before the comments that it swept, and an action of its own is alone.
            let first = audit_log::find(&self.sql, batch)?.filter(|entry| entry.number < before);
            entries.extend(first.filter(|first| entries.iter().all(|entry| entry.number != first.number)));
        }
        Ok(entries)
    }

    /// Undoes one entry. The result is `None` for an entry that concerns no comment. Must run in a transaction.
    fn undo_entry(&self, entry: &AuditRecord, context: &BatchContext<'_>) -> Result<Option<ItemResult>, LedgerError> {
        let (Some(id), Some(after)) = (entry.comment, &entry.after) else {
            self.undo_other(entry, context)?;
            return Ok(entry.comment.map(|id| ItemResult { id, outcome: ActionOutcome::Gone }));
        };
        let done = audit_log::find(&self.sql, &context.entry_id(&entry.id))?;
        if let Some(done) = done.and_then(|done| done.after) {
            return Ok(Some(ItemResult { id, outcome: ActionOutcome::Done { revision: done.revision } }));
        }
        let stored = StoredComment::find(&self.sql, id)?;
        let outcome = if stored.state == ModerationState::Erased || entry.action == AuditAction::Erase {
            ActionOutcome::Gone
        } else if entry.undone {
            let last = audit_log::last_on_comment(&self.sql, id)?;
            let (by, at) = last.map(|last| (last.by, last.at)).unzip();
            ActionOutcome::Already { by, at }
        } else if stored.revision != after.revision {
            self.describe_change(&stored)?
        } else {
            ActionOutcome::Done { revision: self.restore_snapshot(entry, &stored, context)? }
        };
        Ok(Some(ItemResult { id, outcome }))
    }

    /// Gives a comment back what an action changed, and records it. Returns the revision. Must run in a transaction.
    fn restore_snapshot(
        &self,
        entry: &AuditRecord,
        stored: &StoredComment,
        context: &BatchContext<'_>,
    ) -> Result<i64, LedgerError> {
        let id = stored.comment.id;
        let present = self.take_snapshot(stored)?;
        // The action made the comment: a reply of the owner, or a comment on somebody's behalf.
        let created =
            CommentSnapshot { state: ModerationState::Deleted, deleted_at: Some(context.now), ..present.clone() };
        let before = entry.before.as_ref().unwrap_or(&created);
        // The former text is kept under the revision that the log names.
        self.restore_text(entry, id, context)?;
        self.restore_post(entry, id, context)?;
        self.restore_state(before, StoredComment::find(&self.sql, id)?, context)?;
        self.restore_marks(before, &StoredComment::find(&self.sql, id)?, context)?;
        let raised = StoredComment::find(&self.sql, id)?;
        if raised.revision == present.revision {
            self.raise_revision(&raised)?;
        }
        let after = self.take_snapshot(&StoredComment::find(&self.sql, id)?)?;
        let after = CommentSnapshot { url: before.url.clone(), parent: before.parent, ..after };
        let present = match &entry.after {
            Some(left) => CommentSnapshot { url: left.url.clone(), parent: left.parent, ..present },
            None => present,
        };
        let revision = after.revision;
        let change = CommentChange {
            batch: Some(context.by.id),
            comment: Some(id),
            reason: None,
            before: Some(present),
            after: Some(after),
            undoes: Some(entry.number),
            ban: None,
        };
        let by = Attribution { id: context.entry_id(&entry.id), ..context.by };
        audit_log::record_change(
            &self.sql,
            &by,
            ActionKey::new(AuditAction::Undo, &stored.uuid),
            &change,
            context.now,
        )?;
        audit_log::set_undone(&self.sql, entry.number, true)?;
        self.mark_redone(entry)?;
        Ok(revision)
    }

    /// The undo of an undo: the action that was undone counts as done again.
    fn mark_redone(&self, entry: &AuditRecord) -> Result<(), LedgerError> {
        let query = "UPDATE audit_log SET undone = 0 WHERE id = (SELECT undoes FROM audit_log WHERE id = ?)";
        Ok(self.sql.exec(query, &[entry.number.into()]).map(drop)?)
    }

    fn restore_state(
        &self,
        before: &CommentSnapshot,
        mut stored: StoredComment,
        context: &BatchContext<'_>,
    ) -> Result<(), LedgerError> {
        let loses_place = stored.page.is_some() && !before.placed;
        if stored.state == before.state && !loses_place {
            return Ok(());
        }
        let to = Transition {
            state: before.state,
            since: before.since,
            shown_at: stored.comment.created,
            deleted_at: before.deleted_at.unwrap_or(context.now),
            below: before.below,
            earns_trust: false,
            loses_place,
        };
        self.change_state(&mut stored, &to, context.now)
    }

    /// Restores the pin, the reports and the trust in the author.
    fn restore_marks(
        &self,
        before: &CommentSnapshot,
        stored: &StoredComment,
        context: &BatchContext<'_>,
    ) -> Result<(), LedgerError> {
        let author = stored.author.as_deref();
        if stored.is_reported != before.reported || stored.reports_muted != before.muted {
            self.set_reports(stored, before.reported, before.muted)?;
        }
        if find_first_approved(&self.sql, author)? != before.first_approved {
            set_first_approved(&self.sql, author, before.first_approved)?;
        }
        if is_declared(&self.sql, author)? != before.trusted {
            set_declared(&self.sql, author, before.trusted)?;
        }
        if stored.is_pinned != before.pinned {
            let stored = StoredComment::find(&self.sql, stored.comment.id)?;
            self.set_pinned(stored, before.pinned, context.now)?;
        }
        Ok(())
    }

    /// Undoes an action on a thread or a ban.
    fn undo_other(&self, entry: &AuditRecord, context: &BatchContext<'_>) -> Result<(), LedgerError> {
        if entry.undone {
            return Ok(());
        }
        let by = Attribution { id: context.entry_id(&entry.id), ..context.by };
        let is_undone = match entry.action {
            AuditAction::Close => self.reopen(&entry.target, false, context.now)?,
            AuditAction::Open => self.reopen(&entry.target, true, context.now)?,
            AuditAction::Ban => self.undo_ban(entry)?,
            _ => false,
        };
        if !is_undone {
            return Ok(());
        }
        let change =
            CommentChange { batch: Some(context.by.id), undoes: Some(entry.number), ..CommentChange::default() };
        audit_log::record_change(
            &self.sql,
            &by,
            ActionKey::new(AuditAction::Undo, &entry.target),
            &change,
            context.now,
        )?;
        audit_log::set_undone(&self.sql, entry.number, true)
    }

    /// A comment that was moved to another post, with the replies below it, moves back.
    fn restore_post(&self, entry: &AuditRecord, id: CommentId, context: &BatchContext<'_>) -> Result<(), LedgerError> {
        let url = |snapshot: &Option<CommentSnapshot>| snapshot.as_ref().and_then(|it| it.url.clone());
        let (Some(before), Some(after)) = (url(&entry.before), url(&entry.after)) else { return Ok(()) };
        let parent = entry.before.as_ref().and_then(|it| it.parent);
        if before == after { Ok(()) } else { self.move_subtree(id, (&before, parent), context.now) }
    }

    /// A comment whose text an edit has replaced gets it back.
    fn restore_text(&self, entry: &AuditRecord, id: CommentId, context: &BatchContext<'_>) -> Result<(), LedgerError> {
        let Some(before) = entry.before.as_ref().filter(|_| is_about_text(entry)) else { return Ok(()) };
        let Some(former) = comment_text::find(&self.sql, id, before.revision)? else { return Ok(()) };
        self.replace_text(StoredComment::find(&self.sql, id)?, &former, context.now)?;
        self.rerender_restored(id)
    }
}

/// Returns true if an action may have replaced the text of a comment.
fn is_about_text(entry: &AuditRecord) -> bool {
    matches!(entry.action, AuditAction::Edit | AuditAction::Undo)
}
