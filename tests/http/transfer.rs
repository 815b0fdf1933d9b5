//! `GET /admin/api/export` and `POST /admin/api/import`: an export restores the whole site.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use afterword_model::{Comment, NewComment, PostedComment, Refusal, Status};
use afterword_tests::{
    MODERATOR_AUTHORIZATION, Request, Response, Server, export, generate_export, import, new_comment, post_url, usage,
    wait_for_thread, wait_until, with_checksum_line,
};
use serde_json::{Value, json};

use crate::OPEN;

const ADA: &str = "Bearer transfer-ada-abcdefghijklmnopqrst";
const NEW: &str = "Bearer transfer-new-abcdefghijklmnopqrst";
const PATH: &str = "/admin/api/import";

fn post(server: &Server, new: &NewComment, key: &str) -> PostedComment {
    let response = Request::post_comment(new).header("Authorization", key).send(server);
    assert_eq!(response.status, 201, "{response:?}");
    response.json()
}

/// A site with replies, two posts, a pending comment and text that is hard to encode. Returns its server and the
/// published comments.
fn full_site(name: &str) -> (Server, Vec<Comment>) {
    let (url, other) = (post_url("transfer"), post_url("transfer_ünicode?p=1&q=ä"));
    let server = Server::with_moderation(name, "open");
    let root = post(&server, &new_comment(&url, "root, \"quoted\" \\ and\ttabbed\n\nsecond <paragraph>"), ADA);
    let hard = "נִקּוּד 🏴󠁧󠁢󠁥󠁮󠁧󠁿 e\u{301}\u{2028}\u{2029}\u{85}\u{feff} end\u{fffd}";
    let rich = NewComment {
        parent: Some(root.comment.id),
        name: Some(hard.to_owned()),
        title: Some(format!("Title {hard}")),
        email: Some("ada@ada.example".to_owned()),
        website: Some("https://ada.example/ü?x=\"y\"".to_owned()),
        ..new_comment(&url, &format!("**{hard}**\n> - quoted\n\n```rust\nfn main() {{}}\n```"))
    };
    let response = post(&server, &rich, ADA);
    post(&server, &NewComment { parent: Some(response.comment.id), ..new_comment(&url, "deeper") }, ADA);
    post(&server, &new_comment(&other, "elsewhere"), ADA);
    let server = server.restart_with_moderation("first");
    let held = post(&server, &new_comment(&url, "waits"), NEW);
    assert_eq!(held.status, Status::Pending);
    let published = wait_for_thread(&server, &url, 3);
    (server, published)
}

fn import_result(response: &Response) -> Value {
    assert_eq!(response.status, 200, "{}", response.text());
    response.json()
}

#[test]
fn exported_site_is_restored_completely() {
    let (server, published) = full_site("http-transfer-from");
    let response = Request::as_moderator("GET", "/admin/api/export").send(&server);
    assert_eq!(response.header("content-type").as_deref(), Some("application/x-ndjson"));
    let disposition = "attachment; filename=\"afterword-blog.example.jsonl\"";
    assert_eq!(response.header("content-disposition").as_deref(), Some(disposition));
    assert_eq!(usage(&response), [0, 1], "only one request to the object");
    let file = response.text().to_owned();
    assert_eq!(
        with_checksum_line(file.lines().take(file.lines().count() - 1)),
        file,
        "the closing line has the correct count and checksum"
    );
    drop(server);

    // The dry run reports the same result and writes nothing.
    let server = Server::with_moderation("http-transfer-to", "open");
    let empty = export(&server);
    let dry_run =
        import_result(&Request::as_moderator("POST", PATH).query(&[("dry_run", "1")]).body(file.clone()).send(&server));
    assert_eq!(export(&server), empty);
    let mut imported = import_result(&import(&server, file.clone()));
    assert_eq!(export(&server), file);
    assert_eq!((&dry_run["dry_run"], &imported["dry_run"]), (&json!(true), &json!(false)));
    imported["dry_run"] = json!(true);
    assert_eq!(imported, dry_run);
    let expected = json!({
        "dry_run": true, "complete": true, "lines": 7, "threads": 2, "comments": 5, "renumbered": 0, "refused": 0, "votes": 0, "reactions": 0, "reports": 0,
        "moved": 0, "settings": 0, "changed_settings": [], "bans": 0, "invalid_rules": 0, "trusted": 0, "audited": 0, "known": 0, "owner_comments": 0,
        "pinned_comments": 0,
    });
    assert_eq!(imported, expected);

    let url = post_url("transfer");
    assert_eq!(wait_for_thread(&server, &url, 3), published, "readers see the same comments");
    let again = import_result(&import(&server, file.replace('\n', "\r\n").trim_end()));
    assert_eq!((&again["known"], &again["comments"], &again["complete"]), (&json!(7), &json!(0), &json!(true)));
    let server = server.kill_and_restart();
    assert_eq!(export(&server), file);
    // A returning author keeps the mark and the trust they had before the move.
    let server = server.restart_with_moderation("first");
    let next = post(&server, &new_comment(&url, "after the move"), ADA);
    assert_eq!(next.status, Status::Published);
    assert_eq!(next.comment.author.mark, published[0].author.mark);
    assert!(published.iter().all(|comment| comment.id < next.comment.id));
}

