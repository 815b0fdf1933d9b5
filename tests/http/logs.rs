//! The log: one line for each failure, with its route, site, request id, attempt and cause, and with nothing that a reader or moderator sent.

use afterword_model::{NewComment, PostUrl, Refusal};
use afterword_tests::{
    FaultInjector, Kv, MODERATOR_AUTHORIZATION, MODERATOR_SECRET, Request, Server, Setting, generate_export, import,
    new_comment, wait_until,
};
use serde_json::json;

const SETTINGS: [Setting<'static>; 5] = [
    ("SITES", "https://blog.example"),
    ("MODERATION", "open"),
    ("SIGNING_KEY", "planted-key-that-signs-nothing-of-value"),
    ("ADMIN_SECRETS", "ada:a-secret-for-tests-that-guards-nothing"),
    ("RATE_LIMITS", "on"),
];
/// Words of a comment, a name, an e-mail address, a website, an author key, an IP address, and a wrong secret.
const PLANTED: [&str; 7] = [
    "planted-text",
    "planted-name",
    "planted@mail.example",
    "planted-website",
    "planted-author-key-0123456789abc",
    "198.51.100.77",
    "planted-wrong-secret",
];

fn url(name: &str) -> String {
    PostUrl::parse(&format!("https://blog.example/{name}")).unwrap().to_string()
}

/// A comment with a planted word in each field. `text` follows the planted one, so that it may ask for a fault.
fn planted_comment(url: &str, text: &str) -> NewComment {
    let [words, name, email, website, ..] = PLANTED;
    NewComment {
        name: Some(name.to_owned()),
        email: Some(email.to_owned()),
        website: Some(format!("https://{website}.example")),
        ..new_comment(url, &format!("{words} {text}"))
    }
}

fn planted(request: Request) -> Request {
    let [.., key, address, _] = PLANTED;
    request.header("Authorization", format!("Bearer {key}")).header("CF-Connecting-IP", address)
}

fn post(server: &Server, text: &str) -> u16 {
    planted(Request::post_comment(&planted_comment(&url("logged"), text))).send(server).status
}

/// Makes as much fail as tests can.
fn cause_failures(server: &Server) {
    for fault in ["disconnected-by-a-test", "overloaded-by-a-test", "broken-by-a-test", "stalled-by-a-test"] {
        post(server, fault);
    }
    planted(Request::get("/v1/thread")).query(&[("url", &url("stalled-by-a-test"))]).send(server);
    Request::get("/debug/panic").header("Referer", PLANTED[0]).send(server).check_refusal(Refusal::Internal);
    Request::new("POST", "/debug/ledger/panic?site=blog.example").send(server).check_refusal(Refusal::Internal);
    for body in [format!("{{\"text\":\"{}\"}}", PLANTED[0]), PLANTED[0].to_owned(), format!("[\"{}\"]", PLANTED[1])] {
        planted(Request::post_json(body)).send(server).check_refusal(Refusal::BadJson);
    }
    let form =
        [("url", "https://blog.example/form"), ("text", PLANTED[0]), ("name", PLANTED[1]), ("email", PLANTED[2])];
    Request::post_form("/thread", &form).header("Origin", "null").header("Cookie", PLANTED[0]).send(server);
    let broken = generate_export(3, 3).replace("\"created\":", &format!("\"{}\":", PLANTED[1]));
    import(server, broken).check_status(422);
    let wrong = format!("Bearer {}-that-is-quite-long-enough", PLANTED[6]);
    wait_until("wrong secrets to be limited", || {
        let guess = Request::get("/admin/api/comments").header("Authorization", &*wrong).send(server);
        (guess.status == 429).then_some(())
    });
    let odd = Request::new("POST", "/admin/api/bans").header("Authorization", MODERATOR_AUTHORIZATION);
    let odd = odd.header("Content-Type", "application/json");
    odd.body(format!("{{\"kind\":\"name\",\"pattern\":\"{}\",\"x\":1}}", PLANTED[1])).send(server).check_status(400);
    let file = server.state().join("value.json");
    std::fs::write(&file, format!("{{\"title\":\"{}\",\"version\":\"{}\"}}", PLANTED[0], PLANTED[1])).unwrap();
    Kv::new(server).put(&format!("thread:{}", url("damaged")), &file, &json!({"version": 1, "count": 1, "pages": 1}));
    for path in ["/v1/thread", "/v1/thread.html", "/thread"] {
        Request::get(path).query(&[("url", &url("damaged"))]).send(server).check_status(503);
    }
    let injector = FaultInjector::new(server, "blog.example");
    injector.set_plan(&json!({"times": 2, "end": "500"}));
    wait_until("a comment to be accepted", || (post(server, "published late") == 201).then_some(()));
    wait_until("the failed writes", || (injector.write_counts().affected == 2).then_some(()));
}

#[test]
fn failures_are_logged_in_one_line_without_anything_that_was_sent() {
    let server = Server::start("http-logs", &SETTINGS, &[]);
    cause_failures(&server);
    let log = server.log();
    for secret in PLANTED.into_iter().chain([MODERATOR_SECRET, SETTINGS[2].1]) {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    let expected = [
        (
            "ledger call failed call=/submit attempt=1 route=/v1/comments site=https://blog.example",
            "disconnected-by-a-test",
        ),
        (
            "ledger call failed call=/submit attempt=1 route=/v1/comments site=https://blog.example",
            "overloaded-by-a-test",
        ),
        ("ledger call failed call=/submit attempt=1 route=/v1/comments site=https://blog.example", "timed out"),
        (
            "kv read failed key=thread:https://blog.example/stalled-by-a-test route=/v1/thread site=https://blog.example",
            "timed out",
        ),
        (
            "published value not readable key=thread:https://blog.example/damaged route=/thread site=https://blog.example",
            "invalid JSON (Data)",
        ),
        ("request failed route=", "panic"),
        ("ledger call panicked route=/faults/panic site=https://blog.example", "panic"),
        ("too many wrong moderator secrets retry_after_s=60 route=/admin/api/comments", "rate limit"),
        ("kv put failed key=thread:https://blog.example/logged attempt=1 retry_in_ms=", "500"),
    ];
    for (event, cause) in expected {
        let lines = || log.lines().filter(|line| line.contains(event) && line.contains(cause));
        assert!(lines().next().is_some(), "no line with {event:?} and {cause:?}: {log}");
        assert!(lines().all(|line| line.contains(" cause=")), "{log}");
    }
    // Every failure names its route, and its site once it is known: never before a moderator or an address is recognized.
    let without_site = ["route=unmatched ", "route=/debug/", "too many wrong moderator secrets "];
    for line in log.lines().filter(|line| line.contains(" cause=")) {
        let is_early = without_site.iter().any(|early| line.contains(early));
        assert!(line.contains(" route=") && (is_early || line.contains(" site=https://blog.example ")), "{line}");
    }
    let written = log.lines().find(|line| line.contains("kv put failed ")).unwrap_or_default();
    assert!(written.contains(" route=publisher site=https://blog.example cause="), "{written}");
    // Every line about a request can be matched with the request's other lines, in the Worker and in the object.
    for line in log.lines().filter(|line| line.contains(" route=/") && !line.contains("route=/faults/")) {
        // The runtime may end a line with the codes of a colour.
        let rest = line.split("request_id=").nth(1).unwrap_or_default();
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        assert_eq!(digits, 16, "{line}");
    }
}
