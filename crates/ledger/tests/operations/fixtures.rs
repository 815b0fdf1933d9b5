//! A store that can be watched and made to fail, and short ways to make what tests need.

use std::cell::{Cell, RefCell};

use afterword_ledger::{
    Actor, Attribution, Ledger, LedgerError, ProofStatus, RusqliteSql, Sql, SqlError, SubmitOutcome, Value,
    VerifiedComment,
};
use afterword_model::{AuthorId, CommentId, Moderation, PostUrl, SafeHtml, SubmissionId};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, StatementStatus};

/// The time at which everything in the tests happens.
pub(crate) const NOW: i64 = 1_321_000_000;

/// A SQLite database in memory that remembers its statements and fails when it is told to.
pub(crate) struct Store {
    pub(crate) db: RusqliteSql,
    pub(crate) log: RefCell<Vec<Call>>,
    /// Steps of SQLite's virtual machine so far: work that depends on nothing but statements and data.
    pub(crate) steps: Cell<i64>,
    /// Statements until one fails; the end of a transaction counts as one.
    pub(crate) fuse: Cell<Option<u32>>,
}

/// A statement that was run.
pub(crate) struct Call {
    pub(crate) query: String,
    pub(crate) params: Vec<Value>,
    /// Rows it gave.
    pub(crate) rows: usize,
}

impl Store {
    pub(crate) fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        // More than the ledger has statements: a random story spends its time in SQLite, not in SQLite's parser.
        connection.set_prepared_statement_cache_capacity(100);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).unwrap();
        let db = RusqliteSql(connection);
        Self { db, log: RefCell::default(), steps: Cell::new(0), fuse: Cell::new(None) }
    }

    /// The ledger in this store; opening it again is what happens after a crash.
    pub(crate) fn ledger(&self) -> Ledger<&Self> {
        Ledger::open(self).unwrap()
    }

    /// Runs a statement behind the ledger's back.
    pub(crate) fn run(&self, query: &str, params: &[Value]) -> Vec<Vec<Value>> {
        self.db.exec(query, params).unwrap()
    }

    pub(crate) fn number(&self, query: &str) -> i64 {
        match self.run(query, &[]).as_slice() {
            [row] => match row.as_slice() {
                [Value::Integer(number)] => *number,
                other => panic!("{query}: {other:?}"),
            },
            other => panic!("{query}: {other:?}"),
        }
    }

    /// All rows of all tables.
    pub(crate) fn dump(&self) -> Vec<(String, Vec<Vec<Value>>)> {
        let tables = self.run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", &[]);
        let names = tables.into_iter().map(|row| match row.into_iter().next() {
            Some(Value::Text(name)) => name,
            other => panic!("{other:?}"),
        });
        names.map(|name| (name.clone(), self.run(&format!("SELECT * FROM {name}"), &[]))).collect()
    }

    fn trip(&self) -> Result<(), SqlError> {
        match self.fuse.get() {
            Some(0) => Err(SqlError("the power is gone".to_owned())),
            left => {
                self.fuse.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }
}

impl Sql for Store {
    fn exec(&self, query: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, SqlError> {
        self.trip()?;
        assert!(params.len() <= 100, "a Durable Object binds at most 100 parameters");
        let rows = self.db.exec(query, params)?;
        let steps = self.db.0.prepare_cached(query).unwrap().reset_status(StatementStatus::VmStep);
        self.steps.set(self.steps.get() + i64::from(steps));
        self.log.borrow_mut().push(Call { query: query.to_owned(), params: params.to_vec(), rows: rows.len() });
        Ok(rows)
    }

    fn transaction(&self, turn: &mut dyn FnMut() -> Result<(), LedgerError>) -> Result<(), LedgerError> {
        self.db.transaction(&mut || {
            turn()?;
            Ok(self.trip()?)
        })
    }
}

/// A post of the test site.
pub(crate) fn url(name: &str) -> PostUrl {
    PostUrl::parse(&format!("https://blog.example/{name}")).unwrap()
}

/// HTML as the sanitizer might have made it.
#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
pub(crate) fn html(text: &str) -> SafeHtml {
    SafeHtml::from_sanitizer(format!("<p>{text}</p>"))
}

/// The submission id of this number.
pub(crate) fn uuid(number: u32) -> SubmissionId {
    SubmissionId::from_digest(u128::from(number).to_be_bytes())
}

pub(crate) fn stamp(name: &str) -> AuthorId {
    AuthorId { hash: format!("hash of {name}"), mark: name.to_owned() }
}

/// A root comment on the post `a`, by nobody in particular.
pub(crate) fn entry(number: u32) -> VerifiedComment {
    VerifiedComment {
        id: uuid(number),
        fingerprint: format!("{number:064x}"),
        url: url("a"),
        title: String::new(),
        parent: None,
        author: None,
        name: format!("Author {number}"),
        email: None,
        website: None,
        source: format!("Text {number}"),
        html: html(&format!("Text {number}")),
        renderer_version: 1,
        proof: ProofStatus::NotRequired,
        network: None,
        duplicate_key: None,
        signals: Vec::new(),
    }
}

/// An answer, on the post `a`.
pub(crate) fn answer(number: u32, parent: CommentId) -> VerifiedComment {
    VerifiedComment { parent: Some(parent), ..entry(number) }
}

/// Submits under `Open`, which must go well the first time.
pub(crate) fn post(ledger: &Ledger<&Store>, entry: &VerifiedComment) -> CommentId {
    let SubmitOutcome { posted, repeat } = ledger.submit(entry, Moderation::Open, NOW).unwrap();
    assert!(!repeat);
    posted.comment.id
}

/// A moderator lets a comment through.
pub(crate) fn approve(store: &Store, id: CommentId) {
    store.ledger().approve(id, &act(), NOW).unwrap();
}

/// A moderator erases a comment.
pub(crate) fn erase(store: &Store, id: CommentId) {
    store.ledger().erase(id, Actor::Moderator(&act()), NOW).unwrap();
}

thread_local! {
    static ACTS: Cell<u32> = const { Cell::new(0) };
}

/// An act of a moderator, not done before in this test.
pub(crate) fn act() -> Attribution<'static> {
    ACTS.set(ACTS.get() + 1);
    Attribution { id: uuid(u32::MAX - ACTS.get()), by: "grace" }
}
