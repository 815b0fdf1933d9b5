//! Data in local storage, to which every script on the blog's origin can write.

use afterword_tests::{Browser, BrowserOptions, HostPage};
use serde_json::json;

use crate::HOST;
use crate::pending_comments::MODERATED;

/// Adds copies of the first stored comment, each with different HTML.
const TAMPER: &str = "
    const key = Object.keys(localStorage).find((key) => key.startsWith('afterword:own:'));
    const [own] = JSON.parse(localStorage.getItem(key));
    const planted = arguments[0].map((html, index) => {
        const copy = structuredClone(own);
        Object.assign(copy.comment, { html, id: own.comment.id + 1000 + index });
        return copy;
    });
    localStorage.setItem(key, JSON.stringify([...planted, own]));
    return planted.length;";

#[tokio::test]
async fn tampered_local_storage_does_not_become_markup() {
    let page = HOST.publish(&HostPage::new(&MODERATED, "planted"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    reader.widget().post("Ada", "My *own* words").await;
    let shown = reader.widget().wait_for_texts(&["My own words"]).await;
    let planted = json!([
        "<img src=x onerror=\"document.title = 'owned'\">",
        "<p>a<svg onload=\"document.title = 'owned'\"></svg></p>",
        "<p onmouseover=\"document.title = 'owned'\">a</p>",
        "<a href=\"javascript:document.title = 'owned'\" rel=\"nofollow ugc noopener noreferrer\">a</a>",
        "<style>* { display: none }</style>",
    ]);
    assert_eq!(reader.run(TAMPER, vec![planted]).await, 5);
    reader.reload().await;
    assert_eq!(reader.widget().wait_for_texts(&["My own words"]).await, shown);
    assert_eq!(reader.widget().count("em").await, 1, "the reader's own comment is shown unchanged");
    assert_eq!(reader.run("return document.title", Vec::new()).await, "planted");
    reader.close().await;
}
