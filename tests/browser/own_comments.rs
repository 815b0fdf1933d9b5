//! The reader's own comments: edit, delete with undo, report of others', the fate of held ones.

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM, Request, Widget, post_url, wait_for_thread};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::following::speed_up;
use crate::pending_comments::MODERATED;
use crate::{HOST, OPEN, post_thread};

/// Opens a page and posts a comment. Returns its id as well.
async fn open_and_post(name: &str, text: &str) -> (Browser, String) {
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, name))).await;
    reader.widget().post("Ada", text).await;
    // The marks of strong text are not shown.
    let shown = reader.widget().wait_for_texts(&[&text.replace("**", "")]).await;
    let id = shown[0].id.clone();
    (reader, id)
}

/// Opens the menu of a comment and presses one of its buttons.
pub(crate) async fn choose(widget: &Widget<'_>, id: &str, class: &str) {
    widget.find(&format!("#comment-{id} > article .aw-menu > summary")).await.click().await.expect("the menu opens");
    widget.find(&format!("#comment-{id} > article .{class}")).await.click().await.expect("the button can be pressed");
}

#[tokio::test]
async fn own_comment_is_edited_in_place_from_its_source() {
    let (reader, id) = open_and_post("own_edit", "Some **weight**").await;
    let widget = reader.widget();
    choose(&widget, &id, "aw-edit").await;
    let form = format!("#comment-{id} > .aw-form");
    widget
        .wait_until("the source", &format!("root.querySelector('{form} [name=text]')?.value === 'Some **weight**'"))
        .await;
    widget.wait_for_focus(&format!("{form} [name=text]")).await;
    reader.press(" and more").await;
    // A draft of an edit is neither that of the post nor that of a reply.
    reader.press(Key::Escape).await;
    widget.wait_to_hear("Draft kept.").await;
    reader.reload().await;
    widget.wait_for_texts(&["Some weight"]).await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "");
    assert_eq!(widget.count(&form).await, 0);
    choose(&widget, &id, "aw-edit").await;
    widget.find(&format!("{form} .aw-restored")).await;
    assert_eq!(widget.field_value(&form, "text").await, "Some **weight** and more");
    widget.submit(&form).await;
    widget.wait_for_texts(&["Some weight and more"]).await;
    widget.wait_to_hear("Changes saved.").await;
    widget.wait_for_focus(&format!("#comment-{id}")).await;
    let drafts =
        reader.run("return Object.keys(localStorage).filter((key) => key.includes(':draft:'))", Vec::new()).await;
    assert_eq!(drafts, json!([]));
    let published = wait_for_thread(&OPEN, &post_url("own_edit"), 1);
    assert_eq!(published[0].id.to_string(), id);
    reader.close().await;
}

#[tokio::test]
async fn edit_after_its_window_keeps_the_text() {
    let (reader, id) = open_and_post("own_late", "First").await;
    let late = "
        const real = fetch;
        window.fetch = (request, options) => options?.method === 'PATCH'
            ? Promise.resolve(new Response(JSON.stringify({error: {code: 'edit_window_over', message: 'Over.'}}), {status: 403}))
            : real(request, options);";
    reader.run(late, Vec::new()).await;
    let widget = reader.widget();
    choose(&widget, &id, "aw-edit").await;
    let form = format!("#comment-{id} > .aw-form");
    widget.wait_until("the source", &format!("root.querySelector('{form} [name=text]')?.value === 'First'")).await;
    reader.press(" thought").await;
    widget.submit(&form).await;
    widget.wait_for_error(&form, "form").await;
    assert_eq!(widget.field_value(&form, "text").await, "First thought", "the text can be copied");
    reader.close().await;
}

