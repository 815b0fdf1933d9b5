//! The thread follows a page that changes without a page load.

use afterword_model::Comment;
use afterword_tests::{
    Browser, BrowserOptions, Engine, MAIN_FORM, Request, post_url, wait_for_thread, wait_until_async,
};
use serde_json::{Value, json};

use crate::{HOST, OPEN, post_thread};

/// A page of a site with client-side navigation. `body` follows the heading.
fn page(head: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><title>First</title>{head}</head><body><h1>Post</h1>{body}</body></html>"
    )
}

/// The script tag, with attributes.
fn tag(attributes: &str) -> String {
    format!("<script src=\"{}/embed.js\" {attributes}></script>", OPEN.origin())
}

/// Opens the page of the post `<name>_a`, whose thread and that of `<name>_b` have one comment each.
async fn open_two_posts(name: &str, html: &str) -> Browser {
    let [a, b] = ["a", "b"].map(|post| format!("{name}_{post}"));
    post_thread(&a, &[("Under a", None)]);
    post_thread(&b, &[("Under b", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish_file(&format!("/{a}"), html)).await;
    reader.widget().wait_for_texts(&["Under a"]).await;
    reader
}

/// Changes the page. Only the Navigation API reports a change of the address alone. WebKit lacks it, and there the reader touches the thread.
async fn run(reader: &Browser, script: &str, name: &str) {
    reader.run(script, vec![json!(name)]).await;
    if Engine::current() == Engine::WebKit {
        let touch = "document.querySelector('#afterword')?.shadowRoot?.querySelector('.aw')?.click()";
        reader.run(touch, Vec::new()).await;
    }
}

/// Thread as the Worker publishes it: its texts and its title.
fn published(name: &str, count: u32) -> Vec<String> {
    let comments: Vec<Comment> = wait_for_thread(&OPEN, &post_url(name), count);
    comments.iter().map(|comment| comment.html.as_str().to_owned()).collect()
}

/// Ways in which a page becomes another one. `arguments[0]` is the name of the posts.
const NAVIGATIONS: [(&str, &str, &str, &str); 7] = [
    (
        "title_and_canonical",
        "<link rel=\"canonical\" href=\"/title_and_canonical_a\">",
        "<div id=\"afterword\"></div>",
        "history.pushState({}, '', `/${arguments[0]}_b`);
         document.title = 'Second';
         document.querySelector('link').href = `/${arguments[0]}_b`;",
    ),
    ("push_alone", "", "", "history.pushState({}, '', `/${arguments[0]}_b`)"),
    ("replace_alone", "", "<div id=\"afterword\"></div>", "history.replaceState({}, '', `/${arguments[0]}_b`)"),
    (
        "data_url",
        "",
        "<div id=\"afterword\" data-url=\"/data_url_a\"></div>",
        "document.querySelector('#afterword').dataset.url = `/${arguments[0]}_b`",
    ),
    (
        "canonical_left_over",
        "<link rel=\"canonical\" href=\"/canonical_left_over_a\">",
        "",
        "history.pushState({}, '', `/${arguments[0]}_b`); document.querySelector('h1').textContent = 'Second'",
    ),
    (
        "canonical_replaced",
        "<link rel=\"canonical\" href=\"/canonical_replaced_a\">",
        "",
        "document.querySelector('link').remove();
         document.head.append(Object.assign(document.createElement('link'), {rel: 'canonical', href: `/${arguments[0]}_b`}))",
    ),
    (
        "history_back",
        "",
        "",
        "const address = location.href;
         history.replaceState({}, '', `/${arguments[0]}_b`);
         history.pushState({}, '', address);
         history.back()",
    ),
];

#[tokio::test]
async fn thread_follows_the_page_and_its_attributes() {
    for (name, head, body, navigate) in NAVIGATIONS {
        let reader = open_two_posts(name, &page(head, &format!("{body}{}", tag("")))).await;
        run(&reader, navigate, name).await;
        let widget = reader.widget();
        widget.wait_for_texts(&["Under b"]).await;
        widget.post("Ada", "Written under b").await;
        assert_eq!(published(&format!("{name}_b"), 2)[1], "<p>Written under b</p>", "{name}");
        assert_eq!(published(&format!("{name}_a"), 1).len(), 1, "{name}: nothing is posted to the post before");
        assert_eq!(reader.run("return document.querySelectorAll('#afterword').length", Vec::new()).await, 1, "{name}");
        reader.close().await;
    }
}

/// Title that a post got from the widget.
fn title_of(name: &str) -> Value {
    let thread: Value = Request::get("/v1/thread").query(&[("url", &post_url(name))]).send(&OPEN).json();
    thread["title"].clone()
}

#[tokio::test]
async fn title_and_address_that_come_late_are_read_again() {
    let name = "late";
    let [a, b] = ["a", "b"].map(|post| format!("{name}_{post}"));
    post_thread(&a, &[("Under a", None)]);
    // The framework inserts the place, and sets title and canonical link in a task of its own.
    let insert = "
        history.pushState({}, '', `/${arguments[0]}_b`);
        document.querySelector('main').innerHTML = '<div id=\"afterword\"></div>';
        setTimeout(() => {
            document.title = 'Second';
            document.querySelector('link').href = `/${arguments[0]}_b`;
        }, 300);";
    let reader = Browser::open(BrowserOptions::default()).await;
    let html = page(
        &format!("<link rel=\"canonical\" href=\"/{a}\">{}", tag("async")),
        "<main><div id=\"afterword\"></div></main>",
    );
    reader.visit(&HOST.publish_file(&format!("/{a}"), &html)).await;
    let widget = reader.widget();
    widget.wait_for_texts(&["Under a"]).await;
    run(&reader, insert, name).await;
    widget.find(".aw-empty").await;
    let title = async || match reader.run("return document.title", Vec::new()).await {
        Value::String(title) if title == "Second" => Ok(()),
        other => Err(other),
    };
    wait_until_async("the late title", title).await;
    widget.post("Ada", "Written under b").await;
    assert_eq!(published(&b, 1), ["<p>Written under b</p>"]);
    assert_eq!(title_of(&b), "Second");
    reader.close().await;
}

#[tokio::test]
async fn drafts_stay_with_their_post() {
    let reader = open_two_posts("drafts_stay", &page("", &tag(""))).await;
    let widget = reader.widget();
    widget.fill(MAIN_FORM, &[("text", "For a")]).await;
    run(&reader, "history.pushState({}, '', '/drafts_stay_b')", "").await;
    widget.wait_for_texts(&["Under b"]).await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "");
    widget.fill(MAIN_FORM, &[("text", "For b")]).await;
    run(&reader, "history.back()", "").await;
    widget.wait_for_texts(&["Under a"]).await;
    widget.find(&format!("{MAIN_FORM} .aw-restored")).await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "For a");
    widget.submit(MAIN_FORM).await;
    widget.wait_for_texts(&["Under a", "For a"]).await;
    run(&reader, "history.forward()", "").await;
    widget.wait_for_texts(&["Under b"]).await;
    widget.find(&format!("{MAIN_FORM} .aw-restored")).await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "For b");
    reader.close().await;
}

