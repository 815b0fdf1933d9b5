//! A SQLite database for tests that counts its work and fails on demand, and makers of test data.

pub(crate) mod reading;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use afterword_ledger::{Attribution, Ledger, PageSize, RusqliteSql, Sql, SqlError, Value, VerifiedComment};
use afterword_model::{LimitScope, PostUrl, RateLimit, SafeHtml, SubmissionId};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, StatementStatus};

/// The present time in all tests, in Unix seconds.
pub(crate) const NOW: i64 = 1_321_000_000;
/// The test site.
pub(crate) const SITE: &str = "https://blog.example";

/// Pages of so many comments, of any size in bytes.
pub(crate) const fn page_size(comments: u32) -> PageSize {
    PageSize {
        comments,
        comments_with_replies: comments,
        bytes: i64::MAX,
        bytes_with_replies: i64::MAX,
        edited_bytes: i64::MAX,
        max_interleaved_pages: 20,
        index_runs: 4,
    }
}

/// A SQLite database in memory that logs its statements, counts its work, and fails on demand.
pub(crate) struct TestDatabase {
    pub(crate) sqlite: RusqliteSql,
    /// All statements that succeeded since this log was cleared.
    pub(crate) statements: RefCell<Vec<Statement>>,
    /// The queries that do not begin with `SELECT` and succeeded since this log was cleared.
    pub(crate) writes: RefCell<Vec<String>>,
    /// Steps of SQLite's virtual machine so far: work that depends on statements and data alone.
    pub(crate) vm_steps: Cell<i64>,
    /// Size in bytes of the largest result of a statement.
    pub(crate) largest_result: Cell<usize>,
    /// Number of statements that still succeed; the next one fails. The end of a transaction counts as a statement.
    pub(crate) fail_after: Cell<Option<u32>>,
    /// All queries so far, so that the log holds the text of each of them once.
    queries: RefCell<HashSet<Rc<str>>>,
}

/// A statement that was run.
pub(crate) struct Statement {
    pub(crate) query: Rc<str>,
    /// Number of bound parameters.
    pub(crate) params: usize,
    /// Number of rows of the result.
    pub(crate) rows: usize,
}

