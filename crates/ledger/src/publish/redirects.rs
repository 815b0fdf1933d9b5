//! What readers find at the former addresses of threads.

use afterword_model::{PostUrl, Redirect};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::thread_page::{ThreadRow, stored_url};
use crate::store::row::Row;
use crate::store::sql::Sql;

/// Seconds for which pages stay at a former address after the value that forwards from there was published. Until then there may be
/// readers who have the head that was there before (Cloudflare's documentation, "How KV works": up to 60 seconds).
const FAREWELL: i64 = 60;

/// The threads beyond whose pages others may be published that are nobody's any more.
const LEFTOVERS: &str = "FROM leftover JOIN thread ON thread.id = leftover.thread WHERE NOT EXISTS \
     (SELECT 1 FROM outbox WHERE outbox.thread = leftover.thread AND outbox.pages <> '')";

/// `moved.due` of a forwarding value that is to be published.
pub(crate) const AT_ONCE: i64 = 1;

/// The former addresses at which there is something to do, now or later.
const FORWARDS: &str = "FROM moved JOIN thread ON thread.id = moved.thread WHERE due > 0 AND thread.version > 0 AND NOT EXISTS \
     (SELECT 1 FROM outbox WHERE outbox.thread = moved.thread AND outbox.pages <> '')";

/// A former address of a thread, under which a forwarding value is to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRedirect {
    /// The former address. The key is its `kv_key(1)`.
    pub from: PostUrl,
    /// Where the thread is now.
    pub to: PostUrl,
    /// Whether the value is published already, and only pages are left to be taken away.
    pub is_published: bool,
    /// How many pages of the thread are published at the former address. Once the value is published, those from the second on and the
    /// best comments are to be taken away: nobody is led there any more, and what is erased from now on would stay in them.
    pub pages: u32,
}

/// Pages at the address of a thread that lie beyond its own: of a thread that was longer before it was merged, or of another one that was
/// at the address before. No head counts them, and what is erased from now on would stay in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StalePages {
    /// The ledger's own number of the thread.
    pub thread: i64,
    /// Its address.
    pub url: PostUrl,
    /// The pages it has by itself, which stay.
    pub last_kept: u32,
    /// The last page that may be published there.
    pub last_stale: u32,
    /// When it was due.
    due: i64,
}

impl StalePages {
    /// Whether a head that does not count them was published long enough ago; else that is only to be noted.
    pub fn is_ready(&self) -> bool {
        self.due > 0
    }
}

impl PendingRedirect {
    /// The value to be put.
    pub fn to_redirect(&self) -> Redirect {
        Redirect { to: self.to.clone() }
    }
}

