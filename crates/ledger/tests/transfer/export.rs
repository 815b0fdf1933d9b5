//! What an export looks like, and that it is the same however it is cut.

use afterword_ledger::{Attribution, ExportCursor, ExportHeader, SettingChange};
use afterword_model::Moderation;

use crate::fixtures::{NOW, SITE, Store, answer, entry, export, full_site, post, send, stamp, url, uuid};
use crate::properties::empty;

#[test]
fn the_lines_are_pinned() {
    let store = Store::new();
    let ledger = store.ledger();
    let first = post(&ledger, &afterword_ledger::VerifiedComment { author: Some(stamp("ada")), ..entry("a", 1) });
    post(&ledger, &answer("a", 2, first));
    ledger.vote(first, &stamp("bob").hash, afterword_model::Vote::For, 0).unwrap();
    ledger
        .update_setting(
            &SettingChange::Moderation(Some(Moderation::All)),
            &Attribution { id: uuid(7), by: "grace" },
            NOW,
        )
        .unwrap();
    let expected = [
        r#"{"afterword":1,"site":"https://blog.example","last":2}"#,
        r#"{"setting":{"name":"moderation","value":"all"}}"#,
        r#"{"audit":{"id":"00000000-0000-8000-8000-000000000007","at":1321000000,"by":"grace","act":"set","about":"moderation"}}"#,
        r#"{"thread":{"url":"https://blog.example/a","title":"Title of a","named":false,"version":3,"changes":3,"closed":false}}"#,
        r#"{"comment":{"id":1,"uuid":"00000000-0000-8000-8000-000000000001","thread":"https://blog.example/a","parent":null,"status":"published","placed":true,"version":1,"fingerprint":"0000000000000000000000000000000000000000000000000000000000000001","author":"0000000000000000000000000000000000000000000000000000000000616461","mark":"ada","introduces":true,"owner":false,"signals":["first_comment"],"name":"Author 1","email":null,"website":null,"title":"Title of a","source":"Text 1 with \"quotes\",\n\\ and <b> & ü🏴","html":"<p>Text 1 with \"quotes\",\n\\ and &lt;b> &amp; ü🏴</p>","renderer":1,"votes":0,"pinned":false,"created":1321000049,"edited":null,"erased":null}}"#,
        r#"{"vote":{"comment":"00000000-0000-8000-8000-000000000001","author":"0000000000000000000000000000000000000000000000000000000000626f62","vote":1}}"#,
        r#"{"comment":{"id":2,"uuid":"00000000-0000-8000-8000-000000000002","thread":"https://blog.example/a","parent":"00000000-0000-8000-8000-000000000001","status":"published","placed":true,"version":2,"fingerprint":"0000000000000000000000000000000000000000000000000000000000000002","author":null,"mark":null,"introduces":false,"owner":false,"signals":[],"name":"Author 2","email":null,"website":null,"title":"Title of a","source":"Text 2 with \"quotes\",\n\\ and <b> & ü🏴","html":"<p>Text 2 with \"quotes\",\n\\ and &lt;b> &amp; ü🏴</p>","renderer":1,"votes":0,"pinned":false,"created":1321000050,"edited":null,"erased":null}}"#,
    ];
    assert_eq!(export(&ledger, 1 << 20), expected);
}

#[test]
fn an_empty_site_has_a_first_line() {
    let lines = export(&empty(), 1);
    assert_eq!(lines, [r#"{"afterword":1,"site":"https://blog.example","last":0}"#]);
    assert_eq!(ExportHeader::parse(&lines[0]).map(|header| (header.site, header.last)), Some((SITE.to_owned(), 0)));
}

#[test]
fn every_cut_gives_the_same_lines() {
    let store = full_site();
    let ledger = store.ledger();
    let whole = export(&ledger, usize::MAX);
    assert!(whole.len() >= 15, "{}", whole.len());
    for max_bytes in [0, 1, 100, 500, 1_000, 3_000] {
        assert_eq!(export(&ledger, max_bytes), whole, "{max_bytes}");
    }
}

#[test]
fn a_piece_is_as_long_as_was_asked_or_a_line_longer() {
    let store = full_site();
    let ledger = store.ledger();
    let mut cursor = Some(ExportCursor::default());
    while let Some(from) = cursor {
        // What is kept between two pieces is data.
        let kept = serde_json::from_str(&serde_json::to_string(&from).unwrap()).unwrap();
        let part = ledger.export(SITE, kept, 700).unwrap();
        let (last, before) = part.lines.split_last().unwrap();
        assert!(before.iter().map(|line| line.len() + 1).sum::<usize>() < 700 + 60, "{last}");
        cursor = part.next;
    }
}

#[test]
fn more_votes_than_are_read_at_once() {
    let store = Store::new();
    let ledger = store.ledger();
    let id = post(&ledger, &entry("a", 1));
    post(&ledger, &entry("a", 2));
    for voter in 0..200 {
        ledger.vote(id, &stamp(&format!("{voter:03}")).hash, afterword_model::Vote::For, 0).unwrap();
    }
    let lines = export(&ledger, usize::MAX);
    assert_eq!(lines.iter().filter(|line| line.starts_with("{\"vote\"")).count(), 200);
    assert_eq!(export(&ledger, 90), lines);
    let restored = Store::new();
    let done = send(&restored.ledger(), &lines, 7).unwrap();
    assert_eq!((done.votes, export(&restored.ledger(), 5_000)), (200, lines));
    assert_eq!(restored.number("SELECT votes FROM comment WHERE id = 1"), 200);
}

#[test]
fn what_comes_in_meanwhile_is_left_to_the_next_export() {
    let store = Store::new();
    let ledger = store.ledger();
    (1..=3).for_each(|number| {
        post(&ledger, &entry("a", number));
    });
    let part = ledger.export(SITE, ExportCursor::default(), 1).unwrap();
    post(&ledger, &entry("late", 4));
    let rest = ledger.export(SITE, part.next.unwrap(), usize::MAX).unwrap();
    let comments = rest.lines.iter().filter(|line| line.starts_with("{\"comment\"")).count();
    assert_eq!(comments, 3);
    let lines = [part.lines, rest.lines].concat();
    assert_eq!(send(&empty(), &lines, 2).unwrap().comments, 3);
    assert_eq!(ledger.read_page(&url("late"), 1).unwrap().comments.len(), 1);
}
