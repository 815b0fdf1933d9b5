//! Batches of actions, their undo, the queue and what moderators write, over HTTP.

use afterword_model::{NewComment, PostedComment, Refusal, Thread};
use afterword_tests::{Request, Response, Server, new_comment, post_url, wait_for_thread, wait_until};
use serde_json::{Value, json};

const BATCH: &str = "6f2d5c0e-5d5e-4d0e-9f0e-0000000000a1";

fn call(server: &Server, method: &'static str, path: &str, body: &Value) -> Response {
    let request = Request::as_moderator(method, &format!("/admin/api/{path}"));
    request.header("Content-Type", "application/json").body(body.to_string()).send(server)
}

#[track_caller]
fn post_ok(server: &Server, path: &str, body: &Value) -> Value {
    let response = call(server, "POST", path, body);
    assert_eq!(response.status, 200, "{path}: {}", response.text());
    response.json()
}

#[track_caller]
fn get(server: &Server, path: &str, query: &[(&str, &str)]) -> Value {
    let response = Request::as_moderator("GET", &format!("/admin/api/{path}")).query(query).send(server);
    assert_eq!(response.status, 200, "{path}: {}", response.text());
    response.json()
}

fn post(server: &Server, new: &NewComment) -> i64 {
    let response = Request::post_comment(new).send(server);
    assert_eq!(response.status, 201, "{response:?}");
    response.json::<PostedComment>().comment.id.get()
}

fn ids(page: &Value) -> Vec<i64> {
    page["comments"].as_array().unwrap().iter().map(|comment| comment["id"].as_i64().unwrap()).collect()
}

fn published(server: &Server, url: &str) -> Vec<i64> {
    let thread: Thread = Request::get("/v1/thread").query(&[("url", url)]).send(server).json();
    thread.comments.iter().map(|comment| comment.id.get()).collect()
}

#[test]
fn batch_is_published_undone_and_logged() {
    let url = post_url("moderation_batch");
    let server = Server::with_moderation("http-moderation-batch", "all");
    let comments: Vec<i64> =
        (0..3).map(|number| post(&server, &new_comment(&url, &format!("Text {number}")))).collect();
    let queue = get(&server, "comments", &[("list", "pending"), ("limit", "2")]);
    assert_eq!((ids(&queue), &queue["next"]), (comments[..2].to_vec(), &json!(comments[1])));
    let rest = get(&server, "comments", &[("list", "pending"), ("after", &comments[1].to_string())]);
    assert_eq!(ids(&rest), comments[2..]);
    assert_eq!(queue["counts"]["pending"], json!({"count": 3, "more": false}));

    let items: Vec<Value> = comments.iter().map(|id| json!({"id": id, "revision": 1})).collect();
    let approve = json!({"id": BATCH, "action": "approve", "comments": items});
    let results = post_ok(&server, "actions", &approve);
    assert!(results["results"].as_array().unwrap().iter().all(|result| result["outcome"] == "done"), "{results}");
    assert_eq!(post_ok(&server, "actions", &approve), results, "a batch that is sent twice is done once");
    wait_for_thread(&server, &url, 3);

    let stale = json!({"action": "spam", "comments": [{"id": comments[0], "revision": 1}]});
    let outcome = &post_ok(&server, "actions", &stale)["results"][0];
    assert_eq!((&outcome["outcome"], &outcome["state"]), (&json!("decided_otherwise"), &json!("published")));

    let undone = post_ok(&server, &format!("actions/{BATCH}/undo"), &json!({}));
    assert_eq!((undone["results"].as_array().unwrap().len(), &undone["next"]), (3, &Value::Null));
    wait_until("the thread to be empty", || published(&server, &url).is_empty().then_some(()));
    let log = get(&server, "audit", &[("action", "undo")]);
    assert_eq!(log["audit"].as_array().unwrap().len(), 3);
    assert_eq!(log["audit"][0]["before"]["state"], "published");
    call(&server, "POST", &format!("actions/{}/undo", BATCH.replace("a1", "a2")), &json!({}))
        .check_refusal(Refusal::NotFound);
}

