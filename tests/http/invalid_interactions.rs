//! Invalid input to the calls of readers beside commenting: correct status and code, nothing stored, nothing echoed.

use afterword_model::{CommentId, NewComment, PostedComment, Refusal};
use afterword_tests::{Request, Server, export, new_comment, post_url, wait_for_thread};
use serde_json::{Value, json};

/// Part of every invalid value. It must not occur in a response.
const CANARY: &str = "canary-7f3";
const ADA: &str = "Bearer invalid-interactions-ada-abc";
const BOB: &str = "Bearer invalid-interactions-bob-abc";

/// A call, as it would succeed for `ADA`.
#[derive(Clone, Copy)]
struct Call {
    method: &'static str,
    /// The path after `/v1/comments/<id>`; `None` for a call about the post.
    action: Option<&'static str>,
    path: &'static str,
    body: Option<fn() -> Value>,
    needs_key: bool,
    /// The refusal for a comment that does not exist, or belongs to another post.
    unknown: Option<Refusal>,
    /// The refusal in a closed thread.
    closed: Option<Refusal>,
}

const UNKNOWN: Option<Refusal> = Some(Refusal::UnknownComment);
const NOT_YOURS: Option<Refusal> = Some(Refusal::NotYourComment);

const fn own(method: &'static str, action: &'static str, body: Option<fn() -> Value>, closed: Option<Refusal>) -> Call {
    Call { method, action: Some(action), path: "", body, needs_key: true, unknown: NOT_YOURS, closed }
}

fn edit_body() -> Value {
    json!({"id": uuid::Uuid::new_v4().to_string(), "text": format!("text {CANARY}")})
}

const CALLS: [Call; 8] = [
    own("GET", "/source", None, None),
    own("PATCH", "", Some(edit_body), Some(Refusal::Closed)),
    own("DELETE", "", None, None),
    own("POST", "/restore", None, None),
    Call { unknown: UNKNOWN, ..own("POST", "/vote", Some(|| json!({"vote": 1})), Some(Refusal::Closed)) },
    Call {
        needs_key: false,
        unknown: UNKNOWN,
        ..own("POST", "/report", Some(|| json!({"reason": "spam", "text": CANARY})), None)
    },
    Call {
        action: None,
        path: "/v1/reactions",
        unknown: None,
        ..own("POST", "", Some(|| json!({"reaction": "👍"})), Some(Refusal::Closed))
    },
    Call { action: None, path: "/v1/comments/status?id=1", unknown: None, ..own("GET", "", None, None) },
];

impl Call {
    fn path(&self, id: &str) -> String {
        self.action.map_or_else(|| self.path.to_owned(), |action| format!("/v1/comments/{id}{action}"))
    }

    fn at(&self, path: String, url: &str, key: &str) -> Request {
        let request = Request::new(self.method, path).query(&[("url", url)]).header("Authorization", key);
        match self.body {
            Some(body) => request.header("Content-Type", "application/json").body(body().to_string()),
            None => request,
        }
    }

    fn on(&self, id: CommentId, url: &str, key: &str) -> Request {
        self.at(self.path(&id.to_string()), url, key)
    }
}

#[track_caller]
fn check(server: &Server, description: &str, request: &Request, refusal: Refusal) {
    let response = request.send(server);
    let code = response.json::<Value>()["error"]["code"].as_str().map(str::to_owned);
    assert_eq!((response.status, code.as_deref()), (refusal.status(), Some(refusal.code())), "{description}");
    response.check_refusal(refusal);
    response.check_omits(CANARY);
}

struct Site {
    server: Server,
    url: String,
    own: CommentId,
    tombstone: CommentId,
    elsewhere: CommentId,
}

