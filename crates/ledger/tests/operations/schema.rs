//! Creating the schema, opening older databases, refusing newer ones, and noticing damage.

use afterword_ledger::{Ledger, LedgerError, RusqliteSql, Value};
use afterword_model::{CommentId, Moderation, Status, Vote};
use rusqlite::Connection;

use crate::fixtures::{NOW, Store, answer, entry, post, url};

/// The database as version 1 of the schema left it. Never changed: real databases look like this.
const VERSION_1: &str = include_str!("../schema/1.sql");

fn fixture(text: &str) -> Store {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(text).unwrap();
    let mut store = Store::new();
    store.db = RusqliteSql(connection);
    store
}

/// What tables and indexes there are, white space aside.
fn shape(store: &Store) -> Vec<String> {
    let rows = store.run("SELECT type, name, sql FROM sqlite_master ORDER BY name", &[]);
    rows.iter()
        .map(|row| format!("{row:?}").replace("\\n", " ").split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn version_1_opens_and_reads() {
    let store = fixture(VERSION_1);
    let ledger = store.ledger();
    let thread = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!((thread.title.as_str(), thread.version, thread.count, thread.pages), ("Spring", 4, 3, 3));
    let drawn: Vec<_> = thread.comments.iter().map(|comment| (comment.id.get(), comment.deleted)).collect();
    assert_eq!(drawn, [(1, true), (2, false)]);
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
fn version_1_goes_on() {
    let store = fixture(VERSION_1);
    let ledger = store.ledger();
    let due = ledger.due_threads(NOW, 10).unwrap();
    assert_eq!(
        due.iter().map(|due| (due.thread, due.version, due.pages.clone())).collect::<Vec<_>>(),
        [(1, 4, vec![1, 3])]
    );
    assert_eq!(ledger.due_threads(NOW + 60, 10).unwrap()[0].pages, [1, 2, 3]);
    let withdrawn = ledger.vote(CommentId::new(2), "hash of bob", Vote::Neutral, NOW).unwrap();
    assert_eq!((withdrawn.votes, withdrawn.version), (1, 5));
    assert_eq!(post(&ledger, &answer(50, CommentId::new(2))), CommentId::new(7));
    let known = afterword_ledger::VerifiedComment { author: Some(crate::fixtures::stamp("k3f9")), ..entry(51) };
    let posted = ledger.submit(&known, Moderation::First, NOW).unwrap().posted;
    assert_eq!((posted.status, posted.version), (Status::Published, 7));
}

#[test]
fn an_old_database_gets_the_shape_of_a_new_one() {
    let (old, new) = (fixture(VERSION_1), Store::new());
    old.ledger();
    new.ledger();
    assert_eq!(shape(&old), shape(&new));
}

#[test]
fn opening_again_changes_nothing() {
    let store = Store::new();
    post(&store.ledger(), &entry(1));
    let before = (store.dump(), shape(&store));
    store.ledger();
    assert_eq!((store.dump(), shape(&store)), before);
}

#[test]
fn a_crash_while_the_schema_is_made_is_made_good() {
    for statements in 0..100 {
        let store = Store::new();
        store.fuse.set(Some(statements));
        let opened = Ledger::open(&store).is_ok();
        store.fuse.set(None);
        post(&store.ledger(), &entry(1));
        if opened {
            assert!(statements > 10, "{statements}");
            return;
        }
    }
    panic!("never opened");
}

#[test]
fn a_newer_database_is_left_alone() {
    let store = Store::new();
    post(&store.ledger(), &entry(1));
    let known = store.number("SELECT version FROM schema_version");
    store.run("UPDATE schema_version SET version = version + 1", &[]);
    let before = (store.dump(), shape(&store));
    let refused = Ledger::open(&store).err();
    assert_eq!(refused, Some(LedgerError::TooNew { found: known + 1, known }));
    assert_eq!((store.dump(), shape(&store)), before);
}

#[test]
fn damage_is_reported_by_its_column() {
    let check = |damage: &str, column: &'static str| {
        let store = Store::new();
        let ledger = store.ledger();
        post(&ledger, &entry(1));
        store.run(damage, &[]);
        let found =
            [ledger.due_threads(NOW, 1).err(), ledger.read_page(&url("a"), 1).err(), Ledger::open(&store).err()];
        assert!(found.contains(&Some(LedgerError::Corrupt(column))), "{damage}: {found:?}");
    };
    check("UPDATE thread SET count = -1", "thread.count");
    check("UPDATE thread SET pages = 4294967296", "thread.pages");
    check("UPDATE outbox SET pages = '1,x'", "outbox.pages");
    check("UPDATE outbox SET later_pages = ','", "outbox.later_pages");
    check("UPDATE thread SET parts = '1:2'", "thread.parts");
    check("UPDATE schema_version SET version = -1", "schema_version.version");
}

#[test]
fn a_turn_that_fails_is_undone_and_the_next_is_not() {
    let store = Store::new();
    store.ledger();
    let sql: &dyn afterword_ledger::Sql = &store.db;
    let insert = |version: i64| sql.exec("INSERT INTO schema_version VALUES (?)", &[Value::Integer(version)]);
    let failed = sql.transaction(&mut || {
        insert(7)?;
        Err(LedgerError::Corrupt("on purpose"))
    });
    assert_eq!(failed, Err(LedgerError::Corrupt("on purpose")));
    assert_eq!(store.number("SELECT count(*) FROM schema_version"), 1);
    assert_eq!(sql.transaction(&mut || Ok(insert(7).map(drop)?)), Ok(()));
    assert_eq!(store.number("SELECT count(*) FROM schema_version"), 2);
}
