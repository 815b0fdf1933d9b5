//! A published value that cannot be read is an error of the Worker: readers are told to come back, and never that a post has no comments.

use std::sync::LazyLock;

use afterword_model::Refusal;
use afterword_tests::{Kv, Request, Response, Server, post_url, wait_until};
use serde_json::{Value, json};

/// Text in the unreadable values, which must not get into the log.
const CANARY: &str = "canary-7f3";

static SERVER: LazyLock<Server> = LazyLock::new(|| Server::with_moderation("http-unreadable", "open"));

/// Publishes a value at the address of a post, past the Worker.
fn publish(url: &str, value: &str, metadata: &Value) {
    let file = SERVER.state().join(url.rsplit('/').next().unwrap());
    std::fs::write(&file, value).unwrap();
    Kv::new(&SERVER).put(&format!("thread:{url}"), &file, metadata);
}

fn get(path: &str, url: &str) -> Response {
    Request::get(path).query(&[("url", url)]).send(&SERVER)
}

#[track_caller]
fn check_page(page: &Response) {
    assert_eq!(page.status, 503, "{page:?}");
    assert!(page.header("content-type").unwrap_or_default().starts_with("text/html"), "{page:?}");
    assert!(!page.text().contains("aw-empty") && !page.text().contains("data-count"), "{}", page.text());
    page.check_omits(CANARY);
}

/// All readers refuse a value, and the log names its key and no content.
fn check_all_readers(url: &str) {
    for path in ["/v1/thread", "/v1/thread.html"] {
        let response = get(path, url);
        response.check_refusal(Refusal::Busy);
        response.check_omits(CANARY);
    }
    check_page(&get("/thread", url));
    let key = format!("published value not readable key=thread:{url} route=/v1/thread.html site=https://blog.example");
    wait_until("the log line", || SERVER.log().contains(&key).then_some(()));
    assert!(!SERVER.log().contains(CANARY), "{}", SERVER.log());
}

#[test]
fn damaged_value_is_refused_by_every_reader() {
    let meta = json!({"version": 3, "count": 2, "pages": 1});
    for (name, value) in [
        ("unreadable_cut", format!("{{\"url\":\"https://blog.example/x\",\"title\":\"{CANARY}")),
        ("unreadable_type", format!("{{\"url\":\"https://blog.example/x\",\"title\":\"x\",\"version\":\"{CANARY}\"}}")),
        ("unreadable_array", format!("[[\"{CANARY}\"]]")),
        ("unreadable_empty", String::new()),
    ] {
        let url = post_url(name);
        publish(&url, &value, &meta);
        check_all_readers(&url);
    }
}

#[test]
fn damaged_metadata_is_refused_by_counts() {
    let (good, bad) = (post_url("unreadable_good"), post_url("unreadable_meta"));
    publish(&bad, "{}", &json!({"version": CANARY}));
    get("/v1/counts", &bad).check_refusal(Refusal::Busy);
    let both = Request::get("/v1/counts").query(&[("url", &good), ("url", &bad)]).send(&SERVER);
    both.check_refusal(Refusal::Busy);
    assert_eq!(get("/v1/counts", &good).status, 200, "a missing value still counts as no comments");
    let log = SERVER.log();
    assert!(log.contains(&format!("published value not readable key=thread:{bad} route=/v1/counts")), "{log}");
    assert!(!log.contains(CANARY), "{log}");
}

#[test]
fn refused_form_does_not_claim_that_there_are_no_comments() {
    let url = post_url("unreadable_form");
    publish(&url, "[]", &json!({"version": 3, "count": 2, "pages": 1}));
    let form = Request::post_form("/thread", &[("url", &url), ("text", "Kept as typed"), ("email", "no address")]);
    let page = form.header("Origin", SERVER.origin()).send(&SERVER);
    assert_eq!(page.status, 422, "{page:?}");
    assert!(page.text().contains("Kept as typed") && page.text().contains("<form"), "{}", page.text());
    assert!(!page.text().contains("aw-empty") && !page.text().contains("data-count"), "{}", page.text());
}
