//! Tests of the detection itself: attack strings inserted into a page unescaped must be reported.

use std::collections::{BTreeMap, BTreeSet};

use afterword_tests::{BrowserOptions, Engine, HostPage, wait_until_async};
use serde_json::json;

use super::injection_points::HARMLESS;
use super::inspector::{DocumentReport, Inspector, find_faults};
use super::output_views::host;
use super::{ATTACKS, SERVER};
use crate::HOST;

/// A thread with one comment, rendered without any escaping.
fn unescaped_page(text: &str) -> String {
    format!(
        "<!doctype html><body><section class=\"aw\"><li class=\"aw-item\" id=\"comment-1\"><a class=\"aw-author\" href=\"{text}\" title='{text}'>Ada</a>\
         <div class=\"aw-text\">{text}</div></li></section>"
    )
}

/// Classes that are not, or not only, HTML. They are detected elsewhere or are subject to limits.
const NOT_ONLY_HTML: [&str; 6] = ["encodings", "fences", "markdown", "requests", "sizes", "templates"];

#[tokio::test]
async fn attacks_on_an_unescaped_page_are_detected() {
    let inspector = Inspector::open(BrowserOptions::default()).await;
    let known: BTreeSet<String> = inspector
        .parse(&[unescaped_page("https://harmless.example/")])
        .await
        .into_iter()
        .flat_map(|report| report.nodes)
        .collect();
    let mut missed: BTreeMap<&str, (usize, Vec<&str>)> = BTreeMap::new();
    for attacks in ATTACKS.chunks(100) {
        let documents: Vec<_> = attacks.iter().map(|attack| unescaped_page(&attack.text())).collect();
        for (attack, report) in attacks.iter().zip(inspector.parse(&documents).await) {
            let (all, class) = missed.entry(attack.class()).or_default();
            *all += 1;
            if find_faults(&report, &known).is_empty() {
                class.push(&attack.place);
            }
        }
    }
    inspector.browser.close().await;
    for (class, (all, missed)) in missed {
        let allowed = if NOT_ONLY_HTML.contains(&class) { all * 3 / 4 } else { all / 10 };
        assert!(missed.len() <= allowed, "{} of {all} in {class} are not detected: {missed:?}", missed.len());
    }
}

/// Inserts a text into the page as HTML and waits until the inspector reports a problem that contains `seen`.
async fn insert_and_expect(inspector: &mut Inspector, text: &str, seen: &str) {
    inspector.browser.run("document.body.insertAdjacentHTML('beforeend', arguments[0])", vec![json!(text)]).await;
    let mut all = Vec::new();
    wait_until_async(&format!("{seen} caused by {text}"), async || {
        all.extend(inspector.take_problems().await);
        if all.iter().any(|problem| problem.contains(seen)) { Ok(()) } else { Err(all.clone()) }
    })
    .await;
}

#[tokio::test]
async fn executed_script_and_outgoing_request_are_detected() {
    let mut inspector = Inspector::open(BrowserOptions::default()).await;
    inspector.browser.visit(&HOST.publish(&HostPage::new(&SERVER, "attacked_by_nobody"))).await;
    insert_and_expect(&mut inspector, "<img src=x onerror=canary()>", "CANARY: canary").await;
    insert_and_expect(&mut inspector, "<details open ontoggle=alert(1)>", "CANARY: alert").await;
    // Only the DevTools protocol injects scripts into a document without an address, and sees a connection on which
    // nothing is sent.
    if Engine::current() == Engine::Chromium {
        insert_and_expect(&mut inspector, "<iframe srcdoc='<script>print()</script>'></iframe>", "CANARY: print").await;
        insert_and_expect(&mut inspector, "<link rel=preconnect href=//canary2.example>", "external connection").await;
    }
    insert_and_expect(&mut inspector, "<img src=/elsewhere>", "/elsewhere").await;
    let outgoing = [
        "<img src=//canary.example/i>",
        "<img src=https://canary.example/i>",
        "<style>@import '//canary.example/s.css'</style>",
        "<iframe src=//canary.example/></iframe>",
        "<video poster=//203.0.113.7/></video>",
    ];
    for text in outgoing {
        insert_and_expect(&mut inspector, text, "external connection").await;
    }
    // Navigating away ends what is still loading.
    inspector.browser.visit("about:blank").await;
    inspector.take_problems().await;
    inspector.browser.expect_external_connections();
    inspector.browser.close().await;
}

