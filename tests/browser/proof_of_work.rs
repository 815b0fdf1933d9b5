//! The proof of work, which a reader must not notice.

use std::sync::LazyLock;

use afterword_model::proof_of_work::{BITS_OFFSET, CHALLENGE_BYTES, COUNT_OFFSET};
use afterword_tests::{
    Browser, BrowserOptions, HostPage, MAIN_FORM, Server, backdated_challenge, post_url, wait_for_thread,
    wait_until_async,
};
use serde_json::{Value, json};

use crate::{HOST, hold_widget_back, release_widget};

/// A Worker that requires a proof of work.
static PROOF_REQUIRED: LazyLock<Server> =
    LazyLock::new(|| Server::with_spam_checks("browser-guarded", &[("RATE_LIMITS", "off")]));

/// Number of proofs for each speed of the CPU.
const ROUNDS: usize = 3;
/// Duration of a slice of work, in milliseconds.
const SLICE_MS: f64 = 5.0;
/// Hashes between two readings of the clock.
const BATCH_HASHES: usize = 64;
/// Average hashes of a proof. At this number a proof was measured to take a quarter of a second, and two seconds on a slow phone.
const AVERAGE_HASHES: u32 = 1 << 17;

/// Records every reading of the clock, grouped by the task in which it happens: the response with the challenge, then the messages by
/// which the solver continues. Stops when the comment is sent. Meanwhile the page handles messages of its own, one after the other.
const RECORD_WORK: &str = "
    const work = window.work = {slices: [[]], pageTasks: 0, inside: true};
    const clock = performance.now.bind(performance);
    performance.now = () => {
        const time = clock();
        if (work.sent) return time;
        if (!work.inside) work.outside = true;
        work.slices[work.slices.length - 1].push(time);
        return time;
    };
    const page = new MessageChannel();
    page.port1.onmessage = () => {
        if (work.sent) return;
        work.pageTasks += 1;
        page.port2.postMessage(null);
    };
    const real = fetch;
    fetch = async (request, options) => {
        const address = String(request.url ?? request);
        if (address.endsWith('/v1/comments')) {
            work.sent = clock();
            work.proof = JSON.parse(request.url ? await request.clone().text() : options.body).proof;
        }
        const response = await real(request, options);
        if (!address.includes('/v1/challenge')) return response;
        const text = await response.text();
        work.challenge = clock();
        page.port2.postMessage(null);
        return new Response(text, response);
    };
    const original = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
    Object.defineProperty(MessagePort.prototype, 'onmessage', {
        set(handler) {
            original.set.call(this, (event) => {
                work.slices.push([]);
                work.inside = true;
                handler(event);
                work.inside = false;
            });
        },
    });
    addEventListener('afterword:ready', () => { work.ready = true; });";

/// Types a comment and submits it in the same task, before there can be a proof.
const SEND_AT_ONCE: &str = "
    const text = root.querySelector(`${arguments[0]} [name=text]`);
    text.focus();
    text.value = arguments[1];
    text.dispatchEvent(new InputEvent('input', {bubbles: true, composed: true}));
    root.querySelector(`${arguments[0]} .aw-submit`).click();";

/// The work for one proof.
#[derive(Debug)]
struct ProofWork {
    /// The readings of the clock in each slice, in milliseconds.
    slices: Vec<Vec<f64>>,
    /// Number of hashes computed for the proof.
    hashes: usize,
    /// Number of tasks of the page between the slices.
    page_tasks: usize,
    /// Time from the arrival of the challenge to the sending of the comment, in milliseconds.
    took: f64,
}

async fn record_proof(rate: u32, round: usize) -> ProofWork {
    let page = HOST.publish(&HostPage::new(&PROOF_REQUIRED, &format!("proof_{rate}_{round}")));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(RECORD_WORK).await;
    reader.visit(&page).await;
    let ready = async || {
        let work = reader.run("return work", Vec::new()).await;
        if work["ready"] == json!(true) { Ok(()) } else { Err(work) }
    };
    wait_until_async("the widget", ready).await;
    let widget = reader.widget();
    if rate > 1 {
        reader.command("Emulation.setCPUThrottlingRate", json!({"rate": rate})).await;
    }
    widget.run(SEND_AT_ONCE, vec![json!(MAIN_FORM), json!("At once")]).await;
    widget.wait_for_texts(&["At once"]).await;
    if rate > 1 {
        reader.command("Emulation.setCPUThrottlingRate", json!({"rate": 1})).await;
    }
    let work = reader.run("return work", Vec::new()).await;
    reader.close().await;
    assert_eq!(work["outside"], Value::Null, "all work happens in slices");
    proof_work(&work)
}

fn proof_work(work: &Value) -> ProofWork {
    let number = |value: &Value| value.as_f64().expect("a number");
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let slices = list(&work["slices"]).iter().map(|slice| list(slice).iter().map(number).collect()).collect();
    ProofWork {
        slices,
        hashes: hashes(work["proof"].as_str().expect("a proof")),
        page_tasks: number(&work["pageTasks"]) as usize,
        took: number(&work["sent"]) - number(&work["challenge"]),
    }
}

