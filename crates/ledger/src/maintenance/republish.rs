//! Publishing everything again, for a KV namespace that has lost values.

use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::ThreadRow;

/// Position in a rebuild: the last page of a thread that was marked, and after all threads the last redirect. The default is the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RepublishCursor {
    /// Id of the thread in the ledger.
    pub thread: i64,
    /// The last page of it that is marked.
    pub page: u32,
    /// Number of the last redirect that is marked.
    #[serde(default)]
    pub moved: i64,
}

/// Outcome of one step of a rebuild.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepublishProgress {
    /// Number of pages that were marked to be published.
    pub pages: u32,
    /// Number of redirects that were marked to be published.
    pub moved: u32,
    /// Position from which the next step continues; `None` once everything is marked.
    pub next: Option<RepublishCursor>,
}

/// The pages that one step marks.
struct MarkedPages {
    threads: Vec<ThreadRow>,
    progress: RepublishProgress,
    /// Position after these pages.
    end: RepublishCursor,
}

impl<S: Sql> Ledger<S> {
    /// Marks the next pages to be published again as they are, and after the last page the redirects: at most `limit` of both. No version
    /// rises, because nothing changes.
    ///
    /// The caller waits until they are published before it marks too many, because KV limits the writes of a day.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn republish(&self, after: RepublishCursor, limit: u32, now: i64) -> Result<RepublishProgress, LedgerError> {
        let limit = limit.max(1);
        let MarkedPages { threads, mut progress, end } = self.mark_pages(after, limit, now)?;
        let mut redirects = Vec::new();
        if progress.next.is_none() {
            let room = limit - progress.pages;
            // One redirect more than is marked shows whether there is more to do.
            redirects = self.redirects_after(end.moved, room.saturating_add(1))?;
            if redirects.len() > room as usize {
                redirects.truncate(room as usize);
                progress.next = Some(RepublishCursor { moved: redirects.last().copied().unwrap_or(end.moved), ..end });
            }
            progress.moved = u32::try_from(redirects.len()).unwrap_or(room);
        }
        self.sql.transaction(|| {
            for thread in &threads {
                thread.dirty.write(&self.sql, thread.id, thread.version)?;
            }
            if let (Some(first), Some(last)) = (redirects.first(), redirects.last()) {
                let query = "UPDATE redirect SET due = 1 WHERE rowid BETWEEN ? AND ?";
                self.sql.exec(query, &[(*first).into(), (*last).into()])?;
            }
            Ok::<_, LedgerError>(())
        })?;
        Ok(progress)
    }

    /// Marks the pages of the next threads in memory.
    fn mark_pages(&self, after: RepublishCursor, limit: u32, now: i64) -> Result<MarkedPages, LedgerError> {
        // Each of these threads has a page to mark, so one thread more shows whether there is more to do.
        let query =
            "SELECT id FROM thread WHERE version > 0 AND (id > ? OR (id = ? AND pages > ?)) ORDER BY id LIMIT ?";
        let params = [after.thread.into(), after.thread.into(), after.page.into(), limit.saturating_add(1).into()];
        let mut marked = MarkedPages { threads: Vec::new(), progress: RepublishProgress::default(), end: after };
        let progress = &mut marked.progress;
        for columns in self.sql.exec(query, &params)? {
            let id = Row::new(columns).integer("thread.id")?;
            if progress.pages >= limit {
                progress.next = Some(marked.end);
                break;
            }
            let mut thread = ThreadRow::find_by_id(&self.sql, id)?.ok_or(LedgerError::Corrupt("thread.id"))?;
            let first = if marked.end.thread == id { marked.end.page + 1 } else { 1 };
            let last = thread.pages.min(first.saturating_add(limit - progress.pages - 1));
            (first..=last).for_each(|page| thread.dirty.mark_page(page));
            progress.pages += (last + 1).saturating_sub(first);
            marked.end = RepublishCursor { thread: id, page: last, ..after };
            let is_complete = last == thread.pages;
            if is_complete {
                thread.mark_top(now);
            }
            marked.threads.push(thread);
            if !is_complete {
                progress.next = Some(marked.end);
                break;
            }
        }
        Ok(marked)
    }

    /// Row ids of the next redirects.
    fn redirects_after(&self, rowid: i64, limit: u32) -> Result<Vec<i64>, LedgerError> {
        let query = "SELECT rowid FROM redirect WHERE rowid > ? ORDER BY rowid LIMIT ?";
        let rows = self.sql.exec(query, &[rowid.into(), limit.into()])?;
        rows.into_iter().map(|columns| Row::new(columns).integer("redirect.rowid")).collect()
    }
}
