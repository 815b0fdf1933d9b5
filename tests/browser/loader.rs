//! The loader on pages that change.

use afterword_tests::{Browser, BrowserOptions, HostPage};

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

/// Changes the page 200 times, each in a task of its own. Returns the number of calls and the duration in milliseconds.
const CHANGE_ALL_THE_TIME: &str = "
    const done = arguments[0];
    (async () => {
        const start = performance.now();
        calls = 0;
        for (let change = 0; change < 200; change += 1) {
            document.querySelector('h1').append(document.createElement('i'));
            await new Promise((resolve) => setTimeout(resolve, 1));
        }
        done([calls, performance.now() - start]);
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