impl<S: Sql> Ledger<S> {
    /// Former addresses whose forwarding values are to be published, or whose pages are to be taken away at this time (in Unix seconds),
    /// at most `limit` of them; the oldest address of a thread first, so that none leads to one that leads on.
    ///
    /// None whose thread is not yet published where it is now: readers would be led away from comments to where there are none.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn due_redirects(&self, now: i64, limit: u32) -> Result<Vec<PendingRedirect>, LedgerError> {
        self.forwards_from(AT_ONCE, now, limit)
    }

    /// Those of them whose values are published, and whose pages are to be taken away.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn due_redirect_cleanups(&self, now: i64, limit: u32) -> Result<Vec<PendingRedirect>, LedgerError> {
        self.forwards_from(AT_ONCE + 1, now, limit)
    }

    fn forwards_from(&self, due: i64, now: i64, limit: u32) -> Result<Vec<PendingRedirect>, LedgerError> {
        let query = format!(
            "SELECT moved.url, thread.url, due > {AT_ONCE}, moved.pages {FORWARDS} AND due <= ? AND due >= ? \
             ORDER BY due, moved.rowid LIMIT ?"
        );
        let read = |columns| {
            let mut row = Row::new(columns);
            let (from, to) = (stored_url(row.text("moved.url")?)?, stored_url(row.text("thread.url")?)?);
            Ok(PendingRedirect { from, to, is_published: row.truth("moved.due")?, pages: row.count("moved.pages")? })
        };
        self.sql.exec(&query, &[now.max(AT_ONCE).into(), due.into(), limit.into()])?.into_iter().map(read).collect()
    }

    /// Leftovers at which there is something to do at this time (in Unix seconds), at most `limit` of them. None of a thread that is not
    /// yet published as it is now.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn due_stale_pages(&self, now: i64, limit: u32) -> Result<Vec<StalePages>, LedgerError> {
        let query = format!(
            "SELECT thread.id, thread.url, thread.pages, last, due {LEFTOVERS} AND due <= ? ORDER BY due, leftover.thread LIMIT ?"
        );
        let read = |columns| {
            let mut row = Row::new(columns);
            Ok(StalePages {
                thread: row.integer("thread.id")?,
                url: stored_url(row.text("thread.url")?)?,
                last_kept: row.count("thread.pages")?,
                last_stale: row.count("leftover.last")?,
                due: row.integer("leftover.due")?,
            })
        };
        self.sql.exec(&query, &[now.into(), limit.into()])?.into_iter().map(read).collect()
    }

    /// When the next forward or leftover is due, if that is later than `after`; a time long past for at once.
    pub(crate) fn next_forward(&self, after: Option<i64>) -> Result<Option<i64>, LedgerError> {
        let query = format!(
            "SELECT min(due) FROM (SELECT due {FORWARDS} AND due > ?1 UNION ALL SELECT due {LEFTOVERS} AND due > ?1)"
        );
        let row = self.sql.exec(&query, &[after.unwrap_or(-1).into()])?.into_iter().next().unwrap_or_default();
        Row::new(row).optional_integer("moved.due")
    }

    /// Notes how far a leftover is taken away: no page after this one is there any more. If it was not ripe, that it has begun to ripen.
    /// If the thread has moved or was merged meanwhile, what is left there is noted otherwise, and this changes nothing.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn record_removed(&self, leftover: &StalePages, last: u32, now: i64) -> Result<(), LedgerError> {
        let StalePages { thread, due, .. } = *leftover;
        if !leftover.is_ready() {
            let query = "UPDATE leftover SET due = ? WHERE thread = ? AND due = 0";
            let ripe = now.max(AT_ONCE).saturating_add(FAREWELL);
            return Ok(self.sql.exec(query, &[ripe.into(), thread.into()]).map(drop)?);
        }
        if last <= leftover.last_kept {
            let query = "DELETE FROM leftover WHERE thread = ? AND due = ?";
            return Ok(self.sql.exec(query, &[thread.into(), due.into()]).map(drop)?);
        }
        let query = "UPDATE leftover SET last = ? WHERE thread = ? AND due = ?";
        Ok(self.sql.exec(query, &[last.into(), thread.into(), due.into()]).map(drop)?)
    }

    /// The last page that may be published at the address of a thread. The best comments count for a second one.
    pub(crate) fn reach(&self, thread: &ThreadRow) -> Result<u32, LedgerError> {
        let rows = self.sql.exec("SELECT last FROM leftover WHERE thread = ?", &[thread.id.into()])?;
        let left = rows.into_iter().next().map_or(Ok(1), |row| Row::new(row).count("leftover.last"))?;
        Ok(thread.pages.max(left).max(if thread.top { 2 } else { 1 }))
    }

    /// The last page that may still be published at an address from which a thread has moved; 1 at any other.
    pub(crate) fn former_reach(&self, url: &PostUrl) -> Result<u32, LedgerError> {
        let rows = self.sql.exec("SELECT pages FROM moved WHERE url = ?", &[url.as_str().into()])?;
        rows.into_iter().next().map_or(Ok(1), |row| Row::new(row).count("moved.pages"))
    }

    /// Notes, in the turn in which a thread gets another address or other pages, the last page that may be published where it is now.
    pub(crate) fn leave(&self, thread: &ThreadRow, last: u32) -> Result<(), LedgerError> {
        self.sql.exec("DELETE FROM leftover WHERE thread = ?", &[thread.id.into()])?;
        if last > thread.pages {
            let query = "INSERT INTO leftover (thread, last, due) VALUES (?, ?, 0)";
            self.sql.exec(query, &[thread.id.into(), last.into()])?;
        }
        Ok(())
    }

    /// Notes that this forwarding value is published, and that so many pages are still to be found under it; with 1 or less all is done.
    /// If the thread has moved on meanwhile, the next value stays due.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn record_redirect(&self, forward: &PendingRedirect, pages: u32, now: i64) -> Result<(), LedgerError> {
        let query =
            "UPDATE moved SET due = ?, pages = ? WHERE url = ? AND thread = (SELECT id FROM thread WHERE url = ?)";
        let due = match (pages > 1, forward.is_published) {
            (false, _) => 0,
            (true, false) => now.max(AT_ONCE).saturating_add(FAREWELL),
            (true, true) => now.max(AT_ONCE + 1),
        };
        let (from, to) = (forward.from.as_str(), forward.to.as_str());
        Ok(self.sql.exec(query, &[due.into(), pages.max(1).into(), from.into(), to.into()]).map(drop)?)
    }
}
