//! The pages of moderators: from the first visit to the first approved comment, by keyboard, on a phone, and without JavaScript.

use afterword_model::{CommentId, PostedComment};
use afterword_tests::{
    Browser, BrowserOptions, MODERATOR_SECRET, Request, Server, is_whole_run, new_comment, post_url, wait_for_thread,
    wait_until_async,
};
use serde_json::Value;

const BLOG: &str = "https://blog.example";

fn post(server: &Server, name: &str, text: &str) -> CommentId {
    Request::post_comment(&new_comment(&post_url(name), text)).send(server).json::<PostedComment>().comment.id
}

/// Number of comments of the test blog in a list.
fn count(server: &Server, list: &str) -> u64 {
    let request = Request::as_moderator("GET", "/admin/api/comments").query(&[("list", list), ("limit", "1")]);
    request.send(server).json::<Value>()["counts"][list]["count"].as_u64().expect("a number")
}

async fn sign_in(reader: &Browser, server: &Server, path: &str) {
    reader.visit(&format!("{}{path}", server.origin())).await;
    reader.find("[name=secret]").await.send_keys(MODERATOR_SECRET).await.expect("the field takes text");
    reader.find("main button.main").await.click().await.expect("the form is sent");
    reader.wait_for_url(path.split('?').next().unwrap_or_default()).await;
    wait_for(reader, "the page after the sign-in", "return !document.querySelector('[name=secret]')").await;
}

async fn wait_for(reader: &Browser, description: &str, script: &str) {
    let poll = async || match reader.run(script, Vec::new()).await {
        Value::Bool(true) => Ok(()),
        other => Err(other),
    };
    wait_until_async(description, poll).await;
}

