//! Limits on size, number and time.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::LazyLock;
use std::time::Duration;

use afterword_model::{Refusal, limits};
use afterword_tests::{
    MODERATOR_AUTHORIZATION, Request, Response, Server, Setting, new_comment, post_url, timed, usage,
};

use crate::OPEN;

/// Longer than any allowed address, and within the platform's limit.
const LONG: usize = 12 * 1024;

const SETTINGS: [Setting<'static>; 6] = [
    ("SITES", "https://blog.example"),
    ("MODERATION", "open"),
    ("SIGNING_KEY", "a-key-for-tests-of-limits-and-of-nothing-else"),
    ("ADMIN_SECRETS", "ada:a-secret-for-tests-that-guards-nothing"),
    ("PROOF_BITS", "0"),
    ("RATE_LIMITS", "off"),
];

/// A Worker that loses requests to KV and to the object for posts with a certain address.
static STALLED: LazyLock<Server> = LazyLock::new(|| Server::start("http-stalled", &SETTINGS, &[]));

#[test]
fn long_url_is_refused() {
    let long = "a".repeat(LONG);
    for path in ["/v1/thread", "/v1/thread.html", "/v1/challenge"] {
        let url = format!("https://blog.example/{long}");
        Request::get(path).query(&[("url", &url)]).send(&OPEN).check_refusal(Refusal::UrlTooLong);
    }
    let url = post_url("limits_address");
    for parameter in ["page", "sort"] {
        Request::get("/v1/thread")
            .query(&[("url", &url), (parameter, &long)])
            .send(&OPEN)
            .check_refusal(Refusal::BadQuery);
    }
    for parameter in ["lang", "something"] {
        let response = Request::get("/v1/thread.html").query(&[("url", &url), (parameter, &long)]).send(&OPEN);
        assert_eq!(response.status, 200, "{parameter}");
    }
    Request::get(format!("/{long}")).send(&OPEN).check_refusal(Refusal::NotFound);
    Request::get(format!("/v1/thread/{long}")).send(&OPEN).check_refusal(Refusal::NotFound);
    Request::get(format!("/admin/api/{long}")).send(&OPEN).check_refusal(Refusal::Unauthorized);
    assert_eq!(
        Request::get(format!("/admin/{long}")).send(&OPEN).header("location").as_deref(),
        Some("/admin/sign-in")
    );
}

#[test]
fn long_header_is_handled_like_any_invalid_one() {
    let url = post_url("limits_header");
    let long = "a".repeat(LONG);
    let read =
        |name, value: &str| Request::get("/thread").query(&[("url", &url)]).header(name, value).send(&OPEN).status;
    let list = "de-x-a;q=0.1,".repeat(LONG / 13);
    for (name, value) in
        [("Accept-Language", &list), ("If-None-Match", &list), ("Cookie", &long), ("User-Agent", &long)]
    {
        assert_eq!(read(name, value), 200, "{name}");
    }
    assert_eq!(
        Request::get("/thread").header("Referer", format!("https://blog.example/{long}")).send(&OPEN).status,
        400
    );
    let post = Request::post_comment(&new_comment(&url, "With a long header"));
    post.clone().header("Authorization", format!("Bearer {long}")).send(&OPEN).check_refusal(Refusal::BadAuthorKey);
    post.clone().header("Origin", format!("https://{long}.example")).send(&OPEN).check_refusal(Refusal::WrongOrigin);
    post.header("Content-Type", &*long).send(&OPEN).check_refusal(Refusal::BadMediaType);
    let secret = format!("{MODERATOR_AUTHORIZATION}{long}");
    Request::get("/admin/api/comments")
        .header("Authorization", secret)
        .send(&OPEN)
        .check_refusal(Refusal::Unauthorized);
}

#[test]
fn many_query_parameters() {
    let url = post_url("limits_parameters");
    let many = |name: &str, times: usize| format!("&{name}=1").repeat(times);
    let response = Request::get(format!("/v1/thread?url={url}{}", many("x", 2_000))).send(&OPEN);
    assert_eq!(response.status, 200);
    Request::get(format!("/v1/counts?url={url}{}", many("url", 1_500))).send(&OPEN).check_refusal(Refusal::BadQuery);
    // The maximum of one hundred addresses, at about the maximum total length.
    let urls: String =
        (0..limits::COUNT_URLS).map(|number| format!("&url={url}/{number}{}", "a".repeat(100))).collect();
    assert_eq!(Request::get(format!("/v1/counts?{urls}")).send(&OPEN).status, 200);
}

