//! The proof of work, which a reader must not notice.

use std::sync::LazyLock;

use afterword_tests::{
    Browser, BrowserOptions, HostPage, MAIN_FORM, Server, backdated_challenge, post_url, wait_for_thread,
    wait_until_async,
};
use serde_json::{Value, json};

use crate::HOST;

/// A Worker that requires a proof of work.
static PROOF_REQUIRED: LazyLock<Server> =
    LazyLock::new(|| Server::with_spam_checks("browser-guarded", &[("RATE_LIMITS", "off")]));

/// Number of timed proofs.
const ROUNDS: usize = 9;

/// Records when the challenge arrives, when the comment is sent, and the duration of each slice of work in between.
const RECORD_TIMES: &str = "
    const times = window.times = {slices: [], long: []};
    const real = fetch;
    fetch = async (request, options) => {
        const address = String(request.url ?? request);
        if (address.endsWith('/v1/comments')) times.sent = performance.now();
        const response = await real(request, options);
        if (!address.includes('/v1/challenge')) return response;
        const text = await response.text();
        times.challenge = performance.now();
        return new Response(text, response);
    };
    const original = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
    Object.defineProperty(MessagePort.prototype, 'onmessage', {
        set(handler) {
            original.set.call(this, (event) => {
                const start = performance.now();
                handler(event);
                times.slices.push(performance.now() - start);
            });
        },
    });
    addEventListener('afterword:ready', () => { times.ready = true; });
    new PerformanceObserver((list) => list.getEntries().forEach((task) => times.long.push([task.startTime, task.duration])))
        .observe({type: 'longtask', buffered: true});";

/// Types a comment and submits it in the same task, before there can be a proof.
const SEND_AT_ONCE: &str = "
    const text = root.querySelector(`${arguments[0]} [name=text]`);
    text.focus();
    text.value = arguments[1];
    text.dispatchEvent(new InputEvent('input', {bubbles: true, composed: true}));
    root.querySelector(`${arguments[0]} .aw-submit`).click();";

/// Durations of one proof, in milliseconds.
#[derive(Clone, Copy, Debug)]
struct ProofTimes {
    /// Time from the arrival of the challenge to the sending of the comment.
    took: f64,
    /// The longest slice.
    slice: f64,
    /// The longest task in that time. The browser reports only tasks of 50 ms or more.
    task: f64,
}

async fn measure_proof(rate: u32, round: usize) -> ProofTimes {
    let page = HOST.publish(&HostPage::new(&PROOF_REQUIRED, &format!("proof_{rate}_{round}")));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(RECORD_TIMES).await;
    reader.visit(&page).await;
    let ready = async || {
        let times = reader.run("return times", Vec::new()).await;
        if times["ready"] == json!(true) { Ok(()) } else { Err(times) }
    };
    wait_until_async("the widget", ready).await;
    let widget = reader.widget();
    reader.command("Emulation.setCPUThrottlingRate", json!({"rate": rate})).await;
    widget.run(SEND_AT_ONCE, vec![json!(MAIN_FORM), json!("At once")]).await;
    widget.wait_for_texts(&["At once"]).await;
    reader.command("Emulation.setCPUThrottlingRate", json!({"rate": 1})).await;
    let times = reader.run("return times", Vec::new()).await;
    reader.close().await;
    proof_times(&times)
}

/// Missing values become infinite and so fail the test.
fn proof_times(times: &Value) -> ProofTimes {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::INFINITY);
    let list = |name: &str| times[name].as_array().cloned().unwrap_or_default();
    let (from, to) = (number(&times["challenge"]), number(&times["sent"]));
    let meanwhile = |task: &&Value| number(&task[0]) + number(&task[1]) > from && number(&task[0]) < to;
    let tasks = list("long").iter().filter(meanwhile).map(|task| number(&task[1])).fold(0.0, f64::max);
    ProofTimes { took: (to - from).abs(), slice: list("slices").iter().map(number).fold(0.0, f64::max), task: tasks }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// Checks the durations with the CPU slowed down by the factor `rate` (1 or 6).
