//! What a reader's browser shows of a document, and what must hold for it.

use std::collections::BTreeSet;

use afterword_tests::{Browser, BrowserOptions};
use serde::Deserialize;
use serde_json::{Value, json};

use super::SERVER;
use crate::HOST;

const INSPECT: &str = include_str!("inspect.js");

/// Whatever may be called from a string of the corpus says so in the console, where nobody overhears it.
const CANARY: &str = "
for (const name of ['canary', 'alert', 'confirm', 'prompt', 'print']) {
    const value = () => console.error('CANARY: ' + name + ' was called in ' + location.href);
    try { Object.defineProperty(window, name, { value, configurable: false, writable: false }); } catch {}
}";

/// What there is in a document, as `inspect.js` sees it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct DocumentReport {
    /// What the text of a comment must not hold, and what is not the same when it is read again.
    pub(super) faults: Vec<String>,
    /// Each kind of node around the texts, by the way to it.
    pub(super) nodes: BTreeSet<String>,
    /// Comments.
    pub(super) items: usize,
}

/// A browser in which nothing that a string of the corpus does goes unnoticed.
pub(super) struct Inspector {
    pub(super) browser: Browser,
    /// Visitors already told of.
    reported: usize,
}

impl Inspector {
    pub(super) async fn open(options: BrowserOptions) -> Self {
        let browser = Browser::open(options).await;
        if options.script {
            browser.inject_script(CANARY).await;
        }
        // What the first page of the browser itself does is over when there is another one.
        browser.visit("about:blank").await;
        browser.requests().await;
        Self { browser, reported: 0 }
    }

    /// What is in the document that is open.
    pub(super) async fn inspect(&self) -> DocumentReport {
        let seen = self.browser.run(INSPECT, vec![json!(SERVER.origin())]).await;
        reports(seen).pop().unwrap_or_default()
    }

    /// What is in documents that are parsed and not opened.
    pub(super) async fn parse(&self, documents: &[String]) -> Vec<DocumentReport> {
        reports(self.browser.run(INSPECT, vec![json!(SERVER.origin()), json!(documents)]).await)
    }

    /// What has happened since it was last asked: scripts that ran or were kept from it, and requests that nobody makes here.
    pub(super) async fn take_problems(&mut self) -> Vec<String> {
        let mut problems = self.browser.console_errors().await;
        problems.extend(self.browser.requests().await.into_iter().filter(|made| !is_ours(made)));
        let visits = self.browser.external_connections();
        problems.extend(visits[self.reported..].iter().map(|visit| format!("a visit elsewhere: {visit}")));
        self.reported = visits.len();
        problems
    }
}

/// Whether it is a request of the pages that the tests open, or of what these load.
fn is_ours(request: &str) -> bool {
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

fn reports(seen: Value) -> Vec<DocumentReport> {
    serde_json::from_value(seen).expect("the script says what it saw")
}

/// What is wrong with a document, if around the texts there may be `known` nodes and no others.
pub(super) fn find_faults(report: &DocumentReport, known: &BTreeSet<String>) -> Vec<String> {
    let attack_url = report.nodes.difference(known).map(|node| format!("a node that should not be there: {node}"));
    report.faults.iter().cloned().chain(attack_url).collect()
}
