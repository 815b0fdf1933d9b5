//! Batches: one action on some comments, each bound to the revision that the moderator saw.
//!
//! All comments of a batch change in one transaction. The log has an entry for each, with what the action may change before and after it, so
//! that the batch can be undone. The UUID of an entry is derived from that of the batch and that of the comment: a batch that is sent twice
//! finds what it has done.

use afterword_model::moderation::{
    ActionBatch, ActionItem, ActionOutcome, ActionReason, BatchAction, BatchResult, CommentSnapshot, ItemResult,
    ModerationState,
};
use afterword_model::{CommentId, Refusal, SubmissionId, limits};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::transition::{Transition, state_below};
use crate::publish::title::update_title;
use crate::store::audit_log::{self, ActionKey, Attribution, CommentChange};
use crate::store::author_trust::{revoke_trust, set_declared};
use crate::store::comment_row::tombstone;
use crate::store::report_row::set_closed;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;
use crate::store::wipe::{update_row, wipe_content};

/// The moderator, the reason and the time of a batch.
#[derive(Clone, Copy)]
pub(crate) struct BatchContext<'a> {
    /// UUID of the batch, and the moderator.
    pub(crate) by: Attribution<'a>,
    pub(crate) reason: Option<ActionReason>,
    pub(crate) now: i64,
}

impl BatchContext<'_> {
    /// UUID of the entry for one comment.
    pub(crate) fn entry_id(&self, comment_uuid: &str) -> SubmissionId {
        audit_log::derive_part_id(&self.by.id, comment_uuid)
    }
}

impl<S: Sql> Ledger<S> {
    /// Carries out an action on some comments. A batch that was sent before is not carried out again, and has the same outcomes for the comments
    /// on which it acted. `moderator` is the name of the moderator, and `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::IdReused`] for the id of another action, or [`Refusal::ListFull`] for too many comments.
    pub fn act(&self, batch: &ActionBatch, moderator: &str, now: i64) -> Result<BatchResult, LedgerError> {
        if batch.comments.len() > limits::BATCH_COMMENTS {
            return Err(Refusal::ListFull.into());
        }
        let by = Attribution { id: batch.id, by: moderator };
        let context = BatchContext { by, reason: batch.reason, now };
        self.check_batch_id(&by, batch.action)?;
        let results = self.sql.transaction(|| {
            let act = |item: &ActionItem| self.act_on_item(batch.action, *item, &context);
            batch.comments.iter().map(act).collect::<Result<Vec<_>, LedgerError>>()
        })?;
        Ok(BatchResult { id: batch.id, results })
    }

    /// Refuses the id of a batch that was another action, or somebody else's.
    pub(crate) fn check_batch_id(&self, by: &Attribution<'_>, action: BatchAction) -> Result<(), LedgerError> {
        let is_other = match audit_log::first_of_batch(&self.sql, &by.id)? {
            Some(entry) => entry.action != action.logged() || entry.by != by.by,
            None => audit_log::contains(&self.sql, &by.id)?,
        };
        if is_other { Err(Refusal::IdReused.into()) } else { Ok(()) }
    }

    /// Acts on one comment of a batch. Must run in a transaction.
    pub(crate) fn act_on_item(
        &self,
        action: BatchAction,
        item: ActionItem,
        context: &BatchContext<'_>,
    ) -> Result<ItemResult, LedgerError> {
        let id = item.id;
        let stored = match StoredComment::find(&self.sql, id) {
            Ok(stored) => stored,
            Err(LedgerError::Refused(Refusal::UnknownComment)) => {
                return Ok(ItemResult { id, outcome: ActionOutcome::Gone });
            }
            Err(error) => return Err(error),
        };
        let entry = audit_log::find(&self.sql, &context.entry_id(&stored.uuid))?;
        if let Some(done) = entry.and_then(|entry| entry.after) {
            return Ok(ItemResult { id, outcome: ActionOutcome::Done { revision: done.revision } });
        }
        let outcome = match self.find_obstacle(action, &stored, item.revision)? {
            Some(outcome) => outcome,
            None => ActionOutcome::Done { revision: self.act_on_stored(action, stored, context)? },
        };
        Ok(ItemResult { id, outcome })
    }

    /// The outcome if there is nothing to do, or if the action must not be done because the comment is not as the moderator saw it.
    pub(crate) fn find_obstacle(
        &self,
        action: BatchAction,
        stored: &StoredComment,
        seen: i64,
    ) -> Result<Option<ActionOutcome>, LedgerError> {
        let is_done = self.is_done(action, stored)?;
        if stored.state == ModerationState::Erased && (action != BatchAction::Erase || stored.is_wiped()) {
            return Ok(Some(if is_done { self.already(stored)? } else { ActionOutcome::Gone }));
        }
        if stored.revision == seen {
            if is_done {
                return self.already(stored).map(Some);
            }
            let is_pin = matches!(action, BatchAction::Pin | BatchAction::Unpin);
            let applies = match action {
                BatchAction::Restore => matches!(stored.state, ModerationState::Deleted | ModerationState::Spam),
                _ => !is_pin || stored.visible_page().is_some(),
            };
            return Ok((!applies).then_some(ActionOutcome::Gone));
        }
        Ok(Some(match self.describe_change(stored)? {
            ActionOutcome::DecidedOtherwise { by, at, .. } if is_done => {
                ActionOutcome::Already { by: Some(by), at: Some(at) }
            }
            outcome => outcome,
        }))
    }

