//! The database schema: creation, migration of older databases, refusal of newer ones, and detection of damage.

use afterword_ledger::{CommentFilter, Ledger, LedgerError, RusqliteSql, Sql, Value, VerifiedComment};
use afterword_model::{CommentFate, CommentId, Moderation, Status, Vote};
use rusqlite::Connection;

use crate::fixtures::{
    NOW, TestDatabase, author_id, network, new_report, of_a, own_edit, reply, root_comment, submit, url,
};

/// A database with version 1 of the schema. It must not be changed, because real databases look like this.
const VERSION_1: &str = include_str!("../schema/1.sql");

fn database_from(script: &str) -> TestDatabase {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(script).unwrap();
    let mut database = TestDatabase::new();
    database.sqlite = RusqliteSql(connection);
    database
}

/// The definitions of all tables and indexes, with white space normalised and without the quotes that SQLite puts around a new name.
fn shape(database: &TestDatabase) -> Vec<String> {
    let rows = database.run("SELECT type, name, sql FROM sqlite_master ORDER BY name");
    rows.iter()
        .map(|row| {
            let words = format!("{row:?}").replace("\\n", " ").replace("\\\"", "");
            // SQLite adds a column directly behind the last one.
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            words.replace(" ,", ",").replace(" )", ")")
        })
        .collect()
}

#[test]
fn version_1_can_be_opened_and_read() {
    let database = database_from(VERSION_1);
    let ledger = database.ledger();
    let thread = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((thread.title.as_str(), thread.version, thread.count, thread.pages), ("Spring", 4, 3, 3));
    let comments: Vec<_> = thread.comments.iter().map(|comment| (comment.id.get(), comment.deleted)).collect();
    assert_eq!(comments, [(1, true), (2, false)]);
    let answer_to_erased = &thread.comments[1];
    assert_eq!(answer_to_erased.author.mark.as_deref(), Some("k3f9"));
    assert_eq!(
        (answer_to_erased.edited, answer_to_erased.votes, answer_to_erased.pinned),
        (Some(1_321_000_100), 2, true)
    );
    assert!(answer_to_erased.author.owner);
    assert_eq!(thread.continuations, [[1, 3, 3]]);
    assert_eq!(ledger.read_page(&url("a"), 2).unwrap().comments.len(), 1);
    assert_eq!(ledger.read_page(&url("a"), 3).unwrap().comments[0].parent, Some(CommentId::new(1)));
    assert!(ledger.read_page(&url("closed"), 1).unwrap().closed);
}

#[test]
fn version_1_keeps_working() {
    let database = database_from(VERSION_1);
    let ledger = database.ledger();
    let due = ledger.due_threads_after(0, NOW, 10).unwrap();
    assert_eq!(
        due.iter().map(|due| (due.thread, due.version, due.pages.clone())).collect::<Vec<_>>(),
        [(1, 4, vec![1, 3])]
    );
    assert_eq!(ledger.due_threads_after(0, NOW + 60, 10).unwrap()[0].pages, [1, 2, 3]);
    let withdrawn = ledger.vote(CommentId::new(2), "hash of bob", Vote::Neutral, NOW).unwrap();
    assert_eq!((withdrawn.votes, withdrawn.version), (1, 5));
    assert_eq!(submit(&ledger, &reply(50, CommentId::new(2))), CommentId::new(7));
    let known = VerifiedComment { author: Some(author_id("k3f9")), ..root_comment(51) };
    let posted = ledger.submit(&known, Moderation::First, NOW).unwrap().posted;
    assert_eq!((posted.status, posted.version), (Status::Published, 7));
}

#[test]
fn an_old_database_gets_the_shape_of_a_new_one() {
    let (old, new) = (database_from(VERSION_1), TestDatabase::new());
    old.ledger();
    new.ledger();
    assert_eq!(shape(&old), shape(&new));
}

