//! Moderation on the blog's own page: from the address of the moderators' pages to decisions, undo and answers in the widget.

use afterword_model::{CommentId, PostedComment};
use afterword_tests::{
    Browser, BrowserOptions, BrowserSession, HostPage, MODERATOR_SECRET, Request, Server, new_comment, post_url,
    wait_for_thread,
};

use crate::HOST;

fn post(server: &Server, name: &str, text: &str) -> CommentId {
    Request::post_comment(&new_comment(&post_url(name), text)).send(server).json::<PostedComment>().comment.id
}

/// The fragment with which the moderators' pages lead to a post.
fn fragment(server: &Server, name: &str) -> String {
    let session = BrowserSession::sign_in(server, MODERATOR_SECRET);
    let response = session.get("/admin/on-page").query(&[("post", &*post_url(name))]).send(server);
    let location = response.header("location").expect("a redirect has a location");
    location.split_once('#').expect("the address has a code").1.to_owned()
}

/// Presses the first button in the panel with this text.
async fn press(moderator: &Browser, place: &str, text: &str) {
    let script = format!(
        "const button = [...root.querySelectorAll('{place} button')].find((it) => it.checkVisibility() && it.textContent.startsWith('{text}'));
         if (!button) return false;
         button.click();
         return true;"
    );
    assert_eq!(moderator.widget().run(&script, Vec::new()).await, true, "{text} in {place}");
}

#[tokio::test]
async fn moderator_decides_on_the_blogs_page() {
    let server = Server::with_moderation("browser-on-page", "all");
    post(&server, "on_page", "Please publish me");
    let page = HOST.publish(&HostPage::new(&server, "on_page"));
    let moderator = Browser::open(BrowserOptions::default()).await;
    moderator.visit(&format!("{page}#{}", fragment(&server, "on_page"))).await;
    let shown = moderator.widget().find(".aw-moderation .aw-text").await;
    assert_eq!(shown.text().await.expect("the text is visible"), "Please publish me");
    assert!(!moderator.current_url().await.contains("moderate"), "the code leaves the address at once");
    press(&moderator, ".aw-moderation", "Approve").await;
    moderator.widget().wait_for_focus(".aw-moderation .aw-hint button").await;
    wait_for_thread(&server, &post_url("on_page"), 1);
    press(&moderator, ".aw-moderation", "Undo").await;
    moderator.widget().wait_to_hear("Undone.").await;
    wait_for_thread(&server, &post_url("on_page"), 0);
    // The tab stays signed in, and an answer publishes both.
    moderator.visit(&page).await;
    moderator.widget().find(".aw-moderation .aw-text").await;
    press(&moderator, ".aw-moderation", "Approve and reply").await;
    moderator.widget().find(".aw-moderation textarea").await.send_keys("Welcome here").await.expect("it takes text");
    press(&moderator, ".aw-moderation", "Publish").await;
    let thread = wait_for_thread(&server, &post_url("on_page"), 2);
    assert!(thread[1].author.owner && thread[1].html.as_str().contains("Welcome here"));
    assert_eq!(moderator.axe_violations().await, Vec::<String>::new());
    moderator.close().await;
}

#[tokio::test]
async fn moderator_removes_a_published_comment_from_its_menu() {
    let server = Server::with_moderation("browser-on-page-menu", "open");
    let id = post(&server, "on_page_menu", "Buy pills");
    wait_for_thread(&server, &post_url("on_page_menu"), 1);
    let page = HOST.publish(&HostPage::new(&server, "on_page_menu"));
    let moderator = Browser::open(BrowserOptions::default()).await;
    moderator.visit(&format!("{page}#{}", fragment(&server, "on_page_menu"))).await;
    moderator.widget().wait_until("the panel", "!!root.querySelector('.aw-moderation')").await;
    let item = format!("#comment-{id}");
    moderator.widget().find(&format!("{item} .aw-menu > summary")).await.click().await.expect("the menu opens");
    let buttons = format!("root.querySelectorAll('{item} .aw-moderate-items button').length > 3");
    moderator.widget().wait_until("the decisions", &buttons).await;
    press(&moderator, &format!("{item} .aw-moderate-items"), "Spam").await;
    wait_for_thread(&server, &post_url("on_page_menu"), 0);
    press(&moderator, &format!("{item} .aw-moderate-items"), "Undo").await;
    wait_for_thread(&server, &post_url("on_page_menu"), 1);
    press(&moderator, ".aw-moderation", "Stop").await;
    moderator.widget().wait_until("the end", "!root.querySelector('.aw-moderation, .aw-moderate-items')").await;
    moderator.visit(&page).await;
    moderator.widget().wait_until_running().await;
    assert_eq!(moderator.widget().count(".aw-moderation").await, 0, "the tab is signed out");
    moderator.close().await;
}

#[tokio::test]
async fn readers_load_nothing_of_moderation_and_a_used_code_says_so() {
    let server = Server::with_moderation("browser-on-page-reader", "open");
    post(&server, "on_page_reader", "Hello");
    wait_for_thread(&server, &post_url("on_page_reader"), 1);
    let page = HOST.publish(&HostPage::new(&server, "on_page_reader"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    reader.widget().wait_until_running().await;
    let requests = reader.requests().await;
    assert!(requests.iter().all(|request| !request.contains("moderat")), "{requests:?}");
    reader.close().await;
    let code = fragment(&server, "on_page_reader");
    let mut second = Browser::open(BrowserOptions::default()).await;
    second.expect_console_error("status of 401");
    for expected in ["Nothing waits", "has ended"] {
        second.visit(&page).await;
        second.run("sessionStorage.clear()", Vec::new()).await;
        second.visit("about:blank").await;
        second.visit(&format!("{page}#{code}")).await;
        let script = format!("root.querySelector('.aw-moderation')?.textContent.includes('{expected}')");
        second.widget().wait_until(expected, &script).await;
    }
    second.close().await;
}
