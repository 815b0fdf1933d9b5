//! The format of an export, and its parts.

use afterword_ledger::{Attribution, ExportCursor, ExportHeader, SettingChange};
use afterword_model::Moderation;

use crate::fixtures::{
    NOW, SITE, TestDatabase, author_id, export, full_site, import_lines, reply, root_comment, submit, url, uuid,
};
use crate::properties::empty_ledger;

#[test]
fn export_lines_have_a_pinned_format() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let first =
        submit(&ledger, &afterword_ledger::VerifiedComment { author: Some(author_id("ada")), ..root_comment("a", 1) });
    submit(&ledger, &reply("a", 2, first));
    ledger.vote(first, &author_id("bob").hash, afterword_model::Vote::For, 0).unwrap();
    ledger
        .update_setting(
            &SettingChange::Moderation(Some(Moderation::All)),
            &Attribution { id: uuid(7), by: "grace" },
            NOW,
        )
        .unwrap();
    let expected = [
        r#"{"afterword":2,"site":"https://blog.example","last":2}"#,
        r#"{"setting":{"name":"moderation","value":"all"}}"#,
        r#"{"audit":{"id":"00000000-0000-8000-8000-000000000007","at":1321000000,"by":"grace","action":"set","target":"moderation"}}"#,
        r#"{"thread":{"url":"https://blog.example/a","title":"Title of a","title_locked":false,"version":3,"changes":3,"closed":false}}"#,
        r#"{"comment":{"id":1,"uuid":"00000000-0000-8000-8000-000000000001","thread":"https://blog.example/a","parent":null,"status":"published","placed":true,"version":1,"fingerprint":"hmac:0000000000000000000000000000000000000000000000000000000000000001","author":"0000000000000000000000000000000000000000000000000000000000616461","mark":"ada","first_approved":true,"owner":false,"signals":["first_comment"],"name":"Author 1","email":null,"website":null,"title":"Title of a","source":"Text 1 with \"quotes\",\n\\ and <b> & ü🏴","html":"<p>Text 1 with \"quotes\",\n\\ and &lt;b> &amp; ü🏴</p>","renderer":1,"votes":0,"pinned":false,"created":1321000049,"edited":null,"erased":null}}"#,
        r#"{"vote":{"comment":"00000000-0000-8000-8000-000000000001","author":"0000000000000000000000000000000000000000000000000000000000626f62","vote":1}}"#,
        r#"{"comment":{"id":2,"uuid":"00000000-0000-8000-8000-000000000002","thread":"https://blog.example/a","parent":"00000000-0000-8000-8000-000000000001","status":"published","placed":true,"version":2,"fingerprint":"hmac:0000000000000000000000000000000000000000000000000000000000000002","author":null,"mark":null,"first_approved":false,"owner":false,"signals":[],"name":"Author 2","email":null,"website":null,"title":"Title of a","source":"Text 2 with \"quotes\",\n\\ and <b> & ü🏴","html":"<p>Text 2 with \"quotes\",\n\\ and &lt;b> &amp; ü🏴</p>","renderer":1,"votes":0,"pinned":false,"created":1321000050,"edited":null,"erased":null}}"#,
    ];
    assert_eq!(export(&ledger, 1 << 20), expected);
}

#[test]
fn an_empty_site_exports_only_a_header() {
    let lines = export(&empty_ledger(), 1);
    assert_eq!(lines, [r#"{"afterword":2,"site":"https://blog.example","last":0}"#]);
    assert_eq!(ExportHeader::parse(&lines[0]).map(|header| (header.site, header.last)), Some((SITE.to_owned(), 0)));
}

#[test]
fn the_export_is_the_same_for_every_part_size() {
    let database = full_site();
    let ledger = database.ledger();
    let whole = export(&ledger, usize::MAX);
    assert!(whole.len() >= 15, "{}", whole.len());
    for max_bytes in [0, 1, 100, 500, 1_000, 3_000] {
        assert_eq!(export(&ledger, max_bytes), whole, "{max_bytes}");
    }
}

#[test]
fn a_part_exceeds_its_size_limit_by_at_most_one_line() {
    let database = full_site();
    let ledger = database.ledger();
    let mut cursor = Some(ExportCursor::default());
    while let Some(from) = cursor {
        // The cursor can be stored between two parts.
        let stored = serde_json::from_str(&serde_json::to_string(&from).unwrap()).unwrap();
        let part = ledger.export(SITE, stored, 700).unwrap();
        let Some((last, before)) = part.lines.split_last() else {
            // The part before it ended with the last line.
            assert_eq!(part.next, None);
            break;
        };
        assert!(before.iter().map(|line| line.len() + 1).sum::<usize>() < 700 + 60, "{last}");
        cursor = part.next;
    }
}

#[test]
fn votes_that_need_several_queries_are_exported() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let id = submit(&ledger, &root_comment("a", 1));
    submit(&ledger, &root_comment("a", 2));
    for voter in 0..200 {
        ledger.vote(id, &author_id(&format!("{voter:03}")).hash, afterword_model::Vote::For, 0).unwrap();
    }
    let lines = export(&ledger, usize::MAX);
    assert_eq!(lines.iter().filter(|line| line.starts_with("{\"vote\"")).count(), 200);
    assert_eq!(export(&ledger, 90), lines);
    let restored = TestDatabase::new();
    let counts = import_lines(&restored.ledger(), &lines, 7).unwrap();
    assert_eq!((counts.votes, export(&restored.ledger(), 5_000)), (200, lines));
    assert_eq!(restored.query_integer("SELECT votes FROM comment WHERE id = 1"), 200);
}

#[test]
fn comments_posted_during_an_export_are_not_in_it() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    (1..=3).for_each(|number| {
        submit(&ledger, &root_comment("a", number));
    });
    let part = ledger.export(SITE, ExportCursor::default(), 1).unwrap();
    submit(&ledger, &root_comment("late", 4));
    let rest = ledger.export(SITE, part.next.unwrap(), usize::MAX).unwrap();
    let comments = rest.lines.iter().filter(|line| line.starts_with("{\"comment\"")).count();
    assert_eq!(comments, 3);
    let lines = [part.lines, rest.lines].concat();
    assert_eq!(import_lines(&empty_ledger(), &lines, 2).unwrap().comments, 3);
    assert_eq!(ledger.read_page(&url("late"), 1).unwrap().comments.len(), 1);
}
