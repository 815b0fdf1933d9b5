//! The cost of lists, searches and counts on a large site: their query plans, and their times on a million comments.

use std::collections::BTreeSet;
use std::time::Duration;

use afterword_ledger::{Ledger, RusqliteSql, Sql, Value};
use afterword_model::moderation::{
    AuditFilter, BatchAction, QueueFilter, QueueList, Similarity, SimilarityKind, ThreadFilter,
};
use afterword_model::{CommentId, Moderation};
use rusqlite::Connection;

use crate::common::{NOW, TestDatabase, url};
use crate::fixtures::{act, author_id, comment_by, report, submit};

fn similar(kind: SimilarityKind) -> Similarity {
    Similarity { kind, comment: CommentId::new(1) }
}

/// Every filter of a list, of a site with the post `a` and the author `eve`.
fn filters(list: QueueList) -> Vec<QueueFilter> {
    let all = QueueFilter::of_list(list);
    vec![
        all.clone(),
        QueueFilter { post: Some(url("a")), ..all.clone() },
        QueueFilter { author: Some("eve".to_owned()), ..all.clone() },
        QueueFilter { author: Some(author_id("eve").hash), ..all.clone() },
        QueueFilter { from: Some(NOW - 900), until: Some(NOW - 90), ..all.clone() },
        QueueFilter { search: Some("roses tulips".to_owned()), ..all.clone() },
        QueueFilter { search: Some("rare".to_owned()), post: Some(url("a")), ..all.clone() },
        QueueFilter { similar: Some(similar(SimilarityKind::Text)), ..all.clone() },
        QueueFilter { similar: Some(similar(SimilarityKind::Link)), ..all.clone() },
        QueueFilter { similar: Some(similar(SimilarityKind::Network)), ..all },
    ]
}

#[test]
fn every_query_of_a_list_search_or_count_uses_an_index() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let ids: Vec<CommentId> = (1..=60)
        .map(|number| submit(&ledger, &comment_by("eve", number, "roses and tulips"), Moderation::Open))
        .collect();
    act(&database, BatchAction::Unpublish, &ids[..10]);
    act(&database, BatchAction::Spam, &ids[10..20]);
    act(&database, BatchAction::Delete, &ids[20..30]);
    report(&ledger, ids[40], "reader");
    while ledger.index_search(20).unwrap() {}
    database.statements.borrow_mut().clear();
    for list in QueueList::ALL {
        for filter in filters(*list) {
            ledger.read_queue(&filter, None, 5).unwrap();
            ledger.read_queue(&filter, Some(CommentId::new(30)), 5).unwrap();
            ledger.count_matching(&filter).unwrap();
        }
    }
    ledger.read_comment_page(ids[40]).unwrap();
    ledger.read_overview(NOW).unwrap();
    ledger.list_threads(&ThreadFilter::default(), None, 5).unwrap();
    for filter in [
        AuditFilter::default(),
        AuditFilter { comment: Some(ids[0]), ..AuditFilter::default() },
        AuditFilter { batch: Some("x".to_owned()), ..AuditFilter::default() },
        AuditFilter { since: Some(1), ..AuditFilter::default() },
    ] {
        ledger.read_audit_log(&filter, None, 5).unwrap();
    }
    assert_no_full_scan(&database);
}

/// Checks the plan of every statement since the log was cleared. A scan is allowed of the comments or threads in the order of their ids, which
/// ends at a limit; of an index that has only the comments of a list; and of the results of a bounded subquery.
fn assert_no_full_scan(database: &TestDatabase) {
    let queries: BTreeSet<String> =
        database.statements.borrow().iter().map(|statement| statement.query.to_string()).collect();
    let mut plans = 0;
    for query in queries.iter().filter(|query| query.starts_with("SELECT")) {
        let params = vec![Value::Null; query.matches('?').count()];
        for row in database.run_with(&format!("EXPLAIN QUERY PLAN {query}"), &params[..distinct(query)]) {
            let Value::Text(detail) = &row[3] else { panic!("{row:?}") };
            plans += 1;
            if !detail.starts_with("SCAN") {
                continue;
            }
            let is_bounded = detail.contains("VIRTUAL TABLE INDEX")
                || detail.contains("subquery")
                || detail.starts_with("SCAN (")
                || detail == "SCAN CONSTANT ROW"
                || ["comment_pending", "comment_reported", "comment_spam", "comment_deleted"]
                    .iter()
                    .any(|index| detail.contains(index))
                || (query.contains("LIMIT")
                    && ["SCAN comment", "SCAN thread", "SCAN audit_log"].contains(&detail.as_str()));
            assert!(is_bounded, "{detail}: {query}");
        }
    }
    assert!(plans > 100, "{plans} plans");
}

