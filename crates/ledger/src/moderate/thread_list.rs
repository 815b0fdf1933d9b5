//! The list of threads, and closing those that have been quiet for long.

use std::collections::HashMap;

use afterword_model::moderation::{
    AuditAction as Action, CloseOldThreads, ClosedThreads, ThreadFilter, ThreadListPage, ThreadSummary,
};
use afterword_model::{Refusal, limits};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::audit_log::{self, ActionKey, Attribution, CommentChange};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::{ThreadRow, stored_url};

/// Maximum number of threads that one call looks at.
const MAX_SCANNED: u32 = 500;
/// Maximum number of pending comments that are counted.
const MAX_PENDING: u32 = 1_000;
/// Maximum number of threads that one step closes. Each is a KV write.
const MAX_CLOSED: u32 = 50;

impl<S: Sql> Ledger<S> {
    /// The threads that match a filter, newest first: at most `limit` with numbers below `before`.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::BadQuery`] for a search that is too long.
    pub fn list_threads(
        &self,
        filter: &ThreadFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<ThreadListPage, LedgerError> {
        let limit = limit.max(1) as usize;
        let search = filter.search.as_deref().map(str::trim).unwrap_or_default().to_lowercase();
        if search.chars().count() > limits::SEARCH_CHARS {
            return Err(Refusal::BadQuery.into());
        }
        let query =
            "SELECT id, url, title, title_locked, count, closed FROM thread WHERE id < ? ORDER BY id DESC LIMIT ?";
        let scanned = if search.is_empty() && filter.closed.is_none() { limit } else { MAX_SCANNED as usize };
        let scanned_param = u32::try_from(scanned).unwrap_or(MAX_SCANNED);
        let rows = self.sql.exec(query, &[before.unwrap_or(i64::MAX >> 11).into(), scanned_param.into()])?;
        let is_full = rows.len() >= scanned;
        let pending = self.pending_by_thread()?;
        let (mut threads, mut last) = (Vec::new(), None);
        for columns in rows {
            let thread = self.read_summary(Row::new(columns), &pending)?;
            last = Some(thread.number);
            let is_found = search.split_whitespace().all(|word| {
                thread.title.to_lowercase().contains(word) || thread.url.as_str().to_lowercase().contains(word)
            });
            if is_found && filter.closed.is_none_or(|closed| closed == thread.closed) {
                threads.push(self.with_last_comment(thread)?);
            }
            if threads.len() == limit {
                return Ok(ThreadListPage { threads, next: last });
            }
        }
        Ok(ThreadListPage { threads, next: last.filter(|_| is_full) })
    }

    fn read_summary(&self, mut row: Row, pending: &HashMap<i64, u32>) -> Result<ThreadSummary, LedgerError> {
        let number = row.integer("thread.id")?;
        Ok(ThreadSummary {
            number,
            url: stored_url(row.text("thread.url")?)?,
            title: row.text("thread.title")?,
            title_locked: row.boolean("thread.title_locked")?,
            count: row.count("thread.count")?,
            closed: row.boolean("thread.closed")?,
            pending: pending.get(&number).copied().unwrap_or(0),
            last_comment: None,
            pinned: 0,
        })
    }

    fn with_last_comment(&self, thread: ThreadSummary) -> Result<ThreadSummary, LedgerError> {
        let query = "SELECT count(*) FROM comment INDEXED BY comment_pinned WHERE thread = ? AND pinned = 1";
        let pinned = Row::only(self.sql.exec(query, &[thread.number.into()])?).count("count of comments")?;
        Ok(ThreadSummary { last_comment: self.last_comment(thread.number)?, pinned, ..thread })
    }

    /// Time of the last comment of a thread that has a place in it.
    fn last_comment(&self, thread: i64) -> Result<Option<i64>, LedgerError> {
        let query =
            "SELECT created FROM comment WHERE thread = ? AND page IS NOT NULL ORDER BY page DESC, id DESC LIMIT 1";
        let row = Row::first(self.sql.exec(query, &[thread.into()])?);
        row.map(|mut row| row.integer("comment.created")).transpose()
    }

    fn pending_by_thread(&self) -> Result<HashMap<i64, u32>, LedgerError> {
        let query = "SELECT thread FROM comment INDEXED BY comment_pending WHERE status = 0 AND erased IS NULL LIMIT ?";
        let mut pending = HashMap::new();
        for columns in self.sql.exec(query, &[MAX_PENDING.into()])? {
            *pending.entry(Row::new(columns).integer("comment.thread")?).or_default() += 1;
        }
        Ok(pending)
    }

    /// Closes threads whose last comment is older than a time, in bounded steps that are one batch. `moderator` is the name of the moderator,
    /// and `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::IdReused`] for the id of another action.
    pub fn close_old_threads(
        &self,
        request: &CloseOldThreads,
        moderator: &str,
        now: i64,
    ) -> Result<ClosedThreads, LedgerError> {
        let CloseOldThreads { id, before, after } = *request;
        if audit_log::first_of_batch(&self.sql, &id)?.is_some_and(|entry| entry.action != Action::Close)
            || audit_log::contains(&self.sql, &id)?
        {
            return Err(Refusal::IdReused.into());
        }
        let query = "SELECT id FROM thread WHERE id > ? ORDER BY id LIMIT ?";
        let rows = self.sql.exec(query, &[after.into(), MAX_SCANNED.into()])?;
        let is_full = rows.len() >= MAX_SCANNED as usize;
        let (mut closed, mut last) = (0, None);
        self.sql.transaction(|| {
            for columns in rows {
                let thread = Row::new(columns).integer("thread.id")?;
                if closed >= MAX_CLOSED {
                    break;
                }
                last = Some(thread);
                if self.last_comment(thread)?.is_some_and(|at| at < before) {
                    closed += u32::from(self.close_in_batch(thread, &Attribution { id, by: moderator }, now)?);
                }
            }
            Ok::<_, LedgerError>(())
        })?;
        Ok(ClosedThreads { id, closed, next: last.filter(|_| is_full || closed >= MAX_CLOSED) })
    }

    /// Closes a thread as a part of a batch. Returns false if it is closed.
    fn close_in_batch(&self, thread: i64, batch: &Attribution<'_>, now: i64) -> Result<bool, LedgerError> {
        let Some(mut thread) = ThreadRow::find_by_id(&self.sql, thread)?.filter(|thread| !thread.closed) else {
            return Ok(false);
        };
        let url = thread.url.clone();
        let by = Attribution { id: audit_log::derive_part_id(&batch.id, url.as_str()), ..*batch };
        if audit_log::contains(&self.sql, &by.id)? {
            return Ok(false);
        }
        thread.closed = true;
        thread.version += 1;
        thread.dirty.mark_page(1);
        thread.update(&self.sql)?;
        let change = CommentChange { batch: Some(batch.id), ..CommentChange::default() };
        audit_log::record_change(&self.sql, &by, ActionKey::new(Action::Close, url.as_str()), &change, now)?;
        Ok(true)
    }
}
