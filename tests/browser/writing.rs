//! Writing: reply forms, drafts, the toolbar, the preview.

use afterword_tests::{Browser, BrowserOptions, Engine, HostPage, MAIN_FORM, post_url, wait_for_thread};
use serde_json::json;
use thirtyfour::prelude::*;

use crate::{HOST, OPEN, hold_widget_back, post_thread, release_widget};

async fn open(name: &str, texts: &[(&str, Option<usize>)]) -> (Browser, Vec<String>) {
    let posted = post_thread(name, texts);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, name))).await;
    reader.widget().wait_until_running().await;
    (reader, posted.iter().map(|posted| posted.comment.id.to_string()).collect())
}

/// Selects the last characters of the focused field.
async fn select_last(reader: &Browser, length: u32) {
    let select = "
        const field = root.activeElement;
        field.setSelectionRange(field.value.length - arguments[0], field.value.length)";
    reader.widget().run(select, vec![json!(length)]).await;
}

#[tokio::test]
async fn text_begun_before_the_widget_arrives_gets_its_tools_and_its_error() {
    let name = "writing_begun";
    let reader = Browser::open(BrowserOptions::default()).await;
    hold_widget_back(&reader).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, name))).await;
    let widget = reader.widget();
    widget.find(&format!("{MAIN_FORM} [name=text]")).await.click().await.unwrap();
    reader.insert_text(&"a".repeat(8_193)).await;
    assert_eq!(widget.count(".aw-tools").await, 0, "the widget is not there yet");
    release_widget(&reader).await;
    widget.find(&format!("{MAIN_FORM} .aw-tools")).await;
    assert!(widget.has_focus(&format!("{MAIN_FORM} [name=text]")).await, "the focus stays");
    assert_eq!(widget.wait_for_error(MAIN_FORM, "text").await, "This is 1 character too long. Please shorten it.");
    crate::offline::wait_for_part(&reader).await;
    reader.close().await;
}

#[tokio::test]
async fn reply_can_be_written_before_the_widget_arrives() {
    let posted = post_thread("writing_early", &[("To be answered", None)]);
    let id = posted[0].comment.id.to_string();
    let reader = Browser::open(BrowserOptions::default()).await;
    hold_widget_back(&reader).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "writing_early"))).await;
    let widget = reader.widget();
    widget.find(".aw-item").await;
    // The focus is there when the handlers of the press have run, so a telephone shows its keyboard.
    let pressed = "
        root.querySelector('.aw-reply').click();
        return root.activeElement?.matches('.aw-item > .aw-form textarea') === true;";
    assert_eq!(widget.run(pressed, Vec::new()).await, true);
    reader.press("Early").await;
    let parent = widget.run("return root.querySelector('.aw-item [name=parent]').value", Vec::new()).await;
    assert_eq!(parent, id.as_str(), "without the widget the form is a plain one");
    release_widget(&reader).await;
    let reply = format!("#comment-{id} > .aw-form");
    widget.find(&format!("{reply} .aw-cancel")).await;
    assert!(widget.has_focus(&format!("{reply} [name=text]")).await, "the focus stays");
    reader.press(" bird").await;
    let ids = "return [...root.querySelectorAll('[id]')].map((element) => element.id).filter((id, at, all) => all.indexOf(id) !== at)";
    assert_eq!(widget.run(ids, Vec::new()).await, json!([]), "no id is there twice");
    widget.submit(&reply).await;
    let shown = widget.wait_for_texts(&["To be answered", "Early bird"]).await;
    assert_eq!(shown[1].parent, id);
    reader.close().await;
}

#[tokio::test]
async fn several_forms_are_open_at_once_and_each_keeps_its_text() {
    let (reader, ids) = open("writing_several", &[("One", None), ("Two", None)]).await;
    let widget = reader.widget();
    let first = widget.open_reply(&ids[0]).await;
    let second = widget.open_reply(&ids[1]).await;
    assert_eq!((widget.count(&first).await, widget.count(&second).await), (1, 1), "only the reader closes a form");
    widget.fill(&first, &[("text", "To one")]).await;
    widget.fill(&second, &[("text", "To two")]).await;
    widget.fill(MAIN_FORM, &[("text", "To all")]).await;
    reader.reload().await;
    for (form, text) in [(first.as_str(), "To one"), (&second, "To two"), (MAIN_FORM, "To all")] {
        widget.find(&format!("{form} .aw-restored")).await;
        assert_eq!(widget.field_value(form, "text").await, text);
    }
    widget.submit(&second).await;
    widget.wait_for_texts(&["One", "Two", "To two"]).await;
    assert_eq!(widget.field_value(&first, "text").await, "To one");
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "To all");
    reader.close().await;
}

