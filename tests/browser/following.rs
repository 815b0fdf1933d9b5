//! Reading along: order, collapsing, further pages, what is new, links, votes, reactions.

use std::sync::LazyLock;

use afterword_model::NewComment;
use afterword_tests::{
    Browser, BrowserOptions, HostPage, MAIN_FORM, Request, Server, new_comment, post_many_comments, post_url,
    wait_for_thread, wait_until_async,
};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::pending_comments::MODERATED;
use crate::reading::wait_for_count;
use crate::{HOST, OPEN, post_thread};

/// A Worker whose posts take reactions.
static REACTING: LazyLock<Server> =
    LazyLock::new(|| Server::with_spam_checks("browser-reacting", &[("RATE_LIMITS", "off"), ("REACTIONS", "👍 🎉")]));

/// Makes waiting faster by a factor: delays from half a minute on, and the clock. It does so once the thread has been seen in the window, and
/// has the widget ask the clock again.
pub(crate) async fn speed_up(reader: &Browser, factor: u32) {
    let script = "
        const [timeout, now] = [setTimeout, Date.now];
        timeout(() => {
            const start = now();
            window.setTimeout = (callback, delay, ...rest) => timeout(callback, delay >= 30000 ? delay / factor : delay, ...rest);
            Date.now = () => start + (now() - start) * factor;
            dispatchEvent(new Event('visibilitychange'));
        }, 500);";
    // As a script of the page: those of a test have a clock of their own in Firefox.
    let in_page = "document.head.append(Object.assign(document.createElement('script'), {textContent: arguments[0]}))";
    reader.run(in_page, vec![json!(format!("{{ const factor = {factor}; {script} }}"))]).await;
}

async fn open(name: &str, texts: &[(&str, Option<usize>)]) -> (Browser, Vec<String>) {
    let posted = post_thread(name, texts);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, name))).await;
    reader.widget().find(".aw-vote").await;
    (reader, posted.iter().map(|posted| posted.comment.id.to_string()).collect())
}

#[tokio::test]
async fn chosen_order_is_shown_at_once_announced_and_remembered() {
    let (reader, _) = open("follow_order", &[("One", None), ("Two", None), ("To one", Some(0))]).await;
    let widget = reader.widget();
    widget.fill(MAIN_FORM, &[("text", "Half a comment")]).await;
    let select = widget.find(".aw-order select").await;
    select.click().await.unwrap();
    select.send_keys("Newest").await.unwrap();
    select.send_keys(Key::Enter).await.unwrap();
    widget.wait_for_texts(&["Two", "One", "To one"]).await;
    widget.wait_for_focus(".aw-order select").await;
    assert!(widget.status().await.starts_with("Newest first"));
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "Half a comment");
    let navigations = reader.run("return performance.getEntriesByType('navigation').length", Vec::new()).await;
    assert_eq!(navigations, 1, "the page is not loaded again");
    reader.reload().await;
    widget.wait_for_texts(&["Two", "One", "To one"]).await;
    // What another script has stored there changes nothing.
    reader.run("localStorage.setItem('afterword:sort', 'sideways')", Vec::new()).await;
    reader.reload().await;
    widget.wait_for_texts(&["One", "To one", "Two"]).await;
    reader.close().await;
}

#[tokio::test]
async fn collapsed_replies_stay_collapsed_and_a_link_opens_them() {
    let (reader, ids) = open("follow_collapse", &[("One", None), ("To one", Some(0)), ("To that", Some(1))]).await;
    let widget = reader.widget();
    let branch = format!("#comment-{} > .aw-branch", ids[0]);
    assert_eq!(widget.find(&format!("{branch} > summary")).await.text().await.unwrap(), "2 replies");
    widget.find(&format!("{branch} > summary")).await.click().await.unwrap();
    let stored = "localStorage.getItem(Object.keys(localStorage).find((key) => key.includes(':collapsed:'))) !== null";
    widget.wait_until("the collapsed branch to be stored", stored).await;
    reader.reload().await;
    widget.find(&format!("{branch}:not([open])")).await;
    reader.run("location.hash = arguments[0]", vec![json!(format!("comment-{}", ids[2]))]).await;
    widget.find(&format!("{branch}[open]")).await;
    widget.wait_for_focus(&format!("#comment-{}", ids[2])).await;
    reader.close().await;
}

