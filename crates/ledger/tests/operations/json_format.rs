//! The exact JSON that is stored or exchanged. A change here needs a migration or a new version of the protocol.

use afterword_ledger::{ClientNetwork, ProofStatus, VerifiedComment};
use afterword_model::{CommentId, Moderation, NetworkIds};

use crate::fixtures::{NOW, TestDatabase, author_id, erase, reply, root_comment, submit, url};

const VERIFIED_COMMENT: &str = concat!(
    r#"{"id":"00000000-0000-8000-8000-000000000002","#,
    r#""fingerprint":"0000000000000000000000000000000000000000000000000000000000000002","#,
    r#""url":"https://blog.example/a","title":"Spring","parent":1,"#,
    r#""author":{"hash":"hash of k3f9","mark":"k3f9"},"#,
    r#""name":"Author 2","email":"ada@ada.example","website":"https://ada.example/","#,
    r#""source":"Text 2","html":"<p>Text 2</p>","text":"Text 2","renderer_version":1,"proof":{"Nonce":"00ff"},"proof_issued":null,"difficulty":null,"#,
    r#""network":{"today":{"network":"network of today","block":"block of today"},"#,
    r#""yesterday":{"network":"network of yesterday","block":null}},"duplicate_key":"a1","signals":["too_fast:2"]}"#,
);

const POSTED: &str = concat!(
    r#"{"comment":{"id":2,"parent":1,"author":{"name":"Author 2","website":"https://ada.example/","owner":false,"mark":"k3f9"},"#,
    r#""html":"<p>Text 2</p>","created":1321000000,"edited":null,"votes":0,"pinned":false,"deleted":false,"since":2},"#,
    r#""status":"published","version":2}"#,
);

const FIRST_PAGE: &str = concat!(
    r#"{"url":"https://blog.example/a","title":"Spring","version":3,"count":1,"closed":false,"sort":"oldest","page":1,"pages":1,"comments":["#,
    r#"{"id":1,"parent":null,"author":{"name":"","website":null,"owner":false,"mark":null},"#,
    r#""html":"","created":1321000000,"edited":null,"votes":0,"pinned":false,"deleted":true},"#,
    r#"{"id":2,"parent":1,"author":{"name":"Author 2","website":"https://ada.example/","owner":false,"mark":"k3f9"},"#,
    r#""html":"<p>Text 2</p>","created":1321000000,"edited":null,"votes":0,"pinned":false,"deleted":false,"since":2}]}"#,
);

/// A reply with all fields of a sender.
fn full_reply() -> VerifiedComment {
    VerifiedComment {
        title: "Spring".to_owned(),
        author: Some(author_id("k3f9")),
        email: Some("ada@ada.example".to_owned()),
        website: Some("https://ada.example/".to_owned()),
        ..reply(2, CommentId::new(1))
    }
}

#[test]
fn a_verified_comment_has_a_pinned_json_form() {
    let network_ids = |day: &str, block: Option<&str>| NetworkIds {
        network: format!("network of {day}"),
        block: block.map(str::to_owned),
    };
    let (today, yesterday) = (network_ids("today", Some("block of today")), network_ids("yesterday", None));
    let comment = VerifiedComment {
        proof: ProofStatus::Nonce("00ff".to_owned()),
        network: Some(ClientNetwork { today, yesterday }),
        duplicate_key: Some("a1".to_owned()),
        signals: vec!["too_fast:2".to_owned()],
        ..full_reply()
    };
    assert_eq!(serde_json::to_string(&comment).unwrap(), VERIFIED_COMMENT);
    assert_eq!(serde_json::from_str::<VerifiedComment>(VERIFIED_COMMENT).unwrap(), comment);
    let bad_id = VERIFIED_COMMENT.replace("00000000-0000-8000", "{0000000-0000-8000");
    assert!(serde_json::from_str::<VerifiedComment>(&bad_id).is_err());
}

#[test]
fn posted_comments_and_pages_have_pinned_json_forms() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let root = submit(&ledger, &root_comment(1));
    let posted = ledger.submit(&full_reply(), Moderation::Open, NOW).unwrap().posted;
    assert_eq!(serde_json::to_string(&posted).unwrap(), POSTED);
    erase(&database, root);
    let snapshot = ledger.snapshot(&ledger.due_threads_after(0, NOW, 1).unwrap()[0], NOW).unwrap().unwrap();
    assert_eq!(
        snapshot.pages.iter().map(|thread| serde_json::to_string(thread).unwrap()).collect::<Vec<_>>(),
        [FIRST_PAGE]
    );
    assert_eq!(serde_json::to_string(&snapshot.meta).unwrap(), r#"{"version":3,"count":1,"pages":1}"#);
    assert_eq!(snapshot.pages[0].url, url("a"));
}

/// The published JSON must never contain these texts, each of which was part of a submission.
#[test]
fn no_private_data_is_published() {
    let database = TestDatabase::new();
    let ledger = database.ledger();
    submit(&ledger, &root_comment(1));
    ledger.submit(&full_reply(), Moderation::Open, NOW).unwrap();
    let pending = VerifiedComment { name: "Waiting Name".to_owned(), ..root_comment(3) };
    ledger.submit(&pending, Moderation::All, NOW).unwrap();
    let snapshot = ledger.snapshot(&ledger.due_threads_after(0, NOW, 1).unwrap()[0], NOW).unwrap().unwrap();
    let latest = ledger.latest_comments().unwrap().value;
    assert_eq!(latest.comments.len(), 2);
    let published = serde_json::to_string(&(&snapshot.pages, latest)).unwrap();
    let comment = full_reply();
    for private in ["ada@ada.example", "hash of", &comment.fingerprint, &comment.id.to_string(), "Waiting Name"] {
        assert!(!published.contains(private), "{private}");
    }
}
