//! The latest comments of the site as they are published: a KV value of their own, from which the site's feed is made.

use afterword_model::{CommentId, LatestComment, LatestComments, Status, limits};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::pagination::comment_bytes;
use crate::store::comment_row::{COMMENT_COLUMNS, next_comment_id, read_comment};
use crate::store::latest_row::{DELAY_SECONDS, DUE_REMOVAL, LatestRow, Shown};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::stored_url;

/// The latest comments, to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueLatest {
    /// Unix time in seconds at which they are to be published. A time long past means at once.
    pub due: i64,
}

impl DueLatest {
    /// Returns true if something was removed that is still published.
    pub fn is_urgent(self) -> bool {
        self.due == DUE_REMOVAL
    }
}

/// The latest comments at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestSnapshot {
    /// The value to publish.
    pub value: LatestComments,
    /// The comments of the value, and those for which it has no room.
    shown: Vec<Shown>,
    /// The largest id of a comment.
    newest: i64,
}

impl<S: Sql> Ledger<S> {
    /// The time at which the latest comments are to be published. `None` if they are published as they are.
    ///
    /// New comments are due a minute after the first of them, other changes at once.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn due_latest(&self) -> Result<Option<DueLatest>, LedgerError> {
        Ok(LatestRow::find(&self.sql)?.and_then(|row| row.due).map(|due| DueLatest { due }))
    }

    /// The latest comments as they would be published now: at most [`LatestComments::MAX`], of at most [`limits::PAGE_EDITED_BYTES`] together.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn latest_comments(&self) -> Result<LatestSnapshot, LedgerError> {
        let mut row = LatestRow::find(&self.sql)?.unwrap_or_default();
        let new_comments = row.new_comments(&self.sql)?;
        row.add(&new_comments);
        let (mut shown, mut comments) = (Vec::new(), Vec::new());
        let mut room = i64::try_from(limits::PAGE_EDITED_BYTES).unwrap_or(i64::MAX);
        for (id, published) in row.comments {
            if shown.len() == LatestComments::MAX {
                break;
            }
            let Some(latest) = self.find_visible(id, published)? else { continue };
            shown.push((id, published));
            room -= comment_bytes(&latest.comment);
            if room >= 0 || comments.is_empty() {
                comments.push(latest);
            }
        }
        let newest = next_comment_id(&self.sql)? - 1;
        let options = self.reader_settings()?.options;
        Ok(LatestSnapshot { value: LatestComments { version: row.version, comments, options }, shown, newest })
    }

    /// A comment with its post, if readers see it.
    fn find_visible(&self, id: CommentId, published: i64) -> Result<Option<LatestComment>, LedgerError> {
        let query = format!("SELECT {COMMENT_COLUMNS}, thread FROM comment WHERE id = ?");
        let Some(mut row) = Row::first(self.sql.exec(&query, &[id.get().into()])?) else { return Ok(None) };
        let (comment, status) = read_comment(&mut row)?;
        if status != Status::Published || comment.deleted {
            return Ok(None);
        }
        let query = "SELECT url, title FROM thread WHERE id = ?";
        let mut post = Row::only(self.sql.exec(query, &[row.integer("comment.thread")?.into()])?);
        let (url, title) = (stored_url(post.text("thread.url")?)?, post.text("thread.title")?);
        Ok(Some(LatestComment { url, title, published, comment }))
    }

    /// Records that the latest comments are published. Later changes stay due.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn mark_latest_published(&self, snapshot: &LatestSnapshot) -> Result<(), LedgerError> {
        let Some(row) = LatestRow::find(&self.sql)? else { return Ok(()) };
        if row.version != snapshot.value.version {
            return Ok(());
        }
        let mut published = LatestRow { comments: snapshot.shown.clone(), newest: snapshot.newest, due: None, ..row };
        // A comment that arrived in the meantime did not change the row, which was due already.
        if let Some(last) = published.new_comments(&self.sql)?.iter().map(|(_, time)| *time).max() {
            published.due = Some(last.saturating_add(DELAY_SECONDS));
            published.version += 1;
        }
        published.write(&self.sql)
    }
}