#[tokio::test]
async fn branch_with_a_text_that_is_being_written_does_not_collapse() {
    let (reader, ids) = open("follow_writing", &[("One", None), ("To one", Some(0))]).await;
    let widget = reader.widget();
    let form = widget.open_reply(&ids[1]).await;
    widget.fill(&form, &[("text", "Half")]).await;
    let branch = format!("#comment-{} > .aw-branch", ids[0]);
    widget.find(&format!("{branch} > summary")).await.click().await.unwrap();
    widget.find(&format!("{branch}[open]")).await;
    assert_eq!(widget.field_value(&form, "text").await, "Half");
    reader.close().await;
}

#[tokio::test]
async fn all_pages_load_without_a_shift_of_the_layout() {
    let posted = post_many_comments(&OPEN, &post_url("follow_pages"), 230);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "follow_pages"))).await;
    let widget = reader.widget();
    widget.find(".aw-vote").await;
    let record = "
        window.shift = 0;
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
        }).observe({type: 'layout-shift'});";
    widget.run(record, Vec::new()).await;
    for count in [200, 230] {
        let first = widget.shown_comments().await.len();
        widget.find(".aw-more").await.click().await.unwrap();
        wait_for_count(&widget, count).await;
        widget.wait_for_focus(&format!("#comment-{}", posted[first].id)).await;
        let more = count - first;
        widget.wait_to_hear(&format!("{more} more comments, {count} of 230.")).await;
    }
    let shift = reader.run("return window.shift", Vec::new()).await.as_f64().unwrap_or(1.0);
    assert!(shift <= 0.02, "layout shift of {shift}");
    reader.close().await;
}