    /// The outcome for a comment that was changed after a moderator saw it, by a moderator or by its author.
    pub(crate) fn describe_change(&self, stored: &StoredComment) -> Result<ActionOutcome, LedgerError> {
        let revision = stored.revision;
        let last = audit_log::last_on_comment(&self.sql, stored.comment.id)?;
        let by_moderator = last.filter(|last| last.after.as_ref().is_some_and(|it| it.revision == revision));
        Ok(match by_moderator {
            Some(last) => ActionOutcome::DecidedOtherwise { by: last.by, at: last.at, state: stored.state, revision },
            None => ActionOutcome::Changed { revision },
        })
    }

    /// The outcome for a comment that cannot be answered or edited as the moderator saw it, or `None`.
    pub(crate) fn find_conflict(
        &self,
        stored: &StoredComment,
        seen: i64,
    ) -> Result<Option<ActionOutcome>, LedgerError> {
        match stored.state {
            ModerationState::Erased | ModerationState::Deleted => Ok(Some(ActionOutcome::Gone)),
            _ if stored.revision != seen => self.describe_change(stored).map(Some),
            _ => Ok(None),
        }
    }

    pub(crate) fn already(&self, stored: &StoredComment) -> Result<ActionOutcome, LedgerError> {
        let last = audit_log::last_on_comment(&self.sql, stored.comment.id)?;
        let (by, at) = last.map(|last| (last.by, last.at)).unzip();
        Ok(ActionOutcome::Already { by, at })
    }

    /// Returns true if the comment is as the action would leave it.
    fn is_done(&self, action: BatchAction, stored: &StoredComment) -> Result<bool, LedgerError> {
        let state = stored.state;
        Ok(match action {
            BatchAction::Approve => state == ModerationState::Published,
            BatchAction::ApproveAndTrust => {
                let is_trusted = || Ok::<_, LedgerError>(self.take_snapshot(stored)?.trusted);
                state == ModerationState::Published && (stored.author.is_none() || is_trusted()?)
            }
            BatchAction::Unpublish => state == ModerationState::Pending,
            BatchAction::Spam => state == ModerationState::Spam,
            BatchAction::Delete => state == ModerationState::Deleted,
            BatchAction::Restore => matches!(state, ModerationState::Published | ModerationState::Pending),
            BatchAction::Keep => stored.reports_muted && !stored.is_reported,
            BatchAction::Pin => stored.is_pinned && stored.visible_page().is_some(),
            BatchAction::Unpin => !stored.is_pinned,
            BatchAction::Erase => state == ModerationState::Erased && stored.is_wiped(),
        })
    }

    /// Acts on a comment and records it. Returns the revision after the action. Must run in a transaction.
    pub(crate) fn act_on_stored(
        &self,
        action: BatchAction,
        stored: StoredComment,
        context: &BatchContext<'_>,
    ) -> Result<i64, LedgerError> {
        let (id, uuid) = (stored.comment.id, stored.uuid.clone());
        let before = self.take_snapshot(&stored)?;
        self.apply(action, stored, context)?;
        self.record_item(ActionKey::new(action.logged(), &uuid), id, Some(before), context)
    }

    /// Records an action on a comment that has been carried out. Returns the revision after the action. Must run in the same transaction.
    pub(crate) fn record_item(
        &self,
        key: ActionKey<'_>,
        comment: CommentId,
        before: Option<CommentSnapshot>,
        context: &BatchContext<'_>,
    ) -> Result<i64, LedgerError> {
        let after = self.take_snapshot(&StoredComment::find(&self.sql, comment)?)?;
        let revision = after.revision;
        let change = CommentChange {
            batch: Some(context.by.id),
            comment: Some(comment),
            reason: context.reason,
            before,
            after: Some(after),
            undoes: None,
            ban: None,
        };
        let by = Attribution { id: context.entry_id(key.target), ..context.by };
        audit_log::record_change(&self.sql, &by, key, &change, context.now)?;
        Ok(revision)
    }