#[test]
fn import_in_slices_or_after_a_kill_gives_the_same_result() {
    let file = generate_export(1_500, 300);
    let sliced = Server::with_moderation("http-transfer-slices", "open");
    let lines: Vec<&str> = file.lines().collect();
    for (number, slice) in lines[1..].chunks(220).enumerate() {
        let first = (2 + 220 * number).to_string();
        // Every second slice has no header.
        let header = if number % 2 == 0 { format!("{}\n", lines[0]) } else { String::new() };
        let request = Request::as_moderator("POST", PATH)
            .query(&[("first", &first)])
            .body(format!("{header}{}", slice.join("\n")));
        import_result(&request.send(&sliced));
    }
    assert!(export(&sliced) == file, "slices give the same result");
    assert_eq!(wait_for_thread(&sliced, &post_url("many-4"), 300).len(), 300);
    drop(sliced);

    let server = Server::with_moderation("http-transfer-cut", "open");
    let body = file.as_bytes();
    let mut stream = begin_import(&server, body.len());
    stream.write_all(&body[..body.len() / 2]).unwrap();
    wait_until("the first batches", || (export(&server).lines().count() > 400).then_some(()));
    let server = server.kill_and_restart();
    let half = export(&server).lines().count();
    assert!((400..1_000).contains(&half), "{half} lines");
    let again = import_result(&import(&server, file.clone()));
    assert!(again["complete"] == true && again["known"].as_u64().unwrap() > 400, "{again}");
    let mut stream = begin_import(&server, body.len());
    stream.write_all(&body[..body.len() / 2]).unwrap();
    drop(stream);
    import_result(&import(&server, file.clone()));
    assert!(export(&server) == file, "an interrupted and repeated import gives the same result");
}

#[test]
fn posting_works_during_an_import() {
    let server = Server::with_moderation("http-transfer-live", "open");
    let file = generate_export(450, 450);
    let (first, rest) = file.as_bytes().split_at(file.len() / 2);
    let mut stream = begin_import(&server, file.len());
    stream.write_all(first).unwrap();
    wait_until("the first batch", || (export(&server).lines().count() > 150).then_some(()));
    let url = post_url("transfer_live");
    let posted: PostedComment = Request::post_comment(&new_comment(&url, "meanwhile")).send(&server).json();
    stream.write_all(rest).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    // The new comment takes an id that the file also uses. The imported comment gets another id, and the parent id of
    // its reply is updated.
    assert!(
        response.contains(r#""comments":450,"owner_comments":0,"pinned_comments":0,"renumbered":2,"#),
        "{response}"
    );
    assert_eq!(wait_for_thread(&server, &url, 1), [posted.comment]);
    assert_eq!(wait_for_thread(&server, &post_url("many-0"), 450).len(), 450);
}

/// Begins an import; the caller sends the body.
fn begin_import(server: &Server, length: usize) -> TcpStream {
    let authority = server.origin().replace("http://", "");
    let mut stream = TcpStream::connect(&authority).unwrap();
    write!(
        stream,
        "POST {PATH}?site=https://blog.example HTTP/1.1\r\nHost: {authority}\r\nAuthorization: {MODERATOR_AUTHORIZATION}\r\n\
         Connection: close\r\nContent-Length: {length}\r\n\r\n"
    )
    .unwrap();
    stream
}

/// Checks that a file is refused at this line, or at its closing line, after this number of accepted lines.
#[track_caller]
fn check_refused(server: &Server, file: impl Into<Vec<u8>>, line: Option<u64>, import_result: u64) {
    let response = import(server, file);
    let refusal = if line.is_some() { Refusal::BadLine } else { Refusal::BadChecksum };
    let body: Value = response.json();
    assert_eq!((response.status, &body["error"]["code"]), (422, &json!(refusal.code())), "{body}");
    assert_eq!(body["error"].get("line").cloned(), line.map(Value::from), "{body}");
    assert_eq!((&body["lines"], &body["complete"]), (&json!(import_result), &json!(false)), "{body}");
    response.check_omits("canary-7f3");
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.ends_with('.') && message.len() < 400, "{message}");
}