impl Site {
    fn new(name: &str) -> Self {
        let url = post_url(name);
        let settings = [
            ("SITES", "https://blog.example=localhost,127.0.0.1 https://other.example"),
            ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value"),
            ("ADMIN_SECRETS", "ada:a-secret-for-tests-that-guards-nothing"),
            ("MODERATION", "open"),
            ("REACTIONS", "👍"),
        ];
        let server = Server::start(&format!("http-{name}"), &settings, &[]);
        let post = |new: &NewComment, key: &str| -> PostedComment {
            Request::post_comment(new).header("Authorization", key).send(&server).json()
        };
        let own = post(&new_comment(&url, "own"), ADA).comment.id;
        let tombstone = post(&new_comment(&url, "gone"), ADA).comment.id;
        post(&NewComment { parent: Some(tombstone), ..new_comment(&url, "a reply") }, BOB);
        let erase = Request::as_moderator("POST", &format!("/admin/api/comments/{tombstone}/erase"));
        assert_eq!(erase.send(&server).status, 200);
        let elsewhere = post(&new_comment(&post_url("elsewhere"), "elsewhere"), ADA).comment.id;
        wait_for_thread(&server, &url, 2);
        Self { server, url, own, tombstone, elsewhere }
    }
}

#[test]
fn invalid_calls_are_refused_without_a_trace() {
    let site = Site::new("invalid_interactions");
    let Site { server, url, own, elsewhere, .. } = &site;
    let before = export(server);
    for call in CALLS {
        let name = format!("{} {}", call.method, call.path("<id>"));
        let check = |description: &str, request: &Request, refusal| {
            check(server, &format!("{name}: {description}"), request, refusal);
        };
        let good = || call.on(*own, url, BOB);
        if let Some(refusal) = call.unknown {
            check("another site's post", &call.on(*own, "https://other.example/x", BOB), refusal);
        }
        check("no site", &call.on(*own, &format!("https://{CANARY}.example/x"), BOB), Refusal::UnknownSite);
        check("no address", &call.on(*own, &format!("{CANARY}:x"), BOB), Refusal::BadUrl);
        check("short key", &good().header("Authorization", "Bearer canary-7f3"), Refusal::BadAuthorKey);
        if call.needs_key {
            check("no key", &good().without_header("Authorization"), Refusal::BadAuthorKey);
        }
        if call.method != "GET" {
            let foreign = good().header("Origin", "https://canary-7f3.example");
            check("a page of another origin", &foreign, Refusal::WrongOrigin);
            let other_site = good().header("Origin", "https://other.example");
            check("a page of another site", &other_site, Refusal::WrongOrigin);
        }
        if let Some(refusal) = call.unknown {
            for id in ["999", "0", "-1", "9007199254740993", "9223372036854775807"] {
                check(id, &call.at(call.path(id), url, BOB), refusal);
            }
            check("a comment below another post", &call.on(*elsewhere, url, ADA), refusal);
            for id in ["x", "1.5", "99999999999999999999", CANARY] {
                check(id, &call.at(call.path(id), url, BOB), Refusal::NotFound);
            }
        }
        for method in ["PUT", if call.method == "POST" { "GET" } else { "POST" }] {
            let request = Request::new(method, call.path(&own.to_string())).query(&[("url", url)]);
            let refused = request.send(server);
            refused.check_refusal(Refusal::BadMethod);
            assert!(refused.header("allow").is_some_and(|allow| allow.contains(call.method)), "{name}: {refused:?}");
        }
        let Some(body) = call.body else { continue };
        check("a form", &good().header("Content-Type", "text/plain"), Refusal::BadMediaType);
        let mut unknown_field = body();
        unknown_field[CANARY] = json!(1);
        let large = json!({"text": "x".repeat(70_000)}).to_string();
        for (description, text) in [
            ("no JSON", CANARY.to_owned()),
            ("an empty body", String::new()),
            ("a list", format!("[{CANARY:?}]")),
            ("an unknown field", unknown_field.to_string()),
            ("no field", "{}".to_owned()),
        ] {
            check(description, &good().body(text), Refusal::BadJson);
        }
        check("not UTF-8", &good().body([&b"{\"text\":\"canary-7f3"[..], &[0xff], b"\"}"].concat()), Refusal::BadJson);
        check("a large body", &good().body(large), Refusal::BodyTooLarge);
    }
    assert_eq!(export(server), before, "nothing is stored");
}

