//! Stored reactions.

use crate::error::LedgerError;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// The reaction of an author, by their keyed hash, to the post of a thread.
pub(crate) fn find_reaction(sql: &impl Sql, thread: i64, author: &str) -> Result<Option<String>, LedgerError> {
    let query = "SELECT reaction FROM reaction WHERE thread = ? AND author = ?";
    let rows = sql.exec(query, &[thread.into(), author.into()])?;
    Row::first(rows).map(|mut row| row.text("reaction.reaction")).transpose()
}

/// Stores a reaction, in place of the author's former one.
pub(crate) fn put_reaction(sql: &impl Sql, thread: i64, author: &str, reaction: &str) -> Result<(), LedgerError> {
    let query = "INSERT INTO reaction (thread, author, reaction) VALUES (?, ?, ?) \
                 ON CONFLICT (thread, author) DO UPDATE SET reaction = excluded.reaction";
    Ok(sql.exec(query, &[thread.into(), author.into(), reaction.into()]).map(drop)?)
}

/// Deletes the reaction of an author.
pub(crate) fn delete_reaction(sql: &impl Sql, thread: i64, author: &str) -> Result<(), LedgerError> {
    let query = "DELETE FROM reaction WHERE thread = ? AND author = ?";
    Ok(sql.exec(query, &[thread.into(), author.into()]).map(drop)?)
}

/// Number of each reaction to the post of a thread.
pub(crate) fn count_reactions(sql: &impl Sql, thread: i64) -> Result<Vec<(String, u32)>, LedgerError> {
    let query = "SELECT reaction, count(*) FROM reaction WHERE thread = ? GROUP BY reaction ORDER BY reaction";
    let read = |columns| {
        let mut row = Row::new(columns);
        Ok((row.text("reaction.reaction")?, row.count("count of reactions")?))
    };
    sql.exec(query, &[thread.into()])?.into_iter().map(read).collect()
}
