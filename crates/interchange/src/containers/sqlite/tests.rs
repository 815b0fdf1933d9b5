use super::Database;
use crate::containers::sql::RowVisitor;
use crate::fields::Fields;
use crate::input::ReadSeek;
use crate::problem::{Position, ProblemKind, ReadError};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;
use std::io::Cursor;
use std::path::Path;

#[derive(Default)]
struct Rows(Vec<Value>);

impl RowVisitor for Rows {
    fn row(&mut self, _: &str, fields: Fields<'_>, _: Position) -> Result<(), ReadError> {
        self.0.push(Value::Object(fields.0.clone()));
        Ok(())
    }

    fn fault(&mut self, _: &str, _: Position, _: ProblemKind) -> Result<(), ReadError> {
        self.0.push(Value::Null);
        Ok(())
    }
}

fn rows(database: &[u8], wal: Option<&[u8]>, table: &str) -> Result<Vec<Value>, ReadError> {
    let mut input = Cursor::new(database);
    let mut wal = wal.map(Cursor::new);
    let mut rows = Rows::default();
    let mut database = Database::open("c.db", &mut input, wal.as_mut().map(|wal| wal as &mut dyn ReadSeek))?;
    database.read_rows(table, &mut rows)?;
    Ok(rows.0)
}

/// The bytes of a database that a statement makes, and of its log if `keep_wal`.
fn make(sql: &str, keep_wal: bool) -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("c.db");
    let connection = Connection::open(&path).expect("a database");
    connection.execute_batch(sql).expect("the statements are right");
    let wal = if keep_wal { read(&folder.path().join("c.db-wal")) } else { Vec::new() };
    (read(&path), wal)
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("a file")
}

const KINDS: &str = "CREATE TABLE t(id INTEGER PRIMARY KEY, n, s TEXT);
    INSERT INTO t VALUES (5, 0, 'zero'), (-7, 1, 'é😀'), (9, -1, ''), (10, 128, NULL), (11, 70000, X'00'), (12, 5000000000, 'x'), (13, -9e18, 'y'), (14, 1.5, 'z');
    INSERT INTO t VALUES (15, 9223372036854775807, 'max'), (16, 20000, 's'), (17, 10000000, 'm');";

fn expected_kinds() -> Vec<Value> {
    vec![
        json!({"id": -7, "n": 1, "s": "é😀"}),
        json!({"id": 5, "n": 0, "s": "zero"}),
        json!({"id": 9, "n": -1, "s": ""}),
        json!({"id": 10, "n": 128, "s": null}),
        json!({"id": 11, "n": 70000, "s": null}),
        json!({"id": 12, "n": 5_000_000_000_i64, "s": "x"}),
        json!({"id": 13, "n": -9e18, "s": "y"}),
        json!({"id": 14, "n": 1.5, "s": "z"}),
        json!({"id": 15, "n": i64::MAX, "s": "max"}),
        json!({"id": 16, "n": 20000, "s": "s"}),
        json!({"id": 17, "n": 10_000_000, "s": "m"}),
    ]
}

#[test]
fn values_of_all_kinds_and_encodings_are_read() {
    for setup in [
        "",
        "PRAGMA encoding = 'UTF-16le';",
        "PRAGMA encoding = 'UTF-16be';",
        "PRAGMA page_size = 512;",
        "PRAGMA page_size = 65536;",
    ] {
        let (database, _) = make(&format!("{setup}{KINDS}"), false);
        assert_eq!(rows(&database, None, "t").expect("a whole database"), expected_kinds(), "{setup}");
    }
}

#[test]
fn deep_trees_and_overflow_pages_are_read() {
    let sql = "PRAGMA page_size = 512; CREATE TABLE pad(x); CREATE TABLE t(id INTEGER PRIMARY KEY, s TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
        INSERT INTO t SELECT i, printf('%.*c', (i * 7919) % 4000, 'x') || i FROM n;";
    let (database, _) = make(sql, false);
    let rows = rows(&database, None, "T").expect("a whole database");
    assert_eq!(rows.len(), 3000);
    for (row, id) in rows.iter().zip(1_usize..) {
        let text = format!("{}{id}", "x".repeat((id * 7919) % 4000));
        // `printf` writes one character at least.
        let text = if (id * 7919) % 4000 == 0 { format!("x{id}") } else { text };
        assert_eq!(row, &json!({"id": id, "s": text}));
    }
}

