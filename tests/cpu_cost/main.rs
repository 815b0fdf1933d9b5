//! CPU cost of adversarial comments in the runtime, relative to an ordinary comment of the same size.
//!
//! `cargo test -p afterword-tests --test cpu_cost` prints the table. It is a test program of its own, so that no other
//! test runs beside it. One request repeats all work for a comment many times, and the measured value is the CPU time
//! of the runtime, which excludes other load on the machine.

#![expect(clippy::expect_used, reason = "tests and their helpers report failures by panicking")]

#[path = "../../crates/markup/tests/adversarial/mod.rs"]
mod adversarial;

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use adversarial::{ORDINARY, adversarial_texts, fill};
use afterword_model::limits::{TEXT_BYTES, URL_BYTES};
use afterword_model::{NewComment, Refusal};
use afterword_tests::{Request, Server, Setting, is_long_run, new_comment};
use serde_json::Value;

/// Number of repetitions of one submission.
#[derive(Clone, Copy)]
struct Effort {
    /// Repetitions in one request.
    repetitions: u32,
    /// Requests for each submission. The fastest one counts, because other work of the runtime only adds time.
    rounds: u32,
}

impl Effort {
    /// A request of this takes a fraction of a second, which is many ticks of the CPU clock. Where times are only printed, less has to do.
    fn of_this_run() -> Self {
        if is_long_run() { Self { repetitions: 100, rounds: 2 } } else { Self { repetitions: 25, rounds: 1 } }
    }

    /// For the ordinary comment, which is the baseline for all others.
    const fn of_baseline(self) -> Self {
        Self { repetitions: 5 * self.repetitions, ..self }
    }
}

/// Maximum cost of a comment, as a multiple of an ordinary one.
const MAX_RATIO: u128 = 3;

/// All checks of a comment are on except the proof of work, because an invalid proof would end the work before it
/// begins.
const SETTINGS: [Setting<'static>; 5] = [
    ("SITES", "https://blog.example"),
    ("MODERATION", "all"),
    ("SIGNING_KEY", "a-key-for-tests-of-cpu-cost-and-of-nothing-else"),
    ("PROOF_BITS", "0"),
    ("RATE_LIMITS", "on"),
];

/// A submission with its CPU time and its outcome.
struct Row {
    name: String,
    took: Duration,
    outcome: String,
}

/// Runs one request. Returns its CPU time and its outcome.
fn measure_request(server: &Server, new: &NewComment, repetitions: u32) -> (Duration, Value) {
    let body = serde_json::to_vec(new).expect("a submission is JSON");
    let before = server.cpu_time();
    let response = Request::new("POST", format!("/debug/work?times={repetitions}")).body(body).send(server);
    let took = server.cpu_time() - before;
    assert_eq!(response.status, 200, "{response:?}");
    (took, response.json())
}

/// Runs several requests and keeps the fastest.
fn measure_submission(server: &Server, name: String, new: &NewComment, effort: Effort) -> Row {
    let Effort { repetitions, rounds } = effort;
    let rounds = (0..rounds).map(|_| measure_request(server, new, repetitions));
    let (took, outcome) = rounds.min_by_key(|(took, _)| *took).expect("there is at least one round");
    let outcome = outcome["Ok"].as_u64().map_or_else(|| outcome["Err"].to_string(), |length| format!("{length} bytes"));
    Row { name, took: took / repetitions, outcome }
}

