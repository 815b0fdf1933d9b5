//! `INSERT` statements.

use super::expression::expression;
use super::tokens::{Token, Tokens};
use crate::problem::{ProblemKind, ReadError};
use serde_json::Value;

/// More columns than any table has.
const MAX_COLUMNS: usize = 2_000;

/// The table of a statement, and its columns if they are named.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) table: String,
    pub(super) columns: Vec<String>,
}

/// Reads from behind `INSERT` or `REPLACE` to `VALUES`; none if the statement has no literal rows.
pub(super) fn target(tokens: &mut Tokens<'_>) -> Result<Option<Target>, ReadError> {
    while !tokens.take_word("into")? {
        let is_modifier = tokens.peek()?.is_some_and(|token| {
            ["or", "ignore", "replace", "low_priority", "delayed", "abort", "fail", "rollback"]
                .iter()
                .any(|word| token.is_word(word))
        });
        if !is_modifier {
            return Ok(None);
        }
        tokens.next()?;
    }
    let Some(target) = named_columns(tokens)? else { return Ok(None) };
    if tokens.take_word("overriding")? {
        while !tokens.take_word("value")? {
            if tokens.next()?.is_none() {
                return Err(tokens.ends_early());
            }
        }
    }
    let has_values = tokens.take_word("values")? || tokens.take_word("value")?;
    Ok(has_values.then_some(target))
}

/// The name of a table, and names of columns in brackets if there are.
pub(super) fn named_columns(tokens: &mut Tokens<'_>) -> Result<Option<Target>, ReadError> {
    let Some(table) = tokens.take_name()? else { return Ok(None) };
    let mut columns = Vec::new();
    if tokens.take_symbol(b'(')? {
        while let Some(column) = tokens.take_name()? {
            columns.push(column);
            if !tokens.take_symbol(b',')? || columns.len() >= MAX_COLUMNS {
                break;
            }
        }
        if !tokens.take_symbol(b')')? {
            return Ok(None);
        }
    }
    Ok(Some(Target { table, columns }))
}

/// The values of a row, or its fault.
pub(super) type Values = Result<Vec<Value>, ProblemKind>;

/// Reads rows from behind `VALUES` to the end of the statement.
pub(super) fn rows<'a>(
    tokens: &mut Tokens<'a>,
    each: &mut dyn FnMut(&Tokens<'a>, Values) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    loop {
        // MySQL: VALUES ROW(1, 2).
        tokens.take_word("row")?;
        if !tokens.take_symbol(b'(')? {
            return tokens.skip_statement();
        }
        let values = row(tokens)?;
        each(tokens, values)?;
        if !tokens.take_symbol(b',')? {
            return tokens.skip_statement();
        }
        if tokens.peek()?.is_none() {
            return Err(tokens.ends_early());
        }
    }
}

fn row(tokens: &mut Tokens<'_>) -> Result<Values, ReadError> {
    let depth = tokens.depth();
    let mut values = Vec::new();
    loop {
        match expression(tokens)? {
            Ok(value) if values.len() < MAX_COLUMNS => values.push(value),
            Ok(_) => return skip_row(tokens, depth).map(|()| Err(ProblemKind::TooLarge)),
            Err(kind) => return skip_row(tokens, depth).map(|()| Err(kind)),
        }
        match tokens.next()? {
            Some(Token::Symbol(b',')) => {}
            Some(Token::Symbol(b')')) => return Ok(Ok(values)),
            Some(_) => return skip_row(tokens, depth).map(|()| Err(ProblemKind::BadField)),
            None => return Err(tokens.ends_early()),
        }
    }
}

/// Skips the rest of a row with its bracket, or up to a semicolon. `depth` is the number of brackets open inside the row.
fn skip_row(tokens: &mut Tokens<'_>, depth: i64) -> Result<(), ReadError> {
    while tokens.depth() >= depth {
        if tokens.peek()? == Some(&Token::Symbol(b';')) {
            return Ok(());
        }
        if tokens.next()?.is_none() {
            return Err(tokens.ends_early());
        }
    }
    Ok(())
}