    fn apply(
        &self,
        action: BatchAction,
        mut stored: StoredComment,
        context: &BatchContext<'_>,
    ) -> Result<(), LedgerError> {
        let now = context.now;
        let to = |state| Transition::decide(state, now);
        match action {
            BatchAction::Approve => self.change_state(&mut stored, &to(ModerationState::Published), now),
            BatchAction::ApproveAndTrust => {
                if stored.state == ModerationState::Published {
                    self.raise_revision(&stored)?;
                } else {
                    self.change_state(&mut stored, &to(ModerationState::Published), now)?;
                }
                set_declared(&self.sql, stored.author.as_deref(), true)
            }
            BatchAction::Unpublish => self.reject(stored, &to(ModerationState::Pending), now),
            BatchAction::Spam => self.reject(stored, &to(ModerationState::Spam), now),
            BatchAction::Delete => self.reject(stored, &to(ModerationState::Deleted), now),
            BatchAction::Restore => {
                let state = self.state_before(&stored)?;
                let shown_at = stored.comment.created;
                self.change_state(&mut stored, &Transition { shown_at, earns_trust: false, ..to(state) }, now)
            }
            BatchAction::Keep => self.set_reports(&stored, false, true),
            BatchAction::Pin => self.set_pinned(stored, true, now),
            BatchAction::Unpin => self.set_pinned(stored, false, now),
            BatchAction::Erase => self.erase_stored(stored, now),
        }
    }

    /// Takes a comment out of sight, or keeps it there. What a moderator rejects should not have been there, so its author loses their trust.
    pub(crate) fn reject(&self, mut stored: StoredComment, to: &Transition, now: i64) -> Result<(), LedgerError> {
        self.change_state(&mut stored, to, now)?;
        revoke_trust(&self.sql, stored.author.as_deref())?;
        set_declared(&self.sql, stored.author.as_deref(), false)
    }

    /// The state to which a deleted comment, or one marked as spam, returns.
    fn state_before(&self, stored: &StoredComment) -> Result<ModerationState, LedgerError> {
        if stored.state == ModerationState::Deleted {
            return Ok(state_below(stored));
        }
        let query = "SELECT before FROM audit_log WHERE comment = ? AND action = 'spam' AND undone = 0 ORDER BY id DESC LIMIT 1";
        let row = Row::first(self.sql.exec(query, &[stored.comment.id.get().into()])?);
        let Some(json) = row.map(|mut row| row.optional_text("audit_log.before")).transpose()?.flatten() else {
            return Ok(ModerationState::Pending);
        };
        let before: CommentSnapshot =
            serde_json::from_str(&json).map_err(|_| LedgerError::Corrupt("audit_log.before"))?;
        let was_published = before.state == ModerationState::Published;
        Ok(if was_published { ModerationState::Published } else { ModerationState::Pending })
    }

    /// Raises the revision of a comment whose state stays. Must run in a transaction.
    pub(crate) fn raise_revision(&self, stored: &StoredComment) -> Result<(), LedgerError> {
        update_row(&self.sql, stored.comment.id.get(), ("revision = ?", &[(stored.revision + 1).into()]))
    }

    /// Opens or closes the reports of a comment, and mutes further ones or not. Must run in a transaction.
    pub(crate) fn set_reports(&self, stored: &StoredComment, open: bool, muted: bool) -> Result<(), LedgerError> {
        let id = stored.comment.id.get();
        if open != stored.is_reported {
            set_closed(&self.sql, id, !open)?;
        }
        let assignments = "reported = ?, reports_muted = ?, revision = ?";
        update_row(&self.sql, id, (assignments, &[open.into(), muted.into(), (stored.revision + 1).into()]))
    }

    /// Pins a comment or ends that. Must run in a transaction.
    pub(crate) fn set_pinned(&self, mut stored: StoredComment, pinned: bool, now: i64) -> Result<(), LedgerError> {
        let values = [pinned.into(), (stored.revision + 1).into()];
        update_row(&self.sql, stored.comment.id.get(), ("pinned = ?, revision = ?", &values))?;
        let Some(page) = stored.visible_page() else { return Ok(()) };
        stored.thread.version += 1;
        stored.thread.dirty.mark_page(page);
        stored.thread.mark_top(now);
        stored.thread.update(&self.sql)
    }

    /// Erases a comment for good. Must run in a transaction.
    pub(crate) fn erase_stored(&self, mut stored: StoredComment, now: i64) -> Result<(), LedgerError> {
        let id = stored.comment.id;
        let page = stored.visible_page();
        let keep_tombstone = page.is_some() && stored.has_replies_on_other_pages(&self.sql)?;
        if let Some(page) = page {
            stored.thread.remove_comment(page, now);
        }
        let is_deleted = stored.comment.deleted;
        stored.comment = tombstone(&stored.comment);
        wipe_content(&self.sql, id.get())?;
        if !is_deleted {
            let query = "UPDATE comment SET erased = ?, keep_tombstone = max(keep_tombstone, ?) WHERE id = ?";
            self.sql.exec(query, &[now.into(), keep_tombstone.into(), id.get().into()])?;
        }
        revoke_trust(&self.sql, stored.author.as_deref())?;
        set_declared(&self.sql, stored.author.as_deref(), false)?;
        if let (true, Some(parent)) = (stored.is_by_owner, stored.comment.parent) {
            self.update_answered(parent, id, false)?;
        }
        if page.is_none() {
            return Ok(());
        }
        update_title(&self.sql, &mut stored.thread)?;
        stored.thread.update(&self.sql)
    }
}