#[test]
fn interactions_work_in_an_old_database() {
    let database = database_from(VERSION_1);
    database.run("UPDATE comment SET author = 'hash of ada' WHERE id IN (1, 6)");
    database.run("UPDATE comment SET erased = 1321000200, name = '', source = '', html = '' WHERE id = 6");
    let ledger = database.ledger();
    let (ids, me) = ([1, 6, 3].map(CommentId::new), "hash of k3f9");
    let fates =
        |author| ledger.fates(&url("a"), &ids, author).unwrap().comments.iter().map(|it| it.status).collect::<Vec<_>>();
    assert_eq!(fates("hash of ada"), [CommentFate::Rejected, CommentFate::Deleted], "the audit log has one of them");
    assert_eq!(fates(me), [CommentFate::Published]);
    let edit = VerifiedComment { author: Some(author_id("k3f9")), ..own_edit("k3f9", 60, "Better") };
    assert_eq!(ledger.edit_own(ids[2], &edit, &Moderation::Open.into(), NOW).unwrap().version, 5);
    ledger.report(of_a(ids[2]), &new_report(&network()), NOW).unwrap();
    assert_eq!(ledger.list_comments(CommentFilter::Reported, None, 9).unwrap().items.len(), 1);
    ledger.delete_own(of_a(ids[2]), me, NOW).unwrap();
    assert_eq!(ledger.restore_own(of_a(ids[2]), me, NOW).unwrap().version, 7);
    assert_eq!(ledger.react(&url("a"), me, None, NOW).unwrap().reactions, []);
}

#[test]
fn opening_again_changes_nothing() {
    let database = TestDatabase::new();
    submit(&database.ledger(), &root_comment(1));
    let before = (database.dump(), shape(&database));
    database.ledger();
    assert_eq!((database.dump(), shape(&database)), before);
}

#[test]
fn an_interrupted_schema_creation_is_completed() {
    for statements in 0..100 {
        let database = TestDatabase::new();
        database.fail_after.set(Some(statements));
        let opened = Ledger::open(&database).is_ok();
        database.fail_after.set(None);
        submit(&database.ledger(), &root_comment(1));
        if opened {
            assert!(statements > 10, "{statements}");
            return;
        }
    }
    panic!("never opened");
}

#[test]
fn a_newer_database_is_left_alone() {
    let database = TestDatabase::new();
    submit(&database.ledger(), &root_comment(1));
    let known = database.query_integer("SELECT version FROM schema_version");
    database.run("UPDATE schema_version SET version = version + 1, reader_floor = version + 1");
    let before = (database.dump(), shape(&database));
    let refused = Ledger::open(&database).err();
    assert_eq!(refused, Some(LedgerError::TooNew { found: known + 1, known }));
    assert_eq!((database.dump(), shape(&database)), before);
}

/// An owner upgrades, and goes back to the version before: what each of the two wrote is there for both.
#[test]
fn a_newer_database_is_used_down_to_its_floor() {
    let database = TestDatabase::new();
    submit(&database.ledger(), &root_comment(1));
    // The next version adds a column and an index, and keeps the floor.
    database.run("ALTER TABLE comment ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'");
    database.run("CREATE INDEX comment_mood ON comment (mood)");
    database.run("UPDATE schema_version SET version = version + 1");
    database.run("UPDATE comment SET mood = 'merry'");
    let version = database.query_integer("SELECT version FROM schema_version");
    submit(&database.ledger(), &root_comment(2));
    assert_eq!(database.query_integer("SELECT count(*) FROM comment WHERE mood IN ('calm', 'merry')"), 2);
    assert_eq!(database.query_integer("SELECT version FROM schema_version"), version, "the version stays");
    let page = database.ledger().read_page(&url("a"), 1).unwrap();
    assert_eq!(page.comments.len(), 2);
    // A version with another floor ends that.
    database.run("UPDATE schema_version SET reader_floor = version");
    let refused = Ledger::open(&database).err();
    assert_eq!(refused, Some(LedgerError::TooNew { found: version, known: version - 1 }));
    check_unreadable_floor(&database);
}

