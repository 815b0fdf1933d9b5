//! The import page: files of other systems are read in the browser and move in.

use afterword_tests::{
    Browser, BrowserOptions, COMMENTS, HostSite, MODERATOR_SECRET, POSTS, Request, Server, attacks, blogger_backup,
    old_comments, old_post_path, root, wait_until_async,
};
use serde_json::Value;

const BLOG: &str = "https://blog.example";
/// Expression for the visible heading of a step.
const HEADINGS: &str =
    "return [...document.querySelectorAll('#move-in section:not([hidden]) h3')].map(h => h.textContent)";

async fn wait_for(owner: &Browser, description: &str, script: &str) {
    let poll = async || match owner.run(script, Vec::new()).await {
        Value::Bool(true) => Ok(()),
        other => Err(other),
    };
    wait_until_async(description, poll).await;
}

async fn wait_for_step(owner: &Browser, number: char) {
    let poll = async || {
        let headings = owner.run(HEADINGS, Vec::new()).await;
        let is_there = headings
            .as_array()
            .is_some_and(|all| all.iter().any(|text| text.as_str().is_some_and(|text| text.starts_with(number))));
        let text = owner.run("return document.querySelector('#move-in').innerText", Vec::new()).await;
        if is_there { Ok(()) } else { Err(text) }
    };
    wait_until_async(&format!("step {number}"), poll).await;
}

async fn open_page(owner: &Browser, server: &Server) {
    owner.visit(&format!("{}/admin/transfer?site={BLOG}", server.origin())).await;
    owner.find("[name=secret]").await.send_keys(MODERATOR_SECRET).await.expect("the field takes text");
    owner.find("main button.main").await.click().await.expect("the form is sent");
    wait_for(owner, "the import page", "return !!document.querySelector('#move-in:not([hidden]) input[type=file]')")
        .await;
}

async fn choose(owner: &Browser, file: &std::path::Path) {
    let input = owner.find("#move-in input[type=file]").await;
    input.send_keys(file.to_str().expect("a path of text")).await.expect("the field takes a file");
}

async fn press(owner: &Browser, text: &str) {
    let script = "const button = [...document.querySelectorAll('#move-in button')].find(b => b.textContent == arguments[0] && b.getClientRects().length);\
                  button?.click(); return !!button";
    let pressed = owner.run(script, vec![text.into()]).await;
    assert_eq!(pressed, Value::Bool(true), "there is no button {text}");
}

/// Number of published comments of the blog.
fn published(server: &Server) -> u64 {
    let request = Request::as_moderator("GET", "/admin/api/comments").query(&[("list", "published"), ("limit", "1")]);
    request.send(server).json::<Value>()["counts"]["published"]["count"].as_u64().expect("a number")
}

/// Saves a picture of a step if `AFTERWORD_SCREENSHOTS` names a folder.
async fn picture(owner: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("AFTERWORD_SCREENSHOTS") {
        owner.save_screenshot(owner_width(name), &std::path::Path::new(&folder).join(format!("{name}.png"))).await;
    }
}

fn owner_width(name: &str) -> u32 {
    if name.contains("phone") { 360 } else { 1_000 }
}

#[tokio::test]
async fn old_blogger_blog_moves_in_whole() {
    let server = Server::with_moderation("browser-moving-in", "open");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("blog-01-01-2020.xml");
    std::fs::write(&file, blogger_backup("old.blogspot.com")).expect("the file is written");
    let owner = Browser::open(BrowserOptions::default()).await;
    open_page(&owner, &server).await;
    let mut violations = owner.axe_violations().await;
    picture(&owner, "1-files").await;
    choose(&owner, &file).await;
    wait_for_step(&owner, '2').await;
    violations.extend(owner.axe_violations().await);
    picture(&owner, "2-found").await;
    press(&owner, "Show what will come").await;
    wait_for_step(&owner, '3').await;
    violations.extend(owner.axe_violations().await);
    picture(&owner, "3-coming").await;
    assert_eq!(published(&server), 0, "nothing is uploaded before the owner says so");
    press(&owner, "Compare with what is there").await;
    let compared = "return /are new; 0 are there already/.test(document.querySelector('#move-in').textContent)";
    wait_for(&owner, "the comparison", compared).await;
    assert_eq!(published(&server), 0, "a comparison stores nothing");
    press(&owner, "Upload").await;
    wait_for_step(&owner, '5').await;
    violations.extend(owner.axe_violations().await);
    picture(&owner, "5-done").await;
    assert_eq!(violations, Vec::<String>::new());
    let deleted = old_comments().iter().filter(|comment| comment.is_deleted).count() as u64;
    assert_eq!(published(&server), u64::from(COMMENTS) - deleted);
    check_threads(&owner, &server).await;
    owner.close().await;
}

