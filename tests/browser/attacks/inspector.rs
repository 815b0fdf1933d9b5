//! Inspects documents in a browser: their nodes, console and requests.

use std::collections::BTreeSet;

use afterword_tests::{Browser, BrowserOptions};
use serde::Deserialize;
use serde_json::{Value, json};

use super::SERVER;
use crate::HOST;

const INSPECT: &str = include_str!("inspect.js");

/// A part of the hint for owners of pages whose policy forbids WASM. It is expected: one of the views is such a page.
const POLICY_HINT: &str = "Afterword: Add 'wasm-unsafe-eval'";

/// Replaces the functions that attack strings call. Each call reports a console error.
const CANARY: &str = "
for (const name of ['canary', 'alert', 'confirm', 'prompt', 'print']) {
    const value = () => console.error('CANARY: ' + name + ' was called in ' + location.href);
    try { Object.defineProperty(window, name, { value, configurable: false, writable: false }); } catch {}
}";

/// Content of a document as reported by `inspect.js`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct DocumentReport {
    /// Forbidden nodes in the texts of comments, and trees that change when serialized and parsed again.
    pub(super) faults: Vec<String>,
    /// Every kind of node around the texts, with its path.
    pub(super) nodes: BTreeSet<String>,
    /// The ids of the comments.
    pub(super) items: Vec<String>,
}

/// A browser that reports every effect of an attack string.
pub(super) struct Inspector {
    pub(super) browser: Browser,
    /// Number of external connections already reported.
    reported: usize,
}

impl Inspector {
    pub(super) async fn open(options: BrowserOptions) -> Self {
        let browser = Browser::open(BrowserOptions { complete: true, ..options }).await;
        if options.javascript {
            browser.inject_script(CANARY).await;
        }
        // Leaving the browser's first page ends that page's own requests.
        browser.visit("about:blank").await;
        browser.requests().await;
        Self { browser, reported: 0 }
    }

    /// Inspects the open document.
    pub(super) async fn inspect(&self) -> DocumentReport {
        let result = self.browser.run(INSPECT, vec![json!(SERVER.origin())]).await;
        reports(result).pop().unwrap_or_default()
    }

    /// Inspects documents that are parsed but not opened.
    pub(super) async fn parse(&self, documents: &[String]) -> Vec<DocumentReport> {
        reports(self.browser.run(INSPECT, vec![json!(SERVER.origin()), json!(documents)]).await)
    }

    /// Problems since the last call: executed or blocked scripts, and unexpected requests.
    pub(super) async fn take_problems(&mut self) -> Vec<String> {
        let mut problems = self.browser.console_errors().await;
        // The policy of the fragment, which is no page, blocks the stylesheet of its own form.
        let own_style = format!("Loading the stylesheet '{}/assets/afterword-write-", SERVER.origin());
        problems.retain(|error| !error.contains(POLICY_HINT) && !error.contains(&own_style));
        problems.extend(self.browser.requests().await.into_iter().filter(|made| !is_expected_request(made)));
        let connections = self.browser.external_connections();
        problems.extend(connections[self.reported..].iter().map(|record| format!("external connection: {record}")));
        self.reported = connections.len();
        problems
    }
}

/// Returns true if a page of the tests, or one of its resources, makes this request.
fn is_expected_request(request: &str) -> bool {
    let own = |origin: &str, paths: &[&str]| {
        let path = request.split_once(' ').and_then(|(_, address)| address.strip_prefix(origin)).unwrap_or_default();
        paths.iter().any(|start| path.starts_with(start))
    };
    let worker = [
        "/thread",
        "/v1/thread",
        "/v1/counts",
        "/v1/challenge",
        "/assets/",
        "/embed.js",
        "/favicon.ico",
        "/admin/api/",
    ];
    own(&SERVER.origin(), &worker) || own(&HOST.origin(), &["/attacked", "/favicon.ico"])
}

fn reports(result: Value) -> Vec<DocumentReport> {
    serde_json::from_value(result).expect("the script returns reports")
}

/// The link to replies that a page has no room for. It is the one node that the harmless threads lack: they are too short.
const MORE_REPLIES: [&str; 2] = [
    "item > a[class=aw-more, data-page=N, href=worker: /thread, part=more]",
    "item > a[class=aw-more, data-page=N, href=worker: /thread, part=more] text",
];

/// The faults of a document in which only `known` nodes and [`MORE_REPLIES`] may occur around the texts.
pub(super) fn find_faults(report: &DocumentReport, known: &BTreeSet<String>) -> Vec<String> {
    let is_unexpected = |node: &&String| !MORE_REPLIES.contains(&node.as_str());
    let unexpected = report.nodes.difference(known).filter(is_unexpected);
    let unexpected = unexpected.map(|node| format!("unexpected node: {node}"));
    report.faults.iter().cloned().chain(unexpected).collect()
}
