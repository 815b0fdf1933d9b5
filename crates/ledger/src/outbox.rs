//! The outbox: which threads changed after they were published, and what to put for them.

use afterword_model::{PostUrl, Thread, ThreadMeta};

use crate::marks::Marks;
use crate::read::stored_url;
use crate::row::Row;
use crate::{Ledger, LedgerError, Sql, Value};

/// A thread to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The ledger's own number of the thread.
    pub thread: i64,
    /// The post.
    pub url: PostUrl,
    /// The version to be published.
    pub version: i64,
    /// The pages that changed, ascending, or the last of them if they are many; the head, page 1, is among the last to be put.
    pub pages: Vec<u32>,
    /// Whether the best comments of the thread are to be put too.
    pub top: bool,
}

/// What to put for a thread that is due, all of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// What is published once all of `pages` are put; to be handed to [`Ledger::published`] then.
    pub due: Due,
    /// What to keep beside each value.
    pub meta: ThreadMeta,
    /// The values, to be put in this order: the head comes last, so that no reader sees a head that counts a page
    /// which is not there yet. The key of each is [`Thread::kv_key`].
    pub pages: Vec<Thread>,
}

impl<S: Sql> Ledger<S> {
    /// Threads that are to be published at this time (in Unix seconds), at most `limit` of them, by their number.
    ///
    /// A change is due at once, a vote with the next change of its page, or a minute after it.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn due(&self, now: i64, limit: u32) -> Result<Vec<Due>, LedgerError> {
        let query = "SELECT outbox.thread, url, outbox.version, outbox.pages, later_pages, later_top, later FROM outbox \
                     JOIN thread ON thread.id = outbox.thread WHERE outbox.pages <> '' OR later <= ? \
                     ORDER BY outbox.thread LIMIT ?";
        let rows = self.sql.exec(query, &[now.into(), limit.into()])?;
        rows.into_iter().filter_map(|row| read_due(row, now).transpose()).collect()
    }

    /// When the next thread is to be published, in Unix seconds; 0 for at once, `None` if everything is.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn next_due(&self) -> Result<Option<i64>, LedgerError> {
        let query = "SELECT min(CASE WHEN pages <> '' THEN 0 ELSE later END) FROM outbox";
        let row = self.sql.exec(query, &[])?.into_iter().next().unwrap_or_default();
        Row::new(row).optional_integer("outbox.later")
    }

    /// What to put for a thread that was due, as it stands now: later changes are in it. `None` if it is published already.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn snapshot(&self, due: &Due, now: i64) -> Result<Option<Snapshot>, LedgerError> {
        let Some(row) = self.thread_by_id(due.thread)? else { return Ok(None) };
        let Some((pages, top)) = row.marks.ready(now) else { return Ok(None) };
        let mut values = Vec::new();
        if top {
            values.push(self.top_of(&row)?);
        }
        for &page in pages.iter().rev() {
            values.push(self.page_of(&row, page)?);
        }
        let meta = ThreadMeta { version: row.version, count: row.count, pages: row.pages };
        let due = Due { thread: row.id, url: row.url, version: row.version, pages, top };
        Ok(Some(Snapshot { due, meta, pages: values }))
    }

    /// Notes that exactly this version is published. A thread that changed meanwhile stays due, with all its pages.
    ///
    /// Safe to repeat, and in any order: a version that is not the latest is not noted. What waits for its time is a version of its
    /// own from now on, so that readers can tell it from what they have.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn published(&self, due: &Due) -> Result<(), LedgerError> {
        let Some(marks) = self.marks_at(due.thread, due.version)? else { return Ok(()) };
        let left = marks.without(&due.pages, due.top);
        if left.is_empty() {
            let query = "DELETE FROM outbox WHERE thread = ? AND version = ?";
            self.sql.exec(query, &[due.thread.into(), due.version.into()])?;
            return Ok(());
        }
        if !left.pages.is_empty() {
            return self.write_marks(due.thread, due.version, &left);
        }
        let version = due.version + 1;
        self.sql.transaction(&mut || {
            let query = "UPDATE thread SET version = ? WHERE id = ?";
            self.sql.exec(query, &[version.into(), due.thread.into()])?;
            self.write_marks(due.thread, version, &left)
        })
    }

    /// What is to be published of a thread, if this is its latest version.
    fn marks_at(&self, thread: i64, version: i64) -> Result<Option<Marks>, LedgerError> {
        let query = "SELECT pages, later_pages, later_top, later FROM outbox WHERE thread = ? AND version = ?";
        let rows = self.sql.exec(query, &[thread.into(), version.into()])?;
        rows.into_iter().next().map(|row| Row::new(row).marks()).transpose()
    }
}

fn read_due(columns: Vec<Value>, now: i64) -> Result<Option<Due>, LedgerError> {
    let mut row = Row::new(columns);
    let thread = row.integer("outbox.thread")?;
    let url = stored_url(row.text("thread.url")?)?;
    let version = row.integer("outbox.version")?;
    Ok(row.marks()?.ready(now).map(|(pages, top)| Due { thread, url, version, pages, top }))
}
