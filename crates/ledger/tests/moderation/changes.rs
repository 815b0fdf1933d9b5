//! Tests of the answers that an open page of a moderator asks for every few seconds.

use afterword_ledger::Ledger;
use afterword_model::moderation::{BatchAction, KeptCounts, ListCount};
use afterword_model::{CommentId, Moderation};

use crate::common::{NOW, TestDatabase, attribution};
use crate::fixtures::{
    TestLedger, act, author_id, batch, below, comment_by, edit, is_done, report, revision_of, submit, undo_all,
};

/// Budget of rows that one answer may read while nothing is new, whatever the size of the site.
const IDLE_ROWS: usize = 4;
/// Budget of rows that one answer may read for each new comment, and for each new entry of the audit log.
const ROWS_FOR_EACH_CHANGE: usize = 3;

fn rows_read(database: &TestDatabase, ledger: &TestLedger<'_>, since: i64) -> usize {
    database.statements.borrow_mut().clear();
    ledger.read_changes(Some(since), 100).unwrap();
    database.statements.borrow().iter().map(|statement| statement.rows).sum()
}

fn audit_head(database: &TestDatabase) -> i64 {
    database.query_integer("SELECT coalesce(max(id), 0) FROM audit_log")
}

/// The numbers of the ledger, which are those of a ledger that has counted nothing before.
#[track_caller]
fn check_counts(database: &TestDatabase, ledger: &TestLedger<'_>, expected: [u32; 4]) {
    let counts = ledger.read_changes(None, 0).unwrap().counts;
    assert_eq!(counts, Ledger::open(database).unwrap().read_changes(None, 0).unwrap().counts);
    let shown = [counts.pending, counts.reported, counts.spam, counts.deleted].map(|list| list.count);
    assert_eq!(shown, expected);
}

#[test]
fn the_numbers_follow_every_change() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    check_counts(&database, &ledger, [0; 4]);
    let ids: Vec<CommentId> =
        (1..=6).map(|number| submit(&ledger, &comment_by("eve", number, "Hello"), Moderation::All)).collect();
    check_counts(&database, &ledger, [6, 0, 0, 0]);
    let act = |action, ids: &[CommentId]| {
        let result = ledger.act(&batch(&database, action, ids), "ada", NOW).unwrap();
        assert!(result.results.iter().all(is_done));
        result.id
    };
    let approved = act(BatchAction::Approve, &ids[..3]);
    check_counts(&database, &ledger, [3, 0, 0, 0]);
    report(&ledger, ids[0], "reader");
    check_counts(&database, &ledger, [3, 1, 0, 0]);
    act(BatchAction::Spam, &ids[3..5]);
    let deleted = act(BatchAction::Delete, &ids[..2]);
    check_counts(&database, &ledger, [1, 0, 2, 2]);
    undo_all(&database, deleted);
    check_counts(&database, &ledger, [1, 1, 2, 0]);
    act(BatchAction::Keep, &ids[..1]);
    let seen = (ids[5], revision_of(&database, ids[5]));
    ledger.edit_seen(seen, &edit("Better"), true, &attribution(), NOW).unwrap();
    check_counts(&database, &ledger, [0, 0, 2, 0]);
    // A comment that arrives and is decided between two questions.
    let late = submit(&ledger, &comment_by("ben", 7, "Hello"), Moderation::All);
    act(BatchAction::Spam, &[late]);
    check_counts(&database, &ledger, [0, 0, 3, 0]);
    ledger.delete_own(below(ids[1]), &author_id("eve").hash, NOW).unwrap();
    ledger.delete_own(below(ids[3]), &author_id("eve").hash, NOW).unwrap();
    check_counts(&database, &ledger, [0, 0, 2, 0]);
    ledger.restore_own(below(ids[3]), &author_id("eve").hash, NOW).unwrap();
    check_counts(&database, &ledger, [0, 0, 3, 0]);
    ledger.unpublish(ids[2], &attribution(), NOW).unwrap();
    act(BatchAction::Delete, &ids[4..5]);
    check_counts(&database, &ledger, [1, 0, 2, 1]);
    ledger.erase(ids[4], &attribution(), NOW).unwrap();
    check_counts(&database, &ledger, [1, 0, 2, 0]);
    act(BatchAction::Delete, &ids[5..]);
    while ledger.prune(NOW + 40 * 86_400, 100).unwrap().more {}
    check_counts(&database, &ledger, [1, 0, 2, 0]);
    undo_all(&database, approved);
    check_counts(&database, &ledger, [1, 0, 2, 0]);
}

#[test]
fn an_answer_reads_a_few_rows() {
    for number in [20, 3_000] {
        let database = TestDatabase::new();
        let ledger = database.ledger();
        submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::All);
        database.run(&format!(
            "WITH RECURSIVE number (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM number WHERE id < {number}) \
             INSERT INTO comment (id, thread, status, uuid, fingerprint, name, source, html, renderer, created) \
             SELECT id, 1, 2 * (id % 2), 'uuid ' || id, '', '', 'Text', '', 1, 1 FROM number"
        ));
        ledger.read_changes(Some(0), 100).unwrap();
        assert!(rows_read(&database, &ledger, audit_head(&database)) <= IDLE_ROWS, "{number}");
        let head = audit_head(&database);
        let ids: Vec<CommentId> = (10_001..=10_005)
            .map(|number| submit(&ledger, &comment_by("ben", number, "Hello"), Moderation::All))
            .collect();
        act(&database, BatchAction::Spam, &ids[..2]);
        act(&database, BatchAction::Approve, &[CommentId::new(2)]);
        let rows = rows_read(&database, &ledger, head);
        assert!(rows <= IDLE_ROWS + 8 * ROWS_FOR_EACH_CHANGE, "{rows} rows with {number} comments");
        assert!(rows_read(&database, &ledger, audit_head(&database)) <= IDLE_ROWS, "{number}");
    }
}

#[test]
fn a_long_list_is_counted_up_to_a_limit() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &comment_by("eve", 1, "Hello"), Moderation::All);
    database.run(
        "WITH RECURSIVE number (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM number WHERE id < 2300) \
         INSERT INTO comment (id, thread, status, uuid, fingerprint, name, source, html, renderer, created) \
         SELECT id, 1, 0, 'uuid ' || id, '', '', 'Text', '', 1, 1 FROM number",
    );
    let pending = || ledger.read_changes(None, 0).unwrap().counts.pending;
    assert_eq!(pending(), ListCount { count: 1_000, more: true });
    for first in (1..=1_200).step_by(100) {
        let ids: Vec<CommentId> = (first..first + 100).map(CommentId::new).collect();
        act(&database, BatchAction::Delete, &ids);
        assert_eq!(pending(), ListCount { count: 1_000, more: true }, "{first}");
    }
    let ids: Vec<CommentId> = (1_201..=1_300).map(CommentId::new).collect();
    act(&database, BatchAction::Delete, &ids);
    assert_eq!(pending(), ListCount { count: 1_000, more: false });
    let deleted = ledger.read_changes(None, 0).unwrap().counts.deleted;
    assert_eq!(deleted, ListCount { count: 1_000, more: true });
    assert_eq!(KeptCounts::default().spam, ledger.read_changes(None, 0).unwrap().counts.spam);
}
