//! The loader on pages that change, and with responses other than a thread.

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM, Server, wait_until_async};
use serde_json::Value;

use crate::{HOST, OPEN, post_thread};

/// Counts the calls of the callbacks of all observers of the page's changes.
const COUNT_CALLS: &str = "
    window.calls = 0;
    window.MutationObserver = class extends MutationObserver {
        constructor(callback) {
            super((...change) => {
                calls += 1;
                callback(...change);
            });
        }
    };";

/// Changes the page 200 times, each in a task of its own. Returns the number of calls and the duration in milliseconds. In Firefox the script has
/// globals of its own beside those of the page.
const CHANGE_ALL_THE_TIME: &str = "
    const done = arguments[0];
    (async () => {
        const start = performance.now();
        window.calls = 0;
        for (let change = 0; change < 200; change += 1) {
            document.querySelector('h1').append(document.createElement('i'));
            await new Promise((resolve) => setTimeout(resolve, 1));
        }
        done([window.calls, performance.now() - start]);
    })();";

/// Least time between two calls of the loader, in milliseconds.
const REST_MS: f64 = 100.0;

#[tokio::test]
async fn loader_rests_on_a_page_that_changes_all_the_time() {
    post_thread("loader_changing", &[("Stays in place", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(COUNT_CALLS).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "loader_changing"))).await;
    reader.widget().wait_for_texts(&["Stays in place"]).await;
    let result = reader.run_async(CHANGE_ALL_THE_TIME).await;
    let (calls, took) = (result[0].as_f64().expect("a number"), result[1].as_f64().expect("a number"));
    assert!((1.0..=took / REST_MS + 1.0).contains(&calls), "{calls} calls in {took} ms");
    // A page that puts a new place for the comments gets them, also while it changes.
    let replace = "
        setInterval(() => document.querySelector('h1').append(document.createElement('i')), 5);
        document.querySelector('#afterword').replaceWith(Object.assign(document.createElement('div'), {id: 'afterword'}));";
    reader.run(replace, Vec::new()).await;
    reader.widget().wait_for_texts(&["Stays in place"]).await;
    reader.close().await;
}

/// Answers each read of a thread, and of a further page, as if its value could not be read, until `window.repaired` is set.
const UNREADABLE: &str = "
    const real = fetch;
    fetch = (request, options) => {
        const address = String(request.url ?? request);
        if (window.repaired || !/\\/v1\\/thread/.test(address)) return real(request, options);
        const body = JSON.stringify({error: {code: 'busy', message: 'The comments cannot be read at the moment.'}});
        return Promise.resolve(new Response(body, {status: 503, headers: {'Retry-After': '5'}}));
    };";

#[tokio::test]
async fn unreadable_thread_is_an_error_and_not_an_empty_thread() {
    post_thread("loader_unreadable", &[("Still there", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(UNREADABLE).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "loader_unreadable"))).await;
    let widget = reader.widget();
    assert_eq!(widget.find("[role=alert]").await.text().await.expect("a text"), "Comments could not be loaded.");
    assert_eq!((widget.count(".aw-title").await, widget.count(".aw-empty").await), (0, 0), "no number of comments");
    widget.find("button").await.click().await.expect("the button can be pressed");
    widget.find("button:enabled").await;
    assert_eq!(widget.count("[role=alert]").await, 1, "the second attempt failed too");
    reader.run("window.repaired = true", Vec::new()).await;
    widget.find("button:enabled").await.click().await.expect("the button can be pressed");
    widget.wait_for_texts(&["Still there"]).await;
    reader.close().await;
}

#[tokio::test]
async fn unreadable_further_page_takes_nothing_away() {
    let (name, comments) = &*crate::LONG;
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(&format!("window.repaired = true; {UNREADABLE}")).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, name))).await;
    let widget = reader.widget();
    widget.find(".aw-more").await;
    let (shown, title) = (widget.count(".aw-item").await, widget.find(".aw-title").await.text().await.expect("a text"));
    assert!(shown < comments.len() as u64, "there is a further page");
    reader.run("window.repaired = false", Vec::new()).await;
    widget.find(".aw-more").await.click().await.expect("the link can be pressed");
    let poll = async || {
        let status = widget.wait_for_status().await;
        if status == "Comments could not be loaded." { Ok(()) } else { Err(status) }
    };
    wait_until_async("the error", poll).await;
    assert_eq!(widget.count(".aw-item").await, shown);
    assert_eq!(widget.find(".aw-title").await.text().await.expect("a text"), title);
    assert_eq!(widget.count(".aw-more").await, 1, "the link remains");
    reader.close().await;
}

/// Records what the page writes to the console as an error.
const RECORD_CONSOLE: &str = "
    window.lines = [];
    console.error = (...line) => { lines.push(line.join(' ')); };";

async fn wait_for_console_line(reader: &Browser) -> Vec<Value> {
    let poll = async || {
        let lines = reader.run("return lines", Vec::new()).await;
        let lines = lines.as_array().cloned().unwrap_or_default();
        if lines.is_empty() { Err(lines) } else { Ok(lines) }
    };
    wait_until_async("a line in the console", poll).await
}

#[tokio::test]
async fn owner_reads_once_in_the_console_what_to_correct() {
    let server = Server::start(
        "browser-unlisted",
        &[("SITES", "https://elsewhere.example"), ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value")],
        &[],
    );
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("status of 403");
    reader.inject_script(RECORD_CONSOLE).await;
    reader.visit(&HOST.publish(&HostPage::new(&server, "loader_unlisted"))).await;
    let lines = wait_for_console_line(&reader).await;
    assert!(
        lines[0].as_str().is_some_and(|line| line.starts_with("Afterword: ") && line.contains("SITES")),
        "{lines:?}"
    );
    let widget = reader.widget();
    for _ in 0..2 {
        // Each attempt that fails writes the notice anew.
        widget.run("window.pressed = root.querySelector('button'); pressed.click()", Vec::new()).await;
        widget
            .wait_until("the next notice", "root.querySelector('button') && root.querySelector('button') !== pressed")
            .await;
    }
    assert_eq!(wait_for_console_line(&reader).await, lines, "the same advice is given once");
    reader.close().await;
}

/// Refuses every comment because of a mistake of the owner.
const REFUSE_WITH_HINT: &str = "
    const real = fetch;
    fetch = (request, options) => {
        if (!String(request.url ?? request).endsWith('/v1/comments')) return real(request, options);
        const body = JSON.stringify({error: {code: 'wrong_origin', message: 'Refused.', hint: 'Correct the canonical link.'}});
        return Promise.resolve(new Response(body, {status: 403}));
    };";

#[tokio::test]
async fn owner_reads_once_in_the_console_why_comments_are_refused() {
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(RECORD_CONSOLE).await;
    reader.inject_script(REFUSE_WITH_HINT).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "loader_refused"))).await;
    let widget = reader.widget();
    widget.post("Ada", "Refused").await;
    let error = widget.wait_for_error(MAIN_FORM, "form").await;
    assert!(!error.contains("canonical"), "the advice is not for readers: {error}");
    widget.submit(MAIN_FORM).await;
    widget.wait_for_error(MAIN_FORM, "form").await;
    assert_eq!(wait_for_console_line(&reader).await, ["Afterword: Correct the canonical link."]);
    reader.close().await;
}
