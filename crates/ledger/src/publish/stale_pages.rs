//! Stale pages: pages published at the address of a thread that the thread does not have.

use afterword_model::PostUrl;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::{ThreadRow, stored_url};

/// Seconds for which stale pages stay after the value that replaces the first page was published. Until then a reader may still have the
/// old first page (Cloudflare's documentation, "How KV works": up to 60 seconds).
pub(crate) const STALE_GRACE_SECONDS: i64 = 60;

/// Earliest time to delete stale pages that is stored; 0 means that the grace period has not begun.
const EARLIEST_DUE: i64 = 1;

/// Stale pages of threads that are published as they are now.
pub(crate) const STALE_PAGES_OF_PUBLISHED_THREADS: &str = "FROM stale_pages JOIN thread ON thread.id = stale_pages.thread WHERE NOT EXISTS \
     (SELECT 1 FROM outbox WHERE outbox.thread = stale_pages.thread AND outbox.pages <> '')";

/// Stale pages at the address of a thread: of a longer thread that was merged into it, or of another thread that was at the address
/// before. The first page does not count them, and text that is erased later would remain in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StalePages {
    /// Id of the thread in the ledger.
    pub thread: i64,
    /// Address of the thread.
    pub url: PostUrl,
    /// Number of pages that the thread has. These stay.
    pub last_kept: u32,
    /// Last page that may be published at the address.
    pub last_stale: u32,
    /// `stale_pages.due` at the time of reading.
    due: i64,
}

impl StalePages {
    /// Returns true if the grace period is over and the pages can be deleted. Otherwise [`Ledger::record_removed`] starts the period.
    pub fn is_ready(&self) -> bool {
        self.due > 0
    }
}

impl<S: Sql> Ledger<S> {
    /// At most `limit` threads whose stale pages need something done at this time (Unix seconds). A thread that is not published as it is
    /// now is left out.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn due_stale_pages(&self, now: i64, limit: u32) -> Result<Vec<StalePages>, LedgerError> {
        let query = format!(
            "SELECT thread.id, thread.url, thread.pages, last, due {STALE_PAGES_OF_PUBLISHED_THREADS} AND due <= ? \
             ORDER BY due, stale_pages.thread LIMIT ?"
        );
        let read = |columns| {
            let mut row = Row::new(columns);
            Ok(StalePages {
                thread: row.integer("thread.id")?,
                url: stored_url(row.text("thread.url")?)?,
                last_kept: row.count("thread.pages")?,
                last_stale: row.count("stale_pages.last")?,
                due: row.integer("stale_pages.due")?,
            })
        };
        self.sql.exec(&query, &[now.into(), limit.into()])?.into_iter().map(read).collect()
    }

    /// Records that no stale page after `last` is published any more. If they were not ready, starts the grace period instead.
    ///
    /// If the thread was moved or merged since, its stale pages were recorded anew, and this changes nothing.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn record_removed(&self, stale: &StalePages, last: u32, now: i64) -> Result<(), LedgerError> {
        let StalePages { thread, due, .. } = *stale;
        if !stale.is_ready() {
            let query = "UPDATE stale_pages SET due = ? WHERE thread = ? AND due = 0";
            let ready = now.max(EARLIEST_DUE).saturating_add(STALE_GRACE_SECONDS);
            return Ok(self.sql.exec(query, &[ready.into(), thread.into()]).map(drop)?);
        }
        if last <= stale.last_kept {
            let query = "DELETE FROM stale_pages WHERE thread = ? AND due = ?";
            return Ok(self.sql.exec(query, &[thread.into(), due.into()]).map(drop)?);
        }
        let query = "UPDATE stale_pages SET last = ? WHERE thread = ? AND due = ?";
        Ok(self.sql.exec(query, &[last.into(), thread.into(), due.into()]).map(drop)?)
    }
}

/// Last page that may be published at the address of a thread. The top page counts as a second page.
pub(crate) fn highest_published_page(sql: &impl Sql, thread: &ThreadRow) -> Result<u32, LedgerError> {
    let row = Row::first(sql.exec("SELECT last FROM stale_pages WHERE thread = ?", &[thread.id.into()])?);
    let stale = row.map_or(Ok(1), |mut row| row.count("stale_pages.last"))?;
    Ok(thread.pages.max(stale).max(if thread.top { 2 } else { 1 }))
}

/// Records the last page that may be published at the new address of a thread. Must run in the transaction that gives the thread this
/// address or another number of pages.
pub(crate) fn record_stale_pages(sql: &impl Sql, thread: &ThreadRow, last: u32) -> Result<(), LedgerError> {
    sql.exec("DELETE FROM stale_pages WHERE thread = ?", &[thread.id.into()])?;
    if last > thread.pages {
        let query = "INSERT INTO stale_pages (thread, last, due) VALUES (?, ?, 0)";
        sql.exec(query, &[thread.id.into(), last.into()])?;
    }
    Ok(())
}
