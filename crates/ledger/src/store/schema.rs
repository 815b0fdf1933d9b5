//! The database schema and its migrations.
//!
//! A new database gets the tables of `schema.sql`, which is the latest version, with a comment for each column and the reasons behind the
//! design. An older database goes through the migrations. A test compares the two.

use afterword_model::{READER_FLOOR, SCHEMA_VERSION};

use crate::error::LedgerError;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// The tables and indexes of the latest version.
const LATEST: &str = include_str!("schema.sql");

/// The statements that lead from each version of the schema to the next. A released version is never changed.
const MIGRATIONS: &[&[&str]] = &[VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6, VERSION_7];

const VERSION_1: &[&str] = &[
    "CREATE TABLE thread (
        id INTEGER PRIMARY KEY,
        url TEXT NOT NULL,
        title TEXT NOT NULL,
        named INTEGER NOT NULL DEFAULT 0,
        version INTEGER NOT NULL,
        count INTEGER NOT NULL,
        closed INTEGER NOT NULL DEFAULT 0,
        pages INTEGER NOT NULL,
        parts TEXT NOT NULL DEFAULT '',
        top INTEGER NOT NULL DEFAULT 0
    ) STRICT",
    "CREATE UNIQUE INDEX thread_url ON thread (url)",
    "CREATE TABLE comment (
        id INTEGER PRIMARY KEY,
        thread INTEGER NOT NULL REFERENCES thread (id),
        parent INTEGER REFERENCES comment (id),
        page INTEGER,
        status INTEGER NOT NULL,
        version INTEGER,
        uuid TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        author TEXT,
        mark TEXT,
        introduces INTEGER NOT NULL DEFAULT 0,
        kept INTEGER NOT NULL DEFAULT 0,
        owner INTEGER NOT NULL DEFAULT 0,
        network TEXT,
        proof TEXT,
        likeness TEXT,
        signals TEXT NOT NULL DEFAULT '',
        created INTEGER NOT NULL,
        name TEXT NOT NULL,
        email TEXT,
        website TEXT,
        title TEXT NOT NULL DEFAULT '',
        source TEXT NOT NULL,
        html TEXT NOT NULL,
        renderer INTEGER NOT NULL,
        votes INTEGER NOT NULL DEFAULT 0,
        pinned INTEGER NOT NULL DEFAULT 0,
        edited INTEGER,
        erased INTEGER
    ) STRICT",
    "CREATE UNIQUE INDEX comment_uuid ON comment (uuid)",
    "CREATE INDEX comment_waits ON comment (id) WHERE status = 0 AND erased IS NULL",
    "CREATE INDEX comment_erased ON comment (id) WHERE erased IS NOT NULL",
    "CREATE INDEX comment_page ON comment (thread, page) WHERE page IS NOT NULL",
    "CREATE UNIQUE INDEX comment_introduces ON comment (author) WHERE introduces = 1",
    "CREATE INDEX comment_top ON comment (thread, votes DESC) \
     WHERE votes > 0 AND parent IS NULL AND status = 1 AND erased IS NULL",
    "CREATE TABLE vote (
        comment INTEGER NOT NULL REFERENCES comment (id),
        author TEXT NOT NULL,
        vote INTEGER NOT NULL,
        PRIMARY KEY (comment, author)
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE outbox (
        thread INTEGER PRIMARY KEY REFERENCES thread (id),
        pages TEXT NOT NULL,
        later_pages TEXT NOT NULL DEFAULT '',
        later_top INTEGER NOT NULL DEFAULT 0,
        later INTEGER,
        urgent INTEGER NOT NULL DEFAULT 0
    ) STRICT",
    "CREATE INDEX outbox_urgent ON outbox (thread) WHERE urgent > 0",
    "CREATE TABLE moved (
        url TEXT NOT NULL,
        thread INTEGER NOT NULL REFERENCES thread (id),
        pages INTEGER NOT NULL DEFAULT 1,
        due INTEGER NOT NULL DEFAULT 1
    ) STRICT",
    "CREATE UNIQUE INDEX moved_url ON moved (url)",
    "CREATE INDEX moved_thread ON moved (thread)",
    "CREATE INDEX moved_due ON moved (due) WHERE due > 0",
    "CREATE TABLE leftover (
        thread INTEGER PRIMARY KEY REFERENCES thread (id),
        last INTEGER NOT NULL,
        due INTEGER NOT NULL
    ) STRICT",
    "CREATE INDEX leftover_due ON leftover (due)",
    "CREATE TABLE setting (
        name TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        uuid TEXT NOT NULL,
        at INTEGER NOT NULL,
        moderator TEXT NOT NULL,
        act TEXT NOT NULL,
        about TEXT NOT NULL,
        fingerprint TEXT
    ) STRICT",
    "CREATE UNIQUE INDEX audit_uuid ON audit (uuid)",
    "CREATE TABLE ban (
        id INTEGER PRIMARY KEY,
        uuid TEXT NOT NULL,
        kind TEXT NOT NULL,
        pattern TEXT NOT NULL,
        until INTEGER,
        at INTEGER NOT NULL,
        moderator TEXT NOT NULL
    ) STRICT",
    "CREATE TABLE chore (
        name TEXT NOT NULL PRIMARY KEY,
        done INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
];

