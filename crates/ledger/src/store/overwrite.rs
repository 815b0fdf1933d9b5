//! Overwriting of texts before they are deleted.
//!
//! SQLite does not clear what a row leaves in the database file, and a Durable Object cannot make it do so (`PRAGMA secure_delete` is not
//! among those it allows). But a row that is updated to another one of the same size is written over the old one. So a text that is first
//! replaced by blanks of its own length leaves nothing at the row's present place. Copies in places where the row was before it changed its
//! size, and pages on which a long text continues, are not always reached: see THREATS.md.

use crate::error::LedgerError;
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};

/// The columns of a row that must leave no copy where the row was before.
pub(crate) struct TextColumns<'a> {
    /// Those that an update keeps.
    pub(crate) kept: &'a [&'static str],
    /// Those that it assigns.
    pub(crate) assigned: &'a [&'static str],
}

/// Changes the row with this key by `SET` assignments that may change its size, and leaves no copy of its texts in these columns where the
/// row was before. Must run in a transaction.
pub(crate) fn update_without_copy(
    sql: &impl Sql,
    table: &str,
    columns: &TextColumns<'_>,
    (assignments, values): (&str, &[Value]),
    key: (&str, Value),
) -> Result<(), LedgerError> {
    let query = format!("SELECT {} FROM {table} WHERE {} = ?", columns.kept.join(", "), key.0);
    let Some(texts) = sql.exec(&query, std::slice::from_ref(&key.1))?.into_iter().next() else { return Ok(()) };
    overwrite_texts(sql, table, &[columns.kept, columns.assigned].concat(), key.clone())?;
    let restored: Vec<String> = columns.kept.iter().map(|column| format!("{column} = ?")).collect();
    let query = format!("UPDATE {table} SET {assignments}, {} WHERE {} = ?", restored.join(", "), key.0);
    let params: Vec<Value> = values.iter().cloned().chain(texts).chain([key.1]).collect();
    Ok(sql.exec(&query, &params).map(drop)?)
}

/// Overwrites the texts in these columns of the row with this key. The caller then deletes them. Must run in a transaction.
pub(crate) fn overwrite_texts(
    sql: &impl Sql,
    table: &str,
    columns: &[&'static str],
    key: (&str, Value),
) -> Result<(), LedgerError> {
    let (key_column, key) = key;
    let lengths: Vec<String> = columns.iter().map(|column| format!("length(CAST({column} AS BLOB))")).collect();
    let query = format!("SELECT {} FROM {table} WHERE {key_column} = ?", lengths.join(", "));
    let Some(mut row) = Row::first(sql.exec(&query, std::slice::from_ref(&key))?) else { return Ok(()) };
    let mut params = Vec::new();
    for column in columns {
        let length = row.optional_count(column)?;
        params.push(length.map(|length| " ".repeat(length as usize)).into());
    }
    params.push(key);
    let assignments: Vec<String> = columns.iter().map(|column| format!("{column} = ?")).collect();
    let query = format!("UPDATE {table} SET {} WHERE {key_column} = ?", assignments.join(", "));
    Ok(sql.exec(&query, &params).map(drop)?)
}