impl TestDatabase {
    pub(crate) fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        // More than the number of queries of the ledger, so that random tests do not spend their time in SQLite's
        // parser.
        connection.set_prepared_statement_cache_capacity(100);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).unwrap();
        Self {
            sqlite: RusqliteSql(connection),
            statements: RefCell::default(),
            writes: RefCell::default(),
            vm_steps: Cell::new(0),
            largest_result: Cell::new(0),
            fail_after: Cell::new(None),
            queries: RefCell::default(),
        }
    }

    /// Opens the ledger in this database. Opening it again is what happens after a crash.
    pub(crate) fn ledger(&self) -> Ledger<&Self> {
        Ledger::open(self).unwrap().with_audit_key(Some("a secret for tests".to_owned()))
    }

    /// Runs a statement without the ledger.
    pub(crate) fn run(&self, query: &str) -> Vec<Vec<Value>> {
        self.run_with(query, &[])
    }

    /// Runs a statement with parameters without the ledger.
    pub(crate) fn run_with(&self, query: &str, params: &[Value]) -> Vec<Vec<Value>> {
        self.sqlite.exec(query, params).unwrap()
    }

    /// Runs a query whose result is one integer.
    pub(crate) fn query_integer(&self, query: &str) -> i64 {
        match self.run(query).as_slice() {
            [row] => match row.as_slice() {
                [Value::Integer(number)] => *number,
                other => panic!("{query}: {other:?}"),
            },
            other => panic!("{query}: {other:?}"),
        }
    }

    /// All rows of all tables.
    pub(crate) fn dump(&self) -> Vec<(String, Vec<Vec<Value>>)> {
        // The tables of the search hold BLOBs, which the ledger never reads.
        let tables =
            self.run("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%' ORDER BY name");
        let names = tables.into_iter().map(|row| match row.into_iter().next() {
            Some(Value::Text(name)) => name,
            other => panic!("{other:?}"),
        });
        names.map(|name| (name.clone(), self.run(&format!("SELECT * FROM {name}")))).collect()
    }

    fn fail_if_due(&self) -> Result<(), SqlError> {
        match self.fail_after.get() {
            Some(0) => Err(SqlError("injected failure".to_owned())),
            left => {
                self.fail_after.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }

    fn log(&self, query: &str, params: &[Value], rows: &[Vec<Value>]) {
        let bytes = rows.iter().flatten().map(|value| if let Value::Text(text) = value { text.len() } else { 8 }).sum();
        self.largest_result.set(self.largest_result.get().max(bytes));
        if !query.starts_with("SELECT") {
            self.writes.borrow_mut().push(query.to_owned());
        }
        let known = self.queries.borrow().get(query).cloned();
        let query = known.unwrap_or_else(|| Rc::from(query));
        self.queries.borrow_mut().insert(query.clone());
        self.statements.borrow_mut().push(Statement { query, params: params.len(), rows: rows.len() });
    }
}

impl Sql for TestDatabase {
    fn exec(&self, query: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, SqlError> {
        self.fail_if_due()?;
        assert!(params.len() <= 100, "a Durable Object binds at most 100 parameters");
        let rows = self.sqlite.exec(query, params)?;
        let steps = self.sqlite.0.prepare_cached(query).unwrap().reset_status(StatementStatus::VmStep);
        self.vm_steps.set(self.vm_steps.get() + i64::from(steps));
        self.log(query, params, &rows);
        Ok(rows)
    }

    fn transaction<T, E: From<SqlError>>(&self, turn: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.sqlite.transaction(|| {
            let result = turn()?;
            self.fail_if_due()?;
            Ok(result)
        })
    }
}

/// Checks that every thread counts the changes that its comments, votes and reactions are.
pub(crate) fn assert_changes_are_counted(database: &TestDatabase) {
    let query = "SELECT id, changes, (SELECT count(*) FROM comment WHERE thread = thread.id AND page IS NOT NULL) + \
                 (SELECT count(*) FROM comment JOIN vote ON vote.comment = comment.id \
                 WHERE comment.thread = thread.id AND page IS NOT NULL) + \
                 (SELECT count(*) FROM reaction WHERE reaction.thread = thread.id) FROM thread";
    for row in database.run(query) {
        assert_eq!(row[1], row[2], "changes of thread {:?}", row[0]);
    }
}

/// The address of a post of the test site.
pub(crate) fn url(name: &str) -> PostUrl {
    PostUrl::parse(&format!("{SITE}/{name}")).unwrap()
}

/// The submission id with this number.
pub(crate) fn uuid(number: u32) -> SubmissionId {
    SubmissionId::from_digest(u128::from(number).to_be_bytes())
}

/// An anonymous root comment without a title.
pub(crate) fn anonymous_comment(post: &str, number: u32, source: String, html: SafeHtml) -> VerifiedComment {
    VerifiedComment {
        name: format!("Author {number}"),
        text: source.clone(),
        source,
        html,
        ..VerifiedComment::anonymous(number, url(post))
    }
}

/// A rate limit on posts with a proof of work, below which no post is suspicious.
pub(crate) const fn limit(scope: LimitScope, max_comments: u32, window_seconds: u32) -> RateLimit {
    RateLimit { scope, with_proof: true, max_comments, suspicious_from: u32::MAX, window_seconds }
}

thread_local! {
    static ACTIONS: Cell<u32> = const { Cell::new(0) };
}

/// The attribution of an action of a moderator, with an id not used before in this test.
pub(crate) fn attribution() -> Attribution<'static> {
    ACTIONS.set(ACTIONS.get() + 1);
    Attribution { id: uuid(u32::MAX - ACTIONS.get()), by: "grace" }
}
