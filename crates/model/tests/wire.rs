//! Pins the JSON of the wire and of KV. A change here is a change of the contract.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use afterword_model::{
    Comment, CommentId, Counts, ErrorBody, LatestComments, NewComment, PostUrl, PostedComment, Refusal, SafeHtml, Sort,
    Status, SubmissionId, Thread, ThreadMeta,
};
use serde::{Serialize, de::DeserializeOwned};

/// Parses the JSON as a `T` and checks that it serializes to the same text.
#[track_caller]
fn pinned<T: Serialize + DeserializeOwned>(json: &str) -> T {
    let value: T = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
    value
}

fn refuses<T: DeserializeOwned>(json: &str) -> bool {
    serde_json::from_str::<T>(json).is_err()
}

const COMMENT: &str = concat!(
    r#"{"id":2,"parent":1,"#,
    r#""author":{"name":"Ada","website":"https://ada.example/","owner":false,"mark":"k3f9"},"#,
    r#""html":"<p>Well &lt;said&gt;.</p>\n","created":1321000000,"edited":1321000060,"votes":-3,"pinned":true,"deleted":false}"#
);

const TOMBSTONE: &str = concat!(
    r#"{"id":1,"parent":null,"author":{"name":"","website":null,"owner":false,"mark":null},"#,
    r#""html":"","created":1321000000,"edited":null,"votes":0,"pinned":false,"deleted":true}"#
);

#[test]
fn new_comment_json_is_pinned() {
    let least = r#"{"id":"a","url":"b","text":"c"}"#;
    let least: NewComment = serde_json::from_str(least).unwrap();
    let expected =
        NewComment { id: "a".to_owned(), url: "b".to_owned(), text: "c".to_owned(), ..NewComment::default() };
    assert_eq!(least, expected);

    let with_nulls: NewComment = pinned(
        r#"{"id":"a","url":"b","title":null,"parent":null,"name":null,"email":null,"website":null,"text":"c","proof":null}"#,
    );
    assert_eq!(with_nulls, expected);

    let full: NewComment = pinned(
        r#"{"id":"a","url":"b","title":"d","parent":7,"name":"e","email":"f","website":"g","text":"c","proof":"h"}"#,
    );
    assert_eq!(full.parent, Some(CommentId::new(7)));
    assert_eq!(full.proof.as_deref(), Some("h"));
}

#[test]
fn other_json_is_rejected_as_a_new_comment() {
    for json in [
        "",
        "null",
        "[]",
        "7",
        "\"text\"",
        "{}",
        "{",
        r#"{"id":"a","url":"b"}"#,
        r#"{"id":"a","text":"c"}"#,
        r#"{"url":"b","text":"c"}"#,
        r#"{"id":"a","url":"b","text":"c"} x"#,
        r#"{"id":"a","url":"b","text":"c",}"#,
        r#"{"id":"a","url":"b","text":"c","text":"d"}"#,
        r#"{"id":"a","url":"b","text":"c","Text":"d"}"#,
        r#"{"id":"a","url":"b","text":"c","owner":true}"#,
        r#"{"id":"a","url":"b","text":"c","html":"<p>"}"#,
        r#"{"id":"a","url":"b","text":null}"#,
        r#"{"id":"a","url":"b","text":7}"#,
        r#"{"id":"a","url":"b","text":["c"]}"#,
        r#"{"id":7,"url":"b","text":"c"}"#,
        r#"{"id":"a","url":{},"text":"c"}"#,
        r#"{"id":"a","url":"b","text":"c","name":7}"#,
        r#"{"id":"a","url":"b","text":"c","parent":"7"}"#,
        r#"{"id":"a","url":"b","text":"c","parent":7.5}"#,
        r#"{"id":"a","url":"b","text":"c","parent":7.0}"#,
        r#"{"id":"a","url":"b","text":"c","parent":true}"#,
        r#"{"id":"a","url":"b","text":"c","parent":9223372036854775808}"#,
        r#"{"id":"a","url":"b","text":"\ud800"}"#,
        r#"{"id":"a","url":"b","text":"\udc00\ud800"}"#,
        r#"{"id":"a","url":"b","text":"\ud83d x"}"#,
        "{\"id\":\"a\",\"url\":\"b\",\"text\":\"c\nd\"}",
    ] {
        assert!(refuses::<NewComment>(json), "{json}");
    }
    let not_utf8 = b"{\"id\":\"a\",\"url\":\"b\",\"text\":\"\xff\"}";
    assert!(serde_json::from_slice::<NewComment>(not_utf8).is_err());
    let surrogate_bytes = b"{\"id\":\"a\",\"url\":\"b\",\"text\":\"\xed\xa0\x80\"}";
    assert!(serde_json::from_slice::<NewComment>(surrogate_bytes).is_err());
}

