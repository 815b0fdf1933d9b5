//! Work on a site of a million comments: each turn does a bounded part of it.

use afterword_ledger::{ExportCursor, Ledger, MoveOutcome, PostMove, PostMoves, SubmissionPolicy};
use afterword_model::{LimitScope, Moderation};

use crate::common::{SITE, limit};
use crate::fixtures::{NOW, TestDatabase, attribution, root_comment, submit, url};
use crate::policy_fixtures::{DAY, comment_from};

const COMMENTS: i64 = 1_000_000;
/// Size of a piece of an export, as in the Worker.
const PIECE_BYTES: usize = 64 * 1024;
/// Maximum number of steps of SQLite's virtual machine in one turn: those for a piece of an export, which is the most work.
const MAX_STEPS: i64 = 60_000;

/// A site with one thread of a million published comments, all of the last day and each from a network, with a vote for every tenth.
fn large_site() -> TestDatabase {
    let database = TestDatabase::new();
    submit(&database.ledger(), &root_comment(1));
    database.run_with(
        "WITH RECURSIVE number (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM number WHERE id < ?) \
         INSERT INTO comment (id, thread, page, status, version, uuid, fingerprint, network, \
         name, source, html, renderer, created) \
         SELECT id, 1, (id - 1) / 100 + 1, 1, id, 'uuid ' || id, '', 'network ' || (id % 999), '', '', '', 1, ? + id / 100 \
         FROM number",
        &[COMMENTS.into(), (NOW - COMMENTS / 100).into()],
    );
    database.run("INSERT INTO vote (comment, author, vote) SELECT id, 'ada', 1 FROM comment WHERE id % 10 = 0");
    database
        .run_with("UPDATE comment SET network = 'network', created = ? WHERE id = 1", &[(NOW - COMMENTS / 100).into()]);
    database.run("UPDATE thread SET version = 1100000, changes = 1100000, count = 1000000, pages = 10000");
    database
}

/// Rows that a turn got from the database, and its steps of SQLite's virtual machine.
fn cost<T>(database: &TestDatabase, turn: impl FnOnce() -> T) -> (T, usize, i64) {
    database.statements.borrow_mut().clear();
    let before = database.vm_steps.get();
    let result = turn();
    let rows = database.statements.borrow().iter().map(|statement| statement.rows).sum();
    (result, rows, database.vm_steps.get() - before)
}

#[test]
fn each_turn_on_a_site_of_a_million_comments_is_bounded() {
    let database = large_site();
    let ledger = database.ledger();
    export_pieces(&database, &ledger);
    load_recent_activity(&database);
    prune(&database, &ledger);
}

