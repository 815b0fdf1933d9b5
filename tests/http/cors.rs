//! CORS: every origin may read published threads, exact origins of the configured sites may do the rest; never with credentials.

use afterword_model::{ErrorBody, Refusal};
use afterword_tests::{Request, Response, new_comment, post_url, usage, wait_for_thread};

use crate::OPEN;

/// Origins of pages of the configured site. The response repeats them exactly.
const SITE_ORIGINS: [&str; 5] = [
    "https://blog.example",
    "http://blog.example",
    "http://127.0.0.1:4321",
    "http://localhost",
    "https://localhost:8080",
];

/// Origins that resemble a configured one but are not.
const UNKNOWN_ORIGINS: [&str; 10] = [
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

fn allowed_origin(response: &Response) -> Option<String> {
    response.header("access-control-allow-origin")
}

fn varies_by_origin(response: &Response) -> bool {
    let vary = response.header("vary").unwrap_or_default();
    vary.split(',').any(|name| name.trim().eq_ignore_ascii_case("origin"))
}

#[test]
fn site_page_may_read_by_its_exact_origin() {
    let url = post_url("cors_read");
    let (known, unknown) = ([("url", url.as_str())], [("url", "https://canary-7f3.example/")]);
    for origin in SITE_ORIGINS {
        for path in ["/v1/thread", "/v1/thread.html", "/v1/counts", "/v1/challenge"] {
            let response = Request::get(path).query(&known).header("Origin", origin).send(&OPEN);
            let allowed = if path == "/v1/challenge" { origin } else { "*" };
            assert_eq!((response.status, allowed_origin(&response).as_deref()), (200, Some(allowed)), "{path}");
            assert!(varies_by_origin(&response), "{path}: {response:?}");
        }
        for (path, allowed) in [("/v1/thread", "*"), ("/v1/challenge", origin)] {
            let refused = Request::get(path).query(&unknown).header("Origin", origin).send(&OPEN);
            refused.check_refusal(Refusal::UnknownSite);
            assert_eq!(allowed_origin(&refused).as_deref(), Some(allowed), "a page can read the reason for a refusal");
        }
    }
}

#[test]
fn response_without_an_origin_still_varies_by_origin() {
    let url = post_url("cors_vary");
    let response = Request::get("/v1/thread").query(&[("url", &url)]).send(&OPEN);
    assert!(varies_by_origin(&response) && allowed_origin(&response).as_deref() == Some("*"), "{response:?}");
    let tag = response.header("etag").unwrap();
    let fresh = Request::get("/v1/thread")
        .query(&[("url", &url)])
        .header("Origin", SITE_ORIGINS[0])
        .header("If-None-Match", tag);
    let fresh = fresh.send(&OPEN);
    assert_eq!((fresh.status, allowed_origin(&fresh).as_deref(), varies_by_origin(&fresh)), (304, Some("*"), true));
}

#[test]
fn unknown_origin_may_read_published_threads() {
    let url = post_url("cors_open");
    Request::post_comment(&new_comment(&url, "for everybody")).send(&OPEN);
    wait_for_thread(&OPEN, &url, 1);
    for origin in UNKNOWN_ORIGINS {
        for path in ["/v1/thread", "/v1/thread.html", "/v1/counts"] {
            let response = Request::get(path).query(&[("url", &url)]).header("Origin", origin).send(&OPEN);
            assert_eq!(
                (response.status, allowed_origin(&response).as_deref()),
                (200, Some("*")),
                "{path} for {origin}"
            );
            assert!(path == "/v1/counts" || response.text().contains("for everybody"), "{path} for {origin}");
            assert!(varies_by_origin(&response), "{path}: {response:?}");
            response.check_omits("canary-7f3");
        }
        let preflight = Request::new("OPTIONS", "/v1/thread")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "GET")
            .header("Access-Control-Request-Headers", "if-none-match")
            .send(&OPEN);
        assert_eq!((preflight.status, allowed_origin(&preflight).as_deref()), (204, Some("*")), "{origin}");
        assert!(preflight.header("access-control-allow-headers").is_some_and(|it| !it.contains("authorization")));
        for method in ["POST", "PUT", "DELETE"] {
            Request::new(method, "/v1/thread").header("Origin", origin).send(&OPEN).check_refusal(Refusal::BadMethod);
        }
    }
}

