//! Former texts of comments: those that a moderator replaced, so that the edit can be undone, and those that readers reported, so that a
//! moderator sees what was reported.

use afterword_model::CommentId;
use afterword_model::moderation::CommentRevision;

use crate::error::LedgerError;
use crate::store::overwrite::overwrite_texts;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// Maximum number of former texts that are listed.
const MAX_LISTED: u32 = 20;

/// A former text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormerText {
    pub(crate) source: String,
    pub(crate) html: String,
    pub(crate) renderer: i64,
    pub(crate) edited: Option<i64>,
    pub(crate) edited_by_moderator: bool,
}

/// Keeps the present text of a comment as the one that it had until this revision. Must run in a transaction, before the text changes.
pub(crate) fn keep(sql: &impl Sql, comment: CommentId, revision: i64, now: i64) -> Result<(), LedgerError> {
    let query = "INSERT OR IGNORE INTO comment_text (comment, revision, source, html, renderer, edited, edited_by_moderator, until) \
                 SELECT id, ?, source, html, renderer, edited, edited_by_moderator, ? FROM comment WHERE id = ?";
    Ok(sql.exec(query, &[revision.into(), now.into(), comment.get().into()]).map(drop)?)
}

/// The text that a comment had until this revision.
pub(crate) fn find(sql: &impl Sql, comment: CommentId, revision: i64) -> Result<Option<FormerText>, LedgerError> {
    let query = "SELECT source, html, renderer, edited, edited_by_moderator FROM comment_text WHERE comment = ? AND revision = ?";
    let row = Row::first(sql.exec(query, &[comment.get().into(), revision.into()])?);
    row.map(|mut row| {
        Ok(FormerText {
            source: row.text("comment_text.source")?,
            html: row.text("comment_text.html")?,
            renderer: row.integer("comment_text.renderer")?,
            edited: row.optional_integer("comment_text.edited")?,
            edited_by_moderator: row.boolean("comment_text.edited_by_moderator")?,
        })
    })
    .transpose()
}

/// The text that a comment had at a revision, if it has another one by now and the former one was kept.
pub(crate) fn find_at(sql: &impl Sql, comment: CommentId, revision: i64) -> Result<Option<String>, LedgerError> {
    let query = "SELECT source FROM comment_text WHERE comment = ? AND revision >= ? ORDER BY revision LIMIT 1";
    let row = Row::first(sql.exec(query, &[comment.get().into(), revision.into()])?);
    row.map(|mut row| row.text("comment_text.source")).transpose()
}

/// The former texts of a comment, newest first.
pub(crate) fn list(sql: &impl Sql, comment: CommentId) -> Result<Vec<CommentRevision>, LedgerError> {
    let query = "SELECT revision, source, until FROM comment_text WHERE comment = ? ORDER BY revision DESC LIMIT ?";
    let rows = sql.exec(query, &[comment.get().into(), MAX_LISTED.into()])?;
    let read = |columns| {
        let mut row = Row::new(columns);
        Ok(CommentRevision {
            revision: row.integer("comment_text.revision")?,
            source: row.text("comment_text.source")?,
            until: row.integer("comment_text.until")?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Deletes all former texts of a comment, and overwrites them. Must run in a transaction.
pub(crate) fn delete_all(sql: &impl Sql, comment: i64) -> Result<(), LedgerError> {
    let rows = sql.exec("SELECT id FROM comment_text WHERE comment = ?", &[comment.into()])?;
    for columns in rows {
        let id = Row::new(columns).integer("comment_text.id")?;
        overwrite_texts(sql, "comment_text", &["source", "html"], ("id", id.into()))?;
        sql.exec("DELETE FROM comment_text WHERE id = ?", &[id.into()])?;
    }
    Ok(())
}
