//! The form: drafts, double submission and invalid input.

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM, post_url, wait_for_thread, wait_until_async};
use thirtyfour::Key;

use crate::{HOST, OPEN, hold_widget_back, post_thread, release_widget};

#[tokio::test]
async fn draft_survives_a_reload() {
    let posted = post_thread("form_draft", &[("To be answered", None)]);
    let page = HOST.publish(&HostPage::new(&OPEN, "form_draft"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.fill(MAIN_FORM, &[("text", "A long thought, ")]).await;
    let id = posted[0].comment.id.to_string();
    let reply = widget.open_reply(&id).await;
    widget.fill(&reply, &[("text", "and an answer")]).await;
    reader.reload().await;
    let poll = async || {
        let text = widget.field_value(MAIN_FORM, "text").await;
        if text == "A long thought, " { Ok(()) } else { Err(text) }
    };
    wait_until_async("the draft", poll).await;
    widget.find(&reply).await;
    assert_eq!(widget.field_value(&reply, "text").await, "and an answer");
    widget.submit(&reply).await;
    widget.wait_for_texts(&["To be answered", "and an answer"]).await;
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&["To be answered", "and an answer", "A long thought,"]).await;
    // A posted comment leaves no draft.
    reader.reload().await;
    widget.wait_for_texts(&["To be answered", "and an answer", "A long thought,"]).await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "");
    assert_eq!(widget.count(&reply).await, 0);
    reader.close().await;
}

#[tokio::test]
async fn draft_is_merged_with_text_typed_before_it_is_restored() {
    let page = HOST.publish(&HostPage::new(&OPEN, "form_early"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.fill_when_running(MAIN_FORM, "A long thought").await;
    let early = "
        const attach = Element.prototype.attachShadow;
        Element.prototype.attachShadow = function (options) {
            const root = attach.call(this, options);
            new MutationObserver((_, observer) => {
                const text = root.querySelector('[name=text]');
                if (!text) return;
                observer.disconnect();
                text.value = 'In haste';
            }).observe(root, { childList: true, subtree: true });
            return root;
        };";
    let mut injected = Some(reader.inject_script(early).await);
    for _ in 0..2 {
        reader.reload().await;
        widget.find(".aw-restored").await;
        let text = widget.field_value(MAIN_FORM, "text").await;
        assert!(text.starts_with("A long thought\n\n") && text.ends_with("In haste"), "{text}");
        if let Some(injected) = injected.take() {
            reader.remove_script(injected).await;
        }
    }
    reader.close().await;
}

#[tokio::test]
async fn closed_reply_keeps_its_text_when_storage_is_blocked() {
    let posted = post_thread("form_blocked", &[("To be answered", None)]);
    let page = HOST.publish(&HostPage::new(&OPEN, "form_blocked"));
    let reader = Browser::open(BrowserOptions::default()).await;
    let blocked = "
        for (const name of ['localStorage', 'sessionStorage']) {
            Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });
        }";
    reader.inject_script(blocked).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    let id = posted[0].comment.id.to_string();
    let reply = widget.open_reply(&id).await;
    widget.fill(&reply, &[("text", "An answer")]).await;
    reader.press(Key::Escape).await;
    let poll = async || {
        let forms = widget.count(&reply).await;
        if forms == 0 { Ok(()) } else { Err(forms) }
    };
    wait_until_async("the form to close", poll).await;
    widget.open_reply(&id).await;
    assert_eq!(widget.field_value(&reply, "text").await, "An answer");
    reader.close().await;
}

