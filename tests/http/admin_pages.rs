//! The pages of moderators, as a browser without JavaScript uses them.

use std::collections::{BTreeSet, VecDeque};
use std::time::{SystemTime, UNIX_EPOCH};

use afterword_guard::{LINK_SECONDS, LinkAction, LinkRecipient, LinkTarget, ModerationLink, Moderators, SigningKey};
use afterword_model::{CommentId, NewComment, Origin, PostedComment, Refusal};
use afterword_tests::{
    ADMIN_PAGES, BrowserSession, MODERATOR_AUTHORIZATION, MODERATOR_SECRET, Request, Response, Server, attacks, export,
    new_comment, post_url, root, wait_for_thread,
};
use scraper::{ElementRef, Html, Selector};
use serde_json::{Value, json};

const SIGNING_KEY: &str = "a-key-for-tests-that-signs-nothing-of-value";
const BLOG: &str = "https://blog.example";
/// Most pages that the crawler opens: more than there are for four comments.
const MAX_PAGES: usize = 900;

fn server(name: &str) -> Server {
    Server::with_moderation(name, "all")
}

fn post(server: &Server, comment: &NewComment) -> CommentId {
    Request::post_comment(comment).send(server).json::<PostedComment>().comment.id
}

fn api(server: &Server, method: &'static str, path: &str, body: &Value) -> Response {
    let request = Request::as_moderator(method, &format!("/admin/api/{path}"));
    let request = if body.is_null() {
        request
    } else {
        request.header("Content-Type", "application/json").body(body.to_string())
    };
    request.send(server)
}

fn state_of(server: &Server, id: CommentId) -> String {
    let page: Value = api(server, "GET", &format!("comments/{id}"), &Value::Null).json();
    page["comment"]["state"].as_str().unwrap().to_owned()
}

fn revision_of(server: &Server, id: CommentId) -> i64 {
    let page: Value = api(server, "GET", &format!("comments/{id}"), &Value::Null).json();
    page["comment"]["revision"].as_i64().unwrap()
}

/// A form of a page: its address and the fields that are set.
#[derive(Clone, Debug)]
struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

impl Form {
    /// The form of the first comment of a list.
    #[track_caller]
    fn of_first_comment(page: &str) -> Self {
        Self::select(page, "form.acts", "/admin/act")
    }

    /// The first form of a page whose address begins so.
    #[track_caller]
    fn find(page: &str, action: &str) -> Self {
        Self::select(page, "form[method=post]", action)
    }

