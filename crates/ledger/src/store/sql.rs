//! The interface between the ledger and its database.

use crate::error::SqlError;

/// Largest integer that a JavaScript number represents exactly, as do all smaller ones: 2^53 - 1. A Durable Object passes integers through
/// such a number.
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// A value bound to a statement or read from a row. The ledger uses no floats and no blobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// SQL `NULL`.
    Null,
    /// An integer. Only those within ±(2^53 - 1) are stored; see [`Value::check_storable`].
    Integer(i64),
    /// A text.
    Text(String),
}

impl Value {
    /// Refuses a statement that could store an integer which a Durable Object could not read again. Every [`Sql::exec`] calls this first. A
    /// query only compares its parameters, so in a query any integer is allowed.
    ///
    /// # Errors
    ///
    /// [`SqlError`] for an integer beyond ±(2^53 - 1).
    pub fn check_storable(statement: &str, params: &[Self]) -> Result<(), SqlError> {
        let is_storable = |param: &Self| !matches!(param, Self::Integer(number) if number.unsigned_abs() > MAX_INTEGER.unsigned_abs());
        if statement.starts_with("SELECT") || params.iter().all(is_storable) {
            Ok(())
        } else {
            Err(SqlError("an integer exceeds 2^53 - 1".to_owned()))
        }
    }
}

/// A synchronous SQLite database with one writer, such as the storage of a Durable Object.
pub trait Sql {
    /// Runs one statement to its end and returns its rows. Each row has its columns in the order of the statement.
    ///
    /// The ledger passes exactly one statement and at most 100 parameters, and never begins or ends a transaction this way.
    ///
    /// # Errors
    ///
    /// That of [`Value::check_storable`], or of the database. The statement has then changed nothing.
    fn exec(&self, query: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, SqlError>;

    /// Runs `body` in a transaction: commits if it returns `Ok`, rolls back if it returns `Err`.
    ///
    /// The ledger never nests transactions. On a Durable Object this is `transactionSync`.
    ///
    /// # Errors
    ///
    /// The error of `body`, or that of the database.
    fn transaction<T, E: From<SqlError>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E>;
}

impl<S: Sql> Sql for &S {
    fn exec(&self, query: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, SqlError> {
        (**self).exec(query, params)
    }

    fn transaction<T, E: From<SqlError>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
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