/// Renames tables, columns and indexes. No row of `comment` or `thread` is written. An index cannot be renamed, so those with old
/// names are created anew.
const VERSION_2: &[&str] = &[
    "DROP INDEX comment_waits",
    "DROP INDEX comment_introduces",
    "ALTER TABLE thread RENAME COLUMN named TO title_locked",
    "ALTER TABLE comment RENAME COLUMN introduces TO first_approved",
    "ALTER TABLE comment RENAME COLUMN kept TO keep_tombstone",
    "ALTER TABLE comment RENAME COLUMN likeness TO duplicate_key",
    "CREATE INDEX comment_pending ON comment (id) WHERE status = 0 AND erased IS NULL",
    "CREATE UNIQUE INDEX comment_first_approved ON comment (author) WHERE first_approved = 1",
    "ALTER TABLE outbox RENAME COLUMN later_pages TO deferred_pages",
    "ALTER TABLE outbox RENAME COLUMN later_top TO deferred_top",
    "ALTER TABLE outbox RENAME COLUMN later TO deferred_until",
    "DROP INDEX moved_url",
    "DROP INDEX moved_thread",
    "DROP INDEX moved_due",
    "ALTER TABLE moved RENAME TO redirect",
    "CREATE UNIQUE INDEX redirect_url ON redirect (url)",
    "CREATE INDEX redirect_thread ON redirect (thread)",
    "CREATE INDEX redirect_due ON redirect (due) WHERE due > 0",
    "DROP INDEX leftover_due",
    "ALTER TABLE leftover RENAME TO stale_pages",
    "CREATE INDEX stale_pages_due ON stale_pages (due)",
    "DROP INDEX audit_uuid",
    "ALTER TABLE audit RENAME TO audit_log",
    "ALTER TABLE audit_log RENAME COLUMN act TO action",
    "ALTER TABLE audit_log RENAME COLUMN about TO target",
    "CREATE UNIQUE INDEX audit_log_uuid ON audit_log (uuid)",
    "UPDATE audit_log SET action = 'unpublish' WHERE action = 'hold'",
    "ALTER TABLE chore RENAME TO maintenance_cursor",
    "ALTER TABLE maintenance_cursor RENAME COLUMN done TO position",
];

/// Adds the column for bans whose pattern is taken literally, and an index by which a ban is found. The end of a ban beyond the year 9999,
/// which a Durable Object cannot read if it is far beyond, becomes no end; a negative one becomes the earliest.
const VERSION_3: &[&str] = &[
    "ALTER TABLE ban ADD COLUMN literal INTEGER NOT NULL DEFAULT 0",
    "UPDATE ban SET until = CASE WHEN until < 0 THEN 0 END WHERE until NOT BETWEEN 0 AND 253402300799",
    "DELETE FROM ban WHERE id NOT IN (SELECT min(id) FROM ban GROUP BY uuid)",
    "CREATE UNIQUE INDEX ban_uuid ON ban (uuid)",
];

