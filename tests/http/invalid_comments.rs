//! Invalid input to `POST /v1/comments`: correct status and code, nothing stored, nothing echoed, and the process
//! keeps running.

use afterword_model::{CommentId, NewComment, PostedComment, Refusal, Thread};
use afterword_tests::{Kv, Request, Response, new_comment, post_url, wait_for_thread};
use serde_json::{Value, json};

use crate::OPEN;

/// Part of every field of every invalid submission. It must not occur in a response.
const CANARY: &str = "canary-7f3";

/// An invalid request and the expected refusal.
struct Case {
    description: &'static str,
    request: Request,
    refusal: Refusal,
}

/// A valid submission with the canary in every text field, as JSON to be modified.
fn good(url: &str) -> Value {
    let new = NewComment {
        title: Some(format!("title {CANARY}")),
        name: Some(format!("name {CANARY}")),
        email: Some(format!("{CANARY}@example.example")),
        website: Some(format!("https://{CANARY}.example/")),
        proof: Some(format!("proof {CANARY}")),
        ..new_comment(url, &format!("text {CANARY}"))
    };
    serde_json::to_value(new).unwrap()
}

/// The valid submission with some fields replaced.
fn with_fields(url: &str, fields: &[(&str, Value)]) -> Request {
    let mut body = good(url);
    for (name, value) in fields {
        body[name] = value.clone();
    }
    Request::post_json(body.to_string())
}

/// The valid submission as text, with one part replaced.
fn with_text_replaced(url: &str, from: &str, to: &str) -> Request {
    let body = good(url).to_string();
    assert!(body.contains(from), "{from} is not in {body}");
    Request::post_json(body.replacen(from, to, 1))
}

/// The valid submission with a byte in its text that is invalid in UTF-8.
fn invalid_utf8(url: &str) -> Vec<u8> {
    let mut body = good(url).to_string().into_bytes();
    let at = body.windows(5).position(|part| part == b"text ").unwrap();
    body[at + 4] = 0xff;
    body
}

/// Runs all cases against a thread with one comment and checks that they leave no trace.
fn check(name: &str, cases: impl FnOnce(&str, CommentId) -> Vec<Case>) {
    let url = post_url(name);
    let posted: PostedComment = Request::post_comment(&new_comment(&url, "already here")).send(&OPEN).json();
    wait_for_thread(&OPEN, &url, 1);
    let read = || -> Response { Request::get("/v1/thread").query(&[("url", &url)]).send(&OPEN) };
    let before = read();
    for Case { description, request, refusal } in cases(&url, posted.comment.id) {
        let response = request.send(&OPEN);
        assert_eq!(
            (response.status, response.json::<Value>()["error"]["code"].as_str()),
            (refusal.status(), Some(refusal.code())),
            "{description}"
        );
        response.check_refusal(refusal);
        response.check_omits(CANARY);
        assert_eq!(Request::get("/health").send(&OPEN).status, 200, "after {description}");
    }
    // The next accepted comment is the second: anything stored in between would be published with it.
    let last: PostedComment = Request::post_comment(&new_comment(&url, "afterwards")).send(&OPEN).json();
    assert_eq!(last.version, before.json::<Thread>().version + 1, "no version in between");
    assert_eq!(wait_for_thread(&OPEN, &url, 2), [posted.comment, last.comment]);
    let keys: Vec<String> = Kv::new(&OPEN).list("thread:").into_iter().map(|(key, _)| key).collect();
    assert!(!keys.iter().any(|key| key.contains(CANARY) || key.contains("spoiled.example")), "{keys:?}");
}

