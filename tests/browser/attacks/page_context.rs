//! The window name, fragment and query of the page, and messages to it. The widget reads none of them except for the
//! address of the post.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use afterword_tests::{BrowserOptions, wait_until_async};
use serde_json::{Value, json};

use super::injection_points::{HARMLESS, INJECTED};
use super::inspector::{Inspector, find_faults};
use super::output_views::host;
use super::{ATTACKS, assert_none, is_quick};
use crate::HOST;

/// One in this many strings becomes part of an opened address. Every string is sent in a message to one page.
const SAMPLE: usize = 47;
/// The same in the quick form.
const QUICK_SAMPLE: usize = 94;

/// Sends texts to the page in every way. Changing the address of a page is slow, so only some strings are used for it; messages are fast.
const SEND_MESSAGES: &str = "
    const [texts, done] = arguments;
    const replaceState = async (text) => {
        for (;;) {
            try {
                return history.replaceState({[text]: text}, '', '#' + encodeURIComponent(text));
            } catch (error) {
                // WebKit takes 100 calls in ten seconds.
                if (error.name !== 'SecurityError') throw error;
                await new Promise((resolve) => setTimeout(resolve, 500));
            }
        }
    };
    const send = async () => {
        for (const [number, text] of texts.entries()) {
            if (number % 9 === 0) {
                location.hash = text;
                name = text;
                await replaceState(text);
            }
            for (const said of [text, {type: text, html: text, endpoint: text, messages: text, [text]: text}, JSON.stringify({html: text})])
                postMessage(said, '*');
            for (const type of ['afterword:ready', 'afterword:posted', 'hashchange', 'message', 'storage'])
                dispatchEvent(new CustomEvent(type, {detail: {html: text, url: text}}));
        }
    };
    send().then(() => setTimeout(done), (error) => done(String(error)));";

#[tokio::test]
async fn window_name_hash_query_and_messages_are_harmless() {
    // Injecting all strings first keeps the Worker from being too busy for the loader.
    LazyLock::force(&INJECTED);
    let thread = HARMLESS.iter().find(|thread| thread.point == "json").expect("a harmless thread");
    let page = HOST.publish(&host(thread));
    let mut inspector = Inspector::open(BrowserOptions::default()).await;
    let mut known = BTreeSet::new();
    for address in [page.clone(), format!("{page}?harmless=1#harmless")] {
        inspector.browser.visit(&address).await;
        inspector.browser.widget().find(".aw-item").await;
        known.extend(inspector.inspect().await.nodes);
        // The widget adds elements.
        inspector.browser.widget().wait_until_running().await;
        known.extend(inspector.inspect().await.nodes);
    }
    let mut faults = Vec::new();
    // The blog's server reads no longer requests.
    let sample = if is_quick() { QUICK_SAMPLE } else { SAMPLE };
    for attack in ATTACKS.iter().step_by(sample).filter(|attack| attack.bytes.len() < 2_000) {
        let open = "window.isLeft = true; name = arguments[1]; const link = document.createElement('a'); link.href = arguments[0];
            link.search = '?' + arguments[1]; link.hash = arguments[1]; location = link.href";
        inspector.browser.run(open, vec![json!(page), json!(attack.text())]).await;
        let poll = async || {
            let is_drawn = "return !window.isLeft && !!root.querySelector('.aw-item')";
            let drawn = inspector.browser.widget().run(is_drawn, Vec::new()).await;
            if drawn == true { Ok(()) } else { Err(inspector.browser.current_url().await) }
        };
        wait_until_async(&format!("the thread at an address with {}", attack.place), poll).await;
        inspector.browser.widget().wait_until_running().await;
        faults.extend(
            find_faults(&inspector.inspect().await, &known)
                .into_iter()
                .chain(inspector.take_problems().await)
                .map(|fault| format!("{}: {fault}", attack.place)),
        );
    }
    let texts = ATTACKS.iter().map(|attack| attack.text().into_owned()).filter(|text| text.len() < 4_000);
    for texts in texts.collect::<Vec<_>>().chunks(200) {
        assert_eq!(inspector.browser.run_async_with(SEND_MESSAGES, vec![json!(texts)]).await, Value::Null);
        faults
            .extend(find_faults(&inspector.inspect().await, &known).into_iter().chain(inspector.take_problems().await));
    }
    inspector.browser.close().await;
    assert_none(&faults);
}
