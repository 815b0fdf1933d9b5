//! The cost of operations: the rows that they write and read, and that this cost does not grow with the thread.

use std::collections::BTreeSet;

use afterword_ledger::{
    BanKind, BanTarget, ClientNetwork, CommentEdit, CommentFilter, Ledger, PageSize, ProofStatus, SettingChange,
    SubmissionPolicy, Value, VerifiedComment,
};
use afterword_model::{AuthorId, CommentId, LimitScope, Moderation, NetworkIds, Reactions, Vote, limits};

use crate::common::limit;
use crate::fixtures::{
    NOW, TestDatabase, attribution, author_id, html, network, new_report, of_a, own_edit, reply, root_comment, submit,
    url,
};

/// Rows written by an action, as a Durable Object counts them: each row of a table inserted, updated or deleted, and
/// each entry of an index inserted. Deleted index entries are counted too, although the object does not count them.
///
/// SQLite counts the rows of tables; the entries of the indexes are compared before and after the action. The same
/// statements, run in workerd (compatibility date 2026-04-01), give the same numbers in its `rowsWritten`.
fn rows_written(database: &TestDatabase, action: impl FnOnce()) -> i64 {
    let (rows, entries) = (database.query_integer("SELECT total_changes()"), index_entries(database));
    action();
    let in_indexes = index_entries(database).symmetric_difference(&entries).count();
    database.query_integer("SELECT total_changes()") - rows + i64::try_from(in_indexes).unwrap()
}

/// All entries of all indexes: name of the index, indexed columns and row id.
fn index_entries(database: &TestDatabase) -> BTreeSet<String> {
    let indexes = database.run("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'");
    let entries = |index: Vec<Value>| {
        let [Value::Text(name), Value::Text(table), Value::Text(sql)] = index.as_slice() else { panic!("{index:?}") };
        let (columns, condition) = sql.split_once(" (").unwrap().1.split_once(')').unwrap();
        let columns = columns.replace(" DESC", "");
        let key = if table == "report" { "uuid" } else { "rowid" };
        let rows = database.run(&format!("SELECT {columns}, {key} FROM {table} {condition}"));
        rows.into_iter().map(|row| format!("{name} {row:?}")).collect::<Vec<_>>()
    };
    indexes.into_iter().flat_map(entries).collect()
}

/// Rows written by submitting a comment and publishing the thread that becomes due.
fn write_cost(database: &TestDatabase, comment: &VerifiedComment, policy: Moderation) -> i64 {
    let ledger = database.ledger();
    rows_written(database, || {
        ledger.submit(comment, policy, NOW).unwrap();
        for due in ledger.due_threads_after(0, NOW, 10).unwrap() {
            ledger.snapshot(&due, NOW).unwrap().unwrap();
            ledger.mark_published(&due).unwrap();
        }
    })
}

#[test]
fn a_comment_on_an_existing_thread_writes_seven_rows() {
    let database = TestDatabase::new();
    let titled = |number| VerifiedComment { title: "Spring".to_owned(), ..root_comment(number) };
    let by_ada = |number| VerifiedComment { author: Some(author_id("ada")), ..titled(number) };
    assert_eq!(
        write_cost(&database, &root_comment(1), Moderation::Open),
        8,
        "a new thread has an entry in the index of addresses as well, and the latest comments become due"
    );
    // The comment, its index entries for id and page, the thread, and the outbox row, inserted and deleted.
    assert_eq!(write_cost(&database, &titled(2), Moderation::Open), 6);
    assert_eq!(
        write_cost(&database, &by_ada(3), Moderation::Open),
        8,
        "an author with a key is found by the mark, and with their first comment becomes known"
    );
    assert_eq!(write_cost(&database, &by_ada(4), Moderation::Open), 7);
    assert_eq!(write_cost(&database, &by_ada(5), Moderation::First), 7);
    assert_eq!(write_cost(&database, &reply(6, CommentId::new(2)), Moderation::Open), 6);
}

