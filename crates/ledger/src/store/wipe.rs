//! Deleting the content of an erased comment.

use crate::error::LedgerError;
use crate::store::overwrite::overwrite_texts;
use crate::store::sql::Sql;

/// Deletes what the author of a comment wrote, and every hash of it. The hash of the author key and the UUID stay: by them a repeat of the
/// submission is recognized.
pub(crate) fn wipe_content(sql: &impl Sql, comment: i64) -> Result<(), LedgerError> {
    overwrite_texts(
        sql,
        "comment",
        &["name", "email", "website", "title", "source", "html", "signals", "fingerprint", "duplicate_key"],
        ("id", comment.into()),
    )?;
    let query = "UPDATE comment SET name = '', email = NULL, website = NULL, title = '', source = '', html = '', \
                 signals = '', fingerprint = '', duplicate_key = NULL WHERE id = ?";
    Ok(sql.exec(query, &[comment.into()]).map(drop)?)
}
