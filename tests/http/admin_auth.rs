//! Authentication of all requests under `/admin`.

use afterword_model::Refusal;
use afterword_tests::{MODERATOR_AUTHORIZATION, MODERATOR_SECRET, Request, Response, Server};

use crate::OPEN;

/// Paths of the pages of moderators.
const PAGES: [&str; 4] = ["/admin", "/admin/", "/admin/queue", "/admin/nothing-7f3"];
/// Paths of the JSON interface.
const PATHS: [&str; 5] = [
    "/admin/api",
    "/admin/api/export",
    "/admin/api/import",
    "/admin/api/nothing-7f3",
    "/admin/../admin/api/export?site=https://blog.example",
];

/// Checks for a refusal that no page of another origin can read.
fn check_refused(response: &Response, refusal: Refusal) {
    response.check_refusal(refusal);
    check_no_cors(response);
}

fn check_no_cors(response: &Response) {
    for name in ["origin", "methods", "headers", "expose-headers", "max-age"] {
        let name = format!("access-control-allow-{name}").replace("allow-expose", "expose").replace("allow-max", "max");
        assert_eq!(response.header(&name), None, "{response:?}");
    }
}

fn check_unauthorized(request: &Request, server: &Server) {
    let response = request.send(server);
    check_refused(&response, Refusal::Unauthorized);
    assert_eq!(response.header("www-authenticate").as_deref(), Some("Bearer"), "{request:?}");
    response.check_omits("7f3");
}

#[test]
fn every_admin_route_requires_a_secret() {
    for path in PATHS {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
            check_unauthorized(&Request::new(method, path), &OPEN);
            check_unauthorized(&Request::new(method, path).header("Origin", "https://blog.example"), &OPEN);
        }
        let head = Request::new("HEAD", path).send(&OPEN);
        assert_eq!((head.status, head.bytes()), (401, &b""[..]), "{path}");
    }
}

#[test]
fn every_page_leads_to_the_sign_in_without_a_session() {
    for path in PAGES {
        for method in ["GET", "HEAD"] {
            let response = Request::new(method, path).send(&OPEN);
            assert_eq!((response.status, response.bytes()), (303, &b""[..]), "{path}");
            assert!(response.header("location").unwrap().starts_with("/admin/sign-in"), "{response:?}");
            check_no_cors(&response);
        }
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
            let response = Request::new(method, path).header("Origin", OPEN.origin()).send(&OPEN);
            assert_eq!(response.status, 401, "{method} {path}: {response:?}");
            response.check_omits("7f3");
            check_no_cors(&response);
        }
        check_unauthorized(&Request::get(path).header("Authorization", "Bearer wrong-7f3"), &OPEN);
    }
}

#[test]
fn preflight_is_refused() {
    for (origin, method) in [("https://blog.example", "GET"), ("https://evil.example", "POST")] {
        let preflight = Request::new("OPTIONS", "/admin/api/import")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", method)
            .header("Access-Control-Request-Headers", "authorization");
        check_unauthorized(&preflight, &OPEN);
    }
}

#[test]
fn invalid_secrets_are_refused() {
    let known = MODERATOR_AUTHORIZATION.strip_prefix("Bearer ").unwrap();
    assert_eq!(known, MODERATOR_SECRET);
    let wrong = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        MODERATOR_SECRET.to_owned(),
        format!("Basic {MODERATOR_SECRET}"),
        format!("Bearer ada:{MODERATOR_SECRET}"),
        format!("Bearer {MODERATOR_SECRET}x"),
        format!("Bearer {}", &MODERATOR_SECRET[1..]),
        format!("Bearer {}", MODERATOR_SECRET.to_uppercase()),
        format!("Bearer {MODERATOR_SECRET} {MODERATOR_SECRET}"),
        format!("Bearer {MODERATOR_SECRET}, Bearer {MODERATOR_SECRET}"),
        format!("Bearer \"{MODERATOR_SECRET}\""),
        "Bearer abcdefghijklmnopqrstuvwxyz012345".to_owned(),
    ];
    for header in wrong {
        check_unauthorized(&Request::get("/admin/api/export").header("Authorization", header), &OPEN);
    }
    for path in [
        format!("/admin/api/export?secret={MODERATOR_SECRET}"),
        format!("/admin/api/export?authorization={MODERATOR_SECRET}"),
    ] {
        check_unauthorized(&Request::get(path), &OPEN);
    }
    check_unauthorized(
        &Request::get("/admin/api/export").header("Cookie", format!("session={MODERATOR_SECRET}")),
        &OPEN,
    );
}

