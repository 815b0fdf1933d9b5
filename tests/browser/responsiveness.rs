//! A thread of 2,000 comments answers each act at once, and all its pages load in linear time.

use std::sync::LazyLock;

use afterword_tests::{
    Browser, BrowserOptions, HostPage, MAIN_FORM, Server, Widget, build_export, import, post_url, verified_comment,
    wait_for_thread,
};
use serde_json::json;

use crate::HOST;

const NAME: &str = "two_thousand";
const COMMENTS: u32 = 2_000;
/// Longest task of an act, in milliseconds.
const MAX_TASK: f64 = 50.0;
/// Longest task while the reader types on a processor that is slowed down by [`SLOWDOWN`], in milliseconds, beyond the longest one while they
/// type into a plain text box of the same page. That one is the browser's own work.
const MAX_TYPING_TASK: f64 = 16.0;
const SLOWDOWN: u32 = 4;
/// Largest shift of the layout that the reader has not caused.
const MAX_SHIFT: f64 = 0.02;
/// The work for one of the last pages, in proportion to that for one of the first.
const MAX_PAGE_RATIO: f64 = 2.0;

/// A Worker with the thread. Every third comment is a reply.
static LONG: LazyLock<(Server, usize)> = LazyLock::new(|| {
    let server = Server::with_moderation("browser-two-thousand", "open");
    let reply = |number: u32| number.is_multiple_of(3).then(|| number - 1);
    let file = build_export((1..=COMMENTS).map(|number| verified_comment(number, NAME, reply(number))), &[]);
    for lines in file.lines().collect::<Vec<_>>().chunks(1_000) {
        assert_eq!(import(&server, lines.join("\n")).status, 200);
    }
    let comments = wait_for_thread(&server, &post_url(NAME), COMMENTS);
    (server, comments.len())
});

/// Sets marks: `drawn` and `ready` for the widget, and one for the next input of the reader, which `act` names.
const MARKS: &str = "
    const afterFrames = (callback) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(callback)));
    window.afterFrames = afterFrames;
    for (const [type, name] of [['afterword:drawn', 'drawn'], ['afterword:ready', 'ready']]) {
        addEventListener(type, () => afterFrames(() => performance.mark(name)), {once: true});
    }
    for (const type of ['pointerdown', 'keydown']) {
        addEventListener(type, () => {
            if (window.act) performance.mark(act);
            window.act = '';
        }, true);
    }
    // No requests for new comments meanwhile.
    Object.defineProperty(navigator, 'connection', {value: {saveData: true}});
    window.shift = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
    }).observe({type: 'layout-shift'});";

/// The number of requests for a page of the thread.
const REQUESTS: &str =
    "return performance.getEntriesByType('resource').filter(({name}) => name.includes('/v1/thread.html')).length";

/// Names the act that begins with the next input.
async fn begin(reader: &Browser, name: &str) {
    reader.run("window.act = arguments[0]", vec![json!(name)]).await;
}

/// Waits until the act has had its effect, and until that is painted.
async fn end(widget: &Widget<'_>, reader: &Browser, name: &str, condition: &str) {
    widget.wait_until_drawn(name, condition).await;
    let mark = "const [mark, done] = arguments; afterFrames(() => { performance.mark(mark); done(); })";
    reader.run_async_with(mark, vec![json!(format!("{name} end"))]).await;
}

/// Loads all further pages. Returns their number.
async fn load_all(reader: &Browser) -> u32 {
    let widget = reader.widget();
    let mut pages = 0;
    while widget.count(".aw > .aw-more").await > 0 {
        pages += 1;
        let name = format!("page {pages}");
        let before = widget.count(".aw-item").await;
        let link = widget.find(".aw > .aw-more").await;
        begin(reader, &name).await;
        link.click().await.expect("the link can be pressed");
        let condition = format!("root.querySelectorAll('.aw-item').length > {before}");
        end(&widget, reader, &name, &condition).await;
    }
    pages
}

/// Collapses and opens a branch, and opens a form for a reply. Returns the names of the acts.
async fn collapse_and_reply(reader: &Browser) -> Vec<&'static str> {
    let widget = reader.widget();
    let summary = widget.find(".aw-branch > summary").await;
    begin(reader, "collapse").await;
    summary.click().await.expect("the branch can be collapsed");
    end(&widget, reader, "collapse", "!!root.querySelector('.aw-branch:not([open])')").await;
    begin(reader, "expand").await;
    summary.click().await.expect("the branch can be opened");
    end(&widget, reader, "expand", "!root.querySelector('.aw-branch:not([open])')").await;
    let link = widget.find(".aw-reply").await;
    begin(reader, "reply").await;
    link.click().await.expect("the link can be pressed");
    end(&widget, reader, "reply", "!!root.querySelector('.aw-item > .aw-form .aw-tools')").await;
    vec!["collapse", "expand", "reply"]
}