#[tokio::test]
async fn link_to_a_comment_that_is_not_there_says_so() {
    post_thread("follow_missing", &[("One", None)]);
    let page = HOST.publish(&HostPage::new(&OPEN, "follow_missing"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&format!("{page}#comment-987654321")).await;
    let widget = reader.widget();
    let note = widget.find(".aw-missing").await.text().await.unwrap();
    assert_eq!(note, "This comment is not here. It may be waiting for approval.");
    reader.close().await;
}

/// Changes the time at which the last visit ended.
const END_VISIT: &str = "
    const key = Object.keys(localStorage).find((key) => key.includes(':visit:') && key.includes(arguments[0]));
    const visit = JSON.parse(localStorage.getItem(key));
    visit.at -= 31 * 60 * 1000;
    return [key, JSON.stringify(visit)];";

#[tokio::test]
async fn comment_that_was_approved_late_is_new() {
    let url = post_url("follow_news");
    let post = |text: &str| {
        Request::post_comment(&new_comment(&url, text)).send(&MODERATED).json::<Value>()["comment"]["id"].clone()
    };
    let approve = |id: &Value| {
        let path = format!("/admin/api/comments/{id}/approve");
        assert_eq!(Request::as_moderator("POST", &path).send(&MODERATED).status, 200);
    };
    let [late, early] = [post("Approved late"), post("Approved early")];
    approve(&early);
    wait_for_thread(&MODERATED, &url, 1);
    let page = HOST.publish(&HostPage::new(&MODERATED, "follow_news"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.find(".aw-vote").await;
    assert_eq!(widget.count(".aw-new").await, 0, "without a memory nothing is new");
    approve(&late);
    wait_for_thread(&MODERATED, &url, 2);
    // Within the same visit it is not news of the last one.
    let visit = reader.run(END_VISIT, vec![json!("follow_news")]).await;
    reader.visit(&HOST.publish(&HostPage::new(&MODERATED, "follow_elsewhere"))).await;
    reader.run("localStorage.setItem(...arguments[0])", vec![visit]).await;
    reader.visit(&page).await;
    widget.find(".aw-news").await;
    assert_eq!(widget.count(".aw-new").await, 1);
    assert_eq!(widget.count(&format!("#comment-{late} .aw-new")).await, 1);
    widget.find(".aw-news button").await.click().await.unwrap();
    widget.wait_for_focus(&format!("#comment-{late}")).await;
    reader.close().await;
}

#[tokio::test]
async fn new_comments_wait_behind_a_button_and_nothing_moves() {
    let texts: Vec<_> = (0..20).map(|_| ("Some words", None)).collect();
    let posted = post_thread("follow_live", &texts);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "follow_live"))).await;
    let widget = reader.widget();
    widget.find(".aw-vote").await;
    let middle = format!("#comment-{}", posted[12].comment.id);
    widget.run("root.querySelector(arguments[0]).scrollIntoView({block: 'center'})", vec![json!(middle)]).await;
    let top = "return root.querySelector(arguments[0]).getBoundingClientRect().top";
    let before = widget.run(top, vec![json!(middle)]).await.as_f64().unwrap_or_default();
    let url = post_url("follow_live");
    let parent = Some(posted[0].comment.id);
    for comment in [NewComment { parent, ..new_comment(&url, "A reply") }, new_comment(&url, "At the end")] {
        assert_eq!(Request::post_comment(&comment).send(&OPEN).status, 201);
    }
    wait_for_thread(&OPEN, &url, 22);
    speed_up(&reader, 100).await;
    widget.wait_to_hear("2 new comments.").await;
    let after = widget.run(top, vec![json!(middle)]).await.as_f64().unwrap_or_default();
    assert!((before - after).abs() <= 1.0, "what is being read moved from {before} to {after}");
    assert_eq!(widget.shown_comments().await.len(), 20, "nothing is inserted unasked");
    widget.find(&format!("#comment-{} .aw-fresh", posted[0].comment.id)).await.click().await.unwrap();
    widget.wait_until("the comments", "root.querySelectorAll('.aw-item').length === 22").await;
    widget.wait_for_focus(&format!("#comment-{} .aw-item", posted[0].comment.id)).await;
    assert_eq!(widget.find(".aw-title").await.text().await.unwrap(), "22 comments");
    reader.close().await;
}

#[tokio::test]
async fn removed_comment_is_replaced_by_a_note_and_votes_stay() {
    let (reader, ids) = open("follow_removed", &[("Kept", None), ("Removed", None)]).await;
    let widget = reader.widget();
    widget.find(&format!("#comment-{} .aw-vote", ids[0])).await.click().await.unwrap();
    let voted = format!("/1/.test(root.querySelector('#comment-{} .aw-vote[aria-pressed=true]')?.textContent)", ids[0]);
    widget.wait_until("the vote", &voted).await;
    let path = format!("/admin/api/comments/{}/erase", ids[1]);
    assert_eq!(Request::as_moderator("POST", &path).send(&OPEN).status, 200);
    wait_for_thread(&OPEN, &post_url("follow_removed"), 1);
    speed_up(&reader, 100).await;
    widget.find(&format!("#comment-{} .aw-gone", ids[1])).await;
    widget.wait_until("the number", "root.querySelector('.aw-title').textContent === '1 comment'").await;
    widget.wait_until("the vote", &voted).await;
    assert_eq!(widget.count(".aw-gone").await, 1);
    reader.close().await;
}