/// `cargo test -p afterword-tests --test http -- --ignored --nocapture hundred_thousand`
#[test]
#[ignore = "takes minutes; other tests check the same with fewer comments"]
fn hundred_thousand_comments_in_one_request() {
    let server = Server::with_moderation("http-transfer-large", "open");
    let empty = export(&server);
    let before = server.peak_memory();
    let file = generate_export(100_000, 1_000);
    let started = now();
    let mut stream = begin_import(&server, file.len());
    stream.write_all(file.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (imported, with_import) = (started.elapsed(), server.peak_memory());
    assert!(response.contains(r#""comments":100000,"#) && response.contains(r#""complete":true"#), "{response}");
    let started = now();
    let all = export(&server);
    let (exported, with_export) = (started.elapsed(), server.peak_memory());
    assert!(all == file && all != empty);
    println!(
        "{} MiB: imported in {imported:.1?}, exported in {exported:.1?}; peak memory of the runtime {before}, {with_import} and \
         {with_export} MiB before, after the import and after the export",
        file.len() >> 20
    );
    assert!(with_export < before + 300, "memory is bounded");
    assert_eq!(wait_for_thread(&server, &post_url("many-99"), 1_000).len(), 1_000);
}

#[expect(clippy::disallowed_methods, reason = "this test measures time")]
fn now() -> Instant {
    Instant::now()
}

#[test]
fn invalid_export_changes_nothing() {
    let server = Server::with_moderation("http-transfer-bad", "open");
    let file = generate_export(30, 10);
    let empty = export(&server);
    let lines: Vec<&str> = file.lines().collect();
    let with = |number: usize, line: &str| {
        let mut lines = lines.clone();
        lines.insert(number - 1, line);
        lines.join("\n")
    };
    check_refused(&server, "canary-7f3", Some(1), 0);
    check_refused(&server, "<!doctype html>\n<title>canary-7f3</title>", Some(1), 0);
    check_refused(&server, "{}", Some(1), 0);
    check_refused(&server, with(4, "{\"comment\":{\"canary-7f3\":1}}").replace("canary-7f3", "more"), Some(4), 0);
    check_refused(&server, with(6, "\0\0\0\0"), Some(6), 0);
    check_refused(&server, with(7, &"x".repeat(100 * 1024)), Some(7), 0);
    check_refused(&server, with(7, &format!("\"{}\"", "x".repeat(1 << 20))), Some(7), 0);
    check_refused(&server, "x".repeat(6 << 20), Some(1), 0);
    check_refused(&server, file.replace("Author 20", "Author\\u000020"), Some(24), 0);
    let half = &file[..file.len() / 2];
    check_refused(&server, half, Some(half.lines().count() as u64), 0);
    check_refused(&server, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, b'\n', 0, 1, 2, 3], Some(1), 0);
    check_refused(&server, file.replacen("blog.example", "other.example", 1), Some(1), 0);
    check_refused(&server, file.replacen("blog.example", "unknown.example", 1), Some(1), 0);
    check_refused(&server, file.replacen("blog.example/many-2", "other.example/many-2", 1), Some(4), 0);
    check_refused(&server, file.replace("*7*", "*8*"), None, 0);
    check_refused(&server, with(3, lines[1]), None, 0);
    check_refused(&server, file.replace("\"sha256\":\"", "\"sha256\":\"0"), None, 0);
    check_refused(&server, format!("{file}{file}"), Some(36), 0);
    assert_eq!(export(&server), empty);
    for empty_file in ["", "\n\n"] {
        assert_eq!(import_result(&import(&server, empty_file))["complete"], false);
    }
    assert_eq!(export(&server), empty);

    // Lines before an invalid line stay imported, and the corrected file can be imported again.
    let file = generate_export(450, 450);
    let broken = file.replace("\"created\":1700000430", "\"created\":-1");
    check_refused(&server, broken, Some(432), 400);
    let again = import_result(&import(&server, file));
    assert_eq!((&again["known"], &again["comments"]), (&json!(400), &json!(51)));
}

#[test]
fn site_parameter_is_validated() {
    let request = |method, path: &str, site: Option<&str>| {
        let request = Request::new(method, path)
            .header("Authorization", MODERATOR_AUTHORIZATION)
            .body(if method == "GET" { "" } else { "{}" });
        match site {
            Some(site) => request.query(&[("site", site)]),
            None => request,
        }
    };
    for (method, path) in [("GET", "/admin/api/export"), ("POST", PATH)] {
        for site in [None, Some(""), Some("blog.example"), Some("canary-7f3"), Some("javascript:alert(1)")] {
            request(method, path, site).send(&OPEN).check_refusal(Refusal::BadQuery);
        }
        for site in ["https://canary-7f3.example", "https://blog.example.evil.example", "https://blog.example:8443"] {
            let response = request(method, path, Some(site)).send(&OPEN);
            response.check_refusal(Refusal::UnknownSite);
            response.check_omits("canary-7f3");
        }
    }
    for site in ["https://blog.example", "http://blog.example/", "http://localhost:1234"] {
        let response = request("GET", "/admin/api/export", Some(site)).send(&OPEN);
        assert!(response.text().starts_with(r#"{"afterword":2,"site":"https://blog.example","#), "{response:?}");
    }
    let other = request("GET", "/admin/api/export", Some("https://other.example")).send(&OPEN);
    assert!(other.text().starts_with(r#"{"afterword":2,"site":"https://other.example","#), "{other:?}");
    for (name, value) in
        [("dry_run", "yes"), ("dry_run", ""), ("first", "0"), ("first", "-1"), ("first", "18446744073709551615")]
    {
        let request = Request::as_moderator("POST", PATH).query(&[(name, value)]).body("{}");
        request.send(&OPEN).check_refusal(Refusal::BadQuery);
    }
}

#[test]
fn site_parameter_is_optional_with_one_site() {
    let settings = [
        ("SITES", "https://only.example"),
        ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value"),
        ("ADMIN_SECRETS", "ada:another-secret-that-guards-nothing bob:a-secret-for-tests-that-guards-nothing"),
    ];
    let server = Server::start("http-transfer-one", &settings, &[]);
    let response = Request::get("/admin/api/export").header("Authorization", MODERATOR_AUTHORIZATION).send(&server);
    assert!(response.text().starts_with(r#"{"afterword":2,"site":"https://only.example","last":0}"#), "{response:?}");
}

#[test]
fn get_cannot_import_and_post_cannot_export() {
    for (method, path) in [("GET", PATH), ("PUT", PATH), ("POST", "/admin/api/export"), ("DELETE", "/admin/api/export")]
    {
        let response = Request::as_moderator(method, path).send(&OPEN);
        response.check_refusal(Refusal::BadMethod);
        assert!(
            response.header("allow").is_some_and(|allow| !allow.split(", ").any(|other| other == method)),
            "{response:?}"
        );
    }
}

#[test]
fn cross_origin_page_cannot_import() {
    let url = post_url("many-0");
    for (name, value) in [("Origin", "https://blog.example"), ("Sec-Fetch-Site", "cross-site")] {
        let request = Request::as_moderator("POST", PATH).header(name, value).body(generate_export(5, 5));
        request.send(&OPEN).check_refusal(Refusal::WrongOrigin);
    }
    assert!(!export(&OPEN).contains(&url));
}