/// Number of hashes that this proof took: every puzzle is tried from 0 to its solution.
fn hashes(proof: &str) -> usize {
    let (challenge, solutions) = proof.split_at(2 * CHALLENGE_BYTES);
    let byte = |offset: usize| u32::from_str_radix(&challenge[2 * offset..2 * offset + 2], 16).expect("a byte");
    assert_eq!(byte(COUNT_OFFSET) << byte(BITS_OFFSET), AVERAGE_HASHES, "the work that a proof takes");
    let digits = solutions.as_bytes().chunks(8).map(|digits| str::from_utf8(digits).expect("hexadecimal digits"));
    digits.map(|digits| 1 + usize::from_str_radix(digits, 16).expect("a solution")).sum()
}

/// Checks the work for proofs with the CPU slowed down by the factor `rate` (1 or 6), and prints how long it took.
///
/// The durations depend on what else the machine does, so only what the solver decides is checked: when it stops, and what it computes
/// between two looks at the clock.
#[expect(clippy::print_stdout, reason = "the test reports its measurements")]
async fn check(rate: u32) {
    let mut proofs = Vec::new();
    for round in 0..ROUNDS {
        let proof = record_proof(rate, round).await;
        for slice in &proof.slices {
            let (end, before_last) = (slice[0] + SLICE_MS, &slice[..slice.len() - 1]);
            assert!(before_last.iter().all(|time| *time < end), "work goes on after the end of its slice: {slice:?}");
        }
        let readings: usize = proof.slices.iter().map(Vec::len).sum();
        let batches = proof.hashes / BATCH_HASHES;
        assert_eq!(readings, proof.slices.len() + batches, "readings for {} hashes: {proof:?}", proof.hashes);
        assert!(proof.page_tasks + 1 >= proof.slices.len(), "the page waits for more than one slice: {proof:?}");
        proofs.push(proof);
    }
    for ProofWork { slices, hashes, page_tasks, took } in proofs {
        let longest = slices.iter().map(|slice| slice[slice.len() - 1] - slice[0]).fold(0.0, f64::max);
        println!(
            "proof of work at {rate} x: {took:.0} ms for {hashes} hashes in {} slices of at most {longest:.1} ms, \
             {page_tasks} tasks of the page in between",
            slices.len(),
        );
    }
}

#[tokio::test]
async fn proof_of_work_gives_way_after_each_slice() {
    check(1).await;
}

#[tokio::test]
async fn proof_of_work_gives_way_on_a_slow_phone() {
    check(6).await;
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
    reader.block_requests(Some("/v1/challenge")).await;
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

/// Posts a text that is in the form of the post, less than three seconds after the page was opened, and checks that it is published.
async fn check_that_quick_post_is_published(reader: &Browser, text: &str) {
    reader.widget().submit(MAIN_FORM).await;
    let shown = reader.widget().wait_for_texts(&[text]).await;
    assert!(!shown[0].pending, "a reader is taken for a program: {shown:?}");
}

#[tokio::test]
async fn restored_draft_is_not_taken_for_the_work_of_a_program() {
    let page = HOST.publish(&HostPage::new(&PROOF_REQUIRED, "proof_draft"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.fill_when_running(MAIN_FORM, "Slowly written").await;
    reader.reload().await;
    widget.find(".aw-restored").await;
    check_that_quick_post_is_published(&reader, "Slowly written").await;
    reader.close().await;
}

#[tokio::test]
async fn text_typed_before_the_widget_came_is_not_taken_for_the_work_of_a_program() {
    let page = HOST.publish(&HostPage::new(&PROOF_REQUIRED, "proof_early"));
    let reader = Browser::open(BrowserOptions::default()).await;
    // The widget arrives only after the reader has typed and pressed the button.
    hold_widget_back(&reader).await;
    reader.visit(&page).await;
    reader.widget().fill(MAIN_FORM, &[("text", "In haste")]).await;
    release_widget(&reader).await;
    check_that_quick_post_is_published(&reader, "In haste").await;
    reader.close().await;
}

#[tokio::test]
async fn pasted_text_is_not_taken_for_the_work_of_a_program() {
    let page = HOST.publish(&HostPage::new(&PROOF_REQUIRED, "proof_paste"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script("addEventListener('afterword:ready', () => { window.isReady = true; });").await;
    reader.visit(&page).await;
    let ready = async || {
        let ready = reader.run("return window.isReady === true", Vec::new()).await;
        if ready == true { Ok(()) } else { Err("not ready") }
    };
    wait_until_async("the widget", ready).await;
    reader.widget().find(&format!("{MAIN_FORM} [name=text]")).await.click().await.unwrap();
    reader.insert_text("From the clipboard").await;
    check_that_quick_post_is_published(&reader, "From the clipboard").await;
    reader.close().await;
}

/// A program fills in the form and sends it, in a browser and within a second: nothing is known of the writing.
#[tokio::test]
async fn form_filled_in_by_a_script_at_once_is_held() {
    let page = HOST.publish(&HostPage::new(&PROOF_REQUIRED, "proof_script"));
    let reader = Browser::open(BrowserOptions::default()).await;
    // A slow browser may show the page too late for that.
    let program = "
        performance.now = () => 1000;
        addEventListener('afterword:ready', (event) => {
            const form = event.target.shadowRoot.querySelector('.aw > .aw-form');
            form.querySelector('[name=text]').value = 'Buy now';
            form.requestSubmit();
        });";
    reader.inject_script(program).await;
    reader.visit(&page).await;
    let shown = reader.widget().wait_for_texts(&["Buy now"]).await;
    assert!(shown[0].pending, "{shown:?}");
    reader.close().await;
}
