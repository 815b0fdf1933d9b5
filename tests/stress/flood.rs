//! A flood of posts from one network. Few of them are stored, and refusing the others costs neither reads nor, but for a few, object requests.
//! Times are printed and not asserted: they depend on the machine.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use afterword_model::Refusal;
use afterword_tests::{Request, Server, new_comment, post_url, usage};
use serde_json::Value;

use crate::{Table, run_alone};

/// Number of posts in the flood, and its duration.
const POSTS: u32 = 2_000;
const FLOOD: Duration = Duration::from_secs(20);
/// Comments that the ledger accepts from one network in ten seconds, from `afterword_guard::LIMITS`.
const ACCEPTED_IN_WINDOW: u64 = 8;
/// Posts that the platform's limiter lets through from one network in ten seconds, from `worker/wrangler.toml`.
const LIMITER_IN_WINDOW: u64 = 20;
/// Number of requests for a measurement of CPU time, which has a resolution of 10 ms.
const SAMPLE: u32 = 200;
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

/// The 50th and the 99th percentile of sorted durations, for people.
fn percentiles(times: &[Duration]) -> String {
    let at = |percent: usize| times[times.len() * percent / 100];
    format!("{:.1?}, {:.1?}", at(50), at(99))
}

/// Outcome of posts: how many were accepted, and the billed operations of all and of those that were refused.
#[derive(Clone, Copy, Debug, Default)]
struct Posts {
    accepted: u64,
    object_requests: u64,
    reads_of_refused: u64,
}

impl Posts {
    /// Sends one post of the flood. It is accepted, or the rate limit refuses it.
    fn send(&mut self, server: &Server, url: &str, number: u32) {
        let request = Request::post_comment(&new_comment(url, &format!("post {number} of a flood")));
        let response = request.header("CF-Connecting-IP", format!("203.0.113.{}", number % 256)).send(server);
        let [reads, object_requests] = usage(&response);
        self.object_requests += u64::from(object_requests);
        if response.status == 201 {
            self.accepted += 1;
        } else {
            response.check_refusal(Refusal::TooMany);
            self.reads_of_refused += u64::from(reads);
        }
    }

    fn add(self, other: Self) -> Self {
        Self {
            accepted: self.accepted + other.accepted,
            object_requests: self.object_requests + other.object_requests,
            reads_of_refused: self.reads_of_refused + other.reads_of_refused,
        }
    }
}

/// Sends one client's share of the flood, each post at its scheduled time.
fn post_share(server: &Server, url: &str, client: u32, start: Instant) -> Posts {
    let mut posts = Posts::default();
    for number in (client..POSTS).step_by(CLIENTS as usize) {
        let due = FLOOD * number / POSTS;
        sleep(due.saturating_sub(start.elapsed()));
        posts.send(server, url, number);
    }
    posts
}

/// CPU time of the runtime for one of many equal requests.
fn cpu_time_of_each(server: &Server, mut send: impl FnMut(u32)) -> Duration {
    let before = server.cpu_time();
    (0..SAMPLE).for_each(&mut send);
    (server.cpu_time() - before) / SAMPLE
}

/// Number of comments of any status that the ledger holds.
fn stored(server: &Server) -> u64 {
    let count = |status| {
        let list = Request::as_moderator("GET", "/admin/api/comments").query(&[("status", status), ("limit", "200")]);
        list.send(server).json::<Value>()["comments"].as_array().unwrap().len() as u64
    };
    count("pending") + count("published")
}

#[test]
fn flood_from_one_network_costs_no_reads_and_few_object_requests() {
    let _alone = run_alone();
    let server = Server::with_spam_checks("stress-flood", &[("PROOF_BITS", "0")]);
    let url = post_url("flood");
    let quiet = read_repeatedly(&server, &url, |reads| reads < READS);
    let (start, flooded) = (now(), AtomicBool::new(true));
    let (posts, busy) = scope(|scope| {
        let (server, url, flooded) = (&server, &url, &flooded);
        let reader = scope.spawn(move || read_repeatedly(server, url, |_| flooded.load(Ordering::Relaxed)));
        let moderator = scope.spawn(move || {
            while flooded.load(Ordering::Relaxed) {
                assert_eq!(Request::as_moderator("GET", "/admin/api/comments").send(server).status, 200);
                sleep(Duration::from_secs(1));
            }
        });
        let clients: Vec<_> =
            (0..CLIENTS).map(|client| scope.spawn(move || post_share(server, url, client, start))).collect();
        let posts = clients.into_iter().map(|client| client.join().unwrap()).fold(Posts::default(), Posts::add);
        flooded.store(false, Ordering::Relaxed);
        moderator.join().unwrap();
        (posts, reader.join().unwrap())
    });
    // The limiter's window may begin at any time.
    let windows = start.elapsed().as_secs() / 10 + 2;
    let stored = stored(&server);
    let mut refused = Posts::default();
    let refusing = cpu_time_of_each(&server, |number| refused.send(&server, &url, number));
    let reading = cpu_time_of_each(&server, |_| drop(read_repeatedly(&server, &url, |reads| reads == 0)));

    let mut table = Table::default();
    table.row("accepted, and allowed", format!("{} of {POSTS}, {}", posts.accepted, windows * ACCEPTED_IN_WINDOW));
    table.row("object requests, and allowed", format!("{}, {}", posts.object_requests, windows * LIMITER_IN_WINDOW));
    table.row("median and 99th percentile of reads, before the flood", percentiles(&quiet));
    table.row("median and 99th percentile of reads, during the flood", percentiles(&busy));
    table.row("CPU time of a refused post, and of a read", format!("{refusing:.2?}, {reading:.2?}"));
    table.print("A flood of 2,000 posts from one network in 20 seconds");
    assert!((1..=windows * ACCEPTED_IN_WINDOW).contains(&posts.accepted), "{posts:?}");
    assert_eq!(stored, posts.accepted, "refused posts are not stored");
    assert_eq!(posts.reads_of_refused, 0, "{posts:?}");
    assert!(posts.object_requests <= windows * LIMITER_IN_WINDOW, "{posts:?} in {windows} windows");
}
