//! What a comment costs: rows written, and that neither they nor the rows read grow with the thread.

use std::collections::BTreeSet;

use afterword_ledger::{
    Actor, ClientNetwork, CommentEdit, CommentFilter, Ledger, ProofStatus, SubmissionPolicy, Value, VerifiedComment,
};
use afterword_model::{CommentId, LimitScope, Moderation, NetworkIds, RateLimit, Vote, limits};

use crate::fixtures::{NOW, Store, act, answer, entry, html, post, stamp, url};

/// Rows written by an act, as a Durable Object counts them: each row of a table inserted, updated or deleted, and each
/// entry of an index inserted. Deleted index entries are counted too, though the object leaves them out.
///
/// SQLite itself counts the rows of tables; for the indexes, their entries before and after are compared. The same statements
/// run in workerd (compatibility date 2026-04-01) give the same numbers as its `rowsWritten`.
fn rows_written(store: &Store, act: impl FnOnce()) -> i64 {
    let (rows, entries) = (store.number("SELECT total_changes()"), index_entries(store));
    act();
    let in_indexes = index_entries(store).symmetric_difference(&entries).count();
    store.number("SELECT total_changes()") - rows + i64::try_from(in_indexes).unwrap()
}

/// All entries of all indexes: the index, its columns and the row's id.
fn index_entries(store: &Store) -> BTreeSet<String> {
    let indexes = store.run("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'", &[]);
    let entries = |index: Vec<Value>| {
        let [Value::Text(name), Value::Text(table), Value::Text(sql)] = index.as_slice() else { panic!("{index:?}") };
        let (columns, condition) = sql.split_once(" (").unwrap().1.split_once(')').unwrap();
        let columns = columns.replace(" DESC", "");
        let rows = store.run(&format!("SELECT {columns}, rowid FROM {table} {condition}"), &[]);
        rows.into_iter().map(|row| format!("{name} {row:?}")).collect::<Vec<_>>()
    };
    indexes.into_iter().flat_map(entries).collect()
}

/// Rows written by submitting an entry and publishing what became due by it.
fn price(store: &Store, entry: &VerifiedComment, policy: Moderation) -> i64 {
    let ledger = store.ledger();
    rows_written(store, || {
        ledger.submit(entry, policy, NOW).unwrap();
        for due in ledger.due_threads(NOW, 10).unwrap() {
            ledger.snapshot(&due, NOW).unwrap().unwrap();
            ledger.mark_published(&due).unwrap();
        }
    })
}

#[test]
fn a_comment_on_an_existing_thread_writes_six_rows() {
    let store = Store::new();
    let titled = |number| VerifiedComment { title: "Spring".to_owned(), ..entry(number) };
    let by_ada = |number| VerifiedComment { author: Some(stamp("ada")), ..titled(number) };
    assert_eq!(
        price(&store, &entry(1), Moderation::Open),
        7,
        "a new thread: its entry in the index of addresses as well"
    );
    // The comment, its id's and its page's index entries, the thread, the outbox in and out.
    assert_eq!(price(&store, &titled(2), Moderation::Open), 6);
    assert_eq!(price(&store, &by_ada(3), Moderation::Open), 7, "the author's first: the author becomes known");
    assert_eq!(price(&store, &by_ada(4), Moderation::Open), 6);
    assert_eq!(price(&store, &by_ada(5), Moderation::First), 6);
    assert_eq!(price(&store, &answer(6, CommentId::new(2)), Moderation::Open), 6);
}

#[test]
fn a_comment_that_waits_writes_three_rows_and_a_repeat_none() {
    let store = Store::new();
    price(&store, &entry(1), Moderation::Open);
    // The comment, and its entries in the indexes of ids and of what waits.
    assert_eq!(price(&store, &entry(2), Moderation::All), 3);
    assert_eq!(price(&store, &entry(2), Moderation::All), 0);
    assert_eq!(price(&store, &entry(1), Moderation::Open), 0);
    assert_eq!(rows_written(&store, || drop(store.ledger().read_page(&url("new"), 1))), 0);
    assert_eq!(rows_written(&store, || assert!(Ledger::open(&store).is_ok())), 0);
}