/// Number of parameters of a query: `?1` may stand in several places.
fn distinct(query: &str) -> usize {
    let numbered = (1..9).filter(|number| query.contains(&format!("?{number}"))).count();
    if numbered > 0 { numbered } else { query.matches('?').count() }
}

/// Budget of rows that one count of the comments that match a filter may return from the database.
const COUNT_ROWS: usize = 20_100;
/// Budget of rows that one page of fifty comments may return from the database, with the numbers of the lists.
const PAGE_ROWS: usize = 2_000;

#[test]
fn the_rows_of_a_page_do_not_grow_with_the_site() {
    let [small, large] = [4_000, 16_000].map(|comments| {
        let database = TestDatabase::new();
        database.ledger();
        fill(&database, comments);
        let ledger = database.ledger();
        while ledger.index_search(1_000).unwrap() {}
        let mut costs = Vec::new();
        let mut measure = |work: &dyn Fn()| {
            let steps = database.vm_steps.get();
            database.statements.borrow_mut().clear();
            work();
            let rows: usize = database.statements.borrow().iter().map(|statement| statement.rows).sum();
            costs.push((rows, database.vm_steps.get() - steps));
        };
        for list in QueueList::ALL {
            for filter in filters(*list) {
                measure(&|| drop(ledger.read_queue(&filter, None, 50).unwrap()));
            }
        }
        measure(&|| {
            let _ = ledger.count_queue().unwrap();
        });
        costs
    });
    for ((rows, steps), (large_rows, large_steps)) in small.into_iter().zip(large) {
        assert!(rows.max(large_rows) <= PAGE_ROWS, "{rows} and {large_rows} rows");
        // The site is four times as large. The lists of the small one end before a page or a limit is full.
        assert!(large_steps <= 3 * steps + 20_000, "{steps} and {large_steps} steps");
    }
}

#[test]
fn the_rows_of_a_count_are_bounded() {
    let database = TestDatabase::new();
    database.ledger();
    fill(&database, 21_000);
    let ledger = database.ledger();
    for list in QueueList::ALL {
        database.statements.borrow_mut().clear();
        ledger.count_matching(&QueueFilter::of_list(*list)).unwrap();
        let rows: usize = database.statements.borrow().iter().map(|statement| statement.rows).sum();
        assert!(rows <= COUNT_ROWS, "{list:?}: {rows} rows");
    }
}

/// A site with this many comments on a thousand posts, by five thousand authors. A hundredth of them waits, and as many are spam, deleted and
/// reported each.
fn large_site(comments: i64) -> Ledger<RusqliteSql> {
    let connection = Connection::open_in_memory().unwrap();
    let ledger = Ledger::open(RusqliteSql(connection)).unwrap();
    fill(ledger.database(), comments);
    ledger
}

