//! Lists of comments for moderators.

use afterword_ledger::{CommentFilter, VerifiedComment};
use afterword_model::{CommentId, Moderation};

use crate::fixtures::{NOW, TestDatabase, attribution, author_id, erase, reply, root_comment, submit};

#[test]
fn comments_are_listed_by_status() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    for number in 1..=9 {
        let policy = if number % 3 == 0 { Moderation::All } else { Moderation::Open };
        ledger.submit(&root_comment(number), policy, NOW).unwrap();
    }
    for erased in [2, 6] {
        erase(&database, CommentId::new(erased));
    }
    ledger.unpublish(CommentId::new(4), &attribution(), NOW).unwrap();
    for limit in [1, 2, 3, 100] {
        let ids = |filter| {
            let (mut before, mut ids) = (None, Vec::new());
            loop {
                let part = ledger.list_comments(filter, before, limit).unwrap();
                assert!(part.items.len() <= limit as usize);
                ids.extend(part.items.iter().map(|details| details.comment.id.get()));
                let Some(next) = part.next else { return ids };
                before = Some(CommentId::new(next));
            }
        };
        assert_eq!(ids(CommentFilter::Pending), [9, 4, 3]);
        assert_eq!(ids(CommentFilter::Published), [8, 7, 5, 1]);
        assert_eq!(ids(CommentFilter::Erased), [6, 2]);
    }
}

#[test]
fn published_comments_are_found_behind_many_pending_ones() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let first = submit(&ledger, &root_comment(1));
    database.run(
        "WITH RECURSIVE number (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM number WHERE id < 5001) \
         INSERT INTO comment (id, thread, status, uuid, fingerprint, name, source, html, renderer, created) \
         SELECT id, 1, 0, 'uuid ' || id, '', '', '', '', 1, 1 FROM number",
    );
    let (mut before, mut found, mut calls) = (None, Vec::new(), 0);
    loop {
        let part = ledger.list_comments(CommentFilter::Published, before, 10).unwrap();
        (found, calls) = ([found, part.items].concat(), calls + 1);
        let Some(next) = part.next else { break };
        before = Some(CommentId::new(next));
    }
    assert_eq!((found.len(), found[0].comment.id, calls), (1, first, 3));
}

#[test]
fn listed_comments_have_a_pinned_json_form() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &VerifiedComment { title: "Spring".to_owned(), ..root_comment(1) });
    let comment = VerifiedComment {
        author: Some(author_id("k3f9")),
        email: Some("ada@ada.example".to_owned()),
        website: Some("https://ada.example/".to_owned()),
        title: "Summer".to_owned(),
        ..reply(2, CommentId::new(1))
    };
    ledger.submit(&comment, Moderation::All, NOW).unwrap();
    let page = ledger.list_comments(CommentFilter::Pending, None, 9).unwrap();
    let json: Vec<_> = page.items.iter().map(|details| serde_json::to_string(details).unwrap()).collect();
    let expected = concat!(
        r#"{"id":2,"parent":1,"author":{"name":"Author 2","website":"https://ada.example/","owner":false,"mark":"k3f9"},"#,
        r#""html":"<p>Text 2</p>","created":1321000000,"edited":null,"votes":0,"pinned":false,"deleted":false,"#,
        r#""status":"pending","uuid":"00000000-0000-8000-8000-000000000002","url":"https://blog.example/a","#,
        r#""title":"Spring","sent_title":"Summer","email":"ada@ada.example","source":"Text 2","key":"hash of k3f9","network":null,"signals":["first_comment"],"erased":null}"#,
    );
    assert_eq!(json, [expected]);
}
