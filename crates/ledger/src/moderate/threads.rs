//! Closing threads and setting their titles.

use afterword_model::moderation::AuditAction as Action;
use afterword_model::{PostUrl, Refusal, clean_title};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::title::update_title;
use crate::store::audit_log::{self, ActionKey, Attribution};
use crate::store::sql::Sql;
use crate::store::thread_row::{ThreadRow, stored_url};

impl<S: Sql> Ledger<S> {
    /// Closes a thread or opens it again, and returns its version. A repeat changes nothing.
    ///
    /// A thread can be closed before there are comments. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::IdReused`] for the id of another action.
    pub fn set_closed(&self, url: &PostUrl, closed: bool, by: &Attribution<'_>, now: i64) -> Result<i64, LedgerError> {
        let action = if closed { Action::Close } else { Action::Open };
        self.change_thread(url, ActionKey::new(action, url.as_str()), by, now, |thread| {
            if thread.closed == closed {
                return Ok(false);
            }
            thread.closed = closed;
            if closed {
                thread.dirty.mark_urgent();
            }
            Ok(true)
        })
    }

    /// Sets the title of a post, whatever its comments say. With an empty title, its comments decide again. Returns the version of the
    /// thread. A repeat changes nothing.
    ///
    /// A post can get a title before there are comments. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::BadCharacter`] for a title that [`clean_title`] would change, or [`Refusal::IdReused`] for
    /// the id of another action.
    pub fn set_title(&self, url: &PostUrl, title: &str, by: &Attribution<'_>, now: i64) -> Result<i64, LedgerError> {
        if clean_title(title) != title {
            return Err(Refusal::BadCharacter.into());
        }
        let detail = self.secret_detail(title);
        let key = ActionKey { detail: detail.as_deref(), ..ActionKey::new(Action::Title, url.as_str()) };
        self.change_thread(url, key, by, now, |thread| {
            let locks = !title.is_empty();
            if thread.title_locked == locks && (!locks || thread.title == title) {
                return Ok(false);
            }
            thread.title_locked = locks;
            title.clone_into(&mut thread.title);
            update_title(&self.sql, thread)?;
            // The moderator may have replaced a title that must not stay there.
            thread.dirty.mark_urgent();
            Ok(true)
        })
    }

    /// Closes the thread of an entry of the audit log, or opens it again. Returns false if that changes nothing. Must run in a transaction.
    pub(crate) fn reopen(&self, target: &str, closed: bool, now: i64) -> Result<bool, LedgerError> {
        let url = stored_url(target.to_owned())?;
        let Some(mut thread) = ThreadRow::find(&self.sql, &url)?.filter(|thread| thread.closed != closed) else {
            return Ok(false);
        };
        thread.closed = closed;
        thread.version += 1;
        thread.dirty.mark_page(1);
        thread.mark_top(now);
        thread.update(&self.sql)?;
        Ok(true)
    }

    /// Changes a thread, which need not exist yet, and returns its version. The target of `key` is `url`. `change` returns true if it
    /// changed anything.
    fn change_thread(
        &self,
        url: &PostUrl,
        key: ActionKey<'_>,
        by: &Attribution<'_>,
        now: i64,
        change: impl FnOnce(&mut ThreadRow) -> Result<bool, LedgerError>,
    ) -> Result<i64, LedgerError> {
        let found = ThreadRow::find(&self.sql, url)?;
        let is_new = found.is_none();
        let mut thread = match found {
            Some(thread) => thread,
            None => ThreadRow::create(&self.sql, url)?,
        };
        // The thread may have moved since the action was done. Then its target was `url`.
        let address = thread.url.clone();
        let present_key = ActionKey { target: address.as_str(), ..key };
        let is_repeat =
            audit_log::is_repeat(&self.sql, by, present_key).or_else(|_| audit_log::is_repeat(&self.sql, by, key))?;
        if is_repeat || !change(&mut thread)? {
            return Ok(thread.version);
        }
        thread.version += 1;
        thread.dirty.mark_page(1);
        self.sql.transaction(|| {
            audit_log::record(&self.sql, by, present_key, now)?;
            if is_new { thread.insert(&self.sql) } else { thread.update(&self.sql) }
        })?;
        Ok(thread.version)
    }
}
