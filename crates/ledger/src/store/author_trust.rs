//! Trust in authors: an author is trusted while they have a comment that is marked as their first approved one.

use afterword_model::CommentId;

use crate::error::LedgerError;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// Returns true if the author with this keyed hash has a published comment on this site.
pub(crate) fn is_trusted(sql: &impl Sql, author: Option<&str>) -> Result<bool, LedgerError> {
    let Some(author) = author else { return Ok(false) };
    let query = "SELECT 1 FROM comment WHERE author = ? AND first_approved = 1";
    Ok(!sql.exec(query, &[author.into()])?.is_empty())
}

/// The comment for which an author is trusted.
pub(crate) fn find_first_approved(sql: &impl Sql, author: Option<&str>) -> Result<Option<CommentId>, LedgerError> {
    let Some(author) = author else { return Ok(None) };
    let query = "SELECT id FROM comment WHERE author = ? AND first_approved = 1";
    let row = Row::first(sql.exec(query, &[author.into()])?);
    row.map(|mut row| Ok(CommentId::new(row.integer("comment.id")?))).transpose()
}

/// Makes this comment the one for which its author is trusted, or none. Must run in a transaction.
pub(crate) fn set_first_approved(
    sql: &impl Sql,
    author: Option<&str>,
    comment: Option<CommentId>,
) -> Result<(), LedgerError> {
    revoke_trust(sql, author)?;
    let Some(comment) = comment.filter(|_| author.is_some()) else { return Ok(()) };
    // Nobody is trusted because of a comment that a moderator has erased since.
    let query = "UPDATE comment SET first_approved = 1 WHERE id = ? AND author = ? \
                 AND NOT EXISTS (SELECT 1 FROM audit_log WHERE target = comment.uuid AND action = 'erase')";
    Ok(sql.exec(query, &[comment.get().into(), author.into()]).map(drop)?)
}

/// Returns true if a moderator has declared an author to be trusted.
pub(crate) fn is_declared(sql: &impl Sql, author: Option<&str>) -> Result<bool, LedgerError> {
    let Some(author) = author else { return Ok(false) };
    Ok(!sql.exec("SELECT 1 FROM trusted_author WHERE author = ?", &[author.into()])?.is_empty())
}

/// Declares an author to be trusted, or takes that back. Must run in a transaction.
pub(crate) fn set_declared(sql: &impl Sql, author: Option<&str>, declared: bool) -> Result<(), LedgerError> {
    let Some(author) = author else { return Ok(()) };
    let query = if declared {
        "INSERT OR IGNORE INTO trusted_author (author) VALUES (?)"
    } else {
        "DELETE FROM trusted_author WHERE author = ?"
    };
    Ok(sql.exec(query, &[author.into()]).map(drop)?)
}

/// Treats an author as unknown again: where the first comment of an author waits, so does their next one.
pub(crate) fn revoke_trust(sql: &impl Sql, author: Option<&str>) -> Result<(), LedgerError> {
    let Some(author) = author else { return Ok(()) };
    let query = "UPDATE comment SET first_approved = 0 WHERE author = ? AND first_approved = 1";
    Ok(sql.exec(query, &[author.into()]).map(drop)?)
}
