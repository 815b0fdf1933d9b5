//! What readers find at the former addresses of threads.

use afterword_model::{Moved, PostUrl};

use crate::read::stored_url;
use crate::row::Row;
use crate::{Ledger, LedgerError, Sql};

/// Seconds for which pages stay at a former address after the value that forwards from there was published. Until then there may be
/// readers who have the head that was there before (Cloudflare's documentation, "How KV works": up to 60 seconds).
const FAREWELL: i64 = 60;

/// `moved.due` of a forwarding value that is to be published.
const AT_ONCE: i64 = 1;

/// The former addresses at which there is something to do, now or later.
const FORWARDS: &str = "FROM moved JOIN thread ON thread.id = moved.thread WHERE due > 0 AND thread.version > 0 AND NOT EXISTS \
     (SELECT 1 FROM outbox WHERE outbox.thread = moved.thread AND outbox.pages <> '')";

/// A former address of a thread, under which a forwarding value is to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The former address. The key is its `kv_key(1)`.
    pub from: PostUrl,
    /// Where the thread is now.
    pub to: PostUrl,
    /// Whether the value is published already, and only pages are left to be taken away.
    pub put: bool,
    /// How many pages of the thread are published at the former address. Once the value is published, those from the second on and the
    /// best comments are to be taken away: nobody is led there any more, and what is erased from now on would stay in them.
    pub pages: u32,
}

impl Forward {
    /// The value to be put.
    pub fn value(&self) -> Moved {
        Moved { moved: self.to.clone() }
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
    pub fn forwards_due(&self, now: i64, limit: u32) -> Result<Vec<Forward>, LedgerError> {
        let query = format!(
            "SELECT moved.url, thread.url, due > {AT_ONCE}, moved.pages {FORWARDS} AND due <= ? ORDER BY due, moved.rowid LIMIT ?"
        );
        let read = |columns| {
            let mut row = Row::new(columns);
            let (from, to) = (stored_url(row.text("moved.url")?)?, stored_url(row.text("thread.url")?)?);
            Ok(Forward { from, to, put: row.truth("moved.due")?, pages: row.count("moved.pages")? })
        };
        self.sql.exec(&query, &[now.max(AT_ONCE).into(), limit.into()])?.into_iter().map(read).collect()
    }

    /// When the next of them is due, if that is later than `after`.
    pub(crate) fn next_forward(&self, after: i64) -> Result<Option<i64>, LedgerError> {
        let query = format!("SELECT min(due) {FORWARDS} AND due > ?");
        let row = self.sql.exec(&query, &[after.into()])?.into_iter().next().unwrap_or_default();
        Row::new(row).optional_integer("moved.due")
    }

    /// Notes that this forwarding value is published, and that so many pages are still to be found under it; with 1 or less all is done.
    /// If the thread has moved on meanwhile, the next value stays due.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn forwarded(&self, forward: &Forward, pages: u32, now: i64) -> Result<(), LedgerError> {
        let query =
            "UPDATE moved SET due = ?, pages = ? WHERE url = ? AND thread = (SELECT id FROM thread WHERE url = ?)";
        let due = match (pages > 1, forward.put) {
            (false, _) => 0,
            (true, false) => now.max(AT_ONCE).saturating_add(FAREWELL),
            (true, true) => now.max(AT_ONCE + 1),
        };
        let (from, to) = (forward.from.as_str(), forward.to.as_str());
        Ok(self.sql.exec(query, &[due.into(), pages.max(1).into(), from.into(), to.into()]).map(drop)?)
    }
}