/// An entry with all that is noted of where it comes from, and under the rules of a site that counts.
fn guarded(number: u32) -> VerifiedComment {
    let seals = |day: &str| NetworkIds {
        network: format!("{day}_seal_of_{}", number % 3),
        block: Some(format!("{day}_block")),
    };
    VerifiedComment {
        author: Some(stamp(&(number % 7).to_string())),
        proof: ProofStatus::Nonce(format!("nonce {number}")),
        network: Some(ClientNetwork { today: seals("today"), yesterday: seals("yesterday") }),
        duplicate_key: Some(format!("like {number}")),
        ..entry(number)
    }
}

#[test]
fn what_keeps_a_site_clean_writes_no_row_of_its_own() {
    let store = Store::new();
    let limits = [
        RateLimit {
            scope: LimitScope::Author,
            with_proof: true,
            max_posts: 2,
            suspicious_from: u32::MAX,
            window_seconds: 100,
        },
        RateLimit {
            scope: LimitScope::Network,
            with_proof: true,
            max_posts: 5,
            suspicious_from: u32::MAX,
            window_seconds: 100,
        },
        RateLimit {
            scope: LimitScope::Site,
            with_proof: true,
            max_posts: 9,
            suspicious_from: u32::MAX,
            window_seconds: 100,
        },
    ];
    let rules = SubmissionPolicy { moderation: Moderation::Open, limits: &limits, patterns: None };
    let price = |entry: &VerifiedComment| {
        let ledger = store.ledger();
        rows_written(&store, || {
            drop(ledger.submit(entry, rules, NOW));
            for due in ledger.due_threads(NOW, 10).unwrap() {
                ledger.mark_published(&due).unwrap();
            }
        })
    };
    price(&entry(0));
    assert_eq!(price(&guarded(1)), 7, "the author's first, as without");
    assert_eq!(price(&guarded(8)), 6);
    assert_eq!(price(&guarded(15)), 0, "the author's third is one too many");
    assert_eq!(
        price(&VerifiedComment { proof: ProofStatus::Nonce("nonce 8".to_owned()), ..guarded(2) }),
        0,
        "a proof that is spent"
    );
    assert_eq!(
        price(&VerifiedComment { duplicate_key: Some("like 8".to_owned()), ..guarded(3) }),
        3,
        "suspicious: it waits"
    );
    let flood = |numbers: std::ops::Range<u32>| numbers.map(|number| price(&guarded(number))).sum::<i64>();
    assert!(flood(20..200) > 0, "until the site has enough");
    assert_eq!(flood(200..2_200), 0);
    // Days later each network that is forgotten is a row, and how far that has come is one.
    let noted = store.number("SELECT count(*) FROM comment WHERE network IS NOT NULL");
    let pruned = rows_written(&store, || drop(store.ledger().prune(NOW + 3 * 86_400, 1_000)));
    assert_eq!(pruned, noted + 1);
    assert_eq!(rows_written(&store, || drop(store.ledger().prune(NOW + 3 * 86_400, 1_000))), 0);
}

/// A store with a thread of this many root comments, all published.
fn long_thread(comments: i64) -> Store {
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &entry(1));
    ledger.mark_published(&ledger.due_threads(NOW, 1).unwrap()[0]).unwrap();
    let full = i64::try_from(limits::PAGE_COMMENTS).unwrap();
    store.run(
        "WITH RECURSIVE number (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM number WHERE id < ?) \
         INSERT INTO comment (id, thread, page, status, version, uuid, fingerprint, author, introduces, \
         name, title, source, html, renderer, created) \
         SELECT id, 1, (id - 1) / ? + 1, 1, id, 'uuid ' || id, '', 'hash ' || id, 1, '', 'Title ' || (id % 9), '', '', 1, 1 \
         FROM number",
        &[comments.into(), full.into()],
    );
    let pages = (comments - 1) / full + 1;
    store.run("UPDATE thread SET version = ?, count = ?, pages = ?", &[comments.into(), comments.into(), pages.into()]);
    store.log.borrow_mut().clear();
    store.steps.set(0);
    store
}