#[tokio::test]
async fn first_time_owner_reaches_the_first_approved_comment() {
    let sites = ("SITES", "https://blog.example=localhost,127.0.0.1 https://other.example");
    let settings = [sites, ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value"), ("MODERATION", "all")];
    let server = Server::start("browser-first-owner", &settings, &[]);
    post(&server, "first_owner", "My first comment");
    let owner = Browser::open(BrowserOptions::default()).await;
    owner.visit(&format!("{}/admin", server.origin())).await;
    let line = owner.find("pre code").await.text().await.expect("the page has a command");
    assert!(line.contains("wrangler secret put ADMIN_SECRETS") && !line.contains('\n'), "{line}");

    let secrets = format!("owner:{MODERATOR_SECRET}");
    let server = server.restart_with_settings(&[&settings[..], &[("ADMIN_SECRETS", &*secrets)]].concat());
    sign_in(&owner, &server, "/admin").await;
    owner.find("main a.button.main").await.click().await.expect("the overview leads to the queue");
    owner.wait_for_url("/admin/queue").await;
    let cookies = owner.cookies().await;
    let session =
        cookies.iter().find(|cookie| cookie["name"] == "__Host-afterword").expect("the browser keeps the cookie");
    assert_eq!(
        (&session["httpOnly"], &session["secure"], &session["sameSite"]),
        (&true.into(), &true.into(), &"Strict".into())
    );
    owner.find(".row [name=action][value=approve]").await.click().await.expect("the button is there");
    wait_for_thread(&server, &post_url("first_owner"), 1);
    owner.close().await;
}

#[tokio::test]
async fn comments_of_several_pages_take_one_key_each() {
    let comments: usize = if is_whole_run() { 200 } else { 100 };
    let server = Server::with_moderation("browser-keys", "all");
    for number in 0..comments {
        post(&server, "keys", &format!("Number {number}"));
    }
    let moderator = Browser::open(BrowserOptions::default()).await;
    sign_in(&moderator, &server, &format!("/admin/queue?site={BLOG}")).await;
    let mut keys = 0;
    moderator.press("j").await;
    keys += 1;
    loop {
        let rows = moderator
            .run("return document.querySelectorAll('.row').length", Vec::new())
            .await
            .as_u64()
            .expect("a number");
        for decided in 1..=rows {
            moderator.press("a").await;
            keys += 1;
            let script = format!("return document.querySelectorAll('.row[data-decided]').length === {decided}");
            wait_for(&moderator, "the comment to be decided", &script).await;
        }
        wait_until_async("the actions to arrive", async || match count(&server, "pending") {
            left if left.is_multiple_of(50) => Ok(()),
            left => Err(left),
        })
        .await;
        if count(&server, "pending") == 0 {
            break;
        }
        moderator.press("n").await;
        keys += 1;
        wait_for(
            &moderator,
            "the next page",
            "return !document.querySelector('.row[data-decided]') && !!document.querySelector('.row')",
        )
        .await;
        wait_for(&moderator, "the first comment to have the focus", "return !!document.activeElement.closest('.row')")
            .await;
    }
    println!("{keys} keys for {comments} comments");
    assert!(keys * 100 <= comments * 105, "{keys} keys for {comments} comments");
    assert_eq!(count(&server, "published"), comments as u64);
    moderator.close().await;
}

#[tokio::test]
async fn phone_of_360_pixels_is_wide_enough() {
    let server = Server::with_moderation("browser-phone", "all");
    let ids = [post(&server, "phone", "One"), post(&server, "phone", "Two with a long-word-".repeat(12).as_str())];
    let phone = Browser::open(BrowserOptions { width: 360, height: 740, ..BrowserOptions::default() }).await;
    phone.command("Emulation.setTouchEmulationEnabled", serde_json::json!({"enabled": true})).await;
    sign_in(&phone, &server, &format!("/admin/queue?site={BLOG}&view=one")).await;
    for page in [
        "/admin",
        "/admin/queue",
        "/admin/threads",
        "/admin/bans",
        "/admin/audit",
        "/admin/settings",
        "/admin/transfer",
    ] {
        phone.visit(&format!("{}{page}?site={BLOG}", server.origin())).await;
        assert!(!phone.overflows_horizontally().await, "{page} is wider than the screen");
    }
    phone.visit(&format!("{}/admin/queue?site={BLOG}&view=one", server.origin())).await;
    let button = format!(".row[data-id='{}'] [name=action][value=approve]", ids[0]);
    let size = phone
        .run(
            &format!(
                "const box = document.querySelector(\"{button}\").getBoundingClientRect(); return box.height >= 44"
            ),
            Vec::new(),
        )
        .await;
    assert_eq!(size, true, "a finger hits the button");
    phone.find(&button).await.click().await.expect("the button can be tapped");
    wait_until_async("the approval", async || match count(&server, "published") {
        1 => Ok(()),
        other => Err(other),
    })
    .await;
    phone.close().await;
}

#[tokio::test]
async fn moderator_without_javascript_approves_undoes_and_replies() {
    let server = Server::with_moderation("browser-plain-moderator", "all");
    let id = post(&server, "plain_moderator", "Hello");
    let moderator = Browser::open(BrowserOptions { javascript: false, ..BrowserOptions::DEFAULT }).await;
    let open = async |path: &str| moderator.visit(&format!("{}{path}", server.origin())).await;
    open(&format!("/admin/queue?site={BLOG}")).await;
    moderator.find("[name=secret]").await.send_keys(MODERATOR_SECRET).await.expect("the field takes text");
    moderator.find("main button.main").await.click().await.expect("the form is sent");
    moderator.wait_for_url("/admin/queue").await;
    moderator.find(".row [name=action][value=approve]").await.click().await.expect("the button is there");
    moderator.wait_for_url("done=").await;
    assert_eq!(count(&server, "published"), 1);
    moderator.find("#notice .undo button").await.click().await.expect("the undo is offered");
    moderator.wait_for_url("undone=").await;
    assert_eq!(count(&server, "pending"), 1);
    open(&format!("/admin/comments/{id}/reply?site={BLOG}")).await;
    moderator.find("#write [name=text]").await.send_keys("Welcome").await.expect("the field takes text");
    moderator.find("#write [name=approve]").await.click().await.expect("the button is there");
    moderator.wait_for_url("saved=reply").await;
    let shown = wait_for_thread(&server, &post_url("plain_moderator"), 2);
    assert!(shown[1].author.owner, "{shown:?}");
    moderator.close().await;
}

#[tokio::test]
async fn axe_finds_no_violations_on_the_moderators_pages() {
    let server = Server::with_moderation("browser-admin-axe", "all");
    let id = post(&server, "admin_axe", "Some *text* with a [link](https://ada.example/)");
    let mut found = Vec::new();
    for dark in [false, true] {
        let moderator = Browser::open(BrowserOptions { dark, ..BrowserOptions::default() }).await;
        moderator.visit(&format!("{}/admin/sign-in", server.origin())).await;
        found.extend(violations(&moderator, "sign-in").await);
        sign_in(&moderator, &server, "/admin").await;
        let mut pages: Vec<String> = [
            "",
            "/queue",
            "/threads",
            "/bans",
            "/bans/new",
            "/audit",
            "/settings",
            "/transfer",
            "/on-behalf",
            "/matching",
        ]
        .map(|page| format!("/admin{page}?site={BLOG}"))
        .into();
        pages.extend(
            ["", "/edit", "/reply", "/move", "/erase"].map(|page| format!("/admin/comments/{id}{page}?site={BLOG}")),
        );
        pages.extend(["compact", "one"].map(|view| format!("/admin/queue?site={BLOG}&view={view}")));
        // A quick run opens every other page in the dark.
        for page in pages.into_iter().step_by(if dark && !is_whole_run() { 2 } else { 1 }) {
            moderator.visit(&format!("{}{page}", server.origin())).await;
            found.extend(violations(&moderator, &page).await);
        }
        moderator.close().await;
    }
    assert_eq!(found, Vec::<String>::new());
}

async fn violations(reader: &Browser, page: &str) -> Vec<String> {
    reader.axe_violations().await.into_iter().map(|violation| format!("{page}: {violation}")).collect()
}
