//! Moderation on the pages of the blog: the code in an address, the token, and what neither of them opens.

use afterword_guard::{Moderators, PAGE_TOKEN_SECONDS, PageAccess, PageCredential, SigningKey};
use afterword_model::{CommentId, NewComment, PostedComment, Refusal};
use afterword_tests::{
    BrowserSession, MODERATOR_SECRET, Request, Response, Server, Setting, new_comment, post_url, wait_for_thread,
};
use serde_json::{Value, json};

const SIGNING_KEY: &str = "a-key-for-tests-that-signs-nothing-of-value";
const SITES: Setting<'static> = ("SITES", "https://blog.example=localhost,127.0.0.1 https://other.example");
const SECRETS: &str = "ada:0wner-0wner-0wner-0wner-0wner-0wner eve@other.example:other-other-other-other-other-other";
const OWNER: &str = "0wner-0wner-0wner-0wner-0wner-0wner";
const OTHER: &str = "other-other-other-other-other-other";
const BLOG: &str = "https://blog.example";

fn server(name: &str) -> Server {
    let settings = [SITES, ("SIGNING_KEY", SIGNING_KEY), ("ADMIN_SECRETS", SECRETS), ("MODERATION", "all")];
    Server::start(name, &settings, &[])
}

fn post(server: &Server, comment: &NewComment) -> CommentId {
    Request::post_comment(comment).send(server).json::<PostedComment>().comment.id
}

/// Opens a post from the moderators' pages. Returns the address to which that leads.
#[track_caller]
fn open(server: &Server, session: &BrowserSession<'_>, post: &str) -> String {
    let response = session.get("/admin/on-page").query(&[("post", post)]).send(server);
    assert_eq!(response.status, 303, "{response:?}");
    response.header("location").unwrap()
}

#[track_caller]
fn code_of(address: &str) -> String {
    let (_, code) = address.split_once("#afterword&moderate=").unwrap_or_else(|| panic!("no code in {address}"));
    code.to_owned()
}

fn exchange(server: &Server, code: &str, origin: &str) -> Response {
    let request = Request::new("POST", "/v1/moderation/token").header("Content-Type", "application/json");
    request.header("Origin", origin).body(json!({"code": code}).to_string()).send(server)
}

#[track_caller]
fn token_of(response: &Response) -> String {
    assert_eq!(response.status, 200, "{response:?}");
    response.json::<Value>()["token"].as_str().unwrap().to_owned()
}

/// A token of the owner for pages of the blog.
fn token(server: &Server, session: &BrowserSession<'_>, name: &str) -> String {
    token_of(&exchange(server, &code_of(&open(server, session, &post_url(name))), BLOG))
}

fn call(method: &'static str, path: &str, token: &str) -> Request {
    Request::new(method, path).header("Origin", BLOG).header("Authorization", format!("Bearer {token}"))
}

fn list(server: &Server, token: &str, name: &str) -> Response {
    call("GET", "/v1/moderation/comments", token).query(&[("url", &*post_url(name))]).send(server)
}

fn act(server: &Server, token: &str, body: &Value) -> Response {
    let request = call("POST", "/v1/moderation/actions", token).header("Content-Type", "application/json");
    request.body(body.to_string()).send(server)
}

fn uuid(number: u8) -> String {
    format!("00000000-0000-8000-8000-0000000000{number:02x}")
}

