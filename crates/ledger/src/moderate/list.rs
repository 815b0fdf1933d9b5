//! Lists of comments for moderators: newest first, with private data.

use afterword_model::{Comment, CommentId, PostUrl, Status};
use serde::{Deserialize, Serialize};
use strum::EnumString;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::comment_row::{COMMENT_COLUMNS, next_comment_id, read_comment};
use crate::store::network_ids::parse_network_ids;
use crate::store::report_row::{ReportSummary, summarize};
use crate::store::row::Row;
use crate::store::signals::parse_signals;
use crate::store::sql::{Sql, Value};
use crate::store::thread_row::stored_url;

/// Maximum number of ids that one call looks at if there is no index for the filter.
const MAX_IDS_SCANNED: i64 = 2_000;

/// The comments that a moderator asks for. Its words are `pending`, `published`, `erased` and `reported`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, Serialize, Deserialize)]
#[strum(serialize_all = "lowercase")]
pub enum CommentFilter {
    /// Comments that wait.
    Pending,
    /// Comments that everybody can read.
    Published,
    /// Comments that were erased or deleted.
    Erased,
    /// Comments that readers have reported, and that are still there.
    Reported,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPage<T> {
    /// The items of this page. May be empty even if `next` is set.
    pub items: Vec<T>,
    /// The number before which the next page begins; `None` at the end of the list.
    pub next: Option<i64>,
}

/// A comment with everything that a moderator may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentDetails {
    /// The comment as everybody would read it if it were published; a tombstone if it is erased.
    #[serde(flatten)]
    pub comment: Comment,
    /// Published or pending.
    pub status: Status,
    /// UUID of the submission.
    pub uuid: String,
    /// The post.
    pub url: PostUrl,
    /// Title of the post.
    pub title: String,
    /// Title of the post as sent with the comment.
    pub sent_title: String,
    /// E-mail address of the author. Private.
    pub email: Option<String>,
    /// The text as it was typed.
    pub source: String,
    /// Keyed hash of the author key. Private.
    pub key: Option<String>,
    /// Id of its network while that is stored: the same for all comments of one day from one network. Private.
    pub network: Option<String>,
    /// Reasons why it is suspicious: words, each with an optional detail after a colon.
    pub signals: Vec<String>,
    /// Unix time in seconds at which it was erased or deleted.
    pub erased: Option<i64>,
    /// The reports of readers; `None` if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports: Option<ReportSummary>,
}

impl<S: Sql> Ledger<S> {
    /// The newest comments that match a filter: at most `limit` with ids below `before`, newest first.
    ///
    /// One call reads a bounded number of rows, whatever the size of the site.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn list_comments(
        &self,
        filter: CommentFilter,
        before: Option<CommentId>,
        limit: u32,
    ) -> Result<ListPage<CommentDetails>, LedgerError> {
        let end = match before {
            Some(before) => before.get(),
            None => next_comment_id(&self.sql)?,
        };
        // Pending and erased comments have an index. Only in the list of the published ones many rows may have to be skipped.
        let (index, condition, start) = match filter {
            CommentFilter::Pending => ("INDEXED BY comment_pending", "status = 0 AND erased IS NULL", 0),
            CommentFilter::Published => {
                ("NOT INDEXED", "status = 1 AND erased IS NULL", end.saturating_sub(MAX_IDS_SCANNED).max(0))
            }
            CommentFilter::Erased => ("INDEXED BY comment_erased", "erased IS NOT NULL", 0),
            CommentFilter::Reported => ("INDEXED BY comment_reported", "reported = 1 AND erased IS NULL", 0),
        };
        let query = format!(
            "SELECT {COMMENT_COLUMNS}, uuid, email, source, author, network, signals, erased, reported, \
             (SELECT url FROM thread WHERE thread.id = comment.thread), \
             (SELECT title FROM thread WHERE thread.id = comment.thread), title \
             FROM comment {index} WHERE {condition} AND id < ? AND id >= ? ORDER BY id DESC LIMIT ?"
        );
        let limit = limit.max(1);
        let rows = self.sql.exec(&query, &[end.into(), start.into(), limit.into()])?;
        let items = rows.into_iter().map(|columns| self.read_details(columns)).collect::<Result<Vec<_>, _>>()?;
        let next = match items.last() {
            Some(last) if items.len() >= limit as usize => Some(last.comment.id.get()),
            _ => Some(start).filter(|start| *start > 1),
        };
        Ok(ListPage { items, next })
    }

    fn read_details(&self, columns: Vec<Value>) -> Result<CommentDetails, LedgerError> {
        let mut row = Row::new(columns);
        let (comment, status) = read_comment(&mut row)?;
        let mut details = CommentDetails {
            comment,
            status,
            uuid: row.text("comment.uuid")?,
            email: row.optional_text("comment.email")?,
            source: row.text("comment.source")?,
            key: row.optional_text("comment.author")?,
            network: row.optional_text("comment.network")?.map(|text| parse_network_ids(&text).network),
            signals: parse_signals(&row.text("comment.signals")?),
            erased: row.optional_integer("comment.erased")?,
            reports: row.boolean("comment.reported")?.then(ReportSummary::default),
            url: stored_url(row.text("thread.url")?)?,
            title: row.text("thread.title")?,
            sent_title: row.text("comment.title")?,
        };
        if details.reports.is_some() {
            details.reports = Some(summarize(&self.sql, details.comment.id.get())?);
        }
        if details.erased.is_some() {
            details.clear_content();
        }
        Ok(details)
    }
}

impl CommentDetails {
    /// Removes what the author wrote and what readers wrote about it: the ledger keeps it for a while after a deletion.
    fn clear_content(&mut self) {
        self.email = None;
        self.source.clear();
        self.sent_title.clear();
        self.signals.clear();
        if let Some(reports) = &mut self.reports {
            reports.texts.clear();
        }
    }
}