#[test]
fn all_matching_comments_and_the_search() {
    let url = post_url("moderation_matching");
    let server = Server::with_moderation("http-moderation-matching", "open");
    let spam: Vec<i64> =
        (0..4).map(|number| post(&server, &new_comment(&url, &format!("Visit the casino {number}")))).collect();
    let other = post(&server, &new_comment(&url, "A fine text"));
    let filter = [("list", "published"), ("search", "CASI")];
    let found = get(&server, "comments", &filter);
    assert_eq!(ids(&found), spam.iter().rev().copied().collect::<Vec<_>>());
    let count = get(&server, "comments/count", &filter);
    assert_eq!((&count["count"], &count["through"]), (&json!(4), &json!(other)));
    let batch = json!({
        "id": BATCH,
        "action": "spam",
        "filter": {"list": "published", "search": "casi"},
        "through": other,
        "count": 4,
    });
    let progress = post_ok(&server, "actions/matching", &batch);
    assert_eq!((&progress["done"], &progress["next"]), (&json!(4), &Value::Null));
    wait_until("the other comment to be alone", || (published(&server, &url) == [other]).then_some(()));
    assert_eq!(ids(&get(&server, "comments", &[("list", "spam")])).len(), 4);
}

#[test]
fn moderator_answers_edits_and_posts_for_others() {
    let url = post_url("moderation_written");
    let server = Server::with_moderation("http-moderation-written", "all");
    let comment = post(&server, &new_comment(&url, "A queston"));
    let edit = json!({"id": BATCH, "revision": 1, "text": "A question", "approve": true});
    assert_eq!(post_ok(&server, &format!("comments/{comment}/edit"), &edit)["revision"], 3);
    let reply = json!({"id": BATCH.replace("a1", "b1"), "revision": 3, "text": "An *answer*", "name": "Grace"});
    let written = post_ok(&server, &format!("comments/{comment}/reply"), &reply);
    assert_eq!(written["comment"]["author"]["owner"], true);
    let behalf =
        json!({"id": BATCH.replace("a1", "c1"), "url": url, "name": "Ada", "date": 1_000_000_000, "text": "By mail"});
    post_ok(&server, "comments", &behalf);
    let thread = wait_for_thread(&server, &url, 3);
    assert!(thread[0].moderated && thread[1].author.owner && thread[2].on_behalf, "{thread:?}");
    assert_eq!((thread[0].html.as_str(), thread[2].created), ("<p>A question</p>", 1_000_000_000));
    let page = get(&server, &format!("comments/{comment}"), &[]);
    assert_eq!(
        (&page["revisions"][0]["source"], &page["log"][0]["text"]["after"]),
        (&json!("A queston"), &json!("A question"))
    );
    let moved = post_url("moderation_written_elsewhere");
    let target = json!({"id": BATCH.replace("a1", "d1"), "revision": 3, "url": moved});
    assert_eq!(post_ok(&server, &format!("comments/{comment}/move"), &target)["outcome"], "done");
    assert_eq!(wait_for_thread(&server, &moved, 2).len(), 2, "with the reply below it");
}

#[test]
fn ban_sweeps_and_its_undo_restores() {
    let url = post_url("moderation_ban");
    let server = Server::with_moderation("http-moderation-ban", "open");
    let named = |name: &str, text: &str| NewComment { name: Some(name.to_owned()), ..new_comment(&url, text) };
    let flood: Vec<i64> = (0..3).map(|number| post(&server, &named("Eve", &format!("Flood {number}")))).collect();
    let other = post(&server, &named("Ada", "Hello"));
    let ban = json!({"id": BATCH, "kind": "name", "pattern": "eve", "reason": "Floods", "sweep": true});
    let made = post_ok(&server, "bans", &ban);
    assert_eq!((&made["swept"]["done"], &made["bans"][0]["reason"]), (&json!(3), &json!("Floods")));
    wait_until("the flood to be gone", || (published(&server, &url) == [other]).then_some(()));
    post_ok(&server, &format!("actions/{BATCH}/undo"), &json!({}));
    wait_until("the flood to be back", || (published(&server, &url).len() == 4).then_some(()));
    assert_eq!(get(&server, "bans", &[])["bans"], json!([]));
    assert_eq!(ids(&get(&server, "comments", &[("list", "published")])).len(), flood.len() + 1);
    let overview = get(&server, "overview", &[]);
    assert_eq!(overview["days"].as_array().unwrap().len(), 30);
    assert_eq!(get(&server, "threads", &[])["threads"][0]["count"], 4);
    assert_eq!(get(&server, "openapi.json", &[])["openapi"], "3.1.0");
}