#[test]
fn columns_follow_the_schema() {
    let sql = "CREATE TABLE t(a, id integer, PRIMARY KEY(id)); INSERT INTO t VALUES ('old', 3);
        ALTER TABLE t ADD COLUMN b DEFAULT 'it''s'; ALTER TABLE t ADD COLUMN c INT NOT NULL DEFAULT -4; ALTER TABLE t RENAME COLUMN a TO z;
        INSERT INTO t VALUES ('new', 4, 'x', 5);
        CREATE TABLE g(a, d AS (a || '!') VIRTUAL, e AS (a || '?') STORED, f); INSERT INTO g(a, f) VALUES ('q', 1);
        CREATE TABLE w(a PRIMARY KEY) WITHOUT ROWID; CREATE VIEW v AS SELECT 1;";
    let (database, _) = make(sql, false);
    let expected = [json!({"z": "old", "id": 3, "b": "it's", "c": -4}), json!({"z": "new", "id": 4, "b": "x", "c": 5})];
    assert_eq!(rows(&database, None, "t").expect("a whole database"), expected);
    assert_eq!(rows(&database, None, "g").expect("a whole database"), [json!({"a": "q", "e": "q?", "f": 1})]);
    assert!(matches!(rows(&database, None, "w"), Err(ReadError::NoComments { .. })));
    assert_eq!(rows(&database, None, "missing").expect("a whole database"), [Value::Null; 0]);
}

#[test]
fn committed_transactions_of_the_log_count() {
    let sql = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t(id INTEGER PRIMARY KEY, s);
        INSERT INTO t VALUES (1, 'one'); INSERT INTO t VALUES (2, 'two'); UPDATE t SET s = 'ONE' WHERE id = 1;";
    let (database, wal) = make(sql, true);
    let whole = [json!({"id": 1, "s": "ONE"}), json!({"id": 2, "s": "two"})];
    assert_eq!(rows(&database, Some(&wal), "t").expect("both files"), whole);
    // The last transaction is cut, or damaged: the ones before it count.
    let before = [json!({"id": 1, "s": "one"}), json!({"id": 2, "s": "two"})];
    assert_eq!(rows(&database, Some(&wal[..wal.len() - 1]), "t").expect("both files"), before);
    let mut damaged = wal.clone();
    *damaged.last_mut().expect("not empty") ^= 1;
    assert_eq!(rows(&database, Some(&damaged), "t").expect("both files"), before);
    assert_eq!(rows(&database, Some(b"no log"), "t").expect("the database"), [Value::Null; 0]);
}

#[test]
fn damaged_databases_end_with_an_error_or_rows() {
    let (database, _) = make(
        &format!("PRAGMA page_size = 512; {KINDS} INSERT INTO t SELECT id + 100, n, printf('%.*c', 900, 'x') FROM t;"),
        false,
    );
    for end in 0..database.len() {
        assert!(rows(&database[..end], None, "t").is_err(), "{end}");
    }
    for at in 0..database.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = database.clone();
            damaged[at] ^= flip;
            let _may_be_read = rows(&damaged, None, "t");
        }
    }
}

#[test]
fn a_cycle_of_pages_is_an_error() {
    let sql = "PRAGMA page_size = 512; CREATE TABLE t(s); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) INSERT INTO t SELECT i FROM n;";
    let (mut database, _) = make(sql, false);
    // The root of the table is page 2; its rightmost child becomes itself.
    assert_eq!(database[512], 5);
    database[512 + 8..512 + 12].copy_from_slice(&2_u32.to_be_bytes());
    assert!(matches!(rows(&database, None, "t"), Err(ReadError::Malformed { .. })));
}
