//! Deleting the content of an erased comment, at once or later.

use crate::error::LedgerError;
use crate::store::comment_text;
use crate::store::overwrite::{TextColumns, overwrite_texts, update_without_copy};
use crate::store::report_row::delete_texts;
use crate::store::search_index;
use crate::store::sql::{Sql, Value};

/// The columns that hold what the author of a comment wrote, and what was made of it.
const CONTENT: [&str; 10] =
    ["name", "email", "website", "title", "source", "html", "signals", "fingerprint", "duplicate_key", "edits"];

/// Deletes what the author of a comment wrote, every hash of it, its former texts, its entry in the search, and the texts of reports. The hash of the author key and the UUID stay: by
/// them a repeat of the submission is recognized. Must run in a transaction.
pub(crate) fn wipe_content(sql: &impl Sql, comment: i64) -> Result<(), LedgerError> {
    search_index::remove(sql, comment)?;
    overwrite_texts(sql, "comment", &CONTENT, ("id", comment.into()))?;
    let query = "UPDATE comment SET name = '', email = NULL, website = NULL, title = '', source = '', html = '', \
                 signals = '', fingerprint = '', duplicate_key = NULL, edits = '', revision = revision + 1 WHERE id = ?";
    sql.exec(query, &[comment.into()])?;
    comment_text::delete_all(sql, comment)?;
    delete_texts(sql, comment)
}

/// Marks a comment as deleted at a time, or as not deleted, and keeps its content. Must run in a transaction.
pub(crate) fn set_deleted(
    sql: &impl Sql,
    comment: i64,
    deleted: Option<i64>,
    keep_tombstone: bool,
) -> Result<(), LedgerError> {
    let assignments = "erased = ?, keep_tombstone = max(keep_tombstone, ?), revision = revision + 1";
    update_row(sql, comment, (assignments, &[deleted.into(), keep_tombstone.into()]))
}

/// Changes columns of a comment that are not its content. The row may change its size, and the content must not stay where it was: nothing
/// would wipe it there. Must run in a transaction.
pub(crate) fn update_row(
    sql: &impl Sql,
    comment: i64,
    (assignments, values): (&str, &[Value]),
) -> Result<(), LedgerError> {
    let columns = TextColumns { kept: &CONTENT, assigned: &[] };
    update_without_copy(sql, "comment", &columns, (assignments, values), ("id", comment.into()))
}
