//! The settings of a blog, and what moderators do that readers see: pins, edits, comments on behalf.

use std::time::Duration;

use afterword_model::{CommentId, NewComment, PostedComment, Refusal};
use afterword_tests::{
    BrowserSession, MODERATOR_SECRET, Request, Response, Server, hidden_field, new_comment, post_url, wait_for_thread,
    wait_until, wait_until_within,
};
use serde_json::{Value, json};

const BLOG: &str = "https://blog.example";

fn post(server: &Server, comment: &NewComment) -> CommentId {
    Request::post_comment(comment).send(server).json::<PostedComment>().comment.id
}

fn api(server: &Server, path: &str, body: &Value) -> Response {
    let request = Request::as_moderator("POST", &format!("/admin/api/{path}")).query(&[("site", BLOG)]);
    request.header("Content-Type", "application/json").body(body.to_string()).send(server)
}

#[track_caller]
fn set(server: &Server, name: &str, value: &str) {
    let response = api(server, "settings", &json!({name: value}));
    assert_eq!(response.status, 200, "{name}: {response:?}");
}

fn act(server: &Server, action: &str, id: CommentId, revision: i64) {
    let body = json!({"action": action, "comments": [{"id": id, "revision": revision}]});
    assert_eq!(api(server, "actions", &body).status, 200);
}

fn fragment(server: &Server, url: &str, query: &[(&str, &str)]) -> String {
    let query = [&[("url", url)], query].concat();
    Request::get("/v1/thread.html").query(&query).send(server).text().to_owned()
}

/// The ids of the comments of the first page, in their order.
fn order(server: &Server, url: &str, sort: &str) -> Vec<i64> {
    let sort = [("url", url), ("sort", sort)];
    let thread: Value = Request::get("/v1/thread").query(&sort).send(server).json();
    thread["comments"].as_array().unwrap().iter().map(|comment| comment["id"].as_i64().unwrap()).collect()
}