#[test]
fn invalid_values_are_refused_without_a_trace() {
    let site = Site::new("invalid_interaction_values");
    let Site { server, url, own, tombstone, .. } = &site;
    let before = export(server);
    let [_, edit, delete, restore, vote, report, react, _] = CALLS;
    let uuid = uuid::Uuid::new_v4().to_string();
    let with = |call: Call, key: &str, body: Value| call.on(*own, url, key).body(body.to_string());
    let long = format!("{CANARY}{}", "x".repeat(8 * 1024));
    for (request, refusal) in [
        (with(edit, ADA, json!({"id": CANARY, "text": "x"})), Refusal::BadId),
        (with(edit, ADA, json!({"id": uuid, "text": long})), Refusal::TextTooLong),
        (with(edit, ADA, json!({"id": uuid, "text": " \u{200b}\n"})), Refusal::TextEmpty),
        (with(edit, ADA, json!({"id": uuid, "text": "canary-7f3\u{0}"})), Refusal::BadCharacter),
        (
            with(edit, ADA, json!({"id": uuid, "text": format!("{}{CANARY}", "- x\n".repeat(2_000))})),
            Refusal::TextTooComplex,
        ),
        (with(edit, ADA, json!({"id": uuid, "text": 7})), Refusal::BadJson),
        (with(vote, ADA, json!({"vote": 1})), Refusal::OwnComment),
        (with(vote, BOB, json!({"vote": -1})), Refusal::DownvotesOff),
        (with(vote, BOB, json!({"vote": 2})), Refusal::BadJson),
        (with(vote, BOB, json!({"vote": CANARY})), Refusal::BadJson),
        (with(report, BOB, json!({"reason": CANARY})), Refusal::BadJson),
        (with(report, BOB, json!({"reason": "spam", "text": long})), Refusal::TextTooLong),
        (with(report, BOB, json!({"reason": "spam", "text": "canary-7f3\u{0}"})), Refusal::BadCharacter),
        (with(react, BOB, json!({"reaction": CANARY})), Refusal::UnknownReaction),
        (with(react, BOB, json!({"reaction": long})), Refusal::UnknownReaction),
        (with(react, BOB, json!({"reaction": 7})), Refusal::BadJson),
        (edit.on(*tombstone, url, ADA), Refusal::UnknownComment),
        (CALLS[0].on(*tombstone, url, ADA), Refusal::UnknownComment),
        (restore.on(*tombstone, url, ADA), Refusal::RestoreWindowOver),
        (vote.on(*tombstone, url, BOB), Refusal::UnknownComment),
        (report.on(*tombstone, url, BOB), Refusal::UnknownComment),
        (delete.on(*tombstone, url, BOB), Refusal::NotYourComment),
    ] {
        check(server, &format!("{request:?}"), &request, refusal);
    }
    for query in ["", "id=x", "id=1&id=canary-7f3", &"id=1&".repeat(21)] {
        let request = Request::get(format!("/v1/comments/status?{query}")).query(&[("url", url)]);
        check(server, query, &request.header("Authorization", ADA), Refusal::BadQuery);
    }
    assert_eq!(export(server), before, "nothing is stored");
    let close = Request::as_moderator("POST", "/admin/api/threads/close").header("Content-Type", "application/json");
    assert_eq!(close.body(json!({ "url": url }).to_string()).send(server).status, 200);
    let before = export(server);
    for (call, key) in CALLS.iter().zip([ADA, ADA, ADA, ADA, BOB, BOB, BOB, ADA]) {
        if let Some(refusal) = call.closed {
            check(server, call.method, &call.on(*own, url, key), refusal);
        }
    }
    assert_eq!(export(server), before, "a closed thread takes no edits, votes and reactions");
}
