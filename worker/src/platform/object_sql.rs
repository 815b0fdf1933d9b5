//! The ledger's `Sql` trait over the SQLite storage of a Durable Object.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;

use afterword_ledger::{Sql, SqlError, Value};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::{SqlStorage, SqlStorageValue, Storage};

#[wasm_bindgen]
extern "C" {
    type TransactionalStorage;

    /// Runs `callback` and commits its writes, or rolls them back if it throws (Cloudflare's documentation, "SQLite-backed
    /// Durable Object Storage": `transactionSync`).
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &TransactionalStorage,
        callback: &mut dyn FnMut() -> Result<JsValue, JsValue>,
    ) -> Result<JsValue, JsValue>;
}

/// The object's database.
pub(crate) struct ObjectSql {
    storage: TransactionalStorage,
    sql: SqlStorage,
}

impl ObjectSql {
    /// The database in this object's storage.
    pub(crate) fn new(storage: &Storage) -> Self {
        let raw: &JsValue = storage.as_raw().as_ref();
        Self { storage: raw.clone().unchecked_into(), sql: storage.sql() }
    }
}

impl Sql for ObjectSql {
    fn exec(&self, query: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, SqlError> {
        Value::check_storable(query, params)?;
        let params: Vec<SqlStorageValue> = params.iter().map(to_storage).collect();
        let cursor = self.sql.exec(query, params).map_err(|error| SqlError(error.to_string()))?;
        cursor
            .raw()
            .map(|row| row.map_err(|error| SqlError(error.to_string()))?.into_iter().map(from_storage).collect())
            .collect()
    }

    fn transaction<T, E: From<SqlError>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        // The result of the body is returned beside the JavaScript exception that rolls the writes back. After a panic in the body, nothing
        // here is used again, so unwinding is safe.
        let inner = AssertUnwindSafe(RefCell::new((Some(body), None)));
        let thrown = self.storage.transaction_sync(&mut || {
            let (body, result) = &mut *inner.borrow_mut();
            *result = body.take().map(|body| body());
            if matches!(result, Some(Ok(_))) { Ok(JsValue::UNDEFINED) } else { Err(JsValue::from_str("rolled back")) }
        });
        let (_, result) = inner.0.into_inner();
        match (result, thrown) {
            (Some(Err(error)), _) => Err(error),
            (Some(result), Ok(_)) => result,
            (_, thrown) => Err(SqlError(format!("the transaction failed: {thrown:?}")).into()),
        }
    }
}

fn to_storage(value: &Value) -> SqlStorageValue {
    match value {
        Value::Null => SqlStorageValue::Null,
        Value::Integer(number) => SqlStorageValue::Integer(*number),
        Value::Text(text) => SqlStorageValue::String(text.clone()),
    }
}

fn from_storage(value: SqlStorageValue) -> Result<Value, SqlError> {
    match value {
        SqlStorageValue::Null => Ok(Value::Null),
        SqlStorageValue::Boolean(value) => Ok(Value::Integer(value.into())),
        SqlStorageValue::Integer(number) => Ok(Value::Integer(number)),
        SqlStorageValue::String(text) => Ok(Value::Text(text)),
        // An integer beyond 2^53, which an earlier version may have stored. The row stays readable.
        #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and the fraction is zero")]
        SqlStorageValue::Float(number) if number.fract() == 0.0 => Ok(Value::Integer(number as i64)),
        // No column of the schema has these types.
        SqlStorageValue::Float(_) | SqlStorageValue::Blob(_) => {
            Err(SqlError("a column has an unexpected type".to_owned()))
        }
    }
}