#[tokio::test]
async fn edit_that_is_held_stays_on_the_screen_of_its_author() {
    let (page, url) = (HOST.publish(&HostPage::new(&MODERATED, "own_held")), post_url("own_held"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.post("Ada", "First").await;
    let id = widget.wait_for_texts(&["First"]).await[0].id.clone();
    let path = format!("/admin/api/comments/{id}/approve");
    assert_eq!(Request::as_moderator("POST", &path).send(&MODERATED).status, 200);
    wait_for_thread(&MODERATED, &url, 1);
    reader.reload().await;
    widget.wait_until("the comment", "root.querySelector('.aw-you') && !root.querySelector('.aw-pending')").await;
    choose(&widget, &id, "aw-edit").await;
    let form = format!("#comment-{id} > .aw-form");
    widget.wait_until("the source", &format!("root.querySelector('{form} [name=text]')?.value === 'First'")).await;
    reader.press(" thought").await;
    widget.submit(&form).await;
    widget.wait_for_texts(&["First thought"]).await;
    widget.wait_until("the number", "root.querySelector('.aw-title').textContent === 'Comments'").await;
    wait_for_thread(&MODERATED, &url, 0);
    // The Worker's pages lack the comment now.
    speed_up(&reader, 100).await;
    let requests =
        "performance.getEntriesByType('resource').filter(({name}) => name.includes('/v1/thread.html')).length >= 3";
    widget.wait_until("two requests for new comments", requests).await;
    assert!(widget.wait_for_texts(&["First thought"]).await[0].pending);
    reader.close().await;
}

#[tokio::test]
async fn own_comment_is_deleted_and_restored_in_its_place() {
    let (reader, id) = open_and_post("own_delete", "To be or not").await;
    let widget = reader.widget();
    choose(&widget, &id, "aw-delete").await;
    widget.wait_to_hear("Comment deleted.").await;
    widget.wait_for_focus(&format!("#comment-{id} > .aw-deleted button")).await;
    wait_for_thread(&OPEN, &post_url("own_delete"), 0);
    reader.press(Key::Enter).await;
    widget.wait_for_texts(&["To be or not"]).await;
    widget.wait_to_hear("Comment restored.").await;
    widget.wait_for_focus(&format!("#comment-{id}")).await;
    wait_for_thread(&OPEN, &post_url("own_delete"), 1);
    reader.close().await;
}

#[tokio::test]
async fn own_comments_are_marked_and_those_of_others_are_not() {
    post_thread("own_marked", &[("Theirs", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "own_marked"))).await;
    let widget = reader.widget();
    widget.post("Ada", "Mine").await;
    widget.wait_for_texts(&["Theirs", "Mine"]).await;
    wait_for_thread(&OPEN, &post_url("own_marked"), 2);
    // The second time the Worker has drawn it, which does not know the reader.
    for _ in 0..2 {
        let marked = "[...root.querySelectorAll('.aw-item')].map((item) => !!item.querySelector('.aw-you')).join() === 'false,true'";
        widget.wait_until("the mark", marked).await;
        assert_eq!(widget.count(".aw-vote").await, 1, "nobody votes on their own comment");
        reader.reload().await;
    }
    reader.close().await;
}

#[tokio::test]
async fn rejected_comment_tells_its_author_once_and_can_be_discarded() {
    let page = HOST.publish(&HostPage::new(&MODERATED, "own_rejected"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.post("Ada", "Please approve").await;
    widget.wait_for_texts(&["Please approve"]).await;
    widget.wait_to_hear("Your comment is waiting for approval.").await;
    // The Worker's answers to this call are tested over HTTP.
    let rejected = "
        const real = fetch;
        fetch = (request, options) => {
            const address = new URL(request.url ?? request);
            if (address.pathname !== '/v1/comments/status') return real(request, options);
            const comments = address.searchParams.getAll('id').map((id) => ({id: +id, status: 'rejected'}));
            return Promise.resolve(new Response(JSON.stringify({comments})));
        };";
    reader.inject_script(rejected).await;
    reader.reload().await;
    widget
        .wait_until("the fate", "!!root.querySelector('.aw-pending')?.textContent.includes('was not published')")
        .await;
    widget.find(".aw-pending button").await.click().await.expect("the button can be pressed");
    widget.find(".aw-title").await;
    assert_eq!(widget.shown_comments().await, []);
    reader.reload().await;
    widget.find(".aw-empty").await;
    assert_eq!(widget.shown_comments().await, []);
    reader.close().await;
}

#[tokio::test]
async fn fate_is_asked_for_only_with_held_comments() {
    post_thread("own_unasked", &[("Theirs", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "own_unasked"))).await;
    let widget = reader.widget();
    widget.post("Ada", "Mine").await;
    widget.wait_for_texts(&["Theirs", "Mine"]).await;
    reader.reload().await;
    widget.find(".aw-vote").await;
    let asked: Vec<_> = reader.requests().await.into_iter().filter(|request| request.contains("/status")).collect();
    assert_eq!(asked, Vec::<String>::new());
    reader.close().await;
}

/// Records the reports that are sent, and answers them.
const RECORD_REPORTS: &str = "
    window.reports = [];
    const real = fetch;
    fetch = async (request, options) => {
        if (!String(request.url ?? request).includes('/report?')) return real(request, options);
        reports.push(JSON.parse(options.body));
        if (!window.isAccepting) throw new TypeError('no connection');
        return new Response(JSON.stringify({reported: true}));
    };";

#[tokio::test]
async fn report_is_thanked_for_only_after_it_has_arrived() {
    let posted = post_thread("own_report", &[("Buy now", None)]);
    let id = posted[0].comment.id.to_string();
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(RECORD_REPORTS).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "own_report"))).await;
    let widget = reader.widget();
    widget.find(".aw-vote").await;
    choose(&widget, &id, "aw-report").await;
    widget.wait_for_focus(".aw-report-form select").await;
    reader.press("Insult").await;
    widget.find(".aw-report-form textarea").await.send_keys("It is / rude").await.unwrap();
    widget.submit(".aw-report-form").await;
    widget.wait_until("the error", "!!root.querySelector('.aw-report-form .aw-error').textContent").await;
    assert!(!widget.status().await.contains("Thank"));
    reader.run("window.isAccepting = true", Vec::new()).await;
    widget.submit(".aw-report-form").await;
    widget.wait_to_hear("Thank you. Your report was sent.").await;
    assert_eq!(widget.count(".aw-report-form").await, 0);
    widget.wait_for_focus(&format!("#comment-{id} .aw-menu > summary")).await;
    let report = json!({"reason": "abuse", "text": "It is / rude"});
    assert_eq!(reader.run("return reports", Vec::new()).await, json!([report, report]));
    assert_eq!(reader.axe_violations().await, Vec::<String>::new());
    reader.close().await;
}

#[tokio::test]
async fn menu_copies_the_link_of_a_comment() {
    let posted = post_thread("own_copy", &[("Linked", None)]);
    let id = posted[0].comment.id.to_string();
    let reader = Browser::open(BrowserOptions::default()).await;
    let clipboard = "
        Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (text) => { window.copied = text; }}});";
    reader.inject_script(clipboard).await;
    let page = HOST.publish(&HostPage::new(&OPEN, "own_copy"));
    reader.visit(&page).await;
    choose(&reader.widget(), &id, "aw-copy").await;
    reader.widget().wait_to_hear("Link copied.").await;
    assert_eq!(reader.run("return copied ?? null", Vec::new()).await, Value::String(format!("{page}#comment-{id}")));
    reader.close().await;
}
