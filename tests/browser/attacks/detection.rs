//! That the tests beside this file can fail: where strings of the corpus are put into a page as they are, all that is looked for is seen.

use std::collections::{BTreeMap, BTreeSet};

use afterword_tests::{BrowserOptions, HostPage, wait_until_async};
use serde_json::json;

use super::injection_points::HARMLESS;
use super::inspector::{DocumentReport, Inspector, find_faults};
use super::output_views::host;
use super::{ATTACKS, SERVER};
use crate::HOST;

/// A thread with one comment, drawn by somebody who escapes nothing.
fn unescaped_page(text: &str) -> String {
    format!(
        "<!doctype html><body><section class=\"aw\"><li class=\"aw-item\" id=\"comment-1\"><a class=\"aw-author\" href=\"{text}\" title='{text}'>Ada</a>\
         <div class=\"aw-text\">{text}</div></li></section>"
    )
}

/// Classes whose strings are no HTML, or not each of them: what they attack is seen in another way, or is the business of the limits.
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
        assert!(missed.len() <= allowed, "{} of {all} in {class} are not seen: {missed:?}", missed.len());
    }
}

/// Puts a text into the page as HTML, and waits for what `seen` finds in the trouble it makes.
async fn insert_and_expect(inspector: &mut Inspector, text: &str, seen: &str) {
    inspector.browser.run("document.body.insertAdjacentHTML('beforeend', arguments[0])", vec![json!(text)]).await;
    let mut all = Vec::new();
    wait_until_async(&format!("{seen} for the sake of {text}"), async || {
        all.extend(inspector.take_problems().await);
        if all.iter().any(|problems| problems.contains(seen)) { Ok(()) } else { Err(all.clone()) }
    })
    .await;
}

#[tokio::test]
async fn executed_script_and_outgoing_request_are_detected() {
    let mut inspector = Inspector::open(BrowserOptions::default()).await;
    inspector.browser.visit(&HOST.publish(&HostPage::new(&SERVER, "attacked_by_nobody"))).await;
    insert_and_expect(&mut inspector, "<img src=x onerror=canary()>", "CANARY: canary").await;
    insert_and_expect(&mut inspector, "<details open ontoggle=alert(1)>", "CANARY: alert").await;
    insert_and_expect(&mut inspector, "<iframe srcdoc='<script>print()</script>'></iframe>", "CANARY: print").await;
    insert_and_expect(&mut inspector, "<img src=/elsewhere>", "/elsewhere").await;
    let left = [
        "<img src=//canary.example/i>",
        "<img src=https://canary.example/i>",
        "<link rel=preconnect href=//canary2.example>",
        "<style>@import '//canary.example/s.css'</style>",
        "<iframe src=//canary.example/></iframe>",
        "<video poster=//203.0.113.7/></video>",
    ];
    for text in left {
        insert_and_expect(&mut inspector, text, "a visit elsewhere").await;
    }
    // What has not come to its end by now ends with the page.
    inspector.browser.visit("about:blank").await;
    inspector.take_problems().await;
    inspector.browser.expect_external_connections();
    inspector.browser.close().await;
}

/// The loader's page of a harmless thread, with this in each text of a comment as if the Worker had sent it.
async fn draw_with_hole(inspector: &mut Inspector, hole: &str) -> (DocumentReport, Vec<String>) {
    let script = format!(
        "const real = fetch;
        fetch = async (...request) => {{
            const answer = await real(...request);
            if (!String(request[0]).includes('/v1/thread.html')) return answer;
            const text = (await answer.text()).replaceAll(/<div class=\"aw-text\"[^>]*>/g, '$&' + {});
            return new Response(text, {{ headers: answer.headers }});
        }};",
        json!(hole)
    );
    let injected = inspector.browser.inject_script(&script).await;
    let thread = HARMLESS.iter().find(|thread| thread.point == "json").expect("a harmless thread");
    inspector.browser.visit(&HOST.publish(&host(thread))).await;
    inspector.browser.widget().find(".aw-item").await;
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
    assert!(harmless.items > 10 && harmless.nodes.len() > 20, "there is something to see: {harmless:?}");
    let holes = [
        ("<b>x</b>", "b[]"),
        ("<p class=aw-form>x</p>", "p[class=aw-form]"),
        ("<a href=\"javascript:canary()\" rel=\"nofollow ugc noopener noreferrer\">x</a>", "a[href=javascript:"),
        ("<a href=\"https://canary.example/\">x</a>", "a[href=the web]"),
        ("<!--x-->", "node of type 8"),
        ("</div><p>x</p><div>", "> p[]"),
        ("</div></article></li></ol><form action=//canary.example/><ol><li><article><div>", "form[action=the web]"),
        ("<svg></svg>", "/svg svg[]"),
        ("<p><table><tr><td>x", "table[]"),
    ];
    for (hole, seen) in holes {
        let (report, _) = draw_with_hole(&mut inspector, hole).await;
        let found = find_faults(&report, &harmless.nodes);
        assert!(found.iter().any(|fault| fault.contains(seen)), "{hole}: {found:?}");
    }
    let (_, problems) = draw_with_hole(&mut inspector, "<img src=x onerror=canary()>").await;
    assert!(problems.iter().any(|problems| problems.contains("CANARY")), "{problems:?}");
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
    assert!(report.faults.iter().any(|fault| fault.contains("not the same")), "{:?}", report.faults);
    inspector.browser.close().await;
}
