//! Trust in authors: an author is trusted while they have a comment that is marked as their first approved one.

use crate::error::LedgerError;
use crate::store::sql::Sql;

/// Returns true if the author with this keyed hash has a published comment on this site.
pub(crate) fn is_trusted(sql: &impl Sql, author: Option<&str>) -> Result<bool, LedgerError> {
    let Some(author) = author else { return Ok(false) };
    let query = "SELECT 1 FROM comment WHERE author = ? AND first_approved = 1";
    Ok(!sql.exec(query, &[author.into()])?.is_empty())
}

/// Treats an author as unknown again: where the first comment of an author waits, so does their next one.
pub(crate) fn revoke_trust(sql: &impl Sql, author: Option<&str>) -> Result<(), LedgerError> {
    let Some(author) = author else { return Ok(()) };
    let query = "UPDATE comment SET first_approved = 0 WHERE author = ? AND first_approved = 1";
    Ok(sql.exec(query, &[author.into()]).map(drop)?)
}
