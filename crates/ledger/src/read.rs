//! Reading a thread.

use afterword_model::{PostUrl, Sort, Thread};

use crate::draw::drawing_order;
use crate::row::{COMMENT, PUBLISHED, Row, tombstone};
use crate::{Ledger, LedgerError, Sql};

/// What the row of a thread says.
#[derive(Clone, Debug)]
pub(crate) struct ThreadRow {
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) version: i64,
    pub(crate) count: u32,
    pub(crate) closed: bool,
    pub(crate) pages: u32,
    pub(crate) page_comments: u32,
    pub(crate) page_bytes: i64,
    /// Pages that changed after they were published.
    pub(crate) dirty: Vec<u32>,
}

impl<S: Sql> Ledger<S> {
    /// A page of a thread, as it would be published now. A post or a page that is not there is empty, and stays so.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn read_page(&self, url: &PostUrl, page: u32) -> Result<Thread, LedgerError> {
        // A thread of comments that all wait looks like one that nobody has written in.
        match self.thread_row(url)?.filter(|row| row.version > 0) {
            Some(row) => self.page_of(&row, url, page),
            None => Ok(Thread { page, ..Thread::empty(url.clone()) }),
        }
    }

    pub(crate) fn page_of(&self, row: &ThreadRow, url: &PostUrl, page: u32) -> Result<Thread, LedgerError> {
        // The index ends in the row's id, so the rows come in the order of their ids.
        let query = format!("SELECT {COMMENT} FROM comment WHERE thread = ? AND page = ? ORDER BY id");
        let comments = self
            .sql
            .exec(&query, &[row.id.into(), page.into()])?
            .into_iter()
            .map(|columns| Row::new(columns).comment())
            .map(|read| read.map(|(comment, status)| if status == PUBLISHED { comment } else { tombstone(&comment) }))
            .collect::<Result<_, _>>()?;
        Ok(Thread {
            url: url.clone(),
            title: row.title.clone(),
            version: row.version,
            count: row.count,
            closed: row.closed,
            sort: Sort::Oldest,
            page,
            pages: row.pages,
            comments: drawing_order(comments),
        })
    }

    pub(crate) fn thread_row(&self, url: &PostUrl) -> Result<Option<ThreadRow>, LedgerError> {
        let query = "SELECT thread.id, title, thread.version, count, closed, thread.pages, page_comments, page_bytes, \
                     outbox.pages FROM thread LEFT JOIN outbox ON outbox.thread = thread.id WHERE url = ?";
        let rows = self.sql.exec(query, &[url.as_str().into()])?;
        rows.into_iter().next().map(read_thread).transpose()
    }
}

fn read_thread(columns: Vec<crate::Value>) -> Result<ThreadRow, LedgerError> {
    let mut row = Row::new(columns);
    Ok(ThreadRow {
        id: row.integer("thread.id")?,
        title: row.text("thread.title")?,
        version: row.integer("thread.version")?,
        count: row.count("thread.count")?,
        closed: row.truth("thread.closed")?,
        pages: row.count("thread.pages")?,
        page_comments: row.count("thread.page_comments")?,
        page_bytes: row.integer("thread.page_bytes")?,
        dirty: row.page_list("outbox.pages")?,
    })
}