#[tokio::test]
async fn hidden_page_and_saved_data_send_no_requests() {
    let posted = post_thread("follow_hidden", &[("Some words", None)]);
    assert_eq!(posted.len(), 1);
    let hidden = "Object.defineProperty(Document.prototype, 'visibilityState', {get: () => 'hidden'});";
    let saving = "Object.defineProperty(navigator, 'connection', {value: {saveData: true}});";
    for (script, polls) in [(hidden, 0), (saving, 0), ("", 10)] {
        let reader = Browser::open(BrowserOptions::default()).await;
        reader.inject_script(script).await;
        reader.visit(&HOST.publish(&HostPage::new(&OPEN, "follow_hidden"))).await;
        reader.widget().find(".aw-vote").await;
        speed_up(&reader, 4000).await;
        // The first request is that of the loader.
        let mut requests = 0;
        let count = async || {
            requests += reader.requests().await.iter().filter(|request| request.contains("/v1/thread.html")).count();
            if requests > polls { Ok(()) } else { Err(requests) }
        };
        wait_until_async("the requests of one visit", count).await;
        let hours = "window.Date.now() - (window.begun ??= window.Date.now()) > 2 * 60 * 60 * 1000";
        reader.widget().wait_until("two hours on the fast clock", hours).await;
        let later = reader.requests().await.iter().filter(|request| request.contains("/v1/thread.html")).count();
        assert_eq!(requests + later, 1 + polls, "in one visit: {script}");
        reader.close().await;
    }
}

#[tokio::test]
async fn vote_is_a_state_and_a_failure_takes_it_back_and_says_so() {
    let (reader, ids) = open("follow_votes", &[("Well said", None)]).await;
    let widget = reader.widget();
    let button = format!("#comment-{} .aw-vote", ids[0]);
    let pressed = |is: bool, votes: u8| {
        format!(
            "root.querySelector('{button}').getAttribute('aria-pressed') === '{is}' && root.querySelector('{button}').textContent.includes('{votes}')"
        )
    };
    widget.find(&button).await.click().await.unwrap();
    widget.wait_until("the vote", &pressed(true, 1)).await;
    widget.wait_for_focus(&button).await;
    reader.reload().await;
    widget.find(&format!("{button}[aria-pressed=true]")).await;
    // Not the part of the widget, whose path begins like that of the call.
    reader.block_requests(Some("/vote?")).await;
    widget.find(&button).await.click().await.unwrap();
    widget.wait_to_hear("Your vote was not saved. Please try again.").await;
    widget.wait_until("the vote as before", &pressed(true, 1)).await;
    reader.block_requests(None).await;
    widget.find(&button).await.click().await.unwrap();
    widget.wait_until("the vote taken back", &pressed(false, 0)).await;
    assert_eq!(widget.count(".aw-note").await, 0);
    reader.close().await;
}

#[tokio::test]
async fn reaction_to_the_post_is_counted_and_remembered() {
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&REACTING, "follow_reactions"))).await;
    let widget = reader.widget();
    for _ in 0..2 {
        widget.find(".aw-reaction").await;
        if widget.count(".aw-reaction[aria-pressed=true]").await == 0 {
            widget.find(".aw-reaction").await.click().await.unwrap();
        }
        let is_counted = "/👍\\D*1/.test(root.querySelector('.aw-reaction[aria-pressed=true]')?.textContent)";
        widget.wait_until("the reaction", is_counted).await;
        assert_eq!(reader.axe_violations().await, Vec::<String>::new());
        reader.reload().await;
    }
    reader.close().await;
}

#[tokio::test]
async fn drawn_comments_are_announced_to_the_page() {
    let (reader, _) = open("follow_drawn", &[("One", None)]).await;
    let record = "
        window.drawn = [];
        document.addEventListener('afterword:drawn', (event) => drawn.push(event.composedPath()[0].querySelectorAll('code').length));";
    reader.run(record, Vec::new()).await;
    let widget = reader.widget();
    widget.post("Ada", "```rust\nfn main() {}\n```").await;
    widget.find("code.language-rust").await;
    assert_eq!(reader.run("return drawn", Vec::new()).await, json!([1]), "a highlighter finds the code");
    reader.close().await;
}
