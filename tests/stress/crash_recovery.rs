//! Posts from many clients while the runtime is killed repeatedly. Every acknowledged comment must exist exactly once,
//! in the ledger and in KV.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_model::{Comment, NewComment, PostUrl, PostedComment, Thread};
use afterword_tests::{
    Kv, Request, Server, export, new_comment, post_url, timed, wait_for_thread_within, wait_until_within,
};
use serde_json::Value;

use crate::{Table, run_alone};

const COMMENTS: usize = 10_000;
const CLIENTS: usize = 32;
const THREADS: usize = 20;
const KILLS: usize = 10;
/// Time limit for a client to get a response, and for publishing at the end.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(180);

/// The progress of all clients together.
#[derive(Default)]
struct Progress {
    /// Number of the next comment.
    next: AtomicUsize,
    /// Every acknowledged comment and its thread, by the UUID of its submission.
    acknowledged: Mutex<BTreeMap<String, (usize, Comment)>>,
    /// Requests without a response.
    unanswered: AtomicUsize,
    /// Responses that report the comment as already stored.
    repeats: AtomicUsize,
}

impl Progress {
    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }
}

fn url(thread: usize) -> String {
    post_url(&format!("kills_{thread}"))
}

/// Sends comments, each repeatedly until there is a response.
fn client(progress: &Progress, origin: &str) {
    let mut own: BTreeMap<usize, Comment> = BTreeMap::new();
    loop {
        let number = progress.next.fetch_add(1, Ordering::Relaxed);
        if number >= COMMENTS {
            return;
        }
        let thread = number % THREADS;
        // Every third comment replies to an earlier comment of the same client in that thread.
        let parent = own.get(&thread).filter(|_| number.is_multiple_of(3)).map(|comment| comment.id);
        let new = NewComment { parent, ..new_comment(&url(thread), &format!("comment *{number}*")) };
        let posted = wait_until_within(TIMEOUT, "a response", || send(progress, origin, &new));
        own.insert(thread, posted.comment.clone());
        progress.acknowledged.lock().unwrap().insert(new.id, (thread, posted.comment));
    }
}

fn send(progress: &Progress, origin: &str, new: &NewComment) -> Option<PostedComment> {
    let Some(response) = Request::post_comment(new).try_send(origin) else {
        progress.unanswered.fetch_add(1, Ordering::Relaxed);
        return None;
    };
    assert!([200, 201].contains(&response.status), "only kills may fail a request: {response:?}");
    progress.repeats.fetch_add(usize::from(response.status == 200), Ordering::Relaxed);
    Some(response.json())
}

#[test]
fn ten_thousand_comments_survive_ten_kills() {
    let _alone = run_alone();
    let mut table = Table::default();
    let server = Server::with_moderation("stress-kills", "open");
    let (progress, origin) = (Progress::default(), server.origin());
    let (server, posting) = timed(|| {
        std::thread::scope(|scope| {
            (0..CLIENTS).for_each(|_| drop(scope.spawn(|| client(&progress, &origin))));
            (1..=KILLS).fold(server, |server, kill| {
                let reached = COMMENTS * kill / (KILLS + 1);
                wait_until_within(TIMEOUT, "more comments", || (progress.count() >= reached).then_some(()));
                server.kill_and_restart()
            })
        })
    });
    let unanswered = progress.unanswered.into_inner();
    table.row("comments, clients, threads, kills", format!("{COMMENTS}, {CLIENTS}, {THREADS}, {KILLS}"));
    table.row("posting, restarts included", format!("{:.0} s", posting.as_secs_f64()));
    table.row("requests without a response, repeated", unanswered.to_string());
    table.row("of these already stored", progress.repeats.into_inner().to_string());
    assert!(unanswered > 0, "the kills interrupted some requests");

    let acknowledged = progress.acknowledged.into_inner().unwrap();
    assert_eq!(acknowledged.len(), COMMENTS);
    let exported = exported_uuids(&server);
    let expected: Vec<&str> = acknowledged.keys().map(String::as_str).collect();
    assert_eq!(exported, expected, "the ledger has every acknowledged comment once and no other");
    table.row("in the ledger, by its export", exported.len().to_string());

    let (read_count, settling) = timed(|| read_through_api(&server, &acknowledged));
    table.row("published, read through the API", read_count.to_string());
    table.row("from the last response until all were published", format!("{:.0} s", settling.as_secs_f64()));
    let (values, kv_count) = comments_in_kv(&server, &acknowledged);
    table.row("published, read with wrangler's own command", format!("{kv_count} in {values} values"));
    table.print("10,000 comments and ten kills");
}

/// The UUIDs of all comments in the ledger, sorted.
fn exported_uuids(server: &Server) -> Vec<String> {
    let lines = export(server);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut uuids: Vec<String> = lines.filter_map(|line| Some(line["comment"]["uuid"].as_str()?.to_owned())).collect();
    uuids.sort_unstable();
    uuids
}

fn in_thread(acknowledged: &BTreeMap<String, (usize, Comment)>, thread: usize) -> Vec<&Comment> {
    let mut comments: Vec<_> =
        acknowledged.values().filter(|(of, _)| *of == thread).map(|(_, comment)| comment).collect();
    comments.sort_by_key(|comment| comment.id);
    comments
}

/// Checks that the API returns exactly the acknowledged comments. Returns their number.
fn read_through_api(server: &Server, acknowledged: &BTreeMap<String, (usize, Comment)>) -> usize {
    let threads = (0..THREADS).map(|thread| {
        let expected = in_thread(acknowledged, thread);
        let count = u32::try_from(expected.len()).unwrap();
        let mut read_through_api = wait_for_thread_within(TIMEOUT, server, &url(thread), count);
        read_through_api.sort_by_key(|comment| comment.id);
        assert_eq!(read_through_api.iter().collect::<Vec<_>>(), expected, "thread {thread}");
        read_through_api.len()
    });
    threads.sum()
}

/// Checks that KV holds exactly the acknowledged comments. Returns the number of values and the number of comments in
/// them.
fn comments_in_kv(server: &Server, acknowledged: &BTreeMap<String, (usize, Comment)>) -> (usize, usize) {
    let kv = Kv::new(server);
    let keys = kv.list("").into_iter().map(|(key, _)| key);
    let (keys, others): (Vec<String>, Vec<String>) = keys.partition(|key| key.starts_with("thread:"));
    assert!(others.iter().all(|key| key.starts_with("latest:")), "{others:?}");
    let values: BTreeMap<String, Thread> =
        kv.get_all(&keys).into_iter().map(|(key, value)| (key, serde_json::from_str(&value).unwrap())).collect();
    let mut known = BTreeSet::new();
    for thread in 0..THREADS {
        let post = PostUrl::parse(&url(thread)).unwrap();
        let pages = values[&post.kv_key(1)].pages;
        let keys: Vec<String> = (1..=pages).map(|page| post.kv_key(page)).collect();
        let mut comments_in_kv: Vec<&Comment> = keys.iter().flat_map(|key| &values[key].comments).collect();
        comments_in_kv.sort_by_key(|comment| comment.id);
        assert_eq!(comments_in_kv, in_thread(acknowledged, thread), "thread {thread}");
        known.extend(keys);
    }
    assert_eq!(values.keys().cloned().collect::<BTreeSet<_>>(), known, "KV has no other threads");
    (values.len(), values.values().map(|value| value.comments.len()).sum())
}