#[test]
fn secret_is_checked_before_the_body() {
    let large = vec![b'x'; 2 << 20];
    check_unauthorized(&Request::new("POST", "/admin/api/import").body(large), &OPEN);
    check_unauthorized(&Request::new("POST", "/admin/api/republish").body("{"), &OPEN);
}

#[test]
fn without_configured_moderators_every_secret_is_refused() {
    let settings = [("SITES", "https://blog.example"), ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value")];
    let server = Server::start("http-no-moderators", &settings, &[]);
    for header in [MODERATOR_AUTHORIZATION, "Bearer ", "Bearer undefined", "Bearer null"] {
        check_unauthorized(&Request::get("/admin/api/export").header("Authorization", header), &server);
    }
    assert_eq!(Request::get("/admin").send(&server).status, 303);
}

#[test]
fn unknown_route_is_not_found_with_a_secret() {
    for path in ["/admin/nothing-7f3", "/admin/queue/"] {
        let response = Request::get(path).header("Authorization", MODERATOR_AUTHORIZATION).send(&OPEN);
        assert_eq!(response.status, 404, "{response:?}");
        response.check_omits("7f3");
        check_no_cors(&response);
    }
    for path in ["/admin/api/", "/admin/api/export/", "/admin/api/comments/1/nothing-7f3"] {
        let response = Request::get(path).header("Authorization", MODERATOR_AUTHORIZATION).send(&OPEN);
        check_refused(&response, Refusal::NotFound);
        response.check_omits("7f3");
    }
}

#[test]
fn cross_origin_request_is_refused_even_with_a_secret() {
    let headers = [
        ("Origin", "https://blog.example".to_owned()),
        ("Origin", "https://evil.example".to_owned()),
        ("Origin", "null".to_owned()),
        ("Origin", OPEN.origin().replace("http:", "https:")),
        ("Origin", format!("{}.evil.example", OPEN.origin())),
        ("Sec-Fetch-Site", "cross-site".to_owned()),
        ("Sec-Fetch-Site", "same-site".to_owned()),
        ("Sec-Fetch-Site", "".to_owned()),
    ];
    for (name, value) in headers {
        for path in ["/admin/api/export", "/admin/api/nothing"] {
            let request =
                Request::get(path).header("Authorization", MODERATOR_AUTHORIZATION).header(name, value.clone());
            check_refused(&request.send(&OPEN), Refusal::WrongOrigin);
        }
    }
    for (name, value) in
        [("Origin", OPEN.origin()), ("Sec-Fetch-Site", "none".to_owned()), ("Sec-Fetch-Site", "same-origin".to_owned())]
    {
        let request =
            Request::get("/admin/api/nothing").header("Authorization", MODERATOR_AUTHORIZATION).header(name, value);
        check_refused(&request.send(&OPEN), Refusal::NotFound);
    }
}

/// Wrong secrets that a network may try in a minute, as configured in `wrangler.toml`.
const MAX_WRONG_SECRETS: usize = 10;

#[test]
fn secret_guessing_is_rate_limited_but_the_right_secret_works() {
    let server = Server::with_spam_checks("http-guesses", &[("PROOF_BITS", "0")]);
    let from = |network: &str, header: &str| {
        let request = Request::get("/admin/api/settings").query(&[("site", "https://blog.example")]);
        request.header("CF-Connecting-IP", format!("203.0.{network}.7")).header("Authorization", header).send(&server)
    };
    check_refused(&from("1", "Bearer first-guess-7f3"), Refusal::Unauthorized);
    // Twice the limit, because a new minute may begin in between.
    let responses: Vec<_> =
        (0..2 * MAX_WRONG_SECRETS + 1).map(|guess| from("1", &format!("Bearer guess-7f3-{guess}"))).collect();
    let refused = responses.iter().find(|response| response.status != 401).expect("guessing is rate-limited");
    check_refused(refused, Refusal::TooManySecrets);
    refused.check_omits("7f3");
    let wait = refused.header("retry-after").and_then(|seconds| seconds.parse().ok());
    assert!(wait.is_some_and(|seconds: u32| (1..=60).contains(&seconds)), "{refused:?}");
    assert_eq!(from("1", MODERATOR_AUTHORIZATION).status, 200, "the right secret is always accepted");
    check_refused(&from("1", ""), Refusal::Unauthorized);
    check_refused(&from("2", "Bearer guess-7f3"), Refusal::Unauthorized);
}