#[test]
fn moderator_decides_on_the_blogs_page_and_undoes() {
    let server = server("http-on-page");
    let comment =
        NewComment { email: Some("reader@canary.example".to_owned()), ..new_comment(&post_url("on_page"), "Hello") };
    let id = post(&server, &comment);
    let session = BrowserSession::sign_in(&server, OWNER);
    let address = open(&server, &session, &post_url("on_page"));
    assert!(address.starts_with(&format!("{}#afterword&moderate=", post_url("on_page"))), "{address}");
    let token = token_of(&exchange(&server, &code_of(&address), BLOG));
    let listed = list(&server, &token, "on_page");
    listed.check_omits("canary.example");
    let waiting: Value = listed.json();
    assert_eq!((&waiting["comments"][0]["id"], &waiting["comments"][0]["state"]), (&json!(id), &json!("pending")));
    assert!(waiting["comments"][0]["html"].as_str().unwrap().contains("Hello"));
    let body =
        json!({"id": uuid(1), "action": "approve", "comment": id, "revision": waiting["comments"][0]["revision"]});
    let done: Value = act(&server, &token, &body).json();
    assert_eq!(done["outcome"], "done");
    wait_for_thread(&server, &post_url("on_page"), 1);
    assert_eq!(act(&server, &token, &body).json::<Value>(), done, "a repeat is done once");
    let other = json!({"id": uuid(2), "action": "spam", "comment": id, "revision": 1});
    assert_eq!(act(&server, &token, &other).json::<Value>()["outcome"], "decided_otherwise");
    let undo = call("POST", &format!("/v1/moderation/actions/{}/undo", uuid(1)), &token);
    let undone = undo.header("Content-Type", "application/json").body(json!({"id": uuid(3)}).to_string()).send(&server);
    assert_eq!(undone.json::<Value>()["outcome"], "done");
    wait_for_thread(&server, &post_url("on_page"), 0);
    let one: Value = call("GET", &format!("/v1/moderation/comments/{id}"), &token).send(&server).json();
    assert_eq!(one["state"], "pending");
    let reply = json!({"id": uuid(4), "revision": one["revision"], "text": "Welcome", "approve": true});
    let path = format!("/v1/moderation/comments/{id}/reply");
    let replied = call("POST", &path, &token).header("Content-Type", "application/json").body(reply.to_string());
    assert_eq!(replied.send(&server).json::<Value>()["outcome"], "done");
    let thread = wait_for_thread(&server, &post_url("on_page"), 2);
    assert!(thread[1].author.owner);
}

#[test]
fn code_is_spent_once_and_for_its_site() {
    let server = server("http-on-page-code");
    let session = BrowserSession::sign_in(&server, OWNER);
    let code = code_of(&open(&server, &session, &post_url("on_page_code")));
    for origin in ["https://other.example", "https://evil.example", "null", "https://blog.example:8443"] {
        let refused = exchange(&server, &code, origin);
        assert!(matches!(refused.status, 401 | 403), "{origin}: {refused:?}");
    }
    assert_eq!(exchange(&server, &code, BLOG).status, 200, "the attempts of others do not spend it");
    exchange(&server, &code, BLOG).check_refusal(Refusal::Unauthorized);
    exchange(&server, &session.token, BLOG).check_refusal(Refusal::Unauthorized);
    exchange(&server, "canary-7f3", BLOG).check_omits("canary-7f3");
    let without_origin = Request::new("POST", "/v1/moderation/token").header("Content-Type", "application/json");
    without_origin.body(json!({"code": code}).to_string()).send(&server).check_refusal(Refusal::WrongOrigin);
}

