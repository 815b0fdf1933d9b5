//! Rows of tables in SQL text, as the dumps of SQLite, MySQL and PostgreSQL write it.

mod copy;
mod expression;
mod insert;
mod table;
mod tokens;

pub(crate) use table::TableDefinition;

use table::parse_create_table;

use crate::containers::bytes::Bytes;
use crate::fields::{Fields, Row};
use crate::problem::{Position, ProblemKind, ReadError};
use std::collections::HashMap;
use std::io::Read;
use tokens::{Dialect, Token, Tokens};

/// Receiver of the rows of tables.
pub(crate) trait RowVisitor {
    /// A row of a table.
    fn row(&mut self, table: &str, fields: Fields<'_>, position: Position) -> Result<(), ReadError>;

    /// A row that cannot be read.
    fn fault(&mut self, table: &str, position: Position, kind: ProblemKind) -> Result<(), ReadError>;
}

/// Reads the rows of some tables. Columns without a name are named by `CREATE TABLE`. `head` is the beginning of the text, in which its dialect
/// shows.
///
/// # Errors
///
/// If the text ends inside a statement or a transaction, or cannot be read.
pub(crate) fn read_rows(
    input: &mut dyn Read,
    file: &str,
    head: &[u8],
    tables: &[&str],
    visitor: &mut dyn RowVisitor,
) -> Result<(), ReadError> {
    let tokens = Tokens::new(Bytes::new(input), file, Dialect::of_sample(head));
    Statements { tokens, tables, columns: HashMap::new(), in_transaction: false }.run(visitor)
}

/// Columns of the tables that the beginning of a dump creates or fills. Names of tables are without their schema.
pub(crate) fn table_columns(head: &[u8]) -> HashMap<String, Vec<String>> {
    let mut columns = HashMap::new();
    let mut bytes = head;
    let mut tokens = Tokens::new(Bytes::new(&mut bytes), "", Dialect::of_sample(head));
    while let Ok(Some(token)) = tokens.next() {
        if token.is_word("CREATE")
            && let Ok(Some(definition)) = parse_create_table(&mut tokens)
        {
            columns.insert(definition.name.clone(), definition.column_names());
        } else if (token.is_word("INSERT") || token.is_word("REPLACE"))
            && let Ok(Some(target)) = insert::target(&mut tokens)
        {
            columns.entry(target.table).or_insert(target.columns);
        } else if token.is_word("COPY")
            && let Ok(Some(target)) = insert::named_columns(&mut tokens)
        {
            columns.entry(target.table).or_insert(target.columns);
            if tokens.skip_to_end_of_copy().unwrap_or(false) {
                while tokens.line_text().is_ok_and(|line| line.is_some_and(|line| line != "\\.")) {}
            }
        }
    }
    columns
}

struct Statements<'a, 't> {
    tokens: Tokens<'a>,
    tables: &'t [&'t str],
    columns: HashMap<String, Vec<String>>,
    in_transaction: bool,
}

impl Statements<'_, '_> {
    fn run(mut self, visitor: &mut dyn RowVisitor) -> Result<(), ReadError> {
        while let Some(token) = self.tokens.next()? {
            if token.is_word("CREATE") {
                if let Some(definition) = parse_create_table(&mut self.tokens)? {
                    self.columns.insert(definition.name.clone(), definition.column_names());
                }
            } else if token.is_word("INSERT") || token.is_word("REPLACE") {
                self.insert(visitor)?;
                continue;
            } else if token.is_word("COPY") {
                self.copy(visitor)?;
                continue;
            } else if token.is_word("BEGIN") {
                self.in_transaction = true;
            } else if ["COMMIT", "ROLLBACK", "END"].iter().any(|word| token.is_word(word)) {
                self.in_transaction = false;
            }
            if token != Token::Symbol(b';') {
                self.tokens.skip_statement()?;
            }
        }
        if self.in_transaction {
            Err(self.tokens.malformed("the file ends before the end of its transaction"))
        } else {
            Ok(())
        }
    }

    fn insert(&mut self, visitor: &mut dyn RowVisitor) -> Result<(), ReadError> {
        let Some(target) = insert::target(&mut self.tokens)? else { return self.tokens.skip_statement() };
        if !self.tables.contains(&target.table.as_str()) {
            return self.tokens.skip_statement();
        }
        let columns = self.columns_of(&target);
        insert::rows(&mut self.tokens, &mut |tokens, values| {
            let position = Position::Line(tokens.line());
            match values {
                Ok(values) if !columns.is_empty() => {
                    let row: Row = columns.iter().cloned().zip(values).collect();
                    visitor.row(&target.table, Fields(&row), position)
                }
                Ok(_) => visitor.fault(&target.table, position, ProblemKind::BadField),
                Err(kind) => visitor.fault(&target.table, position, kind),
            }
        })
    }

    fn copy(&mut self, visitor: &mut dyn RowVisitor) -> Result<(), ReadError> {
        let target = insert::named_columns(&mut self.tokens)?;
        let is_from_stdin = self.tokens.skip_to_end_of_copy()?;
        let (Some(target), true) = (target, is_from_stdin) else { return Ok(()) };
        let columns = self.columns_of(&target);
        let is_wanted = self.tables.contains(&target.table.as_str()) && !columns.is_empty();
        copy::rows(&mut self.tokens, &mut |values, position| {
            if !is_wanted {
                return Ok(());
            }
            match values {
                Ok(values) => {
                    visitor.row(&target.table, Fields(&columns.iter().cloned().zip(values).collect()), position)
                }
                Err(kind) => visitor.fault(&target.table, position, kind),
            }
        })
    }

    fn columns_of(&self, target: &insert::Target) -> Vec<String> {
        if target.columns.is_empty() {
            self.columns.get(&target.table).cloned().unwrap_or_default()
        } else {
            target.columns.clone()
        }
    }
}

#[cfg(test)]
mod tests;