#[test]
fn moderation_list_limit_is_validated() {
    for (limit, status) in [("0", 200), ("1000000000", 200), ("-1", 400), ("99999999999999999999", 400), ("x", 400)] {
        let response =
            Request::as_moderator("GET", "/admin/api/comments?status=published").query(&[("limit", limit)]).send(&OPEN);
        assert_eq!(response.status, status, "{limit}");
    }
}

/// Sends `sent` bytes of a body that declares a length of one gigabyte. Returns the status line, or `None` if the
/// connection was closed without one.
fn send_endless_body(path: &str, sent: usize) -> Option<String> {
    let mut stream = TcpStream::connect(OPEN.origin().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut reader = stream.try_clone().unwrap();
    let response = std::thread::spawn(move || {
        let mut head = [0; 64];
        match reader.read(&mut head) {
            Ok(0) => None,
            Ok(read) => Some(String::from_utf8_lossy(&head[..read]).lines().next().unwrap_or_default().to_owned()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::ConnectionReset, "the connection is closed without a response");
                None
            }
        }
    });
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n"
    )
    .unwrap();
    // The server may close the connection after it refuses the request.
    let _ = stream.write_all(&vec![b'x'; sent]);
    response.join().unwrap()
}

#[test]
fn endless_body_is_not_awaited() {
    LazyLock::force(&OPEN);
    let mut responses = 0;
    // The local runtime delays HTML until the request is complete, so no page is among these paths.
    for path in ["/v1/comments", "/v1/thread", "/admin/api/settings", "/admin/api", "/nothing"] {
        let (status, took) = timed(|| send_endless_body(path, 5 << 20));
        let refused = match path {
            "/v1/comments" => " 413 ",
            "/v1/thread" => " 405 ",
            "/nothing" => " 404 ",
            _ => " 401 ",
        };
        assert!(status.iter().all(|status| status.contains(refused)), "{path}: {status:?}");
        assert!(took < Duration::from_secs(20), "{path}: {took:?}");
        responses += usize::from(status.is_some());
    }
    assert!(responses > 0, "at least one request gets a response");
    assert_eq!(Request::get("/health").send(&OPEN).status, 200);
}

/// Checks for a 503 within the given number of seconds, although storage does not respond.
fn check_unavailable(request: &Request, max_seconds: u64) -> Response {
    let (response, took) = timed(|| request.send(&STALLED));
    assert!(took < Duration::from_secs(max_seconds), "{request:?} took {took:?}");
    assert_eq!(response.status, 503, "{response:?}");
    let wait: u32 = response.header("retry-after").and_then(|seconds| seconds.parse().ok()).unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    response
}

#[test]
fn unresponsive_storage_times_out() {
    let url = "https://blog.example/stalled-by-a-test";
    LazyLock::force(&STALLED);
    // The timeouts are 5 s for KV and 8 s for the object. The rest allows for a slow machine.
    std::thread::scope(|scope| {
        for (path, query) in [
            ("/v1/thread", vec![("url", url)]),
            ("/v1/thread", vec![("url", url), ("sort", "newest")]),
            ("/v1/thread.html", vec![("url", url)]),
            ("/v1/counts", vec![("url", url)]),
        ] {
            scope.spawn(move || check_unavailable(&Request::get(path).query(&query), 20).check_refusal(Refusal::Busy));
        }
        scope.spawn(|| {
            let page = check_unavailable(&Request::get("/thread").query(&[("url", url)]), 20);
            assert!(page.header("content-type").unwrap().starts_with("text/html"), "{page:?}");
        });
        scope.spawn(|| {
            check_unavailable(&Request::post_comment(&new_comment(url, "Nobody answers")), 25)
                .check_refusal(Refusal::Busy)
        });
        scope.spawn(|| {
            // The typed text is kept.
            let form = Request::post_form("/thread", &[("url", url), ("text", "Nobody answers")]);
            let page = check_unavailable(&form, 40);
            assert!(page.text().contains("Nobody answers"), "{}", page.text());
        });
        scope.spawn(|| {
            let close = Request::new("POST", "/admin/api/threads/close").header("Content-Type", "application/json");
            let close = close.header("Authorization", MODERATOR_AUTHORIZATION).body(format!("{{\"url\":\"{url}\"}}"));
            check_unavailable(&close, 25).check_refusal(Refusal::Busy);
        });
    });
    let elsewhere = Request::post_comment(&new_comment("https://blog.example/elsewhere", "All is well")).send(&STALLED);
    assert_eq!(elsewhere.status, 201, "other posts are not affected: {elsewhere:?}");
}

