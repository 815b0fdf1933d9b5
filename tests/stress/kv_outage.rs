//! KV fails half of the time, then always. No request fails because of that, and readers see every comment after the
//! recovery.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use afterword_tests::{
    FaultInjector, Request, Server, Setting, new_comment, sleep, timed, wait_for_thread_within, with_polling_readers,
};
use serde_json::json;

use crate::{Table, run_alone};

const SETTINGS: [Setting<'static>; 5] = [
    ("SITES", "https://outage.example"),
    ("MODERATION", "open"),
    ("PROOF_BITS", "0"),
    ("RATE_LIMITS", "off"),
    ("SIGNING_KEY", "a-key-for-tests-of-outages-and-of-nothing-else"),
];
const CLIENTS: usize = 4;
const THREADS: usize = 8;
/// Interval between two comments of a client.
const POST_INTERVAL: Duration = Duration::from_millis(150);
const PARTIAL_OUTAGE: Duration = Duration::from_secs(40);
const FULL_OUTAGE: Duration = Duration::from_secs(60);
/// Time limit for publishing after the recovery. The last backoff is as long as the outage.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(120);

fn url(thread: usize) -> String {
    format!("https://outage.example/post-{thread}")
}

/// Posts until `done` is set. Every comment must be accepted. Returns the longest duration of a request.
fn client(server: &Server, done: &AtomicBool, counts: &[AtomicUsize]) -> Duration {
    let mut longest = Duration::ZERO;
    for thread in (0..THREADS).cycle() {
        if done.load(Ordering::Relaxed) {
            break;
        }
        let (response, took) = timed(|| Request::post_comment(&new_comment(&url(thread), "in an outage")).send(server));
        assert_eq!(response.status, 201, "{response:?}");
        counts[thread].fetch_add(1, Ordering::Relaxed);
        longest = longest.max(took);
        sleep(POST_INTERVAL);
    }
    longest
}

#[test]
fn kv_outage_fails_no_request_and_loses_no_comment() {
    let _alone = run_alone();
    let mut table = Table::default();
    let server = Server::start("stress-outage", &SETTINGS, &[]);
    let injector = FaultInjector::new(&server, "outage.example");
    let counts: Vec<AtomicUsize> = (0..THREADS).map(|_| AtomicUsize::new(0)).collect();
    let done = AtomicBool::new(false);
    let urls: Vec<String> = (0..THREADS).map(url).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let (longest, seen) = with_polling_readers(&server, &urls[..2], || {
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| client(&server, &done, &counts))).collect();
            injector.set_plan(&json!({"share": 50, "seed": 11, "end": "429"}));
            sleep(PARTIAL_OUTAGE);
            let partial = injector.write_counts();
            table.row("half of the writes failed for", format!("{} s", PARTIAL_OUTAGE.as_secs()));
            table.row("writes, failed", format!("{}, {}", partial.puts, partial.affected));
            assert!(partial.affected > 10 && partial.affected < partial.puts, "{partial:?}");
            injector.set_plan(&json!({"end": "500"}));
            sleep(FULL_OUTAGE);
            let full = injector.write_counts();
            table.row("all writes failed for", format!("{} s", FULL_OUTAGE.as_secs()));
            table.row("writes tried during that time", (full.puts - partial.puts).to_string());
            assert_eq!(full.puts - partial.puts, full.affected - partial.affected);
            done.store(true, Ordering::Relaxed);
            let longest = clients.into_iter().map(|client| client.join().unwrap()).max().unwrap();
            injector.set_plan(&json!({"share": 0}));
            let (_, recovery) = timed(|| {
                for (url, count) in urls.iter().zip(&counts) {
                    let count = u32::try_from(count.load(Ordering::Relaxed)).unwrap();
                    assert_eq!(wait_for_thread_within(RECOVERY_TIMEOUT, &server, url, count).len() as u32, count);
                }
            });
            table.row("until readers saw every comment", format!("{:.0} s", recovery.as_secs_f64()));
            longest
        })
    });
    let posted: usize = counts.iter().map(|count| count.load(Ordering::Relaxed)).sum();
    table.row("comments posted, all accepted", posted.to_string());
    table.row("longest duration of a post", format!("{} ms", longest.as_millis()));
    table.row("versions seen by two readers, always increasing", format!("{}, {}", seen[0].len(), seen[1].len()));
    table.print("KV outage");
}
