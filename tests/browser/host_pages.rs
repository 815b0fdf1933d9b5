//! Pages that nobody has written for the widget: where the thread appears on them, and that it works.

use afterword_tests::{
    Browser, BrowserOptions, HostPage, Request, new_comment, post_url, wait_for_thread, wait_until_async,
};
use serde_json::json;

use crate::{HOST, OPEN, post_thread};

fn tag(attributes: &str) -> String {
    format!("<script src=\"{}/embed.js\" {attributes}></script>", OPEN.origin())
}

/// A page and where the thread is on it. `TAG` in the page stands for the script tag.
struct Placement {
    name: &'static str,
    html: &'static str,
    /// Expression that is true of the host element.
    host: &'static str,
}

const PLACEMENTS: [Placement; 13] = [
    Placement {
        name: "chapter",
        html: "<div class=\"section\" id=\"afterword\"><h2>Afterword</h2><p>The author's own words.</p></div>TAG",
        host: "host.previousSibling.localName == 'script' && document.querySelector('#afterword p').checkVisibility()",
    },
    Placement {
        name: "chapter_after_the_tag",
        html: "<body>TAG<p>Post</p><div id=\"afterword\"><img src=\"/favicon.ico\" alt=\"\"></div>",
        host: "host.previousSibling.localName == 'script'",
    },
    Placement { name: "blank", html: "<div id=\"afterword\">\n  <!-- comments -->\n</div><p>Foot</p>TAG", host: "host.nextSibling.localName == 'p'" },
    Placement {
        name: "own_fallback",
        html: "<div id=\"afterword\"><noscript><a href=\"/thread\">Comments</a></noscript>TAG</div>",
        host: "host.querySelector('noscript')",
    },
    Placement {
        name: "says_so",
        html: "<div id=\"afterword\" data-url=\"/place_says_so\"><p>Loading …</p></div>TAG",
        host: "host.textContent.includes('Loading')",
    },
    Placement { name: "element", html: "<afterword-comments></afterword-comments><p>Foot</p>TAG", host: "host.localName == 'afterword-comments'" },
    Placement { name: "head", html: "<head>TAG</head><body><main><div id=\"afterword\"></div></main>", host: "host.parentNode.localName == 'main'" },
    Placement { name: "two_tags", html: "<body>TAG<p>Post</p>TAG", host: "host.nextSibling.localName == 'p'" },
    Placement { name: "module", html: "<p>Post</p><script type=\"module\" src=\"ENDPOINT/embed.js\"></script>", host: "host.previousSibling.type == 'module'" },
    Placement { name: "deferred", html: "<body><script defer src=\"ENDPOINT/embed.js?v=2\"></script><p>Post</p>", host: "host.nextSibling.localName == 'p'" },
    Placement {
        name: "tag_manager",
        html: "<p>Post</p><script>
            const tag = Object.assign(document.createElement('script'), {async: true, src: 'ENDPOINT/embed.js'});
            setTimeout(() => document.body.appendChild(tag), 50);
        </script>",
        host: "host.parentNode.localName == 'body'",
    },
    Placement {
        name: "quirks",
        html: "<html><base href=\"ENDPOINT/deep/\"><center><font size=2>TAG</font></center>",
        host: "document.compatMode == 'BackCompat'",
    },
    Placement {
        name: "removed_tag",
        html: "<div id=\"afterword\"></div><script>
            const tag = Object.assign(document.createElement('script'), {src: 'ENDPOINT/embed.js', onload() { tag.remove(); }});
            document.head.append(tag);
        </script>",
        host: "!document.querySelector('script[src]')",
    },
];

#[tokio::test]
async fn thread_appears_in_its_place_and_only_there() {
    for Placement { name, html, host } in PLACEMENTS {
        let name = format!("place_{name}");
        post_thread(&name, &[("Here", None)]);
        let doctype = if html.starts_with("<html>") { "" } else { "<!doctype html>" };
        let html = html.replace("TAG", &tag("")).replace("ENDPOINT", &OPEN.origin());
        let reader = Browser::open(BrowserOptions::default()).await;
        reader.visit(&HOST.publish_file(&format!("/{name}"), &format!("{doctype}{html}"))).await;
        let widget = reader.widget();
        widget.wait_for_texts(&["Here"]).await;
        widget.post("Ada", "Posted").await;
        wait_for_thread(&OPEN, &post_url(&name), 2);
        let script = format!(
            "const all = [...document.querySelectorAll('*')].filter((element) => element.shadowRoot);
             const [host] = all;
             return all.length == 1 && !!({host})"
        );
        assert_eq!(reader.run(&script, Vec::new()).await, true, "{name}");
        reader.close().await;
    }
}