#[tokio::test]
async fn escape_and_cancel_keep_the_draft_and_say_so() {
    let (reader, ids) = open("writing_cancel", &[("One", None)]).await;
    let widget = reader.widget();
    let reply = widget.open_reply(&ids[0]).await;
    reader.press("Half").await;
    reader.press(Key::Escape).await;
    widget.wait_for_focus(&format!("[data-reply='{}']", ids[0])).await;
    widget.wait_to_hear("Draft kept.").await;
    assert_eq!(widget.count(&reply).await, 0);
    widget.open_reply(&ids[0]).await;
    assert_eq!(widget.field_value(&reply, "text").await, "Half");
    widget.find(&format!("{reply} .aw-cancel")).await.click().await.unwrap();
    widget.wait_for_focus(&format!("[data-reply='{}']", ids[0])).await;
    widget.open_reply(&ids[0]).await;
    assert_eq!(widget.field_value(&reply, "text").await, "Half");
    reader.close().await;
}

#[tokio::test]
async fn toolbar_and_shortcuts_change_the_selected_text() {
    let (reader, _) = open("writing_toolbar", &[("One", None)]).await;
    let widget = reader.widget();
    widget.find(&format!("{MAIN_FORM} [name=text]")).await.click().await.unwrap();
    widget.find(&format!("{MAIN_FORM} .aw-tools")).await;
    reader.press("word").await;
    for (key, expected) in [("b", "**word**"), ("i", "*word*"), ("k", "[word](https://)")] {
        select_last(&reader, 4).await;
        reader.press_with(Key::Control, key).await;
        assert_eq!(widget.field_value(MAIN_FORM, "text").await, expected);
        // A change can be undone, as if it had been typed.
        if Engine::current() == Engine::WebKit {
            // Its driver presses the keys, and nothing in the browser undoes.
            reader.run("document.execCommand('undo')", Vec::new()).await;
        } else {
            reader.press_with(Key::Control, "z").await;
        }
        assert_eq!(widget.field_value(MAIN_FORM, "text").await, "word", "{key}");
    }
    for (tool, expected) in [("bold", "**word**"), ("code", "`word`"), ("quote", "> word"), ("list", "- word")] {
        select_last(&reader, 4).await;
        widget.find(&format!("{MAIN_FORM} .aw-tool-{tool}")).await.click().await.unwrap();
        assert_eq!(widget.field_value(MAIN_FORM, "text").await, expected);
        widget.wait_for_focus(&format!("{MAIN_FORM} [name=text]")).await;
        widget.fill(MAIN_FORM, &[("text", "word")]).await;
    }
    assert_eq!(widget.shown_comments().await.len(), 1, "no button has sent the comment");
    // One stop of the Tab key, and arrow keys inside.
    reader.press(Key::Tab).await;
    widget.wait_for_focus(".aw-tool-bold").await;
    reader.press(Key::Right).await;
    widget.wait_for_focus(".aw-tool-italic").await;
    reader.press(Key::End).await;
    widget.wait_for_focus(".aw-tool-link").await;
    reader.close().await;
}

#[tokio::test]
async fn preview_is_drawn_by_the_worker_and_posts_nothing() {
    let (reader, _) = open("writing_preview", &[("One", None)]).await;
    let widget = reader.widget();
    widget.fill(MAIN_FORM, &[("text", "Some **weight**")]).await;
    let button = widget.find(&format!("{MAIN_FORM} .aw-preview-button")).await;
    button.click().await.unwrap();
    widget.find(&format!("{MAIN_FORM} .aw-preview strong")).await;
    assert_eq!(button.attr("aria-pressed").await.unwrap().as_deref(), Some("true"));
    // It follows the text; the focus stays in it.
    widget.find(&format!("{MAIN_FORM} [name=text]")).await.send_keys(" and `code`").await.unwrap();
    widget.find(&format!("{MAIN_FORM} .aw-preview code")).await;
    widget.wait_for_focus("[name=text]").await;
    // The last one stays if the Worker cannot be reached.
    reader.block_requests(Some("/v1/preview")).await;
    widget.find(&format!("{MAIN_FORM} [name=text]")).await.send_keys(" more").await.unwrap();
    widget
        .wait_until("the failure", "!!root.querySelector('.aw-preview .aw-hint').textContent.includes('preview')")
        .await;
    assert_eq!(widget.count(&format!("{MAIN_FORM} .aw-preview code")).await, 1);
    reader.block_requests(None).await;
    button.click().await.unwrap();
    widget.wait_until("the end of the preview", "!root.querySelector('.aw-preview')").await;
    assert_eq!(widget.shown_comments().await.len(), 1, "nothing was posted");
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "Some **weight** and `code` more");
    reader.close().await;
}

