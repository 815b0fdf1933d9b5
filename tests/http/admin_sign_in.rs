//! Sign-in of moderators with a browser: sessions, roles, and requests that other websites make.

use afterword_guard::{Moderators, Session, SigningKey};
use afterword_model::Refusal;
use afterword_tests::{
    BrowserSession, MODERATOR_SECRET, Request, Response, SESSION_COOKIE, Server, Setting, session_cookie,
    sign_in_request,
};

use crate::OPEN;

const SIGNING_KEY: &str = "a-key-for-tests-that-signs-nothing-of-value";
const SITES: Setting<'static> = ("SITES", "https://blog.example=localhost,127.0.0.1 https://other.example");
const KEY: Setting<'static> = ("SIGNING_KEY", SIGNING_KEY);
const OWNER: &str = "0wner-0wner-0wner-0wner-0wner-0wner";
const HELPER: &str = "he1per-he1per-he1per-he1per-he1per";
const OTHER: &str = "other-other-other-other-other-other";
/// An owner, a helper, and the owner of the other blog.
const SECRETS: &str = "ada:0wner-0wner-0wner-0wner-0wner-0wner grace/moderator:he1per-he1per-he1per-he1per-he1per \
                       eve@other.example:other-other-other-other-other-other";

const BLOG: (&str, &str) = ("site", "https://blog.example");

fn server(name: &str) -> Server {
    Server::start(name, &[SITES, KEY, ("ADMIN_SECRETS", SECRETS)], &[])
}

fn settings_of(session: &BrowserSession<'_>, server: &Server) -> Response {
    session.get("/admin/api/settings").query(&[BLOG]).send(server)
}

#[track_caller]
fn check_is_sign_in(response: &Response) {
    assert_eq!(response.status, 303, "{response:?}");
    let location = response.header("location").unwrap();
    assert!(location == "/admin/sign-in" || location.starts_with("/admin/sign-in?"), "{location}");
    assert!(response.bytes().is_empty(), "nothing is told: {response:?}");
}

#[test]
fn session_opens_pages_and_the_json_interface() {
    let session = BrowserSession::sign_in(&OPEN, MODERATOR_SECRET);
    assert_eq!(settings_of(&session, &OPEN).status, 200);
    let signed_out = Request::get("/admin/api/settings").query(&[BLOG]).send(&OPEN);
    signed_out.check_refusal(Refusal::Unauthorized);
    check_is_sign_in(&Request::get("/admin").send(&OPEN));
}

#[test]
fn sign_in_leads_back_to_the_page_and_nowhere_else() {
    let response = Request::get("/admin/queue?list=spam&site=https%3A%2F%2Fblog.example").send(&OPEN);
    let expected = "/admin/sign-in?back=%2Fadmin%2Fqueue%3Flist%3Dspam%26site%3Dhttps%253A%252F%252Fblog.example";
    assert_eq!(response.header("location").as_deref(), Some(expected));
    let back = |back: &str| {
        let fields = [("secret", MODERATOR_SECRET), ("back", back)];
        let request = Request::post_form("/admin/sign-in", &fields).header("Origin", OPEN.origin());
        request.send(&OPEN).header("location")
    };
    assert_eq!(back("/admin/queue?list=spam").as_deref(), Some("/admin/queue?list=spam"));
    for elsewhere in
        ["", "https://evil.example/", "//evil.example/admin", "/\\evil.example", "/admin/../x", "/admin/sign-in", "/x"]
    {
        assert_eq!(back(elsewhere).as_deref(), Some("/admin"), "{elsewhere}");
    }
    let page = Request::get("/admin/sign-in?back=//evil.example/admin").send(&OPEN);
    page.check_omits("evil.example");
}

#[test]
fn wrong_secret_is_refused_and_not_repeated() {
    for wrong in ["", "canary-7f3", &MODERATOR_SECRET[1..], &format!("ada:{MODERATOR_SECRET}")] {
        let response = sign_in_request(&OPEN, wrong).send(&OPEN);
        assert_eq!((response.status, session_cookie(&response)), (403, None), "{wrong}");
        response.check_omits("canary-7f3");
    }
    let spaces = sign_in_request(&OPEN, &format!(" {MODERATOR_SECRET}\n")).send(&OPEN);
    assert_eq!(spaces.status, 303, "spaces that were copied with the secret do not matter");
}