#[test]
fn the_most_expensive_comment_writes_eight_rows() {
    let database = TestDatabase::new();
    let size = PageSize { comments: 2, comments_with_replies: 2, index_runs: 2, ..PageSize::default() };
    let ledger = database.ledger().with_page_size(size);
    let publish = |now| {
        for due in ledger.due_threads_after(0, now, 10).unwrap() {
            ledger.mark_published(&due).unwrap();
        }
    };
    for number in 1..=4 {
        submit(&ledger, &root_comment(number));
    }
    publish(NOW);
    let by_ada = |number| VerifiedComment { author: Some(author_id("ada")), ..reply(number, CommentId::new(3)) };
    let cost = |comment: &VerifiedComment| {
        [
            rows_written(&database, || assert!(ledger.submit(comment, Moderation::Open, NOW).is_ok())),
            rows_written(&database, || publish(NOW)),
            rows_written(&database, || publish(NOW + 60)),
        ]
    };
    // The comment, its three index entries, the author, the parent, the thread, and the outbox row. Then the thread and the outbox row,
    // because the page of the parent waits, and once it is published the outbox row.
    assert_eq!(cost(&by_ada(5)), [8, 2, 1]);
    assert_eq!(database.query_integer("SELECT count(*) FROM index_block"), 0, "the block is left to the next comment");
    assert_eq!(ledger.next_due(), Ok(None));
    assert_eq!(
        cost(&by_ada(6)),
        [7, 1, 0],
        "the next reply changes its own page and the first page, and makes the block"
    );
    assert_eq!(database.query_integer("SELECT count(*) FROM index_block"), 1);
}

#[test]
fn a_pending_comment_writes_three_rows_and_a_repeat_none() {
    let database = TestDatabase::new();
    write_cost(&database, &root_comment(1), Moderation::Open);
    // The comment, and its entries in the indexes of ids and of pending comments.
    assert_eq!(write_cost(&database, &root_comment(2), Moderation::All), 3);
    assert_eq!(write_cost(&database, &root_comment(2), Moderation::All), 0);
    assert_eq!(write_cost(&database, &root_comment(1), Moderation::Open), 0);
    assert_eq!(rows_written(&database, || drop(database.ledger().read_page(&url("new"), 1))), 0);
    assert_eq!(rows_written(&database, || assert!(Ledger::open(&database).is_ok())), 0);
}

/// A comment with all data that spam protection stores.
fn tracked_comment(number: u32) -> VerifiedComment {
    let ids = |day: &str| NetworkIds {
        network: format!("{day}_network_{}", number % 3),
        block: Some(format!("{day}_block")),
    };
    VerifiedComment {
        author: Some(author_id(&(number % 7).to_string())),
        proof: ProofStatus::Nonce(format!("nonce {number}")),
        network: Some(ClientNetwork { today: ids("today"), yesterday: ids("yesterday") }),
        duplicate_key: Some(format!("like {number}")),
        ..root_comment(number)
    }
}

#[test]
fn spam_protection_writes_no_rows_of_its_own() {
    let database = TestDatabase::new();
    let limits =
        [limit(LimitScope::Author, 2, 100), limit(LimitScope::Network, 5, 100), limit(LimitScope::Site, 9, 100)];
    let policy = SubmissionPolicy { moderation: Moderation::Open, limits: &limits, patterns: None, difficulty: None };
    let write_cost = |comment: &VerifiedComment| {
        let ledger = database.ledger();
        rows_written(&database, || {
            drop(ledger.submit(comment, policy, NOW));
            for due in ledger.due_threads_after(0, NOW, 10).unwrap() {
                ledger.mark_published(&due).unwrap();
            }
        })
    };
    write_cost(&root_comment(0));
    assert_eq!(write_cost(&tracked_comment(1)), 8, "the first comment of the author, as without spam protection");
    assert_eq!(write_cost(&tracked_comment(8)), 7);
    assert_eq!(write_cost(&tracked_comment(15)), 0, "the third comment of the author is over the limit");
    assert_eq!(
        write_cost(&VerifiedComment { proof: ProofStatus::Nonce("nonce 8".to_owned()), ..tracked_comment(2) }),
        0,
        "a proof that was used before"
    );
    assert_eq!(
        write_cost(&VerifiedComment { duplicate_key: Some("like 8".to_owned()), ..tracked_comment(3) }),
        4,
        "a suspicious comment is pending"
    );
    let flood = |numbers: std::ops::Range<u32>| numbers.map(|number| write_cost(&tracked_comment(number))).sum::<i64>();
    assert!(flood(20..200) > 0, "until the limit of the site is reached");
    assert_eq!(flood(200..2_200), 0);
    // Days later, pruning writes a row for each network, and one for its own position.
    let with_network = database.query_integer("SELECT count(*) FROM comment WHERE network IS NOT NULL");
    let pruned = rows_written(&database, || drop(database.ledger().prune(NOW + 3 * 86_400, 1_000)));
    assert_eq!(pruned, with_network + 1);
    assert_eq!(rows_written(&database, || drop(database.ledger().prune(NOW + 3 * 86_400, 1_000))), 0);
}

