//! Routing: methods, unknown paths and `/health`.

use afterword_model::Refusal;
use afterword_tests::{Request, post_url};

use crate::OPEN;

#[test]
fn head_equals_get_without_the_body() {
    let url = post_url("methods_head");
    for path in ["/v1/thread", "/v1/thread.html", "/v1/counts", "/v1/challenge", "/thread"] {
        let get = Request::get(path).query(&[("url", &url)]).send(&OPEN);
        let head = Request::new("HEAD", path).query(&[("url", &url)]).send(&OPEN);
        assert_eq!((head.status, head.bytes()), (200, &b""[..]), "{path}");
        for name in ["content-type", "etag", "cache-control", "content-security-policy"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
    assert_eq!(Request::new("HEAD", "/health").send(&OPEN).status, 200);
    assert_eq!(Request::new("HEAD", "/nothing").send(&OPEN).status, 404);
}

#[test]
fn wrong_method_is_refused_with_the_allowed_ones() {
    let cases = [
        ("POST", "/v1/thread"),
        ("PUT", "/v1/thread.html"),
        ("DELETE", "/v1/counts"),
        ("POST", "/v1/challenge"),
        ("GET", "/v1/comments"),
        ("PUT", "/v1/comments"),
        ("PUT", "/thread"),
        ("DELETE", "/thread"),
        ("POST", "/health"),
        ("PROPFIND", "/v1/thread"),
    ];
    for (method, path) in cases {
        let response = Request::new(method, path).query(&[("url", &post_url("methods_other"))]).send(&OPEN);
        response.check_refusal(Refusal::BadMethod);
        let allow = response.header("allow").unwrap_or_default();
        assert!(!allow.is_empty() && !allow.split(", ").any(|other| other == method), "{method} {path}: {allow:?}");
    }
}

#[test]
fn options_without_preflight_headers() {
    for path in ["/v1/thread", "/v1/comments"] {
        let response = Request::new("OPTIONS", path).send(&OPEN);
        assert!(response.status < 500, "{response:?}");
        assert_eq!(response.header("access-control-allow-origin"), None, "{response:?}");
    }
}

#[test]
fn unknown_routes_are_not_found() {
    let paths = [
        "/v1",
        "/v1/",
        "/v1/threads",
        "/V1/thread",
        "/v1/thread/",
        "//v1/thread",
        "/v1/comments/canary-7f3",
        "/v1/comments/1/votes",
        "/thread.html",
        "/assets/canary-7f3.css",
        "/embed.js.map",
        "/.env",
        "/wrangler.toml",
        "/%2e%2e/wrangler.toml",
        "/administration/canary-7f3",
    ];
    for path in paths {
        let response = Request::get(path).send(&OPEN);
        assert_eq!(response.status, 404, "{path}");
        response.check_omits("canary-7f3");
    }
    Request::get("/v1/canary-7f3").send(&OPEN).check_refusal(Refusal::NotFound);
}

#[test]
fn health_reports_the_version() {
    let response = Request::get("/health").send(&OPEN);
    assert_eq!(response.status, 200);
    let health: serde_json::Value = response.json();
    assert!(health["version"].as_str().is_some_and(|version| version.starts_with(char::is_numeric)), "{health}");
    assert_eq!((health["configured"].as_bool(), health["problems"].as_array().map(Vec::len)), (Some(true), Some(0)));
    assert!(
        health["schema"].as_u64() >= health["reader_floor"].as_u64() && health["reader_floor"].is_u64(),
        "{health}"
    );
}