    #[track_caller]
    fn select(page: &str, css: &str, action: &str) -> Self {
        let document = Html::parse_document(page);
        let forms = Selector::parse(css).unwrap();
        let found =
            document.select(&forms).find(|form| form.attr("action").is_some_and(|value| value.starts_with(action)));
        let form = found.unwrap_or_else(|| panic!("no form {action} in {page}"));
        let inputs = Selector::parse("input, textarea, select").unwrap();
        let field = |input: ElementRef<'_>| {
            let value = match input.value().name() {
                "textarea" => input.text().collect(),
                "select" => input
                    .select(&Selector::parse("option[selected]").unwrap())
                    .next()
                    .and_then(|option| option.attr("value"))
                    .unwrap_or_default()
                    .to_owned(),
                _ => input.attr("value").unwrap_or_default().to_owned(),
            };
            let is_sent =
                !matches!(input.attr("type"), Some("checkbox" | "radio" | "file")) || input.attr("checked").is_some();
            is_sent.then(|| Some((input.attr("name")?.to_owned(), value))).flatten()
        };
        let fields = form.select(&inputs).filter_map(field).collect();
        Self { action: form.attr("action").unwrap_or_default().to_owned(), fields }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(other, _)| other != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    fn fields(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// Sends the form, which leads to a page.
    #[track_caller]
    fn submit(&self, session: &BrowserSession<'_>) -> String {
        session.submit(&self.action, &self.fields())
    }
}

/// The text of the notice of a page.
fn notice(page: &str) -> String {
    let document = Html::parse_document(page);
    let notice = document.select(&Selector::parse("#notice").unwrap()).next();
    notice.map(|notice| notice.text().collect::<String>()).unwrap_or_default()
}

fn queue(list: &str) -> String {
    format!("/admin/queue?site={BLOG}&list={list}")
}

#[test]
fn comment_is_approved_and_the_approval_undone() {
    let server = server("http-admin-queue");
    let url = post_url("admin_queue");
    let id = post(&server, &new_comment(&url, "Please publish me"));
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let page = session.page(&queue("pending"));
    assert!(page.contains("Please publish me"), "{page}");
    let location = Form::of_first_comment(&page).with("action", "approve").submit(&session);
    assert!(location.starts_with("/admin/queue?") && location.contains("done="), "{location}");
    let done = session.page(&location);
    assert!(notice(&done).contains("Approved"), "{}", notice(&done));
    assert_eq!(wait_for_thread(&server, &url, 1)[0].id, id);
    let location = Form::find(&done, "/admin/undo").submit(&session);
    assert!(notice(&session.page(&location)).contains("Undone"), "{location}");
    assert_eq!(state_of(&server, id), "pending");
    wait_for_thread(&server, &url, 0);
}

#[test]
fn form_that_is_sent_twice_acts_once() {
    let server = server("http-admin-twice");
    let id = post(&server, &new_comment(&post_url("admin_twice"), "Once"));
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let form = Form::of_first_comment(&session.page(&queue("pending"))).with("action", "spam");
    assert_eq!(form.submit(&session), form.submit(&session));
    assert_eq!(state_of(&server, id), "spam");
    let log: Value = api(&server, "GET", "audit", &Value::Null).json();
    assert_eq!(log["audit"].as_array().map(Vec::len), Some(1), "{log}");
}

#[test]
fn second_moderator_is_told_who_was_first() {
    let server = server("http-admin-second");
    let id = post(&server, &new_comment(&post_url("admin_second"), "Two of them"));
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let stale = session.page(&queue("pending"));
    Form::of_first_comment(&stale).with("action", "approve").submit(&session);
    let late =
        Form::of_first_comment(&stale).with("action", "delete").with("id", "6f2d5c0e-5d5e-4d0e-9f0e-0000000000aa");
    let page = session.page(&late.submit(&session));
    assert!(notice(&page).contains("ada"), "{}", notice(&page));
    assert_eq!(state_of(&server, id), "published", "the first decision stands");
}

#[test]
fn comment_is_answered_edited_and_erased_by_plain_forms() {
    let server = server("http-admin-write");
    let url = post_url("admin_write");
    let id = post(&server, &new_comment(&url, "How do you do?"));
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let path = |page: &str| format!("/admin/comments/{id}/{page}?site={BLOG}");
    let form = |page: &str| Form::find(&session.page(&path(page)), &format!("/admin/comments/{id}/{page}"));

    let preview = session
        .post(&path("reply"), &form("reply").with("text", "*Well*").with("preview", "on").fields())
        .send(&server);
    assert!(preview.status == 200 && preview.text().contains("<em>Well</em>"), "{preview:?}");
    assert_eq!(state_of(&server, id), "pending", "a preview does nothing");
    let empty = session.post(&path("reply"), &form("reply").with("text", " ").fields()).send(&server);
    assert_eq!(empty.status, 422, "{empty:?}");
    form("reply").with("text", "*Well*").with("approve", "on").submit(&session);
    let shown = wait_for_thread(&server, &url, 2);
    assert!(shown[1].author.owner && shown[1].parent == Some(id), "{shown:?}");

    form("edit").with("text", "How are you?").submit(&session);
    let page = session.page(&format!("/admin/comments/{id}?site={BLOG}"));
    assert!(page.contains("How are you?") && page.contains("How do you do?"), "the former text is kept: {page}");

    let refused = session.post(&path("erase"), &form("erase").with("confirm", "yes").fields()).send(&server);
    assert_eq!((refused.status, state_of(&server, id).as_str()), (400, "published"));
    form("erase").with("confirm", "erase").submit(&session);
    assert_eq!(state_of(&server, id), "erased");
}

#[test]
fn settings_bans_threads_and_comments_on_behalf_are_plain_forms() {
    let server = server("http-admin-forms");
    let url = post_url("admin_forms");
    let id = post(&server, &new_comment(&url, "First"));
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let open = |path: &str, action: &str| Form::find(&session.page(&format!("{path}?site={BLOG}")), action);

    open("/admin/settings", "/admin/settings").with("moderation", "open").with("muted", "casino").submit(&session);
    let settings: Value = api(&server, "GET", "settings", &Value::Null).json();
    assert_eq!((&settings["moderation"], &settings["muted"]), (&json!("open"), &json!("casino")));
    let form = open("/admin/settings", "/admin/settings").with("edit_window", "soon").with("moderation", "all");
    let refused = session.post(&form.action, &form.fields()).send(&server);
    assert!(refused.status == 422 && refused.text().contains("soon"), "what was typed is kept: {refused:?}");

    let form = Form::find(&session.page(&format!("/admin/bans/new?site={BLOG}&comment={id}")), "/admin/bans/new");
    form.with("kind", "name").with("reason", "A test").submit(&session);
    let bans: Value = api(&server, "GET", "bans", &Value::Null).json();
    assert_eq!(bans["bans"][0]["pattern"], "Ada");
    open("/admin/bans", "/admin/bans/lift").submit(&session);
    assert_eq!(api(&server, "GET", "bans", &Value::Null).json::<Value>()["bans"], json!([]));

    let form = open("/admin/on-behalf", "/admin/on-behalf");
    let wrong = session.post(&form.action, &form.clone().with("url", "https://evil.example/").fields()).send(&server);
    assert_eq!(wrong.status, 403, "{wrong:?}");
    let form = form.with("url", &url).with("name", "Grace").with("date", "2011-11-11").with("text", "By e-mail");
    form.submit(&session);
    let shown = wait_for_thread(&server, &url, 1);
    assert_eq!((shown[0].author.name.as_str(), shown[0].created / 86_400), ("Grace", 1_320_969_600 / 86_400));

    open("/admin/threads", "/admin/threads/closed").with("closed", "yes").submit(&session);
    Request::post_comment(&new_comment(&url, "too late")).send(&server).check_refusal(Refusal::Closed);
    let file = session.page(&format!("/admin/transfer?site={BLOG}"));
    assert!(file.contains("/admin/api/export"), "{file}");
    for path in ["/admin", "/admin/audit", "/admin/threads"] {
        session.page(&format!("{path}?site={BLOG}"));
        session.page(path);
    }
}

/// A form with a file, as browsers send it (RFC 7578).
fn file_form(session: &BrowserSession<'_>, server: &Server, fields: &[(&str, &str)], file: &str) -> Response {
    let part = |(name, value): &(&str, &str)| {
        format!("--boundary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let fields: String = fields.iter().map(part).collect();
    let file = format!(
        "--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\nContent-Type: \
         application/octet-stream\r\n\r\n{file}\r\n--boundary--\r\n"
    );
    let request = session.post(&format!("/admin/import?site={BLOG}"), &[]);
    let request = request.header("Content-Type", "multipart/form-data; boundary=boundary").body(fields + file.as_str());
    request.send(server)
}

#[test]
fn file_is_imported_by_a_plain_form_after_a_dry_run() {
    let server = server("http-admin-import");
    post(&server, &new_comment(&post_url("admin_import"), "To be moved"));
    let file = export(&server);
    let target = self::server("http-admin-import-target");
    let session = BrowserSession::sign_in(&target, MODERATOR_SECRET);
    let dry_run = file_form(&session, &target, &[("dry_run", "on")], &file);
    assert!(dry_run.status == 200 && dry_run.text().contains("Comments"), "{dry_run:?}");
    assert!(!session.page(&queue("pending")).contains("To be moved"), "a dry run stores nothing");
    file_form(&session, &target, &[], &file).check_status(200);
    assert!(session.page(&queue("pending")).contains("To be moved"));
    let damaged = file_form(&session, &target, &[], "{\"no\": \"export\"}\n");
    assert_eq!(damaged.status, 422, "{damaged:?}");
    assert_eq!(file_form(&session, &target, &[], "").status, 422, "a form without a file");
}

#[test]
fn all_that_match_are_decided_and_undone_as_one() {
    let server = server("http-admin-matching");
    let url = post_url("admin_matching");
    let ids: Vec<CommentId> =
        (0..5).map(|number| post(&server, &new_comment(&url, &format!("spam {number}")))).collect();
    let kept = post(&server, &new_comment(&url, "ham"));
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let page = session.page(&format!("/admin/matching?site={BLOG}&list=pending&search=spam"));
    let form = Form::find(&page, "/admin/matching").with("action", "spam");
    let later = post(&server, &new_comment(&url, "spam that arrived meanwhile"));
    let done = session.post(&form.action, &form.fields()).send(&server);
    assert_eq!(done.status, 200, "{done:?}");
    let states = |ids: &[CommentId]| ids.iter().map(|id| state_of(&server, *id)).collect::<BTreeSet<_>>();
    assert_eq!(states(&ids), BTreeSet::from(["spam".to_owned()]));
    assert_eq!(states(&[kept, later]), BTreeSet::from(["pending".to_owned()]));
    Form::find(done.text(), "/admin/undo").submit(&session);
    assert_eq!(states(&ids), BTreeSet::from(["pending".to_owned()]));
}

/// Posts comments that wait, all with this word.
fn post_many(server: &Server, url: &str, word: &str, number: usize) -> Vec<CommentId> {
    (0..number).map(|number| post(server, &new_comment(url, &format!("{word} {number}")))).collect()
}

/// Number of comments of a list of the queue.
fn count(server: &Server, list: &str) -> i64 {
    let changes: Value = api(server, "GET", "changes", &Value::Null).json();
    changes["counts"][list]["count"].as_i64().unwrap()
}

/// Marks all that waits as spam. Returns the form that undoes it.
fn mark_all_as_spam(session: &BrowserSession<'_>, server: &Server) -> Form {
    let mut page = session.page(&format!("/admin/matching?site={BLOG}&list=pending"));
    let mut form = Form::find(&page, "/admin/matching").with("action", "spam");
    loop {
        page = session.post(&form.action, &form.fields()).send(server).text().to_owned();
        if page.contains("/admin/undo") {
            return Form::find(&page, "/admin/undo");
        }
        form = Form::find(&page, "/admin/matching");
    }
}

#[test]
fn undo_of_a_large_batch_goes_on_until_all_is_undone() {
    let server = server("http-admin-large-undo");
    // More than one request undoes.
    let number = 510;
    post_many(&server, &post_url("admin_large_undo"), "spam", number);
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let number = i64::try_from(number).unwrap();

    // Without a script, the form of the page goes on.
    let undo = mark_all_as_spam(&session, &server);
    assert_eq!((count(&server, "spam"), count(&server, "pending")), (number, 0));
    let part = session.post(&undo.action, &undo.fields()).send(&server);
    assert!(part.status == 200 && part.text().contains("500 comments are as they were"), "{part:?}");
    let next = Form::find(part.text(), "/admin/undo");
    let done = session.post(&next.action, &next.fields()).send(&server);
    assert!(done.text().contains("510 comments are as they were"), "{done:?}");
    assert_eq!((count(&server, "spam"), count(&server, "pending")), (0, number));

    // The script sends the same form with the cursor of the reply.
    let undo = mark_all_as_spam(&session, &server);
    let accept = "application/json, text/html;q=0.9";
    let part: Value = session.post(&undo.action, &undo.fields()).header("Accept", accept).send(&server).json();
    assert_eq!(part["results"].as_array().map(Vec::len), Some(500));
    let rest = undo.with("after", part["next"].as_str().unwrap());
    let done: Value = session.post(&rest.action, &rest.fields()).header("Accept", accept).send(&server).json();
    assert_eq!((done["results"].as_array().map(Vec::len), done.get("next")), (Some(10), None));
    assert_eq!((count(&server, "spam"), count(&server, "pending")), (0, number));

    // A program calls with the number of the reply.
    let undo = mark_all_as_spam(&session, &server);
    let batch = undo.fields.iter().find(|(name, _)| name == "batch").unwrap().1.clone();
    let mut body = json!({"id": "6f2d5c0e-5d5e-4d0e-9f0e-0000000000ad"});
    loop {
        let step: Value = api(&server, "POST", &format!("actions/{batch}/undo"), &body).json();
        if step["next"].is_null() {
            break;
        }
        body["after"] = step["next"].clone();
    }
    assert_eq!((count(&server, "spam"), count(&server, "pending")), (0, number));
}

#[test]
fn sweep_of_a_ban_goes_on_until_all_is_swept_and_says_how_many() {
    let server = server("http-admin-sweep");
    let ids = post_many(&server, &post_url("admin_sweep"), "flood", 510);
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let page = session.page(&format!("/admin/bans/new?site={BLOG}&comment={}", ids[0]));
    let form = Form::find(&page, "/admin/bans/new").with("kind", "name").with("sweep", "on");
    let part = session.post(&form.action, &form.fields()).send(&server);
    assert!(part.status == 200 && part.text().contains("500 comments were marked as spam"), "{part:?}");
    let next = Form::find(part.text(), "/admin/bans/sweep");
    let done = session.post(&next.action, &next.fields()).send(&server);
    assert!(done.text().contains("510 comments were marked as spam"), "{done:?}");
    assert_eq!((count(&server, "spam"), count(&server, "pending")), (510, 0));
    let bans = session.page(&format!("/admin/bans?site={BLOG}"));
    let lift = Form::find(&bans, "/admin/bans/lift").with("restore", "on");
    let part = session.post(&lift.action, &lift.fields()).send(&server);
    let next = Form::find(part.text(), "/admin/undo");
    let done = session.post(&next.action, &next.fields()).send(&server);
    assert!(done.text().contains("510 comments are as they were"), "{done:?}");
    assert_eq!((count(&server, "spam"), count(&server, "pending")), (0, 510));
}

#[test]
fn text_comes_back_when_somebody_has_changed_the_comment_meanwhile() {
    let server = server("http-admin-conflict");
    let url = post_url("admin_conflict");
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    for (page, text) in [("edit", "A better text"), ("reply", "A long answer")] {
        let id = post(&server, &new_comment(&url, &format!("To {page}")));
        let address = format!("/admin/comments/{id}/{page}");
        let form = Form::find(&session.page(&format!("{address}?site={BLOG}")), &address).with("text", text);
        let form = if page == "reply" { form.with("approve", "on") } else { form };
        let items = json!([{"id": id, "revision": revision_of(&server, id)}]);
        api(&server, "POST", "actions", &json!({"action": "spam", "comments": items})).check_status(200);
        let conflict = session.post(&form.action, &form.fields()).send(&server);
        assert_eq!(conflict.status, 409, "{conflict:?}");
        assert!(conflict.text().contains("what you typed is still here"), "{conflict:?}");
        assert_eq!(state_of(&server, id), "spam");
        let again = Form::find(conflict.text(), &address);
        assert!(again.fields.contains(&("text".to_owned(), text.to_owned())), "{again:?}");
        let again = if page == "reply" { again.with("approve", "on") } else { again };
        assert_eq!(session.post(&again.action, &again.fields()).send(&server).status, 303, "{page}");
    }
}

#[test]
fn helper_answers_under_their_own_name() {
    let settings = [
        ("SITES", "https://blog.example https://other.example"),
        ("SIGNING_KEY", SIGNING_KEY),
        ("ADMIN_SECRETS", SECRETS),
        ("MODERATION", "open"),
    ];
    let server = Server::start("http-admin-reply-name", &settings, &[]);
    let id = post(&server, &new_comment("https://blog.example/post", "A question"));
    for (secret, shown) in
        [("he1per-he1per-he1per-he1per-he1per", "grace"), ("0wner-0wner-0wner-0wner-0wner-0wner", "The Owner")]
    {
        let session = BrowserSession::sign_in(&server, secret);
        let page = session.page(&format!("/admin/comments/{id}/reply"));
        assert_eq!(page.contains("name=\"name\""), shown != "grace", "only an owner has the field");
        let form = Form::find(&page, "/admin/comments/").with("text", "An answer").with("name", "The Owner");
        form.submit(&session);
        let thread = wait_for_thread(&server, "https://blog.example/post", if shown == "grace" { 2 } else { 3 });
        let last = thread.iter().max_by_key(|comment| comment.id).unwrap();
        assert_eq!((last.author.name.as_str(), last.author.owner), (shown, true));
    }
}

const SECRETS: &str = "ada:0wner-0wner-0wner-0wner-0wner-0wner grace/moderator:he1per-he1per-he1per-he1per-he1per \
                       eve@other.example:other-other-other-other-other-other";

#[test]
fn roles_and_sites_limit_the_pages() {
    let settings = [
        ("SITES", "https://blog.example https://other.example"),
        ("SIGNING_KEY", SIGNING_KEY),
        ("ADMIN_SECRETS", SECRETS),
        ("MODERATION", "all"),
    ];
    let server = Server::start("http-admin-roles", &settings, &[]);
    let id = post(&server, &new_comment("https://blog.example/post", "of the blog"));
    let helper = BrowserSession::sign_in(&server, "he1per-he1per-he1per-he1per-he1per");
    for path in ["/admin/settings", "/admin/transfer", &format!("/admin/comments/{id}/erase")] {
        assert_eq!(helper.get(&format!("{path}?site={BLOG}")).send(&server).status, 403, "{path}");
    }
    for (path, fields) in [("/admin/settings", &[("moderation", "open")][..]), ("/admin/import", &[])] {
        assert_eq!(helper.post(&format!("{path}?site={BLOG}"), fields).send(&server).status, 403, "{path}");
    }
    let erase = format!("{id}:1:{BLOG}");
    let uuid = "6f2d5c0e-5d5e-4d0e-9f0e-0000000000aa";
    let fields = [("comment", erase.as_str()), ("id", uuid), ("action", "erase")];
    assert_eq!(helper.post("/admin/act", &fields).send(&server).status, 400, "no form erases but that of the owner");
    let batch = json!({"id": uuid, "action": "erase", "comments": [{"id": id, "revision": 1}]});
    let call = helper.with_cookie(Request::new("POST", format!("/admin/api/actions?site={BLOG}")));
    let call =
        call.header("Content-Type", "application/json").header("Origin", server.origin()).body(batch.to_string());
    call.send(&server).check_refusal(Refusal::WrongRole);

    let other = BrowserSession::sign_in(&server, "other-other-other-other-other-other");
    for path in [
        format!("/admin/queue?site={BLOG}"),
        format!("/admin/comments/{id}?site={BLOG}"),
        format!("/admin?site={BLOG}"),
        format!("/admin/audit?site={BLOG}"),
        format!("/admin/bans/new?site={BLOG}&comment={id}"),
    ] {
        let response = other.get(&path).send(&server);
        assert_eq!(response.status, 403, "{path}: {response:?}");
        response.check_omits("of the blog");
    }
    assert!(!other.page("/admin/queue").contains("of the blog"));
    let fields = [("comment", erase.as_str()), ("id", uuid), ("action", "approve")];
    assert_eq!(other.post("/admin/act", &fields).send(&server).status, 403);
    let owner = BrowserSession::sign_in(&server, "0wner-0wner-0wner-0wner-0wner-0wner");
    let page = owner.page("/admin/queue");
    assert!(page.contains("of the blog") && page.contains("https://other.example"), "one list and a chooser: {page}");
}

#[test]
fn queue_of_several_blogs_is_one_list_without_gaps() {
    let settings = [
        ("SITES", "https://blog.example https://other.example"),
        ("SIGNING_KEY", SIGNING_KEY),
        ("ADMIN_SECRETS", SECRETS),
        ("MODERATION", "all"),
    ];
    let server = Server::start("http-admin-merged", &settings, &[]);
    let sites = ["https://blog.example", "https://other.example"];
    let texts: Vec<String> = (0..70).map(|number| format!("text number {number}.")).collect();
    for (number, text) in texts.iter().enumerate() {
        post(&server, &new_comment(&format!("{}/post", sites[usize::from(number % 3 == 0)]), text));
    }
    let owner = BrowserSession::sign_in(&server, "0wner-0wner-0wner-0wner-0wner-0wner");
    let mut shown = Vec::new();
    let mut address = Some("/admin/queue".to_owned());
    while let Some(path) = address.take() {
        let page = owner.page(&path);
        let document = Html::parse_document(&page);
        let rows = Selector::parse("ol.rows article, ol.rows > li").unwrap();
        for row in document.select(&rows) {
            let row: String = row.text().collect();
            shown.extend(texts.iter().filter(|text| row.contains(text.as_str())).cloned());
        }
        let next = Selector::parse("nav.paging a[rel=next]").unwrap();
        address = document.select(&next).next().and_then(|link| link.attr("href")).map(str::to_owned);
    }
    shown.dedup();
    assert_eq!(shown.len(), texts.len(), "{shown:?}");
    assert_eq!(shown.into_iter().collect::<BTreeSet<_>>(), texts.into_iter().collect());
}

/// A link about a comment, as the Worker makes it.
#[expect(clippy::disallowed_methods, reason = "a link must match the real clock of the servers")]
fn link(server: &Server, id: CommentId, actions: &[LinkAction], (secret, age): (&str, i64)) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let site = Origin::parse(BLOG).unwrap();
    let target = LinkTarget { site: &site, comment: id, revision: revision_of(server, id) };
    let key = SigningKey::parse(SIGNING_KEY).unwrap();
    let moderators = Moderators::parse(&format!("ada:{secret}")).unwrap();
    let recipient = LinkRecipient { name: "ada", credential: moderators.credential_tag("ada", &key).unwrap() };
    let link = ModerationLink::new(target, actions, recipient, [7; 16], now - age);
    format!("/admin/link?token={}", link.token(&key))
}

fn press(server: &Server, link: &str, action: &str) -> Response {
    Request::post_form(link, &[("action", action)]).header("Origin", server.origin()).send(server)
}

#[test]
fn link_in_a_message_decides_once_and_only_by_its_button() {
    let server = server("http-admin-link");
    let id = post(&server, &new_comment(&post_url("admin_link"), "Decide about me"));
    let reply: Value =
        api(&server, "POST", &format!("comments/{id}/link"), &json!({"actions": ["approve", "spam"]})).json();
    let url = reply["url"].as_str().unwrap();
    let link = url.strip_prefix(&server.origin()).unwrap().to_owned();
    for _ in 0..3 {
        let page = Request::get(&*link).header("Sec-Fetch-Site", "cross-site").send(&server);
        assert!(page.status == 200 && page.text().contains("Decide about me"), "{page:?}");
        assert_eq!(state_of(&server, id), "pending", "a program that opens links decides nothing");
    }
    for headers in [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("X-Nothing", "")] {
        let forged = Request::post_form(&*link, &[("action", "approve")]).header(headers.0, headers.1);
        assert_eq!(forged.send(&server).status, 403, "{headers:?}");
    }
    assert_eq!(press(&server, &link, "delete").status, 400, "the link does not offer it");
    let done = press(&server, &link, "approve");
    assert_eq!((done.status, state_of(&server, id).as_str()), (303, "published"));
    let page = Request::get(done.header("location").unwrap()).send(&server);
    assert!(page.text().contains("Approved"), "{}", page.text());
    press(&server, &link, "spam");
    press(&server, &link, "approve");
    assert_eq!(state_of(&server, id), "published", "the link is spent");
    let again = Request::get(&*link).send(&server);
    assert!(!again.text().contains("name=\"action\""), "no button is left: {}", again.text());
    let log: Value = api(&server, "GET", "audit", &Value::Null).json();
    assert_eq!(log["audit"].as_array().map(Vec::len), Some(1), "{log}");
}

#[test]
fn link_that_is_old_changed_or_about_another_text_decides_nothing() {
    let server = server("http-admin-link-invalid");
    let id = post(&server, &new_comment(&post_url("admin_link_invalid"), "canary-7f3"));
    let valid = link(&server, id, &LinkAction::ALL, (MODERATOR_SECRET, 0));
    assert_eq!(Request::get(&*valid).send(&server).status, 200, "the test makes links as the Worker does");
    let expired = link(&server, id, &LinkAction::ALL, (MODERATOR_SECRET, LINK_SECONDS + 1));
    let of_former_secret = link(&server, id, &LinkAction::ALL, ("f0rmer-f0rmer-f0rmer-f0rmer-f0rmer", 0));
    let other = valid.replace("token=ada.", "token=eve.");
    for invalid in [
        expired,
        of_former_secret,
        other,
        valid[..valid.len() - 1].to_owned(),
        "/admin/link".to_owned(),
        "/admin/link?token=%3Cscript%3E".to_owned(),
    ] {
        let page = Request::get(&*invalid).send(&server);
        assert_eq!(page.status, 403, "{invalid}");
        page.check_omits("canary-7f3");
        page.check_omits("<script>");
        assert_eq!(press(&server, &invalid, "approve").status, 403, "{invalid}");
    }
    api(
        &server,
        "POST",
        &format!("comments/{id}/edit"),
        &json!({
            "id": "6f2d5c0e-5d5e-4d0e-9f0e-0000000000ab", "revision": revision_of(&server, id), "text": "another text",
        }),
    )
    .check_status(200);
    press(&server, &valid, "approve");
    assert_eq!(state_of(&server, id), "pending", "nobody approves a text that they have not seen");
}

/// The addresses of the moderators' pages to which a page leads.
fn links(page: &str) -> Vec<String> {
    let document = Html::parse_document(page);
    let selector = Selector::parse("a[href], link[href], form[method=get]").unwrap();
    let links = document.select(&selector);
    let address = |link: ElementRef<'_>| link.attr("href").or(link.attr("action")).map(str::to_owned);
    let mut found: Vec<String> = links.filter_map(address).filter(|address| address.starts_with("/admin")).collect();
    found.iter_mut().for_each(|address| address.truncate(address.find('#').unwrap_or(address.len())));
    found
}

/// An address without the one to which the form on its page returns: the page is the same.
fn without_back(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let rest: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("back=")).collect();
    format!("{path}?{}", rest.join("&"))
}

/// Opens the pages of the moderators, each in one form, and at most so many. Returns their addresses with what is shown.
fn crawl(session: &BrowserSession<'_>, server: &Server, limit: usize) -> Vec<(String, String)> {
    let mut seen = BTreeSet::from([without_back("/admin")]);
    let (mut open, mut pages) = (VecDeque::from(["/admin".to_owned()]), Vec::new());
    while let Some(address) = open.pop_front().filter(|_| pages.len() < limit) {
        let response = session.get(&address).send(server);
        if address.starts_with("/admin/on-page?") {
            let location = response.header("location").unwrap_or_default();
            assert!(response.status == 303 && location.starts_with(BLOG), "{address}: {response:?}");
            continue;
        }
        assert_eq!(response.status, 200, "{address}: {response:?}");
        if !response.header("content-type").unwrap_or_default().starts_with("text/html") {
            continue;
        }
        let page = response.text().to_owned();
        open.extend(links(&page).into_iter().filter(|address| seen.insert(without_back(address))));
        pages.push((address, page));
    }
    pages
}

#[test]
fn crawler_that_follows_every_link_changes_nothing() {
    let server = server("http-admin-crawler");
    let url = post_url("admin_crawler");
    let ids: Vec<CommentId> =
        (0..4).map(|number| post(&server, &new_comment(&url, &format!("number {number}")))).collect();
    for (id, action) in ids.iter().zip(["approve", "spam", "delete"]) {
        let batch = json!({"action": action, "comments": [{"id": id, "revision": revision_of(&server, *id)}]});
        api(&server, "POST", "actions", &batch).check_status(200);
    }
    api(&server, "POST", "bans", &json!({"kind": "name", "pattern": "Eve*"})).check_status(200);
    let link = link(&server, ids[3], &LinkAction::ALL, (MODERATOR_SECRET, 0));
    let before = export(&server);
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let pages = crawl(&session, &server, MAX_PAGES);
    assert!(pages.len() < MAX_PAGES, "the crawler does not end");
    for path in ADMIN_PAGES {
        assert!(pages.iter().any(|(address, _)| address.split('?').next() == Some(path)), "the crawler finds {path}");
    }
    Request::get(&*link).send(&server).check_status(200);
    assert_eq!(export(&server), before);
}

/// Fails if a page has an element that only an attack can have made.
fn check_markup(address: &str, page: &str) {
    let document = Html::parse_document(page);
    for element in document.select(&Selector::parse("*").unwrap()) {
        let (name, value) = (element.value().name(), element.value());
        assert!(
            !matches!(name, "iframe" | "object" | "embed" | "img" | "style" | "base" | "video" | "audio" | "math"),
            "{address}: <{name}>"
        );
        if name == "script" {
            assert!(
                value.attr("src").is_some_and(|src| src.starts_with("/assets/") || src == "/import.js"),
                "{address}: an inline script"
            );
            assert_eq!(element.text().collect::<String>().trim(), "", "{address}");
        }
        for (attribute, text) in value.attrs() {
            assert!(
                !attribute.starts_with("on") && attribute != "style" && attribute != "srcdoc",
                "{address}: {attribute}"
            );
            if matches!(attribute, "href" | "src" | "action" | "formaction") {
                let is_safe = ["/", "#", "https://", "http://", "mailto:"].iter().any(|start| text.starts_with(start));
                assert!(is_safe, "{address}: {attribute}={text}");
            }
        }
    }
}

#[test]
fn attack_strings_are_text_on_every_page() {
    let server = server("http-admin-attacks");
    let url = post_url("admin_attacks");
    let strings: Vec<String> =
        attacks(&root().join("tests/attacks")).iter().map(|attack| attack.text().into_owned()).collect();
    let mut accepted = 0;
    for (number, text) in strings.iter().enumerate().step_by(strings.len().div_ceil(120)) {
        let field = |at: usize| (number % 4 == at).then(|| text.clone());
        let comment = NewComment {
            title: field(0).or(Some("A title".to_owned())),
            name: field(1).or(Some("Ada".to_owned())),
            website: field(2),
            ..new_comment(&url, if number % 4 == 3 { text } else { "Text" })
        };
        accepted += usize::from(Request::post_comment(&comment).send(&server).status == 201);
        let name = text.chars().take(80).collect::<String>();
        let ban = json!({"kind": "name", "pattern": name, "reason": name});
        let response = api(&server, "POST", "bans", &ban);
        assert!(response.status < 500, "{response:?}");
    }
    assert!(accepted > 40, "{accepted} comments were accepted");
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let pages = crawl(&session, &server, 200);
    assert!(pages.len() > 50, "{} pages", pages.len());
    for (address, page) in &pages {
        check_markup(address, page);
    }
    for text in strings.iter().step_by(strings.len().div_ceil(15)) {
        for parameter in
            ["search", "author", "post", "view", "list", "after", "done", "others", "saved", "from", "back"]
        {
            let response = session.get("/admin/queue").query(&[("site", BLOG), (parameter, text)]).send(&server);
            assert!(response.status < 500, "{parameter}: {response:?}");
            check_markup(parameter, response.text());
        }
    }
}

#[test]
fn every_page_forbids_framing_caching_and_inline_code() {
    let server = server("http-admin-headers");
    post(&server, &new_comment(&post_url("admin_headers"), "Text"));
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    for (address, _) in &crawl(&session, &server, 40) {
        let response = session.get(address).send(&server);
        let policy = response.header("content-security-policy").unwrap();
        for directive in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(directive), "{address}: {policy}");
        }
        assert_eq!(response.header("cache-control").as_deref(), Some("no-store"), "{address}");
        assert_eq!(response.header("referrer-policy").as_deref(), Some("same-origin"), "{address}");
    }
}

