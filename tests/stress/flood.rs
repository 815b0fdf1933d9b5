//! A flood of posts from one network. Few of them are stored, and readers are not slowed down.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use afterword_model::Refusal;
use afterword_tests::{Request, Server, new_comment, post_url};
use serde_json::Value;

use crate::{Table, run_alone};

/// Number of posts in the flood, and its duration.
const POSTS: u32 = 2_000;
const FLOOD: Duration = Duration::from_secs(20);
/// Comments allowed per network in ten seconds, from `afterword_guard::LIMITS`.
const IN_TEN_SECONDS: u64 = 8;
/// Concurrent clients.
const CLIENTS: u32 = 8;
/// Reads before the flood, about as many as during it.
const READS: usize = 300;
/// Interval between two reads.
const READ_INTERVAL: Duration = Duration::from_millis(50);

#[expect(clippy::disallowed_methods, reason = "this test measures time")]
fn now() -> Instant {
    Instant::now()
}

/// Reads a thread repeatedly while `should_continue` returns true. Returns the sorted durations.
fn read_repeatedly(server: &Server, url: &str, should_continue: impl Fn(usize) -> bool) -> Vec<Duration> {
    let mut times = Vec::new();
    while should_continue(times.len()) {
        let start = now();
        assert_eq!(Request::get("/v1/thread.html").query(&[("url", url)]).send(server).status, 200);
        times.push(start.elapsed());
        sleep(READ_INTERVAL);
    }
    times.sort_unstable();
    times
}

/// The 99th percentile of sorted durations.
fn p99(times: &[Duration]) -> Duration {
    times[times.len() * 99 / 100]
}

/// Sends one client's share of the flood, each post at its scheduled time. Returns the number of accepted posts; every
/// other post must be refused by the rate limit.
fn post_share(server: &Server, url: &str, client: u32, start: Instant) -> u64 {
    let mut accepted = 0;
    for number in (client..POSTS).step_by(CLIENTS as usize) {
        let due = FLOOD * number / POSTS;
        sleep(due.saturating_sub(start.elapsed()));
        let request = Request::post_comment(&new_comment(url, &format!("post {number} of a flood")));
        let response = request.header("CF-Connecting-IP", format!("203.0.113.{}", number % 256)).send(server);
        if response.status == 201 {
            accepted += 1;
        } else {
            response.check_refusal(Refusal::TooMany);
            assert!(response.header("retry-after").is_some(), "{response:?}");
        }
    }
    accepted
}

#[test]
fn flood_from_one_network_is_limited_and_slows_no_reader() {
    let _alone = run_alone();
    let server = Server::with_spam_checks("stress-flood", &[("PROOF_BITS", "0")]);
    let url = post_url("flood");
    let quiet = read_repeatedly(&server, &url, |reads| reads < READS);
    let (start, flooded) = (now(), AtomicBool::new(true));
    let (accepted, busy) = scope(|scope| {
        let (server, url, flooded) = (&server, &url, &flooded);
        let reader = scope.spawn(move || read_repeatedly(server, url, |_| flooded.load(Ordering::Relaxed)));
        let moderator = scope.spawn(move || {
            while flooded.load(Ordering::Relaxed) {
                let list =
                    Request::as_moderator("GET", "/admin/api/comments").query(&[("site", "https://blog.example")]);
                assert_eq!(list.send(server).status, 200);
                sleep(Duration::from_secs(1));
            }
        });
        let clients: Vec<_> =
            (0..CLIENTS).map(|client| scope.spawn(move || post_share(server, url, client, start))).collect();
        let accepted: u64 = clients.into_iter().map(|client| client.join().unwrap()).sum();
        flooded.store(false, Ordering::Relaxed);
        moderator.join().unwrap();
        (accepted, reader.join().unwrap())
    });
    let allowed = IN_TEN_SECONDS * (start.elapsed().as_secs() / 10 + 1);
    let (quiet, busy) = (p99(&quiet), p99(&busy));
    let mut table = Table::default();
    table.row("accepted, and allowed", format!("{accepted} of {POSTS}, {allowed}"));
    table.row("99th percentile of reads, before the flood", format!("{quiet:.1?}"));
    table.row("99th percentile of reads, during the flood", format!("{busy:.1?}"));
    table.print("A flood of 2,000 posts from one network in 20 seconds");
    assert!((1..=allowed).contains(&accepted), "{accepted} of {POSTS} posts were accepted, {allowed} are allowed");
    let all = ["pending", "published"].map(|status| {
        let list = Request::as_moderator("GET", "/admin/api/comments")
            .query(&[("site", "https://blog.example"), ("status", status), ("limit", "200")])
            .send(&server)
            .json::<Value>();
        list["comments"].as_array().unwrap().len() as u64
    });
    assert_eq!(all.iter().sum::<u64>(), accepted, "refused posts were not stored");
    // Allows for the scheduling delays of a busy machine.
    assert!(busy <= 2 * quiet + READ_INTERVAL, "reads took {quiet:?} before and {busy:?} during the flood");
}