/// Types into a text box of the page, outside of the widget, on a slow processor.
async fn type_outside(reader: &Browser) -> &'static str {
    let script = "const box = document.createElement('textarea'); box.rows = 6; document.body.prepend(box); box.focus(); window.plain = box";
    reader.run(script, Vec::new()).await;
    reader.press("Some words first ").await;
    reader.command("Emulation.setCPUThrottlingRate", json!({"rate": SLOWDOWN})).await;
    begin(reader, "type outside").await;
    reader.press("and forty more characters, at any speed.").await;
    end(&reader.widget(), reader, "type outside", "window.plain.value.endsWith('speed.')").await;
    reader.command("Emulation.setCPUThrottlingRate", json!({"rate": 1})).await;
    "type outside"
}

/// Types into a form on a slow processor. The first key creates the author key and has the part for offline comments loaded.
async fn type_slowly(reader: &Browser, form: &str, name: &str) {
    let widget = reader.widget();
    widget.find(&format!("{form} [name=text]")).await.focus().await.expect("the text takes the focus");
    reader.press("Some words first ").await;
    widget.find(&format!("{form} .aw-tools")).await;
    reader.command("Emulation.setCPUThrottlingRate", json!({"rate": SLOWDOWN})).await;
    begin(reader, name).await;
    reader.press("and forty more characters, at any speed.").await;
    end(&widget, reader, name, &format!("root.querySelector('{form} [name=text]').value.endsWith('speed.')")).await;
    reader.command("Emulation.setCPUThrottlingRate", json!({"rate": 1})).await;
}

async fn change_order(reader: &Browser) {
    let widget = reader.widget();
    widget.find(".aw-order select").await.focus().await.expect("the choice takes the focus");
    begin(reader, "order").await;
    reader.press("N").await;
    end(&widget, reader, "order", "root.querySelector('.aw').dataset.sort === 'newest'").await;
}

/// Opens the thread and loads all its pages, without a shift of the layout. Returns the number of further pages.
async fn open_and_load_all(reader: &Browser) -> u32 {
    let (server, published) = &*LONG;
    assert_eq!(*published, COMMENTS as usize);
    reader.inject_script(MARKS).await;
    reader.visit(&HOST.publish(&HostPage::new(server, NAME))).await;
    let widget = reader.widget();
    end(&widget, reader, "open", "!!root.querySelector('.aw-vote')").await;
    let pages = load_all(reader).await;
    assert_eq!(widget.count(".aw-item").await, u64::from(COMMENTS));
    let shift = reader.run("return shift", Vec::new()).await;
    assert!(shift.as_f64().is_some_and(|shift| shift <= MAX_SHIFT), "the layout has shifted by {shift}");
    pages
}

#[tokio::test]
async fn pages_of_2000_comments_load_with_one_request_each_and_without_a_shift() {
    let reader = Browser::open(BrowserOptions::default()).await;
    let pages = open_and_load_all(&reader).await;
    change_order(&reader).await;
    let requests = reader.run(REQUESTS, Vec::new()).await;
    assert_eq!(requests, json!(pages + 2), "one for the first page, one for each further page, and one for the order");
    reader.close().await;
}

#[tokio::test]
#[ignore = "measures times, for which nothing else may run"]
async fn thread_of_2000_comments_answers_at_once() {
    let reader = Browser::open(BrowserOptions { trace: true, ..BrowserOptions::default() }).await;
    let pages = open_and_load_all(&reader).await;
    let acts = collapse_and_reply(&reader).await;
    let outside = type_outside(&reader).await;
    type_slowly(&reader, ".aw-item > .aw-form", "type a reply").await;
    type_slowly(&reader, MAIN_FORM, "type a comment").await;
    change_order(&reader).await;
    let trace = reader.take_trace().await;
    reader.close().await;

    let mut too_long = Vec::new();
    let mut check = |act: &str, from: &str, to: &str, most: f64| {
        let (longest, parts) = trace.longest_task(from, to);
        println!("{act:<16}{longest:>7.1} ms ({parts})");
        if longest > most {
            too_long.push(format!("{act}: {longest:.1} ms"));
        }
        longest
    };
    check("open", "drawn", "open end", MAX_TASK);
    for page in 1..=pages {
        check(&format!("page {page}"), &format!("page {page}"), &format!("page {page} end"), MAX_TASK);
    }
    for act in acts.into_iter().chain(["order"]) {
        check(act, act, &format!("{act} end"), MAX_TASK);
    }
    let outside = check(outside, outside, &format!("{outside} end"), f64::INFINITY);
    for act in ["type a reply", "type a comment"] {
        check(act, act, &format!("{act} end"), outside + MAX_TYPING_TASK);
    }
    let work: Vec<f64> = (1..=pages)
        .map(|page| trace.tasks(&format!("page {page}"), &format!("page {page} end")).iter().sum())
        .collect();
    let mean = |work: &[f64]| work.iter().sum::<f64>() / f64::from(u32::try_from(work.len()).unwrap_or(1));
    let ratio = mean(&work[work.len() - 5..]) / mean(&work[1..6]);
    println!("work for a page: {ratio:.2} times as long at the end; {work:.0?}");
    assert_eq!(too_long, Vec::<String>::new());
    assert!(ratio <= MAX_PAGE_RATIO, "a page takes {ratio} times as long at the end");
}