/// Every thread is on a page of the example template for Blogger, with its comments in their places.
async fn check_threads(owner: &Browser, server: &Server) {
    let template = std::fs::read_to_string(root().join("examples/blogger/rendered/post.html")).expect("the example");
    let site = HostSite::start();
    for post in [0, POSTS / 2, POSTS - 1] {
        let path = old_post_path(post);
        let page = template.replace("/2006/03/rain.html", &path);
        site.publish_text(&path, page.as_bytes(), &[], server);
        owner.visit(&format!("{}{path}", site.origin())).await;
        let comments = old_comments();
        let visible: Vec<_> = comments.iter().filter(|comment| comment.post == post && !comment.is_deleted).collect();
        let poll = async || {
            let text = owner.widget().run("return root.textContent", Vec::new()).await;
            let text = text.as_str().unwrap_or_default().to_owned();
            let missing: Vec<_> =
                visible.iter().filter(|comment| !text.contains(&format!("Comment {} with", comment.number))).collect();
            if missing.is_empty() { Ok(()) } else { Err(format!("{missing:?} are not in {text}")) }
        };
        wait_until_async("the comments of the post", poll).await;
        picture(owner, &format!("6-thread-{post}")).await;
    }
}

#[tokio::test]
async fn phone_dark_and_right_to_left_owners_can_move_in() {
    let server = Server::with_moderation("browser-moving-phone", "open");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("backup.xml");
    std::fs::write(&file, blogger_backup("old.blogspot.com")).expect("the file is written");
    let phone =
        Browser::open(BrowserOptions { width: 360, height: 740, dark: true, ..BrowserOptions::default() }).await;
    open_page(&phone, &server).await;
    phone.run("document.documentElement.dir = 'rtl'", Vec::new()).await;
    choose(&phone, &file).await;
    wait_for_step(&phone, '2').await;
    press(&phone, "Show what will come").await;
    wait_for_step(&phone, '3').await;
    let overflow = "return document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth";
    assert_eq!(phone.run(overflow, Vec::new()).await, Value::Bool(true), "the page is wider than the screen");
    assert_eq!(phone.axe_violations().await, Vec::<String>::new());
    picture(&phone, "phone-rtl-dark").await;
    phone.close().await;
}

#[tokio::test]
async fn attacks_in_every_field_stay_text() {
    let server = Server::with_moderation("browser-moving-attacks", "open");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("comments.csv");
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\"").replace('\0', ""));
    let mut table = String::from("id,url,title,name,email,website,date,text\n");
    for (number, attack) in attacks(&root().join("tests/attacks")).iter().take(300).enumerate() {
        let text = quoted(&attack.text());
        table += &format!(
            "{},https://blog.example/attack-{},{text},{text},{text},{text},2015-03-04T05:06:07Z,{text}\n",
            quoted(&format!("{number} {}", attack.text())),
            number % 9
        );
    }
    std::fs::write(&file, table).expect("the file is written");
    let owner = Browser::open(BrowserOptions::default()).await;
    open_page(&owner, &server).await;
    choose(&owner, &file).await;
    wait_for_step(&owner, '2').await;
    press(&owner, "Show what will come").await;
    wait_for_step(&owner, '3').await;
    press(&owner, "Upload").await;
    wait_for_step(&owner, '5').await;
    assert!(published(&server) > 200);
    // An exception, a dialog or a message of the policy fails the test when the browser is closed.
    owner.visit(&format!("{}/admin/threads?site={BLOG}", server.origin())).await;
    owner.visit(&format!("{}/admin/queue?site={BLOG}&list=published", server.origin())).await;
    owner.close().await;
}

#[tokio::test]
async fn export_for_other_systems_is_converted_in_the_browser() {
    let server = Server::with_moderation("browser-moving-out", "open");
    let file = afterword_tests::generate_export(120, 40);
    assert_eq!(afterword_tests::import(&server, file).status, 200);
    let owner = Browser::open(BrowserOptions::default()).await;
    open_page(&owner, &server).await;
    // The file is kept from the download, so that the test can read it.
    let keep = "const make = URL.createObjectURL; URL.createObjectURL = (blob) => { blob.text().then((text) => (window.kept = text)); return make.call(URL, blob) }";
    owner.run(keep, Vec::new()).await;
    owner.run("document.querySelector('#export-tool button').click()", Vec::new()).await;
    wait_for(&owner, "the file", "return !!window.kept && /120 comments are in the file/.test(document.querySelector('#export-tool').textContent)").await;
    let text = owner.run("return window.kept", Vec::new()).await;
    let text = text.as_str().expect("a text");
    assert_eq!(text.matches("<wp:comment_id>").count(), 120);
    owner.close().await;
}

#[tokio::test]
async fn owner_without_javascript_is_told_of_the_command() {
    let server = Server::with_moderation("browser-moving-plain", "open");
    let owner = Browser::open(BrowserOptions { javascript: false, ..BrowserOptions::default() }).await;
    owner.visit(&format!("{}/admin/transfer?site={BLOG}", server.origin())).await;
    owner.find("[name=secret]").await.send_keys(MODERATOR_SECRET).await.expect("the field takes text");
    owner.find("main button.main").await.click().await.expect("the form is sent");
    let text = owner.find("#import-plain").await.text().await.expect("the section has a text");
    assert!(text.contains("npx afterword import FILE --site https://blog.example"), "{text}");
    assert!(owner.find("#import-form [type=submit]").await.is_displayed().await.expect("the form is there"));
    owner.close().await;
}
