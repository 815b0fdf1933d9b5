//! The outbox while KV fails, objects vanish and alarms ring twice: no request fails for it, and readers come to the newest version without
//! ever going back to an older one. The Worker has its feature `test-hooks`; each test has a site, and so an object, of its own.

use std::sync::LazyLock;

use afterword_model::{PostedComment, Thread};
use afterword_tests::{Call, Hooks, Server, Setting, comment, until, watched};
use serde_json::json;

const SETTINGS: [Setting<'static>; 3] = [
    (
        "SITES",
        "https://refused.example https://slow.example https://vanished.example https://late.example https://alarms.example \
         https://others.example https://held.example https://unheld.example",
    ),
    ("MODERATION", "open"),
    ("SIGNING_KEY", "a-key-for-tests-of-trouble-and-of-nothing-else"),
];

static HOOKED: LazyLock<Server> = LazyLock::new(|| start("http-trouble"));

fn start(name: &str) -> Server {
    Server::start(name, &SETTINGS, &["--feature", "test-hooks"])
}

/// Posts a comment, which no trouble with KV may hinder, and gives the version it made.
#[track_caller]
fn post(server: &Server, url: &str) -> i64 {
    let answer = Call::post(&comment(url, "in trouble")).send(server);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json::<PostedComment>().version
}

/// Waits until readers see this version, with a comment for each version before it.
#[track_caller]
fn settle(server: &Server, url: &str, version: i64) {
    until(&format!("version {version} of {url}"), || {
        let thread: Thread = Call::get("/v1/thread").query(&[("url", url)]).send(server).json();
        (thread.version == version).then(|| assert_eq!(i64::try_from(thread.comments.len()), Ok(version)))
    });
}

#[test]
fn a_put_that_is_refused_is_tried_again() {
    let (hooks, url) = (Hooks::of(&HOOKED, "refused.example"), "https://refused.example/post");
    watched(&HOOKED, &[url], || {
        for end in ["429", "500"] {
            hooks.faults(&json!({"times": 4, "end": end}));
            let version = post(&HOOKED, url);
            settle(&HOOKED, url, version);
        }
    });
    assert_eq!(hooks.writes().struck, 8);
}

#[test]
fn a_put_that_takes_its_time_holds_nobody_up() {
    let (hooks, url) = (Hooks::of(&HOOKED, "slow.example"), "https://slow.example/post");
    watched(&HOOKED, &[url], || {
        for end in ["ok", "500"] {
            hooks.faults(&json!({"times": 1, "wait": 3_000, "end": end}));
            let posted: Vec<i64> = (0..5).map(|_| post(&HOOKED, url)).collect();
            settle(&HOOKED, url, posted[4]);
        }
    });
    assert_eq!(hooks.writes().struck, 2);
}

#[test]
fn an_object_that_vanishes_before_it_could_put_leaves_nothing_unpublished() {
    let (hooks, url) = (Hooks::of(&HOOKED, "vanished.example"), "https://vanished.example/post");
    watched(&HOOKED, &[url], || {
        settle(&HOOKED, url, post(&HOOKED, url));
        hooks.faults(&json!({"end": "never"}));
        post(&HOOKED, url);
        until("the put to begin", || (hooks.writes().struck == 1).then_some(()));
        hooks.evict();
        // Nobody calls the object again: it is woken by its alarm.
        settle(&HOOKED, url, 2);
    });
}

#[test]
fn a_put_of_an_object_that_vanished_does_not_cover_what_the_next_one_puts() {
    let (hooks, url) = (Hooks::of(&HOOKED, "late.example"), "https://late.example/post");
    let ((), seen) = watched(&HOOKED, &[url], || {
        settle(&HOOKED, url, post(&HOOKED, url));
        hooks.faults(&json!({"times": 1, "late": 5_000, "end": "never"}));
        post(&HOOKED, url);
        until("the put to begin", || (hooks.writes().struck == 1).then_some(()));
        hooks.evict();
        settle(&HOOKED, url, post(&HOOKED, url));
    });
    assert_eq!(seen, [[1, 2, 3]], "the late put came about, and in its place");
}

#[test]
fn a_runtime_killed_before_it_could_put_leaves_nothing_unpublished() {
    let url = "https://vanished.example/killed";
    let server = start("http-trouble-killed");
    settle(&server, url, post(&server, url));
    let hooks = Hooks::of(&server, "vanished.example");
    hooks.faults(&json!({"end": "never"}));
    let version = post(&server, url);
    until("the put to begin", || (hooks.writes().struck == 1).then_some(()));
    let server = server.kill_and_restart();
    watched(&server, &[url], || settle(&server, url, version));
}

#[test]
fn alarms_that_ring_too_often_do_no_harm() {
    let (hooks, url) = (Hooks::of(&HOOKED, "alarms.example"), "https://alarms.example/post");
    hooks.ring_twice();
    watched(&HOOKED, &[url], || {
        hooks.faults(&json!({"times": 1, "wait": 1_000, "end": "500"}));
        let version = post(&HOOKED, url);
        for _ in 0..3 {
            hooks.ring_twice();
        }
        settle(&HOOKED, url, version);
        hooks.ring_twice();
    });
    assert_eq!(hooks.writes().puts, 2, "one that failed and one that did not");
}

#[test]
fn threads_that_cannot_be_put_hold_up_no_other() {
    let hooks = Hooks::of(&HOOKED, "others.example");
    hooks.faults(&json!({"only": "/bad-", "end": "500"}));
    let url = |kind: &str, number: u32| format!("https://others.example/{kind}-{number}");
    for number in 0..70 {
        post(&HOOKED, &url("bad", number));
        post(&HOOKED, &url("good", number));
    }
    (0..70).for_each(|number| settle(&HOOKED, &url("good", number), 1));
    hooks.faults(&json!({"share": 0}));
    (0..70).for_each(|number| settle(&HOOKED, &url("bad", number), 1));
}

#[test]
fn nothing_is_published_while_an_import_is_under_way() {
    let (hooks, url) = (Hooks::of(&HOOKED, "held.example"), "https://held.example/post");
    hooks.hold();
    let version = post(&HOOKED, url);
    hooks.ring_twice();
    assert_eq!(hooks.writes().puts, 0);
    hooks.release();
    settle(&HOOKED, url, version);
}

#[test]
fn an_import_that_breaks_off_does_not_hold_back_for_ever() {
    let (hooks, url) = (Hooks::of(&HOOKED, "unheld.example"), "https://unheld.example/post");
    hooks.hold();
    settle(&HOOKED, url, post(&HOOKED, url));
}