/// Scripts of a page that run before the loader and change what it finds.
const HOSTILE_SCRIPTS: [(&str, &str); 8] = [
    (
        "fetch_that_wraps",
        "const real = fetch; fetch = (...all) => new Promise((done, fail) => real(...all).then(done, fail));",
    ),
    ("fetch_with_a_request", "const real = fetch; fetch = (address, options) => real(new Request(address, options));"),
    (
        "array_prototype",
        "Array.prototype.last = function () { return this[this.length - 1]; };
         Object.prototype.extend = function () {};
         Array.from = (list) => Array.prototype.slice.call(list);",
    ),
    (
        "frozen_prototypes",
        "[Object, Array, Function, Promise, Map, Element].forEach((type) => Object.freeze(type.prototype));",
    ),
    (
        "closed_shadow_roots",
        "const real = Element.prototype.attachShadow;
        Element.prototype.attachShadow = function () {
            const root = real.call(this, {mode: 'closed'});
            window.root = root;
            return root;
        };",
    ),
    ("no_navigation_api", "Object.defineProperty(window, 'navigation', {value: undefined});"),
    ("no_trusted_types", "Object.defineProperty(window, 'trustedTypes', {value: undefined});"),
    ("named_elements", "document.write('<nav id=navigation></nav><form id=Afterword name=scrollY></form>');"),
];

#[tokio::test]
async fn page_scripts_that_patch_the_browser_do_not_break_the_widget() {
    for (name, script) in HOSTILE_SCRIPTS {
        post_thread(name, &[("Already here", None)]);
        let page = HostPage::new(&OPEN, name).foreign_html(&format!("<script>{script}</script>"));
        let reader = Browser::open(BrowserOptions::default()).await;
        reader.visit(&HOST.publish(&page)).await;
        let root = if name == "closed_shadow_roots" {
            "window.root"
        } else {
            "document.querySelector('#afterword')?.shadowRoot"
        };
        let post = format!(
            "const done = arguments[0];
             const find = async (css) => {{
                 for (;;) {{
                     const found = {root}?.querySelector(css);
                     if (found) return found;
                     await new Promise((resolve) => setTimeout(resolve, 20));
                 }}
             }};
             (async () => {{
                 const text = await find('form.aw-form [name=text]');
                 text.focus();
                 text.value = 'Written anyway';
                 text.dispatchEvent(new InputEvent('input', {{bubbles: true, composed: true}}));
                 (await find('form.aw-form .aw-submit')).click();
                 while (!(await find('.aw-list:has(> :nth-child(2))')).textContent.includes('Written anyway'));
                 done('posted');
             }})();"
        );
        assert_eq!(reader.run_async(&post).await, "posted", "{name}");
        wait_for_thread(&OPEN, &post_url(name), 2);
        assert!(reader.current_url().await.starts_with(&HOST.origin()), "{name}: the widget itself has posted");
        reader.close().await;
    }
}

#[tokio::test]
async fn page_in_xhtml_has_comments() {
    post_thread("strict.xhtml", &[("Well <formed> & shown", None)]);
    let html = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" \
         lang=\"en\"><head><title>Strict</title></head><body><p>Post</p><script src=\"{}/embed.js\"></script></body></html>",
        OPEN.origin()
    );
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish_file("/strict.xhtml", &html)).await;
    assert_eq!(reader.run("return document.contentType", Vec::new()).await, "application/xhtml+xml");
    let widget = reader.widget();
    let shown = widget.wait_for_texts(&["Well <formed> & shown"]).await;
    widget.reply(&shown[0].id, "Ada", "An answer").await;
    widget.wait_for_texts(&["Well <formed> & shown", "An answer"]).await;
    reader.close().await;
}

#[tokio::test]
async fn thread_in_a_closed_tab_of_the_page_works_when_the_tab_opens() {
    post_thread("hidden_tab", &[("Behind a tab", None)]);
    let page = HostPage::new(&OPEN, "hidden_tab")
        .foreign_html("<details><summary>Comments</summary><div id=\"afterword\"></div></details>");
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&page)).await;
    reader.find("summary").await.click().await.unwrap();
    let widget = reader.widget();
    widget.wait_for_texts(&["Behind a tab"]).await;
    widget.post("Ada", "Opened").await;
    widget.wait_for_texts(&["Behind a tab", "Opened"]).await;
    reader.close().await;
}

