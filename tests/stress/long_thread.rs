//! A thread of 100,000 comments costs the same as one of 10: posting, publishing and reading any page.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use afterword_model::{Comment, CommentId, NewComment, PostedComment, Thread};
use afterword_tests::{
    Kv, Request, Response, Server, build_export, import, is_long_run, new_comment, post_url, timed, verified_comment,
    wait_until_within,
};
use serde_json::Value;

use crate::{Table, run_alone};

const LONG: u32 = 100_000;
const SHORT: u32 = 10;
/// Number of short threads, and of rounds. Each round posts one comment to the long thread and one to a short thread.
const ROUNDS: u32 = 40;
/// Reads of each page.
const READS: u32 = 80;
/// Maximum ratio of the durations for a long and a short thread.
const MAX_RATIO: f64 = 1.5;
/// Maximum compressed size of a page, in bytes.
const MAX_PAGE_BYTES: usize = 64 * 1024;
/// Lines in one import request, the same number as `cargo xtask restore` sends.
const IMPORT_SLICE_LINES: usize = 1_000;
const TIMEOUT: Duration = Duration::from_secs(600);

/// The export of one thread of [`LONG`] comments and of the short threads. Every third comment replies to its
/// predecessor or to an arbitrary earlier one.
fn generate_site() -> String {
    let long = |number: u32| {
        let any = 1 + pseudo_random(number) % (number - 1).max(1);
        let parent = match number % 6 {
            2 => Some(number - 1),
            5 => Some(any),
            _ => None,
        };
        verified_comment(number, "stress_long", parent)
    };
    let short = |number: u32| {
        let place = (number - LONG - 1) % SHORT;
        verified_comment(
            number,
            &format!("stress_short_{}", (number - LONG - 1) / SHORT),
            (place % 3 == 2).then(|| number - 1),
        )
    };
    let comments = (1..=LONG).map(long).chain((LONG + 1..=LONG + ROUNDS * SHORT).map(short));
    let voted: Vec<u32> = (1..LONG + ROUNDS * SHORT).step_by(499).collect();
    build_export(comments, &voted)
}

/// A pseudo-random number derived from `number`.
fn pseudo_random(number: u32) -> u32 {
    number.wrapping_mul(0x9e37_79b9).rotate_left(13).wrapping_mul(0x85eb_ca6b)
}

fn url(short: Option<u32>) -> String {
    post_url(&short.map_or("stress_long".to_owned(), |short| format!("stress_short_{short}")))
}

fn thread(server: &Server, url: &str) -> Thread {
    Request::get("/v1/thread").query(&[("url", url)]).send(server).json()
}

/// Durations by kind of operation, for the long thread and for the short ones.
#[derive(Default)]
struct Timings(BTreeMap<String, [Vec<Duration>; 2]>);

impl Timings {
    fn add(&mut self, description: &str, is_short: bool, time: Duration) {
        self.0.entry(description.to_owned()).or_default()[usize::from(is_short)].push(time);
    }

    /// Compares the first quartiles of the durations and returns the operations that take too long in the long thread.
    /// The first quartile is used because other load on the machine only lengthens durations.
    fn compare(self, table: &mut Table) -> Vec<String> {
        let mut too_long = Vec::new();
        for (description, times) in self.0 {
            let [long, short] = times.map(|mut times| {
                times.sort_unstable();
                times[times.len() / 4].as_secs_f64() * 1_000.0
            });
            let verdict = format!("{long:.1} ms, {short:.1} ms, {:.2} x", long / short);
            if long > MAX_RATIO * short {
                too_long.push(format!("{description}: {verdict}"));
            }
            table.row(description, verdict);
        }
        too_long
    }
}

#[test]
fn thread_of_100000_comments_costs_what_one_of_10_does() {
    let _alone = run_alone();
    let mut table = Table::default();
    let server = Server::with_moderation("stress-long", "open");
    let file = generate_site();
    let bytes = file.len();
    let lines: Vec<&str> = file.lines().collect();
    let ((), importing) = timed(|| {
        for lines in lines.chunks(IMPORT_SLICE_LINES) {
            let response = import(&server, lines.join("\n"));
            assert_eq!(response.status, 200, "{}", response.text());
        }
    });
    let (pages, publishing) = timed(|| wait_until_published(&server));
    table.row("imported", format!("{} MB in {:.0} s", bytes >> 20, importing.as_secs_f64()));
    table.row("pages published", format!("{pages} in {:.0} s", publishing.as_secs_f64()));

    let mut times = Timings::default();
    let rewritten = measure_writes(&server, &mut times);
    let gzip_size = measure_reads(&server, pages, &mut times);
    table.row("", "100,000, 10, ratio of the first quartiles");
    let too_long = times.compare(&mut table);
    table.row("KV values written by a comment", format!("at most {rewritten}"));
    table.row("largest page, compressed", format!("{gzip_size} bytes"));
    table.print("A thread of 100,000 comments beside threads of 10");
    if is_long_run() {
        assert_eq!(too_long, [""; 0], "more than {MAX_RATIO} times the duration for a short thread");
    }
    assert!(rewritten <= 2, "{rewritten} values");
    assert!(gzip_size <= MAX_PAGE_BYTES, "{gzip_size} bytes");
}

