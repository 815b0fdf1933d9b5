//! The ways out: everything that a browser can open and in which a comment, or what came with it, may be seen.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_tests::{HostPage, Look, until_async};
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::SERVER;
use super::sight::{Sight, Watch, wrong};
use super::ways_in::{HARMLESS, Planted};
use crate::HOST;

/// A way out.
pub(super) struct WayOut {
    pub(super) name: &'static str,
    /// Whether the reader's browser runs scripts.
    script: bool,
    /// The address of a page of a thread.
    address: fn(thread: &Planted, page: u32) -> String,
    /// A script that does what a reader does, and returns `true` when there is no more to do.
    reader: &'static str,
    shows: Shows,
}

/// What of a thread is on the screen in the end.
#[derive(PartialEq)]
enum Shows {
    /// One page of it; each has an address.
    APage,
    /// What can be had without the addresses of other pages: the first.
    TheFirst,
    /// All of it.
    All,
    /// Its comments are not drawn; each page has an address.
    Source,
}

/// All of them. A new one is a new line.
pub(super) const WAYS_OUT: &[WayOut] = &[
    WayOut { name: "page", script: true, address: page, reader: NOTHING, shows: Shows::APage },
    WayOut { name: "page, no script", script: false, address: page, reader: NOTHING, shows: Shows::APage },
    WayOut { name: "loader", script: true, address: loader, reader: SHOWN, shows: Shows::TheFirst },
    WayOut { name: "widget", script: true, address: widget, reader: ANSWERS, shows: Shows::All },
    WayOut { name: "fragment as a document", script: true, address: fragment, reader: NOTHING, shows: Shows::APage },
    WayOut { name: "JSON as a document", script: true, address: json, reader: NOTHING, shows: Shows::Source },
];

const NOTHING: &str = "return true";

/// The fragment is there.
const SHOWN: &str = "return !!document.querySelector('#afterword')?.shadowRoot?.querySelector('.aw')";

/// Reads on to the thread's end and begins an answer to every comment, so that the widget draws all that it draws. Until it runs, the first
/// thing asked of it waits for it. A form in which nothing is written goes away when the next one comes.
const ANSWERS: &str = "
const root = document.querySelector('#afterword')?.shadowRoot;
const more = root?.querySelector('.aw-more');
if (more) more.click();
if (more || !root?.querySelector('.aw')) return 'the thread is not complete';
for (const link of root.querySelectorAll('.aw-reply')) {
    const item = link.closest('.aw-item');
    if (!item.querySelector(':scope > .aw-form')) link.click();
    const form = item.querySelector(':scope > .aw-form');
    if (!form) return 'the widget does not run';
    form.querySelector('textarea').value = 'Some words';
}
return true";

fn asking(path: &str, thread: &Planted, page: u32) -> String {
    let url: String = byte_serialize(thread.url.as_bytes()).collect();
    format!("{}{path}?url={url}&page={page}", SERVER.origin())
}

fn page(thread: &Planted, page: u32) -> String {
    asking("/thread", thread, page)
}

fn fragment(thread: &Planted, page: u32) -> String {
    asking("/v1/thread.html", thread, page)
}

fn json(thread: &Planted, page: u32) -> String {
    asking("/v1/thread", thread, page)
}

fn widget(thread: &Planted, _page: u32) -> String {
    HOST.publish(&host(thread))
}

/// Without WASM the loader's work stays what it is.
fn loader(thread: &Planted, _page: u32) -> String {
    let worker = SERVER.origin();
    let policy = format!("default-src 'none'; script-src {worker}; style-src {worker}; connect-src {worker}");
    HOST.publish(&host(thread).header("Content-Security-Policy", policy))
}

/// A page of the blog with the thread on it, at an address that no other test has at the same time.
pub(super) fn host(thread: &Planted) -> HostPage {
    static PAGES: AtomicUsize = AtomicUsize::new(0);
    let name = format!("attacked_{}", PAGES.fetch_add(1, Ordering::Relaxed));
    let quoted = thread.url.replace('&', "&amp;").replace('"', "&quot;");
    HostPage::new(&SERVER, &name).script_attributes(&format!("data-url=\"{quoted}\""))
}

impl WayOut {
    /// Opens harmless threads and then these; what is wrong with these, in comparison.
    pub(super) async fn follow(&self, threads: &[&Planted]) -> Vec<String> {
        let mut watch = Watch::open(Look { script: self.script, ..Look::default() }).await;
        let mut known = BTreeSet::new();
        let mut faults = Vec::new();
        for thread in HARMLESS.iter().filter(|thread| thread.comments > 1 || thread.first == "harmless:0") {
            for sight in self.open(thread, &watch).await {
                faults.extend(sight.faults);
                known.extend(sight.nodes);
            }
        }
        for thread in threads {
            let sights = self.open(thread, &watch).await;
            let mut found: Vec<_> = sights.iter().flat_map(|sight| wrong(sight, &known)).collect();
            let items: usize = sights.iter().map(|sight| sight.items).sum();
            let whole = self.shows != Shows::Source && (self.shows != Shows::TheFirst || thread.pages == 1);
            if whole && !thread.strange && items != thread.comments {
                found.push(format!("{items} comments instead of {}", thread.comments));
            }
            found.extend(watch.trouble().await);
            faults.extend(
                found.iter().map(|fault| format!("{} from {} by {}: {fault}", self.name, thread.first, thread.way)),
            );
        }
        watch.browser.close().await;
        faults
    }

    /// What is to be seen of a thread, page by page.
    async fn open(&self, thread: &Planted, watch: &Watch) -> Vec<Sight> {
        let pages = if matches!(self.shows, Shows::APage | Shows::Source) { thread.pages } else { 1 };
        let mut sights = Vec::new();
        for page in 1..=pages {
            watch.browser.visit(&(self.address)(thread, page)).await;
            let look = async || match watch.browser.run(self.reader, Vec::new()).await {
                Value::Bool(true) => Ok(()),
                other => Err(other),
            };
            until_async(&format!("{} to show {}", self.name, thread.url), look).await;
            sights.push(watch.look().await);
        }
        sights
    }
}
