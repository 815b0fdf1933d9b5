//! KV fails half of the time, then altogether: no request fails for it, and readers see everything once it is back.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use afterword_tests::{Call, Hooks, Server, Setting, clock, comment, pause, watched, whole_thread_within};
use serde_json::json;

use crate::{Table, alone};

const SETTINGS: [Setting<'static>; 5] = [
    ("SITES", "https://outage.example"),
    ("MODERATION", "open"),
    ("PROOF_BITS", "0"),
    ("RATE_LIMITS", "off"),
    ("SIGNING_KEY", "a-key-for-tests-of-outages-and-of-nothing-else"),
];
const CLIENTS: usize = 4;
const THREADS: usize = 8;
/// Between two comments of a client.
const BREATH: Duration = Duration::from_millis(150);
const HALF: Duration = Duration::from_secs(40);
const WHOLE: Duration = Duration::from_secs(60);
/// How long readers may wait when KV is back: the last pause is as long as the outage was.
const PATIENCE: Duration = Duration::from_secs(120);

fn url(thread: usize) -> String {
    format!("https://outage.example/post-{thread}")
}

/// Posts until told to stop; every single comment is taken. Gives the longest time one took.
fn client(server: &Server, done: &AtomicBool, counts: &[AtomicUsize]) -> Duration {
    let mut longest = Duration::ZERO;
    for thread in (0..THREADS).cycle() {
        if done.load(Ordering::Relaxed) {
            break;
        }
        let (answer, took) = clock(|| Call::post(&comment(&url(thread), "in an outage")).send(server));
        assert_eq!(answer.status, 201, "{answer:?}");
        counts[thread].fetch_add(1, Ordering::Relaxed);
        longest = longest.max(took);
        pause(BREATH);
    }
    longest
}

#[test]
fn an_outage_of_kv_costs_no_request_and_no_comment() {
    let _alone = alone();
    let mut table = Table::default();
    let server = Server::start("fire-outage", &SETTINGS, &["--feature", "test-hooks"]);
    let hooks = Hooks::of(&server, "outage.example");
    let counts: Vec<AtomicUsize> = (0..THREADS).map(|_| AtomicUsize::new(0)).collect();
    let done = AtomicBool::new(false);
    let urls: Vec<String> = (0..THREADS).map(url).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let (longest, seen) = watched(&server, &urls[..2], || {
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| client(&server, &done, &counts))).collect();
            hooks.faults(&json!({"share": 50, "seed": 11, "end": "429"}));
            pause(HALF);
            let half = hooks.writes();
            table.row("half of the writes refused for", format!("{} s", HALF.as_secs()));
            table.row("writes, refused", format!("{}, {}", half.puts, half.struck));
            assert!(half.struck > 10 && half.struck < half.puts, "{half:?}");
            hooks.faults(&json!({"end": "500"}));
            pause(WHOLE);
            let whole = hooks.writes();
            table.row("all of them refused for", format!("{} s", WHOLE.as_secs()));
            table.row("writes tried meanwhile", (whole.puts - half.puts).to_string());
            assert_eq!(whole.puts - half.puts, whole.struck - half.struck);
            done.store(true, Ordering::Relaxed);
            let longest = clients.into_iter().map(|client| client.join().unwrap()).max().unwrap();
            hooks.faults(&json!({"share": 0}));
            let (_, back) = clock(|| {
                for (url, count) in urls.iter().zip(&counts) {
                    let count = u32::try_from(count.load(Ordering::Relaxed)).unwrap();
                    assert_eq!(whole_thread_within(PATIENCE, &server, url, count).len() as u32, count);
                }
            });
            table.row("until readers saw everything", format!("{:.0} s", back.as_secs_f64()));
            longest
        })
    });
    let posted: usize = counts.iter().map(|count| count.load(Ordering::Relaxed)).sum();
    table.row("comments posted, all of them taken", posted.to_string());
    table.row("the longest time one took", format!("{} ms", longest.as_millis()));
    table.row(
        "versions two readers saw, none older than the one before",
        format!("{}, {}", seen[0].len(), seen[1].len()),
    );
    table.print("KV out of order");
}
