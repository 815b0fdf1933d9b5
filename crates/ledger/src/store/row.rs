//! Reader of rows that checks the type of every column.

use afterword_model::Status;

use crate::error::LedgerError;
use crate::store::sql::Value;

/// A row that is read from its first column to its last.
pub(crate) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(crate) fn new(columns: Vec<Value>) -> Self {
        Self(columns.into_iter())
    }

    /// The first of these rows, if there is one.
    pub(crate) fn first(rows: Vec<Vec<Value>>) -> Option<Self> {
        rows.into_iter().next().map(Self::new)
    }

    /// The first row of a query that always returns one, such as an aggregate. Without a row every read fails.
    pub(crate) fn only(rows: Vec<Vec<Value>>) -> Self {
        Self::new(rows.into_iter().next().unwrap_or_default())
    }

    pub(crate) fn integer(&mut self, column: &'static str) -> Result<i64, LedgerError> {
        self.optional_integer(column)?.ok_or(LedgerError::Corrupt(column))
    }

    pub(crate) fn optional_integer(&mut self, column: &'static str) -> Result<Option<i64>, LedgerError> {
        match self.0.next() {
            Some(Value::Integer(integer)) => Ok(Some(integer)),
            Some(Value::Null) => Ok(None),
            _ => Err(LedgerError::Corrupt(column)),
        }
    }

    /// An integer within the range of `u32`.
    pub(crate) fn count(&mut self, column: &'static str) -> Result<u32, LedgerError> {
        u32::try_from(self.integer(column)?).map_err(|_| LedgerError::Corrupt(column))
    }

    /// An integer within the range of `u32`, or `NULL`.
    pub(crate) fn optional_count(&mut self, column: &'static str) -> Result<Option<u32>, LedgerError> {
        let number = self.optional_integer(column)?;
        number.map(|number| u32::try_from(number).map_err(|_| LedgerError::Corrupt(column))).transpose()
    }

    pub(crate) fn boolean(&mut self, column: &'static str) -> Result<bool, LedgerError> {
        Ok(self.integer(column)? != 0)
    }

    /// The status of a comment; see `comment_row`.
    pub(crate) fn status(&mut self, column: &'static str) -> Result<Status, LedgerError> {
        Ok(if self.integer(column)? == 1 { Status::Published } else { Status::Pending })
    }

    pub(crate) fn text(&mut self, column: &'static str) -> Result<String, LedgerError> {
        self.optional_text(column)?.ok_or(LedgerError::Corrupt(column))
    }

    pub(crate) fn optional_text(&mut self, column: &'static str) -> Result<Option<String>, LedgerError> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(LedgerError::Corrupt(column)),
        }
    }
}

/// Parses a comma-separated list that was stored as one text.
pub(crate) fn parse_list<T, L: FromIterator<T>>(
    text: &str,
    column: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<L, LedgerError> {
    let items = text.split(',').filter(|_| !text.is_empty());
    items.map(|item| parse(item).ok_or(LedgerError::Corrupt(column))).collect()
}