#[test]
fn readers_see_the_settings_of_the_blog() {
    let server = Server::with_moderation("http-site-settings", "open");
    let url = post_url("site_settings");
    for (name, value) in [
        ("sort", "newest"),
        ("language", "de"),
        ("avatars", "off"),
        ("form_text", "Be <kind>.\nNo links."),
        ("contact", "ada@blog.example"),
    ] {
        set(&server, name, value);
    }
    let ids: Vec<CommentId> =
        (1..=3).map(|number| post(&server, &new_comment(&url, &format!("Number {number}")))).collect();
    wait_for_thread(&server, &url, 3);
    let newest: Vec<i64> = ids.iter().rev().map(|id| id.get()).collect();
    assert_eq!(order(&server, &url, ""), newest);
    assert_eq!(order(&server, &url, "oldest"), [1, 2, 3].map(|at: usize| ids[at - 1].get()));
    let shown = fragment(&server, &url, &[("lang", "en")]);
    for part in [
        "lang=\"de\"",
        "data-sort=\"newest\"",
        "data-avatars=\"off\"",
        "Be &lt;kind&gt;.<br>No links.",
        "href=\"mailto:ada@blog.example\"",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let page = Request::get("/thread").query(&[("url", &*url), ("lang", "en")]).send(&server);
    assert!(page.text().contains("Be &lt;kind&gt;.") && page.text().contains("lang=\"de\""), "{page:?}");
    let empty = post_url("site_settings_empty");
    // Each location keeps what it has read for half a minute.
    wait_until_within(Duration::from_secs(90), "a post without comments to follow", || {
        fragment(&server, &empty, &[("lang", "en")]).contains("mailto:ada@blog.example").then_some(())
    });
    let oldest = fragment(&server, &url, &[("sort", "oldest")]);
    assert!(oldest.contains("data-sort=\"oldest\""), "the reader's choice comes first");
}

#[test]
fn post_closes_after_its_days_without_being_written() {
    let server = Server::with_moderation("http-closing-age", "open");
    let url = post_url("closing_age");
    set(&server, "close_after", "30");
    let behalf = json!({"id": "00000000-0000-8000-8000-0000000000a1", "url": url, "name": "Ada", "text": "Long ago"});
    assert_eq!(api(&server, "comments", &behalf).status, 200);
    let thread: Value = wait_until("the thread", || {
        let thread: Value = Request::get("/v1/thread").query(&[("url", &*url)]).send(&server).json();
        (thread["count"] == 1).then_some(thread)
    });
    let closes = thread["options"]["closes"].as_i64().unwrap();
    assert_eq!(
        (closes - thread["comments"][0]["created"].as_i64().unwrap(), &thread["closed"]),
        (30 * 86_400, &json!(false))
    );
    assert_eq!(Request::post_comment(&new_comment(&url, "In time")).send(&server).status, 201);
    for (value, refusal) in [("36501", 400), ("-1", 400), ("soon", 400)] {
        assert_eq!(api(&server, "settings", &json!({"close_after": value})).status, refusal, "{value}");
    }
}

#[test]
fn wrong_values_stand_beside_their_fields() {
    let server = Server::with_moderation("http-settings-errors", "open");
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let page = session.page(&format!("/admin/settings?site={BLOG}"));
    let id = hidden_field(&page, "id");
    let wrong = [("close_after", "soon"), ("contact", "javascript:alert(1)"), ("sort", "newest"), ("site", BLOG)];
    let fields = [&[("id", id.as_str())], &wrong[..]].concat();
    let refused = session.post("/admin/settings", &fields).send(&server);
    assert_eq!(refused.status, 422, "{refused:?}");
    let errors = refused.text().matches("This value does not fit").count();
    assert_eq!(errors, 2, "{}", refused.text());
    let settings: Value =
        Request::as_moderator("GET", "/admin/api/settings").query(&[("site", BLOG)]).send(&server).json();
    assert_eq!((&settings["sort"], &settings["close_after"]), (&json!("newest"), &Value::Null));
}

#[test]
fn pinned_comments_come_first_and_marks_of_moderators_are_shown() {
    let server = Server::with_moderation("http-pinned", "open");
    let url = post_url("pinned");
    let ids: Vec<CommentId> =
        (1..=3).map(|number| post(&server, &new_comment(&url, &format!("Number {number}")))).collect();
    let reply = post(&server, &NewComment { parent: Some(ids[1]), ..new_comment(&url, "A reply") });
    wait_for_thread(&server, &url, 4);
    act(&server, "pin", ids[1], 1);
    let [one, two, three, reply] = [ids[0], ids[1], ids[2], reply].map(CommentId::get);
    for (sort, expected) in
        [("oldest", [two, reply, one, three]), ("newest", [two, reply, three, one]), ("top", [two, reply, one, three])]
    {
        wait_until("the pinned comment to be first", || (order(&server, &url, sort) == expected).then_some(()));
    }
    assert!(fragment(&server, &url, &[("lang", "en")]).contains("Pinned"));
    let edit = json!({"id": "00000000-0000-8000-8000-0000000000b1", "revision": 1, "text": "Corrected"});
    assert_eq!(api(&server, &format!("comments/{one}/edit"), &edit).status, 200);
    let behalf = json!({"id": "00000000-0000-8000-8000-0000000000b2", "url": url, "name": "Grace", "text": "By mail"});
    assert_eq!(api(&server, "comments", &behalf).status, 200);
    wait_for_thread(&server, &url, 5);
    let texts = [
        ("en", "edited by a moderator", "posted on behalf of <bdi>Grace</bdi>"),
        ("de", "von der Moderation bearbeitet", "im Namen von <bdi>Grace</bdi>"),
    ];
    for (lang, edited, on_behalf) in texts {
        wait_until(edited, || {
            let shown = fragment(&server, &url, &[("lang", lang)]);
            (shown.contains(edited) && shown.contains(on_behalf)).then_some(())
        });
    }
}

#[test]
fn wave_of_spam_is_one_press_and_the_reason_is_asked_for_afterwards() {
    let server = Server::with_moderation("http-waves", "all");
    let url = post_url("waves");
    for number in 0..4 {
        let text = format!("Visit [my shop](https://spam.example/{number}) number {number}");
        post(&server, &new_comment(&url, &text));
    }
    let other = post(&server, &new_comment(&url, "An ordinary text"));
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let page = session.page(&format!("/admin/queue?site={BLOG}"));
    assert!(page.contains("4 comments with a link to this host") && page.contains("Mark all 4 as spam"), "{page}");
    let first: Value = Request::as_moderator("GET", "/admin/api/comments")
        .query(&[("site", BLOG), ("list", "pending")])
        .send(&server)
        .json();
    assert_eq!(first["comments"][0]["similar"], json!({"kind": "link", "count": 4}));
    let similar = format!("link:{}", first["comments"][0]["id"]);
    let through = other.to_string();
    let fields = [
        ("list", "pending"),
        ("similar", &*similar),
        ("site", BLOG),
        ("through", &*through),
        ("count", "4"),
        ("action", "delete"),
        ("id", "00000000-0000-8000-8000-0000000000c1"),
    ];
    let done = session.post("/admin/matching", &fields).send(&server);
    assert!(done.status == 200 && done.text().contains("action=\"/admin/reason\""), "{done:?}");
    let reason = [("batch", "00000000-0000-8000-8000-0000000000c1"), ("reason", "illegal"), ("site", BLOG)];
    session.submit("/admin/reason", &reason);
    let log: Value =
        Request::as_moderator("GET", "/admin/api/audit").query(&[("site", BLOG), ("limit", "1")]).send(&server).json();
    assert_eq!((&log["audit"][0]["action"], &log["audit"][0]["reason"]), (&json!("delete"), &json!("illegal")));
    let unknown = [("batch", "00000000-0000-8000-8000-0000000000c9"), ("reason", "illegal"), ("site", BLOG)];
    assert_eq!(session.post("/admin/reason", &unknown).send(&server).status, 404);
    let forged = session.post("/admin/reason", &reason).without_header("Origin").without_header("Sec-Fetch-Site");
    assert_eq!(forged.header("Origin", "https://evil.example").send(&server).status, 403);
}

#[test]
fn other_moderators_learn_who_is_answering() {
    let secrets = "ada:0wner-0wner-0wner-0wner-0wner-0wner ben:he1per-he1per-he1per-he1per-he1per";
    let settings = [
        ("SITES", "https://blog.example=localhost,127.0.0.1"),
        ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value"),
        ("ADMIN_SECRETS", secrets),
        ("MODERATION", "all"),
    ];
    let server = Server::start("http-answering", &settings, &[]);
    let id = post(&server, &new_comment(&post_url("answering"), "A question"));
    let ben = BrowserSession::sign_in(&server, "he1per-he1per-he1per-he1per-he1per");
    let ada = BrowserSession::sign_in(&server, "0wner-0wner-0wner-0wner-0wner-0wner");
    let item = format!("{id}:1:{BLOG}");
    let tell = |open: &str| ben.post("/admin/answering", &[("comment", &*item), ("open", open)]).send(&server);
    let answering = |session: &BrowserSession<'_>| -> Value {
        session.get("/admin/api/changes").query(&[("site", BLOG)]).send(&server).json::<Value>()["answering"].clone()
    };
    assert_eq!(tell("yes").status, 200);
    assert_eq!(answering(&ada), json!([{"comment": id, "by": "ben"}]));
    assert_eq!(answering(&ben), json!([]), "nobody is told of themselves");
    assert_eq!(tell("no").status, 200);
    assert_eq!(answering(&ada), json!([]));
    let signed_out = Request::post_form("/admin/answering", &[("comment", &*item), ("open", "yes")]).send(&server);
    assert_eq!(signed_out.status, 401);
    Request::get("/admin/api/changes").send(&server).check_refusal(Refusal::Unauthorized);
}