fn post_and_publish(store: &Store, entry: &VerifiedComment) {
    let ledger = store.ledger();
    ledger.submit(entry, Moderation::First, NOW).unwrap();
    let due = ledger.due_threads(NOW, 10).unwrap();
    let snapshot = ledger.snapshot(&due[0], NOW).unwrap().unwrap();
    assert_eq!(snapshot.pages.len(), 2);
    ledger.mark_published(&snapshot.due).unwrap();
}

/// A root comment and an answer by a known author, the most that a comment on a long thread can ask for.
fn sent(store: &Store) -> [VerifiedComment; 2] {
    let by = Some(afterword_model::AuthorId { hash: "hash 2".to_owned(), mark: String::new() });
    let parent = store.number("SELECT id FROM comment WHERE page = 2 LIMIT 1");
    [
        VerifiedComment { author: by.clone(), ..entry(500_000) },
        VerifiedComment { author: by, ..answer(500_001, CommentId::new(parent)) },
    ]
}

#[test]
fn the_price_does_not_grow_with_the_thread() {
    let mut works = Vec::new();
    // The last page has the same room in both.
    for comments in [250, 100_050] {
        let store = long_thread(comments);
        for entry in sent(&store) {
            let before = (store.log.borrow().len(), store.steps.get());
            post_and_publish(&store, &entry);
            let rows: usize = store.log.borrow()[before.0..].iter().map(|call| call.rows).sum();
            assert!(rows <= 2 * limits::PAGE_COMMENTS + 32 + 12, "{rows} rows of {comments} comments");
            works.push(store.steps.get() - before.1);
        }
        assert_no_scan(&store);
    }
    let [short_root, short_answer, long_root, long_answer] = works[..] else { panic!("{works:?}") };
    assert_eq!((short_root, short_answer), (long_root, long_answer), "steps of SQLite's machine");
}

/// The work of reading lists and logs on a site with something of everything.
fn read_lists(store: &Store) -> Vec<i64> {
    let ledger = store.ledger();
    for id in [3, 70, 160, 200] {
        ledger.unpublish(CommentId::new(id), &act(), NOW).unwrap();
        ledger.erase(CommentId::new(id + 1), Actor::Moderator(&act()), NOW).unwrap();
    }
    store.log.borrow_mut().clear();
    let lists: [(CommentFilter, usize); 3] =
        [(CommentFilter::Pending, 4), (CommentFilter::Erased, 4), (CommentFilter::Published, 10)];
    let steps = |(listed, expected): (CommentFilter, usize)| {
        let before = store.steps.get();
        assert_eq!(ledger.list_comments(listed, None, 10).unwrap().items.len(), expected);
        store.steps.get() - before
    };
    let steps = lists.into_iter().map(steps).collect();
    assert_eq!(ledger.list_audit_log(None, 5).unwrap().items.len(), 5);
    assert_no_scan(store);
    steps
}

#[test]
fn lists_for_moderators_cost_what_they_show() {
    assert_eq!(read_lists(&long_thread(250)), read_lists(&long_thread(100_050)), "steps of SQLite's machine");
}

/// Rows read by the posts of an instance, one after the other.
fn rows_read(store: &Store, ledger: &Ledger<&Store>, numbers: std::ops::Range<u32>) -> Vec<usize> {
    let limits = [RateLimit {
        scope: LimitScope::Site,
        with_proof: true,
        max_posts: 1_000,
        suspicious_from: u32::MAX,
        window_seconds: 86_400,
    }];
    let rules = SubmissionPolicy { moderation: Moderation::Open, limits: &limits, patterns: None };
    let read = |number| {
        let before = store.log.borrow().len();
        ledger.submit(&guarded(number), rules, NOW).unwrap();
        store.log.borrow()[before..].iter().map(|call| call.rows).sum()
    };
    numbers.map(read).collect()
}

#[test]
fn what_was_posted_lately_is_read_once_and_what_is_old_is_not() {
    // All but the posts of the day are from long ago.
    let store = long_thread(100_050);
    let rows = rows_read(&store, &store.ledger(), 200_000..200_010);
    assert!(rows[0] <= 256 + 52 && rows[1..].iter().all(|rows| *rows <= 52), "{rows:?}");
    assert_no_scan(&store);
    let rows = rows_read(&store, &store.ledger(), 200_010..200_020);
    assert!(rows[0] <= 2 * 256 + 52 && rows[1..].iter().all(|rows| *rows <= 52), "{rows:?}");
}

