//! A store that can be watched and made to fail, and a site with something of everything.

use std::cell::{Cell, RefCell};

use afterword_ledger::{
    Actor, Attribution, BanKind, BanTarget, CommentEdit, Ledger, LedgerError, ProofStatus, RusqliteSql, SettingChange,
    Sql, SqlError, Value, VerifiedComment,
};
use afterword_model::{AuthorId, CommentId, Moderation, PostUrl, SubmissionId, Vote};
use rusqlite::{Connection, StatementStatus};

pub(crate) use crate::properties::{NOW, RENDERER, SITE, export, plain, render, send};

/// A database in memory that counts what passes through it and fails when it is told to.
pub(crate) struct Store {
    db: RusqliteSql,
    /// The most bytes that one statement gave.
    pub(crate) widest: Cell<usize>,
    /// Statements so far.
    pub(crate) statements: Cell<u64>,
    /// Steps of SQLite's machine so far.
    pub(crate) steps: Cell<i64>,
    /// Statements until one fails; the end of a transaction counts as one.
    pub(crate) fuse: Cell<Option<u32>>,
    /// Statements that wrote since this was emptied.
    pub(crate) writes: RefCell<Vec<String>>,
}

impl Store {
    pub(crate) fn new() -> Self {
        let db = RusqliteSql(Connection::open_in_memory().unwrap());
        let (widest, statements, steps, fuse) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(None));
        Self { db, widest, statements, steps, fuse, writes: RefCell::default() }
    }

    /// The ledger in this store; opening it again is what happens after a crash.
    pub(crate) fn ledger(&self) -> Ledger<&Self> {
        Ledger::open(self).unwrap()
    }

    /// Runs a statement behind the ledger's back.
    pub(crate) fn run(&self, query: &str) -> Vec<Vec<Value>> {
        self.db.exec(query, &[]).unwrap()
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

    pub(crate) fn number(&self, query: &str) -> i64 {
        match self.run(query).as_slice() {
            [row] => match row.as_slice() {
                [Value::Integer(number)] => *number,
                other => panic!("{query}: {other:?}"),
            },
            other => panic!("{query}: {other:?}"),
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
        self.statements.set(self.statements.get() + 1);
        let bytes = rows.iter().flatten().map(|value| if let Value::Text(text) = value { text.len() } else { 8 }).sum();
        self.widest.set(self.widest.get().max(bytes));
        if !query.starts_with("SELECT") {
            self.writes.borrow_mut().push(query.to_owned());
        }
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
    PostUrl::parse(&format!("{SITE}/{name}")).unwrap()
}

pub(crate) fn uuid(number: u32) -> SubmissionId {
    SubmissionId::from_digest(u128::from(number).to_be_bytes())
}

pub(crate) fn stamp(name: &str) -> AuthorId {
    AuthorId {
        hash: format!("{:0>64}", name.bytes().map(|byte| format!("{byte:02x}")).collect::<String>()),
        mark: name.to_owned(),
    }
}

/// A root comment.
pub(crate) fn entry(post: &str, number: u32) -> VerifiedComment {
    let source = format!("Text {number} with \"quotes\",\n\\ and <b> & ü🏴");
    VerifiedComment {
        id: uuid(number),
        fingerprint: format!("{number:064x}"),
        url: url(post),
        title: format!("Title of {post}"),
        parent: None,
        author: None,
        name: format!("Author {number}"),
        email: None,
        website: None,
        html: render(&source).unwrap(),
        source,
        renderer_version: 1,
        proof: ProofStatus::NotRequired,
        network: None,
        duplicate_key: None,
        signals: Vec::new(),
    }
}

/// Submits under `Open`, which must go well the first time.
pub(crate) fn post(ledger: &Ledger<&Store>, entry: &VerifiedComment) -> CommentId {
    let outcome = ledger.submit(entry, Moderation::Open, NOW + i64::from(entry.id.to_string().as_bytes()[35])).unwrap();
    assert!(!outcome.repeat);
    outcome.posted.comment.id
}

pub(crate) fn answer(post: &str, number: u32, parent: CommentId) -> VerifiedComment {
    VerifiedComment { parent: Some(parent), ..entry(post, number) }
}

/// Publishes all that is due, as the Worker does, and gives the number of values put.
pub(crate) fn publish(ledger: &Ledger<&Store>, now: i64) -> usize {
    let mut put = 0;
    while let Some(due) = ledger.due_threads(now, 1).unwrap().into_iter().next() {
        let snapshot = ledger.snapshot(&due, now).unwrap().unwrap();
        put += snapshot.pages.len();
        ledger.mark_published(&snapshot.due).unwrap();
    }
    put
}

/// A site with something of everything that is ever stored.
pub(crate) fn full_site() -> Store {
    let store = Store::new();
    let ledger = store.ledger();
    let ada = VerifiedComment {
        author: Some(stamp("ada")),
        email: Some("ada@ada.example".to_owned()),
        website: Some("https://ada.example/".to_owned()),
        ..entry("a", 1)
    };
    let first = post(&ledger, &ada);
    let second = post(&ledger, &VerifiedComment { author: Some(stamp("bob")), ..answer("a", 2, first) });
    let third = post(&ledger, &answer("a", 3, second));
    let waiting = ledger.submit(&entry("a", 4), Moderation::All, NOW).unwrap().posted.comment.id;
    let suspicious = VerifiedComment { signals: vec!["too_fast:2".to_owned()], ..entry("waits", 5) };
    ledger.submit(&suspicious, Moderation::All, NOW).unwrap();
    let other = post(&ledger, &entry("b", 6));
    post(&ledger, &answer("b", 7, other));
    ledger.erase(other, Actor::Moderator(&act()), NOW + 9).unwrap();
    ledger.unpublish(second, &act(), NOW).unwrap();
    let edit = CommentEdit { source: "Other".to_owned(), html: render("Other").unwrap(), renderer: 1 };
    ledger.edit(third, &edit, Actor::Moderator(&act()), 0, NOW + 7).unwrap();
    ledger.vote(first, &stamp("bob").hash, Vote::For, NOW).unwrap();
    ledger.vote(first, &stamp("eve").hash, Vote::Against, NOW).unwrap();
    ledger.vote(third, &stamp("eve").hash, Vote::For, NOW).unwrap();
    ledger.approve(waiting, &act(), NOW).unwrap();
    ledger.set_closed(&url("b"), true, &act(), NOW).unwrap();
    ledger.set_closed(&url("empty"), true, &act(), NOW).unwrap();
    ledger.update_setting(&SettingChange::Moderation(Some(Moderation::First)), &act(), NOW).unwrap();
    ledger.update_setting(&SettingChange::Muted("pills\n*casino*".to_owned()), &act(), NOW).unwrap();
    ledger.ban(BanTarget::Pattern(BanKind::Email, "*@spam.example"), Some(NOW + 900), &act(), NOW).unwrap();
    ledger.ban(BanTarget::Author(BanKind::Author, second), None, &act(), NOW).unwrap();
    store.run("UPDATE comment SET votes = votes + 5, pinned = 1, owner = 1 WHERE id = 3");
    store
}

thread_local! {
    static ACTS: Cell<u32> = const { Cell::new(0) };
}

/// An act of a moderator, not done before in this test.
pub(crate) fn act() -> Attribution<'static> {
    ACTS.set(ACTS.get() + 1);
    Attribution { id: uuid(u32::MAX - ACTS.get()), by: "grace" }
}
