//! The outbox: which threads changed after they were published, and what to put for them.

use afterword_model::{PostUrl, Sort, Thread, ThreadMeta};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::redirects::AT_ONCE;
use crate::publish::thread_page::stored_url;
use crate::store::dirty_pages::Marks;
use crate::store::row::{MARKS, Row};
use crate::store::sql::Sql;
use crate::store::sql::Value;

/// A thread to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueThread {
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
    pub due: DueThread,
    /// What to keep beside each value.
    pub meta: ThreadMeta,
    /// The values, to be put in this order: the head comes last, so that no reader sees a head that counts a page
    /// which is not there yet. The key of each is [`Thread::kv_key`].
    pub pages: Vec<Thread>,
}

impl Snapshot {
    /// What is published once the first so many values are put, and those after them are not.
    pub fn published_part(&self, values: usize) -> DueThread {
        let put = self.pages.get(..values).unwrap_or(&self.pages);
        let (top, pages): (Vec<&Thread>, Vec<&Thread>) = put.iter().partition(|value| value.sort == Sort::Top);
        DueThread { pages: pages.into_iter().map(|page| page.page).collect(), top: !top.is_empty(), ..self.due.clone() }
    }
}

impl<S: Sql> Ledger<S> {
    /// Threads that are to be published at this time (in Unix seconds), at most `limit` of them, by their number.
    ///
    /// A change is due at once, a vote with the next change of its page, or a minute after it.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn due_threads(&self, now: i64, limit: u32) -> Result<Vec<DueThread>, LedgerError> {
        self.due_threads_after(0, now, limit)
    }

    /// As [`Ledger::due`], of the threads with a number above `thread`: whoever goes on from there comes to each in its turn.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn due_threads_after(&self, thread: i64, now: i64, limit: u32) -> Result<Vec<DueThread>, LedgerError> {
        let condition = "outbox.thread > ? AND (outbox.pages <> '' OR later <= ?)";
        self.due_where(condition, &[thread.into(), now.into(), limit.into()], now)
    }

    /// How many of the newest 500 comments are published and were made since then (in Unix seconds).
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn count_published_since(&self, time: i64) -> Result<u32, LedgerError> {
        let query = "SELECT count(*) FROM (SELECT status, created FROM comment ORDER BY id DESC LIMIT 500) \
                     WHERE status = 1 AND created >= ?";
        let rows = self.sql.exec(query, &[time.into()])?;
        rows.into_iter().next().map_or(Ok(0), |row| Row::new(row).count("count"))
    }

    /// As [`Ledger::due`], of the threads from which something was taken away that is still published.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn urgent_threads(&self, now: i64, limit: u32) -> Result<Vec<DueThread>, LedgerError> {
        self.due_where("urgent > 0", &[limit.into()], now)
    }

    /// The last of the parameters is how many there may be.
    fn due_where(&self, condition: &str, params: &[Value], now: i64) -> Result<Vec<DueThread>, LedgerError> {
        let query = format!(
            "SELECT thread.id, url, thread.version, {MARKS} FROM outbox JOIN thread ON thread.id = outbox.thread \
             WHERE {condition} ORDER BY outbox.thread LIMIT ?"
        );
        self.sql.exec(&query, params)?.into_iter().filter_map(|row| read_due(row, now).transpose()).collect()
    }

    /// Whether anything is to be put, now or later.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn has_due(&self) -> Result<bool, LedgerError> {
        let query =
            format!("SELECT EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM moved WHERE due = {AT_ONCE})");
        let rows = self.sql.exec(&query, &[])?;
        rows.into_iter().next().map_or(Ok(false), |row| Row::new(row).truth("outbox"))
    }

    /// When the next thread or forwarding value is to be published, or what is left taken away, in Unix seconds: a time long past for at
    /// once, `None` if everything is published.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn next_due(&self) -> Result<Option<i64>, LedgerError> {
        let thread = self.first_time("SELECT min(CASE WHEN pages <> '' THEN 0 ELSE later END) FROM outbox", &[])?;
        Ok(thread.into_iter().chain(self.next_forward(None)?).min())
    }

    /// When the next of what is not to be published yet is to be, in Unix seconds.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn next_deferred(&self, now: i64) -> Result<Option<i64>, LedgerError> {
        let query = "SELECT min(later) FROM outbox WHERE pages = '' AND later > ?";
        let thread = self.first_time(query, &[now.into()])?;
        Ok(thread.into_iter().chain(self.next_forward(Some(now))?).min())
    }

    fn first_time(&self, query: &str, params: &[Value]) -> Result<Option<i64>, LedgerError> {
        let row = self.sql.exec(query, params)?.into_iter().next().unwrap_or_default();
        Row::new(row).optional_integer("outbox.later")
    }

    /// What to put for a thread that was due, as it stands now: later changes are in it. `None` if it is published already.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn snapshot(&self, due: &DueThread, now: i64) -> Result<Option<Snapshot>, LedgerError> {
        let Some(row) = self.thread_by_id(due.thread)? else { return Ok(None) };
        let Some((pages, top)) = row.marks.ready(now) else { return Ok(None) };
        let mut values = Vec::new();
        if top {
            values.push(self.top_of(&row)?);
        }
        for &page in pages.iter().rev() {
            values.push(self.page_of(&row, page)?);
        }
        let meta = ThreadMeta { version: row.version, count: row.count, pages: row.pages, is_redirect: false };
        let due = DueThread { thread: row.id, url: row.url, version: row.version, pages, top };
        Ok(Some(Snapshot { due, meta, pages: values }))
    }

    /// Notes that these values are published as they were at this version. What changed after it stays due.
    ///
    /// Safe to repeat, and in any order. Once only what may wait is left, that is a version of its own, so that readers can tell it from
    /// what they have.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn mark_published(&self, due: &DueThread) -> Result<(), LedgerError> {
        let Some((version, marks)) = self.marks_of(due.thread)? else { return Ok(()) };
        if due.version > version || (due.pages.is_empty() && !due.top) {
            return Ok(());
        }
        let left = marks.clone().without(&due.pages, due.top, due.version);
        if left.is_empty() {
            let query = "DELETE FROM outbox WHERE thread = ?";
            return Ok(self.sql.exec(query, &[due.thread.into()]).map(drop)?);
        }
        if left == marks {
            return Ok(());
        }
        if !left.pages.is_empty() || version > due.version {
            return self.write_marks(due.thread, version, &left);
        }
        self.sql.transaction(&mut || {
            let query = "UPDATE thread SET version = ? WHERE id = ?";
            self.sql.exec(query, &[(version + 1).into(), due.thread.into()])?;
            self.write_marks(due.thread, version + 1, &left)
        })
    }

    /// The version of a thread, and what is to be published of it, if anything is.
    fn marks_of(&self, thread: i64) -> Result<Option<(i64, Marks)>, LedgerError> {
        let query = format!(
            "SELECT thread.version, {MARKS} FROM outbox JOIN thread ON thread.id = outbox.thread WHERE outbox.thread = ?"
        );
        let row = self.sql.exec(&query, &[thread.into()])?.into_iter().next().map(Row::new);
        row.map(|mut row| Ok((row.integer("thread.version")?, row.marks()?))).transpose()
    }
}

fn read_due(columns: Vec<Value>, now: i64) -> Result<Option<DueThread>, LedgerError> {
    let mut row = Row::new(columns);
    let thread = row.integer("thread.id")?;
    let url = stored_url(row.text("thread.url")?)?;
    let version = row.integer("thread.version")?;
    Ok(row.marks()?.ready(now).map(|(pages, top)| DueThread { thread, url, version, pages, top }))
}