/// Waits until all threads are published. Returns the number of pages of the long thread.
fn wait_until_published(server: &Server) -> u32 {
    let long = wait_until_within(TIMEOUT, "the long thread to be published", || {
        Some(thread(server, &url(None))).filter(|thread| thread.count == LONG)
    });
    for short in 0..ROUNDS {
        wait_until_within(TIMEOUT, "a short thread to be published", || {
            (thread(server, &url(Some(short))).count == SHORT).then_some(())
        });
    }
    long.pages
}

/// Posts to the long thread and to short threads in turn. Returns the maximum number of KV values that one comment
/// changed.
fn measure_writes(server: &Server, times: &mut Timings) -> usize {
    let kv = Kv::new(server);
    let mut most = 0;
    for round in 0..ROUNDS {
        for is_short in [false, true] {
            let url = url(is_short.then_some(round));
            // Anywhere in the thread where a reply is allowed.
            let first = if is_short { LONG + 1 + round * SHORT } else { 1 + pseudo_random(round) % LONG };
            let parent = (round % 2 == 1).then(|| CommentId::new(first.into()));
            let counted = !is_short && round < 4;
            let before = if counted { values(&kv, &url) } else { BTreeMap::new() };
            let description = if parent.is_some() { "reply" } else { "comment" };
            post(server, &NewComment { parent, ..new_comment(&url, "one *more*") }, description, is_short, times);
            if counted {
                let changed = values(&kv, &url).into_iter().filter(|(key, meta)| before.get(key) != Some(meta));
                most = most.max(changed.count());
            }
        }
    }
    most
}

/// Posts a comment and waits until readers see it.
fn post(server: &Server, new: &NewComment, description: &str, is_short: bool, times: &mut Timings) {
    let (response, took) = timed(|| Request::post_comment(new).send(server));
    assert_eq!(response.status, 201, "{response:?}");
    let version = response.json::<PostedComment>().version;
    wait_until_within(TIMEOUT, "the comment to be published", || {
        (thread(server, &new.url).version >= version).then_some(())
    });
    times.add(&format!("posting: {description}"), is_short, took);
}

/// The keys of a thread's KV values, with their metadata.
fn values(kv: &Kv, url: &str) -> BTreeMap<String, Value> {
    kv.list(&format!("thread:{url}")).into_iter().collect()
}

/// Reads all kinds of pages of long and short threads in turn. Returns the compressed size of the largest page.
fn measure_reads(server: &Server, pages: u32, times: &mut Timings) -> usize {
    let kinds = [
        ("first page", 1, "oldest"),
        ("middle page", pages / 2, "oldest"),
        ("last page", pages, "oldest"),
        ("newest", 1, "newest"),
        ("newest, middle page", pages / 2, "newest"),
        ("top", 1, "top"),
        ("top, middle page", pages / 2, "top"),
    ];
    let mut largest = 0;
    for round in 0..READS {
        for (description, page, sort) in kinds {
            for (path, form) in [("/v1/thread", "JSON"), ("/v1/thread.html", "HTML")] {
                for is_short in [false, true] {
                    let (url, page) = if is_short { (url(Some(round % ROUNDS)), 1) } else { (url(None), page) };
                    let page = page.to_string();
                    let request = Request::get(path).query(&[("url", &url), ("page", &page), ("sort", sort)]);
                    let (response, took) = timed(|| request.send(server));
                    assert_eq!(response.status, 200, "{response:?}");
                    times.add(&format!("reading, {form}, {description}"), is_short, took);
                    if round == 0 && !is_short {
                        check_page(&response, form, description);
                        largest = largest.max(gzip_size(response.bytes()));
                    }
                }
            }
        }
    }
    largest
}

/// Checks that the page has comments.
fn check_page(response: &Response, form: &str, description: &str) {
    if form == "JSON" {
        let thread: Thread = response.json();
        let comments: Vec<&Comment> = thread.comments.iter().collect();
        assert!(!comments.is_empty(), "{description}");
    } else {
        assert!(response.text().contains("id=\"comment-"), "{description}");
    }
}

/// Size after `gzip -6`, in bytes.
fn gzip_size(body: &[u8]) -> usize {
    let mut gzip =
        Command::new("gzip").args(["-6", "-c"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = gzip.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(body).unwrap());
        gzip.wait_with_output().unwrap().stdout.len()
    })
}