/// Submissions whose other fields are as long and as expensive as possible.
fn submissions_with_long_fields() -> Vec<(String, NewComment)> {
    let ordinary = || new_comment("https://blog.example/post", &fill(ORDINARY, TEXT_BYTES));
    let url = |tail: &str| format!("https://blog.example/{}", fill(tail, URL_BYTES - 30));
    let new = |name: &str, new: NewComment| (name.to_owned(), new);
    let addressed = |tail: &str| NewComment { url: url(tail), ..ordinary() };
    let long = |piece: &str| Some(fill(piece, 8 * 1024));
    vec![
        new("url: a long path", addressed("a/")),
        new("url: dots", addressed("../a/./")),
        new("url: escapes", addressed("%41%zz")),
        new("url: non-Latin letters", addressed("\u{5b57}")),
        new("url: many parameters", addressed("?b=1&a=2&")),
        new(
            "url: a long host",
            NewComment { url: format!("https://{}blog.example/", fill("\u{e9}.", URL_BYTES - 40)), ..ordinary() },
        ),
        new("title: combining marks", NewComment { title: long("a\u{300}\u{301}"), ..ordinary() }),
        new("title: bidirectional controls", NewComment { title: long("\u{202e}\u{2066}"), ..ordinary() }),
        new("name: invisible characters", NewComment { name: long("\u{200b}"), ..ordinary() }),
        new("name: flags", NewComment { name: long("\u{1f1e9}\u{1f1ea}"), ..ordinary() }),
        new("e-mail: at signs", NewComment { email: long("@"), ..ordinary() }),
        new("e-mail: labels", NewComment { email: long("a@a."), ..ordinary() }),
        new("website: a long host", NewComment { website: long("\u{e9}."), ..ordinary() }),
        new("website: slashes", NewComment { website: long("https://"), ..ordinary() }),
        new("text: JSON escapes", NewComment { text: fill("\u{1}", 8 * 1024), ..ordinary() }),
        new("text: far too long", NewComment { text: fill("*", 60 * 1024), ..ordinary() }),
        new("proof: far too long", NewComment { proof: Some(fill("0", 40 * 1024)), ..ordinary() }),
    ]
}

#[test]
fn no_comment_costs_more_than_three_ordinary_ones() {
    let server = Server::start("cpu-cost", &SETTINGS, &[]);
    let text = |text: &str| new_comment("https://blog.example/post", text);
    let effort = Effort::of_this_run();
    let ordinary =
        || measure_submission(&server, String::new(), &text(&fill(ORDINARY, TEXT_BYTES)), effort.of_baseline()).took;
    // Warms up the JIT compiler.
    ordinary();
    let mut baseline = ordinary();
    let submissions =
        adversarial_texts().into_iter().map(|(name, storm)| (name, text(&storm))).chain(submissions_with_long_fields());
    let mut rows = Vec::new();
    for (number, (name, new)) in submissions.enumerate() {
        if number % 50 == 0 {
            baseline = baseline.min(ordinary());
        }
        rows.push(measure_submission(&server, name, &new, effort));
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.took));
    print(baseline, &rows);
    let refused = |refusal: Refusal| rows.iter().filter(|row| row.outcome.contains(refusal.code())).count();
    assert!(refused(Refusal::TextTooComplex) > 10 && rows.len() > 150, "the sample is large enough");
    let costly: Vec<_> =
        rows.iter().filter(|row| row.took.as_nanos() > MAX_RATIO * baseline.as_nanos()).map(|row| &row.name).collect();
    if is_long_run() {
        assert_eq!(costly, Vec::<&String>::new(), "these cost too much CPU time");
    }
}

/// Prints the table directly to stdout, because the test runner hides the output of passing tests.
fn print(baseline: Duration, rows: &[Row]) {
    let mut table = format!(
        "\nan ordinary comment of {TEXT_BYTES} bytes: {baseline:?}; the most expensive of {}, as multiples of it:\n",
        rows.len()
    );
    for Row { name, took, outcome } in rows {
        let percent = took.as_nanos() * 100 / baseline.as_nanos();
        let millis = took.as_secs_f64() * 1_000.0;
        writeln!(table, "{:3}.{:02}  {millis:8.3} ms  {name}  {outcome}", percent / 100, percent % 100)
            .expect("writing to a string succeeds");
    }
    std::io::stdout().write_all(table.as_bytes()).expect("stdout is writable");
}
