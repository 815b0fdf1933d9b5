//! That the tests beside this file can fail: where strings of the corpus are put into a page as they are, all that is looked for is seen.

use std::collections::{BTreeMap, BTreeSet};

use afterword_tests::{HostPage, Look, until_async};
use serde_json::json;

use super::sight::{Sight, Watch, wrong};
use super::ways_in::HARMLESS;
use super::ways_out::host;
use super::{ATTACKS, SERVER};
use crate::HOST;

/// A thread with one comment, drawn by somebody who escapes nothing.
fn careless(text: &str) -> String {
    format!(
        "<!doctype html><body><section class=\"aw\"><li class=\"aw-item\" id=\"comment-1\"><a class=\"aw-author\" href=\"{text}\" title='{text}'>Ada</a>\
         <div class=\"aw-text\">{text}</div></li></section>"
    )
}

/// Classes whose strings are no HTML, or not each of them: what they attack is seen in another way, or is the business of the limits.
const OTHERS: [&str; 6] = ["encodings", "fences", "markdown", "requests", "sizes", "templates"];

#[tokio::test]
async fn what_a_careless_page_lets_in_is_seen() {
    let watch = Watch::open(Look::default()).await;
    let known: BTreeSet<String> =
        watch.parse(&[careless("https://harmless.example/")]).await.into_iter().flat_map(|sight| sight.nodes).collect();
    let mut missed: BTreeMap<&str, (usize, Vec<&str>)> = BTreeMap::new();
    for attacks in ATTACKS.chunks(100) {
        let documents: Vec<_> = attacks.iter().map(|attack| careless(&attack.text())).collect();
        for (attack, sight) in attacks.iter().zip(watch.parse(&documents).await) {
            let (all, class) = missed.entry(attack.class()).or_default();
            *all += 1;
            if wrong(&sight, &known).is_empty() {
                class.push(&attack.place);
            }
        }
    }
    watch.browser.close().await;
    for (class, (all, missed)) in missed {
        let allowed = if OTHERS.contains(&class) { all * 3 / 4 } else { all / 10 };
        assert!(missed.len() <= allowed, "{} of {all} in {class} are not seen: {missed:?}", missed.len());
    }
}

/// Puts a text into the page as HTML, and waits for what `seen` finds in the trouble it makes.
async fn let_in(watch: &mut Watch, text: &str, seen: &str) {
    watch.browser.run("document.body.insertAdjacentHTML('beforeend', arguments[0])", vec![json!(text)]).await;
    let mut all = Vec::new();
    until_async(&format!("{seen} for the sake of {text}"), async || {
        all.extend(watch.trouble().await);
        if all.iter().any(|trouble| trouble.contains(seen)) { Ok(()) } else { Err(all.clone()) }
    })
    .await;
}

#[tokio::test]
async fn a_script_that_runs_and_a_request_that_leaves_are_seen() {
    let mut watch = Watch::open(Look::default()).await;
    watch.browser.visit(&HOST.publish(&HostPage::new(&SERVER, "attacked_by_nobody"))).await;
    let_in(&mut watch, "<img src=x onerror=canary()>", "CANARY: canary").await;
    let_in(&mut watch, "<details open ontoggle=alert(1)>", "CANARY: alert").await;
    let_in(&mut watch, "<iframe srcdoc='<script>print()</script>'></iframe>", "CANARY: print").await;
    let_in(&mut watch, "<img src=/elsewhere>", "/elsewhere").await;
    let left = [
        "<img src=//canary.example/i>",
        "<img src=https://canary.example/i>",
        "<link rel=preconnect href=//canary2.example>",
        "<style>@import '//canary.example/s.css'</style>",
        "<iframe src=//canary.example/></iframe>",
        "<video poster=//203.0.113.7/></video>",
    ];
    for text in left {
        let_in(&mut watch, text, "a visit elsewhere").await;
    }
    // What has not come to its end by now ends with the page.
    watch.browser.visit("about:blank").await;
    watch.trouble().await;
    watch.browser.expect_strangers();
    watch.browser.close().await;
}

/// The loader's page of a harmless thread, with this in each text of a comment as if the Worker had sent it.
async fn drawn(watch: &mut Watch, hole: &str) -> (Sight, Vec<String>) {
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
    let injected = watch.browser.inject(&script).await;
    let thread = HARMLESS.iter().find(|thread| thread.way == "json").expect("a harmless thread");
    watch.browser.visit(&HOST.publish(&host(thread))).await;
    watch.browser.widget().find(".aw-item").await;
    let sight = watch.look().await;
    watch.browser.run_async("setTimeout(arguments[0], 0)").await;
    let trouble = watch.trouble().await;
    watch.browser.eject(injected).await;
    (sight, trouble)
}

#[tokio::test]
async fn a_hole_in_what_the_worker_draws_is_seen() {
    let mut watch = Watch::open(Look::default()).await;
    let (harmless, trouble) = drawn(&mut watch, "").await;
    assert_eq!((wrong(&harmless, &harmless.nodes), trouble), (Vec::new(), Vec::new()));
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
        let (sight, _) = drawn(&mut watch, hole).await;
        let found = wrong(&sight, &harmless.nodes);
        assert!(found.iter().any(|fault| fault.contains(seen)), "{hole}: {found:?}");
    }
    let (_, trouble) = drawn(&mut watch, "<img src=x onerror=canary()>").await;
    assert!(trouble.iter().any(|trouble| trouble.contains("CANARY")), "{trouble:?}");
    watch.browser.close().await;
}

#[tokio::test]
async fn a_tree_that_changes_when_it_is_read_again_is_seen() {
    let watch = Watch::open(Look::default()).await;
    let build = "
        const text = document.createElement('div');
        const outer = text.appendChild(document.createElement('p'));
        outer.appendChild(document.createElement('p')).textContent = 'a paragraph in a paragraph';
        const item = document.body.appendChild(document.createElement('ol')).appendChild(document.createElement('li'));
        item.className = 'aw-item';
        item.appendChild(text).className = 'aw-text';";
    watch.browser.visit(&HOST.publish(&HostPage::new(&SERVER, "attacked_by_nobody"))).await;
    watch.browser.run(build, Vec::new()).await;
    let sight = watch.look().await;
    assert!(sight.faults.iter().any(|fault| fault.contains("not the same")), "{:?}", sight.faults);
    watch.browser.close().await;
}