/// A database with one thread of this number of root comments, all published.
fn long_thread(comments: i64) -> TestDatabase {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &root_comment(1));
    ledger.mark_published(&ledger.due_threads_after(0, NOW, 1).unwrap()[0]).unwrap();
    let per_page = i64::try_from(limits::PAGE_COMMENTS).unwrap();
    database.run_with(
        "WITH RECURSIVE number (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM number WHERE id < ?) \
         INSERT INTO comment (id, thread, page, status, version, uuid, fingerprint, author, first_approved, \
         name, title, source, html, renderer, created) \
         SELECT id, 1, (id - 1) / ? + 1, 1, id, 'uuid ' || id, '', 'hash ' || id, 1, '', 'Title ' || (id % 9), '', '', 1, 1 \
         FROM number",
        &[comments.into(), per_page.into()],
    );
    let pages = (comments - 1) / per_page + 1;
    database.run_with(
        "UPDATE thread SET version = ?, count = ?, pages = ?",
        &[comments.into(), comments.into(), pages.into()],
    );
    database.statements.borrow_mut().clear();
    database.vm_steps.set(0);
    database
}

fn submit_and_publish(database: &TestDatabase, comment: &VerifiedComment) {
    let ledger = database.ledger();
    ledger.submit(comment, Moderation::First, NOW).unwrap();
    let due = ledger.due_threads_after(0, NOW, 10).unwrap();
    let snapshot = ledger.snapshot(&due[0], NOW).unwrap().unwrap();
    assert_eq!(snapshot.pages.len(), 2);
    ledger.mark_published(&snapshot.due).unwrap();
}

/// A root comment and a reply by a known author, which are the most expensive comments on a long thread.
fn expensive_comments(database: &TestDatabase) -> [VerifiedComment; 2] {
    let author = Some(AuthorId { hash: "hash 2".to_owned(), mark: String::new() });
    let parent = database.query_integer("SELECT id FROM comment WHERE page = 2 LIMIT 1");
    [
        VerifiedComment { author: author.clone(), ..root_comment(500_000) },
        VerifiedComment { author, ..reply(500_001, CommentId::new(parent)) },
    ]
}

#[test]
fn the_cost_of_a_comment_does_not_grow_with_the_thread() {
    let mut costs = Vec::new();
    // The last page has the same room in both threads.
    for comments in [250, 100_050] {
        let database = long_thread(comments);
        for comment in expensive_comments(&database) {
            let before = (database.statements.borrow().len(), database.vm_steps.get());
            submit_and_publish(&database, &comment);
            let rows: usize = database.statements.borrow()[before.0..].iter().map(|statement| statement.rows).sum();
            assert!(rows <= 2 * limits::PAGE_COMMENTS + 32 + 12, "{rows} rows for {comments} comments");
            costs.push(database.vm_steps.get() - before.1);
        }
        assert_no_scan(&database);
    }
    let [short_root, short_reply, long_root, long_reply] = costs[..] else { panic!("{costs:?}") };
    assert_eq!((short_root, short_reply), (long_root, long_reply), "steps of SQLite's virtual machine");
}

