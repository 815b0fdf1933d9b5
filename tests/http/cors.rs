//! CORS: exact origins of configured sites, no credentials, nothing for strangers.

use afterword_model::Refusal;
use afterword_tests::{Answer, Call, comment, post_url, whole_thread};

use crate::OPEN;

/// Origins of pages that belong to the configured site, and that are told so by the letter.
const OURS: [&str; 5] = [
    "https://blog.example",
    "http://blog.example",
    "http://127.0.0.1:4321",
    "http://localhost",
    "https://localhost:8080",
];

/// Origins that look like ours, or claim something, and are not.
const STRANGERS: [&str; 10] = [
    "https://canary-7f3.example",
    "https://blog.example.canary-7f3.example",
    "https://canary-7f3blog.example",
    "https://blog.example:8443",
    "http://127.0.0.1.canary-7f3.example",
    "https://blog.example@canary-7f3.example",
    "null",
    "file://",
    "blog.example",
    "*",
];

fn allowed(answer: &Answer) -> Option<String> {
    answer.header("access-control-allow-origin")
}

fn varies(answer: &Answer) -> bool {
    let vary = answer.header("vary").unwrap_or_default();
    vary.split(',').any(|name| name.trim().eq_ignore_ascii_case("origin"))
}

#[test]
fn a_page_of_the_site_may_read_by_its_exact_origin() {
    let url = post_url("cors_read");
    let (known, unknown) = ([("url", url.as_str())], [("url", "https://canary-7f3.example/")]);
    for origin in OURS {
        for path in ["/v1/thread", "/v1/thread.html", "/v1/counts", "/v1/challenge"] {
            let answer = Call::get(path).query(&known).header("Origin", origin).send(&OPEN);
            assert_eq!((answer.status, allowed(&answer).as_deref()), (200, Some(origin)), "{path}");
            assert!(varies(&answer), "{path}: {answer:?}");
        }
        let refused = Call::get("/v1/thread").query(&unknown).header("Origin", origin).send(&OPEN);
        assert_eq!(allowed(&refused).as_deref(), Some(origin), "a page can read why it was refused");
    }
}

#[test]
fn an_answer_without_an_origin_varies_by_it_all_the_same() {
    let url = post_url("cors_vary");
    let answer = Call::get("/v1/thread").query(&[("url", &url)]).send(&OPEN);
    assert!(varies(&answer) && allowed(&answer).is_none(), "{answer:?}");
    let tag = answer.header("etag").unwrap();
    let fresh = Call::get("/v1/thread").query(&[("url", &url)]).header("Origin", OURS[0]).header("If-None-Match", tag);
    let fresh = fresh.send(&OPEN);
    assert_eq!((fresh.status, allowed(&fresh).as_deref(), varies(&fresh)), (304, Some(OURS[0]), true));
}

#[test]
fn a_stranger_may_not_read() {
    let url = post_url("cors_stranger");
    for origin in STRANGERS {
        for path in ["/v1/thread", "/v1/thread.html", "/v1/counts", "/v1/challenge"] {
            let answer = Call::get(path).query(&[("url", &url)]).header("Origin", origin).send(&OPEN);
            assert_eq!(allowed(&answer), None, "{path} for {origin}");
            assert!(varies(&answer), "{path}: {answer:?}");
            answer.check_silent_about("canary-7f3");
        }
    }
}

#[test]
fn a_stranger_may_not_write() {
    let url = post_url("cors_write");
    for origin in STRANGERS {
        let answer = Call::post(&comment(&url, "from elsewhere")).header("Origin", origin).send(&OPEN);
        answer.check_refusal(Refusal::WrongOrigin);
        answer.check_silent_about("canary-7f3");
    }
    let other = Call::post(&comment(&url, "from our other site")).header("Origin", "https://other.example").send(&OPEN);
    other.check_refusal(Refusal::WrongOrigin);
    whole_thread(&OPEN, &url, 0);
    let written = Call::post(&comment(&url, "from a preview")).header("Origin", OURS[2]).send(&OPEN);
    assert_eq!((written.status, allowed(&written).as_deref()), (201, Some(OURS[2])));
    whole_thread(&OPEN, &url, 1);
}

#[test]
fn a_preflight_allows_what_the_widget_sends() {
    let preflight = |origin: &str, path: &str| {
        Call::new("OPTIONS", path)
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization,content-type")
            .send(&OPEN)
    };
    for origin in OURS {
        let answer = preflight(origin, "/v1/comments");
        assert_eq!((answer.status, answer.bytes()), (204, &b""[..]));
        assert_eq!(allowed(&answer).as_deref(), Some(origin));
        assert!(varies(&answer), "{answer:?}");
        let list = |name: &str| {
            let value = answer.header(name).unwrap_or_default().to_lowercase();
            value.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>()
        };
        assert!(list("access-control-allow-methods").contains(&"post".to_owned()), "{answer:?}");
        for header in ["authorization", "content-type"] {
            assert!(list("access-control-allow-headers").contains(&header.to_owned()), "{answer:?}");
        }
        let age: u32 = answer.header("access-control-max-age").and_then(|age| age.parse().ok()).unwrap_or_default();
        assert!(age >= 600, "each preflight is a request of the owner's hundred thousand");
    }
    for origin in STRANGERS {
        let answer = preflight(origin, "/v1/comments");
        answer.check_refusal(Refusal::WrongOrigin);
        answer.check_silent_about("canary-7f3");
    }
    assert_eq!(preflight(OURS[0], "/v1/nothing").status, 404);
}

#[test]
fn pages_are_not_shared_with_anybody() {
    let url = post_url("cors_page");
    let page = Call::get("/thread").query(&[("url", &url)]).header("Origin", OURS[0]).send(&OPEN);
    assert_eq!((page.status, allowed(&page)), (200, None));
}