/// Counts the changes of each thread, which an export counted before, and deletes hashes of erased texts, what the audit log says of bans,
/// and its hashes without a key, from which a title or a muted word could be guessed.
const VERSION_4: &[&str] = &[
    "ALTER TABLE thread ADD COLUMN changes INTEGER NOT NULL DEFAULT 0",
    "UPDATE thread SET changes = (SELECT count(*) FROM comment WHERE thread = thread.id AND page IS NOT NULL) + \
     (SELECT count(*) FROM comment JOIN vote ON vote.comment = comment.id \
     WHERE comment.thread = thread.id AND page IS NOT NULL)",
    "UPDATE comment SET fingerprint = '' WHERE erased IS NOT NULL",
    "CREATE INDEX comment_unwiped ON comment (erased) WHERE erased IS NOT NULL AND source <> ''",
    "UPDATE audit_log SET fingerprint = NULL",
    "UPDATE audit_log SET target = substr(target, 1, instr(target || ' ', ' ') - 1) WHERE action IN ('ban', 'unban')",
];

/// Adds the index of threads, which `maintenance/index_comments` builds, a bounded part in each turn.
const VERSION_5: &[&str] = &[
    "ALTER TABLE thread ADD COLUMN runs TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE thread ADD COLUMN blocks TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE comment ADD COLUMN replies_from INTEGER",
    "ALTER TABLE comment ADD COLUMN replies_to INTEGER",
    "CREATE TABLE index_block (
        thread INTEGER NOT NULL REFERENCES thread (id),
        page INTEGER NOT NULL,
        runs TEXT NOT NULL,
        PRIMARY KEY (thread, page)
    ) STRICT, WITHOUT ROWID",
    "INSERT INTO maintenance_cursor (name, position) SELECT 'index', 0 WHERE EXISTS (SELECT 1 FROM comment)",
];

/// Adds what readers do beside commenting: edits, deletions that can be undone, reports, reactions, and the numbers of all these. Adds the
/// latest comments of the site, which are published with the next change of a thread; see `store/latest_row`.
const VERSION_6: &[&str] = &[
    "ALTER TABLE thread ADD COLUMN reactions TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE comment ADD COLUMN edits TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE comment ADD COLUMN reported INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX audit_log_erased ON audit_log (target) WHERE action = 'erase'",
    "CREATE INDEX comment_reported ON comment (id) WHERE reported = 1 AND erased IS NULL",
    "CREATE TABLE reaction (
        thread INTEGER NOT NULL REFERENCES thread (id),
        author TEXT NOT NULL,
        reaction TEXT NOT NULL,
        PRIMARY KEY (thread, author)
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE report (
        uuid TEXT NOT NULL PRIMARY KEY,
        comment INTEGER NOT NULL REFERENCES comment (id),
        author TEXT,
        network TEXT,
        reason TEXT NOT NULL,
        text TEXT,
        at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX report_comment ON report (comment)",
    "CREATE INDEX report_network ON report (at) WHERE network IS NOT NULL",
    "CREATE TABLE interaction_usage (
        kind TEXT NOT NULL PRIMARY KEY,
        day INTEGER NOT NULL,
        count INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE latest (
        id INTEGER PRIMARY KEY,
        comments TEXT NOT NULL,
        newest INTEGER NOT NULL,
        version INTEGER NOT NULL,
        due INTEGER
    ) STRICT",
];

/// Adds what moderation needs: the states spam and deleted, revisions, batches that can be undone, former texts, trusted authors and the
/// search. Only the index of marks has an entry for each comment.
///
/// It is one transaction: each of the six indexes of `comment` reads the table once. An object has 30 seconds of CPU time; the test
/// `migration_of_a_large_database` measured 1.1 seconds for 100,000 comments of 1.4 KB and 11.3 seconds for 1,000,000, on a busy machine. At
/// that rate the limit is reached at about 2.6 million comments, some 4 GB of the 10 GB that an object holds.
const VERSION_7: &[&str] = &[
    "ALTER TABLE comment ADD COLUMN revision INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE comment ADD COLUMN removed INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE comment ADD COLUMN answered INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE comment ADD COLUMN edited_by_moderator INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE comment ADD COLUMN reports_muted INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE comment ADD COLUMN dated INTEGER",
    "DROP INDEX comment_unwiped",
    "CREATE INDEX comment_unwiped ON comment (erased) WHERE erased IS NOT NULL AND source <> '' AND removed = 0",
    "CREATE INDEX comment_removed ON comment (erased) WHERE removed = 1 AND source <> ''",
    "CREATE INDEX comment_deleted ON comment (id) WHERE removed = 1 AND source <> ''",
    "CREATE INDEX comment_spam ON comment (id) WHERE status = 2 AND erased IS NULL",
    "CREATE INDEX comment_pinned ON comment (thread) WHERE pinned = 1",
    "CREATE INDEX comment_mark ON comment (mark) WHERE mark IS NOT NULL",
    "ALTER TABLE report ADD COLUMN revision INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE report ADD COLUMN closed INTEGER NOT NULL DEFAULT 0",
    "CREATE TABLE comment_text (
        id INTEGER PRIMARY KEY,
        comment INTEGER NOT NULL REFERENCES comment (id),
        revision INTEGER NOT NULL,
        source TEXT NOT NULL,
        html TEXT NOT NULL,
        renderer INTEGER NOT NULL,
        edited INTEGER,
        edited_by_moderator INTEGER NOT NULL DEFAULT 0,
        until INTEGER NOT NULL
    ) STRICT",
    "CREATE UNIQUE INDEX comment_text_revision ON comment_text (comment, revision)",
    "CREATE TABLE trusted_author (
        author TEXT NOT NULL PRIMARY KEY
    ) STRICT, WITHOUT ROWID",
    "CREATE VIRTUAL TABLE search USING fts5 (words, content = '', columnsize = 0, detail = 'none', tokenize = 'ascii')",
    "ALTER TABLE audit_log ADD COLUMN batch TEXT",
    "ALTER TABLE audit_log ADD COLUMN comment INTEGER",
    "ALTER TABLE audit_log ADD COLUMN reason TEXT",
    "ALTER TABLE audit_log ADD COLUMN before TEXT",
    "ALTER TABLE audit_log ADD COLUMN after TEXT",
    "ALTER TABLE audit_log ADD COLUMN undoes INTEGER",
    "ALTER TABLE audit_log ADD COLUMN undone INTEGER NOT NULL DEFAULT 0",
    "UPDATE audit_log SET comment = (SELECT id FROM comment WHERE uuid = target) \
     WHERE action IN ('approve', 'unpublish', 'edit', 'erase')",
    "CREATE INDEX audit_log_batch ON audit_log (batch) WHERE batch IS NOT NULL",
    "CREATE INDEX audit_log_comment ON audit_log (comment) WHERE comment IS NOT NULL",
    "ALTER TABLE ban ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
];

