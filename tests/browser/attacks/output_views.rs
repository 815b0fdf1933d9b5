//! The ways out: everything that a browser can open and in which a comment, or what came with it, may be seen.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_tests::{BrowserOptions, HostPage, wait_until_async};
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::SERVER;
use super::injection_points::{HARMLESS, InjectedThread};
use super::inspector::{DocumentReport, Inspector, find_faults};
use crate::HOST;

/// A way out.
pub(super) struct OutputView {
    pub(super) name: &'static str,
    /// Whether the reader's browser runs scripts.
    script: bool,
    /// The address of a page of a thread.
    address: fn(thread: &InjectedThread, page: u32) -> String,
    /// A script that does what a reader does, and returns `true` when there is no more to do.
    script_to_run: &'static str,
    coverage: Coverage,
}

/// What of a thread is on the screen in the end.
#[derive(PartialEq)]
enum Coverage {
    /// One page of it; each has an address.
    OnePage,
    /// What can be had without the addresses of other pages: the first.
    FirstPage,
    /// All of it.
    All,
    /// Its comments are not drawn; each page has an address.
    Source,
}

/// All of them. A new one is a new line.
pub(super) const OUTPUT_VIEWS: &[OutputView] = &[
    OutputView { name: "page", script: true, address: page, script_to_run: NO_ACTION, coverage: Coverage::OnePage },
    OutputView {
        name: "page, no script",
        script: false,
        address: page,
        script_to_run: NO_ACTION,
        coverage: Coverage::OnePage,
    },
    OutputView {
        name: "loader",
        script: true,
        address: loader,
        script_to_run: FRAGMENT_LOADED,
        coverage: Coverage::FirstPage,
    },
    OutputView {
        name: "widget",
        script: true,
        address: widget,
        script_to_run: OPEN_ALL_REPLIES,
        coverage: Coverage::All,
    },
    OutputView {
        name: "fragment as a document",
        script: true,
        address: fragment,
        script_to_run: NO_ACTION,
        coverage: Coverage::OnePage,
    },
    OutputView {
        name: "JSON as a document",
        script: true,
        address: json,
        script_to_run: NO_ACTION,
        coverage: Coverage::Source,
    },
];

const NO_ACTION: &str = "return true";

/// The fragment is there.
const FRAGMENT_LOADED: &str = "return !!document.querySelector('#afterword')?.shadowRoot?.querySelector('.aw')";

/// Reads on to the thread's end and begins an answer to every comment, so that the widget draws all that it draws. Until it runs, the first
/// thing asked of it waits for it. A form in which nothing is written goes away when the next one comes.
const OPEN_ALL_REPLIES: &str = "
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

fn url_with_page(path: &str, thread: &InjectedThread, page: u32) -> String {
    let url: String = byte_serialize(thread.url.as_bytes()).collect();
    format!("{}{path}?url={url}&page={page}", SERVER.origin())
}

fn page(thread: &InjectedThread, page: u32) -> String {
    url_with_page("/thread", thread, page)
}

fn fragment(thread: &InjectedThread, page: u32) -> String {
    url_with_page("/v1/thread.html", thread, page)
}

fn json(thread: &InjectedThread, page: u32) -> String {
    url_with_page("/v1/thread", thread, page)
}

fn widget(thread: &InjectedThread, _page: u32) -> String {
    HOST.publish(&host(thread))
}

/// Without WASM the loader's work stays what it is.
fn loader(thread: &InjectedThread, _page: u32) -> String {
    let worker = SERVER.origin();
    let policy = format!("default-src 'none'; script-src {worker}; style-src {worker}; connect-src {worker}");
    HOST.publish(&host(thread).header("Content-Security-Policy", policy))
}

/// A page of the blog with the thread on it, at an address that no other test has at the same time.
pub(super) fn host(thread: &InjectedThread) -> HostPage {
    static PAGES: AtomicUsize = AtomicUsize::new(0);
    let name = format!("attacked_{}", PAGES.fetch_add(1, Ordering::Relaxed));
    let quoted = thread.url.replace('&', "&amp;").replace('"', "&quot;");
    HostPage::new(&SERVER, &name).script_attributes(&format!("data-url=\"{quoted}\""))
}

impl OutputView {
    /// Opens harmless threads and then these; what is wrong with these, in comparison.
    pub(super) async fn check(&self, threads: &[&InjectedThread]) -> Vec<String> {
        let mut inspector = Inspector::open(BrowserOptions { script: self.script, ..BrowserOptions::default() }).await;
        let mut known = BTreeSet::new();
        let mut faults = Vec::new();
        for thread in HARMLESS.iter().filter(|thread| thread.comments > 1 || thread.first == "harmless:0") {
            for report in self.open(thread, &inspector).await {
                faults.extend(report.faults);
                known.extend(report.nodes);
            }
        }
        for thread in threads {
            let reports = self.open(thread, &inspector).await;
            let mut found: Vec<_> = reports.iter().flat_map(|report| find_faults(report, &known)).collect();
            let items: usize = reports.iter().map(|report| report.items).sum();
            let whole =
                self.coverage != Coverage::Source && (self.coverage != Coverage::FirstPage || thread.pages == 1);
            if whole && !thread.attack_url && items != thread.comments {
                found.push(format!("{items} comments instead of {}", thread.comments));
            }
            found.extend(inspector.take_problems().await);
            faults.extend(
                found.iter().map(|fault| format!("{} from {} by {}: {fault}", self.name, thread.first, thread.point)),
            );
        }
        inspector.browser.close().await;
        faults
    }

    /// What is to be seen of a thread, page by page.
    async fn open(&self, thread: &InjectedThread, inspector: &Inspector) -> Vec<DocumentReport> {
        let pages = if matches!(self.coverage, Coverage::OnePage | Coverage::Source) { thread.pages } else { 1 };
        let mut reports = Vec::new();
        for page in 1..=pages {
            inspector.browser.visit(&(self.address)(thread, page)).await;
            let options = async || match inspector.browser.run(self.script_to_run, Vec::new()).await {
                Value::Bool(true) => Ok(()),
                other => Err(other),
            };
            wait_until_async(&format!("{} to show {}", self.name, thread.url), options).await;
            reports.push(inspector.inspect().await);
        }
        reports
    }
}
