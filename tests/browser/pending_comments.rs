//! A comment that awaits moderation is shown to its author, marked as pending, and to nobody else.

use std::sync::LazyLock;

use afterword_tests::{Browser, BrowserOptions, HostPage, Server, post_url, wait_for_thread};

use crate::HOST;

/// A Worker that holds every comment for moderation.
pub(crate) static MODERATED: LazyLock<Server> = LazyLock::new(|| Server::with_moderation("browser-holding", "all"));

#[tokio::test]
async fn pending_comment_is_shown_only_to_its_author() {
    let page = HOST.publish(&HostPage::new(&MODERATED, "pending"));
    let ada = Browser::open(BrowserOptions::default()).await;
    ada.visit(&page).await;
    ada.widget().post("Ada", "Please approve").await;
    let shown = ada.widget().wait_for_texts(&["Please approve"]).await;
    assert!(shown[0].pending);
    assert!(!ada.widget().wait_for_status().await.is_empty());
    ada.reload().await;
    assert_eq!(ada.widget().wait_for_texts(&["Please approve"]).await, shown);
    let bob = Browser::open(BrowserOptions::default()).await;
    bob.visit(&page).await;
    bob.widget().find(".aw-empty").await;
    assert_eq!(bob.widget().shown_comments().await, []);
    wait_for_thread(&MODERATED, &post_url("pending"), 0);
    bob.close().await;
    ada.close().await;
}