#[test]
fn script_gets_json_for_the_same_forms() {
    let server = server("http-admin-json");
    let id = post(&server, &new_comment(&post_url("admin_json"), "Text"));
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    let form = Form::of_first_comment(&session.page(&queue("pending"))).with("action", "approve");
    let accept = "application/json, text/html;q=0.9";
    let done: Value = session.post("/admin/act", &form.fields()).header("Accept", accept).send(&server).json();
    assert_eq!((&done["results"][0]["id"], &done["results"][0]["outcome"]), (&json!(id), &json!("done")));
    assert_eq!((&done["counts"]["pending"]["count"], &done["counts"]["spam"]["count"]), (&json!(0), &json!(0)));
    assert_eq!(done["results"][0]["site"], json!(BLOG));
    let since: Value = session.get("/admin/api/changes").query(&[("site", BLOG), ("since", "0")]).send(&server).json();
    assert_eq!(since["audit"][0]["comment"], json!(id), "{since}");
    let batch = done["id"].as_str().unwrap();
    let undo = [("batch", batch), ("id", "6f2d5c0e-5d5e-4d0e-9f0e-0000000000ac"), ("site", BLOG)];
    let undone: Value = session.post("/admin/undo", &undo).header("Accept", accept).send(&server).json();
    assert_eq!((&undone["results"][0]["outcome"], state_of(&server, id).as_str()), (&json!("done"), "pending"));
}

#[test]
fn unknown_things_are_not_found() {
    let server = server("http-admin-unknown");
    let session = BrowserSession::sign_in(&server, MODERATOR_SECRET);
    for path in
        ["/admin/comments/99", "/admin/comments/99/edit", "/admin/comments/x", "/admin/authors/", "/admin/authors/a/b"]
    {
        assert_eq!(session.get(&format!("{path}?site={BLOG}")).send(&server).status, 404, "{path}");
    }
    for path in ["/admin/queue?list=all", "/admin/queue?from=yesterday", "/admin/queue?after=x", "/admin/audit?batch=1"]
    {
        assert_eq!(session.get(&format!("{path}&site={BLOG}")).send(&server).status, 400, "{path}");
    }
    let with_secret = Request::get("/admin/queue").header("Authorization", MODERATOR_AUTHORIZATION).send(&server);
    assert_eq!(with_secret.status, 200, "a secret opens pages too");
}
