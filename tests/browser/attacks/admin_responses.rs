//! Responses of the admin API opened in a moderator's browser. They contain everything that readers and moderators
//! submit.

use std::collections::BTreeSet;

use afterword_tests::{Attack, BrowserOptions, MODERATOR_AUTHORIZATION, Request, wait_until_async};
use serde_json::{Value, json};

use super::injection_points::{HARMLESS, INJECTED};
use super::inspector::{Inspector, find_faults};
use super::{SERVER, assert_none, selected};

/// Comments in one response.
const PAGE_SIZE: usize = 200;

/// The site that receives the attacks through the admin API. The comments of the other site must stay visible.
const ATTACKED_SITE: &str = "https://other.example";

/// Builds the body of an admin request from an attack string.
type Body = fn(&str) -> Value;

/// The admin requests, with the string in every text field. Add new requests as new lines.
const ADMIN_REQUESTS: &[(&str, Body)] = &[
    ("/admin/api/settings", |text| json!({ "muted": text })),
    ("/admin/api/settings", |text| json!({ "muted": text, text: text })),
    ("/admin/api/settings", |text| json!({ "moderation": text })),
    ("/admin/api/bans", |text| json!({"kind": "name", "pattern": text})),
    ("/admin/api/bans", |text| json!({"kind": "email", "pattern": text})),
    ("/admin/api/bans", |text| json!({"kind": "author", "pattern": text})),
    ("/admin/api/bans", |text| json!({"kind": text, "pattern": text, "id": text})),
    ("/admin/api/bans/lift", |text| json!({ "ban": text })),
    ("/admin/api/threads/close", |text| json!({"url": format!("{ATTACKED_SITE}/{text}")})),
    ("/admin/api/threads/open", |text| json!({ "url": text })),
    (
        "/admin/api/remap",
        |text| json!({"moves": [{"from": format!("{ATTACKED_SITE}/a/{text}"), "to": format!("{ATTACKED_SITE}/b?{text}")}], "dry_run": false}),
    ),
    ("/admin/api/remap", |text| json!({"moves": [{"from": text, "to": text}]})),
    (
        "/admin/api/remap",
        |text| json!({"prefix": {"from": format!("{ATTACKED_SITE}/{text}"), "to": format!("{ATTACKED_SITE}/x/{text}")}}),
    ),
    ("/admin/api/republish", |text| json!({ "after": text })),
];

/// Sends each string in one of the admin requests. Returns the number of accepted requests.
fn send_admin_requests(attacks: &[&Attack]) -> usize {
    let site = [("site", ATTACKED_SITE)];
    let mut accepted = 0;
    for (number, attack) in attacks.iter().enumerate() {
        let (path, body) = ADMIN_REQUESTS[number % ADMIN_REQUESTS.len()];
        let body = body(&attack.text()).to_string();
        let request = Request::new("POST", path).query(&site).header("Authorization", MODERATOR_AUTHORIZATION);
        let response = request.header("Content-Type", "application/json").body(body).send(&SERVER);
        assert!(matches!(response.status, 200 | 400..500), "{} to {path}: {response:?}", attack.place);
        response.json::<Value>();
        if response.status == 200 {
            accepted += 1;
        } else if attack.text().contains("canary") {
            response.check_omits(&attack.text());
        }
    }
    accepted
}

/// The addresses of all lists, page by page.
fn lists() -> Vec<String> {
    let mut lists = vec![with_site("/admin/api/audit?"), with_site("/admin/api/settings?")];
    lists.extend(["settings", "bans"].map(|list| format!("/admin/api/{list}?site={ATTACKED_SITE}")));
    let mut before = None;
    loop {
        let before_it = before.map_or(String::new(), |before: i64| format!("&before={before}"));
        let list = format!("/admin/api/audit?site={ATTACKED_SITE}&limit={PAGE_SIZE}{before_it}");
        let response: Value =
            Request::get(&*list).header("Authorization", MODERATOR_AUTHORIZATION).send(&SERVER).json();
        lists.push(list);
        before = response["next"].as_i64();
        if before.is_none() {
            break;
        }
    }
    let mut before = None;
    loop {
        let before_it = before.map_or(String::new(), |before: i64| format!("before={before}&"));
        let list = with_site(&format!("/admin/api/comments?status=published&limit={PAGE_SIZE}&{before_it}"));
        let response: Value =
            Request::get(&*list).header("Authorization", MODERATOR_AUTHORIZATION).send(&SERVER).json();
        lists.push(list);
        before = response["next"].as_i64();
        if before.is_none() {
            return lists;
        }
    }
}

fn with_site(path: &str) -> String {
    format!("{path}site=https://blog.example")
}

#[tokio::test]
async fn admin_responses_do_not_render_as_documents() {
    let comments: usize = HARMLESS.iter().chain(&*INJECTED).map(|thread| thread.comments).sum();
    let attacks = selected(2);
    let accepted = send_admin_requests(&attacks);
    assert!(accepted > attacks.len() / 5, "{accepted} admin requests with attack strings were accepted");
    let lists = lists();
    assert!(lists.len() > comments / PAGE_SIZE, "all of {comments} comments are in {} lists", lists.len());
    let mut inspector = Inspector::open(BrowserOptions::default()).await;
    inspector.browser.add_request_header("Authorization", MODERATOR_AUTHORIZATION).await;
    let mut known = BTreeSet::new();
    let mut faults = Vec::new();
    for list in [with_site("/admin/api/comments?before=1&")].iter().chain(&lists) {
        inspector.browser.visit(&format!("{}{list}", SERVER.origin())).await;
        let report = inspector.inspect().await;
        if known.is_empty() {
            known = report.nodes;
        } else {
            faults.extend(find_faults(&report, &known));
        }
        faults.extend(inspector.take_problems().await);
    }
    // An export is downloaded, whatever it contains. The request comes from the Worker's own page, because the lists
    // are documents with an opaque origin, from which a moderator's secret is refused.
    inspector.browser.visit(&format!("{}/thread?url={}", SERVER.origin(), HARMLESS[0].url)).await;
    let before = inspector.browser.run("return location.href", Vec::new()).await;
    let export = format!("{}{}", SERVER.origin(), with_site("/admin/api/export?"));
    inspector.browser.run("location = arguments[0]", vec![json!(export)]).await;
    wait_until_async("the request for the export", async || {
        let made = inspector.browser.requests().await;
        if made.iter().any(|request| request.ends_with(&export)) { Ok(()) } else { Err(made) }
    })
    .await;
    let response = Request::as_moderator("GET", "/admin/api/export").send(&SERVER);
    assert_eq!(response.header("content-type").as_deref(), Some("application/x-ndjson"));
    assert!(response.header("content-disposition").is_some_and(|value| value.starts_with("attachment;")));
    assert_eq!(inspector.browser.run("return location.href", Vec::new()).await, before);
    faults.extend(inspector.take_problems().await);
    inspector.browser.close().await;
    assert_none(&faults);
}
