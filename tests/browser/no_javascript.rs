//! Without JavaScript: the link in `<noscript>` leads to the Worker's page, which can be read and posted from.

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM, post_url, wait_for_thread, wait_until_async};

use crate::{HOST, OPEN, post_thread};

const NO_SCRIPT: BrowserOptions = BrowserOptions { javascript: false, ..BrowserOptions::DEFAULT };

/// Reloads the page until these comments are shown, because KV may lag behind.
async fn wait_reloading(reader: &Browser, texts: &[&str]) {
    let poll = async || {
        let shown: Vec<String> =
            reader.widget().shown_comments().await.into_iter().map(|comment| comment.text).collect();
        if shown == texts {
            return Ok(());
        }
        reader.reload().await;
        Err(shown)
    };
    wait_until_async("the comments on the page", poll).await;
}

#[tokio::test]
async fn reader_without_javascript_reads_posts_and_replies() {
    post_thread("plain_reader", &[("Already here", None)]);
    let page = HOST.publish(&HostPage::new(&OPEN, "plain_reader"));
    let reader = Browser::open(NO_SCRIPT).await;
    reader.visit(&page).await;
    assert!(reader.find("noscript").await.is_present().await.unwrap(), "the link exists without JavaScript");
    reader.find("#plain").await.click().await.unwrap();
    reader.wait_for_url("/thread?url=").await;
    let widget = reader.widget();
    let shown = widget.wait_for_texts(&["Already here"]).await;
    widget.post("Ada", "Without a *script*").await;
    reader.wait_for_url("posted=").await;
    wait_for_thread(&OPEN, &post_url("plain_reader"), 2);
    wait_reloading(&reader, &["Already here", "Without a script"]).await;

    widget.find(&format!("[data-reply=\"{}\"]", shown[0].id)).await.click().await.unwrap();
    reader.wait_for_url("#reply").await;
    widget.fill("#reply", &[("name", "Ada"), ("text", "An answer")]).await;
    widget.submit("#reply").await;
    reader.wait_for_url("posted=").await;
    wait_for_thread(&OPEN, &post_url("plain_reader"), 3);
    wait_reloading(&reader, &["Already here", "An answer", "Without a script"]).await;
    reader.close().await;
}

#[tokio::test]
async fn invalid_field_shows_an_error_and_keeps_the_input() {
    let mut reader = Browser::open(NO_SCRIPT).await;
    reader.expect_console_error("status of 422");
    reader.visit(&format!("{}/thread?url={}", OPEN.origin(), post_url("plain_mistake"))).await;
    let widget = reader.widget();
    widget.fill(MAIN_FORM, &[("name", "Ada"), ("text", "Kept"), ("email", "nonsense")]).await;
    widget.submit(MAIN_FORM).await;
    assert!(!widget.wait_for_error(MAIN_FORM, "email").await.is_empty());
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "Kept");
    widget.fill(MAIN_FORM, &[("email", "ada@example.example")]).await;
    widget.submit(MAIN_FORM).await;
    reader.wait_for_url("posted=").await;
    wait_for_thread(&OPEN, &post_url("plain_mistake"), 1);
    reader.close().await;
}

#[tokio::test]
async fn reader_without_javascript_orders_and_collapses() {
    let comments = [("First", None), ("Second", None), ("An answer", Some(0)), ("Third", None)];
    post_thread("plain_order", &comments);
    let reader = Browser::open(NO_SCRIPT).await;
    reader.visit(&format!("{}/thread?url={}", OPEN.origin(), post_url("plain_order"))).await;
    let widget = reader.widget();
    widget.wait_for_texts(&["First", "An answer", "Second", "Third"]).await;
    let summary = reader.find(".aw-branch > summary").await;
    assert_eq!(summary.text().await.unwrap(), "1 reply");
    let answer = ".aw-replies .aw-text";
    summary.click().await.unwrap();
    assert!(!widget.is_visible(answer).await, "a collapsed branch is hidden");
    summary.click().await.unwrap();
    assert!(widget.is_visible(answer).await);

    reader.find("#aw-sort option[value=newest]").await.click().await.unwrap();
    reader.find(".aw-order-submit").await.click().await.unwrap();
    reader.wait_for_url("sort=newest").await;
    widget.wait_for_texts(&["Third", "Second", "First", "An answer"]).await;
    reader.close().await;
}

#[tokio::test]
async fn reader_without_javascript_previews_edits_and_deletes() {
    let reader = Browser::open(NO_SCRIPT).await;
    reader.visit(&format!("{}/thread?url={}", OPEN.origin(), post_url("plain_own"))).await;
    let widget = reader.widget();
    widget.fill(MAIN_FORM, &[("name", "Ada"), ("text", "A *first* text")]).await;
    reader.find(".aw-preview-button").await.click().await.unwrap();
    reader.wait_for_url("#preview").await;
    assert_eq!(reader.find("#preview em").await.text().await.unwrap(), "first");
    wait_for_thread(&OPEN, &post_url("plain_own"), 0);
    widget.submit(MAIN_FORM).await;
    reader.wait_for_url("posted=").await;
    wait_for_thread(&OPEN, &post_url("plain_own"), 1);

    reader.find(".aw-notice a").await.click().await.unwrap();
    reader.wait_for_url("/thread/comment?").await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "A *first* text");
    widget.fill(MAIN_FORM, &[("text", " and more")]).await;
    widget.submit(MAIN_FORM).await;
    reader.wait_for_url("done=saved").await;
    reader.find("[value=delete]").await.click().await.unwrap();
    reader.find("[value=restore]").await;
    wait_for_thread(&OPEN, &post_url("plain_own"), 0);
    reader.find("[value=restore]").await.click().await.unwrap();
    reader.wait_for_url("done=restored").await;
    wait_for_thread(&OPEN, &post_url("plain_own"), 1);
    reader.close().await;
}
