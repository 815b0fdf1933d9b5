//! The tables, from their first version to the present one.
//!
//! Rows of `comment` and `thread` are never deleted: an erased comment becomes a scrubbed row. So the largest id only grows, one
//! more than the largest is ascending, and `AUTOINCREMENT` with its row to update on every insert is not needed.
//!
//! Every index is a row to write for each comment that enters it, and the free plan counts those. Hence indexes that are
//! partial (a pending comment is on no page, only the first published comment of an author introduces that author, and most
//! comments are never voted for), and
//! an outbox table in place of an index of threads to publish.

use crate::error::LedgerError;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// The statements that lead from each version of the schema to the next; a version that was released is never changed.
///
/// `comment.status` is 0 for pending and 1 for published; `version` is that of the thread from which on the comment is in it;
/// `page` is given when the comment is published, and is the comment's own, so that a page may end within an answer's subtree;
/// `author` is the keyed hash of the author key and `mark` its public mark; `introduces` is 1 on the first published comment
/// of an author; `network` is the seal of the network it came from, and that of the block of networks behind a space, and is forgotten after
/// a day or two; `proof` is the nonce of the proof of work that was spent on it, empty if none was though one is asked for, `likeness` the same for texts that say the same, `signals` what is suspicious about it, one a line; `kept` is 1 on a comment taken away that has answers on another page, so that its tombstone stays.
/// `comment.title` is what its sender calls the post, `thread.title` what everybody reads, and `thread.named` is 1 once a moderator has said so.
/// `thread.parts` are the continuation pages, as `1:4-5,2:6-6`; `thread.top` is 1 once the thread has a value of its best comments.
/// `outbox` has a row for each thread that changed after it was published, with the pages that did and the version in which each did
/// last, as `2:7,5:9`. What may wait (`later_pages`, and the best comments, if `later_top` is the version in which they changed and not 0)
/// is put at `later` or with the next change, whichever comes first. `urgent` is the version in which something was taken away from
/// readers that is still published, or 0.
/// `moved` has the addresses under which threads were known before; `pages` is how many pages may
/// still be published there, and `due` is 1 until what forwards from there is published in place of the first, then the time from
/// which on the others are to be taken away, then 0.
/// `leftover` has the threads at whose addresses pages beyond their own may be published, up to `last`; `due` is 0 until a head that does not
/// count these is published, then the time from which on they are to be taken away.
/// `setting` has what the site sets for itself, `audit` what moderators did, in the order of its ids, with the hash of what it does not say of an act, `ban` who is banned, and
/// `chore` how far what is done from time to time has come.
const MIGRATIONS: &[&[&str]] = &[&[
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
]];

/// Brings the database to the present version, in one transaction.
pub(crate) fn migrate(sql: &impl Sql) -> Result<(), LedgerError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    // A Durable Object has no `PRAGMA user_version`.
    sql.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT", &[])?;
    let rows = sql.exec("SELECT version FROM schema_version", &[])?;
    let found = rows.into_iter().next().map_or(Ok(0), |row| Row::new(row).integer("schema_version.version"))?;
    if found == known {
        return Ok(());
    }
    if found > known {
        return Err(LedgerError::TooNew { found, known });
    }
    let done = usize::try_from(found).map_err(|_| LedgerError::Corrupt("schema_version.version"))?;
    sql.transaction(&mut || {
        for statement in MIGRATIONS.iter().skip(done).copied().flatten() {
            sql.exec(statement, &[])?;
        }
        sql.exec("DELETE FROM schema_version", &[])?;
        sql.exec("INSERT INTO schema_version (version) VALUES (?)", &[known.into()])?;
        Ok(())
    })
}
