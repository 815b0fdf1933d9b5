//! The focus after each act, and the announcement for assistive technology: one text for an act, in the light DOM of the host.

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM, Widget, wait_until_async};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::pending_comments::MODERATED;
use crate::{HOST, OPEN, post_thread};

/// Records every text of the status element.
const RECORD: &str = "
    window.heard = [];
    const status = root.host.querySelector(':scope > [role=status]');
    new MutationObserver(() => {
        const text = status.textContent.trim();
        if (text) heard.push(text);
    }).observe(status, {childList: true, characterData: true, subtree: true});
    return [!!status.assignedSlot, status.getAttribute('aria-live'), status.hidden];";

/// Waits until exactly these texts were announced since the last call, and the focus is on or in an element.
async fn check(widget: &Widget<'_>, act: &str, focus: &str, texts: &[&str]) {
    let poll = async || {
        let heard = widget.run("return heard", Vec::new()).await;
        let focused = widget.has_focus(focus).await;
        if heard == json!(texts) && focused { Ok(()) } else { Err((heard, focused)) }
    };
    wait_until_async(&format!("{texts:?} and the focus on {focus} after: {act}"), poll).await;
    widget.run("heard.length = 0", Vec::new()).await;
}

#[tokio::test]
async fn each_act_moves_the_focus_and_says_one_text() {
    let posted = post_thread("heard_acts", &[("One", None), ("Two", None), ("Three", None)]);
    let id = posted[0].comment.id.to_string();
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("status of 422");
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "heard_acts"))).await;
    let widget = reader.widget();
    widget.find(".aw-vote").await;
    assert_eq!(widget.run(RECORD, Vec::new()).await, json!([true, null, false]), "the element is there from the start");

    let reply = widget.open_reply(&id).await;
    check(&widget, "reply", &format!("{reply} [name=text]"), &[]).await;
    reader.press("An answer").await;
    reader.press(Key::Escape).await;
    check(&widget, "Escape", &format!("[data-reply='{id}']"), &["Draft kept."]).await;
    widget.open_reply(&id).await;
    widget.find(&format!("{reply} .aw-cancel")).await.click().await.unwrap();
    check(&widget, "cancel", &format!("[data-reply='{id}']"), &["Draft kept."]).await;

    widget.open_reply(&id).await;
    widget.fill(&reply, &[("email", "nonsense")]).await;
    widget.submit(&reply).await;
    check(&widget, "refused", &format!("{reply} [name=email]"), &[]).await;
    let described = "
        const field = root.activeElement;
        return root.getElementById(field.getAttribute('aria-describedby').split(' ')[0]).textContent.length > 5";
    assert_eq!(widget.run(described, Vec::new()).await, true, "the field has its error");
    widget.fill(&reply, &[("email", "")]).await;
    widget.submit(&reply).await;
    let answer = format!("#comment-{id} .aw-item");
    check(&widget, "post", &answer, &["Your comment is published."]).await;

    let select = widget.find(".aw-order select").await;
    select.click().await.unwrap();
    select.send_keys("Newest").await.unwrap();
    select.send_keys(Key::Enter).await.unwrap();
    check(&widget, "order", ".aw-order select", &["Newest first"]).await;

    widget.find(&format!("{answer} .aw-menu > summary")).await.click().await.unwrap();
    widget.find(&format!("{answer} .aw-edit")).await.click().await.unwrap();
    let edit = format!("{answer} > .aw-form");
    widget.wait_until("the source", &format!("root.querySelector('{edit} [name=text]').value === 'An answer'")).await;
    check(&widget, "edit", &format!("{edit} [name=text]"), &[]).await;
    reader.press(" and more").await;
    widget.submit(&edit).await;
    check(&widget, "save", &answer, &["Changes saved."]).await;
    widget.find(&format!("{answer} .aw-menu > summary")).await.click().await.unwrap();
    widget.find(&format!("{answer} .aw-delete")).await.click().await.unwrap();
    check(&widget, "delete", &format!("{answer} .aw-deleted button"), &["Comment deleted."]).await;
    reader.press(Key::Enter).await;
    check(&widget, "undo", &answer, &["Comment restored."]).await;
    assert_ne!(
        widget.run("return root.activeElement", Vec::new()).await,
        Value::Null,
        "the focus is never on the body"
    );
    reader.close().await;
}

#[tokio::test]
async fn held_comment_and_restored_draft_are_announced() {
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&MODERATED, "heard_held"))).await;
    let widget = reader.widget();
    widget.post("Ada", "Please approve").await;
    widget.wait_to_hear("Your comment is waiting for approval.").await;
    widget.wait_for_focus(".aw-item").await;
    widget.fill(MAIN_FORM, &[("text", "A draft")]).await;
    reader.reload().await;
    widget.wait_to_hear("Your draft was restored.").await;
    assert_eq!(widget.run("return root.activeElement", Vec::new()).await, Value::Null, "the focus stays where it is");
    reader.close().await;
}

/// Whoever leaves a disabled button with the keyboard begins at the top of the page.
#[tokio::test]
async fn button_keeps_the_focus_while_a_comment_is_sent() {
    let reader = Browser::open(BrowserOptions::default()).await;
    let slow = "
        const real = fetch;
        fetch = async (request, options) => {
            if (String(request.url ?? request).endsWith('/v1/comments')) while (!window.isReleased) await new Promise((resolve) => setTimeout(resolve, 10));
            return real(request, options);
        };";
    reader.inject_script(slow).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "heard_busy"))).await;
    let widget = reader.widget();
    widget.post("Ada", "On its way").await;
    widget.find(&format!("{MAIN_FORM} .aw-submit[aria-disabled=true]")).await;
    assert!(widget.has_focus(".aw-submit").await);
    assert_eq!(widget.count(".aw-submit:disabled").await, 0);
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "On its way", "the text can be read meanwhile");
    reader.run("window.isReleased = true", Vec::new()).await;
    widget.wait_for_texts(&["On its way"]).await;
    reader.close().await;
}
