//! The gate before everything under `/admin`.

use afterword_model::Refusal;
use afterword_tests::{Answer, Call, MODERATOR, SECRET, Server};

use crate::OPEN;

const PATHS: [&str; 8] = [
    "/admin",
    "/admin/",
    "/admin/queue",
    "/admin/api",
    "/admin/api/export",
    "/admin/api/import",
    "/admin/api/nothing-7f3",
    "/admin/../admin/api/export?site=https://blog.example",
];

/// That it is a refusal which no page of another origin can read.
fn check_refused(answer: &Answer, refusal: Refusal) {
    answer.check_refusal(refusal);
    check_unshared(answer);
}

fn check_unshared(answer: &Answer) {
    for name in ["origin", "methods", "headers", "expose-headers", "max-age"] {
        let name = format!("access-control-allow-{name}").replace("allow-expose", "expose").replace("allow-max", "max");
        assert_eq!(answer.header(&name), None, "{answer:?}");
    }
}

fn check_unauthorized(call: &Call, server: &Server) {
    let answer = call.send(server);
    check_refused(&answer, Refusal::Unauthorized);
    assert_eq!(answer.header("www-authenticate").as_deref(), Some("Bearer"), "{call:?}");
    answer.check_silent_about("7f3");
}

#[test]
fn without_a_secret_nothing_under_admin_answers_anything_else() {
    for path in PATHS {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
            check_unauthorized(&Call::new(method, path), &OPEN);
            check_unauthorized(&Call::new(method, path).header("Origin", "https://blog.example"), &OPEN);
        }
        let head = Call::new("HEAD", path).send(&OPEN);
        assert_eq!((head.status, head.bytes()), (401, &b""[..]), "{path}");
    }
}

#[test]
fn a_preflight_is_refused_like_anything_else() {
    for (origin, method) in [("https://blog.example", "GET"), ("https://evil.example", "POST")] {
        let preflight = Call::new("OPTIONS", "/admin/api/import")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", method)
            .header("Access-Control-Request-Headers", "authorization");
        check_unauthorized(&preflight, &OPEN);
    }
}

#[test]
fn what_is_no_moderators_secret() {
    let known = MODERATOR.strip_prefix("Bearer ").unwrap();
    assert_eq!(known, SECRET);
    let wrong = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        SECRET.to_owned(),
        format!("Basic {SECRET}"),
        format!("Bearer ada:{SECRET}"),
        format!("Bearer {SECRET}x"),
        format!("Bearer {}", &SECRET[1..]),
        format!("Bearer {}", SECRET.to_uppercase()),
        format!("Bearer {SECRET} {SECRET}"),
        format!("Bearer {SECRET}, Bearer {SECRET}"),
        format!("Bearer \"{SECRET}\""),
        "Bearer abcdefghijklmnopqrstuvwxyz012345".to_owned(),
    ];
    for header in wrong {
        check_unauthorized(&Call::get("/admin/api/export").header("Authorization", header), &OPEN);
    }
    for path in [format!("/admin/api/export?secret={SECRET}"), format!("/admin/api/export?authorization={SECRET}")] {
        check_unauthorized(&Call::get(path), &OPEN);
    }
    check_unauthorized(&Call::get("/admin/api/export").header("Cookie", format!("session={SECRET}")), &OPEN);
}

#[test]
fn a_body_does_not_come_before_the_secret() {
    let large = vec![b'x'; 2 << 20];
    check_unauthorized(&Call::new("POST", "/admin/api/import").body(large), &OPEN);
    check_unauthorized(&Call::new("POST", "/admin/api/rebuild").body("{"), &OPEN);
}

#[test]
fn without_moderators_nobody_is_one() {
    let settings = [("SITES", "https://blog.example"), ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value")];
    let server = Server::start("http-nobody", &settings, &[]);
    for header in [MODERATOR, "Bearer ", "Bearer undefined", "Bearer null"] {
        check_unauthorized(&Call::get("/admin/api/export").header("Authorization", header), &server);
    }
    check_unauthorized(&Call::get("/admin"), &server);
}

#[test]
fn with_a_secret_there_is_nothing_at_an_address_without_a_route() {
    for path in ["/admin/nothing-7f3", "/admin/api/", "/admin/api/export/", "/admin/api/comments/1/nothing-7f3"] {
        let answer = Call::get(path).header("Authorization", MODERATOR).send(&OPEN);
        check_refused(&answer, Refusal::NotFound);
        answer.check_silent_about("7f3");
    }
}

#[test]
fn a_page_of_another_origin_is_refused_even_with_a_secret() {
    let marks = [
        ("Origin", "https://blog.example".to_owned()),
        ("Origin", "https://evil.example".to_owned()),
        ("Origin", "null".to_owned()),
        ("Origin", OPEN.origin().replace("http:", "https:")),
        ("Origin", format!("{}.evil.example", OPEN.origin())),
        ("Sec-Fetch-Site", "cross-site".to_owned()),
        ("Sec-Fetch-Site", "same-site".to_owned()),
        ("Sec-Fetch-Site", "".to_owned()),
    ];
    for (name, value) in marks {
        for path in ["/admin/api/export", "/admin/api/nothing"] {
            let call = Call::get(path).header("Authorization", MODERATOR).header(name, value.clone());
            check_refused(&call.send(&OPEN), Refusal::WrongOrigin);
        }
    }
    for (name, value) in
        [("Origin", OPEN.origin()), ("Sec-Fetch-Site", "none".to_owned()), ("Sec-Fetch-Site", "same-origin".to_owned())]
    {
        let call = Call::get("/admin/api/nothing").header("Authorization", MODERATOR).header(name, value);
        check_refused(&call.send(&OPEN), Refusal::NotFound);
    }
}

/// Wrong secrets that a network may try in a minute, as `wrangler.toml` says.
const TRIES: usize = 10;

#[test]
fn whoever_tries_many_secrets_is_told_to_wait_and_the_right_one_is_not() {
    let server = Server::guarded("http-guesses", &[("PROOF_BITS", "0")]);
    let from = |network: &str, header: &str| {
        let call = Call::get("/admin/api/settings").query(&[("site", "https://blog.example")]);
        call.header("CF-Connecting-IP", format!("203.0.{network}.7")).header("Authorization", header).send(&server)
    };
    check_refused(&from("1", "Bearer first-guess-7f3"), Refusal::Unauthorized);
    // A minute may end and the next one begin in between.
    let answers: Vec<_> = (0..2 * TRIES + 1).map(|guess| from("1", &format!("Bearer guess-7f3-{guess}"))).collect();
    let refused = answers.iter().find(|answer| answer.status != 401).expect("guessing is not heard for ever");
    check_refused(refused, Refusal::TooManySecrets);
    refused.check_silent_about("7f3");
    let wait = refused.header("retry-after").and_then(|seconds| seconds.parse().ok());
    assert!(wait.is_some_and(|seconds: u32| (1..=60).contains(&seconds)), "{refused:?}");
    assert_eq!(from("1", MODERATOR).status, 200, "nobody keeps a moderator out");
    check_refused(&from("1", ""), Refusal::Unauthorized);
    check_refused(&from("2", "Bearer guess-7f3"), Refusal::Unauthorized);
}
