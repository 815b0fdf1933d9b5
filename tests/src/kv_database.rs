//! The database that stands for KV on plain workerd; see `packaging/npm/host/kv.js`. SQLite lets other programs use it meanwhile.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

use crate::wait::wait_until;

/// The length of every chunk of a value; the last one is filled up with zeros.
const CHUNK_BYTES: usize = 8_192;

/// An open database.
pub(crate) struct KvDatabase(Connection);

impl KvDatabase {
    /// Opens the database below a state directory. The object makes it when it is used for the first time.
    pub(crate) fn open(state: &Path) -> Self {
        let folder = state.join("kv/afterword-kv");
        let is_object = |name: &str| name.ends_with(".sqlite") && !name.starts_with("metadata.");
        let connection = wait_until("the database of KV", || {
            let entries = std::fs::read_dir(&folder).ok()?.map(|entry| entry.expect("an entry can be read"));
            let name = |path: &std::path::PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
            let file = entries.map(|entry| entry.path()).find(|path| name(path).is_some_and(|name| is_object(&name)));
            Connection::open(file?).ok()
        });
        connection.busy_timeout(Duration::from_secs(10)).expect("a timeout can be set");
        Self(connection)
    }

    pub(crate) fn list(&self, prefix: &str) -> Vec<(String, Value)> {
        let query = "SELECT key, metadata FROM entries WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key";
        let mut statement = self.0.prepare(query).expect("the table exists");
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?));
        let rows = statement.query_map([prefix], row).expect("keys can be read");
        let metadata = |text: Option<String>| {
            text.map_or(Value::Null, |text| serde_json::from_str(&text).expect("metadata is JSON"))
        };
        rows.map(|row| row.expect("a row can be read")).map(|(key, text)| (key, metadata(text))).collect()
    }

    pub(crate) fn get(&self, key: &str) -> Option<String> {
        let query = "SELECT length FROM entries WHERE key = ?";
        let length: i64 = self.0.query_row(query, [key], |row| row.get(0)).optional().expect("an entry can be read")?;
        let query = "SELECT data FROM chunks WHERE key = ? ORDER BY part";
        let mut statement = self.0.prepare(query).expect("the table exists");
        let chunks = statement.query_map([key], |row| row.get::<_, Vec<u8>>(0)).expect("chunks can be read");
        let mut value: Vec<u8> = chunks.flat_map(|chunk| chunk.expect("a chunk can be read")).collect();
        value.truncate(usize::try_from(length).expect("a length is not negative"));
        Some(String::from_utf8(value).expect("a value is text"))
    }

    pub(crate) fn put(&self, key: &str, value: &[u8], metadata: &Value) {
        let run = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| {
            self.0.execute(sql, parameters).expect("the database can be written");
        };
        run("BEGIN IMMEDIATE", &[]);
        run(
            "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, NULL)",
            &[&key, &(value.len() as i64), &metadata.to_string()],
        );
        run("DELETE FROM chunks WHERE key = ?", &[&key]);
        for (part, chunk) in (0_i64..).zip(value.chunks(CHUNK_BYTES)) {
            let mut data = chunk.to_vec();
            data.resize(CHUNK_BYTES, 0);
            run("INSERT INTO chunks VALUES (?, ?, ?)", &[&key, &part, &data]);
        }
        run("COMMIT", &[]);
    }
}
