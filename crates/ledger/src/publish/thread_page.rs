//! Reading a thread.

use afterword_model::{PostUrl, Sort, Thread};
use serde::Deserialize;
use serde::de::{IntoDeserializer, value};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::tree_order::{Placed, drawing_order};
use crate::store::dirty_pages::Marks;
use crate::store::row::{COMMENT, MARKS, PUBLISHED, Row, tombstone};
use crate::store::sql::Sql;
use crate::store::sql::Value;

/// What the row of a thread says.
#[derive(Clone, Debug)]
pub(crate) struct ThreadRow {
    pub(crate) id: i64,
    pub(crate) url: PostUrl,
    pub(crate) title: String,
    /// Whether a moderator has given the title.
    pub(crate) named: bool,
    pub(crate) version: i64,
    pub(crate) count: u32,
    pub(crate) closed: bool,
    pub(crate) pages: u32,
    /// As in [`Thread::parts`].
    pub(crate) parts: Vec<[u32; 3]>,
    /// Whether the best comments are a value of their own.
    pub(crate) top: bool,
    /// What changed after it was published.
    pub(crate) marks: Marks,
}

impl ThreadRow {
    /// A thread that nobody has written in, and that has no row yet.
    pub(crate) fn empty(id: i64, url: PostUrl) -> Self {
        Self {
            id,
            url,
            title: String::new(),
            named: false,
            version: 0,
            count: 0,
            closed: false,
            pages: 1,
            parts: Vec::new(),
            top: false,
            marks: Marks::default(),
        }
    }

    /// A page without its comments.
    pub(crate) fn thread(&self, page: u32) -> Thread {
        Thread {
            url: self.url.clone(),
            title: self.title.clone(),
            version: self.version,
            count: self.count,
            closed: self.closed,
            sort: Sort::Oldest,
            page,
            pages: self.pages,
            comments: Vec::new(),
            continuations: Vec::new(),
        }
    }
}

impl<S: Sql> Ledger<S> {
    /// A page of a thread by its stored number, as it would be published now. A post or a page that is not there is empty, and
    /// stays so.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn read_page(&self, url: &PostUrl, page: u32) -> Result<Thread, LedgerError> {
        // A thread of comments that all wait looks like one that nobody has written in.
        match self.thread_row(url)?.filter(|row| row.version > 0) {
            Some(row) => self.page_of(&row, page),
            None => Ok(Thread { page, ..Thread::empty(url.clone()) }),
        }
    }

    /// The best comments of a thread of more than one page, as they would be published now.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn read_top(&self, url: &PostUrl) -> Result<Thread, LedgerError> {
        match self.thread_row(url)?.filter(|row| row.pages > 1) {
            Some(row) => self.top_of(&row),
            None => Ok(Thread { sort: Sort::Top, ..Thread::empty(url.clone()) }),
        }
    }

    pub(crate) fn page_of(&self, row: &ThreadRow, page: u32) -> Result<Thread, LedgerError> {
        let parts = if page == 1 { row.parts.clone() } else { Vec::new() };
        Ok(Thread { comments: drawing_order(self.placed_on(row, page)?), continuations: parts, ..row.thread(page) })
    }

    /// The comments on a page, in the order of their ids.
    pub(crate) fn placed_on(&self, row: &ThreadRow, page: u32) -> Result<Vec<Placed>, LedgerError> {
        // The index ends in the row's id, so the rows come in the order of their ids.
        let query = format!("SELECT {COMMENT}, kept FROM comment WHERE thread = ? AND page = ? ORDER BY id");
        let read = |columns| {
            let mut row = Row::new(columns);
            let (comment, status) = row.comment()?;
            let comment = if status == PUBLISHED { comment } else { tombstone(&comment) };
            Ok(Placed { comment, kept: row.truth("comment.kept")? })
        };
        self.sql.exec(&query, &[row.id.into(), page.into()])?.into_iter().map(read).collect()
    }

    /// The thread of a post, also where the post is asked for by an address from which it has moved.
    pub(crate) fn thread_row(&self, url: &PostUrl) -> Result<Option<ThreadRow>, LedgerError> {
        let by_name =
            "thread.id = coalesce((SELECT id FROM thread WHERE url = ?), (SELECT thread FROM moved WHERE url = ?))";
        self.thread_where(by_name, &[url.as_str().into(), url.as_str().into()])
    }

    pub(crate) fn thread_by_id(&self, id: i64) -> Result<Option<ThreadRow>, LedgerError> {
        self.thread_where("thread.id = ?", &[id.into()])
    }

    fn thread_where(&self, condition: &str, params: &[Value]) -> Result<Option<ThreadRow>, LedgerError> {
        let query = format!(
            "SELECT thread.id, url, title, named, thread.version, count, closed, thread.pages, parts, top, {MARKS} \
             FROM thread LEFT JOIN outbox ON outbox.thread = thread.id WHERE {condition}"
        );
        let rows = self.sql.exec(&query, params)?;
        rows.into_iter().next().map(read_thread).transpose()
    }
}

fn read_thread(columns: Vec<Value>) -> Result<ThreadRow, LedgerError> {
    let mut row = Row::new(columns);
    Ok(ThreadRow {
        id: row.integer("thread.id")?,
        url: stored_url(row.text("thread.url")?)?,
        title: row.text("thread.title")?,
        named: row.truth("thread.named")?,
        version: row.integer("thread.version")?,
        count: row.count("thread.count")?,
        closed: row.truth("thread.closed")?,
        pages: row.count("thread.pages")?,
        parts: row.part_list("thread.parts")?,
        top: row.truth("thread.top")?,
        marks: row.marks()?,
    })
}

/// The address under which a thread is stored. It is not made canonical again: should the rules for that ever change, the
/// thread keeps its name until it is moved.
pub(crate) fn stored_url(text: String) -> Result<PostUrl, LedgerError> {
    PostUrl::deserialize(text.into_deserializer()).map_err(|_: value::Error| LedgerError::Corrupt("thread.url"))
}
