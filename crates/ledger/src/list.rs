//! Comments as moderators read them: newest first, with what is private about them.

use afterword_model::{Comment, CommentId, PostUrl, Status};
use serde::{Deserialize, Serialize};

use crate::entry::read_seals;
use crate::read::stored_url;
use crate::row::{COMMENT, PENDING, PUBLISHED, Row};
use crate::{Ledger, LedgerError, Sql, Value, signal};

/// Comments that are looked at in one call, by their numbers: what is asked for may be rare among them.
const SPAN: i64 = 2_000;

/// Which comments a moderator asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommentFilter {
    /// Those that wait.
    Pending,
    /// Those that everybody can read.
    Published,
    /// Those that were erased.
    Erased,
}

impl CommentFilter {
    /// Reads `pending`, `published` or `erased`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "pending" => Some(Self::Pending),
            "published" => Some(Self::Published),
            "erased" => Some(Self::Erased),
            _ => None,
        }
    }
}

/// Some of a list that may be longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPage<T> {
    /// They, in the order of the list. There may be none, and still more to come.
    pub items: Vec<T>,
    /// Before what number the list goes on; `None` at its end.
    pub next: Option<i64>,
}

/// A comment with everything that a moderator may know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentDetails {
    /// As everybody would read it if it were published; a tombstone if it is erased.
    #[serde(flatten)]
    pub comment: Comment,
    /// Whether it is published or waits.
    pub status: Status,
    /// The UUID of the submission.
    pub uuid: String,
    /// The post.
    pub url: PostUrl,
    /// The title of the post.
    pub title: String,
    /// What its sender calls the post.
    pub sent_title: String,
    /// The author's e-mail address. Private.
    pub email: Option<String>,
    /// The text as it was typed.
    pub source: String,
    /// The keyed hash of the author key. Private.
    pub key: Option<String>,
    /// The seal of the network it came from, as long as that is known: the same for comments of one day from one network. Private.
    pub network: Option<String>,
    /// What is suspicious about it: words, each perhaps with a detail behind a colon.
    pub signals: Vec<String>,
    /// When it was erased, in Unix seconds.
    pub erased: Option<i64>,
}

impl<S: Sql> Ledger<S> {
    /// Comments of one kind from the newest to the oldest, by their numbers: at most `limit` of those before the number `before`.
    ///
    /// One call looks at a bounded number of rows, whatever the site holds.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn list_comments(
        &self,
        listed: CommentFilter,
        before: Option<CommentId>,
        limit: u32,
    ) -> Result<ListPage<CommentDetails>, LedgerError> {
        let end = match before {
            Some(before) => before.get(),
            None => self.next_id("SELECT max(id) FROM comment")?,
        };
        // What waits and what is erased has an index of its own, and only of the others many may have to be passed over.
        let (index, condition, start) = match listed {
            CommentFilter::Pending => ("INDEXED BY comment_waits", "status = 0 AND erased IS NULL", 0),
            CommentFilter::Published => {
                ("NOT INDEXED", "status = 1 AND erased IS NULL", end.saturating_sub(SPAN).max(0))
            }
            CommentFilter::Erased => ("INDEXED BY comment_erased", "erased IS NOT NULL", 0),
        };
        let query = format!(
            "SELECT {COMMENT}, uuid, email, source, author, network, signals, erased, \
             (SELECT url FROM thread WHERE thread.id = comment.thread), \
             (SELECT title FROM thread WHERE thread.id = comment.thread), title \
             FROM comment {index} WHERE {condition} AND id < ? AND id >= ? ORDER BY id DESC LIMIT ?"
        );
        let limit = limit.max(1);
        let rows = self.sql.exec(&query, &[end.into(), start.into(), limit.into()])?;
        let items = rows.into_iter().map(read_full).collect::<Result<Vec<_>, _>>()?;
        let next = match items.last() {
            Some(last) if items.len() >= limit as usize => Some(last.comment.id.get()),
            _ => Some(start).filter(|start| *start > 1),
        };
        Ok(ListPage { items, next })
    }
}

fn read_full(columns: Vec<Value>) -> Result<CommentDetails, LedgerError> {
    let mut row = Row::new(columns);
    let (comment, status) = row.comment()?;
    debug_assert!(matches!(status, PENDING | PUBLISHED));
    Ok(CommentDetails {
        comment,
        status: if status == PUBLISHED { Status::Published } else { Status::Pending },
        uuid: row.text("comment.uuid")?,
        email: row.optional_text("comment.email")?,
        source: row.text("comment.source")?,
        key: row.optional_text("comment.author")?,
        network: row.optional_text("comment.network")?.map(|stored| read_seals(&stored).network),
        signals: signal::read(&row.text("comment.signals")?),
        erased: row.optional_integer("comment.erased")?,
        url: stored_url(row.text("thread.url")?)?,
        title: row.text("thread.title")?,
        sent_title: row.text("comment.title")?,
    })
}
