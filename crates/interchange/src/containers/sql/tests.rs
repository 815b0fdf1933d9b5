use super::{RowVisitor, TableDefinition, read_rows, table_columns};
use crate::fields::Fields;
use crate::problem::{Position, ProblemKind, ReadError};
use serde_json::{Value, json};

#[derive(Default)]
struct Rows {
    rows: Vec<(String, Value)>,
    faults: Vec<ProblemKind>,
}

impl RowVisitor for Rows {
    fn row(&mut self, table: &str, fields: Fields<'_>, _: Position) -> Result<(), ReadError> {
        self.rows.push((table.to_owned(), Value::Object(fields.0.clone())));
        Ok(())
    }

    fn fault(&mut self, _: &str, _: Position, kind: ProblemKind) -> Result<(), ReadError> {
        self.faults.push(kind);
        Ok(())
    }
}

fn read(sql: &[u8]) -> Result<Rows, ReadError> {
    let mut rows = Rows::default();
    read_rows(&mut &*sql, "dump.sql", sql, &["t", "u"], &mut rows)?;
    Ok(rows)
}

fn check(sql: &str, expected: &[Value]) {
    let rows = read(sql.as_bytes()).expect("a whole dump");
    let values: Vec<Value> = rows.rows.into_iter().map(|(_, row)| row).collect();
    assert_eq!(values, expected, "{sql}");
    assert_eq!(rows.faults, [], "{sql}");
}

#[test]
fn sqlite_dumps_have_rows_by_the_order_of_columns() {
    let sql = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE IF NOT EXISTS \"t\" (a INTEGER PRIMARY KEY, `b` text DEFAULT 'x,(', [c] REAL, CHECK (a > 0));\n\
        INSERT INTO t VALUES(1,'it''s; -- a\nb\\n',-2.5);\nINSERT INTO \"t\" VALUES(2,X'00ff',NULL),(3,unistr('\\u000aA\\\\\\0041\\d83d\\de00'),1e3);\n\
        INSERT INTO t VALUES(4,replace('a\\nb','\\n',char(10)),0);\nCREATE INDEX i ON t(a);\nINSERT INTO other VALUES(1);\nCOMMIT;\n";
    check(
        sql,
        &[
            json!({"a": 1, "b": "it's; -- a\nb\\n", "c": -2.5}),
            json!({"a": 2, "b": null, "c": null}),
            json!({"a": 3, "b": "\nA\\A😀", "c": 1000.0}),
            json!({"a": 4, "b": "a\nb", "c": 0}),
        ],
    );
}

#[test]
fn mysql_dumps_have_backslashes() {
    let sql = "-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\n# note\nCREATE TABLE `t` (\n `a` int NOT NULL AUTO_INCREMENT,\n `b` text,\n PRIMARY KEY (`a`),\n KEY `k` (`b`(10))\n) ENGINE=InnoDB;\n\
        INSERT IGNORE INTO `db`.`t` VALUES (1,'a\\'b\\n\\\\c\\\"'),(2,_utf8mb4 \"it's\"),(3,_binary 'x') ON DUPLICATE KEY UPDATE a=1;\n";
    check(sql, &[json!({"a": 1, "b": "a'b\n\\c\""}), json!({"a": 2, "b": "it's"}), json!({"a": 3, "b": "x"})]);
}

#[test]
fn postgresql_dumps_have_casts_and_copied_lines() {
    let sql = "SET x = 'y';\nCREATE TABLE public.t (\n a integer NOT NULL,\n \"bC\" timestamp without time zone DEFAULT now()\n);\n\
        INSERT INTO public.t (a, \"bC\") VALUES (1, '2021-01-01 00:00:00'::timestamp without time zone), (2, E'a\\nb' || 'c');\n\
        COPY public.t (a, \"bC\") FROM stdin;\n3\tx\\ty\\\\z;'\n4\t\\N\n\\.\n\nCOPY public.secret (a) FROM stdin;\n1\n\\.\nINSERT INTO t VALUES (5, 'last')\n";
    check(
        sql,
        &[
            json!({"a": 1, "bC": "2021-01-01 00:00:00"}),
            json!({"a": 2, "bC": "a\nbc"}),
            json!({"a": "3", "bC": "x\ty\\z;'"}),
            json!({"a": "4", "bC": null}),
            json!({"a": 5, "bC": "last"}),
        ],
    );
}

