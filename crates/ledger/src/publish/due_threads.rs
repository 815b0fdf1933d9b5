//! The threads in the outbox, which changed after they were published, and the values to write to KV for them.

use afterword_model::{PostUrl, Sort, Thread, ThreadMeta};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::redirects::{UNPUBLISHED, next_due_cleanup};
use crate::store::dirty_pages::DirtyPages;
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};
use crate::store::thread_row::{ThreadRow, stored_url};

/// A thread to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueThread {
    /// Id of the thread in the ledger.
    pub thread: i64,
    /// The post.
    pub url: PostUrl,
    /// The version to publish.
    pub version: i64,
    /// The pages that changed, ascending, or the last of them if there are many. The first page is among the last to be published.
    pub pages: Vec<u32>,
    /// True if the top page is to be published too.
    pub top: bool,
    /// True if nothing but votes and reactions has changed.
    pub deferred: bool,
}

/// The values to publish for a due thread, all of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The values that are published once all of `pages` are written; for [`Ledger::mark_published`].
    pub due: DueThread,
    /// Metadata to store with each value.
    pub meta: ThreadMeta,
    /// The values, to be written in this order under [`Thread::kv_key`]. The first page of the thread is the last value, so that no
    /// reader gets a first page that counts a page which is not there yet.
    pub pages: Vec<Thread>,
}

impl Snapshot {
    /// The values that are published if only the first `values` of them are written.
    pub fn published_part(&self, values: usize) -> DueThread {
        let written = self.pages.get(..values).unwrap_or(&self.pages);
        let (top, pages): (Vec<&Thread>, Vec<&Thread>) = written.iter().partition(|value| value.sort == Sort::Top);
        DueThread { pages: pages.into_iter().map(|page| page.page).collect(), top: !top.is_empty(), ..self.due.clone() }
    }
}

