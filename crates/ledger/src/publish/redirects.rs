//! Redirects at the former addresses of threads, and the pages that are still published there.

use afterword_model::{PostUrl, Redirect};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::stale_pages::{STALE_GRACE_SECONDS, STALE_PAGES_OF_PUBLISHED_THREADS};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::{ThreadRow, stored_url};

/// `redirect.due` of a redirect that is to be published.
pub(crate) const UNPUBLISHED: i64 = 1;

/// Redirects with something to do, now or later, whose threads are published at their present addresses.
const REDIRECTS_OF_PUBLISHED_THREADS: &str = "FROM redirect JOIN thread ON thread.id = redirect.thread \
     WHERE due > 0 AND thread.version > 0 AND NOT EXISTS \
     (SELECT 1 FROM outbox WHERE outbox.thread = redirect.thread AND outbox.pages <> '')";

/// A former address of a thread at which there is a redirect to publish, or at which pages are to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRedirect {
    /// The former address. The key of the redirect is its `kv_key(1)`.
    pub from: PostUrl,
    /// The present address of the thread.
    pub to: PostUrl,
    /// True if the redirect is published, and only pages are left to delete.
    pub is_published: bool,
    /// Number of pages of the thread that are published at the former address. Once the redirect is published, the top page and the
    /// pages from the second on are to be deleted: no reader gets there any more, and text that is erased later would remain in them.
    pub pages: u32,
}

impl PendingRedirect {
    /// The value to publish.
    pub fn to_redirect(&self) -> Redirect {
        Redirect { to: self.to.clone() }
    }
}

impl<S: Sql> Ledger<S> {
    /// At most `limit` former addresses with a redirect to publish, or with pages to delete, at this time (Unix seconds). The oldest
    /// address of a thread comes first, so that no redirect leads to another redirect.
    ///
    /// A redirect waits until its thread is published at the present address. Otherwise it would lead readers away from comments to a
    /// place without any.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn due_redirects(&self, now: i64, limit: u32) -> Result<Vec<PendingRedirect>, LedgerError> {
        self.due_redirects_from(UNPUBLISHED, now, limit)
    }

    /// Like [`Ledger::due_redirects`], for published redirects with pages to delete only.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn due_redirect_cleanups(&self, now: i64, limit: u32) -> Result<Vec<PendingRedirect>, LedgerError> {
        self.due_redirects_from(UNPUBLISHED + 1, now, limit)
    }

    fn due_redirects_from(&self, due: i64, now: i64, limit: u32) -> Result<Vec<PendingRedirect>, LedgerError> {
        let query = format!(
            "SELECT redirect.url, thread.url, due > {UNPUBLISHED}, redirect.pages {REDIRECTS_OF_PUBLISHED_THREADS} \
             AND due <= ? AND due >= ? ORDER BY due, redirect.rowid LIMIT ?"
        );
        let read = |columns| {
            let mut row = Row::new(columns);
            Ok(PendingRedirect {
                from: stored_url(row.text("redirect.url")?)?,
                to: stored_url(row.text("thread.url")?)?,
                is_published: row.boolean("redirect.due")?,
                pages: row.count("redirect.pages")?,
            })
        };
        let params = [now.max(UNPUBLISHED).into(), due.into(), limit.into()];
        self.sql.exec(&query, &params)?.into_iter().map(read).collect()
    }

    /// Records that a redirect is published, and that `pages` pages are still published at its address; 1 or less means that nothing is
    /// left to do. If the thread has moved again since, the new redirect stays due.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn record_redirect(&self, redirect: &PendingRedirect, pages: u32, now: i64) -> Result<(), LedgerError> {
        let query =
            "UPDATE redirect SET due = ?, pages = ? WHERE url = ? AND thread = (SELECT id FROM thread WHERE url = ?)";
        let due = match (pages > 1, redirect.is_published) {
            (false, _) => 0,
            (true, false) => now.max(UNPUBLISHED).saturating_add(STALE_GRACE_SECONDS),
            (true, true) => now.max(UNPUBLISHED + 1),
        };
        let (from, to) = (redirect.from.as_str(), redirect.to.as_str());
        Ok(self.sql.exec(query, &[due.into(), pages.max(1).into(), from.into(), to.into()]).map(drop)?)
    }
}

/// Unix time in seconds of the next redirect to publish or pages to delete, if that is later than `after`. A time long past means at once.
pub(crate) fn next_due_cleanup(sql: &impl Sql, after: Option<i64>) -> Result<Option<i64>, LedgerError> {
    let query = format!(
        "SELECT min(due) FROM (SELECT due {REDIRECTS_OF_PUBLISHED_THREADS} AND due > ?1 \
         UNION ALL SELECT due {STALE_PAGES_OF_PUBLISHED_THREADS} AND due > ?1)"
    );
    Row::only(sql.exec(&query, &[after.unwrap_or(-1).into()])?).optional_integer("redirect.due")
}

/// Adds a redirect from an address at which nothing of the thread is published.
pub(crate) fn insert_redirect(sql: &impl Sql, from: &PostUrl, thread: i64) -> Result<(), LedgerError> {
    let query = "INSERT INTO redirect (url, thread, due) VALUES (?, ?, 1)";
    Ok(sql.exec(query, &[from.as_str().into(), thread.into()]).map(drop)?)
}

/// Gives a thread another address, with a redirect from the old one, at which so many pages are published. All redirects of the thread
/// become due, because they lead to the new address from now on.
pub(crate) fn move_thread_url(
    sql: &impl Sql,
    thread: &ThreadRow,
    from: &PostUrl,
    to: &PostUrl,
    pages: u32,
) -> Result<(), LedgerError> {
    let id = thread.id;
    sql.exec("UPDATE thread SET url = ? WHERE id = ?", &[to.as_str().into(), id.into()])?;
    let query = "INSERT INTO redirect (url, thread, pages, due) VALUES (?, ?, ?, 1)";
    sql.exec(query, &[from.as_str().into(), id.into(), pages.into()])?;
    Ok(sql.exec("UPDATE redirect SET due = 1 WHERE thread = ?", &[id.into()]).map(drop)?)
}

/// Last page that may still be published at an address from which a thread has moved; 1 at any other address.
pub(crate) fn highest_redirected_page(sql: &impl Sql, url: &PostUrl) -> Result<u32, LedgerError> {
    let row = Row::first(sql.exec("SELECT pages FROM redirect WHERE url = ?", &[url.as_str().into()])?);
    row.map_or(Ok(1), |mut row| row.count("redirect.pages"))
}