#[test]
fn unknown_origin_gets_no_challenge() {
    let url = post_url("cors_stranger");
    for origin in UNKNOWN_ORIGINS {
        let response = Request::get("/v1/challenge").query(&[("url", &url)]).header("Origin", origin).send(&OPEN);
        response.check_refusal(Refusal::UnknownSite);
        assert_eq!(usage(&response), [0, 0], "{origin}");
        // The refusal has no content of the site, and its hint tells the owner which setting to change.
        assert_eq!(allowed_origin(&response).as_deref(), Some("*"), "{origin}");
        let error = response.json::<ErrorBody>().error;
        assert!(error.hint.is_some_and(|hint| hint.contains("SITES")), "{origin}");
        assert!(varies_by_origin(&response), "{response:?}");
        response.check_omits("canary-7f3");
    }
}

#[test]
fn unknown_origin_may_not_write() {
    let url = post_url("cors_write");
    for origin in UNKNOWN_ORIGINS {
        let response = Request::post_comment(&new_comment(&url, "from elsewhere")).header("Origin", origin).send(&OPEN);
        response.check_refusal(Refusal::WrongOrigin);
        response.check_omits("canary-7f3");
    }
    let other = Request::post_comment(&new_comment(&url, "from our other site"))
        .header("Origin", "https://other.example")
        .send(&OPEN);
    other.check_refusal(Refusal::WrongOrigin);
    wait_for_thread(&OPEN, &url, 0);
    let written =
        Request::post_comment(&new_comment(&url, "from a preview")).header("Origin", SITE_ORIGINS[2]).send(&OPEN);
    assert_eq!((written.status, allowed_origin(&written).as_deref()), (201, Some(SITE_ORIGINS[2])));
    wait_for_thread(&OPEN, &url, 1);
}

#[test]
fn preflight_allows_what_the_widget_sends() {
    let preflight = |origin: &str, path: &str| {
        Request::new("OPTIONS", path)
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization,content-type")
            .send(&OPEN)
    };
    for origin in SITE_ORIGINS {
        let response = preflight(origin, "/v1/comments");
        assert_eq!((response.status, response.bytes()), (204, &b""[..]));
        assert_eq!(allowed_origin(&response).as_deref(), Some(origin));
        assert!(varies_by_origin(&response), "{response:?}");
        let list = |name: &str| {
            let value = response.header(name).unwrap_or_default().to_lowercase();
            value.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>()
        };
        assert!(list("access-control-allow-methods").contains(&"post".to_owned()), "{response:?}");
        for header in ["authorization", "content-type"] {
            assert!(list("access-control-allow-headers").contains(&header.to_owned()), "{response:?}");
        }
        let age: u32 = response.header("access-control-max-age").and_then(|age| age.parse().ok()).unwrap_or_default();
        assert!(age >= 600, "each preflight counts against the owner's daily 100,000 requests");
    }
    for origin in UNKNOWN_ORIGINS {
        let response = preflight(origin, "/v1/comments");
        response.check_refusal(Refusal::WrongOrigin);
        response.check_omits("canary-7f3");
    }
    assert_eq!(preflight(SITE_ORIGINS[0], "/v1/nothing").status, 404);
}

#[test]
fn preflight_allows_every_method_of_the_interactions() {
    for (path, methods) in [
        ("/v1/comments/7", "PATCH, DELETE, OPTIONS"),
        ("/v1/comments/7/source", "GET, HEAD, OPTIONS"),
        ("/v1/comments/7/restore", "POST, OPTIONS"),
        ("/v1/comments/7/vote", "POST, OPTIONS"),
        ("/v1/comments/7/report", "POST, OPTIONS"),
        ("/v1/comments/status", "GET, HEAD, OPTIONS"),
        ("/v1/reactions", "POST, OPTIONS"),
    ] {
        let preflight = |origin: &str| {
            Request::new("OPTIONS", path)
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "PATCH")
                .header("Access-Control-Request-Headers", "authorization,content-type")
                .send(&OPEN)
        };
        let response = preflight(SITE_ORIGINS[0]);
        assert_eq!((response.status, allowed_origin(&response).as_deref()), (204, Some(SITE_ORIGINS[0])), "{path}");
        assert_eq!(response.header("access-control-allow-methods").as_deref(), Some(methods), "{path}");
        let headers = response.header("access-control-allow-headers").unwrap_or_default();
        assert_eq!(headers, "authorization, content-type", "{path}");
        for origin in UNKNOWN_ORIGINS {
            preflight(origin).check_refusal(Refusal::WrongOrigin);
        }
    }
}

#[test]
fn pages_are_not_shared_across_origins() {
    let url = post_url("cors_page");
    let page = Request::get("/thread").query(&[("url", &url)]).header("Origin", SITE_ORIGINS[0]).send(&OPEN);
    assert_eq!((page.status, allowed_origin(&page)), (200, None));
}
