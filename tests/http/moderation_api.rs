//! The moderation API: decisions, lists, settings, moves and republishing.

use std::fs;

use afterword_model::{Comment, NewComment, PostedComment, Refusal, Status, Thread};
use afterword_tests::{
    Kv, Request, Response, Server, export, new_comment, post_url, usage, wait_for_thread, wait_until,
};
use serde_json::{Value, json};

use crate::OPEN;

const KEY: &str = "Bearer moderators-abcdefghijklmnopq";

fn post_admin(server: &Server, path: &str, body: &Value) -> Response {
    let request = Request::as_moderator("POST", &format!("/admin/api/{path}"));
    request.header("Content-Type", "application/json").body(body.to_string()).send(server)
}

#[track_caller]
fn post_admin_ok(server: &Server, path: &str, body: &Value) -> Value {
    let response = post_admin(server, path, body);
    assert_eq!(response.status, 200, "{path}: {}", response.text());
    assert_eq!(usage(&response), [0, 1]);
    response.json()
}

#[track_caller]
fn get_admin(server: &Server, path: &str, query: &[(&str, &str)]) -> Value {
    let response = Request::as_moderator("GET", &format!("/admin/api/{path}")).query(query).send(server);
    assert_eq!(response.status, 200, "{path}: {}", response.text());
    response.json()
}

fn post(server: &Server, new: &NewComment) -> PostedComment {
    let response = Request::post_comment(new).header("Authorization", KEY).send(server);
    assert_eq!(response.status, 201, "{response:?}");
    response.json()
}

fn texts(listed: &Value) -> Vec<&str> {
    listed["comments"].as_array().unwrap().iter().map(|comment| comment["source"].as_str().unwrap()).collect()
}

#[test]
fn comment_can_be_approved_held_and_erased() {
    let url = post_url("moderators_judge");
    let server = Server::with_moderation("http-moderators", "all");
    let secret = NewComment { email: Some("ada@ada.example".to_owned()), ..new_comment(&url, "first") };
    let first = post(&server, &secret).comment.id;
    let second = post(&server, &new_comment(&url, "second")).comment.id;
    let waiting = get_admin(&server, "comments", &[("status", "pending")]);
    assert_eq!((texts(&waiting), &waiting["next"]), (vec!["second", "first"], &Value::Null));
    assert_eq!(waiting["comments"][1]["email"], "ada@ada.example");
    let page = get_admin(&server, "comments", &[("limit", "1")]);
    assert_eq!(texts(&page), ["second"]);
    let before = page["next"].to_string();
    assert_eq!(texts(&get_admin(&server, "comments", &[("limit", "1"), ("before", &before)])), ["first"]);

    let action = json!({"id": "6f2d5c0e-5d5e-4d0e-9f0e-000000000001"});
    let approved = post_admin_ok(&server, &format!("comments/{first}/approve"), &action);
    assert_eq!((&approved["status"], &approved["comment"]["id"]), (&json!("published"), &json!(first)));
    assert_eq!(post_admin_ok(&server, &format!("comments/{first}/approve"), &action), approved);
    for other in [
        format!("comments/{second}/approve"),
        format!("comments/{first}/unpublish"),
        format!("comments/{second}/erase"),
    ] {
        post_admin(&server, &other, &action).check_refusal(Refusal::IdReused);
    }
    assert_eq!(wait_for_thread(&server, &url, 1)[0].id, first);
    assert!(!Request::get("/v1/thread").query(&[("url", &url)]).send(&server).text().contains("ada@"));
    post_admin_ok(&server, &format!("comments/{second}/approve"), &json!({}));
    let held = Request::as_moderator("POST", &format!("/admin/api/comments/{first}/unpublish")).send(&server);
    assert_eq!(held.json::<Value>()["status"], "pending", "the request needs no body");
    wait_until("only the second comment to be published", || {
        let thread: Thread = Request::get("/v1/thread").query(&[("url", &url)]).send(&server).json();
        thread.comments.iter().map(|comment| comment.id).eq([second]).then_some(())
    });
    post_admin_ok(&server, &format!("comments/{second}/erase"), &json!({}));
    wait_for_thread(&server, &url, 0);
    assert_eq!(get_admin(&server, "comments", &[("status", "erased")])["comments"][0]["id"], json!(second));
    post_admin(&server, &format!("comments/{second}/approve"), &json!({})).check_refusal(Refusal::UnknownComment);
    post_admin(&server, "comments/9007199254740991/unpublish", &json!({})).check_refusal(Refusal::UnknownComment);

    let log = get_admin(&server, "audit", &[]);
    let entries = log["audit"].as_array().unwrap();
    let acts: Vec<_> = entries.iter().map(|entry| (entry["action"].as_str().unwrap(), &entry["comment"])).collect();
    let (one, two) = (json!(first), json!(second));
    assert_eq!(acts, [("erase", &two), ("unpublish", &one), ("approve", &two), ("approve", &one)]);
    assert!(entries.iter().all(|entry| entry["by"] == "ada"), "{log}");
    assert_eq!(entries[3]["id"], action["id"]);
    let file = export(&server);
    assert_eq!(file.matches("{\"audit\":").count(), 4, "{file}");
}

