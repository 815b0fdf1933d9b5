//! Output views: every document a browser can open that may contain a comment or its fields.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_tests::{BrowserOptions, HostPage, wait_until_async};
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::SERVER;
use super::injection_points::{HARMLESS, InjectedThread};
use super::inspector::{DocumentReport, Inspector, find_faults};
use crate::HOST;

/// A document that shows a thread.
pub(super) struct OutputView {
    pub(super) name: &'static str,
    /// The browser runs scripts.
    javascript: bool,
    /// Builds the address of a page of a thread.
    address: fn(thread: &InjectedThread, page: u32) -> String,
    /// A script that acts like a reader. Returns `true` when it is done.
    script: &'static str,
    coverage: Coverage,
}

/// The part of a thread that is finally on the screen.
#[derive(PartialEq)]
enum Coverage {
    /// One page; every page has an address.
    OnePage,
    /// The first page only; other pages have no address.
    FirstPage,
    /// The whole thread.
    All,
    /// The source of one page, not rendered; every page has an address.
    Source,
}

/// All output views. Add new ones as new lines.
pub(super) const OUTPUT_VIEWS: &[OutputView] = &[
    OutputView { name: "page", javascript: true, address: page, script: NO_ACTION, coverage: Coverage::OnePage },
    OutputView {
        name: "page, no script",
        javascript: false,
        address: page,
        script: NO_ACTION,
        coverage: Coverage::OnePage,
    },
    OutputView {
        name: "loader",
        javascript: true,
        address: loader,
        script: FRAGMENT_LOADED,
        coverage: Coverage::FirstPage,
    },
    OutputView { name: "widget", javascript: true, address: widget, script: OPEN_ALL_REPLIES, coverage: Coverage::All },
    OutputView {
        name: "fragment as a document",
        javascript: true,
        address: fragment,
        script: NO_ACTION,
        coverage: Coverage::OnePage,
    },
    OutputView {
        name: "JSON as a document",
        javascript: true,
        address: json,
        script: NO_ACTION,
        coverage: Coverage::Source,
    },
];

const NO_ACTION: &str = "return true";

/// The fragment is loaded.
const FRAGMENT_LOADED: &str = "return !!document.querySelector('#afterword')?.shadowRoot?.querySelector('.aw')";

/// Loads the thread to its end and opens a reply form on every comment, so that the widget renders everything it can.
/// Before the widget runs, the loader opens the form, which starts the widget.
const OPEN_ALL_REPLIES: &str = "
const root = document.querySelector('#afterword')?.shadowRoot;
const more = root?.querySelector('.aw-more');
if (more) more.click();
if (more || !root?.querySelector('.aw') || root.querySelector('.aw-item[hidden]')) return 'the thread is not complete';
for (const link of root.querySelectorAll('.aw-reply')) {
    const item = link.closest('.aw-item');
    if (!item.querySelector(':scope > .aw-form')) link.click();
    const form = item.querySelector(':scope > .aw-form');
    if (!form) return 'the widget does not run';
    form.querySelector('textarea').value = 'Some words';
}
return !!root.querySelector('.aw > .aw-form > .aw-remember:not([hidden])') || 'the widget does not run'";

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

/// The policy forbids WASM, so the page stays as the loader made it.
fn loader(thread: &InjectedThread, _page: u32) -> String {
    let worker = SERVER.origin();
    let policy = format!("default-src 'none'; script-src {worker}; style-src {worker}; connect-src {worker}");
    HOST.publish(&host(thread).header("Content-Security-Policy", policy))
}

/// A blog page with the thread, at an address that no concurrent test uses.
pub(super) fn host(thread: &InjectedThread) -> HostPage {
    static PAGES: AtomicUsize = AtomicUsize::new(0);
    let name = format!("attacked_{}", PAGES.fetch_add(1, Ordering::Relaxed));
    let quoted = thread.url.replace('&', "&amp;").replace('"', "&quot;");
    HostPage::new(&SERVER, &name).script_attributes(&format!("data-url=\"{quoted}\""))
}

impl OutputView {
    /// Opens harmless threads and then the given ones. Returns the faults of the given ones relative to the harmless
    /// ones.
    pub(super) async fn check(&self, threads: &[&InjectedThread]) -> Vec<String> {
        let mut inspector =
            Inspector::open(BrowserOptions { javascript: self.javascript, ..BrowserOptions::default() }).await;
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
            // A page with further replies repeats the comments above them.
            let items = reports.iter().flat_map(|report| &report.items).collect::<BTreeSet<_>>().len();
            let counted =
                self.coverage != Coverage::Source && (self.coverage != Coverage::FirstPage || thread.pages == 1);
            if counted && !thread.attack_url && items != thread.comments {
                found.push(format!("{items} comments instead of {}", thread.comments));
            }
            found.extend(inspector.take_problems().await);
            faults.extend(
                found.iter().map(|fault| format!("{} from {} by {}: {fault}", self.name, thread.first, thread.point)),
            );
        }
        // What the last page reports after it was inspected.
        inspector.browser.visit("about:blank").await;
        faults
            .extend(inspector.take_problems().await.iter().map(|fault| format!("{}, at its end: {fault}", self.name)));
        inspector.browser.close().await;
        faults
    }

    /// Inspects a thread page by page.
    async fn open(&self, thread: &InjectedThread, inspector: &Inspector) -> Vec<DocumentReport> {
        let pages = if matches!(self.coverage, Coverage::OnePage | Coverage::Source) { thread.pages } else { 1 };
        let mut reports = Vec::new();
        for page in 1..=pages {
            inspector.browser.visit(&(self.address)(thread, page)).await;
            let poll = async || match inspector.browser.run(self.script, Vec::new()).await {
                Value::Bool(true) => Ok(()),
                other => Err(other),
            };
            wait_until_async(&format!("{} to show {}", self.name, thread.url), poll).await;
            reports.push(inspector.inspect().await);
        }
        reports
    }
}