///
/// On a busy machine, the browser reports longer tasks than the page caused, so the check uses the median over all
/// rounds.
#[expect(clippy::print_stdout, reason = "the test reports its measurements")]
async fn check(rate: u32, bound: f64) {
    let mut proofs = Vec::new();
    for round in 0..ROUNDS {
        proofs.push(measure_proof(rate, round).await);
    }
    let values = |part: fn(&ProofTimes) -> f64| proofs.iter().map(part).collect::<Vec<_>>();
    let longest = |part| values(part).into_iter().fold(0.0, f64::max);
    let (took, task) = (median(values(|proof| proof.took)), median(values(|proof| proof.task)));
    println!(
        "proof of work at {rate} x: median {took:.0} ms, slowest {:.0} ms; slices of at most {:.0} ms, median {:.0} ms; \
         tasks over 50 ms: at most {:.0} ms, median {task:.0} ms",
        longest(|proof| proof.took),
        longest(|proof| proof.slice),
        median(values(|proof| proof.slice)),
        longest(|proof| proof.task),
    );
    assert!(took <= bound, "{proofs:?}");
    assert!(task <= 50.0, "{proofs:?}");
}

#[tokio::test]
async fn proof_takes_at_most_300_ms() {
    check(1, 300.0).await;
}

#[tokio::test]
async fn proof_takes_at_most_two_seconds_on_a_slow_phone() {
    check(6, 2000.0).await;
}

/// Returns a script that answers every challenge request with this challenge. It leaves challenges in responses to
/// comments unchanged.
fn serve_challenge(challenge: &str) -> String {
    format!(
        "const real = fetch;
        fetch = async (request, options) => String(request.url ?? request).includes('/v1/challenge')
            ? new Response(JSON.stringify({{challenge: '{challenge}', ttl: 3600}})) : real(request, options);"
    )
}

#[tokio::test]
async fn comment_with_a_proof_is_published() {
    let page = HOST.publish(&HostPage::new(&PROOF_REQUIRED, "proof_good"));
    let reader = Browser::open(BrowserOptions::default()).await;
    // The challenge is a minute old, because typing through WebDriver is suspiciously fast.
    reader.inject_script(&serve_challenge(&backdated_challenge(&post_url("proof_good"), 60))).await;
    reader.visit(&page).await;
    reader.widget().post("Ada", "Worked for").await;
    let shown = reader.widget().wait_for_texts(&["Worked for"]).await;
    assert!(!shown[0].pending, "{shown:?}");
    wait_for_thread(&PROOF_REQUIRED, &post_url("proof_good"), 1);
    reader.close().await;
}

#[tokio::test]
async fn expired_proof_is_replaced_unnoticed() {
    let page = HOST.publish(&HostPage::new(&PROOF_REQUIRED, "proof_old"));
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("status of 422");
    reader.inject_script(&serve_challenge(&backdated_challenge(&post_url("proof_old"), 4000))).await;
    reader.visit(&page).await;
    reader.widget().post("Ada", "Thought about for an hour").await;
    let shown = reader.widget().wait_for_texts(&["Thought about for an hour"]).await;
    assert!(!shown[0].pending, "the opening time of the form is kept: {shown:?}");
    reader.close().await;
}

#[tokio::test]
async fn spent_proof_is_replaced_unnoticed() {
    let page = HOST.publish(&HostPage::new(&PROOF_REQUIRED, "proof_spent"));
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("status of 403");
    reader.inject_script(&serve_challenge(&backdated_challenge(&post_url("proof_spent"), 60))).await;
    for (texts, text) in [(&["First"][..], "First"), (&["First", "Second"], "Second")] {
        reader.visit(&page).await;
        reader.widget().post("Ada", text).await;
        let shown = reader.widget().wait_for_texts(texts).await;
        assert!(shown.iter().all(|comment| !comment.pending), "{shown:?}");
    }
    wait_for_thread(&PROOF_REQUIRED, &post_url("proof_spent"), 2);
    reader.close().await;
}

#[tokio::test]
async fn comment_without_a_challenge_is_held() {
    let page = HOST.publish(&HostPage::new(&PROOF_REQUIRED, "proof_blocked"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.command("Network.enable", json!({})).await;
    reader.command("Network.setBlockedURLs", json!({"urls": ["*/v1/challenge*"]})).await;
    reader.visit(&page).await;
    reader.widget().post("Ada", "Somebody blocks this").await;
    let shown = reader.widget().wait_for_texts(&["Somebody blocks this"]).await;
    assert!(shown[0].pending, "{shown:?}");
    reader.close().await;
}

#[tokio::test]
async fn consecutive_comments_each_get_a_proof() {
    let page = HOST.publish(&HostPage::new(&PROOF_REQUIRED, "proof_row"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.post("Ada", "One").await;
    let shown = widget.wait_for_texts(&["One"]).await;
    widget.post("Ada", "Two").await;
    let shown_two = widget.wait_for_texts(&["One", "Two"]).await;
    assert_eq!(shown_two[0], shown[0]);
    reader.close().await;
}