#[test]
fn sign_in_attempts_are_limited_but_the_right_secret_works() {
    let server = Server::with_spam_checks("http-sign-in-limit", &[("PROOF_BITS", "0")]);
    let attempt =
        |secret: &str| sign_in_request(&server, secret).header("CF-Connecting-IP", "203.0.113.7").send(&server);
    let refused = (0..21).map(|guess| attempt(&format!("guess-{guess}"))).find(|response| response.status != 403);
    assert_eq!(refused.map(|response| response.status), Some(429));
    assert_eq!(attempt(MODERATOR_SECRET).status, 303);
}

#[test]
fn another_website_cannot_sign_a_moderator_in() {
    let from = |headers: &[(&'static str, &str)]| {
        let mut request =
            sign_in_request(&OPEN, MODERATOR_SECRET).without_header("Origin").without_header("Sec-Fetch-Site");
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        request.send(&OPEN)
    };
    for headers in [
        &[][..],
        &[("Origin", "https://evil.example")],
        &[("Origin", "https://blog.example"), ("Sec-Fetch-Site", "cross-site")],
        &[("Origin", "null")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "none")],
        &[("Sec-Fetch-Site", "same-origin"), ("Origin", "https://evil.example")],
    ] {
        let response = from(headers);
        assert_eq!((response.status, session_cookie(&response)), (403, None), "{headers:?}");
    }
    assert_eq!(from(&[("Origin", &OPEN.origin())]).status, 303);
    assert_eq!(from(&[("Sec-Fetch-Site", "same-origin")]).status, 303);
}