const _: () =
    assert!(MIGRATIONS.len() == SCHEMA_VERSION as usize, "the schema version of the model counts the migrations");
const _: () = assert!(READER_FLOOR <= SCHEMA_VERSION, "this code can work with its own databases");

/// The table of the version, of one row. Databases of older code lack the floor and get it with the next migration.
const VERSION_TABLE: [&str; 2] = [
    "DROP TABLE IF EXISTS schema_version",
    "CREATE TABLE schema_version (version INTEGER NOT NULL, reader_floor INTEGER NOT NULL) STRICT",
];

/// Brings the database to the latest version, in one transaction. A newer database stays as it is, if its floor lets this code work with it.
pub(crate) fn migrate(sql: &impl Sql) -> Result<(), LedgerError> {
    let known = i64::from(SCHEMA_VERSION);
    // A Durable Object has no `PRAGMA user_version`.
    sql.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT", &[])?;
    let row = Row::first(sql.exec("SELECT version FROM schema_version", &[])?);
    let found = row.map_or(Ok(0), |mut row| row.integer("schema_version.version"))?;
    if found == known {
        return Ok(());
    }
    if found > known {
        return check_floor(sql, found);
    }
    let done = usize::try_from(found).map_err(|_| LedgerError::Corrupt("schema_version.version"))?;
    sql.transaction(|| {
        if found == 0 {
            for statement in statements(LATEST) {
                sql.exec(&statement, &[])?;
            }
        } else {
            for statement in MIGRATIONS.iter().skip(done).copied().flatten() {
                sql.exec(statement, &[])?;
            }
        }
        for statement in VERSION_TABLE {
            sql.exec(statement, &[])?;
        }
        let row = [known.into(), i64::from(READER_FLOOR).into()];
        sql.exec("INSERT INTO schema_version (version, reader_floor) VALUES (?, ?)", &row)?;
        Ok(())
    })
}

