//! Pages of a thread as they would be published now.

use afterword_model::{PostUrl, Status, Thread};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::tree_order::{PagedComment, tree_order};
use crate::store::comment_row::{COMMENT_COLUMNS, read_comment, tombstone};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::ThreadRow;

impl<S: Sql> Ledger<S> {
    /// A page of a thread by its number, as it would be published now. A post without comments and a page that does not exist are
    /// empty. Reading creates no thread.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn read_page(&self, url: &PostUrl, page: u32) -> Result<Thread, LedgerError> {
        // A thread in which all comments wait looks like one without comments.
        match ThreadRow::find(&self.sql, url)?.filter(|row| row.version > 0) {
            Some(row) => load_page(&self.sql, &row, page),
            None => Ok(Thread { page, ..Thread::empty(url.clone()) }),
        }
    }
}

/// A page of a thread with its comments.
pub(crate) fn load_page(sql: &impl Sql, row: &ThreadRow, page: u32) -> Result<Thread, LedgerError> {
    let continuations = if page == 1 { row.continuations.clone() } else { Vec::new() };
    let comments = tree_order(load_comments(sql, row, page)?);
    Ok(Thread { comments, continuations, ..row.empty_page(page) })
}

/// The comments on a page by ascending id. Those that readers must not see are tombstones.
pub(crate) fn load_comments(sql: &impl Sql, row: &ThreadRow, page: u32) -> Result<Vec<PagedComment>, LedgerError> {
    // The index ends in the row id, so the rows come ordered by id.
    let query =
        format!("SELECT {COMMENT_COLUMNS}, keep_tombstone FROM comment WHERE thread = ? AND page = ? ORDER BY id");
    let read = |columns| {
        let mut row = Row::new(columns);
        let (comment, status) = read_comment(&mut row)?;
        let comment = if status == Status::Published { comment } else { tombstone(&comment) };
        Ok(PagedComment { comment, keep_tombstone: row.boolean("comment.keep_tombstone")? })
    };
    sql.exec(&query, &[row.id.into(), page.into()])?.into_iter().map(read).collect()
}
