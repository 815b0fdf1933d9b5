//! What moderators do: let comments through, take them back, close threads.

use afterword_model::{CommentId, PostUrl, PostedComment, Refusal};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::actor::StoredComment;
use crate::publish::thread_page::ThreadRow;
use crate::store::audit_log::Attribution;
use crate::store::audit_log::{Action, ActionKey};
use crate::store::row::{PENDING, PUBLISHED, Row};
use crate::store::sql::Sql;

impl<S: Sql> Ledger<S> {
    /// Publishes a comment that waits, and makes its author known. The same again changes nothing and is answered the same.
    ///
    /// A comment that was taken back returns to its page. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`] for a comment that is not there or erased, or
    /// [`Refusal::IdReused`] for an act that was another one before.
    pub fn approve(&self, id: CommentId, act: &Attribution<'_>, now: i64) -> Result<PostedComment, LedgerError> {
        let mut found = self.find(id)?;
        if found.comment.deleted {
            return Err(Refusal::UnknownComment.into());
        }
        let uuid = found.uuid.clone();
        let doing = ActionKey::plain(Action::Approve, &uuid);
        if self.is_done(act, doing)? || found.status == PUBLISHED {
            return Ok(found.posted());
        }
        if found.page.is_some() {
            // It was taken back before, and the best comments may hold its tombstone.
            found.thread.mark_top_now(now);
        }
        let parent = self.parent_of(&found)?;
        let page = match found.page {
            Some(page) => page,
            None => self.place(&mut found.thread, parent.map(|parent| parent.page), now)?,
        };
        let introduces = found.author.is_some() && !self.author_is_known(found.author.as_deref())?;
        found.thread.publish(page);
        let keeps = parent.filter(|parent| parent.gone && parent.page != page);
        if let Some(parent) = keeps {
            found.thread.mark(parent.page);
        }
        (found.status, found.page, found.version) = (PUBLISHED, Some(page), Some(found.thread.version));
        self.sql.transaction(&mut || {
            let query = "UPDATE comment SET status = ?, page = ?, version = ?, introduces = ? WHERE id = ?";
            let params = [PUBLISHED.into(), page.into(), found.version.into(), introduces.into(), id.get().into()];
            self.sql.exec(query, &params)?;
            if keeps.is_some() {
                let parent = found.comment.parent.map(CommentId::get);
                self.sql.exec("UPDATE comment SET kept = 1 WHERE id = ?", &[parent.into()])?;
            }
            self.note(act, doing, now)?;
            self.find_title(&mut found.thread)?;
            self.update_thread(&found.thread)
        })?;
        Ok(found.posted())
    }

    /// Takes a published comment back: it waits again, and so will the next one of its author until one is approved. The same
    /// again changes nothing and is answered the same.
    ///
    /// `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`] for a comment that is not there or erased, or
    /// [`Refusal::IdReused`] for an act that was another one before.
    pub fn unpublish(&self, id: CommentId, act: &Attribution<'_>, now: i64) -> Result<PostedComment, LedgerError> {
        let mut found = self.find(id)?;
        if found.comment.deleted {
            return Err(Refusal::UnknownComment.into());
        }
        let uuid = found.uuid.clone();
        let doing = ActionKey::plain(Action::Unpublish, &uuid);
        let done = self.is_done(act, doing)?;
        let Some(page) = found.visible_on().filter(|_| !done) else { return Ok(found.posted()) };
        let kept = self.is_answered_elsewhere(&found)?;
        found.thread.version += 1;
        found.thread.count = found.thread.count.saturating_sub(1);
        found.thread.mark(page);
        found.thread.mark_top_now(now);
        found.thread.mark_urgent();
        (found.status, found.version) = (PENDING, None);
        self.sql.transaction(&mut || {
            let query = "UPDATE comment SET status = ?, version = NULL, kept = max(kept, ?) WHERE id = ?";
            self.sql.exec(query, &[PENDING.into(), kept.into(), id.get().into()])?;
            self.distrust(found.author.as_deref())?;
            self.note(act, doing, now)?;
            self.find_title(&mut found.thread)?;
            self.update_thread(&found.thread)
        })?;
        Ok(found.posted())
    }

    /// Closes a thread, or opens it again, and gives its version. The same again changes nothing.
    ///
    /// A thread can be closed before anybody has written in it. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::IdReused`] for an act that was another one before.
    pub fn set_closed(&self, url: &PostUrl, closed: bool, act: &Attribution<'_>, now: i64) -> Result<i64, LedgerError> {
        let deed = if closed { Action::Close } else { Action::Open };
        self.change_thread(url, ActionKey::plain(deed, url.as_str()), act, now, |thread| {
            if thread.closed == closed {
                return Ok(false);
            }
            thread.closed = closed;
            if closed {
                thread.mark_urgent();
            }
            Ok(true)
        })
    }

    /// Changes a thread as a whole, also one that nobody has written in yet, and gives its version. `doing` is about the address that is asked
    /// for; `change` says whether anything is another than before.
    pub(crate) fn change_thread(
        &self,
        url: &PostUrl,
        doing: ActionKey<'_>,
        act: &Attribution<'_>,
        now: i64,
        change: impl FnOnce(&mut ThreadRow) -> Result<bool, LedgerError>,
    ) -> Result<i64, LedgerError> {
        let found = self.thread_row(url)?;
        let is_new = found.is_none();
        let mut thread = match found {
            Some(thread) => thread,
            None => self.new_thread(url)?,
        };
        // The thread may have moved since: then the act was about the address that is asked for.
        let address = thread.url.clone();
        let here = ActionKey { target: address.as_str(), ..doing };
        let done = self.is_done(act, here).or_else(|_| self.is_done(act, doing))?;
        if done || !change(&mut thread)? {
            return Ok(thread.version);
        }
        thread.version += 1;
        thread.mark(1);
        self.sql.transaction(&mut || {
            self.note(act, here, now)?;
            if is_new { self.insert_thread(&thread) } else { self.update_thread(&thread) }
        })?;
        Ok(thread.version)
    }

    /// Makes an author a stranger again: the next comment waits, where the first one of an author does.
    pub(crate) fn distrust(&self, author: Option<&str>) -> Result<(), LedgerError> {
        let Some(author) = author else { return Ok(()) };
        let query = "UPDATE comment SET introduces = 0 WHERE author = ? AND introduces = 1";
        Ok(self.sql.exec(query, &[author.into()]).map(drop)?)
    }

    /// Where the comment is that this one answers. One that was erased while this one waited, or taken back, still has its place.
    fn parent_of(&self, found: &StoredComment) -> Result<Option<Parent>, LedgerError> {
        let Some(parent) = found.comment.parent else { return Ok(None) };
        let query = "SELECT page, status = 1 AND erased IS NULL FROM comment WHERE id = ? AND page IS NOT NULL";
        let rows = self.sql.exec(query, &[parent.get().into()])?;
        let read = |columns| {
            let mut row = Row::new(columns);
            Ok(Parent { page: row.count("comment.page")?, gone: !row.truth("comment.status")? })
        };
        rows.into_iter().next().map(read).transpose()
    }
}

/// The comment answered.
#[derive(Clone, Copy)]
struct Parent {
    page: u32,
    /// Whether nobody can read it any more.
    gone: bool,
}
