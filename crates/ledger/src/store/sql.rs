//! What the ledger asks of its database.

use crate::error::LedgerError;

/// A value bound to a statement or found in a row. There are no floats and no blobs in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// SQL's `NULL`.
    Null,
    /// An integer between -2^53 and 2^53: a Durable Object's integers pass through a JavaScript number.
    Integer(i64),
    /// A text.
    Text(String),
}

/// What the database said when a statement failed; for the log, not for readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError(pub String);

impl std::fmt::Display for SqlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SqlError {}

/// A synchronous SQLite database with one writer, such as the storage of a Durable Object.
pub trait Sql {
    /// Runs one statement to its end and gives its rows, each with the columns in the order of the statement.
    ///
    /// The ledger passes exactly one statement, at most 100 parameters, and never one that begins or ends a transaction.
    ///
    /// # Errors
    ///
    /// Whatever the database reports; the statement has then changed nothing.
    fn exec(&self, query: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, SqlError>;

    /// Runs a turn in a transaction: all its statements count if it gives `Ok`, none if it gives `Err`.
    ///
    /// The ledger never nests transactions. On a Durable Object this is `transactionSync`.
    ///
    /// # Errors
    ///
    /// The turn's own error, or that of the database.
    fn transaction(&self, turn: &mut dyn FnMut() -> Result<(), LedgerError>) -> Result<(), LedgerError>;
}

impl<S: Sql + ?Sized> Sql for &S {
    fn exec(&self, query: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, SqlError> {
        (**self).exec(query, params)
    }

    fn transaction(&self, turn: &mut dyn FnMut() -> Result<(), LedgerError>) -> Result<(), LedgerError> {
        (**self).transaction(turn)
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<u32> for Value {
    fn from(integer: u32) -> Self {
        Self::Integer(integer.into())
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Integer(truth.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
