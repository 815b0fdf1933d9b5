//! WASM renders the same markup as the server: the tests compare each element. Links contain the address by which the
//! reader came, so the tests request the fragment with that address too.

use afterword_tests::{Browser, BrowserOptions, HostPage, Request, post_url, wait_for_thread};
use serde_json::json;

use crate::reading::wait_for_count;
use crate::{HOST, LONG, OPEN};

/// Compares each item on the page with the one in the given fragments, ignoring the attributes that focusing adds, and the mark and menu of the
/// reader's own comments.
const DIFFERENCES: &str = "
const parse = (html) => { const template = document.createElement('template'); template.innerHTML = html; return template.content; };
const server = arguments[0].map(parse);
const own = (item) => {
    const copy = item.cloneNode(true);
    for (const list of copy.querySelectorAll('.aw-item, .aw-form')) list.remove();
    for (const list of copy.querySelectorAll('.aw-branch, .aw-you')) list.remove();
    for (const items of copy.querySelectorAll('.aw-menu-items')) items.textContent = '';
    for (const focused of copy.querySelectorAll('[tabindex]')) focused.removeAttribute('tabindex');
    // What the widget adds for its reader: times in their zone, their own mark, votes, branches.
    for (const time of copy.querySelectorAll('time')) { time.textContent = ''; time.removeAttribute('title'); }
    for (const added of copy.querySelectorAll('.aw-you, .aw-vote, .aw-votes, .aw-new, .aw-act, .aw-branch')) added.remove();
    copy.normalize();
    for (const text of copy.querySelectorAll('.aw-by, .aw-acts')) text.innerHTML = text.innerHTML.replace(/\\s+(?=<|$)/g, '');
    return copy.outerHTML;
};
return [...root.querySelectorAll('.aw-item')].flatMap((item) => {
    const twin = server.map((page) => page.getElementById(item.id)).find(Boolean);
    const [here, there] = [own(item), twin ? own(twin) : 'nothing'];
    return here === there ? [] : [[here, there]];
});";

/// The widget shows times in the zone of the browser, which is UTC here, and without its name.
fn without_zone(html: &str) -> String {
    html.replace(" UTC</time>", "</time>")
}

#[tokio::test]
async fn own_comments_drawn_by_wasm_have_the_server_markup() {
    let url = post_url("adopt_same");
    let page = HOST.publish(&HostPage::new(&OPEN, "adopt_same"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.post("Zoë <b>", "Some `code`, a [link](https://rust-lang.org/?a=1&b=2), \"quotes\" & an 🧑🏿‍🚀\n\n> שלום").await;
    let mut shown = wait_for_count(&widget, 1).await;
    for count in 2..=7 {
        let last = shown.last().map(|comment| comment.id.clone()).unwrap_or_default();
        widget.reply(&last, "עדה", &format!("down to {count}")).await;
        shown = wait_for_count(&widget, count).await;
    }
    wait_for_thread(&OPEN, &url, 7);
    let fragment = Request::get("/v1/thread.html").query(&[("url", page.as_str()), ("lang", "en")]).send(&OPEN);
    let differences = widget.run(DIFFERENCES, vec![json!([without_zone(fragment.text())])]).await;
    assert_eq!(differences, json!([]), "all comments are rendered by WASM");
    reader.close().await;
}

#[tokio::test]
async fn page_drawn_by_wasm_has_the_server_markup() {
    let (name, comments) = &*LONG;
    let address = HOST.publish(&HostPage::new(&OPEN, name));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&address).await;
    let widget = reader.widget();
    widget.wait_until_running().await;
    widget.find(".aw-more").await.click().await.unwrap();
    wait_for_count(&widget, comments.len()).await;
    let fragments: Vec<_> = ["1", "2"]
        .into_iter()
        .map(|page| {
            let query = [("url", address.as_str()), ("lang", "en"), ("page", page)];
            json!(without_zone(Request::get("/v1/thread.html").query(&query).send(&OPEN).text()))
        })
        .collect();
    assert_eq!(widget.run(DIFFERENCES, vec![json!(fragments)]).await, json!([]));
    reader.close().await;
}
