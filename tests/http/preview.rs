//! `POST /v1/preview`: the text as it would be published, by the rules of a comment, with nothing stored.

use afterword_model::{PostedComment, Refusal};
use afterword_tests::{Request, Response, Server, new_comment, post_url, usage, wait_for_thread};
use serde_json::{Value, json};

use crate::OPEN;

fn preview(url: &str, body: &Value) -> Request {
    Request::new("POST", "/v1/preview")
        .query(&[("url", url)])
        .header("Content-Type", "application/json")
        .body(body.to_string())
}

fn html(response: &Response) -> String {
    assert_eq!(response.status, 200, "{response:?}");
    response.json::<Value>()["html"].as_str().unwrap().to_owned()
}

#[test]
fn preview_equals_the_published_comment() {
    let url = post_url("preview_equal");
    let text = "*Hello* <b>x</b> https://example.com/\n\n```rust\nlet a = 1;\n```\n\n> quoted\n\nשלום";
    let response = preview(&url, &json!({ "text": text })).send(&OPEN);
    assert_eq!(usage(&response), [0, 0], "neither KV nor an object");
    let posted: PostedComment = Request::post_comment(&new_comment(&url, text)).send(&OPEN).json();
    assert_eq!(html(&response), posted.comment.html.as_str());
    wait_for_thread(&OPEN, &url, 1);
}

#[test]
fn preview_has_the_limits_and_errors_of_a_comment() {
    let url = post_url("preview_errors");
    let too_long = "x".repeat(8 * 1024 + 7);
    for (text, refusal) in [
        ("", Refusal::TextEmpty),
        ("\u{200b} \n", Refusal::TextEmpty),
        ("canary-7f3 \0", Refusal::BadCharacter),
        (too_long.as_str(), Refusal::TextTooLong),
    ] {
        let response = preview(&url, &json!({ "text": text })).send(&OPEN);
        let comment = Request::post_comment(&new_comment(&url, text)).send(&OPEN);
        assert_eq!((response.status, response.bytes()), (comment.status, comment.bytes()), "{refusal:?}");
        response.check_refusal(refusal);
        response.check_omits("canary-7f3");
    }
    for body in ["", "[]", "{}", "[\"x\"]", "{\"text\":7}", "{\"text\":\"x\",\"url\":\"y\"}", "{\"text\":\"x\"} {}"] {
        let request = preview(&url, &Value::Null).body(body);
        request.send(&OPEN).check_refusal(Refusal::BadJson);
    }
    preview(&url, &json!({ "text": "x" }))
        .without_header("Content-Type")
        .send(&OPEN)
        .check_refusal(Refusal::BadMediaType);
    preview("https://strange.example/", &json!({ "text": "x" })).send(&OPEN).check_refusal(Refusal::UnknownSite);
    preview("", &json!({ "text": "x" })).send(&OPEN).check_refusal(Refusal::BadUrl);
    let large = preview(&url, &json!({ "text": "x".repeat(70 * 1024) }));
    large.send(&OPEN).check_refusal(Refusal::BodyTooLarge);
    wait_for_thread(&OPEN, &url, 0);
}

#[test]
fn only_pages_of_the_site_get_a_preview() {
    let url = post_url("preview_origin");
    let from = |origin: &str| preview(&url, &json!({ "text": "x" })).header("Origin", origin).send(&OPEN);
    assert!(html(&from("https://blog.example")).contains("x</p>"));
    for origin in ["https://other.example", "https://strange.example", "null"] {
        from(origin).check_refusal(Refusal::WrongOrigin);
    }
}

#[test]
fn a_flood_of_previews_is_refused_and_does_not_stop_comments() {
    let server = Server::with_spam_checks("http-preview-flood", &[("PROOF_BITS", "0")]);
    let url = post_url("preview_flood");
    let refused = (0..120).map(|_| preview(&url, &json!({ "text": "x" })).send(&server)).find(|it| it.status != 200);
    let refused = refused.expect("the limiter refuses some of 120 previews");
    refused.check_refusal(Refusal::TooMany);
    assert_eq!(refused.header("retry-after").as_deref(), Some("10"));
    assert_eq!(Request::post_comment(&new_comment(&url, "x")).send(&server).status, 201);
}
