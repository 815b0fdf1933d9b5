//! What a moderator's browser shows of the answers to a moderator's calls, which hold everything that readers sent, and what the moderator said.

use std::collections::BTreeSet;

use afterword_tests::{Call, Look, MODERATOR, until_async};
use serde_json::{Value, json};

use super::sight::{Watch, wrong};
use super::ways_in::{HARMLESS, PLANTED};
use super::{ATTACKS, SERVER, assert_none};

/// Comments in one answer.
const LISTED: usize = 200;

/// The site whose moderator is careless with what is pasted: the comments of the other one are to be seen.
const CARELESS: &str = "https://other.example";

/// What is sent with an order that has the string in it.
type Body = fn(&str) -> Value;

/// The orders of a moderator, with the string wherever there can be a text. A new one is a new line.
const ORDERS: &[(&str, Body)] = &[
    ("/admin/api/settings", |text| json!({ "muted": text })),
    ("/admin/api/settings", |text| json!({ "muted": text, text: text })),
    ("/admin/api/settings", |text| json!({ "moderation": text })),
    ("/admin/api/bans", |text| json!({"kind": "name", "pattern": text})),
    ("/admin/api/bans", |text| json!({"kind": "email", "pattern": text})),
    ("/admin/api/bans", |text| json!({"kind": "author", "pattern": text})),
    ("/admin/api/bans", |text| json!({"kind": text, "pattern": text, "id": text})),
    ("/admin/api/bans/lift", |text| json!({ "ban": text })),
    ("/admin/api/threads/close", |text| json!({"url": format!("{CARELESS}/{text}")})),
    ("/admin/api/threads/open", |text| json!({ "url": text })),
    (
        "/admin/api/remap",
        |text| json!({"moves": [{"from": format!("{CARELESS}/a/{text}"), "to": format!("{CARELESS}/b?{text}")}], "dry_run": false}),
    ),
    ("/admin/api/remap", |text| json!({"moves": [{"from": text, "to": text}]})),
    (
        "/admin/api/remap",
        |text| json!({"prefix": {"from": format!("{CARELESS}/{text}"), "to": format!("{CARELESS}/x/{text}")}}),
    ),
    ("/admin/api/rebuild", |text| json!({ "after": text })),
];

/// Gives each string in one of the orders; how many of them were followed.
fn order() -> usize {
    let site = [("site", CARELESS)];
    let mut followed = 0;
    for (number, attack) in ATTACKS.iter().enumerate() {
        let (path, body) = ORDERS[number % ORDERS.len()];
        let body = body(&attack.text()).to_string();
        let call = Call::new("POST", path).query(&site).header("Authorization", MODERATOR);
        let answer = call.header("Content-Type", "application/json").body(body).send(&SERVER);
        assert!(matches!(answer.status, 200 | 400..500), "{} to {path}: {answer:?}", attack.place);
        answer.json::<Value>();
        if answer.status == 200 {
            followed += 1;
        } else if attack.text().contains("canary") {
            answer.check_silent_about(&attack.text());
        }
    }
    followed
}

/// The calls that list, page by page, everything that there is.
fn lists() -> Vec<String> {
    let mut lists = vec![of_site("/admin/api/audit?"), of_site("/admin/api/settings?")];
    lists.extend(["settings", "bans"].map(|list| format!("/admin/api/{list}?site={CARELESS}")));
    let mut before = None;
    loop {
        let before_it = before.map_or(String::new(), |before: i64| format!("&before={before}"));
        let list = format!("/admin/api/audit?site={CARELESS}&limit={LISTED}{before_it}");
        let answer: Value = Call::get(&*list).header("Authorization", MODERATOR).send(&SERVER).json();
        lists.push(list);
        before = answer["next"].as_i64();
        if before.is_none() {
            break;
        }
    }
    let mut before = None;
    loop {
        let before_it = before.map_or(String::new(), |before: i64| format!("before={before}&"));
        let list = of_site(&format!("/admin/api/comments?status=published&limit={LISTED}&{before_it}"));
        let answer: Value = Call::get(&*list).header("Authorization", MODERATOR).send(&SERVER).json();
        lists.push(list);
        before = answer["next"].as_i64();
        if before.is_none() {
            return lists;
        }
    }
}

fn of_site(path: &str) -> String {
    format!("{path}site=https://blog.example")
}

#[tokio::test]
async fn a_moderators_answers_are_no_documents() {
    let comments: usize = HARMLESS.iter().chain(&*PLANTED).map(|thread| thread.comments).sum();
    let followed = order();
    assert!(followed > ATTACKS.len() / 5, "{followed} orders with strings in them were followed");
    let lists = lists();
    assert!(lists.len() > comments / LISTED, "all of {comments} comments are in {} lists", lists.len());
    let mut watch = Watch::open(Look::default()).await;
    watch.browser.command("Network.enable", json!({})).await;
    watch.browser.command("Network.setExtraHTTPHeaders", json!({"headers": {"Authorization": MODERATOR}})).await;
    let mut known = BTreeSet::new();
    let mut faults = Vec::new();
    for list in [of_site("/admin/api/comments?before=1&")].iter().chain(&lists) {
        watch.browser.visit(&format!("{}{list}", SERVER.origin())).await;
        let sight = watch.look().await;
        if known.is_empty() {
            known = sight.nodes;
        } else {
            faults.extend(wrong(&sight, &known));
        }
        faults.extend(watch.trouble().await);
    }
    // A file is not shown, whatever is in it. It is asked for from a page of the Worker's own: the lists are documents without an origin,
    // and a moderator's secret is worth nothing there.
    watch.browser.visit(&format!("{}/thread?url={}", SERVER.origin(), HARMLESS[0].url)).await;
    let before = watch.browser.run("return location.href", Vec::new()).await;
    let export = format!("{}{}", SERVER.origin(), of_site("/admin/api/export?"));
    watch.browser.run("location = arguments[0]", vec![json!(export)]).await;
    until_async("the export to be asked for", async || {
        let made = watch.browser.requests().await;
        if made.iter().any(|request| request.ends_with(&export)) { Ok(()) } else { Err(made) }
    })
    .await;
    let answer = Call::moderator("GET", "/admin/api/export").send(&SERVER);
    assert_eq!(answer.header("content-type").as_deref(), Some("application/x-ndjson"));
    assert!(answer.header("content-disposition").is_some_and(|how| how.starts_with("attachment;")));
    assert_eq!(watch.browser.run("return location.href", Vec::new()).await, before);
    faults.extend(watch.trouble().await);
    watch.browser.close().await;
    assert_none(&faults);
}