/// Delays the requests that post a comment until `window.release` is called.
const DELAY_POSTS: &str = "
    const real = fetch;
    const released = new Promise((resolve) => { window.release = resolve; });
    fetch = async (request, options) => {
        if (String(request.url ?? request).endsWith('/v1/comments')) await released;
        return real(request, options);
    };";

#[tokio::test]
async fn comment_that_is_being_sent_goes_to_the_post_it_was_written_under() {
    post_thread("in_flight_a", &[("Under a", None)]);
    post_thread("in_flight_b", &[("Under b", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(DELAY_POSTS).await;
    reader.visit(&HOST.publish_file("/in_flight_a", &page("", &tag("")))).await;
    let widget = reader.widget();
    widget.wait_for_texts(&["Under a"]).await;
    widget.post("Ada", "Written under a").await;
    widget.find(&format!("{MAIN_FORM}[aria-busy=true]")).await;
    run(&reader, "history.pushState({}, '', '/in_flight_b')", "").await;
    widget.wait_for_texts(&["Under b"]).await;
    run(&reader, "release()", "").await;
    assert_eq!(published("in_flight_a", 2)[1], "<p>Written under a</p>");
    run(&reader, "history.back()", "").await;
    widget.wait_for_texts(&["Under a", "Written under a"]).await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "", "the draft is gone");
    assert_eq!(published("in_flight_b", 1).len(), 1);
    reader.close().await;
}

#[tokio::test]
async fn changed_parameter_of_the_same_post_keeps_the_thread_and_the_text() {
    let reader = open_two_posts("parameter", &page("", &tag(""))).await;
    let widget = reader.widget();
    widget.find(&format!("{MAIN_FORM} [name=text]")).await.send_keys("Half a ").await.unwrap();
    reader.requests().await;
    run(&reader, "history.replaceState({}, '', '?utm_source=letter')", "").await;
    let asked = async || {
        let requests = reader.requests().await;
        if requests.iter().any(|request| request.contains("thread.html")) { Ok(()) } else { Err(requests) }
    };
    wait_until_async("a request for the new address", asked).await;
    reader.press("sentence").await;
    assert_eq!(widget.field_value(MAIN_FORM, "text").await, "Half a sentence");
    assert_eq!(widget.count(".aw-restored").await, 0, "the form was not drawn again");
    reader.close().await;
}

/// Ways in which routers replace the page. Each copy of the tag is a tag that never runs, unless the browser runs it.
const SWAPS: [(&str, &str); 5] = [
    ("parsed_body", "document.body.replaceWith(next.body)"),
    ("adopted_children", "document.body.replaceChildren(...next.body.childNodes)"),
    ("inner_html", "document.body.innerHTML = next.body.innerHTML"),
    ("whole_element", "document.replaceChild(document.adoptNode(next.documentElement), document.documentElement)"),
    (
        "tags_run_again",
        "document.body.replaceWith(next.body);
         for (const old of document.querySelectorAll('script')) {
             const copy = document.createElement('script');
             for (const { name, value } of old.attributes) copy.setAttribute(name, value);
             old.replaceWith(copy);
         }",
    ),
];

#[tokio::test]
async fn thread_appears_on_every_page_of_a_router_that_swaps_the_body() {
    for (name, swap) in SWAPS {
        let next = page("", &tag("data-sort=\"newest\""));
        let reader = open_two_posts(name, &page("", &tag(""))).await;
        let script = format!(
            "const next = new DOMParser().parseFromString(arguments[1], 'text/html');
             history.pushState({{}}, '', `/${{arguments[0]}}_b`);
             {swap}"
        );
        for post in ["b", "a", "b"] {
            let script = script.replace("_b`", &format!("_{post}`"));
            reader.run(&script, vec![json!(name), json!(next)]).await;
            reader.widget().wait_for_texts(&[&format!("Under {post}")]).await;
        }
        let sort = "return performance.getEntriesByType('resource').filter((entry) => entry.name.includes('sort=newest')).length > 0";
        assert_eq!(reader.run(sort, Vec::new()).await, true, "{name}: the attributes of the tag in the document count");
        // A page without a tag has no comments.
        let leave = "document.body.innerHTML = '<p>About</p>'; history.pushState({}, '', '/about')";
        reader.run(leave, Vec::new()).await;
        let gone = async || {
            let hosts = reader.run("return document.querySelectorAll('#afterword').length", Vec::new()).await;
            if hosts == 0 { Ok(()) } else { Err(hosts) }
        };
        wait_until_async("the page without comments", gone).await;
        reader.close().await;
    }
}

#[tokio::test]
async fn hash_routes_are_pages_and_their_address_is_not_written() {
    let reader = Browser::open(BrowserOptions::default()).await;
    let address = HOST.publish_file("/hash_routes", &page("", &tag("")));
    for route in ["#/one", "#!/one", "#!one"] {
        let posted = post_thread(&format!("hash_routes{route}"), &[("First", None), ("Second", None)]);
        reader.visit("about:blank").await;
        reader.visit(&format!("{address}{route}")).await;
        let widget = reader.widget();
        widget.wait_for_texts(&["First", "Second"]).await;
        widget.wait_until_running().await;
        widget.find(&format!("#comment-{} .aw-time", posted[1].comment.id)).await.click().await.unwrap();
        widget.wait_for_focus(&format!("#comment-{}", posted[1].comment.id)).await;
        assert_eq!(reader.current_url().await, format!("{address}{route}"));
        reader.requests().await;
        let next = format!("location.hash = '{}'", route.replace("one", "two"));
        reader.run(&next, Vec::new()).await;
        let asked = async || {
            let requests = reader.requests().await;
            let asked = |request: &String| request.contains("thread.html") && request.contains("two&");
            if requests.iter().any(asked) { Ok(()) } else { Err(requests) }
        };
        wait_until_async("a request for the next route", asked).await;
    }
    reader.close().await;
}