fn fill(sql: &impl Sql, comments: i64) {
    let run = |query: &str| drop(sql.exec(query, &[comments.into()]).unwrap());
    run("WITH RECURSIVE number (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM number WHERE id < min(1000, ?)) \
         INSERT INTO thread (id, url, title, version, count, pages) \
         SELECT id, CASE id WHEN 1 THEN 'https://blog.example/a' ELSE 'https://blog.example/post' || id END, 'Post ' || id, 1, 1000, 10 FROM number");
    run(&format!(
        "WITH RECURSIVE number (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM number WHERE id < ?) \
         INSERT INTO comment (id, thread, page, status, version, uuid, fingerprint, author, mark, name, email, title, source, html, \
         renderer, created, erased, removed, reported) \
         SELECT id, id % 1000 + 1, CASE WHEN id % 100 > 1 THEN id / 100000 + 1 END, \
         CASE id % 100 WHEN 0 THEN 0 WHEN 1 THEN 2 ELSE 1 END, id, 'uuid ' || id, '', \
         CASE id % 5000 WHEN 7 THEN '{}' ELSE 'hash ' || (id % 5000) END, CASE id % 5000 WHEN 7 THEN 'eve' ELSE 'm' || (id % 5000) END, \
         'Author ' || (id % 5000), 'author' || (id % 5000) || '@mail.example', '', \
         'Comment ' || id || ' says that roses and tulips of the year ' || (id % 40 + 1980) || ' were ' || \
         CASE WHEN id % 20011 = 0 THEN 'rare' ELSE 'common' END, '<p>Text</p>', 1, {NOW} - ({comments} - id) / 2, \
         CASE id % 100 WHEN 2 THEN 1 END, id % 100 = 2, id % 100 = 3 FROM number",
        author_id("eve").hash
    ));
}

#[test]
#[ignore = "takes minutes: cargo test -p afterword-ledger --test moderation -- --ignored --nocapture; SQLite and the ledger are optimized"]
fn lists_searches_and_counts_of_a_million_comments_take_less_than_50_ms() {
    let comments = 1_000_000;
    let started = cpu_time();
    let ledger = large_site(comments);
    let built = cpu_time() - started;
    let started = cpu_time();
    let mut turns = 0;
    let mut slowest_turn = Duration::ZERO;
    loop {
        let turn = cpu_time();
        let more = ledger.index_search(250).unwrap();
        slowest_turn = slowest_turn.max(cpu_time() - turn);
        turns += 1;
        if !more {
            break;
        }
    }
    let indexed = cpu_time() - started;
    let report = |name: &str, times: &mut Vec<Duration>, work: &dyn Fn()| {
        let started = cpu_time();
        work();
        let time = cpu_time() - started;
        times.push(time);
        write_line(&format!("{name}: {:.1} ms", time.as_secs_f64() * 1_000.0));
    };
    write_line(&format!(
        "built in {built:?}; {turns} turns of the search index in {indexed:?}, the slowest {slowest_turn:?}"
    ));
    let mut times = Vec::new();
    for list in QueueList::ALL {
        for (number, filter) in filters(*list).into_iter().enumerate() {
            let name = format!("{} filter {number}", list.as_str());
            report(&format!("{name}, first page"), &mut times, &|| drop(ledger.read_queue(&filter, None, 50).unwrap()));
            let middle = Some(CommentId::new(comments / 2));
            report(&format!("{name}, middle page"), &mut times, &|| {
                drop(ledger.read_queue(&filter, middle, 50).unwrap())
            });
        }
    }
    report("counts", &mut times, &|| assert!(ledger.count_queue().unwrap().pending.more));
    report("overview", &mut times, &|| drop(ledger.read_overview(NOW).unwrap()));
    report("threads", &mut times, &|| drop(ledger.list_threads(&ThreadFilter::default(), None, 50).unwrap()));
    for list in [QueueList::Pending, QueueList::Spam] {
        report("count of all matching", &mut times, &|| {
            assert!(ledger.count_matching(&QueueFilter::of_list(list)).unwrap().count.count >= 10_000)
        });
    }
    let slowest = times.iter().max().unwrap();
    write_line(&format!("slowest of {}: {slowest:?}", times.len()));
    assert!(*slowest <= Duration::from_millis(50), "{slowest:?}");
}

/// CPU time of this thread, which other programs on the machine do not lengthen: the first number in Linux's `schedstat`, in nanoseconds.
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

#[expect(clippy::print_stdout, reason = "the measured times are what the test is for")]
fn write_line(line: &str) {
    println!("{line}");
}
