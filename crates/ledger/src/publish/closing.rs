//! Threads that close some days after their first comment.
//!
//! Nothing is written when a thread closes: its first page has the time, and a submission computes it from the present setting.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::ThreadRow;

const DAY_SECONDS: i64 = 86_400;

impl<S: Sql> Ledger<S> {
    /// Returns true if a thread takes no comments at this time: a moderator has closed it, or its days are over.
    pub(crate) fn is_closed(&self, thread: &ThreadRow, now: i64) -> Result<bool, LedgerError> {
        Ok(thread.closed || self.closing_time(thread)?.is_some_and(|time| time <= now))
    }

    /// Time in Unix seconds from which a thread takes no more comments. `None` if the site sets no end, or nobody has commented.
    pub(crate) fn closing_time(&self, thread: &ThreadRow) -> Result<Option<i64>, LedgerError> {
        let days = self.reader_settings()?.close_after;
        if days == 0 {
            return Ok(None);
        }
        let query = "SELECT created FROM comment WHERE thread = ? AND page = 1 ORDER BY id LIMIT 1";
        let row = Row::first(self.sql.exec(query, &[thread.id.into()])?);
        let first = row.map(|mut row| row.integer("comment.created")).transpose()?;
        Ok(first.map(|first| first.saturating_add(i64::from(days) * DAY_SECONDS)))
    }
}
