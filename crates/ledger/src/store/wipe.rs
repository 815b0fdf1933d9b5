//! Deleting the content of an erased comment, at once or later.

use crate::error::LedgerError;
use crate::store::overwrite::{TextColumns, overwrite_texts, update_without_copy};
use crate::store::report_row::delete_texts;
use crate::store::sql::{Sql, Value};

/// The columns that hold what the author of a comment wrote, and what was made of it.
const CONTENT: [&str; 10] =
    ["name", "email", "website", "title", "source", "html", "signals", "fingerprint", "duplicate_key", "edits"];

/// Deletes what the author of a comment wrote, every hash of it, and the texts of reports. The hash of the author key and the UUID stay: by
/// them a repeat of the submission is recognized. Must run in a transaction.
pub(crate) fn wipe_content(sql: &impl Sql, comment: i64) -> Result<(), LedgerError> {
    overwrite_texts(sql, "comment", &CONTENT, ("id", comment.into()))?;
    let query = "UPDATE comment SET name = '', email = NULL, website = NULL, title = '', source = '', html = '', \
                 signals = '', fingerprint = '', duplicate_key = NULL, edits = '' WHERE id = ?";
    sql.exec(query, &[comment.into()])?;
    delete_texts(sql, comment)
}

/// Marks a comment as deleted at a time, or as not deleted, and keeps its content. Must run in a transaction.
pub(crate) fn set_deleted(
    sql: &impl Sql,
    comment: i64,
    deleted: Option<i64>,
    keep_tombstone: bool,
) -> Result<(), LedgerError> {
    let assignments = "erased = ?, keep_tombstone = max(keep_tombstone, ?)";
    let values: [Value; 2] = [deleted.into(), keep_tombstone.into()];
    // The content must not stay where the row was: nothing would wipe it there.
    let columns = TextColumns { kept: &CONTENT, assigned: &[] };
    update_without_copy(sql, "comment", &columns, (assignments, &values), ("id", comment.into()))
}
