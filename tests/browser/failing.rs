//! The Worker is out of reach: the reader is told, nothing is lost, nothing is posted twice.

use afterword_tests::{Browser, HostPage, Look, MAIN, Server, post_url, until_async, whole_thread};
use serde_json::json;

use crate::{HOST, OPEN, written};

#[tokio::test]
async fn a_thread_that_cannot_be_loaded_says_so_and_comes_with_a_second_try() {
    written("down_at_load", &[("Worth waiting for", None)]);
    let page = HOST.publish(&HostPage::new(&OPEN, "down_at_load"));
    let reader = Browser::open(Look::default()).await;
    reader.command("Network.enable", json!({})).await;
    reader.command("Network.setBlockedURLs", json!({"urls": ["*/v1/*"]})).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    assert!(!widget.find("[role=alert]").await.text().await.unwrap().is_empty());
    let link = widget.find("a[href*='/thread?url=']").await.attr("href").await.unwrap().unwrap_or_default();
    assert!(link.starts_with(&OPEN.origin()), "{link}");
    widget.find("button").await.click().await.unwrap();
    widget.find("[role=alert]").await;
    reader.command("Network.setBlockedURLs", json!({"urls": []})).await;
    widget.find("button:enabled").await.click().await.unwrap();
    widget.wait_texts(&["Worth waiting for"]).await;
    assert_eq!(widget.count("[role=alert]").await, 0);
    widget.post("Ada", "And it works").await;
    widget.wait_texts(&["Worth waiting for", "And it works"]).await;
    reader.close().await;
}

#[tokio::test]
async fn a_language_that_nobody_speaks_is_no_reason_to_say_nothing() {
    let reader = Browser::open(Look::default()).await;
    reader.command("Network.enable", json!({})).await;
    reader.command("Network.setBlockedURLs", json!({"urls": ["*/v1/*"]})).await;
    for lang in ["constructor", "__proto__", "toString", "tlh"] {
        let page = HostPage::new(&OPEN, "down_in_any_language").script_attributes(&format!("data-lang=\"{lang}\""));
        reader.visit(&HOST.publish(&page)).await;
        assert!(!reader.widget().find("[role=alert]").await.text().await.unwrap().is_empty(), "{lang}");
    }
    reader.close().await;
}

#[tokio::test]
async fn a_comment_outlives_a_worker_that_is_down() {
    let server = Server::moderated("browser-down", "open");
    let page = HOST.publish(&HostPage::new(&server, "down_at_post"));
    let mut reader = Browser::open(Look::default()).await;
    reader.expect_error("ERR_CONNECTION_REFUSED");
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.post("Ada", "Before the storm").await;
    let shown = widget.wait_texts(&["Before the storm"]).await;
    let reply = widget.open_reply(&shown[0].id).await;
    widget.fill(&reply, &[("text", "An answer in the storm")]).await;

    let killed = server.kill();
    widget.fill(MAIN, &[("text", "In the storm")]).await;
    widget.submit(MAIN).await;
    assert!(!widget.wait_error(MAIN, "form").await.is_empty());
    assert_eq!(widget.value(MAIN, "text").await, "In the storm");
    widget.submit(&reply).await;
    assert!(!widget.wait_error(&reply, "form").await.is_empty());
    assert_eq!(widget.value(&reply, "text").await, "An answer in the storm");

    let server = killed.restart();
    widget.submit(MAIN).await;
    widget.wait_texts(&["Before the storm", "In the storm"]).await;
    widget.submit(&reply).await;
    let texts = ["Before the storm", "An answer in the storm", "In the storm"];
    widget.wait_texts(&texts).await;
    whole_thread(&server, &post_url("down_at_post"), 3);
    reader.reload().await;
    widget.wait_texts(&texts).await;
    reader.close().await;
}

/// Loses the first answer to a comment.
const LOSSY: &str = "
    const real = fetch;
    fetch = async (request, options) => {
        const answer = await real(request, options);
        if (String(request.url ?? request).endsWith('/v1/comments')) {
            fetch = real;
            throw new TypeError('the answer is lost');
        }
        return answer;
    };";

#[tokio::test]
async fn a_comment_whose_name_was_removed_is_posted_once_too() {
    let reader = Browser::open(Look::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "lost_name_before"))).await;
    reader.widget().post("Ada", "With a name").await;
    reader.widget().wait_texts(&["With a name"]).await;

    let page = HOST.publish(&HostPage::new(&OPEN, "lost_name"));
    let injected = reader.inject(LOSSY).await;
    reader.visit(&page).await;
    reader.eject(injected).await;
    let widget = reader.widget();
    let look = async || {
        let name = widget.value(MAIN, "name").await;
        if name == "Ada" { Ok(()) } else { Err(name) }
    };
    until_async("the remembered name", look).await;
    widget.post("", "Without one").await;
    assert!(!widget.wait_error(MAIN, "form").await.is_empty());
    whole_thread(&OPEN, &post_url("lost_name"), 1);
    reader.reload().await;
    widget.find(".aw-restored").await;
    assert_eq!(widget.value(MAIN, "name").await, "", "what was cleared stays cleared");
    widget.submit(MAIN).await;
    widget.wait_status().await;
    whole_thread(&OPEN, &post_url("lost_name"), 1);
    reader.close().await;
}

#[tokio::test]
async fn a_comment_whose_answer_was_lost_is_posted_once() {
    let page = HOST.publish(&HostPage::new(&OPEN, "lost_answer"));
    let reader = Browser::open(Look::default()).await;
    let injected = reader.inject(LOSSY).await;
    reader.visit(&page).await;
    reader.eject(injected).await;
    let widget = reader.widget();
    widget.post("Ada", "Only once").await;
    assert!(!widget.wait_error(MAIN, "form").await.is_empty());
    assert_eq!(widget.value(MAIN, "text").await, "Only once");
    // Even a reload between the two tries makes no second comment.
    whole_thread(&OPEN, &post_url("lost_answer"), 1);
    reader.reload().await;
    widget.wait_texts(&["Only once"]).await;
    widget.find(".aw-restored").await;
    assert_eq!(widget.value(MAIN, "text").await, "Only once");
    widget.submit(MAIN).await;
    widget.wait_status().await;
    whole_thread(&OPEN, &post_url("lost_answer"), 1);
    widget.wait_texts(&["Only once"]).await;
    assert_eq!(widget.value(MAIN, "text").await, "");
    reader.close().await;
}
