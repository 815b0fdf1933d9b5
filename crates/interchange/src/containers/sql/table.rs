//! `CREATE TABLE` statements.

use super::expression::expression;
use super::tokens::{Token, Tokens};
use crate::containers::bytes::Bytes;
use crate::containers::sql::Dialect;
use crate::problem::ReadError;
use serde_json::Value;

/// More columns than any table has.
const MAX_COLUMNS: usize = 2_000;
/// Words that begin a constraint of the table, and no column.
const CONSTRAINTS: [&str; 11] =
    ["constraint", "primary", "unique", "check", "foreign", "key", "index", "fulltext", "spatial", "exclude", "like"];

/// A table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TableDefinition {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    /// True if SQLite stores it by its primary key.
    pub(crate) without_rowid: bool,
}

/// A column of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// The first word of its type, in lower case.
    pub(crate) kind: String,
    pub(crate) is_primary_key: bool,
    /// True if it is computed when it is read.
    pub(crate) is_virtual: bool,
    /// The default, if it is a literal.
    pub(crate) default: Value,
}

impl TableDefinition {
    /// Reads the text of a statement.
    pub(crate) fn parse(sql: &str) -> Option<Self> {
        let mut bytes = sql.as_bytes();
        let mut tokens = Tokens::new(Bytes::new(&mut bytes), "", Dialect::Standard);
        let is_create = tokens.take_word("create").ok()?;
        if is_create { parse_create_table(&mut tokens).ok()? } else { None }
    }

    /// Names of the columns of which rows have values.
    pub(crate) fn column_names(&self) -> Vec<String> {
        self.columns.iter().filter(|column| !column.is_virtual).map(|column| column.name.clone()).collect()
    }

    /// Marks a column as the primary key.
    fn set_primary_key(&mut self, names: &[String]) {
        if let [name] = names
            && let Some(column) = self.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(name))
        {
            column.is_primary_key = true;
        }
    }
}

/// Reads from behind `CREATE` to before the semicolon; none if it creates something else than a table with columns.
pub(crate) fn parse_create_table(tokens: &mut Tokens<'_>) -> Result<Option<TableDefinition>, ReadError> {
    for modifier in ["temp", "temporary", "unlogged", "global", "local"] {
        tokens.take_word(modifier)?;
    }
    if !tokens.take_word("table")? {
        return Ok(None);
    }
    for word in ["if", "not", "exists"] {
        tokens.take_word(word)?;
    }
    let Some(name) = tokens.take_name()? else { return Ok(None) };
    let mut definition = TableDefinition { name, ..TableDefinition::default() };
    if !tokens.take_symbol(b'(')? {
        return Ok(None);
    }
    while definition.columns.len() < MAX_COLUMNS && item(tokens, &mut definition)? {}
    options(tokens, &mut definition)?;
    Ok(Some(definition))
}

/// A column or a constraint with the comma or bracket after it; false at the last one.
fn item(tokens: &mut Tokens<'_>, definition: &mut TableDefinition) -> Result<bool, ReadError> {
    let is_constraint = tokens.peek()?.is_some_and(|token| CONSTRAINTS.iter().any(|word| token.is_word(word)));
    if is_constraint {
        return constraint(tokens, definition);
    }
    let Some(name) = tokens.take_name()? else { return skip_item(tokens) };
    let mut column = Column { name, ..Column::default() };
    if let Some(Token::Word(kind)) = tokens.peek()? {
        column.kind = kind.to_ascii_lowercase();
    }
    let more = column_rest(tokens, &mut column)?;
    definition.columns.push(column);
    Ok(more)
}

fn column_rest(tokens: &mut Tokens<'_>, column: &mut Column) -> Result<bool, ReadError> {
    let mut open = 0_u64;
    let mut is_generated = false;
    while let Some(token) = tokens.next()? {
        match token {
            Token::Symbol(b'(') => open += 1,
            Token::Symbol(b')') if open == 0 => {
                column.is_virtual &= is_generated;
                return Ok(false);
            }
            Token::Symbol(b')') => open -= 1,
            Token::Symbol(b',') if open == 0 => {
                column.is_virtual &= is_generated;
                return Ok(true);
            }
            Token::Word(word) if open == 0 => match word.to_ascii_lowercase().as_str() {
                "primary" => column.is_primary_key = true,
                "default" => column.default = expression(tokens)?.unwrap_or_default(),
                "as" => {
                    is_generated = true;
                    column.is_virtual = true;
                }
                "stored" => column.is_virtual = false,
                _ => {}
            },
            _ => {}
        }
    }
    Err(tokens.ends_early())
}

fn constraint(tokens: &mut Tokens<'_>, definition: &mut TableDefinition) -> Result<bool, ReadError> {
    if tokens.take_word("constraint")? {
        tokens.take_name()?;
    }
    if !tokens.take_word("primary")? {
        return skip_item(tokens);
    }
    tokens.take_word("key")?;
    let mut names = Vec::new();
    if tokens.take_symbol(b'(')? {
        while let Some(name) = tokens.take_name()? {
            names.push(name);
            for order in ["asc", "desc", "autoincrement"] {
                tokens.take_word(order)?;
            }
            if !tokens.take_symbol(b',')? {
                break;
            }
        }
        tokens.take_symbol(b')')?;
    }
    definition.set_primary_key(&names);
    skip_item(tokens)
}

/// Skips to behind the next comma, or the bracket that ends the list; false at the latter.
fn skip_item(tokens: &mut Tokens<'_>) -> Result<bool, ReadError> {
    column_rest(tokens, &mut Column::default())
}

fn options(tokens: &mut Tokens<'_>, definition: &mut TableDefinition) -> Result<(), ReadError> {
    while tokens.peek()?.is_some_and(|token| *token != Token::Symbol(b';')) {
        if tokens.take_word("without")? {
            definition.without_rowid |= tokens.take_word("rowid")?;
        } else {
            tokens.next()?;
        }
    }
    Ok(())
}