/// Opens a harmless thread in the loader, with `hole` inserted into the text of every comment as if the Worker had
/// sent it.
async fn draw_with_hole(inspector: &mut Inspector, hole: &str) -> (DocumentReport, Vec<String>) {
    let script = format!(
        "addEventListener('afterword:ready', () => window.isReady = true);
        const real = fetch;
        fetch = async (...request) => {{
            const response = await real(...request);
            if (!String(request[0]).includes('/v1/thread.html')) return response;
            const text = (await response.text()).replaceAll(/<div class=\"aw-text[^>]*>/g, '$&' + {});
            return new Response(text, {{ headers: response.headers }});
        }};",
        json!(hole)
    );
    let injected = inspector.browser.inject_script(&script).await;
    let thread = HARMLESS.iter().find(|thread| thread.point == "json").expect("a harmless thread");
    inspector.browser.visit(&HOST.publish(&host(thread))).await;
    // The widget adds elements, so the page is compared as it is with the widget.
    let widget = inspector.browser.widget();
    widget.wait_until("the widget", "window.isReady === true").await;
    let report = inspector.inspect().await;
    inspector.browser.run_async("setTimeout(arguments[0], 0)").await;
    let problems = inspector.take_problems().await;
    inspector.browser.remove_script(injected).await;
    (report, problems)
}

#[tokio::test]
async fn hole_in_worker_markup_is_detected() {
    let mut inspector = Inspector::open(BrowserOptions::default()).await;
    let (harmless, problems) = draw_with_hole(&mut inspector, "").await;
    assert_eq!((find_faults(&harmless, &harmless.nodes), problems), (Vec::new(), Vec::new()));
    assert!(harmless.items.len() > 10 && harmless.nodes.len() > 20, "the page has content: {harmless:?}");
    let holes = [
        ("<b>x</b>", "b[]"),
        ("<p class=aw-form>x</p>", "p[class=aw-form]"),
        ("<a href=\"javascript:canary()\" rel=\"nofollow ugc noopener noreferrer\">x</a>", "a[href=javascript:"),
        ("<a href=\"https://canary.example/\">x</a>", "a[href=external]"),
        ("<!--x-->", "node of type 8"),
        ("</div><p>x</p><div>", "> p[]"),
        ("</div></article></li></ol><form action=//canary.example/><ol><li><article><div>", "form[action=external]"),
        ("<svg></svg>", "/svg svg[]"),
        ("<p><table><tr><td>x", "table[]"),
    ];
    for (hole, seen) in holes {
        let (report, _) = draw_with_hole(&mut inspector, hole).await;
        let found = find_faults(&report, &harmless.nodes);
        assert!(found.iter().any(|fault| fault.contains(seen)), "{hole}: {found:?}");
    }
    let (_, problems) = draw_with_hole(&mut inspector, "<img src=x onerror=canary()>").await;
    assert!(problems.iter().any(|problem| problem.contains("CANARY")), "{problems:?}");
    inspector.browser.close().await;
}

#[tokio::test]
async fn tree_that_changes_when_reparsed_is_detected() {
    let inspector = Inspector::open(BrowserOptions::default()).await;
    let build = "
        const text = document.createElement('div');
        const outer = text.appendChild(document.createElement('p'));
        outer.appendChild(document.createElement('p')).textContent = 'a paragraph in a paragraph';
        const item = document.body.appendChild(document.createElement('ol')).appendChild(document.createElement('li'));
        item.className = 'aw-item';
        item.appendChild(text).className = 'aw-text';";
    inspector.browser.visit(&HOST.publish(&HostPage::new(&SERVER, "attacked_by_nobody"))).await;
    inspector.browser.run(build, Vec::new()).await;
    let report = inspector.inspect().await;
    assert!(report.faults.iter().any(|fault| fault.contains("changes when parsed again")), "{:?}", report.faults);
    inspector.browser.close().await;
}
