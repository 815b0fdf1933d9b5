//! Stored votes.

use crate::error::LedgerError;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// The vote of an author, by their keyed hash, on a comment.
pub(crate) fn find_vote(sql: &impl Sql, comment: i64, author: &str) -> Result<Option<i64>, LedgerError> {
    let query = "SELECT vote FROM vote WHERE comment = ? AND author = ?";
    Row::first(sql.exec(query, &[comment.into(), author.into()])?).map(|mut row| row.integer("vote.vote")).transpose()
}

/// Number of votes on a comment.
pub(crate) fn count_votes(sql: &impl Sql, comment: i64) -> Result<i64, LedgerError> {
    Row::only(sql.exec("SELECT count(*) FROM vote WHERE comment = ?", &[comment.into()])?).integer("count of votes")
}
