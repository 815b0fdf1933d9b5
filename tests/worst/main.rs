//! What the worst input costs, in the runtime, against an ordinary comment of the same size.
//!
//! `cargo test -p afterword-tests --test worst` prints the table. A program of its own, so that nothing of these tests
//! runs beside it. Everything that is computed for a comment is computed many times over in one request, and what counts is the time that the
//! runtime has had of the processor meanwhile: whatever else the machine does is not in it.

#![expect(clippy::expect_used, reason = "a test reports by failing, in its helpers too")]

#[path = "../../crates/markup/tests/adversarial/mod.rs"]
mod adversarial;

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use adversarial::{ORDINARY, adversarial_texts, fill};
use afterword_model::limits::{TEXT_BYTES, URL_BYTES};
use afterword_model::{NewComment, Refusal};
use afterword_tests::{Call, Server, Setting, comment};
use serde_json::Value;

/// How often the work is done in one request: a fraction of a second, and many of the steps in which processor time is counted.
const TIMES: u32 = 100;
/// How often an ordinary comment is worked on, by which all others are measured.
const TIMES_ORDINARY: u32 = 500;
/// How often each request is made; the quickest counts, for what the runtime does beside it only ever adds to it.
const ROUNDS: u32 = 2;
/// How much more than an ordinary comment the worst one may cost.
const MOST: u128 = 3;

/// With everything that is looked for in a comment, but for proofs: a wrong one would end the work before it has begun.
const SETTINGS: [Setting<'static>; 5] = [
    ("SITES", "https://blog.example"),
    ("MODERATION", "all"),
    ("SIGNING_KEY", "a-key-for-tests-of-the-worst-and-of-nothing-else"),
    ("PROOF_BITS", "0"),
    ("RATE_LIMITS", "on"),
];

/// A submission, and what became of it.
struct Row {
    name: String,
    took: Duration,
    outcome: String,
}

/// What the processor has to do for so many times the work, and what comes of it.
fn once(server: &Server, new: &NewComment, times: u32) -> (Duration, Value) {
    let body = serde_json::to_vec(new).expect("a submission is JSON");
    let before = server.processor_time();
    let answer = Call::new("POST", format!("/debug/work?times={times}")).body(body).send(server);
    let took = server.processor_time() - before;
    assert_eq!(answer.status, 200, "{answer:?}");
    (took, answer.json())
}

/// The least of several.
fn time(server: &Server, name: String, new: &NewComment, times: u32) -> Row {
    let rounds = (0..ROUNDS).map(|_| once(server, new, times));
    let (took, outcome) = rounds.min_by_key(|(took, _)| *took).expect("there are rounds");
    let outcome = outcome["Ok"].as_u64().map_or_else(|| outcome["Err"].to_string(), |length| format!("{length} bytes"));
    Row { name, took: took / times, outcome }
}

/// Submissions whose other fields are as long and as hard as they may be.
fn fields() -> Vec<(String, NewComment)> {
    let ordinary = || comment("https://blog.example/post", &fill(ORDINARY, TEXT_BYTES));
    let url = |tail: &str| format!("https://blog.example/{}", fill(tail, URL_BYTES - 30));
    let new = |name: &str, new: NewComment| (name.to_owned(), new);
    let addressed = |tail: &str| NewComment { url: url(tail), ..ordinary() };
    let long = |piece: &str| Some(fill(piece, 8 * 1024));
    vec![
        new("url: a long path", addressed("a/")),
        new("url: dots", addressed("../a/./")),
        new("url: escapes", addressed("%41%zz")),
        new("url: letters of others", addressed("\u{5b57}")),
        new("url: many parameters", addressed("?b=1&a=2&")),
        new(
            "url: a long host",
            NewComment { url: format!("https://{}blog.example/", fill("\u{e9}.", URL_BYTES - 40)), ..ordinary() },
        ),
        new("title: combining marks", NewComment { title: long("a\u{300}\u{301}"), ..ordinary() }),
        new("title: what turns the order", NewComment { title: long("\u{202e}\u{2066}"), ..ordinary() }),
        new("name: nothing to see", NewComment { name: long("\u{200b}"), ..ordinary() }),
        new("name: flags", NewComment { name: long("\u{1f1e9}\u{1f1ea}"), ..ordinary() }),
        new("e-mail: at signs", NewComment { email: long("@"), ..ordinary() }),
        new("e-mail: labels", NewComment { email: long("a@a."), ..ordinary() }),
        new("website: a long host", NewComment { website: long("\u{e9}."), ..ordinary() }),
        new("website: slashes", NewComment { website: long("https://"), ..ordinary() }),
        new("text: escapes of JSON", NewComment { text: fill("\u{1}", 8 * 1024), ..ordinary() }),
        new("text: far too long", NewComment { text: fill("*", 60 * 1024), ..ordinary() }),
        new("proof: far too long", NewComment { proof: Some(fill("0", 40 * 1024)), ..ordinary() }),
    ]
}

#[test]
fn no_comment_costs_more_than_three_ordinary_ones() {
    let server = Server::start("worst", &SETTINGS, &["--feature", "test-hooks"]);
    let text = |text: &str| comment("https://blog.example/post", text);
    let ordinary = || time(&server, String::new(), &text(&fill(ORDINARY, TEXT_BYTES)), TIMES_ORDINARY).took;
    // The first is compiled while it runs.
    ordinary();
    let mut usual = ordinary();
    let submissions = adversarial_texts().into_iter().map(|(name, storm)| (name, text(&storm))).chain(fields());
    let mut rows = Vec::new();
    for (number, (name, new)) in submissions.enumerate() {
        if number % 50 == 0 {
            usual = usual.min(ordinary());
        }
        rows.push(time(&server, name, &new, TIMES));
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.took));
    print(usual, &rows);
    let refused = |refusal: Refusal| rows.iter().filter(|row| row.outcome.contains(refusal.code())).count();
    assert!(refused(Refusal::TextTooComplex) > 10 && rows.len() > 150, "there is something to measure");
    let costly: Vec<_> =
        rows.iter().filter(|row| row.took.as_nanos() > MOST * usual.as_nanos()).map(|row| &row.name).collect();
    assert_eq!(costly, Vec::<&String>::new(), "these cost too much");
}

/// Prints the table past the test runner, which keeps what a test prints to itself as long as the test goes well.
fn print(usual: Duration, rows: &[Row]) {
    let mut table = format!(
        "\nan ordinary comment of {TEXT_BYTES} bytes: {usual:?}; the worst of {}, in multiples of it:\n",
        rows.len()
    );
    for Row { name, took, outcome } in rows {
        let percent = took.as_nanos() * 100 / usual.as_nanos();
        let millis = took.as_secs_f64() * 1_000.0;
        writeln!(table, "{:3}.{:02}  {millis:8.3} ms  {name}  {outcome}", percent / 100, percent % 100)
            .expect("a string takes anything");
    }
    std::io::stdout().write_all(table.as_bytes()).expect("somebody reads the table");
}