#[tokio::test]
async fn thread_in_a_shadow_root_of_the_page_works() {
    post_thread("in_shadow", &[("Deep inside", None)]);
    let script = format!(
        "<article-view></article-view><script>
        customElements.define('article-view', class extends HTMLElement {{
            connectedCallback() {{
                this.attachShadow({{mode: 'open'}}).innerHTML = '<p>Post</p><afterword-comments></afterword-comments>';
            }}
        }});
        const load = document.createElement('script');
        load.src = '{}/embed.js';
        document.head.append(load);
        </script>",
        OPEN.origin()
    );
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish_file("/in_shadow", &format!("<!doctype html><title>Shadow</title>{script}"))).await;
    let texts = "
        const host = document.querySelector('article-view').shadowRoot.querySelector('afterword-comments');
        return [...(host.shadowRoot?.querySelectorAll('.aw-text') ?? [])].map((text) => text.textContent.trim())";
    let shown = async |expected: &str| {
        let poll = async || {
            let found = reader.run(texts, Vec::new()).await;
            if found == json!([expected]) { Ok(()) } else { Err(found) }
        };
        wait_until_async(expected, poll).await;
    };
    shown("Deep inside").await;
    // The page's own observers do not see into the shadow root.
    post_thread("in_shadow_too", &[("Another post", None)]);
    let change = "document.querySelector('article-view').shadowRoot.querySelector('afterword-comments').setAttribute('url', '/in_shadow_too')";
    reader.run(change, Vec::new()).await;
    shown("Another post").await;
    reader.close().await;
}

#[tokio::test]
async fn strict_sandbox_without_storage_does_not_stop_the_widget() {
    let name = "sandboxed";
    post_thread(name, &[("In a sandbox", None)]);
    // The sandboxed page has no origin. Its own script answers the request for the thread, so the Worker's rules for origins do not matter here.
    let fragment = Request::get("/v1/thread.html").query(&[("url", &post_url(name))]).send(&OPEN).text().to_owned();
    let script = format!(
        "<script>
        const real = fetch;
        fetch = (address, options) => String(address).includes('thread.html') ? Promise.resolve(new Response({})) : real(address, options);
        let storage;
        try {{ storage = localStorage; }} catch {{}}
        document.addEventListener('afterword:ready', () => parent.postMessage(storage ? 'storage' : 'ready', '*'));
        </script>",
        json!(fragment).to_string().replace("</", "<\\/")
    );
    let inner = HOST.publish(&HostPage::new(&OPEN, name).foreign_html(&script));
    let outer = format!(
        "<!doctype html><title>Outer</title><script>addEventListener('message', (event) => {{ window.message = event.data }})</script>\
         <iframe sandbox=\"allow-scripts\" height=\"700\" src=\"{inner}\"></iframe>"
    );
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish_file("/sandbox", &outer)).await;
    let ready = async || {
        let message = reader.run("return window.message ?? ''", Vec::new()).await;
        if message == "ready" { Ok(()) } else { Err(message) }
    };
    wait_until_async("the widget in the sandbox", ready).await;
    reader.close().await;
}

/// A service worker that answers every `GET` from its cache once it has the answer.
const CACHING_WORKER: &str = "
    addEventListener('install', () => skipWaiting());
    addEventListener('activate', (event) => event.waitUntil(clients.claim()));
    addEventListener('fetch', (event) => {
        if (event.request.method != 'GET') return;
        event.respondWith((async () => {
            const cache = await caches.open('theme');
            const known = await cache.match(event.request);
            if (known) return known;
            const response = await fetch(event.request);
            cache.put(event.request, response.clone());
            return response;
        })());
    });";

#[tokio::test]
async fn service_worker_that_caches_for_ever_does_not_hide_new_comments() {
    post_thread("cached_for_ever", &[("First", None)]);
    HOST.publish_file("/sw.js", CACHING_WORKER);
    let register = "<script>navigator.serviceWorker.register('/sw.js')</script>";
    let address = HOST.publish(&HostPage::new(&OPEN, "cached_for_ever").foreign_html(register));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&address).await;
    let controlled = async || {
        let controlled = reader.run("return !!navigator.serviceWorker.controller", Vec::new()).await;
        if controlled == true { Ok(()) } else { Err(controlled) }
    };
    wait_until_async("the service worker to control the page", controlled).await;
    // The second visit fills the cache, the third one would be answered from it.
    for texts in [&["First"][..], &["First"], &["First", "Second"]] {
        if texts.len() == 2 {
            Request::post_comment(&new_comment(&post_url("cached_for_ever"), "Second")).send(&OPEN);
            wait_for_thread(&OPEN, &post_url("cached_for_ever"), 2);
        }
        reader.reload().await;
        reader.widget().wait_for_texts(texts).await;
    }
    reader.close().await;
}