#[test]
fn moderator_can_set_a_thread_title() {
    let url = post_url("moderators_title");
    let server = Server::with_moderation("http-moderators-title", "open");
    let titled = |title: &str, text: &str| {
        post(&server, &NewComment { title: Some(title.to_owned()), ..new_comment(&url, text) });
    };
    let read = |expected: &str| {
        wait_until("readers to see the change", || {
            let thread: Thread = Request::get("/v1/thread").query(&[("url", &url)]).send(&server).json();
            (thread.title == expected).then_some(())
        });
    };
    titled("BUY PILLS", "by a stranger");
    read("BUY PILLS");
    let named = post_admin_ok(&server, "threads/title", &json!({ "url": url, "title": " Spring\u{202e} " }));
    assert_eq!((&named["url"], &named["title"]), (&json!(url), &json!("Spring")));
    read("Spring");
    titled("BUY PILLS", "by another one");
    titled("Summer", "by a third");
    let export = export(&server);
    assert!(export.contains("\"title\":\"Spring\",\"title_locked\":true"), "{export}");
    post_admin_ok(&server, "threads/title", &json!({ "url": url, "title": null }));
    // Of titles that equally many commenters sent, the oldest one counts.
    read("BUY PILLS");
    post_admin(&server, "threads/title", &json!({ "url": "https://other.example/x", "title": "x" }))
        .check_refusal(Refusal::UnknownSite);
    post_admin(&server, "threads/title", &json!({ "url": url, "title": 7 })).check_refusal(Refusal::BadJson);
}

#[test]
fn threads_can_be_closed_and_moderation_can_be_set() {
    let url = post_url("moderators_close");
    let server = Server::with_moderation("http-moderators-set", "open");
    let other = "https://other.example/post";
    let closed = post_admin_ok(&server, "threads/close", &json!({ "url": format!("{url}/?utm_source=x#top") }));
    assert_eq!((&closed["url"], &closed["closed"]), (&json!(url), &json!(true)));
    Request::post_comment(&new_comment(&url, "too late")).send(&server).check_refusal(Refusal::Closed);
    wait_until("readers to see the change", || {
        let thread: Thread = Request::get("/v1/thread").query(&[("url", &url)]).send(&server).json();
        thread.closed.then_some(())
    });
    post_admin_ok(&server, "threads/open", &json!({ "url": url }));
    assert_eq!(post(&server, &new_comment(&url, "in time")).status, Status::Published);
    post_admin(&server, "threads/close", &json!({ "url": other })).check_refusal(Refusal::UnknownSite);
    post_admin(&server, "threads/close", &json!({ "url": "https://unknown.example/" }))
        .check_refusal(Refusal::UnknownSite);
    post_admin(&server, "threads/close", &json!({ "url": "post" })).check_refusal(Refusal::BadUrl);

    assert_eq!(get_admin(&server, "settings", &[])["moderation"], Value::Null);
    assert_eq!(post_admin_ok(&server, "settings", &json!({ "moderation": "all" }))["moderation"], "all");
    assert_eq!(post(&server, &new_comment(&url, "is held")).status, Status::Pending);
    assert_eq!(post(&server, &new_comment(other, "on another site")).status, Status::Published);
    let server = server.kill_and_restart();
    assert_eq!(get_admin(&server, "settings", &[])["moderation"], "all");
    assert_eq!(post_admin_ok(&server, "settings", &json!({ "moderation": null }))["moderation"], Value::Null);
    assert_eq!(post(&server, &new_comment(&url, "is not held")).status, Status::Published);
}

