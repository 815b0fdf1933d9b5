//! Comments that are written without a connection.

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM, post_url, wait_for_thread};
use serde_json::{Value, json};

use crate::{HOST, OPEN};

/// Lets all requests to the Worker fail, and the browser say that it is offline, until `connect` is called. `test:answer` is the status with
/// which the Worker refuses comments. Modules are not fetched by `fetch`: see [`write_offline`].
pub(crate) const DISCONNECT: &str = "
    const isOffline = () => localStorage.getItem('test:offline') === 'yes';
    const real = fetch;
    window.sent = 0;
    fetch = async (request, options) => {
        const address = String(request.url ?? request);
        if (isOffline() && /\\/(v1|assets)\\//.test(address)) throw new TypeError('no connection');
        if (!address.endsWith('/v1/comments')) return real(request, options);
        sent += 1;
        const status = +localStorage.getItem('test:answer');
        if (!status) return real(request, options);
        const error = {code: 'test', message: 'Not now.'};
        return new Response(JSON.stringify({error}), {status, headers: {'content-type': 'application/json'}});
    };
    Object.defineProperty(navigator, 'onLine', {get: () => !isOffline()});
    window.disconnect = () => localStorage.setItem('test:offline', 'yes');
    window.connect = () => {
        localStorage.removeItem('test:offline');
        dispatchEvent(new Event('online'));
    };";

/// Opens a page, and sends a comment without a connection.
async fn write_offline(name: &str, text: &str) -> Browser {
    let page = HOST.publish(&HostPage::new(&OPEN, name));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(DISCONNECT).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.fill(MAIN_FORM, &[("text", text)]).await;
    wait_for_part(&reader).await;
    reader.run("disconnect()", Vec::new()).await;
    reader.block_requests(Some("/assets/")).await;
    widget.submit(MAIN_FORM).await;
    widget.wait_to_hear("You are offline. Your comment will be sent later.").await;
    reader.block_requests(None).await;
    reader
}

/// Waits until the part for comments without a connection is there, as it is soon after the reader has begun to write.
pub(crate) async fn wait_for_part(reader: &Browser) {
    let names = "performance.getEntriesByType('resource').map(({name}) => name)";
    for part in ["/assets/offline-", "/assets/on-demand-"] {
        let is_loaded = format!("{names}.some((name) => name.includes('{part}'))");
        reader.widget().wait_until(part, &is_loaded).await;
    }
}

/// Sets the status with which the Worker answers from now on, and connects.
async fn connect_to(reader: &Browser, status: u16) {
    reader.run("localStorage.setItem('test:answer', arguments[0]); connect()", vec![json!(status)]).await;
}

async fn outbox(reader: &Browser) -> Value {
    let script =
        "return JSON.parse(localStorage.getItem('afterword:outbox') ?? '[]').map((entry) => entry.comment.text)";
    reader.run(script, Vec::new()).await
}

#[tokio::test]
async fn comment_written_offline_is_kept_and_sent_when_the_connection_is_back() {
    let reader = write_offline("offline_back", "From the train").await;
    let widget = reader.widget();
    assert_eq!(outbox(&reader).await, json!(["From the train"]));
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "From the train");
    assert_eq!(reader.axe_violations().await, Vec::<String>::new());
    reader.run("connect()", Vec::new()).await;
    widget.wait_for_texts(&["From the train"]).await;
    widget.wait_to_hear("Your comment is published.").await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "");
    assert_eq!(outbox(&reader).await, json!([]));
    wait_for_thread(&OPEN, &post_url("offline_back"), 1);
    reader.close().await;
}