/// The first pieces of an export, of which the very first has the line of the thread, and those after any other position.
fn export_pieces(database: &TestDatabase, ledger: &Ledger<&TestDatabase>) {
    let comments = |after| ExportCursor::Comments { after, last: COMMENTS };
    for mut cursor in [ExportCursor::default(), comments(COMMENTS / 2), comments(COMMENTS - 500)] {
        for _ in 0..3 {
            let (part, rows, steps) = cost(database, || ledger.export(SITE, cursor, PIECE_BYTES).unwrap());
            assert!(rows <= 512 && steps <= MAX_STEPS, "{rows} rows and {steps} steps");
            let Some(next) = part.next else { break };
            cursor = next;
        }
    }
    let first = ledger.export(SITE, ExportCursor::default(), PIECE_BYTES).unwrap();
    assert!(first.lines[1].contains(r#""version":1100000,"changes":1100000"#), "{}", first.lines[1]);
}

/// After an eviction, a new instance reads the posts of the last day.
fn load_recent_activity(database: &TestDatabase) {
    let ledger = database.ledger();
    let limits = [limit(LimitScope::Site, 2_000_000, 86_400)];
    let policy = SubmissionPolicy { moderation: Moderation::Open, limits: &limits, patterns: None, difficulty: None };
    let comment = comment_from("net", 2_000_000);
    let mut turns = 0;
    loop {
        let (more, rows, steps) = cost(database, || ledger.load_recent_activity(&comment, &policy, NOW).unwrap());
        assert!(rows <= 256 && steps <= MAX_STEPS, "{rows} rows and {steps} steps");
        if !more {
            break;
        }
        turns += 1;
    }
    assert!((60..=70).contains(&turns), "{turns} turns for the 16,384 posts that are cached");
    let (reply, rows, steps) = cost(database, || ledger.submit(&comment, policy, NOW).unwrap());
    assert!(!reply.repeat && rows <= 128 && steps <= MAX_STEPS, "{rows} rows and {steps} steps");
}

/// Pruning, in the steps of the Worker.
fn prune(database: &TestDatabase, ledger: &Ledger<&TestDatabase>) {
    const STEP: u32 = 1_000;
    let (next, rows, steps) = cost(database, || ledger.next_prune(STEP).unwrap());
    let first_created = NOW - COMMENTS / 100;
    assert_eq!(next, Some((first_created.div_euclid(DAY) + 2) * DAY));
    assert!(rows <= 4 && steps <= 120, "{rows} rows and {steps} steps");
    let later = NOW + 3 * DAY;
    for step in 1..=20 {
        assert!(ledger.next_prune(STEP).unwrap().is_some_and(|next| next <= later));
        let (progress, rows, steps) = cost(database, || ledger.prune(later, STEP).unwrap());
        assert_eq!((progress.networks, progress.more), (STEP, true), "step {step}");
        assert!(rows <= 1_004 && steps <= MAX_STEPS, "{rows} rows and {steps} steps");
    }
    // Comments without a network, such as imported ones, are passed in steps too.
    database.run("UPDATE comment SET network = NULL WHERE id > 20000 AND id < 900000");
    let (next, rows, steps) = cost(database, || ledger.next_prune(STEP).unwrap());
    assert_eq!(next, Some(0), "at once");
    assert!(rows <= 4 && steps <= MAX_STEPS, "{rows} rows and {steps} steps");
    let (progress, rows, steps) = cost(database, || ledger.prune(later, STEP).unwrap());
    assert_eq!((progress.networks, progress.more), (0, true));
    assert!(rows <= 1_004 && steps <= MAX_STEPS, "{rows} rows and {steps} steps");
}

/// Comments of each thread that is merged: two such threads have more pages than a merge interleaves.
const MERGED_COMMENTS: i64 = 1_500;

#[test]
fn one_call_merges_few_long_threads() {
    const MERGES: i64 = 12;
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for thread in 1..=2 * MERGES {
        let query =
            "INSERT INTO thread (id, url, title, version, changes, count, pages) VALUES (?, ?, '', ?, ?, ?, 15)";
        let address = url(&format!("{}/{}", if thread % 2 == 0 { "old" } else { "new" }, (thread + 1) / 2));
        let comments = MERGED_COMMENTS.into();
        database.run_with(
            query,
            &[thread.into(), address.as_str().into(), MERGED_COMMENTS.into(), MERGED_COMMENTS.into(), comments],
        );
        database.run_with(
            "WITH RECURSIVE number (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM number WHERE id < ?1) \
             INSERT INTO comment (id, thread, page, status, version, uuid, fingerprint, name, source, html, renderer, created) \
             SELECT ?2 * 10000 + id, ?2, (id - 1) / 100 + 1, 1, id, 'uuid ' || ?2 || ' ' || id, '', '', '', '', 1, ?3 \
             FROM number",
            &[MERGED_COMMENTS.into(), thread.into(), NOW.into()],
        );
    }
    let moved = |number| PostMove { from: url(&format!("old/{number}")), to: url(&format!("new/{number}")) };
    let moves = PostMoves::List((1..=MERGES).map(moved).collect());
    let (mut after, mut merged) = (Some(0), 0);
    let action = attribution();
    while let Some(from) = after {
        let (part, _, steps) = cost(&database, || ledger.remap(&moves, from, 1_000, &action, NOW).unwrap());
        assert!(part.steps.iter().all(|step| step.outcome == MoveOutcome::Merged));
        assert!(part.steps.len() <= 2, "{} merges of 30 pages each in one turn, {steps} steps", part.steps.len());
        (merged, after) = (merged + part.steps.len(), part.next);
    }
    assert_eq!((merged, database.query_integer("SELECT count(*) FROM thread")), (12, MERGES));
}