#[tokio::test]
async fn double_click_posts_once() {
    let page = HOST.publish(&HostPage::new(&OPEN, "form_double"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.fill(MAIN_FORM, &[("name", "Ada"), ("text", "Once")]).await;
    widget.find(&format!("{MAIN_FORM} .aw-submit")).await.scroll_into_view().await.unwrap();
    // Submits four times in one task, in every possible way.
    let frantic = format!(
        "const form = root.querySelector('{MAIN_FORM}'), send = form.querySelector('.aw-submit');
        send.click(); send.click(); form.requestSubmit(); form.requestSubmit(send);"
    );
    widget.run(&frantic, Vec::new()).await;
    widget.wait_for_texts(&["Once"]).await;
    widget.post("Ada", "Then another").await;
    widget.wait_for_texts(&["Once", "Then another"]).await;
    wait_for_thread(&OPEN, &post_url("form_double"), 2);
    assert_eq!(reader.current_url().await, page);
    reader.close().await;
}

#[tokio::test]
async fn invalid_field_shows_an_error_beside_it() {
    let page = HOST.publish(&HostPage::new(&OPEN, "form_mistake"));
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("status of 422");
    reader.visit(&page).await;
    let widget = reader.widget();
    let long = "n".repeat(60);
    widget.fill(MAIN_FORM, &[("name", &long), ("text", "Kept"), ("email", "nonsense")]).await;
    widget.submit(MAIN_FORM).await;
    assert!(!widget.wait_for_error(MAIN_FORM, "email").await.is_empty());
    let error_is_linked = "
        const field = root.querySelector('[name=email]');
        return field.getAttribute('aria-invalid') === 'true'
            && field.getAttribute('aria-describedby').split(' ').some((id) => root.getElementById(id)?.classList.contains('aw-error'));";
    assert_eq!(widget.run(error_is_linked, Vec::new()).await, true, "assistive technology gets the error");
    widget.wait_for_focus("[name=email]").await;
    assert_eq!(
        (widget.field_value(MAIN_FORM, "text").await, widget.field_value(MAIN_FORM, "name").await),
        ("Kept".to_owned(), long)
    );
    widget.fill(MAIN_FORM, &[("email", "ada@example.example")]).await;
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&["Kept"]).await;
    assert_eq!(widget.count(".aw-error:not(:empty)").await, 0, "the error is gone");
    assert_eq!(widget.count("[aria-invalid=true]").await, 0);
    reader.close().await;
}

#[tokio::test]
async fn empty_comment_is_not_sent() {
    let page = HOST.publish(&HostPage::new(&OPEN, "form_empty"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.post("Ada", "   ").await;
    assert!(!widget.wait_for_error(MAIN_FORM, "text").await.is_empty());
    widget.post("Ada", "Something").await;
    widget.wait_for_texts(&["Something"]).await;
    reader.close().await;
}

#[tokio::test]
async fn name_is_remembered_if_the_reader_wants_it() {
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "form_name_one"))).await;
    // Without the reader's wish nothing is remembered.
    reader.widget().post("Ada", "Here").await;
    reader.widget().wait_for_texts(&["Here"]).await;
    assert_eq!(reader.run("return localStorage.getItem('afterword:me')", Vec::new()).await, serde_json::Value::Null);
    reader.widget().find(&format!("{MAIN_FORM} [name=remember]")).await.click().await.expect("the box can be ticked");
    reader.widget().post("Ada Lovelace", "Again").await;
    reader.widget().wait_for_texts(&["Here", "Again"]).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "form_name_two"))).await;
    reader.widget().find(".aw-empty").await;
    let poll = async || {
        let name = reader.widget().field_value(MAIN_FORM, "name").await;
        if name == "Ada Lovelace" { Ok(()) } else { Err(name) }
    };
    wait_until_async("the name", poll).await;
    reader.close().await;
}