#[test]
fn a_bad_row_costs_only_itself() {
    let rows = read(b"INSERT INTO t (a) VALUES (1), (?), (f((2)), (,), (3); INSERT INTO u (a) VALUES (4);")
        .expect("a whole dump");
    let values: Vec<Value> = rows.rows.iter().map(|(_, row)| row["a"].clone()).collect();
    assert_eq!(values.first(), Some(&json!(1)));
    assert_eq!(values.last(), Some(&json!(4)));
    assert!(!rows.faults.is_empty());
    assert_eq!(read(b"INSERT INTO t VALUES (1);").expect("whole").faults, [ProblemKind::BadField]);
    let deep = format!("INSERT INTO t (a) VALUES ({}1{}), (2);", "(".repeat(1_000_000), ")".repeat(1_000_000));
    let rows = read(deep.as_bytes()).expect("a whole dump");
    assert_eq!((rows.rows.len(), rows.faults.len()), (1, 1));
}

#[test]
fn a_dump_that_is_cut_is_an_error_or_has_whole_rows() {
    let sql = b"BEGIN TRANSACTION;\nCREATE TABLE t (a, b);\nINSERT INTO t VALUES (1, 'x'), (2, 'y');\nCOPY u (a) FROM stdin;\n1\n\\.\nCOMMIT;\n";
    for end in 0..sql.len() {
        if let Ok(rows) = read(&sql[..end]) {
            assert!(end < 18 || rows.rows.len() == 3, "{end}");
        }
    }
}

#[test]
fn definitions_have_columns_keys_and_defaults() {
    let table = TableDefinition::parse(
        "CREATE TABLE \"a b\"(id integer not null constraint c primary key autoincrement, n text default 'x''y' collate nocase, m int default (-5), \
         g int generated always as (id + 1) virtual, s int as (id) stored, foreign key(n) references o(p) on delete set default) without rowid, strict",
    )
    .expect("a table");
    assert_eq!(table.name, "a b");
    assert!(table.without_rowid);
    let columns: Vec<_> =
        table.columns.iter().map(|c| (c.name.as_str(), c.kind.as_str(), c.is_primary_key, c.is_virtual)).collect();
    let expected = [
        ("id", "integer", true, false),
        ("n", "text", false, false),
        ("m", "int", false, false),
        ("g", "int", false, true),
        ("s", "int", false, false),
    ];
    assert_eq!(columns, expected);
    assert_eq!((&table.columns[1].default, &table.columns[2].default), (&json!("x'y"), &json!(-5)));
    let table = TableDefinition::parse("CREATE TABLE t(id INTEGER, x, PRIMARY KEY (id ASC))").expect("a table");
    assert!(table.columns[0].is_primary_key && !table.columns[1].is_primary_key);
    for bad in
        ["", "CREATE", "CREATE VIEW v AS SELECT 1", "CREATE TABLE", "CREATE TABLE t AS SELECT 1", "CREATE TABLE t(a"]
    {
        assert_eq!(TableDefinition::parse(bad), None, "{bad}");
    }
}

#[test]
fn tables_of_a_sample_are_listed() {
    let columns = table_columns(b"CREATE TABLE t(a, b); INSERT INTO u(c) VALUES (1); COPY w (d) FROM stdin;\n'\n\\.\nINSERT INTO x VALUES ('cut");
    let mut names: Vec<_> = columns.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["t", "u", "w", "x"]);
    assert_eq!(columns["t"], ["a", "b"]);
}
