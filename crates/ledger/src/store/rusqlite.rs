//! The database interface over a local SQLite database.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use crate::error::SqlError;
use crate::store::sql::{Sql, Value};

/// A local SQLite database for a ledger; for tests and tools.
#[derive(Debug)]
pub struct RusqliteSql(pub Connection);

impl Sql for RusqliteSql {
    fn exec(&self, query: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, SqlError> {
        Value::check_storable(query, params)?;
        let mut statement = self.0.prepare_cached(query).map_err(sql_error)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(params)).map_err(sql_error)?;
        let mut values = Vec::new();
        while let Some(row) = rows.next().map_err(sql_error)? {
            let row = (0..columns).map(|column| to_value(row.get_ref(column).map_err(sql_error)?));
            values.push(row.collect::<Result<_, _>>()?);
        }
        Ok(values)
    }

    fn transaction<T, E: From<SqlError>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        // Rolls back when dropped, so also if `body` panics. SQLite itself refuses a nested transaction.
        let transaction = self.0.unchecked_transaction().map_err(sql_error)?;
        let result = body()?;
        transaction.commit().map_err(sql_error)?;
        Ok(result)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(integer) => ValueRef::Integer(*integer),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

fn to_value(value: ValueRef<'_>) -> Result<Value, SqlError> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(integer) => Ok(Value::Integer(integer)),
        ValueRef::Text(text) => {
            String::from_utf8(text.to_vec()).map(Value::Text).map_err(|error| SqlError(error.to_string()))
        }
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(SqlError("a column is neither an integer nor a text".to_owned())),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` asks for this signature")]
fn sql_error(error: rusqlite::Error) -> SqlError {
    SqlError(error.to_string())
}