/// Steps of SQLite's virtual machine for reading each list of comments.
fn read_lists(database: &TestDatabase) -> Vec<i64> {
    let ledger = database.ledger();
    for id in [3, 70, 160, 200] {
        ledger.unpublish(CommentId::new(id), &attribution(), NOW).unwrap();
        ledger.erase(CommentId::new(id + 1), &attribution(), NOW).unwrap();
    }
    database.statements.borrow_mut().clear();
    for id in [90, 180] {
        ledger.report(of_a(CommentId::new(id)), &new_report(&network()), NOW).unwrap();
    }
    database.statements.borrow_mut().clear();
    let lists: [(CommentFilter, usize); 4] = [
        (CommentFilter::Pending, 4),
        (CommentFilter::Erased, 4),
        (CommentFilter::Published, 10),
        (CommentFilter::Reported, 2),
    ];
    let steps = |(filter, expected): (CommentFilter, usize)| {
        let before = database.vm_steps.get();
        assert_eq!(ledger.list_comments(filter, None, 10).unwrap().items.len(), expected);
        database.vm_steps.get() - before
    };
    let steps = lists.into_iter().map(steps).collect();
    assert_eq!(ledger.list_audit_log(None, 5).unwrap().items.len(), 5);
    assert_no_scan(database);
    steps
}

#[test]
fn the_cost_of_lists_does_not_grow_with_the_site() {
    assert_eq!(read_lists(&long_thread(250)), read_lists(&long_thread(100_050)), "steps of SQLite's virtual machine");
}

/// Rows read by each of the submissions to one instance.
fn rows_read(database: &TestDatabase, ledger: &Ledger<&TestDatabase>, numbers: std::ops::Range<u32>) -> Vec<usize> {
    let limits = [limit(LimitScope::Site, 1_000, 86_400)];
    let policy = SubmissionPolicy { moderation: Moderation::Open, limits: &limits, patterns: None, difficulty: None };
    let read = |number| {
        let before = database.statements.borrow().len();
        ledger.submit(&tracked_comment(number), policy, NOW).unwrap();
        database.statements.borrow()[before..].iter().map(|statement| statement.rows).sum()
    };
    numbers.map(read).collect()
}

#[test]
fn recent_comments_are_read_once_and_old_ones_are_not() {
    // All comments before these submissions are from long ago.
    let database = long_thread(100_050);
    let rows = rows_read(&database, &database.ledger(), 200_000..200_010);
    assert!(rows[0] <= 256 + 52 && rows[1..].iter().all(|rows| *rows <= 52), "{rows:?}");
    assert_no_scan(&database);
    let rows = rows_read(&database, &database.ledger(), 200_010..200_020);
    assert!(rows[0] <= 2 * 256 + 52 && rows[1..].iter().all(|rows| *rows <= 52), "{rows:?}");
}

/// Runs an action and returns true if it succeeds.
type RunAction<'a> = &'a dyn Fn(&Ledger<&TestDatabase>) -> bool;

/// Steps of SQLite's virtual machine for each action on a comment within a thread, and for publishing after it.
fn action_costs(database: &TestDatabase) -> Vec<i64> {
    let (first, second) = (CommentId::new(150), CommentId::new(151));
    let edit = CommentEdit { source: String::new(), html: html("better"), renderer: 1 };
    let actions: [RunAction<'_>; 8] = [
        &|ledger| ledger.vote(first, "ada", Vote::For, NOW).is_ok(),
        &|ledger| ledger.vote(second, "ada", Vote::For, NOW).is_ok(),
        &|ledger| ledger.vote(second, "bob", Vote::For, NOW).is_ok(),
        &|ledger| ledger.edit(first, &edit, &attribution(), NOW).is_ok(),
        &|ledger| ledger.unpublish(first, &attribution(), NOW).is_ok(),
        &|ledger| ledger.approve(first, &attribution(), NOW).is_ok(),
        &|ledger| ledger.erase(second, &attribution(), NOW).is_ok(),
        &|ledger| ledger.set_closed(&url("a"), true, &attribution(), NOW).is_ok(),
    ];
    let steps = |action: &RunAction<'_>| {
        let (ledger, before) = (database.ledger(), database.vm_steps.get());
        assert!(action(&ledger));
        for due in ledger.due_threads_after(0, i64::MAX >> 11, 10).unwrap() {
            let snapshot = ledger.snapshot(&due, i64::MAX >> 11).unwrap().unwrap();
            assert!(snapshot.pages.len() <= 3, "{:?}", snapshot.due);
            ledger.mark_published(&snapshot.due).unwrap();
        }
        assert_eq!(ledger.next_due(), Ok(None));
        database.vm_steps.get() - before
    };
    actions.iter().map(steps).collect()
}