/// A database of a newer version without a floor is not touched either.
fn check_unreadable_floor(database: &TestDatabase) {
    database.run("UPDATE schema_version SET reader_floor = -1");
    assert_eq!(Ledger::open(database).err(), Some(LedgerError::Corrupt("schema_version.reader_floor")));
}

#[test]
fn damage_is_reported_with_its_column() {
    let check = |damage: &str, column: &'static str| {
        let database = TestDatabase::new();
        let ledger = database.ledger();
        submit(&ledger, &root_comment(1));
        database.run(damage);
        let found = [
            ledger.due_threads_after(0, NOW, 1).err(),
            ledger.read_page(&url("a"), 1).err(),
            Ledger::open(&database).err(),
        ];
        assert!(found.contains(&Some(LedgerError::Corrupt(column))), "{damage}: {found:?}");
    };
    check("UPDATE thread SET count = -1", "thread.count");
    check("UPDATE thread SET pages = 4294967296", "thread.pages");
    check("UPDATE outbox SET pages = '1,x'", "outbox.pages");
    check("UPDATE outbox SET deferred_pages = ','", "outbox.deferred_pages");
    check("UPDATE thread SET parts = '1:2'", "thread.parts");
    check("UPDATE schema_version SET version = -1", "schema_version.version");
}

#[test]
fn a_failed_transaction_is_undone_and_the_next_is_not() {
    let database = TestDatabase::new();
    database.ledger();
    let sql = &database.sqlite;
    let insert = |version: i64| sql.exec("INSERT INTO schema_version VALUES (?, 1)", &[Value::Integer(version)]);
    let failed = sql.transaction(|| {
        insert(7)?;
        Err::<(), _>(LedgerError::Corrupt("on purpose"))
    });
    assert_eq!(failed, Err(LedgerError::Corrupt("on purpose")));
    assert_eq!(database.query_integer("SELECT count(*) FROM schema_version"), 1);
    assert_eq!(sql.transaction(|| insert(7).map(drop)), Ok(()));
    assert_eq!(database.query_integer("SELECT count(*) FROM schema_version"), 2);
}

#[test]
fn integers_that_javascript_cannot_represent_are_not_stored() {
    let database = TestDatabase::new();
    database.ledger();
    let sql = &database.sqlite;
    let insert = |version: i64| sql.exec("INSERT INTO schema_version VALUES (?, 1)", &[Value::Integer(version)]);
    for number in [1 << 53, -(1 << 53), (1 << 53) + 1, i64::MAX, i64::MIN] {
        assert!(insert(number).is_err(), "{number}");
    }
    assert_eq!(database.query_integer("SELECT count(*) FROM schema_version"), 1);
    for number in [(1 << 53) - 1, 1 - (1 << 53)] {
        assert!(insert(number).is_ok(), "{number}");
    }
    let select = "SELECT 1 FROM schema_version WHERE version > ?";
    assert_eq!(sql.exec(select, &[Value::Integer(i64::MAX)]), Ok(vec![]), "a number that is only compared is harmless");
}

#[test]
fn bans_whose_end_cannot_be_read_are_mended() {
    let database = database_from(VERSION_1);
    database.run("DELETE FROM ban");
    // A time in nanoseconds, which a Durable Object cannot read, one in milliseconds, one before 1970, and a valid one. The last id is
    // there twice.
    for (number, until) in [(1, "1795697106000000000"), (2, "1795697106000"), (3, "-1"), (4, "1795697106"), (4, "1")] {
        // Not as a parameter: it could not be stored any more.
        database.run(&format!(
            "INSERT INTO ban (uuid, kind, pattern, until, at, moderator) VALUES ('{number}', 'name', 'Eve', {until}, 7, 'ada')"
        ));
    }
    let bans = database.ledger().list_bans().unwrap();
    let ends: Vec<_> = bans.iter().map(|ban| (ban.id.as_str(), ban.until, ban.literal)).collect();
    let expected = [("1", None), ("2", None), ("3", Some(0)), ("4", Some(1_795_697_106))];
    assert_eq!(ends, expected.map(|(id, until)| (id, until, false)));
}
