//! The store on a local SQLite database.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use crate::error::LedgerError;
use crate::store::sql::Sql;
use crate::store::sql::SqlError;
use crate::store::sql::Value;

/// A ledger's store in a SQLite database; for tests and tools.
#[derive(Debug)]
pub struct RusqliteSql(pub Connection);

impl Sql for RusqliteSql {
    fn exec(&self, query: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, SqlError> {
        let mut statement = self.0.prepare_cached(query).map_err(sql_error)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(params)).map_err(sql_error)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(sql_error)? {
            let read = (0..columns).map(|column| value(row.get_ref(column).map_err(sql_error)?));
            found.push(read.collect::<Result<_, _>>()?);
        }
        Ok(found)
    }

    fn transaction(&self, turn: &mut dyn FnMut() -> Result<(), LedgerError>) -> Result<(), LedgerError> {
        // Rolls back when dropped, so also where the turn panics. Nesting is refused by SQLite itself.
        let transaction = self.0.unchecked_transaction().map_err(sql_error)?;
        turn()?;
        Ok(transaction.commit().map_err(sql_error)?)
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

fn value(value: ValueRef<'_>) -> Result<Value, SqlError> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(integer) => Ok(Value::Integer(integer)),
        ValueRef::Text(text) => {
            String::from_utf8(text.to_vec()).map(Value::Text).map_err(|error| SqlError(error.to_string()))
        }
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(SqlError("a column is neither an integer nor a text".to_owned())),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` asks for")]
fn sql_error(error: rusqlite::Error) -> SqlError {
    SqlError(error.to_string())
}
