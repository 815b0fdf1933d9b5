//! A comment that waits for a moderator: its author sees it, marked; nobody else does.

use std::sync::LazyLock;

use afterword_tests::{Browser, HostPage, Look, Server, post_url, whole_thread};

use crate::HOST;

/// A Worker that publishes nothing by itself.
pub(crate) static HOLDING: LazyLock<Server> = LazyLock::new(|| Server::moderated("browser-holding", "all"));

#[tokio::test]
async fn a_pending_comment_is_kept_for_its_author_and_shown_to_nobody_else() {
    let page = HOST.publish(&HostPage::new(&HOLDING, "pending"));
    let ada = Browser::open(Look::default()).await;
    ada.visit(&page).await;
    ada.widget().post("Ada", "Please approve").await;
    let shown = ada.widget().wait_texts(&["Please approve"]).await;
    assert!(shown[0].pending);
    assert!(!ada.widget().wait_status().await.is_empty());
    ada.reload().await;
    assert_eq!(ada.widget().wait_texts(&["Please approve"]).await, shown);
    let bob = Browser::open(Look::default()).await;
    bob.visit(&page).await;
    bob.widget().find(".aw-empty").await;
    assert_eq!(bob.widget().shown().await, []);
    whole_thread(&HOLDING, &post_url("pending"), 0);
    bob.close().await;
    ada.close().await;
}
