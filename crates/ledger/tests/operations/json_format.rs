//! The stored and exchanged forms, to the letter. A change here needs a migration or a version of the protocol.

use afterword_ledger::{ClientNetwork, ProofStatus, VerifiedComment};
use afterword_model::{CommentId, Moderation, NetworkIds};

use crate::fixtures::{NOW, Store, answer, entry, erase, post, stamp, url};

const ENTRY: &str = concat!(
    r#"{"id":"00000000-0000-8000-8000-000000000002","#,
    r#""fingerprint":"0000000000000000000000000000000000000000000000000000000000000002","#,
    r#""url":"https://blog.example/a","title":"Spring","parent":1,"#,
    r#""author":{"hash":"hash of k3f9","mark":"k3f9"},"#,
    r#""name":"Author 2","email":"ada@ada.example","website":"https://ada.example/","#,
    r#""source":"Text 2","html":"<p>Text 2</p>","renderer":1,"proof":{"Nonce":"00ff"},"#,
    r#""sender":{"today":{"network":"seal of today","block":"block of today"},"#,
    r#""yesterday":{"network":"seal of yesterday","block":null}},"likeness":"a1","signals":["too_fast:2"]}"#,
);

const POSTED: &str = concat!(
    r#"{"comment":{"id":2,"parent":1,"author":{"name":"Author 2","website":"https://ada.example/","owner":false,"mark":"k3f9"},"#,
    r#""html":"<p>Text 2</p>","created":1321000000,"edited":null,"votes":0,"pinned":false,"deleted":false},"#,
    r#""status":"published","version":2}"#,
);

const HEAD: &str = concat!(
    r#"{"url":"https://blog.example/a","title":"Spring","version":3,"count":1,"closed":false,"sort":"oldest","page":1,"pages":1,"comments":["#,
    r#"{"id":1,"parent":null,"author":{"name":"","website":null,"owner":false,"mark":null},"#,
    r#""html":"","created":1321000000,"edited":null,"votes":0,"pinned":false,"deleted":true},"#,
    r#"{"id":2,"parent":1,"author":{"name":"Author 2","website":"https://ada.example/","owner":false,"mark":"k3f9"},"#,
    r#""html":"<p>Text 2</p>","created":1321000000,"edited":null,"votes":0,"pinned":false,"deleted":false}]}"#,
);

fn full_entry() -> VerifiedComment {
    VerifiedComment {
        title: "Spring".to_owned(),
        author: Some(stamp("k3f9")),
        email: Some("ada@ada.example".to_owned()),
        website: Some("https://ada.example/".to_owned()),
        ..answer(2, CommentId::new(1))
    }
}

#[test]
fn an_entry() {
    let seals = |day: &str, block: Option<&str>| NetworkIds {
        network: format!("seal of {day}"),
        block: block.map(str::to_owned),
    };
    let (today, yesterday) = (seals("today", Some("block of today")), seals("yesterday", None));
    let entry = VerifiedComment {
        proof: ProofStatus::Nonce("00ff".to_owned()),
        network: Some(ClientNetwork { today, yesterday }),
        duplicate_key: Some("a1".to_owned()),
        signals: vec!["too_fast:2".to_owned()],
        ..full_entry()
    };
    assert_eq!(serde_json::to_string(&entry).unwrap(), ENTRY);
    assert_eq!(serde_json::from_str::<VerifiedComment>(ENTRY).unwrap(), entry);
    let bad_id = ENTRY.replace("00000000-0000-8000", "{0000000-0000-8000");
    assert!(serde_json::from_str::<VerifiedComment>(&bad_id).is_err());
}

#[test]
fn an_answer_and_a_published_page() {
    let store = Store::new();
    let ledger = store.ledger();
    let root = post(&ledger, &entry(1));
    let posted = ledger.submit(&full_entry(), Moderation::Open, NOW).unwrap().posted;
    assert_eq!(serde_json::to_string(&posted).unwrap(), POSTED);
    erase(&store, root);
    let snapshot = ledger.snapshot(&ledger.due_threads(NOW, 1).unwrap()[0], NOW).unwrap().unwrap();
    assert_eq!(snapshot.pages.iter().map(|thread| serde_json::to_string(thread).unwrap()).collect::<Vec<_>>(), [HEAD]);
    assert_eq!(serde_json::to_string(&snapshot.meta).unwrap(), r#"{"version":3,"count":1,"pages":1}"#);
    assert_eq!(snapshot.pages[0].url, url("a"));
}

/// What the published JSON must never hold; each is a text that the entry brought along.
#[test]
fn nothing_private_is_published() {
    let store = Store::new();
    let ledger = store.ledger();
    post(&ledger, &entry(1));
    ledger.submit(&full_entry(), Moderation::Open, NOW).unwrap();
    let waiting = VerifiedComment { name: "Waiting Name".to_owned(), ..entry(3) };
    ledger.submit(&waiting, Moderation::All, NOW).unwrap();
    let snapshot = ledger.snapshot(&ledger.due_threads(NOW, 1).unwrap()[0], NOW).unwrap().unwrap();
    let published = serde_json::to_string(&snapshot.pages).unwrap();
    let entry = full_entry();
    for private in ["ada@ada.example", "hash of", &entry.fingerprint, &entry.id.to_string(), "Waiting Name"] {
        assert!(!published.contains(private), "{private}");
    }
}
