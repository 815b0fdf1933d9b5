//! Databases: SQLite files, and SQL text.

use std::collections::HashMap;

use super::Kind;
use crate::containers::sql::table_columns;
use crate::containers::sqlite;
use crate::format::Format;

/// Beginning of the journal of a SQLite database (SQLite's file format, section 4.1), without the bit of the byte order.
const WAL_MAGIC: u32 = 0x377f_0682;
const WAL: &str = "this is the journal of a SQLite database. Give the database itself together with it: the file with the same name without -wal";
const WORDPRESS: &str = "this is a dump of WordPress's database. Take the export instead: Tools, Export, All content";

/// The kind of a binary file.
pub(super) fn kind(head: &[u8]) -> Option<Kind> {
    if let Some(magic) = head.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
        && magic & !1 == WAL_MAGIC
    {
        return Some(Kind::Advice(WAL));
    }
    // The definitions of tables are stored as text.
    head.starts_with(sqlite::MAGIC).then(|| {
        let tables = sqlite::table_columns(head);
        format_of(&if tables.is_empty() { definitions(head) } else { tables }).unwrap_or(Kind::Unknown)
    })
}

/// The kind of SQL text.
pub(super) fn text_kind(text: &str) -> Option<Kind> {
    let upper = text.get(..text.len().min(4096)).unwrap_or(text).to_ascii_uppercase();
    let is_sql = ["CREATE TABLE", "INSERT INTO", "PRAGMA ", "COPY "].iter().any(|word| upper.contains(word));
    if !is_sql {
        return None;
    }
    format_of(&table_columns(text.as_bytes()))
}

/// The tables whose definitions stand in the beginning of a damaged SQLite file.
fn definitions(head: &[u8]) -> HashMap<String, Vec<String>> {
    let text = String::from_utf8_lossy(head);
    let mut tables = HashMap::new();
    for (at, _) in text.match_indices("CREATE TABLE") {
        let definition = &text[at..];
        let end = definition.find('\0').unwrap_or(definition.len()).min(definition.len());
        tables.extend(table_columns(&definition.as_bytes()[..end]));
    }
    tables
}

fn format_of(tables: &HashMap<String, Vec<String>>) -> Option<Kind> {
    let lower: HashMap<String, Vec<String>> = tables
        .iter()
        .map(|(name, columns)| (name.to_lowercase(), columns.iter().map(|column| column.to_lowercase()).collect()))
        .collect();
    if lower
        .keys()
        .any(|name| name.ends_with("_comments") && lower.contains_key(&name.replace("_comments", "_commentmeta")))
    {
        return Some(Kind::Advice(WORDPRESS));
    }
    let columns = lower.get("comments").or_else(|| lower.get("comment"))?;
    let has = |name: &str| columns.iter().any(|column| column == name);
    let format = if has("tid") && has("mode") {
        Format::IssoDatabase
    } else if has("by_nickname") {
        Format::Cusdis
    } else if has("post_slug") || has("body_md") {
        Format::Garrul
    } else if has("post_id") && has("html") {
        Format::Ghost
    } else if columns.is_empty() && lower.contains_key("threads") {
        // Rows without names of columns.
        Format::IssoDatabase
    } else {
        return None;
    };
    Some(Kind::Of(format))
}