/// Does something, and says whether it went well.
type Act<'a> = &'a dyn Fn(&Ledger<&Store>) -> bool;

/// Every act on a comment in the middle of a thread, and what is published after it.
fn act_and_publish(store: &Store) -> Vec<i64> {
    let (first, second) = (CommentId::new(150), CommentId::new(151));
    let edit = CommentEdit { source: String::new(), html: html("better"), renderer: 1 };
    let acts: [Act<'_>; 8] = [
        &|ledger| ledger.vote(first, "ada", Vote::For, NOW).is_ok(),
        &|ledger| ledger.vote(second, "ada", Vote::For, NOW).is_ok(),
        &|ledger| ledger.vote(second, "bob", Vote::For, NOW).is_ok(),
        &|ledger| ledger.edit(first, &edit, Actor::Moderator(&act()), 0, NOW).is_ok(),
        &|ledger| ledger.unpublish(first, &act(), NOW).is_ok(),
        &|ledger| ledger.approve(first, &act(), NOW).is_ok(),
        &|ledger| ledger.erase(second, Actor::Moderator(&act()), NOW).is_ok(),
        &|ledger| ledger.set_closed(&url("a"), true, &act(), NOW).is_ok(),
    ];
    let steps = |act: &Act<'_>| {
        let (ledger, before) = (store.ledger(), store.steps.get());
        assert!(act(&ledger));
        for due in ledger.due_threads(i64::MAX, 10).unwrap() {
            let snapshot = ledger.snapshot(&due, i64::MAX).unwrap().unwrap();
            assert!(snapshot.pages.len() <= 3, "{:?}", snapshot.due);
            ledger.mark_published(&snapshot.due).unwrap();
        }
        assert_eq!(ledger.next_due(), Ok(None));
        store.steps.get() - before
    };
    acts.iter().map(steps).collect()
}

#[test]
fn the_price_of_an_act_does_not_grow_with_the_thread() {
    let (short, long) = (long_thread(250), long_thread(100_050));
    assert_eq!(act_and_publish(&short), act_and_publish(&long), "steps of SQLite's machine");
    assert_no_scan(&long);
}

#[test]
fn a_vote_writes_few_rows() {
    let store = Store::new();
    let ledger = store.ledger();
    let root = post(&ledger, &entry(1));
    let answer = post(&ledger, &answer(2, root));
    ledger.mark_published(&ledger.due_threads(NOW, 1).unwrap()[0]).unwrap();
    let price = |id, author: &str, vote| rows_written(&store, || assert!(ledger.vote(id, author, vote, NOW).is_ok()));
    // The vote, the comment, the thread, the outbox; of a root comment, its entry among the best as well.
    assert_eq!(price(answer, "ada", Vote::For), 4);
    assert_eq!(price(root, "ada", Vote::For), 5);
    assert_eq!(price(root, "bob", Vote::For), 6, "one entry out, one in");
    assert_eq!(price(root, "bob", Vote::For), 0);
}

/// Every statement since [`long_thread`] finds its rows by a key. The outbox is walked in its order, as far as the limit:
/// it holds nothing but what is due. The version of the schema is alone in its table, and of settings and bans there are few.
fn assert_no_scan(store: &Store) {
    let log = store.log.borrow();
    let queries: BTreeSet<_> = log.iter().map(|call| (call.query.as_str(), call.params.as_slice().len())).collect();
    let mut searches = 0;
    for (query, params) in queries {
        if query.starts_with("CREATE") {
            continue;
        }
        for row in store.run(&format!("EXPLAIN QUERY PLAN {query}"), &vec![Value::Integer(1); params]) {
            let Some(Value::Text(step)) = row.last() else { panic!("{row:?}") };
            assert!(!step.contains("TEMP B-TREE"), "{query}: {step}");
            match step.as_str() {
                "SCAN outbox" | "SCAN schema_version" | "SCAN setting" | "SCAN ban" => {}
                step if step.starts_with("SCAN") => panic!("{query}: {step}"),
                step => searches += usize::from(step.starts_with("SEARCH")),
            }
        }
    }
    assert!(searches >= 8, "{searches}");
}