/// Fails if this code is too old for a database of a newer version.
fn check_floor(sql: &impl Sql, found: i64) -> Result<(), LedgerError> {
    let row = Row::first(sql.exec("SELECT reader_floor FROM schema_version", &[])?);
    let floor = row.map_or(Ok(found), |mut row| row.integer("schema_version.reader_floor"))?;
    if floor < 1 {
        return Err(LedgerError::Corrupt("schema_version.reader_floor"));
    }
    let known = i64::from(SCHEMA_VERSION);
    if floor <= known { Ok(()) } else { Err(LedgerError::TooNew { found, known }) }
}

/// The statements of a script without its comments. No literal in it contains `--` or `;`.
fn statements(script: &str) -> Vec<String> {
    let lines = script.lines().map(|line| line.split("--").next().unwrap_or_default().trim_end());
    let code = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    code.split(';').map(str::trim).filter(|statement| !statement.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{MIGRATIONS, VERSION_1, migrate};
    use crate::store::rusqlite::RusqliteSql;
    use crate::store::sql::Sql;

    /// All columns and indexes of a database, apart from the table of the schema version.
    fn shape(sql: &RusqliteSql) -> Vec<String> {
        let columns = "SELECT tables.name, columns.* FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns \
                       WHERE tables.type = 'table' AND tables.name <> 'schema_version' ORDER BY tables.name, cid";
        let indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name";
        let rows = [columns, indexes].map(|query| sql.exec(query, &[]).unwrap()).concat();
        let words = |row: String| row.replace("\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ");
        rows.into_iter().map(|row| words(format!("{row:?}"))).collect()
    }

    /// A database of schema version 6 with comments of 1.4 KB each, one tenth of them with an action in the audit log.
    fn version_6(comments: u32) -> RusqliteSql {
        let file = RusqliteSql(Connection::open("").unwrap());
        let statements = MIGRATIONS.iter().take(6).copied().flatten();
        statements.for_each(|statement| drop(file.exec(statement, &[]).unwrap()));
        let numbers = |last: u32| {
            format!("WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {last}) INSERT INTO")
        };
        let run = |query: &str| drop(file.exec(query, &[]).unwrap());
        run("CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT");
        run("INSERT INTO schema_version (version) VALUES (6)");
        run("BEGIN");
        run(&format!(
            "{} thread (id, url, title, version, count, pages) SELECT id, 'https://blog.example/' || id, '', 1, 1, 1 FROM n",
            numbers(1_000)
        ));
        run(&format!(
            "{} comment (id, thread, page, status, version, uuid, fingerprint, author, mark, name, source, html, renderer, created) \
             SELECT id, id % 1000 + 1, 1, 1, id, 'uuid ' || id, hex(randomblob(32)), hex(randomblob(32)), 'm' || (id % 50000), \
             'Author', hex(zeroblob(200)), hex(zeroblob(210)), 1, id FROM n",
            numbers(comments)
        ));
        run(&format!(
            "{} audit_log (uuid, at, moderator, action, target) SELECT 'action ' || id, id, 'ada', 'approve', 'uuid ' || id FROM n",
            numbers(comments / 10)
        ));
        run("COMMIT");
        file
    }

    #[test]
    #[ignore = "takes a minute: cargo test -p afterword-ledger --lib -- --ignored --nocapture migration_of"]
    fn migration_of_a_large_database() {
        for comments in [100_000, 1_000_000] {
            let database = version_6(comments);
            let started = cpu_seconds();
            migrate(&database).unwrap();
            let spent = cpu_seconds() - started;
            println!("{comments} comments: {spent:.2} s of CPU time");
            assert!(spent < 15.0, "half of what an object has");
        }
    }

    /// CPU time of this thread: the first number in Linux's `schedstat`, in nanoseconds.
    fn cpu_seconds() -> f64 {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
    }

    #[test]
    fn a_migrated_database_equals_a_new_one() {
        let [new, migrated] = [(); 2].map(|()| RusqliteSql(Connection::open_in_memory().unwrap()));
        migrate(&new).unwrap();
        let first_version = [VERSION_1, &["CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT"]].concat();
        for statement in first_version.into_iter().chain(["INSERT INTO schema_version (version) VALUES (1)"]) {
            migrated.exec(statement, &[]).unwrap();
        }
        migrate(&migrated).unwrap();
        assert_eq!(shape(&new), shape(&migrated));
        assert!(shape(&new).len() > 60, "{} columns and indexes", shape(&new).len());
    }
}
