//! The outbox: which threads changed after they were published, and what to put for them.

use afterword_model::{PostUrl, Thread, ThreadMeta};
use serde::Deserialize;
use serde::de::{IntoDeserializer, value};

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
    /// The pages that changed, ascending; the head, page 1, is always among them.
    pub pages: Vec<u32>,
}

/// What to put for a thread that is due, all of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// What is published once all of `pages` are put; to be handed to [`Ledger::published`] then.
    pub due: Due,
    /// What to keep beside each value.
    pub meta: ThreadMeta,
    /// The values, to be put in this order: the head comes last, so that no reader sees a head that counts a page
    /// which is not there yet. The key of each is `url.kv_key(page)`.
    pub pages: Vec<Thread>,
}

impl<S: Sql> Ledger<S> {
    /// Threads that changed after they were last published, at most `limit` of them, by their number.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn due(&self, limit: u32) -> Result<Vec<Due>, LedgerError> {
        let query = "SELECT outbox.thread, url, outbox.version, outbox.pages FROM outbox \
                     JOIN thread ON thread.id = outbox.thread ORDER BY outbox.thread LIMIT ?";
        self.sql.exec(query, &[limit.into()])?.into_iter().map(read_due).collect()
    }

    /// What to put for a thread that was due, as it stands now: later changes are in it. `None` if it is published already.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn snapshot(&self, due: &Due) -> Result<Option<Snapshot>, LedgerError> {
        let Some(row) = self.thread_row(&due.url)?.filter(|row| !row.dirty.is_empty()) else { return Ok(None) };
        let meta = ThreadMeta { version: row.version, count: row.count, pages: row.pages };
        let pages = row.dirty.iter().rev().map(|&page| self.page_of(&row, &due.url, page)).collect::<Result<_, _>>()?;
        let due = Due { thread: row.id, url: due.url.clone(), version: row.version, pages: row.dirty };
        Ok(Some(Snapshot { due, meta, pages }))
    }

    /// Notes that exactly this version is published. A thread that changed meanwhile stays due, with all its pages.
    ///
    /// Safe to repeat, and in any order: a version that is not the latest is not noted.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub fn published(&self, due: &Due) -> Result<(), LedgerError> {
        self.sql
            .exec("DELETE FROM outbox WHERE thread = ? AND version = ?", &[due.thread.into(), due.version.into()])?;
        Ok(())
    }
}

fn read_due(columns: Vec<Value>) -> Result<Due, LedgerError> {
    let mut row = Row::new(columns);
    Ok(Due {
        thread: row.integer("outbox.thread")?,
        url: stored_url(row.text("thread.url")?)?,
        version: row.integer("outbox.version")?,
        pages: row.page_list("outbox.pages")?,
    })
}

/// The address under which a thread is stored. It is not made canonical again: should the rules for that ever change, the
/// thread keeps its name until it is moved.
fn stored_url(text: String) -> Result<PostUrl, LedgerError> {
    PostUrl::deserialize(text.into_deserializer()).map_err(|_: value::Error| LedgerError::Corrupt("thread.url"))
}
