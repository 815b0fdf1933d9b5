//! Approving and unpublishing comments.

use afterword_model::{CommentId, PostedComment, Refusal, Status};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::pagination::PageAssigner;
use crate::publish::reply_range::extend_reply_range;
use crate::publish::title::update_title;
use crate::store::audit_log::{self, Action, ActionKey, Attribution};
use crate::store::author_trust::{is_trusted, revoke_trust};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::stored_comment::StoredComment;
use crate::store::vote_row::count_votes;

/// The comment that another one replies to.
#[derive(Clone, Copy)]
struct Parent {
    page: u32,
    /// True if nobody can read it any more.
    is_removed: bool,
}

impl<S: Sql> Ledger<S> {
    /// Publishes a comment that waits, and makes its author trusted. A repeat changes nothing and has the same reply.
    ///
    /// A comment that was unpublished returns to its page. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`] for a comment that does not exist or is erased, or
    /// [`Refusal::IdReused`] for the id of another action.
    pub fn approve(&self, id: CommentId, by: &Attribution<'_>, now: i64) -> Result<PostedComment, LedgerError> {
        let mut stored = StoredComment::find(&self.sql, id)?;
        if stored.comment.deleted {
            return Err(Refusal::UnknownComment.into());
        }
        let uuid = stored.uuid.clone();
        let key = ActionKey::new(Action::Approve, &uuid);
        if audit_log::is_repeat(&self.sql, by, key)? || stored.status == Status::Published {
            return Ok(stored.into_posted());
        }
        if stored.page.is_some() {
            // It was unpublished before, and the top page may show its tombstone.
            stored.thread.mark_top(now);
        }
        let parent = self.find_parent(&stored)?;
        let page = match stored.page {
            Some(page) => page,
            None => {
                stored.thread.changes += 1 + count_votes(&self.sql, id.get())?;
                let mut pages = PageAssigner::new(&self.sql, self.page_size);
                let page = pages.assign_page(&mut stored.thread, parent.map(|parent| parent.page), now)?;
                self.index_comment(&mut stored.thread, (id, page), now)?;
                page
            }
        };
        let first_approved = stored.author.is_some() && !is_trusted(&self.sql, stored.author.as_deref())?;
        stored.thread.add_comment(page);
        stored.thread.latest.approved.push((id, now));
        let needs_tombstone = parent.filter(|parent| parent.is_removed && parent.page != page);
        if let Some(parent) = needs_tombstone {
            stored.thread.dirty.mark_page(parent.page);
        }
        (stored.status, stored.page, stored.version) = (Status::Published, Some(page), Some(stored.thread.version));
        self.sql.transaction(|| {
            let query = "UPDATE comment SET status = ?, page = ?, version = ?, first_approved = ? WHERE id = ?";
            let version = stored.version.into();
            self.sql.exec(
                query,
                &[Status::Published.into(), page.into(), version, first_approved.into(), id.get().into()],
            )?;
            if needs_tombstone.is_some() {
                let parent = stored.comment.parent.map(CommentId::get);
                self.sql.exec("UPDATE comment SET keep_tombstone = 1 WHERE id = ?", &[parent.into()])?;
            }
            if let (Some(parent), Some(parent_id)) =
                (parent.filter(|parent| parent.page != page), stored.comment.parent)
                && extend_reply_range(&self.sql, parent_id.get(), page)?
            {
                stored.thread.defer_addition(parent.page, now);
            }
            audit_log::record(&self.sql, by, key, now)?;
            update_title(&self.sql, &mut stored.thread)?;
            stored.thread.update(&self.sql)
        })?;
        Ok(stored.into_posted())
    }

    /// Unpublishes a comment: it waits again, and so does the next comment of its author until one is approved. A repeat changes nothing
    /// and has the same reply.
    ///
    /// `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`] for a comment that does not exist or is erased, or
    /// [`Refusal::IdReused`] for the id of another action.
    pub fn unpublish(&self, id: CommentId, by: &Attribution<'_>, now: i64) -> Result<PostedComment, LedgerError> {
        let mut stored = StoredComment::find(&self.sql, id)?;
        if stored.comment.deleted {
            return Err(Refusal::UnknownComment.into());
        }
        let uuid = stored.uuid.clone();
        let key = ActionKey::new(Action::Unpublish, &uuid);
        let is_repeat = audit_log::is_repeat(&self.sql, by, key)?;
        let Some(page) = stored.visible_page().filter(|_| !is_repeat) else { return Ok(stored.into_posted()) };
        let keep_tombstone = stored.has_replies_on_other_pages(&self.sql)?;
        stored.thread.remove_comment(page, now);
        (stored.status, stored.version) = (Status::Pending, None);
        self.sql.transaction(|| {
            let query =
                "UPDATE comment SET status = ?, version = NULL, keep_tombstone = max(keep_tombstone, ?) WHERE id = ?";
            self.sql.exec(query, &[Status::Pending.into(), keep_tombstone.into(), id.get().into()])?;
            revoke_trust(&self.sql, stored.author.as_deref())?;
            audit_log::record(&self.sql, by, key, now)?;
            update_title(&self.sql, &mut stored.thread)?;
            stored.thread.update(&self.sql)
        })?;
        Ok(stored.into_posted())
    }

    /// The parent of a comment, if it has a page. A parent that was erased or unpublished since the comment was sent still has one.
    fn find_parent(&self, stored: &StoredComment) -> Result<Option<Parent>, LedgerError> {
        let Some(parent) = stored.comment.parent else { return Ok(None) };
        let query = "SELECT page, status = 1 AND erased IS NULL FROM comment WHERE id = ? AND page IS NOT NULL";
        let row = Row::first(self.sql.exec(query, &[parent.get().into()])?);
        row.map(|mut row| Ok(Parent { page: row.count("comment.page")?, is_removed: !row.boolean("comment.status")? }))
            .transpose()
    }
}
