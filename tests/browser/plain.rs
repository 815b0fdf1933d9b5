//! Without JavaScript: the link in `<noscript>` leads to the Worker's page, which reads and posts.

use afterword_tests::{Browser, HostPage, Look, MAIN, post_url, until_async, whole_thread};

use crate::{HOST, OPEN, written};

const NO_SCRIPT: Look = Look { script: false, width: 1024, height: 800, dark: false };

/// Waits for these comments on a page that does not change by itself, loading it again and again: KV may be a moment behind.
async fn wait_reloading(reader: &Browser, texts: &[&str]) {
    let look = async || {
        let shown: Vec<String> = reader.widget().shown().await.into_iter().map(|comment| comment.text).collect();
        if shown == texts {
            return Ok(());
        }
        reader.reload().await;
        Err(shown)
    };
    until_async("the comments on the page", look).await;
}

#[tokio::test]
async fn a_reader_without_javascript_reads_posts_and_answers() {
    written("plain_reader", &[("Already here", None)]);
    let page = HOST.publish(&HostPage::new(&OPEN, "plain_reader"));
    let reader = Browser::open(NO_SCRIPT).await;
    reader.visit(&page).await;
    assert!(reader.find("noscript").await.is_present().await.unwrap(), "the link is there without JavaScript");
    reader.find("#plain").await.click().await.unwrap();
    reader.wait_address("/thread?url=").await;
    let widget = reader.widget();
    let shown = widget.wait_texts(&["Already here"]).await;
    widget.post("Ada", "Without a *script*").await;
    reader.wait_address("posted=").await;
    whole_thread(&OPEN, &post_url("plain_reader"), 2);
    wait_reloading(&reader, &["Already here", "Without a script"]).await;

    widget.find(&format!("[data-reply=\"{}\"]", shown[0].id)).await.click().await.unwrap();
    reader.wait_address("#reply").await;
    widget.fill("#reply", &[("name", "Ada"), ("text", "An answer")]).await;
    widget.submit("#reply").await;
    reader.wait_address("posted=").await;
    whole_thread(&OPEN, &post_url("plain_reader"), 3);
    wait_reloading(&reader, &["Already here", "An answer", "Without a script"]).await;
    reader.close().await;
}

#[tokio::test]
async fn a_mistake_is_explained_and_nothing_typed_is_lost() {
    let mut reader = Browser::open(NO_SCRIPT).await;
    reader.expect_error("status of 422");
    reader.visit(&format!("{}/thread?url={}", OPEN.origin(), post_url("plain_mistake"))).await;
    let widget = reader.widget();
    widget.fill(MAIN, &[("name", "Ada"), ("text", "Kept"), ("email", "nonsense")]).await;
    widget.submit(MAIN).await;
    assert!(!widget.wait_error(MAIN, "email").await.is_empty());
    assert_eq!(widget.value(MAIN, "text").await, "Kept");
    widget.fill(MAIN, &[("email", "ada@example.example")]).await;
    widget.submit(MAIN).await;
    reader.wait_address("posted=").await;
    whole_thread(&OPEN, &post_url("plain_mistake"), 1);
    reader.close().await;
}