#[test]
fn moved_post_keeps_its_thread() {
    let server = Server::with_moderation("http-moderators-move", "open");
    let (old, new) = (post_url("2019/a"), post_url("blog/a"));
    let first = post(&server, &new_comment(&old, "at the old address")).comment;
    post(&server, &new_comment(&post_url("2019/b"), "below the same folder"));
    let existing = post(&server, &new_comment(&new, "at the new address")).comment;
    let before = export(&server);
    let moves = json!({"moves": [{"from": old, "to": new}, {"from": post_url("nothing"), "to": new}]});
    let dry_run = post_admin_ok(&server, "remap", &moves);
    let steps = json!([
        {"from": old, "to": new, "comments": 1, "what": "merged"},
        {"from": post_url("nothing"), "to": new, "comments": 0, "what": "absent"},
    ]);
    assert_eq!(dry_run, json!({"dry_run": true, "steps": steps, "next": null}));
    assert_eq!(export(&server), before, "a dry run is the default");

    let mut really = moves.clone();
    really["dry_run"] = json!(false);
    assert_eq!(post_admin_ok(&server, "remap", &really)["steps"], steps);
    // The moved comment is new below this post.
    let first = Comment { since: Some(3), ..first };
    assert_eq!(wait_for_thread(&server, &new, 2), [first.clone(), existing]);
    wait_until("the old address to lead to the new one", || {
        let thread: Thread = Request::get("/v1/thread").query(&[("url", &old)]).send(&server).json();
        (thread.count == 2).then_some(())
    });
    let again: PostedComment =
        Request::post_comment(&new_comment(&old, "still sent to the old address")).send(&server).json();
    assert!(wait_for_thread(&server, &new, 3).contains(&again.comment));

    let rule = json!({"prefix": {"from": post_url("2019"), "to": post_url("archive")}, "dry_run": false, "limit": 1});
    let (mut moved, mut after) = (Vec::new(), json!(0));
    while !after.is_null() {
        let mut request = rule.clone();
        request["after"] = after;
        let mut done = post_admin_ok(&server, "remap", &request);
        moved.extend(done["steps"].as_array().unwrap().clone());
        after = done["next"].take();
    }
    let expected = json!({"from": post_url("2019/b"), "to": post_url("archive/b"), "comments": 1, "what": "renamed"});
    assert_eq!(moved, [expected]);
    wait_for_thread(&server, &post_url("archive/b"), 1);
    let log = get_admin(&server, "audit", &[]);
    assert_eq!(log["audit"].as_array().unwrap().iter().filter(|entry| entry["action"] == "move").count(), 2, "{log}");
}

#[test]
fn kv_can_be_rebuilt_and_comments_rerendered() {
    let server = Server::with_moderation("http-moderators-republish", "open");
    let urls: Vec<String> = (0..3).map(|number| post_url(&format!("republish_{number}"))).collect();
    for url in &urls {
        post(&server, &new_comment(url, "there"));
        wait_for_thread(&server, url, 1);
    }
    // Simulates a manual change in the Cloudflare dashboard.
    let kv = Kv::new(&server);
    let broken = server.state().join("broken.json");
    let empty_page = json!({
        "url": urls[1], "title": "", "version": 0, "count": 0, "closed": false, "sort": "oldest", "page": 1, "pages": 1,
        "comments": [],
    });
    fs::write(&broken, empty_page.to_string()).unwrap();
    kv.put(&format!("thread:{}", urls[1]), &broken, &json!({"version": 0, "count": 0, "pages": 1}));
    wait_for_thread(&server, &urls[1], 0);

    let (mut pages, mut after, mut calls) = (0, Value::Null, 0);
    loop {
        let body = if after.is_null() { json!({"limit": 2}) } else { json!({"limit": 2, "after": after}) };
        let mut done = post_admin_ok(&server, "republish", &body);
        pages += done["pages"].as_u64().unwrap();
        after = done["next"].take();
        calls += 1;
        if after.is_null() {
            break;
        }
    }
    assert_eq!((pages, calls), (3, 2));
    wait_for_thread(&server, &urls[1], 1);
    let rendered = post_admin_ok(&server, "rerender", &json!({"limit": 2}));
    assert_eq!(
        rendered,
        json!({"rendered": 0, "changed": 0, "refused": 0, "next": 2}),
        "every comment is of the current renderer version"
    );
    assert_eq!(post_admin_ok(&server, "rerender", &json!({"after": 2}))["next"], Value::Null);
}

