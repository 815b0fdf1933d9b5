//! What every address has in common: methods, unknown paths, `/health`.

use afterword_model::Refusal;
use afterword_tests::{Call, post_url};

use crate::OPEN;

#[test]
fn head_is_get_without_the_body() {
    let url = post_url("methods_head");
    for path in ["/v1/thread", "/v1/thread.html", "/v1/counts", "/v1/challenge", "/thread"] {
        let get = Call::get(path).query(&[("url", &url)]).send(&OPEN);
        let head = Call::new("HEAD", path).query(&[("url", &url)]).send(&OPEN);
        assert_eq!((head.status, head.bytes()), (200, &b""[..]), "{path}");
        for name in ["content-type", "etag", "cache-control", "content-security-policy"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
    assert_eq!(Call::new("HEAD", "/health").send(&OPEN).status, 200);
    assert_eq!(Call::new("HEAD", "/nothing").send(&OPEN).status, 404);
}

#[test]
fn another_method_is_told_which_ones_there_are() {
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
        let answer = Call::new(method, path).query(&[("url", &post_url("methods_other"))]).send(&OPEN);
        answer.check_refusal(Refusal::BadMethod);
        let allow = answer.header("allow").unwrap_or_default();
        assert!(!allow.is_empty() && !allow.split(", ").any(|other| other == method), "{method} {path}: {allow:?}");
    }
}

#[test]
fn options_without_a_preflight_says_what_is_allowed() {
    for path in ["/v1/thread", "/v1/comments"] {
        let answer = Call::new("OPTIONS", path).send(&OPEN);
        assert!(answer.status < 500, "{answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{answer:?}");
    }
}

#[test]
fn there_is_nothing_at_any_other_address() {
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
        "/debug/panic",
        "/debug/ledger/panic?site=blog.example",
        "/debug/slow",
        "/administration/canary-7f3",
    ];
    for path in paths {
        let answer = Call::get(path).send(&OPEN);
        assert_eq!(answer.status, 404, "{path}");
        answer.check_silent_about("canary-7f3");
    }
    Call::get("/v1/canary-7f3").send(&OPEN).check_refusal(Refusal::NotFound);
    for hook in ["panic", "evict", "faults", "writes", "hold", "release", "ring", "late"] {
        let call = Call::new("POST", format!("/debug/ledger/{hook}?site=blog.example")).body("{}");
        call.send(&OPEN).check_refusal(Refusal::NotFound);
    }
}

#[test]
fn health_says_that_all_is_well_and_which_version_it_is() {
    let answer = Call::get("/health").send(&OPEN);
    assert_eq!(answer.status, 200);
    let health: serde_json::Value = answer.json();
    assert!(health["version"].as_str().is_some_and(|version| version.starts_with(char::is_numeric)), "{health}");
}