#[test]
fn the_cost_of_an_action_does_not_grow_with_the_thread() {
    let (short, long) = (long_thread(250), long_thread(100_050));
    assert_eq!(action_costs(&short), action_costs(&long), "steps of SQLite's virtual machine");
    assert_no_scan(&long);
}

#[test]
fn a_vote_writes_few_rows() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let root = submit(&ledger, &root_comment(1));
    let reply = submit(&ledger, &reply(2, root));
    ledger.mark_published(&ledger.due_threads_after(0, NOW, 1).unwrap()[0]).unwrap();
    let write_cost =
        |id, author: &str, vote| rows_written(&database, || assert!(ledger.vote(id, author, vote, NOW).is_ok()));
    // The vote, the comment, the thread and the outbox row; for a root comment also its index entry of the best
    // comments.
    assert_eq!(write_cost(reply, "ada", Vote::For), 4);
    assert_eq!(write_cost(root, "ada", Vote::For), 5);
    assert_eq!(write_cost(root, "bob", Vote::For), 6, "one index entry deleted, one inserted");
    assert_eq!(write_cost(root, "bob", Vote::For), 0);
}

#[test]
fn interactions_write_few_rows() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let by_ada =
        |number| VerifiedComment { author: Some(author_id("ada")), title: "Title".to_owned(), ..root_comment(number) };
    let (id, _) = (submit(&ledger, &by_ada(1)), submit(&ledger, &by_ada(2)));
    ledger.vote(id, "bob", Vote::For, NOW).unwrap();
    ledger.mark_published(&ledger.due_threads_after(0, NOW + 60, 1).unwrap()[0]).unwrap();
    let reactions = SettingChange::Reactions(Reactions::parse("👍"));
    ledger.update_setting(&reactions, &attribution(), NOW).unwrap();
    let open = Moderation::Open.into();
    let spam = VerifiedComment { signals: vec!["many_links:9".to_owned()], ..own_edit("ada", 22, "Spam") };
    let ada = "hash of ada";
    let costs = [
        rows_written(&database, || assert!(ledger.react(&url("a"), "bob", Some("👍"), NOW).is_ok())),
        rows_written(&database, || assert!(ledger.react(&url("new"), "bob", Some("👍"), NOW).is_ok())),
        rows_written(&database, || assert!(ledger.report(of_a(id), &new_report(&network()), NOW).is_ok())),
        rows_written(&database, || assert!(ledger.edit_own(id, &own_edit("ada", 21, "Better"), &open, NOW).is_ok())),
        rows_written(&database, || assert!(ledger.delete_own(of_a(id), ada, NOW).is_ok())),
        rows_written(&database, || assert!(ledger.restore_own(of_a(id), ada, NOW).is_ok())),
        rows_written(&database, || assert!(ledger.edit_own(id, &spam, &open, NOW).is_ok())),
    ];
    let limits = [6, 6, 6, 11, 11, 11, 11];
    assert!(costs.iter().zip(limits).all(|(cost, limit)| (1..=limit).contains(cost)), "{costs:?}");
    // A repeat writes nothing, and neither does reading.
    let repeats = rows_written(&database, || {
        assert!(ledger.react(&url("a"), "bob", Some("👍"), NOW).is_ok());
        assert!(ledger.report(of_a(id), &new_report(&network()), NOW).is_err(), "it waits");
        assert!(ledger.edit_own(id, &spam, &open, NOW).is_ok());
        assert!(ledger.source(of_a(id), ada).is_ok());
        assert_eq!(ledger.fates(&url("a"), &[id], ada).unwrap().comments.len(), 1);
    });
    assert_eq!(repeats, 0);
}

