//! The API for scripts of the host page: the custom element, the functions of `Afterword`, and the events.

use afterword_tests::{Browser, BrowserOptions, HostPage, post_url, wait_for_thread, wait_until_async};
use serde_json::{Value, json};

use crate::{HOST, OPEN, post_thread};

/// Records the events that arrive at the document, with the id of their target.
const RECORD_EVENTS: &str = "
    window.events = [];
    for (const type of ['drawn', 'count', 'ready', 'posted', 'error'])
        document.addEventListener('afterword:' + type, (event) => {
            events.push([type, event.target.id, event.detail.url ?? '', event.detail.count ?? event.detail.status ?? '']);
        });";

async fn events(reader: &Browser, count: usize) -> Value {
    let poll = async || {
        let events = reader.run("return events", Vec::new()).await;
        if events.as_array().is_some_and(|events| events.len() >= count) { Ok(events) } else { Err(events) }
    };
    wait_until_async(&format!("{count} events"), poll).await
}

/// A page with the tag in its head.
fn publish(name: &str, body: &str) -> String {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><title>Page</title><script src=\"{}/embed.js\"></script></head><body>{body}</body></html>",
        OPEN.origin()
    );
    HOST.publish_file(&format!("/{name}"), &html)
}

#[tokio::test]
async fn events_reach_the_page_from_the_host_element() {
    post_thread("api_events", &[("Already here", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(RECORD_EVENTS).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "api_events"))).await;
    reader.widget().post("Ada", "One more").await;
    let url = post_url("api_events");
    let expected = json!([
        ["drawn", "afterword", url, 1],
        ["count", "afterword", url, 1],
        ["ready", "afterword", url, 1],
        ["count", "afterword", url, 2],
        ["drawn", "afterword", url, 2],
        ["posted", "afterword", "", "published"],
    ]);
    assert_eq!(events(&reader, 6).await, expected);
    reader.close().await;
}

/// The texts in the thread of the element with this selector.
async fn texts(reader: &Browser, css: &str) -> Value {
    let script = "
        const root = document.querySelector(arguments[0])?.shadowRoot;
        return [...(root?.querySelectorAll('.aw-text') ?? [])].map((text) => text.textContent.trim())";
    reader.run(script, vec![json!(css)]).await
}

async fn wait_for_texts(reader: &Browser, css: &str, expected: &[&str]) {
    let poll = async || {
        let found = texts(reader, css).await;
        if found == json!(expected) { Ok(()) } else { Err(found) }
    };
    wait_until_async(&format!("{expected:?} in {css}"), poll).await;
}

#[tokio::test]
async fn one_page_shows_several_threads() {
    for post in ["api_one", "api_two", "api_three"] {
        post_thread(post, &[(post, None)]);
    }
    let body = "<afterword-comments id=\"one\" url=\"/api_one\"></afterword-comments>\
        <afterword-comments id=\"two\" url=\"/api_two\" title=\"Second\" lang=\"de\" theme=\"dark\"></afterword-comments>\
        <section id=\"three\"></section>";
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&publish("api_several", body)).await;
    let defined = "const [done] = arguments; customElements.whenDefined('afterword-comments').then(() => done(true))";
    assert_eq!(reader.run_async_with(defined, Vec::new()).await, true);
    reader
        .run("Afterword.mount(document.querySelector('#three'), {url: '/api_three', sort: 'newest'})", Vec::new())
        .await;
    wait_for_texts(&reader, "#one", &["api_one"]).await;
    wait_for_texts(&reader, "#two", &["api_two"]).await;
    wait_for_texts(&reader, "#three", &["api_three"]).await;
    let options = "
        const two = document.querySelector('#two');
        return [two.shadowRoot.querySelector('.aw').lang, two.dataset.theme, document.querySelectorAll('#afterword').length]";
    assert_eq!(reader.run(options, Vec::new()).await, json!(["de", "dark", 0]));
    // Each form posts to its own thread.
    let post = "
        const form = document.querySelector(arguments[0]).shadowRoot.querySelector('form.aw-form');
        const text = form.querySelector('[name=text]');
        text.focus();
        text.value = 'Written in ' + arguments[0];
        text.dispatchEvent(new InputEvent('input', {bubbles: true, composed: true}));
        form.querySelector('.aw-submit').click()";
    for id in ["#three", "#two"] {
        reader.run(post, vec![json!(id)]).await;
    }
    wait_for_thread(&OPEN, &post_url("api_two"), 2);
    wait_for_thread(&OPEN, &post_url("api_three"), 2);
    let wasm = reader.requests().await.iter().filter(|request| request.ends_with(".wasm")).count();
    assert_eq!(wasm, 1, "the module is loaded once");
    // The attributes of the element are followed.
    reader.run("document.querySelector('#one').setAttribute('url', '/api_three')", Vec::new()).await;
    wait_for_texts(&reader, "#one", &["api_three", "Written in #three"]).await;
    reader.close().await;
}

#[tokio::test]
async fn unmounted_thread_is_gone_until_it_is_mounted_again() {
    post_thread("api_unmount", &[("Here", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&publish("api_unmount", "<div id=\"afterword\"></div><div id=\"other\"></div>")).await;
    for (css, count) in [("#afterword", 1), ("#other", 2)] {
        reader.run("Afterword.mount(document.querySelector(arguments[0]))", vec![json!(css)]).await;
        wait_for_texts(&reader, css, &["Here"]).await;
        reader
            .run(
                "for (let times = 0; times < 2; times += 1) Afterword.unmount(document.querySelector(arguments[0]))",
                vec![json!(css)],
            )
            .await;
        assert_eq!(texts(&reader, css).await, json!([]), "{count}");
        // The page changes, and the thread stays away.
        reader.run("document.body.append('More')", Vec::new()).await;
        let rest = "setTimeout(() => arguments[0](document.querySelectorAll('#afterword').length), 400)";
        assert_eq!(reader.run_async(rest).await, 1);
        assert_eq!(texts(&reader, css).await, json!([]));
        reader.run("Afterword.mount(document.querySelector(arguments[0]))", vec![json!(css)]).await;
        wait_for_texts(&reader, css, &["Here"]).await;
    }
    // Neither element nor options need to make sense.
    let errors = "
        Afterword.unmount(document.createElement('p'));
        const failed = (attempt) => { try { attempt(); return ''; } catch (error) { return error.name; } };
        return [failed(() => Afterword.mount(document.createElement('ul'))), failed(() => Afterword.mount(null))]";
    assert_eq!(reader.run(errors, Vec::new()).await, json!(["NotSupportedError", "TypeError"]));
    reader.close().await;
}

#[tokio::test]
async fn element_that_moves_keeps_its_thread_and_one_that_leaves_loses_it() {
    post_thread("api_move", &[("Here", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&publish("api_move", "<afterword-comments></afterword-comments><main></main>")).await;
    wait_for_texts(&reader, "afterword-comments", &["Here"]).await;
    reader.run("document.querySelector('main').append(document.querySelector('afterword-comments'))", Vec::new()).await;
    wait_for_texts(&reader, "main afterword-comments", &["Here"]).await;
    let leave = "window.left = document.querySelector('afterword-comments'); left.remove()";
    reader.run(leave, Vec::new()).await;
    let gone = async || {
        let content = reader.run("return left.shadowRoot.querySelectorAll('.aw').length", Vec::new()).await;
        if content == 0 { Ok(()) } else { Err(content) }
    };
    wait_until_async("the thread to end", gone).await;
    reader.run("document.body.prepend(left)", Vec::new()).await;
    wait_for_texts(&reader, "afterword-comments", &["Here"]).await;
    reader.close().await;
}
