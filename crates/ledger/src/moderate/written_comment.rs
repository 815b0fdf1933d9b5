//! Comments that moderators write: replies as the owner, and comments on somebody's behalf.

use afterword_model::moderation::{
    ActionItem, ActionOutcome, AuditAction as Action, BatchAction, ItemResult, ModerationState,
};
use afterword_model::{CommentId, Refusal};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::batch::BatchContext;
use crate::store::audit_log::{self, ActionKey, Attribution};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;
use crate::store::wipe::update_row;
use crate::verified_comment::VerifiedComment;

/// A comment that a moderator wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeratorComment {
    /// Its id; `None` if it was not posted, because the comment that it answers is not as the moderator saw it.
    pub id: Option<CommentId>,
    /// The outcomes for the comment that it answers, and for itself.
    pub results: Vec<ItemResult>,
}

impl<S: Sql> Ledger<S> {
    /// Posts a reply as the owner of the site, whatever post and parent `reply` names, and approves the comment that it answers if the moderator wants that. Both are one batch, whose
    /// UUID is that of the reply. `seen` is the revision of the comment that the moderator saw; `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`], [`Refusal::UnknownParent`] if readers do not see the comment, or
    /// [`Refusal::IdReused`].
    pub fn reply_as_owner(
        &self,
        seen: ActionItem,
        reply: &VerifiedComment,
        approve: bool,
        by: &Attribution<'_>,
        now: i64,
    ) -> Result<ModeratorComment, LedgerError> {
        let context = BatchContext { by: *by, reason: None, now };
        if let Some(known) = self.find_written(reply, Action::Reply, &context)? {
            return Ok(known);
        }
        let parent = StoredComment::find(&self.sql, seen.id)?;
        if let Some(outcome) = self.find_conflict(&parent, seen.revision)? {
            return Ok(ModeratorComment { id: None, results: vec![ItemResult { id: seen.id, outcome }] });
        }
        let url = parent.thread.url.clone();
        self.sql.transaction(|| {
            let mut results = Vec::new();
            if approve && parent.state != ModerationState::Published {
                let revision = self.act_on_stored(BatchAction::Approve, parent, &context)?;
                results.push(ItemResult { id: seen.id, outcome: ActionOutcome::Done { revision } });
            }
            let reply = VerifiedComment { url: url.clone(), parent: Some(seen.id), ..reply.clone() };
            let id = self.publish_comment(&reply, now)?;
            self.sql.exec("UPDATE comment SET owner = 1 WHERE id = ?", &[id.get().into()])?;
            self.update_answered(seen.id, id, true)?;
            let uuid = reply.id.to_string();
            let revision = self.record_item(ActionKey::new(Action::Reply, &uuid), id, None, &context)?;
            results.push(ItemResult { id, outcome: ActionOutcome::Done { revision } });
            Ok(ModeratorComment { id: Some(id), results })
        })
    }

    /// Posts a comment for somebody who sent it another way, as of the time `date`. Readers see that a moderator posted it. `now` is in Unix
    /// seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownParent`], [`Refusal::BadTime`] for a time to come, or [`Refusal::IdReused`].
    pub fn post_on_behalf(
        &self,
        comment: &VerifiedComment,
        date: i64,
        by: &Attribution<'_>,
        now: i64,
    ) -> Result<ModeratorComment, LedgerError> {
        if !(0..=now).contains(&date) {
            return Err(Refusal::BadTime.into());
        }
        let context = BatchContext { by: *by, reason: None, now };
        if let Some(known) = self.find_written(comment, Action::Post, &context)? {
            return Ok(known);
        }
        self.sql.transaction(|| {
            let id = self.publish_comment(comment, now)?;
            update_row(&self.sql, id.get(), ("dated = ?", &[date.into()]))?;
            let uuid = comment.id.to_string();
            let revision = self.record_item(ActionKey::new(Action::Post, &uuid), id, None, &context)?;
            Ok(ModeratorComment {
                id: Some(id),
                results: vec![ItemResult { id, outcome: ActionOutcome::Done { revision } }],
            })
        })
    }

    /// A comment that was written before under this UUID. Refuses a UUID that belongs to anything else.
    fn find_written(
        &self,
        comment: &VerifiedComment,
        action: Action,
        context: &BatchContext<'_>,
    ) -> Result<Option<ModeratorComment>, LedgerError> {
        let uuid = comment.id.to_string();
        let entry = audit_log::find(&self.sql, &context.entry_id(&uuid))?;
        if let Some(entry) = entry {
            let id = entry.comment.filter(|_| entry.action == action && entry.by == context.by.by);
            let id = id.ok_or(Refusal::IdReused)?;
            let revision = entry.after.map_or(1, |after| after.revision);
            let results = vec![ItemResult { id, outcome: ActionOutcome::Done { revision } }];
            return Ok(Some(ModeratorComment { id: Some(id), results }));
        }
        let query =
            "SELECT EXISTS (SELECT 1 FROM comment WHERE uuid = ?1) OR EXISTS (SELECT 1 FROM audit_log WHERE uuid = ?1)";
        let is_taken = Row::only(self.sql.exec(query, &[uuid.into()])?).boolean("comment.uuid")?;
        if is_taken { Err(Refusal::IdReused.into()) } else { Ok(None) }
    }
}