/// Steps of SQLite's virtual machine for each interaction within a thread.
fn interaction_costs(database: &TestDatabase) -> Vec<i64> {
    let id = CommentId::new(150);
    database.run(&format!("UPDATE comment SET author = 'hash of ada', created = {NOW} WHERE id = 150"));
    let (open, ada) = (Moderation::Open.into(), "hash of ada");
    let interactions: [RunAction<'_>; 7] = [
        &|ledger| ledger.vote_below(of_a(id), "bob", Vote::For, NOW).is_ok(),
        &|ledger| ledger.report(of_a(id), &new_report(&network()), NOW).is_ok(),
        &|ledger| ledger.source(of_a(id), ada).is_ok(),
        &|ledger| ledger.edit_own(id, &own_edit("ada", 600_000, "Better"), &open, NOW).is_ok(),
        &|ledger| ledger.delete_own(of_a(id), ada, NOW).is_ok(),
        &|ledger| ledger.restore_own(of_a(id), ada, NOW).is_ok(),
        &|ledger| ledger.fates(&url("a"), &[id], ada).is_ok(),
    ];
    let steps = |interaction: &RunAction<'_>| {
        let (ledger, before) = (database.ledger(), database.vm_steps.get());
        assert!(interaction(&ledger));
        database.vm_steps.get() - before
    };
    interactions.iter().map(steps).collect()
}

#[test]
fn the_cost_of_an_interaction_does_not_grow_with_the_thread() {
    let (short, long) = (long_thread(250), long_thread(100_050));
    assert_eq!(interaction_costs(&short), interaction_costs(&long), "steps of SQLite's virtual machine");
    assert_no_scan(&long);
}

#[test]
fn bans_are_found_by_their_keys() {
    let database = long_thread(250);
    let ledger = database.ledger();
    let ids: Vec<_> = (0..20).map(|_| attribution()).collect();
    for by in &ids {
        let pattern = by.id.to_string();
        ledger.ban(&BanTarget::Pattern(BanKind::Name, pattern), None, by, NOW).unwrap();
    }
    ledger.submit(&root_comment(500_000), Moderation::Open, NOW).unwrap();
    let ids: Vec<_> = ids.iter().map(|by| by.id).collect();
    let lifting = attribution();
    assert_eq!(ledger.lift_bans(&[&ids[..19], &ids[..1]].concat(), &lifting, NOW).unwrap().len(), 1);
    assert_eq!(ledger.lift_bans(&ids[..19], &lifting, NOW).unwrap().len(), 1, "a repeat changes nothing");
    assert_eq!(database.query_integer("SELECT count(*) FROM audit_log WHERE action = 'unban'"), 19);
    assert_no_scan(&database);
}

/// Checks that every statement since [`long_thread`] finds its rows by a key. The outbox may be scanned in its order up
/// to a limit, because all of its rows are due; the schema version is alone in its table; and there are few settings.
fn assert_no_scan(database: &TestDatabase) {
    let log = database.statements.borrow();
    let queries: BTreeSet<_> = log.iter().map(|statement| (&*statement.query, statement.params)).collect();
    let mut searches = 0;
    for (query, params) in queries {
        if query.starts_with("CREATE") {
            continue;
        }
        for row in database.run_with(&format!("EXPLAIN QUERY PLAN {query}"), &vec![Value::Integer(1); params]) {
            let Some(Value::Text(step)) = row.last() else { panic!("{row:?}") };
            assert!(!step.contains("TEMP B-TREE"), "{query}: {step}");
            match step.as_str() {
                "SCAN outbox" | "SCAN schema_version" | "SCAN setting" => {}
                step if step.starts_with("SCAN") => panic!("{query}: {step}"),
                step => searches += usize::from(step.starts_with("SEARCH")),
            }
        }
    }
    assert!(searches >= 8, "{searches}");
}
