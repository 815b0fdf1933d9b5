//! Rows of tables in a SQLite database, read page by page without SQLite: no platform offers it in the browser without files.
//!
//! Follows the [file format](https://www.sqlite.org/fileformat2.html). Reads tables with a row id, in all text encodings, with the
//! transactions of a write-ahead log that is given with the file. A page that is damaged ends the reading with an error.

mod pages;
mod record;
mod schema;
mod tree;
mod wal;

use crate::containers::sql::RowVisitor;
use crate::fields::Fields;
use crate::input::ReadSeek;
use crate::problem::{Position, ReadError};
use pages::Pages;
use record::{Encoding, RecordError};
use schema::Table;
use std::collections::HashMap;
use std::io::Cursor;

/// The first bytes of a database.
pub(crate) const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// True if these are the first bytes of a write-ahead log.
pub(crate) fn is_wal(head: &[u8]) -> bool {
    head.starts_with(&[0x37, 0x7f, 0x06, 0x82]) || head.starts_with(&[0x37, 0x7f, 0x06, 0x83])
}

/// A database.
pub(crate) struct Database<'a> {
    pages: Pages<'a>,
    encoding: Encoding,
    tables: Vec<Table>,
}

impl<'a> Database<'a> {
    /// Reads the schema. `wal` is the write-ahead log that lies beside the file.
    ///
    /// # Errors
    ///
    /// If the file is no whole database.
    pub(crate) fn open(
        file: &str,
        input: &'a mut dyn ReadSeek,
        wal: Option<&'a mut dyn ReadSeek>,
    ) -> Result<Self, ReadError> {
        let mut pages = Pages::open(file, input, wal)?;
        let encoding = pages.encoding()?;
        let tables = schema::read(&mut pages, encoding)?;
        Ok(Self { pages, encoding, tables })
    }

    /// True if it has no tables at all, as a database whose content is still in its log.
    pub(crate) fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Reads all rows of a table that is there, in the order of their row ids.
    ///
    /// # Errors
    ///
    /// If the database is damaged, or the table is stored without row ids.
    pub(crate) fn read_rows(&mut self, table: &str, visitor: &mut dyn RowVisitor) -> Result<(), ReadError> {
        let Some(table) = self.tables.iter().find(|t| t.definition.name.eq_ignore_ascii_case(table)) else {
            return Ok(());
        };
        if table.definition.without_rowid {
            let advice = format!(
                "the table {} is stored WITHOUT ROWID, which is not read here; give the output of `sqlite3 FILE .dump` instead",
                table.definition.name
            );
            return Err(ReadError::NoComments { file: self.pages.file().to_owned(), advice });
        }
        let (name, encoding, mut count) = (&table.definition.name, self.encoding, 0);
        tree::walk(&mut self.pages, table.root, &mut |row_id, payload| {
            count += 1;
            let position = Position::Record(count);
            match record::decode(payload, encoding) {
                Ok(values) => visitor.row(name, Fields(&table.row(row_id, values)), position),
                Err(RecordError(kind)) => visitor.fault(name, position, kind),
            }
        })
    }
}

/// Columns of the tables whose definitions are in the beginning of a database.
pub(crate) fn table_columns(head: &[u8]) -> HashMap<String, Vec<String>> {
    let mut input = Cursor::new(head);
    let Ok(mut pages) = Pages::open_sample(&mut input) else { return HashMap::new() };
    let Ok(encoding) = pages.encoding() else { return HashMap::new() };
    let tables = schema::read_sample(&mut pages, encoding);
    tables.into_iter().map(|table| (table.definition.name.clone(), table.definition.column_names())).collect()
}

#[cfg(test)]
mod tests;