#[test]
fn invalid_moves_are_refused() {
    let url = post_url("refused");
    for body in [
        json!({}),
        json!({"moves": [], "prefix": {"from": url, "to": url}}),
        json!({"moves": {"from": url, "to": url}}),
        json!({"moves": [{"from": url}]}),
        json!({"moves": [], "dry_run": "no"}),
        json!({"moves": [], "id": "7"}),
    ] {
        post_admin(&OPEN, "remap", &body).check_refusal(Refusal::BadJson);
    }
    for to in ["https://unknown.example/a", "https://other.example/a"] {
        post_admin(&OPEN, "remap", &json!({"moves": [{"from": url, "to": to}]})).check_refusal(Refusal::UnknownSite);
        post_admin(&OPEN, "remap", &json!({"prefix": {"from": to, "to": url}})).check_refusal(Refusal::UnknownSite);
    }
    post_admin(&OPEN, "remap", &json!({"prefix": {"from": "/2019", "to": url}})).check_refusal(Refusal::BadUrl);
    for to in [url.clone(), format!("{url}/index.html"), post_url("refused?p=1")] {
        post_admin(&OPEN, "remap", &json!({"prefix": {"from": url, "to": to}})).check_refusal(Refusal::BadPrefix);
        post_admin(&OPEN, "remap", &json!({"prefix": {"from": to, "to": url}, "dry_run": false}))
            .check_refusal(Refusal::BadPrefix);
    }
}

#[test]
fn invalid_requests_are_refused() {
    let json = |path: &str, body: &str| {
        let request =
            Request::as_moderator("POST", &format!("/admin/api/{path}")).header("Content-Type", "application/json");
        request.body(body).send(&OPEN)
    };
    for body in
        ["[]", "{", "null", "{\"canary-7f3\":1}", "{\"limit\":-1}", "{\"limit\":\"1\"}", "\u{0}", "{\"after\":7.5}"]
    {
        for path in ["republish", "rerender"] {
            let response = json(path, body);
            response.check_refusal(Refusal::BadJson);
            response.check_omits("canary-7f3");
        }
    }
    for body in ["{}", "{\"moderation\":\"sometimes\"}", "{\"moderation\":1}", ""] {
        json("settings", body).check_refusal(Refusal::BadJson);
    }
    json("threads/close", "{}").check_refusal(Refusal::BadJson);
    Request::as_moderator("POST", "/admin/api/republish").body("{}").send(&OPEN).check_refusal(Refusal::BadMediaType);
    json("republish", &format!("{{\"limit\":1{}}}", " ".repeat(70_000))).check_refusal(Refusal::BodyTooLarge);
    for (path, name, value) in [
        ("comments", "status", "all"),
        ("comments", "status", ""),
        ("comments", "before", "x"),
        ("comments", "limit", "-1"),
        ("audit", "before", "1.5"),
        ("audit", "limit", "many"),
    ] {
        let request = Request::as_moderator("GET", &format!("/admin/api/{path}")).query(&[(name, value)]);
        request.send(&OPEN).check_refusal(Refusal::BadQuery);
    }
    for (method, path) in [
        ("GET", "/admin/api/republish"),
        ("GET", "/admin/api/comments/1/approve"),
        ("PUT", "/admin/api/comments"),
        ("POST", "/admin/api/audit"),
        ("PUT", "/admin/api/settings"),
        ("GET", "/admin/api/threads/close"),
    ] {
        Request::as_moderator(method, path).send(&OPEN).check_refusal(Refusal::BadMethod);
    }
    for path in ["comments/x/approve", "comments/1/burn", "comments//approve", "comments/1/approve/", "threads/burn"] {
        post_admin(&OPEN, path, &json!({})).check_refusal(Refusal::NotFound);
    }
}
