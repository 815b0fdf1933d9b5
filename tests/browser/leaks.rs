//! Nothing is left of threads that have ended: no listeners, nodes, timers or memory of the WebAssembly.

use std::sync::LazyLock;

use afterword_tests::{Browser, BrowserOptions, is_whole_run, wait_until_async};
use serde_json::json;

use crate::{HOST, OPEN, post_thread};

/// Counts the timers and the memory of the WebAssembly.
const COUNT: &str = "
    window.isReady = false;
    document.addEventListener('afterword:ready', () => { isReady = true; });
    window.memories = [];
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const real = WebAssembly[name];
        WebAssembly[name] = async (...all) => {
            const result = await real(...all);
            const { exports } = result.instance ?? result;
            memories.push(Object.values(exports).find((value) => value instanceof WebAssembly.Memory));
            return result;
        };
    }
    window.timers = new Map();
    for (const [start, stop] of [['setTimeout', 'clearTimeout'], ['setInterval', 'clearInterval']]) {
        const [realStart, realStop] = [window[start], window[stop]];
        window[start] = (callback, delay = 0, ...rest) => {
            const run = () => {
                if (start == 'setTimeout') timers.delete(id);
                callback(...rest);
            };
            const id = realStart(run, delay);
            timers.set(id, {isOnce: start == 'setTimeout', delay, run, started: performance.now()});
            return id;
        };
        window[stop] = (id) => {
            timers.delete(id);
            realStop(id);
        };
    }
    // Ends the time limits of requests that have long been answered, as if 20 seconds had passed.
    window.pass = () => {
        for (const [id, {isOnce, delay, run, started}] of [...timers])
            if (isOnce && delay <= 20000 && performance.now() - started > 1000 && timers.has(id)) {
                clearTimeout(id);
                run();
            }
    };";

/// Runs an action this many times; each time it ends when the widget is ready. Returns when all timers have run.
const REPEAT: &str = "
    const [count, action, done] = arguments;
    const act = new Function('round', action);
    (async () => {
        for (let round = 0; round < count; round += 1) {
            const ready = new Promise((resolve) => document.addEventListener('afterword:ready', resolve, {once: true}));
            act(round);
            await ready;
        }
        done(null);
    })();";

/// Counts of listeners, nodes, bytes of the heap, timers and bytes of WebAssembly memory, after collecting garbage.
async fn measure(reader: &Browser) -> [i64; 5] {
    for _ in 0..3 {
        reader.command("HeapProfiler.collectGarbage", json!({})).await;
    }
    let metrics = reader.command_result("Performance.getMetrics", json!({})).await;
    let metric = |name: &str| {
        let found = metrics["metrics"].as_array().expect("a list").iter().find(|metric| metric["name"] == name);
        found.and_then(|metric| metric["value"].as_f64()).expect("a number") as i64
    };
    let own = reader
        .run("return [timers.size, memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0)]", Vec::new())
        .await;
    let own = |index: usize| own[index].as_i64().expect("a number");
    [metric("JSEventListeners"), metric("Nodes"), metric("JSHeapUsedSize"), own(0), own(1)]
}

/// Repeats an action 20 times, and then 100 times, and compares what the browser holds afterwards; a quick run repeats it 10 and 30 times. `end`
/// brings the page back to where it was.
#[expect(clippy::print_stdout, reason = "prints its measurements")]
async fn check(name: &str, reader: &Browser, action: &str, end: &str) {
    reader.command("Performance.enable", json!({})).await;
    let mut measured = Vec::new();
    let rounds = if is_whole_run() { [20, 100] } else { [10, 30] };
    for rounds in rounds {
        for _ in 0..rounds / 10 {
            reader.run_async_with(REPEAT, vec![json!(10), json!(action)]).await;
        }
        reader.run(end, Vec::new()).await;
        let timers = async || match reader.run("pass(); return timers.size", Vec::new()).await.as_i64() {
            Some(size) if size <= 2 => Ok(()),
            size => Err(size),
        };
        wait_until_async("the timers to end", timers).await;
        measured.push(measure(reader).await);
    }
    let [before, after] = measured[..] else { unreachable!("two measurements") };
    println!(
        "{name}: listeners, nodes, heap, timers and WebAssembly memory before and after {} rounds: {before:?} {after:?}",
        rounds[1]
    );
    assert!(after[0] <= before[0] + 5, "listeners: {before:?} {after:?}");
    assert!(after[1] <= before[1] + 100, "nodes: {before:?} {after:?}");
    assert!(after[2] <= before[2] + 500_000, "heap: {before:?} {after:?}");
    assert!(after[4] == before[4], "memory of the WebAssembly: {before:?} {after:?}");
    assert_eq!(reader.run("return memories.length", Vec::new()).await, 1, "one instance");
}

/// The threads of these tests, which run at the same time.
static THREADS: LazyLock<()> = LazyLock::new(|| {
    for post in ["leak_a", "leak_b"] {
        post_thread(post, &[("A comment", None), ("An answer", Some(0))]);
    }
});

async fn open(name: &str, body: &str) -> Browser {
    LazyLock::force(&THREADS);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><title>Page</title></head><body>{body}<script src=\"{}/embed.js\"></script></body></html>",
        OPEN.origin()
    );
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(COUNT).await;
    reader.visit(&HOST.publish_file(&format!("/{name}"), &html)).await;
    let ready = async || if reader.run("return isReady", Vec::new()).await == true { Ok(()) } else { Err("not ready") };
    wait_until_async("the widget", ready).await;
    reader
}

#[tokio::test]
async fn nothing_is_left_of_unmounted_threads() {
    let reader = open("leak_mount", "<afterword-comments url=\"/leak_a\"></afterword-comments>").await;
    let action = "
        for (const old of document.querySelectorAll('section')) { Afterword.unmount(old); old.remove(); }
        const place = document.body.appendChild(document.createElement('section'));
        Afterword.mount(place, {url: round % 2 ? '/leak_a' : '/leak_b'});";
    let end = "for (const old of document.querySelectorAll('section')) { Afterword.unmount(old); old.remove(); }";
    check("mounted", &reader, action, end).await;
    reader.close().await;
}

#[tokio::test]
async fn nothing_is_left_of_threads_in_one_element() {
    let reader =
        open("leak_element", "<section></section><afterword-comments url=\"/leak_a\"></afterword-comments>").await;
    let action = "
        const place = document.querySelector('section');
        Afterword.unmount(place);
        Afterword.mount(place, {url: round % 2 ? '/leak_a' : '/leak_b'});";
    check("mounted again", &reader, action, "Afterword.unmount(document.querySelector('section'))").await;
    reader.close().await;
}

#[tokio::test]
async fn nothing_is_left_of_navigations() {
    let reader = open("leak_a", "<main></main>").await;
    let action = "
        history.pushState({}, '', round % 2 ? '/leak_a' : '/leak_b');
        document.querySelector('main').innerHTML = '<p>Post</p>';";
    check("navigated", &reader, action, "").await;
    reader.close().await;
}

#[tokio::test]
async fn nothing_is_left_of_replaced_bodies() {
    let reader = open("leak_bodies", "<main></main>").await;
    let action = "
        history.pushState({}, '', round % 2 ? '/leak_a' : '/leak_b');
        document.querySelector('#afterword')?.remove();
        const body = new DOMParser().parseFromString(document.body.innerHTML, 'text/html').body;
        document.body.replaceWith(body);
        for (const old of document.querySelectorAll('script')) {
            const copy = document.createElement('script');
            copy.src = old.src;
            old.replaceWith(copy);
        }";
    check("replaced", &reader, action, "").await;
    reader.close().await;
}