#[test]
fn malformed_json() {
    check("bad_json", |url, _| {
        let bad = |description, request| Case { description, request, refusal: Refusal::BadJson };
        let text = |description, body: &str| bad(description, Request::post_json(body));
        let typed = |description, name, value| bad(description, with_fields(url, &[(name, value)]));
        let deep = "[".repeat(20_000);
        vec![
            text("nothing", ""),
            text("no JSON", CANARY),
            text("truncated JSON", &good(url).to_string()[..60]),
            text("trailing text", &format!("{} {CANARY}", good(url))),
            text("null", "null"),
            text("a number", "1"),
            text("a string", &json!(CANARY).to_string()),
            text("a list", &json!([good(url)]).to_string()),
            text("an empty object", "{}"),
            text("deep lists", &deep),
            text("deep objects", &r#"{"text":"#.repeat(8_000)),
            bad(
                "a deep field",
                with_text_replaced(url, &format!("\"text {CANARY}\""), &format!("{deep}{}", "]".repeat(20_000))),
            ),
            typed("a number as text", "text", json!(1)),
            typed("a list as text", "text", json!([CANARY])),
            typed("null as text", "text", json!(null)),
            typed("an object as url", "url", json!({ "href": url })),
            typed("a number as id", "id", json!(1)),
            typed("true as name", "name", json!(true)),
            typed("a string as parent", "parent", json!("1")),
            typed("a fraction as parent", "parent", json!(1.5)),
            bad("a huge parent", with_text_replaced(url, "\"parent\":null", "\"parent\":99999999999999999999999999")),
            bad("an exponent as parent", with_text_replaced(url, "\"parent\":null", "\"parent\":1e999")),
            bad("a lone minus as parent", with_text_replaced(url, "\"parent\":null", "\"parent\":-")),
            typed("an unknown field", CANARY, json!(CANARY)),
            typed("a field that only the ledger has", "status", json!("published")),
            typed("a JavaScript prototype", "__proto__", json!({ "owner": true })),
            bad(
                "a field twice",
                with_text_replaced(url, "\"parent\":null", &format!("\"parent\":null,\"text\":\"{CANARY}\"")),
            ),
            bad("a lone surrogate", with_text_replaced(url, "text canary", "\\ud800 canary")),
            bad("surrogates in the wrong order", with_text_replaced(url, "text canary", "\\udc00\\ud800 canary")),
            bad("a raw control character", with_text_replaced(url, "text canary", "\u{1}canary")),
            bad("invalid UTF-8", Request::post_json(invalid_utf8(url))),
            bad(
                "UTF-16",
                Request::post_json(
                    good(url).to_string().encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
                ),
            ),
            bad("a byte order mark", Request::post_json(format!("\u{feff}{}", good(url)))),
            bad("single quotes", Request::post_json(good(url).to_string().replace('"', "'"))),
        ]
    });
}

#[test]
fn too_large_or_wrong_media_type_body() {
    check("bad_body", |url, _| {
        let large = |size: usize| with_fields(url, &[("text", json!(CANARY.repeat(size / CANARY.len())))]);
        let kind = |description, kind: Option<&str>| {
            let request = Request::post_json(good(url).to_string());
            let request = match kind {
                Some(kind) => request.header("Content-Type", kind),
                None => request.without_header("Content-Type"),
            };
            Case { description, request, refusal: Refusal::BadMediaType }
        };
        let big = |description, request| Case { description, request, refusal: Refusal::BodyTooLarge };
        vec![
            big("just over the limit", large(65 * 1024)),
            big("one megabyte", large(1 << 20)),
            big("a megabyte of spaces", Request::post_json(vec![b' '; 1 << 20])),
            big("a megabyte of brackets", Request::post_json(vec![b'['; 1 << 20])),
            kind("plain text, which needs no preflight", Some("text/plain")),
            kind("a form", Some("application/x-www-form-urlencoded")),
            kind("a multipart form", Some("multipart/form-data; boundary=x")),
            kind("a type similar to JSON", Some("application/jsonp")),
            kind("JSON in the parameters only", Some("text/plain; application/json")),
            kind("no content type", None),
        ]
    });
}

#[test]
fn fields_that_break_their_rules() {
    check("bad_fields", |url, _| {
        let case = |description, name, value: &str, refusal| Case {
            description,
            request: with_fields(url, &[(name, json!(value))]),
            refusal,
        };
        let id = |description, value| case(description, "id", value, Refusal::BadId);
        let long_url = format!("https://blog.example/{CANARY}{}", "a".repeat(2048));
        vec![
            id("no id", ""),
            id("not a UUID", CANARY),
            id("a UUID in braces", "{67e55044-10b1-426f-9247-bb680e5fe0c8}"),
            id("a UUID without hyphens", "67e5504410b1426f9247bb680e5fe0c8"),
            id("a URN", "urn:uuid:67e55044-10b1-426f-9247-bb680e5fe0c8"),
            id("a UUID with an invalid digit", "67e55044-10b1-426f-9247-bb680e5fe0cg"),
            id("a UUID with a trailing space", "67e55044-10b1-426f-9247-bb680e5fe0c8 "),
            case("no address", "url", "", Refusal::BadUrl),
            case("a path", "url", "/canary-7f3", Refusal::BadUrl),
            case("another scheme", "url", "javascript:canary-7f3", Refusal::BadUrl),
            case("a long address", "url", &long_url, Refusal::UrlTooLong),
            case("a foreign host", "url", "https://canary-7f3.example/", Refusal::UnknownSite),
            case("a host that resembles a site", "url", "https://blog.example.spoiled.example/", Refusal::UnknownSite),
            case("a site as user name", "url", "https://blog.example@spoiled.example/", Refusal::UnknownSite),
            case("no text", "text", "", Refusal::TextEmpty),
            case("white space", "text", " \n\t\u{a0}\u{3000}", Refusal::TextEmpty),
            case("invisible characters", "text", "\u{200b}\u{2060}\u{feff}\u{ad}", Refusal::TextEmpty),
            case("control characters", "text", "\u{1}\u{2}\u{202e}", Refusal::TextEmpty),
            case("a long text", "text", &"x".repeat(8193), Refusal::TextTooLong),
            case("a text long in bytes", "text", &"ж".repeat(4097), Refusal::TextTooLong),
            case("a text that grows when escaped as HTML", "text", &"<".repeat(8192), Refusal::TextTooComplex),
            case("a list of many items", "text", &"- x\n".repeat(2048), Refusal::TextTooComplex),
            case("a long name", "name", &"n".repeat(81), Refusal::NameTooLong),
            case("no e-mail address", "email", "canary-7f3", Refusal::BadEmail),
            case("two addresses", "email", "a@b.example, c@d.example", Refusal::BadEmail),
            case("a long address", "email", &format!("{}@example.example", "e".repeat(250)), Refusal::BadEmail),
            case("a script as website", "website", "javascript:canary-7f3", Refusal::BadWebsite),
            case("data as website", "website", "data:text/html,canary-7f3", Refusal::BadWebsite),
            case("a website with a password", "website", "https://canary-7f3:pw@example.example/", Refusal::BadWebsite),
            case(
                "a long website",
                "website",
                &format!("https://example.example/{}", "w".repeat(600)),
                Refusal::BadWebsite,
            ),
        ]
    });
}

#[test]
fn nul_in_any_field() {
    check("bad_nul", |url, _| {
        let fields = ["id", "url", "title", "name", "email", "website", "text", "proof"];
        let with_nul = |field| {
            let value = good(url)[field].as_str().unwrap_or_default().to_owned();
            Case {
                description: field,
                request: with_fields(url, &[(field, json!(format!("{value}\0")))]),
                refusal: Refusal::BadCharacter,
            }
        };
        fields.into_iter().map(with_nul).collect()
    });
}

#[test]
fn invalid_parents() {
    let elsewhere: PostedComment =
        Request::post_comment(&new_comment(&post_url("bad_parent_elsewhere"), "elsewhere")).send(&OPEN).json();
    let other_site: PostedComment =
        Request::post_comment(&new_comment("https://other.example/bad_parent", "elsewhere")).send(&OPEN).json();
    check("bad_parent", |url, here| {
        let case = |description, parent: i64| Case {
            description,
            request: with_fields(url, &[("parent", json!(parent))]),
            refusal: Refusal::UnknownParent,
        };
        let mut cases = vec![
            case("a future comment", here.get() + 1_000_000),
            case("zero", 0),
            case("a negative number", -1),
            case("above the largest JavaScript integer", 9_007_199_254_740_993),
            case("the largest number", i64::MAX),
            case("the smallest number", i64::MIN),
            case("a comment of another thread", elsewhere.comment.id.get()),
        ];
        // Each site has a ledger of its own, so a comment id of another site may also exist here.
        if other_site.comment.id != here {
            cases.push(case("a comment of another site", other_site.comment.id.get()));
        }
        cases
    });
}

#[test]
fn wrong_origins() {
    check("bad_origin", |url, _| {
        let case = |description, origin: &str| Case {
            description,
            request: Request::post_json(good(url).to_string()).header("Origin", origin),
            refusal: Refusal::WrongOrigin,
        };
        vec![
            case("an unknown origin", "https://canary-7f3.example"),
            case("a null origin", "null"),
            case("another configured site", "https://other.example"),
            case("not an origin", "canary-7f3"),
            case("an empty origin with a path", "https://blog.example/canary-7f3"),
        ]
    });
}
