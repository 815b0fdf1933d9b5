//! The interface between the ledger and its database.

use crate::error::{LedgerError, SqlError};

/// A value bound to a statement or read from a row. The ledger uses no floats and no blobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// SQL `NULL`.
    Null,
    /// An integer between -2^53 and 2^53: a Durable Object passes integers through a JavaScript number.
    Integer(i64),
    /// A text.
    Text(String),
}

/// A synchronous SQLite database with one writer, such as the storage of a Durable Object.
pub trait Sql {
    /// Runs one statement to its end and returns its rows. Each row has its columns in the order of the statement.
    ///
    /// The ledger passes exactly one statement and at most 100 parameters, and never begins or ends a transaction this way.
    ///
    /// # Errors
    ///
    /// The error of the database. The statement has then changed nothing.
    fn exec(&self, query: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, SqlError>;

    /// Runs `body` in a transaction: commits if it returns `Ok`, rolls back if it returns `Err`.
    ///
    /// The ledger never nests transactions. On a Durable Object this is `transactionSync`.
    ///
    /// # Errors
    ///
    /// The error of `body`, or that of the database.
    fn transaction(&self, body: &mut dyn FnMut() -> Result<(), LedgerError>) -> Result<(), LedgerError>;
}

impl<S: Sql + ?Sized> Sql for &S {
    fn exec(&self, query: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, SqlError> {
        (**self).exec(query, params)
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<(), LedgerError>) -> Result<(), LedgerError> {
        (**self).transaction(body)
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
    fn from(boolean: bool) -> Self {
        Self::Integer(boolean.into())
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