#[test]
fn forms_of_other_websites_are_refused_despite_the_cookie() {
    let server = server("http-admin-forged");
    let session = BrowserSession::sign_in(&server, OWNER);
    let settings = session
        .with_cookie(Request::new("POST", "/admin/api/settings"))
        .query(&[BLOG])
        .header("Content-Type", "application/json")
        .body("{\"moderation\": \"open\"}");
    for (name, value) in [
        ("Origin", "https://evil.example"),
        ("Origin", "https://blog.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("X-Requested-With", "fetch"),
    ] {
        settings.clone().header(name, value).send(&server).check_refusal(Refusal::WrongOrigin);
        let sign_out = session.post("/admin/sign-out", &[]).without_header("Origin").without_header("Sec-Fetch-Site");
        assert_eq!(sign_out.header(name, value).send(&server).status, 403, "{name}: {value}");
    }
    assert_eq!(settings.header("Origin", server.origin()).send(&server).status, 200);
    assert_eq!(settings_of(&session, &server).status, 200, "no forged form ended the session");
    let read = session.get("/admin/api/settings").query(&[BLOG]).header("Sec-Fetch-Site", "cross-site");
    read.send(&server).check_refusal(Refusal::WrongOrigin);
}

#[test]
fn session_is_new_at_each_sign_in() {
    let first = BrowserSession::sign_in(&OPEN, MODERATOR_SECRET);
    let planted = first.with_cookie(sign_in_request(&OPEN, MODERATOR_SECRET)).send(&OPEN);
    let second = session_cookie(&planted).unwrap();
    assert_ne!(first.token, second, "a session that was there before is not taken over");
    for invented in ["", "x", "ada", "ada.00"] {
        let response =
            sign_in_request(&OPEN, "wrong").header("Cookie", format!("{SESSION_COOKIE}={invented}")).send(&OPEN);
        assert_eq!(session_cookie(&response), None);
        check_is_sign_in(&BrowserSession::with_token(&OPEN, invented).get("/admin").send(&OPEN));
    }
}

#[test]
fn signing_out_ends_the_session_at_once() {
    let server = server("http-sign-out");
    let [one, two, other] = [OWNER, OWNER, HELPER].map(|secret| BrowserSession::sign_in(&server, secret));
    let signed_in = |session: &BrowserSession<'_>| settings_of(session, &server).status == 200;
    let response = one.post("/admin/sign-out", &[]).send(&server);
    check_is_sign_in(&response);
    assert_eq!(session_cookie(&response).as_deref(), Some(""), "the cookie is deleted");
    assert_eq!([&one, &two, &other].map(signed_in), [false, true, true], "a copy of the cookie is worthless");
    check_is_sign_in(&two.post("/admin/sign-out", &[("everywhere", "on")]).send(&server));
    assert_eq!([&one, &two, &other].map(signed_in), [false, false, true]);
    let again = BrowserSession::sign_in(&server, OWNER);
    let tokens = [again.token, other.token, one.token];
    let server = server.kill_and_restart();
    let kept = tokens.each_ref().map(|token| signed_in_with(&server, token));
    assert_eq!(kept, [true, true, false], "after a restart too");
}

fn signed_in_with(server: &Server, token: &str) -> bool {
    settings_of(&BrowserSession::with_token(server, token), server).status == 200
}

#[test]
fn session_ends_with_the_entry_of_its_moderator() {
    let server = server("http-removed-moderator");
    let [owner, helper] = [OWNER, HELPER].map(|secret| BrowserSession::sign_in(&server, secret).token);
    let promoted = SECRETS.replace("grace/moderator", "grace");
    let server = server.restart_with_settings(&[SITES, KEY, ("ADMIN_SECRETS", &promoted)]);
    assert_eq!([&owner, &helper].map(|token| signed_in_with(&server, token)), [true, false], "another role");
    let server = server.restart_with_settings(&[
        SITES,
        KEY,
        ("ADMIN_SECRETS", &SECRETS.replace(OWNER, &OWNER.replace('0', "1"))),
    ]);
    assert_eq!([&owner, &helper].map(|token| signed_in_with(&server, token)), [false, true], "another secret");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a session must match the real clock of the servers")]
fn expired_session_is_refused() {
    let moderators = Moderators::parse(&format!("ada:{MODERATOR_SECRET}")).unwrap();
    let key = SigningKey::parse(SIGNING_KEY).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let token = |started: i64, used: i64| {
        let session = Session::new(moderators.find("ada").unwrap(), [7; 16], 0, now - started);
        Session { used: now - used, ..session }.token(&moderators, &key).unwrap()
    };
    const DAY: i64 = 24 * 3600;
    assert!(signed_in_with(&OPEN, &token(0, 0)), "the test makes tokens as the Worker does");
    for (started, used) in [(8 * DAY, 8 * DAY), (31 * DAY, 0), (0, -DAY)] {
        let session = BrowserSession::with_token(&OPEN, &token(started, used));
        settings_of(&session, &OPEN).check_refusal(Refusal::Unauthorized);
        let page = session.get("/admin").send(&OPEN);
        assert_eq!(page.header("location").as_deref(), Some("/admin/sign-in?why=ended"));
    }
    let old = BrowserSession::with_token(&OPEN, &token(2 * DAY, 2 * DAY));
    let renewed = session_cookie(&settings_of(&old, &OPEN)).expect("an old token is replaced");
    assert!(renewed != old.token && signed_in_with(&OPEN, &renewed));
    let recent = BrowserSession::with_token(&OPEN, &token(60, 60));
    assert_eq!(session_cookie(&settings_of(&recent, &OPEN)), None);
}

#[test]
fn helper_cannot_do_what_only_owners_may() {
    let server = server("http-roles");
    let call = |secret: &str, method: &'static str, path: &str| {
        let request = Request::new(method, format!("/admin/api/{path}")).query(&[BLOG]);
        request.header("Authorization", format!("Bearer {secret}")).send(&server)
    };
    let for_owners = [
        ("GET", "export"),
        ("POST", "import"),
        ("POST", "remap"),
        ("POST", "republish"),
        ("POST", "rerender"),
        ("POST", "settings"),
        ("POST", "comments/1/erase"),
    ];
    for (method, path) in for_owners {
        call(HELPER, method, path).check_refusal(Refusal::WrongRole);
        assert_ne!(call(OWNER, method, path).status, 403, "{path}");
    }
    for path in ["comments", "bans", "audit", "settings"] {
        assert_eq!(call(HELPER, "GET", path).status, 200, "{path}");
    }
}

#[test]
fn moderator_of_one_blog_cannot_touch_another() {
    let server = server("http-other-site");
    for (method, path) in
        [("GET", "comments"), ("GET", "settings"), ("GET", "export"), ("POST", "bans"), ("GET", "audit")]
    {
        let call = |site: &str| {
            let request = Request::new(method, format!("/admin/api/{path}")).query(&[("site", site)]);
            request
                .header("Authorization", format!("Bearer {OTHER}"))
                .body("{\"kind\":\"name\",\"pattern\":\"x\"}")
                .header("Content-Type", "application/json")
                .send(&server)
        };
        call("https://blog.example").check_refusal(Refusal::UnknownSite);
        assert_eq!(call("https://other.example").status, 200, "{path}");
        assert_eq!(call("https://nothing.example").status, 403, "{path}");
    }
    let only = Request::get("/admin/api/settings").header("Authorization", format!("Bearer {OTHER}")).send(&server);
    assert_eq!(only.status, 200, "a moderator of one blog need not name it");
}

#[test]
fn owner_without_a_secret_is_told_how_to_make_one() {
    let server = Server::start("http-first-time", &[("SITES", "https://blog.example"), KEY], &[]);
    for path in ["/admin", "/admin/queue"] {
        check_is_sign_in(&Request::get(path).send(&server));
    }
    let page = Request::get("/admin/sign-in").send(&server);
    assert_eq!(page.status, 200);
    let commands: Vec<&str> = page.text().lines().filter(|line| line.contains("wrangler secret put")).collect();
    assert!(!commands.is_empty() && page.text().contains("ADMIN_SECRETS"), "{}", page.text());
    let response = sign_in_request(&server, "").send(&server);
    assert_eq!((response.status, session_cookie(&response)), (403, None), "nobody can sign in");
}

#[test]
fn link_from_another_website_leads_through_a_page_of_our_own() {
    let from_mail =
        |path: &str| Request::get(path).header("Sec-Fetch-Site", "cross-site").header("Sec-Fetch-Mode", "navigate");
    let page = from_mail("/admin/queue?list=spam").send(&OPEN);
    assert_eq!(page.status, 200, "{page:?}");
    assert!(
        page.text().contains("0;url=/admin/queue?list=spam") || page.text().contains("0; url=/admin/queue?list=spam"),
        "{}",
        page.text()
    );
    let other = from_mail("/admin/nothing").send(&OPEN);
    assert_eq!(
        other.text().replace("/admin/nothing", "/admin/queue?list=spam"),
        page.text(),
        "every path is answered alike"
    );
    check_is_sign_in(&Request::get("/admin/queue").header("Sec-Fetch-Site", "same-origin").send(&OPEN));
}

#[test]
fn secret_is_not_typed_into_a_page_that_a_network_can_change() {
    let http = |request: Request| request.header("Host", "comments.example.com").send(&OPEN);
    let page = http(Request::get("/admin/sign-in?back=/admin/queue"));
    let location = page.header("location");
    assert_eq!(location.as_deref(), Some("https://comments.example.com/admin/sign-in?back=/admin/queue"));
    let form = sign_in_request(&OPEN, MODERATOR_SECRET).header("Origin", "http://comments.example.com");
    assert_eq!(session_cookie(&http(form)), None);
}

#[test]
fn sign_in_pages_cannot_be_framed_or_kept() {
    for path in ["/admin/sign-in", "/admin", "/admin/nothing"] {
        let response = Request::get(path).send(&OPEN);
        let policy = response.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"), "{path}: {policy}");
        assert_eq!(response.header("x-frame-options").as_deref(), Some("DENY"));
        assert_eq!(response.header("referrer-policy").as_deref(), Some("same-origin"), "{path}");
    }
}
