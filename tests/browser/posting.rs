//! Reading, posting and replying. The comments persist after a reload and for other readers.

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM, Request, post_url, wait_for_thread};
use serde_json::json;

use crate::{HOST, OPEN, post_thread};

#[tokio::test]
async fn comments_persist_after_reload_and_for_a_second_reader() {
    let page = HOST.publish(&HostPage::new(&OPEN, "post_and_reply"));
    let ada = Browser::open(BrowserOptions::default()).await;
    ada.visit(&page).await;
    let widget = ada.widget();
    widget.find(".aw-empty").await;
    widget.post("Ada", "First *of all*").await;
    let shown = widget.wait_for_texts(&["First of all"]).await;
    assert_eq!(shown[0].author, "Ada");
    assert_eq!(widget.count(".aw-empty").await, 0, "the thread is no longer empty");
    widget.reply(&shown[0].id, "Ada", "A reply").await;
    let shown = widget.wait_for_texts(&["First of all", "A reply"]).await;
    widget.reply(&shown[1].id, "Ada", "A reply to the reply").await;
    let texts = ["First of all", "A reply", "A reply to the reply"];
    let shown = widget.wait_for_texts(&texts).await;
    assert_eq!((&shown[1].parent, &shown[2].parent), (&shown[0].id, &shown[1].id));

    ada.reload().await;
    assert_eq!(ada.widget().wait_for_texts(&texts).await, shown, "the same after a reload");
    wait_for_thread(&OPEN, &post_url("post_and_reply"), 3);
    let bob = Browser::open(BrowserOptions::default()).await;
    bob.visit(&page).await;
    assert_eq!(bob.widget().wait_for_texts(&texts).await, shown, "the same for a second reader");
    bob.widget().reply(&shown[0].id, "Bob", "Hello Ada").await;
    let with_bob = ["First of all", "A reply", "A reply to the reply", "Hello Ada"];
    bob.widget().wait_for_texts(&with_bob).await;
    wait_for_thread(&OPEN, &post_url("post_and_reply"), 4);
    ada.reload().await;
    ada.widget().wait_for_texts(&with_bob).await;
    bob.close().await;
    ada.close().await;
}

#[tokio::test]
async fn text_is_markdown_and_other_fields_are_plain_text() {
    let page = HOST.publish(&HostPage::new(&OPEN, "post_markdown"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    let name = "<img src=x onerror=alert(1)>";
    widget
        .post(name, "**bold** `code` <script>alert(2)</script>\n\n> quote\n\n1. one\n\n[link](javascript:alert(3))")
        .await;
    widget.find(".aw-text strong").await;
    for (css, count) in
        [(".aw-text code", 1), (".aw-text blockquote", 1), ("script, img, [onerror]", 0), ("a[href^=javascript]", 0)]
    {
        assert_eq!(widget.count(css).await, count, "{css}");
    }
    assert_eq!(widget.shown_comments().await[0].author, name);
    let numbers = "return getComputedStyle(root.querySelector('.aw-text ol')).listStyleType";
    assert_eq!(widget.run(numbers, Vec::new()).await, "decimal", "list numbers are shown");
    reader.close().await;
}

#[tokio::test]
async fn two_tabs_can_post_at_the_same_time() {
    let page = HOST.publish(&HostPage::new(&OPEN, "post_two_tabs"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    reader.widget().fill(MAIN_FORM, &[("name", "Ada"), ("text", "From the first tab")]).await;
    let first = reader.current_tab().await;
    let second = reader.new_tab().await;
    reader.visit(&page).await;
    reader.widget().fill(MAIN_FORM, &[("name", "Ada"), ("text", "From the second tab")]).await;
    let now = reader.run("return Date.now()", Vec::new()).await.as_i64().unwrap_or_default();
    for tab in [&first, &second] {
        reader.switch_to(tab).await;
        let at_once = format!(
            "const send = root.querySelector('{MAIN_FORM} .aw-submit'); setTimeout(() => send.click(), arguments[0] - Date.now())"
        );
        reader.widget().run(&at_once, vec![json!(now + 1500)]).await;
    }
    wait_for_thread(&OPEN, &post_url("post_two_tabs"), 2);
    for tab in [first, second] {
        reader.switch_to(&tab).await;
        reader.reload().await;
        let shown = reader.widget().find(".aw-item + .aw-item").await;
        assert!(shown.is_present().await.unwrap_or_default());
        assert_eq!(reader.widget().shown_comments().await.len(), 2);
    }
    reader.close().await;
}

#[tokio::test]
async fn own_comment_is_shown_until_the_published_thread_has_it() {
    let page = HOST.publish(&HostPage::new(&OPEN, "post_stale"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    reader.widget().post("Ada", "Seen at once").await;
    let shown = reader.widget().wait_for_texts(&["Seen at once"]).await;
    // KV may be stale for a minute. This reload gets the thread as it was before the post.
    let before = Request::get("/v1/thread.html").query(&[("url", &post_url("post_stale_before"))]).send(&OPEN);
    let before = before.text().replace("post_stale_before", "post_stale");
    let stale = format!(
        "const real = fetch;
        fetch = (request, options) => String(request.url ?? request).includes('/v1/thread.html')
            ? Promise.resolve(new Response({})) : real(request, options);",
        json!(before)
    );
    let injected = reader.inject_script(&stale).await;
    reader.reload().await;
    assert_eq!(reader.widget().wait_for_texts(&["Seen at once"]).await, shown);
    reader.remove_script(injected).await;
    wait_for_thread(&OPEN, &post_url("post_stale"), 1);
    reader.reload().await;
    assert_eq!(reader.widget().wait_for_texts(&["Seen at once"]).await, shown, "the comment is not duplicated");
    reader.close().await;
}

#[tokio::test]
async fn deep_replies_are_flat_and_name_the_parent_author() {
    let chain: Vec<_> = (0..7).map(|depth| ("down and down", usize::checked_sub(depth, 1))).collect();
    post_thread("post_deep", &chain);
    let page = HOST.publish(&HostPage::new(&OPEN, "post_deep"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let shown = reader.widget().wait_for_texts(&["down and down"; 7]).await;
    let last = shown.last().map(|comment| comment.id.clone()).unwrap_or_default();
    assert!(shown[6].reply_to.contains("Ada") && shown[1].reply_to.is_empty(), "{shown:?}");
    reader.widget().reply(&last, "Bob", "one more").await;
    reader.widget().find(".aw-item[data-depth='7'], .aw-item:nth-child(4)").await;
    let shown = crate::reading::wait_for_count(&reader.widget(), 8).await;
    assert_eq!((shown[7].text.as_str(), &shown[7].parent), ("one more", &shown[6].parent), "{shown:?}");
    assert!(shown[7].reply_to.contains("Ada"), "{shown:?}");
    reader.close().await;
}
