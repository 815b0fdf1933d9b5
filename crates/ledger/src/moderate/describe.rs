//! Facts about the thread of one post, for moderators.

use afterword_model::{Moderation, PostUrl};
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::{ThreadRow, stored_url};

/// Maximum number of former addresses to list.
const MAX_FORMER_URLS: u32 = 50;

/// The thread of a post, and the site's own moderation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadReport {
    /// The thread; `None` if the post has none.
    pub thread: Option<ThreadFacts>,
    /// Former addresses that lead to it.
    pub former_urls: Vec<PostUrl>,
    /// The site's own moderation, if it has one.
    pub moderation: Option<Moderation>,
}

/// Facts about a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadFacts {
    /// Present address of the post.
    pub url: PostUrl,
    /// Title of the post; may be empty.
    pub title: String,
    /// True if a moderator set the title.
    pub title_locked: bool,
    /// Number of comments that readers see.
    pub count: u32,
    /// Number of comments that wait for a moderator.
    pub pending: u32,
    /// True if nobody may post.
    pub closed: bool,
}

impl<S: Sql> Ledger<S> {
    /// Describes the thread of a post, whether `url` is its present address or a former one.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn describe_thread(&self, url: &PostUrl) -> Result<ThreadReport, LedgerError> {
        let moderation = self.settings()?.moderation;
        let Some(thread) = ThreadRow::find(&self.sql, url)? else {
            return Ok(ThreadReport { thread: None, former_urls: Vec::new(), moderation });
        };
        let query = "SELECT url FROM redirect WHERE thread = ? ORDER BY url LIMIT ?";
        let rows = self.sql.exec(query, &[thread.id.into(), MAX_FORMER_URLS.into()])?;
        let former_urls = rows.into_iter().map(|columns| stored_url(Row::new(columns).text("redirect.url")?));
        let query = "SELECT count(*) FROM comment INDEXED BY comment_pending WHERE thread = ? AND status = 0 AND erased IS NULL";
        let pending = Row::only(self.sql.exec(query, &[thread.id.into()])?).count("count of comments")?;
        let former_urls = former_urls.collect::<Result<_, _>>()?;
        let ThreadRow { url, title, title_locked, count, closed, .. } = thread;
        Ok(ThreadReport {
            thread: Some(ThreadFacts { url, title, title_locked, count, pending, closed }),
            former_urls,
            moderation,
        })
    }
}
