//! Deletion of a comment by its author, and its undo.
//!
//! Readers lose sight of the comment at once. What its author wrote is kept for [`WIPE_DELAY_SECONDS`](crate::ledger::WIPE_DELAY_SECONDS), so
//! that it can be restored, and then deleted by [`Ledger::prune`]. A moderator's erasure does not wait.

use afterword_model::moderation::ModerationState;
use afterword_model::{CommentFate, DeletedComment, PostedComment, Refusal, Status};

use crate::error::LedgerError;
use crate::interact::own_comment::CommentRef;
use crate::ledger::Ledger;
use crate::publish::title::update_title;
use crate::store::interaction_usage::{self, DailyUsage};
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;
use crate::store::wipe::{set_deleted, wipe_content};

/// Number of deletions by authors in a day that do not wait for the daily quota of KV writes: half of the writes that are reserved for
/// removals. So nobody can spend what moderators need by deleting comments of their own.
const MAX_URGENT_DELETIONS: u32 = 50;
/// `interaction_usage.kind` of these deletions.
const URGENT_DELETIONS: &str = "urgent_deletion";

impl<S: Sql> Ledger<S> {
    /// Deletes a comment of the author with this hash of the author key, at any time. A tombstone remains while there are replies. A repeat
    /// changes nothing and has the same reply. The author stays trusted: a moderator has read the comment that earned it, and nobody should
    /// have to think twice before they take back what they said. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::NotYourComment`].
    pub fn delete_own(&self, comment: CommentRef<'_>, author: &str, now: i64) -> Result<DeletedComment, LedgerError> {
        let mut stored = self.find_own(comment, author)?;
        if stored.state == ModerationState::Deleted {
            // A moderator has deleted it and could restore it. Its author does not want that.
            self.sql.transaction(|| wipe_content(&self.sql, comment.id.get()))?;
            return Ok(self.deleted(&stored, now.saturating_sub(self.wipe_delay)));
        }
        if let Some(erased) = stored.erased {
            return Ok(self.deleted(&stored, erased));
        }
        let page = stored.visible_page();
        let keep_tombstone = page.is_some() && stored.has_replies_on_other_pages(&self.sql)?;
        let usage = DailyUsage::load(&self.sql, URGENT_DELETIONS, now)?;
        let is_urgent = usage.count < MAX_URGENT_DELETIONS;
        if let Some(page) = page {
            if is_urgent {
                stored.thread.remove_comment(page, now);
            } else {
                stored.thread.hide_comment(page, now);
            }
        }
        self.sql.transaction(|| {
            set_deleted(&self.sql, comment.id.get(), Some(now), keep_tombstone)?;
            if page.is_none() {
                return Ok(());
            }
            if is_urgent {
                interaction_usage::store(&self.sql, URGENT_DELETIONS, usage.with_one_more())?;
            }
            update_title(&self.sql, &mut stored.thread)?;
            stored.thread.update(&self.sql)
        })?;
        Ok(self.deleted(&stored, now))
    }

    /// Restores a comment that its author has deleted, as it was: published or pending, under its id, with its votes. A repeat changes nothing
    /// and has the same reply. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::NotYourComment`], or [`Refusal::RestoreWindowOver`] if it is deleted for good.
    pub fn restore_own(&self, comment: CommentRef<'_>, author: &str, now: i64) -> Result<PostedComment, LedgerError> {
        let mut stored = self.find_own(comment, author)?;
        let Some(erased) = stored.erased else { return Ok(restored(stored)) };
        if stored.is_wiped() || stored.is_removed || now >= self.restore_until(erased) {
            return Err(Refusal::RestoreWindowOver.into());
        }
        let page = stored.page.filter(|_| stored.status == Status::Published);
        if let Some(page) = page {
            stored.thread.add_comment(page);
            stored.thread.latest.approved.push((comment.id, stored.comment.created));
            stored.thread.mark_top(now);
        }
        self.sql.transaction(|| {
            set_deleted(&self.sql, comment.id.get(), None, false)?;
            self.rerender_restored(comment.id)?;
            if page.is_some() {
                update_title(&self.sql, &mut stored.thread)?;
                stored.thread.update(&self.sql)?;
            }
            StoredComment::find(&self.sql, comment.id).map(restored)
        })
    }

    fn restore_until(&self, erased: i64) -> i64 {
        erased.saturating_add(self.wipe_delay)
    }

    fn deleted(&self, stored: &StoredComment, erased: i64) -> DeletedComment {
        let (status, version) = (CommentFate::Deleted, stored.thread.version);
        DeletedComment { status, restore_until: self.restore_until(erased), version }
    }
}

/// The reply to a restoration. Earlier versions of the thread may lack the comment.
fn restored(stored: StoredComment) -> PostedComment {
    let version = stored.thread.version;
    PostedComment { version, ..stored.into_posted() }
}