impl<S: Sql> Ledger<S> {
    /// At most `limit` threads to publish at this time (Unix seconds), by ascending id, of those with ids above `thread`. Continuing after the
    /// last result serves all threads in turn.
    ///
    /// A change is due at once. A vote is due with the next change of its page, or a minute after it.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn due_threads_after(&self, thread: i64, now: i64, limit: u32) -> Result<Vec<DueThread>, LedgerError> {
        let condition = "outbox.thread > ? AND (outbox.pages <> '' OR deferred_until <= ?)";
        self.due_threads_where(condition, &[thread.into(), now.into(), limit.into()], now)
    }

    /// Like [`Ledger::due_threads_after`], for the threads from which something was removed that is still published.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn urgent_threads(&self, now: i64, limit: u32) -> Result<Vec<DueThread>, LedgerError> {
        self.due_threads_where("urgent > 0", &[limit.into()], now)
    }

    /// The last parameter is the limit.
    fn due_threads_where(&self, condition: &str, params: &[Value], now: i64) -> Result<Vec<DueThread>, LedgerError> {
        let query = format!(
            "SELECT thread.id, url, thread.version, {} FROM outbox JOIN thread ON thread.id = outbox.thread \
             WHERE {condition} ORDER BY outbox.thread LIMIT ?",
            DirtyPages::COLUMNS
        );
        self.sql.exec(&query, params)?.into_iter().filter_map(|row| read_due_thread(row, now).transpose()).collect()
    }

    /// Number of the newest 500 comments that are published and were created at `time` (Unix seconds) or later.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn count_published_since(&self, time: i64) -> Result<u32, LedgerError> {
        let query = "SELECT count(*) FROM (SELECT status, created FROM comment ORDER BY id DESC LIMIT 500) \
                     WHERE status = 1 AND created >= ?";
        Row::only(self.sql.exec(query, &[time.into()])?).count("count of comments")
    }

    /// Returns true if there is anything to write to KV, now or later.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn has_due(&self) -> Result<bool, LedgerError> {
        let query = format!(
            "SELECT EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM redirect WHERE due = {UNPUBLISHED})"
        );
        Row::only(self.sql.exec(&query, &[])?).boolean("outbox")
    }

    /// Unix time in seconds at which the next thread or redirect is to be published, or the next pages are to be deleted. A time long
    /// past means at once, `None` that everything is published.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn next_due(&self) -> Result<Option<i64>, LedgerError> {
        let query = "SELECT min(CASE WHEN pages <> '' THEN 0 ELSE deferred_until END) FROM outbox";
        let thread = self.read_due_time(query, &[])?;
        Ok(thread.into_iter().chain(next_due_cleanup(&self.sql, None)?).min())
    }

    /// Like [`Ledger::next_due`], for times after `now` only.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn next_deferred(&self, now: i64) -> Result<Option<i64>, LedgerError> {
        let query = "SELECT min(deferred_until) FROM outbox WHERE pages = '' AND deferred_until > ?";
        let thread = self.read_due_time(query, &[now.into()])?;
        Ok(thread.into_iter().chain(next_due_cleanup(&self.sql, Some(now))?).min())
    }

    fn read_due_time(&self, query: &str, params: &[Value]) -> Result<Option<i64>, LedgerError> {
        Row::only(self.sql.exec(query, params)?).optional_integer("outbox.deferred_until")
    }

    /// The values to publish for a due thread as it is now, including later changes. `None` if it is published already.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn snapshot(&self, due: &DueThread, now: i64) -> Result<Option<Snapshot>, LedgerError> {
        let Some(row) = ThreadRow::find_by_id(&self.sql, due.thread)? else { return Ok(None) };
        let Some((pages, top)) = row.dirty.ready_at(now) else { return Ok(None) };
        let mut values = Vec::new();
        if top {
            values.push(self.load_top_page(&row)?);
        }
        for &page in pages.iter().rev() {
            values.push(self.load_page(&row, page)?);
        }
        let meta = ThreadMeta { version: row.version, count: row.count, pages: row.pages, is_redirect: false };
        let deferred = row.dirty.pages.is_empty();
        let due = DueThread { thread: row.id, url: row.url, version: row.version, pages, top, deferred };
        Ok(Some(Snapshot { due, meta, pages: values }))
    }

    /// Records that these values are published as of this version. Values that changed after it stay due.
    ///
    /// Safe to repeat, and in any order. If only deferred values are left, they get a version of their own, so that readers can tell
    /// them from the values that they have.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn mark_published(&self, due: &DueThread) -> Result<(), LedgerError> {
        let Some((version, dirty)) = self.load_dirty_pages(due.thread)? else { return Ok(()) };
        if due.version > version || (due.pages.is_empty() && !due.top) {
            return Ok(());
        }
        let left = dirty.clone().after_publishing(&due.pages, due.top, due.version);
        if left.is_empty() {
            let query = "DELETE FROM outbox WHERE thread = ?";
            return Ok(self.sql.exec(query, &[due.thread.into()]).map(drop)?);
        }
        if left == dirty {
            return Ok(());
        }
        if !left.pages.is_empty() || version > due.version {
            return left.write(&self.sql, due.thread, version);
        }
        self.sql.transaction(|| {
            let query = "UPDATE thread SET version = ? WHERE id = ?";
            self.sql.exec(query, &[(version + 1).into(), due.thread.into()])?;
            left.write(&self.sql, due.thread, version + 1)
        })
    }

    /// The version of a thread and its dirty pages, if it has any.
    fn load_dirty_pages(&self, thread: i64) -> Result<Option<(i64, DirtyPages)>, LedgerError> {
        let query = format!(
            "SELECT thread.version, {} FROM outbox JOIN thread ON thread.id = outbox.thread WHERE outbox.thread = ?",
            DirtyPages::COLUMNS
        );
        let row = Row::first(self.sql.exec(&query, &[thread.into()])?);
        row.map(|mut row| Ok((row.integer("thread.version")?, DirtyPages::read(&mut row)?))).transpose()
    }
}

fn read_due_thread(columns: Vec<Value>, now: i64) -> Result<Option<DueThread>, LedgerError> {
    let mut row = Row::new(columns);
    let thread = row.integer("thread.id")?;
    let url = stored_url(row.text("thread.url")?)?;
    let version = row.integer("thread.version")?;
    let dirty = DirtyPages::read(&mut row)?;
    let (deferred, ready) = (dirty.pages.is_empty(), dirty.ready_at(now));
    Ok(ready.map(|(pages, top)| DueThread { thread, url, version, pages, top, deferred }))
}
