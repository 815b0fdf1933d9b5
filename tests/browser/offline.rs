//! Comments that are written without a connection.

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM, post_url, wait_for_thread};
use serde_json::{Value, json};

use crate::{HOST, OPEN};

/// Lets all requests for comments fail, and the browser say that it is offline, until `connect` is called.
const DISCONNECT: &str = "
    const isOffline = () => localStorage.getItem('test:offline') === 'yes';
    const real = fetch;
    window.sent = 0;
    fetch = async (request, options) => {
        if (isOffline() && String(request.url ?? request).includes('/v1/')) throw new TypeError('no connection');
        if (String(request.url ?? request).endsWith('/v1/comments')) sent += 1;
        return real(request, options);
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
    widget.find(".aw-tools").await;
    reader.run("disconnect()", Vec::new()).await;
    widget.submit(MAIN_FORM).await;
    widget.wait_to_hear("You are offline. Your comment will be sent later.").await;
    reader
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
    widget.find(".aw-tools").await;
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
    widget.find(&format!("{MAIN_FORM} [name=text]")).await.send_keys(" and second").await.unwrap();
    widget.wait_until("the notice to go", "!root.querySelector('.aw-restored')").await;
    assert_eq!(outbox(&reader).await, json!([]));
    reader.run("connect()", Vec::new()).await;
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&["First thought and second"]).await;
    wait_for_thread(&OPEN, &post_url("offline_changed"), 1);
    reader.close().await;
}