#[tokio::test]
async fn comment_written_offline_is_sent_once_over_all_tabs() {
    let page = HOST.publish(&HostPage::new(&OPEN, "offline_tabs"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    reader.widget().find(".aw-empty").await;
    let first = reader.current_tab().await;
    let second = reader.new_tab().await;
    reader.inject_script(DISCONNECT).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.fill(MAIN_FORM, &[("text", "Once")]).await;
    wait_for_part(&reader).await;
    reader.run("disconnect()", Vec::new()).await;
    widget.submit(MAIN_FORM).await;
    widget.wait_to_hear("You are offline. Your comment will be sent later.").await;
    reader.run("localStorage.removeItem('test:offline')", Vec::new()).await;
    let now = reader.run("return Date.now()", Vec::new()).await.as_i64().unwrap_or_default();
    for tab in [&first, &second] {
        reader.switch_to(tab).await;
        let online = "setTimeout(() => dispatchEvent(new Event('online')), arguments[0] - Date.now())";
        reader.run(online, vec![json!(now + 1500)]).await;
    }
    wait_for_thread(&OPEN, &post_url("offline_tabs"), 1);
    let mut sent = 0;
    for tab in [&first, &second] {
        reader.switch_to(tab).await;
        let count =
            "return performance.getEntriesByType('resource').filter(({name}) => name.endsWith('/v1/comments')).length";
        sent += reader.run(count, Vec::new()).await.as_i64().unwrap_or_default();
        assert_eq!(outbox(&reader).await, json!([]));
    }
    // A request with a key has a preflight request, which has no entry of its own.
    assert_eq!(sent, 1, "one request over both tabs");
    reader.close().await;
}

#[tokio::test]
async fn comment_kept_over_a_reload_is_sent_then() {
    let reader = write_offline("offline_reload", "Later").await;
    reader.run("localStorage.removeItem('test:offline')", Vec::new()).await;
    reader.reload().await;
    reader.widget().wait_for_texts(&["Later"]).await;
    assert_eq!(reader.widget().field_value(MAIN_FORM, "text").await, "");
    wait_for_thread(&OPEN, &post_url("offline_reload"), 1);
    reader.close().await;
}

#[tokio::test]
async fn comment_older_than_a_day_is_not_sent_unasked() {
    let reader = write_offline("offline_old", "Old news").await;
    let widget = reader.widget();
    let age = "
        const outbox = JSON.parse(localStorage.getItem('afterword:outbox'));
        outbox[0].at -= 25 * 60 * 60 * 1000;
        localStorage.setItem('afterword:outbox', JSON.stringify(outbox));
        localStorage.removeItem('test:offline');";
    reader.run(age, Vec::new()).await;
    reader.reload().await;
    widget
        .wait_until("the question", "!!root.querySelector('.aw-restored')?.textContent.includes('more than a day old')")
        .await;
    assert_eq!(reader.run("return sent", Vec::new()).await, 0);
    wait_for_thread(&OPEN, &post_url("offline_old"), 0);
    // The first button sends it.
    widget.find(".aw-restored button").await.click().await.expect("the button can be pressed");
    widget.wait_for_texts(&["Old news"]).await;
    reader.close().await;
}

#[tokio::test]
async fn changed_text_is_not_sent_by_itself() {
    let reader = write_offline("offline_changed", "First thought").await;
    let widget = reader.widget();
    // The preview follows the text as well.
    widget.find(&format!("{MAIN_FORM} .aw-preview-button")).await.click().await.expect("the button can be pressed");
    widget.find(".aw-preview").await;
    widget.find(&format!("{MAIN_FORM} [name=text]")).await.send_keys(" and second").await.unwrap();
    widget.wait_until("the notice to go", "!root.querySelector('.aw-restored')").await;
    assert_eq!(outbox(&reader).await, json!([]));
    reader.run("connect()", Vec::new()).await;
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&["First thought and second"]).await;
    wait_for_thread(&OPEN, &post_url("offline_changed"), 1);
    reader.close().await;
}

#[tokio::test]
async fn comment_that_is_changed_after_a_reload_is_posted_once() {
    let reader = write_offline("offline_renamed", "By whom").await;
    let widget = reader.widget();
    reader.run("localStorage.setItem('test:answer', 503); localStorage.removeItem('test:offline')", Vec::new()).await;
    reader.reload().await;
    widget.find(".aw-restored").await;
    // Another name makes it another comment.
    widget.fill(MAIN_FORM, &[("name", "Ada")]).await;
    widget.wait_until("the notice to go", "!root.querySelector('.aw-restored')").await;
    assert_eq!(outbox(&reader).await, json!([]));
    reader.run("localStorage.removeItem('test:answer'); connect()", Vec::new()).await;
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&["By whom"]).await;
    wait_for_thread(&OPEN, &post_url("offline_renamed"), 1);
    reader.close().await;
}

