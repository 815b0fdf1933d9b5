//! The Worker is unreachable: the reader sees an error, nothing is lost and nothing is posted twice.

use afterword_tests::{
    Browser, BrowserOptions, HostPage, MAIN_FORM, Server, post_url, wait_for_thread, wait_until_async,
};

use crate::{HOST, OPEN, post_thread};

#[tokio::test]
async fn failed_thread_load_shows_an_error_and_can_be_retried() {
    post_thread("down_at_load", &[("Worth waiting for", None)]);
    let page = HOST.publish(&HostPage::new(&OPEN, "down_at_load"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.block_requests(Some("/v1/")).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    assert!(!widget.find("[role=alert]").await.text().await.unwrap().is_empty());
    let link = widget.find("a[href*='/thread?url=']").await.attr("href").await.unwrap().unwrap_or_default();
    assert!(link.starts_with(&OPEN.origin()), "{link}");
    widget.find("button").await.click().await.unwrap();
    widget.find("[role=alert]").await;
    reader.block_requests(None).await;
    widget.find("button:enabled").await.click().await.unwrap();
    widget.wait_for_texts(&["Worth waiting for"]).await;
    assert_eq!(widget.count("[role=alert]:not(:empty)").await, 0);
    widget.post("Ada", "And it works").await;
    widget.wait_for_texts(&["Worth waiting for", "And it works"]).await;
    reader.close().await;
}

#[tokio::test]
async fn error_is_shown_for_an_unsupported_language() {
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.block_requests(Some("/v1/")).await;
    for lang in ["constructor", "__proto__", "toString", "tlh"] {
        let page = HostPage::new(&OPEN, "down_in_any_language").script_attributes(&format!("data-lang=\"{lang}\""));
        reader.visit(&HOST.publish(&page)).await;
        assert!(!reader.widget().find("[role=alert]").await.text().await.unwrap().is_empty(), "{lang}");
    }
    reader.close().await;
}

#[tokio::test]
async fn comment_survives_a_worker_that_is_down() {
    let server = Server::with_moderation("browser-down", "open");
    let page = HOST.publish(&HostPage::new(&server, "down_at_post"));
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("ERR_CONNECTION_REFUSED");
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.post("Ada", "Before the storm").await;
    let shown = widget.wait_for_texts(&["Before the storm"]).await;
    let reply = widget.open_reply(&shown[0].id).await;
    widget.fill(&reply, &[("text", "An answer in the storm")]).await;

    let killed = server.kill();
    widget.fill(MAIN_FORM, &[("text", "In the storm")]).await;
    widget.submit(MAIN_FORM).await;
    assert!(!widget.wait_for_error(MAIN_FORM, "form").await.is_empty());
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "In the storm");
    widget.submit(&reply).await;
    assert!(!widget.wait_for_error(&reply, "form").await.is_empty());
    assert_eq!(widget.field_value(&reply, "text").await, "An answer in the storm");

    let server = killed.restart();
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&["Before the storm", "In the storm"]).await;
    widget.submit(&reply).await;
    let texts = ["Before the storm", "An answer in the storm", "In the storm"];
    widget.wait_for_texts(&texts).await;
    wait_for_thread(&server, &post_url("down_at_post"), 3);
    reader.reload().await;
    widget.wait_for_texts(&texts).await;
    reader.close().await;
}

/// Loses the first response to a comment.
const LOSE_FIRST_RESPONSE: &str = "
    const real = fetch;
    fetch = async (request, options) => {
        const response = await real(request, options);
        if (String(request.url ?? request).endsWith('/v1/comments')) {
            fetch = real;
            throw new TypeError('the response is lost');
        }
        return response;
    };";

#[tokio::test]
async fn comment_with_removed_name_and_lost_response_is_posted_once() {
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "lost_name_before"))).await;
    reader.widget().post("Ada", "With a name").await;
    reader.widget().wait_for_texts(&["With a name"]).await;

    let page = HOST.publish(&HostPage::new(&OPEN, "lost_name"));
    let injected = reader.inject_script(LOSE_FIRST_RESPONSE).await;
    reader.visit(&page).await;
    reader.remove_script(injected).await;
    let widget = reader.widget();
    let poll = async || {
        let name = widget.field_value(MAIN_FORM, "name").await;
        if name == "Ada" { Ok(()) } else { Err(name) }
    };
    wait_until_async("the remembered name", poll).await;
    widget.post("", "Without one").await;
    assert!(!widget.wait_for_error(MAIN_FORM, "form").await.is_empty());
    wait_for_thread(&OPEN, &post_url("lost_name"), 1);
    reader.reload().await;
    widget.find(".aw-restored").await;
    assert_eq!(widget.field_value(MAIN_FORM, "name").await, "", "the cleared name stays empty");
    widget.submit(MAIN_FORM).await;
    widget.wait_for_status().await;
    wait_for_thread(&OPEN, &post_url("lost_name"), 1);
    reader.close().await;
}

#[tokio::test]
async fn comment_with_lost_response_is_posted_once() {
    let page = HOST.publish(&HostPage::new(&OPEN, "lost_answer"));
    let reader = Browser::open(BrowserOptions::default()).await;
    let injected = reader.inject_script(LOSE_FIRST_RESPONSE).await;
    reader.visit(&page).await;
    reader.remove_script(injected).await;
    let widget = reader.widget();
    widget.post("Ada", "Only once").await;
    assert!(!widget.wait_for_error(MAIN_FORM, "form").await.is_empty());
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "Only once");
    // A reload between the two attempts must not create a second comment.
    wait_for_thread(&OPEN, &post_url("lost_answer"), 1);
    reader.reload().await;
    widget.wait_for_texts(&["Only once"]).await;
    widget.find(".aw-restored").await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "Only once");
    widget.submit(MAIN_FORM).await;
    widget.wait_for_status().await;
    wait_for_thread(&OPEN, &post_url("lost_answer"), 1);
    widget.wait_for_texts(&["Only once"]).await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "");
    reader.close().await;
}