#[test]
fn surrogate_pairs_decode_to_one_character() {
    let new: NewComment = serde_json::from_str(r#"{"id":"a","url":"b","text":"\ud83d\ude00"}"#).unwrap();
    assert_eq!(new.text, "😀");
}

#[test]
fn comment_json_is_pinned() {
    let comment: Comment = pinned(COMMENT);
    assert_eq!((comment.id, comment.parent), (CommentId::new(2), Some(CommentId::new(1))));
    assert_eq!(comment.html.as_str(), "<p>Well &lt;said&gt;.</p>\n");
    let tombstone: Comment = pinned(TOMBSTONE);
    assert!(tombstone.deleted);
    assert_eq!(tombstone.html, SafeHtml::default());
}

#[test]
fn comments_published_before_versions_were_known_are_decoded() {
    assert_eq!(serde_json::from_str::<Comment>(COMMENT).unwrap().since, None);
    let known: Comment = pinned(&COMMENT.replace("\"deleted\":false", "\"deleted\":false,\"since\":7"));
    assert_eq!(known.since, Some(7));
}

#[test]
fn latest_comments_json_is_pinned() {
    let latest: LatestComments = pinned(&format!(
        r#"{{"version":3,"comments":[{{"url":"https://blog.example/post","title":"A post","published":1321000060,"comment":{COMMENT}}}]}}"#
    ));
    assert_eq!((latest.version, latest.comments[0].published), (3, 1_321_000_060));
    assert_eq!(LatestComments::kv_key("blog.example:8080"), "latest:blog.example:8080");
}

#[test]
fn safe_html_is_a_json_string() {
    let html: SafeHtml = pinned(r#""<p>\"a\" &amp; b</p>""#);
    assert_eq!(html.as_str(), "<p>\"a\" &amp; b</p>");
    assert!(refuses::<SafeHtml>(r#"{"html":""}"#) && refuses::<SafeHtml>("null"));
}

#[test]
fn thread_json_is_pinned() {
    let thread: Thread = pinned(&format!(
        r#"{{"url":"https://blog.example/post","title":"A post","version":7,"count":1,"closed":false,"sort":"oldest","page":1,"pages":2,"comments":[{TOMBSTONE},{COMMENT}]}}"#
    ));
    assert_eq!((thread.version, thread.count, thread.page, thread.pages), (7, 1, 1, 2));
    assert_eq!((thread.sort, thread.comments.len()), (Sort::Oldest, 2));
}

#[test]
fn empty_thread_json_is_pinned() {
    let thread = Thread::empty(PostUrl::parse("http://blog.example/post/").unwrap());
    let json = r#"{"url":"https://blog.example/post","title":"","version":0,"count":0,"closed":false,"sort":"oldest","page":1,"pages":1,"comments":[]}"#;
    assert_eq!(serde_json::to_string(&thread).unwrap(), json);
    assert_eq!(pinned::<Thread>(json), thread);
}

#[test]
fn kv_metadata_fits_its_limit() {
    let meta: ThreadMeta = pinned(r#"{"version":7,"count":2,"pages":1}"#);
    assert_eq!(meta, ThreadMeta { version: 7, count: 2, pages: 1, is_redirect: false });
    let meta: ThreadMeta = pinned(r#"{"version":0,"count":0,"pages":0,"moved":true}"#);
    assert_eq!(meta, ThreadMeta { is_redirect: true, ..ThreadMeta::default() });
    let largest = ThreadMeta { version: i64::MAX, count: u32::MAX, pages: u32::MAX, is_redirect: true };
    assert!(serde_json::to_string(&largest).unwrap().len() <= 1024, "the limit of KV");
}

#[test]
fn posted_comment_json_is_pinned() {
    let posted: PostedComment = pinned(&format!(r#"{{"comment":{COMMENT},"status":"published","version":7}}"#));
    assert_eq!((posted.status, posted.version), (Status::Published, 7));
    let posted: PostedComment = pinned(&format!(r#"{{"comment":{COMMENT},"status":"pending","version":0}}"#));
    assert_eq!(posted.status, Status::Pending);
    assert!(refuses::<Status>(r#""Published""#) && refuses::<Status>(r#""spam""#));
}

#[test]
fn counts_are_keyed_by_the_requested_urls() {
    let counts: Counts = pinned(r#"{"counts":{"http://blog.example/a/?m=1":2,"https://blog.example/b":0}}"#);
    assert_eq!(counts.counts.get("http://blog.example/a/?m=1"), Some(&2));
    assert_eq!(pinned::<Counts>(r#"{"counts":{}}"#).counts.len(), 0);
    let in_words: Counts = pinned(r#"{"counts":{"a":2},"texts":{"a":"2 comments"}}"#);
    assert_eq!(in_words.texts["a"], "2 comments");
}

#[test]
fn error_body_json_is_pinned() {
    let json = |refusal: Refusal| serde_json::to_string(&ErrorBody::from(refusal)).unwrap();
    let with_field = r#"{"error":{"code":"text_empty","message":"Please write something.","field":"text"}}"#;
    assert_eq!(json(Refusal::TextEmpty), with_field);
    let without = r#"{"error":{"code":"not_found","message":"There is nothing at this address."}}"#;
    assert_eq!(json(Refusal::NotFound), without);
    assert_eq!(pinned::<ErrorBody>(with_field), ErrorBody::from(Refusal::TextEmpty));
    assert_eq!(pinned::<ErrorBody>(without), ErrorBody::from(Refusal::NotFound));
    let fields: Vec<String> = Refusal::ALL
        .iter()
        .filter_map(|refusal| refusal.field())
        .map(|field| serde_json::to_string(&field).unwrap())
        .collect();
    for field in ["id", "url", "parent", "name", "email", "website", "text"] {
        assert!(fields.contains(&format!("{field:?}")), "{field}");
    }
}

#[test]
fn comment_ids_are_numbers_and_submission_ids_are_strings() {
    assert_eq!(pinned::<CommentId>("9007199254740991").get(), (1 << 53) - 1);
    assert_eq!(CommentId::new(12).to_string(), "12");
    let id = SubmissionId::parse("0B0E6C80-6A5B-4A53-9D4B-0F3F2D6F1A77").unwrap();
    assert_eq!(serde_json::to_string(&id).unwrap(), r#""0b0e6c80-6a5b-4a53-9d4b-0f3f2d6f1a77""#);
    assert_eq!(SubmissionId::from_random([0xff; 16]).to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    assert_eq!(SubmissionId::from_digest([0; 16]).to_string(), "00000000-0000-8000-8000-000000000000");
}