/// A reply form is a copy of the form of the post, which may hold a text already.
#[tokio::test]
async fn reply_form_does_not_begin_with_the_text_of_another_form() {
    let posted = post_thread("form_copied", &[("To be answered", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    hold_widget_back(&reader).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "form_copied"))).await;
    let widget = reader.widget();
    widget.fill(MAIN_FORM, &[("text", "About the post"), ("name", "Ada")]).await;
    release_widget(&reader).await;
    let reply = widget.open_reply(&posted[0].comment.id.to_string()).await;
    assert_eq!(widget.field_value(&reply, "text").await, "");
    assert_eq!(widget.field_value(&reply, "name").await, "Ada", "the name is the reader's in every form");
    let ids = "return [...root.querySelectorAll('[id]')].map((element) => element.id).filter((id, at, all) => all.indexOf(id) !== at)";
    assert_eq!(widget.run(ids, Vec::new()).await, serde_json::json!([]), "no id is there twice");
    reader.close().await;
}

/// Puts a draft of a reply to a comment that is gone into the storage, and opens the page again.
async fn keep_draft_of_a_reply(reader: &Browser, name: &str) {
    let keep = "
        const draft = [{id: '', url: arguments[0], parent: 999999, text: 'To nobody'}];
        localStorage.setItem('afterword:draft:' + arguments[0], JSON.stringify(draft));";
    reader.run(keep, vec![post_url(name).into()]).await;
    reader.reload().await;
}

#[tokio::test]
async fn draft_of_a_reply_to_a_removed_comment_is_posted_once() {
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "form_orphan"))).await;
    let widget = reader.widget();
    keep_draft_of_a_reply(&reader, "form_orphan").await;
    widget.find(&format!("{MAIN_FORM} .aw-restored")).await;
    widget.wait_to_hear("Your draft was restored.").await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "To nobody");
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&["To nobody"]).await;
    reader.reload().await;
    widget.wait_for_texts(&["To nobody"]).await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "");
    assert_eq!(widget.count(".aw-restored").await, 0);
    reader.close().await;
}

#[tokio::test]
async fn restored_draft_of_a_reply_is_announced() {
    let posted = post_thread("form_restored_reply", &[("To be answered", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "form_restored_reply"))).await;
    let reply = reader.widget().open_reply(&posted[0].comment.id.to_string()).await;
    reader.widget().fill(&reply, &[("text", "An answer")]).await;
    reader.reload().await;
    reader.widget().find(&format!("{reply} .aw-restored")).await;
    reader.widget().wait_to_hear("Your draft was restored.").await;
    reader.close().await;
}

#[tokio::test]
async fn closed_thread_shows_the_draft_and_takes_no_votes() {
    post_thread("form_closed", &[("One", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "form_closed"))).await;
    let widget = reader.widget();
    widget.find(".aw-vote").await;
    let close = "
        const real = fetch;
        fetch = async (request, options) => {
            const response = await real(request, options);
            if (!String(request.url ?? request).includes('/v1/thread.html')) return response;
            return new Response((await response.text()).replace(/<form class=.aw-form[^]*?<.form>/, ''), response);
        };";
    reader.inject_script(close).await;
    keep_draft_of_a_reply(&reader, "form_closed").await;
    let text = "return root.querySelector('.aw-unsent textarea[readonly]').value";
    widget.find(".aw-unsent textarea").await;
    assert_eq!(widget.run(text, Vec::new()).await, "To nobody");
    assert_eq!(widget.count(".aw-vote").await, 0);
    assert_eq!(reader.axe_violations().await, Vec::<String>::new());
    widget.find(".aw-unsent button").await.click().await.expect("the button can be pressed");
    reader.reload().await;
    widget.find(".aw-item").await;
    assert_eq!(
        reader
            .run("return localStorage.getItem('afterword:draft:' + arguments[0])", vec![post_url("form_closed").into()])
            .await,
        serde_json::Value::Null
    );
    reader.close().await;
}

#[tokio::test]
async fn press_whose_part_cannot_be_loaded_says_so() {
    post_thread("form_no_part", &[("One", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "form_no_part"))).await;
    let widget = reader.widget();
    widget.find(".aw-vote").await;
    reader.block_requests(Some("/assets/")).await;
    widget.find(".aw-vote").await.click().await.expect("the button can be pressed");
    widget.wait_to_hear("That did not work. Please try again.").await;
    reader.close().await;
}