#[test]
fn token_opens_pages_of_its_origin_and_nothing_else() {
    let server = server("http-on-page-token");
    let id = post(&server, &new_comment(&post_url("on_page_token"), "Hello"));
    let session = BrowserSession::sign_in(&server, OWNER);
    let token = token(&server, &session, "on_page_token");
    assert_eq!(list(&server, &token, "on_page_token").status, 200);
    let query = [("url", post_url("on_page_token"))];
    let query = [("url", query[0].1.as_str())];
    let request =
        Request::get("/v1/moderation/comments").query(&query).header("Authorization", format!("Bearer {token}"));
    for origin in ["http://blog.example", "http://localhost:4321", "https://other.example"] {
        request.clone().header("Origin", origin).send(&server).check_refusal(Refusal::Unauthorized);
    }
    let stolen = request.clone().header("Origin", "https://evil.example").send(&server);
    assert_eq!((stolen.status, stolen.header("access-control-allow-origin").as_deref()), (403, Some("*")));
    stolen.check_omits("Hello");
    request.clone().send(&server).check_refusal(Refusal::WrongOrigin);
    // It is no secret of a moderator, and no session.
    let admin = Request::get("/admin/api/comments").query(&[("site", BLOG)]);
    admin.clone().header("Authorization", format!("Bearer {token}")).send(&server).check_refusal(Refusal::Unauthorized);
    let cookie = BrowserSession::with_token(&server, &token);
    assert_eq!(cookie.get("/admin").send(&server).status, 303);
    // It allows what can be undone, on one comment.
    for action in ["erase", "approve_and_trust", "keep", "restore"] {
        let body = json!({"id": uuid(9), "action": action, "comment": id, "revision": 1});
        act(&server, &token, &body).check_refusal(Refusal::WrongRole);
    }
    for credential in ["", "Bearer ", "Bearer canary-7f3", "Basic YTpi"] {
        let refused = request.clone().without_header("Authorization").header("Authorization", credential);
        refused.header("Origin", BLOG).send(&server).check_refusal(Refusal::Unauthorized);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test needs the time")]
fn token_ends_with_the_session_and_after_an_hour() {
    let server = server("http-on-page-ends");
    let session = BrowserSession::sign_in(&server, OWNER);
    let (one, two) =
        (token(&server, &session, "on_page_ends"), code_of(&open(&server, &session, &post_url("on_page_ends"))));
    assert_eq!(list(&server, &one, "on_page_ends").status, 200);
    session.submit("/admin/sign-out", &[("everywhere", "yes")]);
    list(&server, &one, "on_page_ends").check_refusal(Refusal::Unauthorized);
    exchange(&server, &two, BLOG).check_refusal(Refusal::Unauthorized);
    let again = BrowserSession::sign_in(&server, OWNER);
    let token = token(&server, &again, "on_page_ends");
    assert_eq!(list(&server, &token, "on_page_ends").status, 200);
    again.submit("/admin/sign-out", &[]);
    list(&server, &token, "on_page_ends").check_refusal(Refusal::Unauthorized);
    // An expired one, as it was an hour ago.
    let (moderators, key) = (Moderators::parse(SECRETS).unwrap(), SigningKey::parse(SIGNING_KEY).unwrap());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    let issued = |expires| {
        let access = PageAccess { id: [1; 16], moderator: "ada".to_owned(), session: [2; 16], generation: 1, expires };
        access.issue(PageCredential::Token, BLOG, &moderators, &key)
    };
    assert_eq!(list(&server, &issued(now + PAGE_TOKEN_SECONDS), "on_page_ends").status, 200);
    list(&server, &issued(now - 1), "on_page_ends").check_refusal(Refusal::Unauthorized);
}

#[test]
fn only_moderators_of_a_blog_open_its_pages() {
    let server = server("http-on-page-roles");
    let eve = BrowserSession::sign_in(&server, OTHER);
    assert_eq!(eve.get("/admin/on-page").query(&[("post", &*post_url("x"))]).send(&server).status, 403);
    let foreign = eve.get("/admin/on-page").query(&[("post", "https://evil.example/")]).send(&server);
    assert_eq!((foreign.status, foreign.header("location")), (403, None), "it leads to no other website");
    let token = token_of(&exchange(
        &server,
        &code_of(&open(&server, &eve, "https://other.example/a")),
        "https://other.example",
    ));
    list(&server, &token, "x").check_refusal(Refusal::Unauthorized);
    let signed_out = Request::get("/admin/on-page").query(&[("post", &*post_url("x"))]).send(&server);
    assert!(signed_out.header("location").unwrap().starts_with("/admin/sign-in"));
    let cross_site = BrowserSession::sign_in(&server, OWNER).get("/admin/on-page").query(&[("post", &*post_url("x"))]);
    let without_cookie = cross_site.without_header("Cookie").header("Sec-Fetch-Site", "cross-site").send(&server);
    assert_eq!((without_cookie.status, without_cookie.header("location")), (200, None));
    let route = BrowserSession::sign_in(&server, OWNER);
    let address = open(&server, &route, "https://blog.example/#/post");
    assert!(!address.contains("moderate="), "{address}");
    assert_ne!(MODERATOR_SECRET, OWNER);
}