#[tokio::test]
async fn reply_with_selected_text_quotes_it() {
    let (reader, ids) = open("writing_quote", &[("Words to *quote*\n\nand more", None)]).await;
    let widget = reader.widget();
    let select = "
        const [first, last] = root.querySelectorAll('.aw-text p');
        getSelection().setBaseAndExtent(first, 0, last, last.childNodes.length);";
    widget.run(select, Vec::new()).await;
    let reply = widget.open_reply(&ids[0]).await;
    assert_eq!(widget.field_value(&reply, "text").await, "> Words to quote\n> \n> and more\n\n");
    widget.wait_for_focus(&format!("{reply} [name=text]")).await;
    reader.press("Indeed").await;
    widget.submit(&reply).await;
    widget.find(&format!("#comment-{} .aw-item blockquote", ids[0])).await;
    reader.close().await;
}

#[tokio::test]
async fn remaining_room_is_announced_at_100_20_and_0() {
    let (reader, _) = open("writing_room", &[("One", None)]).await;
    let widget = reader.widget();
    widget.find(&format!("{MAIN_FORM} [name=text]")).await.click().await.unwrap();
    widget.find(&format!("{MAIN_FORM} .aw-tools")).await;
    let heard = "
        window.heard = [];
        const status = root.host.querySelector('[role=status]');
        new MutationObserver(() => heard.push(status.textContent.trim())).observe(status, {childList: true});";
    widget.run(heard, Vec::new()).await;
    reader.insert_text(&"a".repeat(8_192 - 101)).await;
    reader.press("b").await;
    for room in [100_u32, 20, 0] {
        let length = widget.field_value(MAIN_FORM, "text").await.len() as u32;
        reader.insert_text(&"a".repeat((8_192 - room - length) as usize)).await;
        widget
            .wait_until("an announcement", &format!("heard.some((text) => text.split(' ').includes('{room}'))"))
            .await;
    }
    let heard = reader.run("return heard.length", Vec::new()).await;
    assert_eq!(heard, 3, "one announcement for each");
    reader.close().await;
}

#[tokio::test]
async fn answer_that_is_no_json_keeps_the_text() {
    let reader = Browser::open(BrowserOptions::default()).await;
    // As the page of a hotel's network does, which answers everything with 200.
    let captive = "
        const real = fetch;
        fetch = async (request, options) => String(request.url ?? request).endsWith('/v1/comments')
            ? new Response('<!doctype html><title>Welcome</title>') : real(request, options);";
    reader.inject_script(captive).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "writing_captive"))).await;
    let widget = reader.widget();
    widget.post("Ada", "Kept").await;
    widget.wait_for_error(MAIN_FORM, "form").await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "Kept");
    widget.wait_for_focus(".aw-submit").await;
    let described = "
        const button = root.activeElement;
        return root.getElementById(button.getAttribute('aria-describedby')).textContent.length > 10 && !button.disabled";
    assert_eq!(widget.run(described, Vec::new()).await, true, "the error is read with the button");
    wait_for_thread(&OPEN, &post_url("writing_captive"), 0);
    reader.close().await;
}

#[tokio::test]
async fn control_and_enter_twice_post_once() {
    let (reader, _) = open("writing_twice", &[]).await;
    let widget = reader.widget();
    let text = widget.find(&format!("{MAIN_FORM} [name=text]")).await;
    text.send_keys("Once").await.unwrap();
    widget.find(".aw-tools").await;
    let twice = "
        const init = {key: 'Enter', ctrlKey: true, bubbles: true, composed: true, cancelable: true};
        for (let times = 0; times < 3; times += 1) root.activeElement.dispatchEvent(new KeyboardEvent('keydown', init));";
    widget.run(twice, Vec::new()).await;
    widget.wait_for_texts(&["Once"]).await;
    let sent = reader
        .requests()
        .await
        .iter()
        .filter(|request| request.starts_with("POST") && request.ends_with("/v1/comments"))
        .count();
    assert_eq!(sent, 1);
    reader.close().await;
}