#[tokio::test]
async fn waiting_comment_that_is_posted_by_hand_leaves_the_outbox() {
    let reader = write_offline("offline_by_hand", "Impatient").await;
    reader.run("localStorage.removeItem('test:offline')", Vec::new()).await;
    reader.widget().submit(MAIN_FORM).await;
    reader.widget().wait_for_texts(&["Impatient"]).await;
    assert_eq!(outbox(&reader).await, json!([]));
    reader.close().await;
}

#[tokio::test]
async fn comment_waits_on_while_the_worker_is_busy() {
    let reader = write_offline("offline_busy", "Patience").await;
    let widget = reader.widget();
    for status in [503, 429] {
        reader.run("window.sent = 0", Vec::new()).await;
        connect_to(&reader, status).await;
        widget.wait_until("the attempt", "sent === 1 && !root.querySelector('[aria-busy=true]')").await;
        assert_eq!(outbox(&reader).await, json!(["Patience"]), "{status}");
        assert_eq!(widget.field_value(MAIN_FORM, "text").await, "Patience");
    }
    // Whoever presses the button learns why it does not work.
    widget.find(".aw-restored button").await.click().await.expect("the button can be pressed");
    assert_eq!(widget.wait_for_error(MAIN_FORM, "form").await, "Not now.");
    reader.run("localStorage.removeItem('test:answer'); connect()", Vec::new()).await;
    widget.wait_for_texts(&["Patience"]).await;
    assert_eq!(widget.count(".aw-error:not(:empty)").await, 0);
    reader.close().await;
}

#[tokio::test]
async fn refused_comment_without_a_form_is_shown_until_it_is_discarded() {
    let reader = write_offline("offline_refused", "Here").await;
    let widget = reader.widget();
    let elsewhere = "
        const outbox = JSON.parse(localStorage.getItem('afterword:outbox'));
        outbox[0].url = 'https://blog.example/elsewhere';
        outbox[0].comment.text = 'There';
        localStorage.setItem('afterword:outbox', JSON.stringify(outbox));";
    reader.run(elsewhere, Vec::new()).await;
    connect_to(&reader, 403).await;
    for _ in 0..2 {
        widget.wait_until("the text", "root.querySelector('.aw-unsent textarea')?.value === 'There'").await;
        widget.wait_until("the reason", "root.querySelector('.aw-unsent').textContent.includes('Not now.')").await;
        assert_eq!(widget.field_value(MAIN_FORM, "text").await, "Here");
        reader.reload().await;
    }
    widget.find(".aw-unsent button").await.click().await.expect("the button can be pressed");
    assert_eq!(widget.count(".aw-unsent").await, 0);
    assert_eq!(outbox(&reader).await, json!([]));
    reader.close().await;
}

#[tokio::test]
async fn comment_that_another_tab_has_sent_does_not_come_back() {
    let reader = write_offline("offline_other_tab", "Sent by the other").await;
    let first = reader.current_tab().await;
    // A tab that opens on another post has no form with the text.
    let page = HOST.publish(&HostPage::new(&OPEN, "offline_other_post"));
    reader.new_tab().await;
    reader.visit(&page).await;
    reader.run("localStorage.removeItem('test:offline')", Vec::new()).await;
    reader.reload().await;
    wait_for_thread(&OPEN, &post_url("offline_other_tab"), 1);
    reader.switch_to(&first).await;
    reader.reload().await;
    reader.widget().wait_for_texts(&["Sent by the other"]).await;
    assert_eq!(reader.widget().field_value(MAIN_FORM, "text").await, "");
    assert_eq!(reader.widget().count(".aw-restored").await, 0);
    reader.close().await;
}