/// Sends a request whose body arrives one byte a second and never ends. Returns the status line, or `None` if the connection was closed without
/// one.
fn send_trickling_body(path: &str, headers: &str) -> Option<String> {
    let mut stream = TcpStream::connect(OPEN.origin().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    write!(stream, "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n{headers}\r\n").unwrap();
    let mut head = [0; 64];
    for _ in 0..120 {
        if stream.write_all(b" ").is_err() {
            return None;
        }
        match stream.read(&mut head) {
            Ok(0) => return None,
            Ok(read) => {
                return Some(String::from_utf8_lossy(&head[..read]).lines().next().unwrap_or_default().to_owned());
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return None,
        }
    }
    panic!("{path}: the Worker still waits for the body");
}

#[test]
fn trickling_body_is_ended() {
    LazyLock::force(&OPEN);
    let secret = format!("Authorization: {MODERATOR_AUTHORIZATION}\r\n");
    let json = "Content-Type: application/json\r\n";
    let as_moderator = format!("{json}{secret}");
    std::thread::scope(|scope| {
        for (path, headers) in
            [("/v1/comments", json), ("/admin/api/settings?site=https://blog.example", &as_moderator)]
        {
            scope.spawn(move || {
                let (status, took) = timed(|| send_trickling_body(path, headers));
                assert!(status.iter().all(|status| status.contains(" 408 ")), "{path}: {status:?}");
                assert!(took < Duration::from_secs(60), "{path}: {took:?}");
            });
        }
        // The local runtime delays HTML until the request is complete, so the status of this one is not seen.
        scope.spawn(|| {
            let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
            let (_, took) = timed(|| send_trickling_body("/thread", headers));
            assert!(took < Duration::from_secs(60), "/thread: {took:?}");
        });
    });
    assert_eq!(Request::get("/health").send(&OPEN).status, 200);
}

#[test]
fn import_without_a_byte_for_a_while_is_ended() {
    LazyLock::force(&OPEN);
    let mut stream = TcpStream::connect(OPEN.origin().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
    let path = "/admin/api/import?site=https://blog.example&dry_run=true";
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {MODERATOR_AUTHORIZATION}\r\nContent-Length: 100000\r\n\r\n\
         {{\"afterword\":2,\"site\":\"https://blog.example\",\"last\":0}}\n"
    )
    .unwrap();
    let mut response = [0; 4096];
    let read = stream.read(&mut response).expect("the import ends before the client gives up");
    let response = String::from_utf8_lossy(&response[..read]).into_owned();
    assert!(read == 0 || response.starts_with("HTTP/1.1 408 "), "{response}");
}

/// Posts a comment whose first object call fails as the platform lets it fail for this text. Returns the status and the number of object calls.
fn post_failing(text: &str) -> (u16, u32) {
    let url = "https://blog.example/failing";
    let response = Request::post_comment(&new_comment(url, text)).send(&STALLED);
    let [_, object] = usage(&response);
    (response.status, object)
}

#[test]
fn object_calls_are_repeated_only_if_the_platform_says_so() {
    assert_eq!(post_failing("disconnected-by-a-test"), (201, 2), "a connection that broke is worth another attempt");
    assert_eq!(post_failing("overloaded-by-a-test"), (503, 1), "another call would make an overload worse");
    assert_eq!(post_failing("broken-by-a-test"), (503, 1), "another call would fail again");
}
