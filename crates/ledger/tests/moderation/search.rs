use std::path::Path;

use afterword_ledger::{Ledger, RusqliteSql, Sql, VerifiedComment};
use afterword_model::moderation::{BatchAction, QueueFilter, QueueList};
use afterword_model::{Moderation, Refusal};
use rusqlite::Connection;

use crate::common::{NOW, TestDatabase, attribution, url};
use crate::fixtures::{act, comment_by, edit, list, submit};

fn search(text: &str, list: QueueList) -> QueueFilter {
    QueueFilter { search: Some(text.to_owned()), ..QueueFilter::of_list(list) }
}

#[test]
fn a_search_finds_texts_names_and_addresses() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let comment = VerifiedComment {
        email: Some("eve@casino.example".to_owned()),
        website: Some("https://roulette.example/".to_owned()),
        ..comment_by("Eve Écarté", 1, "Spring is *beautiful* here")
    };
    let id = submit(&ledger, &comment, Moderation::Open).get();
    submit(&ledger, &comment_by("ada", 2, "Spring is wet"), Moderation::Open);
    for text in ["beautiful", "BEAU", "eve écarté", "casino", "eve@casino.example", "roulette", "spring here"] {
        assert_eq!(list(&ledger, &search(text, QueueList::Published)), [id], "{text}");
    }
    for text in ["eautiful", "beautifully", "casino wet", "poker"] {
        assert!(list(&ledger, &search(text, QueueList::Published)).is_empty(), "{text}");
    }
    assert!(list(&ledger, &search("beautiful", QueueList::Pending)).is_empty());
    let refused = ledger.read_queue(&search("…", QueueList::Pending), None, 9);
    assert_eq!(refused.err(), Some(Refusal::BadQuery.into()));
}

#[test]
fn the_search_follows_edits_and_erasures() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &comment_by("eve", 1, "Apples"), Moderation::Open);
    let found = |text: &str| list(&ledger, &search(text, QueueList::Published)).len();
    assert_eq!(found("apples"), 1);
    ledger.edit_own(id, &comment_by("eve", 2, "Bananas"), &Moderation::Open.into(), NOW).unwrap();
    assert_eq!((found("apples"), found("bananas")), (0, 1));
    ledger.edit(id, &edit("Cherries"), &attribution(), NOW).unwrap();
    assert_eq!((found("bananas"), found("cherries")), (0, 1));
    act(&database, BatchAction::Erase, &[id]);
    assert_eq!(found("cherries"), 0);
    let query = "SELECT count(*) FROM search WHERE search MATCH '0000000000 OR 1111111111'";
    assert_eq!(database.query_integer(query), 0);
    // The index is as if the comment had never been there.
    database.run("INSERT INTO search (search) VALUES ('integrity-check')");
}

#[test]
fn a_new_comment_writes_nothing_to_the_search_and_many_are_indexed_in_few_rows() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 1..=1_000_u32 {
        let text =
            format!("Comment {number} about roses, tulips, daffodils and other flowers of spring {}", number * 7);
        ledger.submit(&comment_by(&format!("author{}", number % 50), number, &text), Moderation::Open, NOW).unwrap();
    }
    assert_eq!(database.query_integer("SELECT count(*) FROM search_idx"), 0);
    let rows = || {
        let total = "SELECT (SELECT count(*) FROM search_data) + (SELECT count(*) FROM search_idx)";
        database.query_integer(total)
    };
    let (before, mut written) = (rows(), 0);
    while ledger.index_search(250).unwrap() {
        written = rows() - before;
    }
    assert!((1..=250).contains(&written), "{written} rows for 1,000 comments");
}

/// An erased comment leaves no word in the database file, in the search index as little as anywhere else.
#[test]
fn nothing_of_an_erased_comment_is_left_in_the_search() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moderation-search.sqlite");
    drop(std::fs::remove_file(&path));
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "secure_delete", "off").unwrap();
    let ledger = Ledger::open(RusqliteSql(connection)).unwrap();
    ledger.set_title(&url("a"), "A post", &attribution(), NOW).unwrap();
    let word = |number: u32| format!("planted{number:04}");
    let ids: Vec<_> = (1..=60)
        .map(|number| {
            let comment = VerifiedComment {
                email: Some(format!("{}@mail.example", word(number))),
                fingerprint: String::new(),
                title: String::new(),
                ..comment_by("eve", number, &format!("It says {} twice: {}", word(number), word(number)))
            };
            ledger.submit(&comment, Moderation::Open, NOW).unwrap().posted.comment.id
        })
        .collect();
    while ledger.index_search(7).unwrap() {}
    let find = |number: u32| {
        let page = ledger.read_queue(&search(&word(number), QueueList::Published), None, 9).unwrap();
        page.comments.len()
    };
    assert_eq!((find(20), find(40)), (1, 1));
    // After some actions, whose rows change their size.
    for id in &ids[19..40] {
        ledger.unpublish(*id, &attribution(), NOW).unwrap();
        ledger.approve(*id, &attribution(), NOW).unwrap();
    }
    ledger.edit(ids[20], &edit(&format!("Now it says {}", word(21))), &attribution(), NOW).unwrap();
    for id in &ids[19..30] {
        ledger.erase(*id, &attribution(), NOW).unwrap();
    }
    assert_eq!((find(20), find(40)), (0, 1));
    drop(ledger);
    let file = std::fs::read(&path).unwrap();
    let count = |number: u32| {
        let word = word(number);
        file.windows(word.len()).filter(|window| *window == word.as_bytes()).count()
    };
    for number in 20..=30 {
        assert_eq!(count(number), 0, "{} is left in the file", word(number));
    }
    assert!(count(40) > 0);
    let sql = RusqliteSql(Connection::open(&path).unwrap());
    sql.exec("INSERT INTO search (search) VALUES ('integrity-check')", &[]).unwrap();
}
