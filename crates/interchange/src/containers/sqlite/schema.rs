//! Tables of a database.

use super::pages::Pages;
use super::record::{self, Encoding};
use super::tree;
use crate::containers::sql::TableDefinition;
use crate::fields::Row;
use crate::problem::ReadError;
use serde_json::Value;

/// The page where the tree of the schema begins.
const SCHEMA_ROOT: u32 = 1;

/// A table, and the page where its tree begins.
pub(super) struct Table {
    pub(super) definition: TableDefinition,
    pub(super) root: u32,
}

/// Reads the tables of the schema. Others, such as virtual ones, have no rows to read.
pub(super) fn read(pages: &mut Pages<'_>, encoding: Encoding) -> Result<Vec<Table>, ReadError> {
    let mut tables = Vec::new();
    collect(pages, encoding, &mut tables)?;
    Ok(tables)
}

/// The same for the beginning of a database: pages that are not there are left out.
pub(super) fn read_sample(pages: &mut Pages<'_>, encoding: Encoding) -> Vec<Table> {
    let mut tables = Vec::new();
    // An error only says that the schema goes on behind the sample.
    let _goes_on: Result<(), ReadError> = collect(pages, encoding, &mut tables);
    tables
}

fn collect(pages: &mut Pages<'_>, encoding: Encoding, tables: &mut Vec<Table>) -> Result<(), ReadError> {
    tree::walk(pages, SCHEMA_ROOT, &mut |_, payload| {
        if let Ok(values) = record::decode(payload, encoding)
            && let [Value::String(kind), Value::String(name), _, root, Value::String(sql)] = &values[..]
            && kind == "table"
            && let Some(root) = root.as_u64().and_then(|root| u32::try_from(root).ok())
            && let Some(definition) = TableDefinition::parse(sql)
        {
            tables.push(Table { definition: TableDefinition { name: name.clone(), ..definition }, root });
        }
        Ok(())
    })
}

impl Table {
    /// A row by the names of its columns. Columns that came after the row have their default.
    pub(super) fn row(&self, row_id: i64, values: Vec<Value>) -> Row {
        let mut values = values.into_iter();
        let stored = self.definition.columns.iter().filter(|column| !column.is_virtual);
        let named = stored.map(|column| {
            let value = match values.next() {
                Some(Value::Null) if column.is_primary_key && column.kind == "integer" => Value::Number(row_id.into()),
                Some(value) => value,
                None => column.default.clone(),
            };
            (column.name.clone(), value)
        });
        named.collect()
    }
}
