//! Publishing while KV fails, objects are evicted and alarms run twice. No request fails because of that, and readers
//! reach the newest version without ever seeing an older one again. The Worker has the feature `fault-injection`. Each
//! test has a site, and so an object, of its own.

use std::sync::LazyLock;

use afterword_model::{PostedComment, Thread};
use afterword_tests::{FaultInjector, Request, Server, Setting, new_comment, wait_until, with_polling_readers};
use serde_json::json;

const SETTINGS: [Setting<'static>; 3] = [
    (
        "SITES",
        "https://refused.example https://slow.example https://vanished.example https://late.example https://alarms.example \
         https://others.example https://held.example https://unheld.example",
    ),
    ("MODERATION", "open"),
    ("SIGNING_KEY", "a-key-for-tests-of-failures-and-of-nothing-else"),
];

static FAULT_SERVER: LazyLock<Server> = LazyLock::new(|| start("http-kv-failures"));

fn start(name: &str) -> Server {
    Server::start(name, &SETTINGS, &[])
}

/// Posts a comment, which must succeed in spite of KV failures. Returns the version of the thread.
#[track_caller]
fn post(server: &Server, url: &str) -> i64 {
    let response = Request::post_comment(&new_comment(url, "during a failure")).send(server);
    assert_eq!(response.status, 201, "{response:?}");
    response.json::<PostedComment>().version
}

/// Waits until readers see this version, which has one comment for each version.
#[track_caller]
fn wait_for_version(server: &Server, url: &str, version: i64) {
    wait_until(&format!("version {version} of {url}"), || {
        let thread: Thread = Request::get("/v1/thread").query(&[("url", url)]).send(server).json();
        (thread.version == version).then(|| assert_eq!(i64::try_from(thread.comments.len()), Ok(version)))
    });
}

#[test]
fn refused_put_is_retried() {
    let (injector, url) = (FaultInjector::new(&FAULT_SERVER, "refused.example"), "https://refused.example/post");
    with_polling_readers(&FAULT_SERVER, &[url], || {
        for end in ["429", "500"] {
            injector.set_plan(&json!({"times": 4, "end": end}));
            let version = post(&FAULT_SERVER, url);
            wait_for_version(&FAULT_SERVER, url, version);
        }
    });
    assert_eq!(injector.write_counts().affected, 8);
}

#[test]
fn slow_put_blocks_no_other_request() {
    let (injector, url) = (FaultInjector::new(&FAULT_SERVER, "slow.example"), "https://slow.example/post");
    with_polling_readers(&FAULT_SERVER, &[url], || {
        for end in ["ok", "500"] {
            injector.set_plan(&json!({"times": 1, "wait": 3_000, "end": end}));
            let posted: Vec<i64> = (0..5).map(|_| post(&FAULT_SERVER, url)).collect();
            wait_for_version(&FAULT_SERVER, url, posted[4]);
        }
    });
    assert_eq!(injector.write_counts().affected, 2);
}

#[test]
fn comment_is_published_after_an_eviction_before_its_put() {
    let (injector, url) = (FaultInjector::new(&FAULT_SERVER, "vanished.example"), "https://vanished.example/post");
    with_polling_readers(&FAULT_SERVER, &[url], || {
        wait_for_version(&FAULT_SERVER, url, post(&FAULT_SERVER, url));
        injector.set_plan(&json!({"end": "never"}));
        post(&FAULT_SERVER, url);
        wait_until("the put to begin", || (injector.write_counts().affected == 1).then_some(()));
        injector.evict_object();
        // No request reaches the object: its alarm must wake it.
        wait_for_version(&FAULT_SERVER, url, 2);
    });
}

#[test]
fn late_put_of_an_evicted_object_is_not_the_last() {
    let (injector, url) = (FaultInjector::new(&FAULT_SERVER, "late.example"), "https://late.example/post");
    let ((), seen) = with_polling_readers(&FAULT_SERVER, &[url], || {
        wait_for_version(&FAULT_SERVER, url, post(&FAULT_SERVER, url));
        injector.set_plan(&json!({"times": 1, "late": 5_000, "end": "never"}));
        post(&FAULT_SERVER, url);
        wait_until("the put to begin", || (injector.write_counts().affected == 1).then_some(()));
        injector.evict_object();
        wait_for_version(&FAULT_SERVER, url, post(&FAULT_SERVER, url));
    });
    assert_eq!(seen, [[1, 2, 3]], "the late put is written, and in order");
}

#[test]
fn comment_is_published_after_a_kill_before_its_put() {
    let url = "https://vanished.example/killed";
    let server = start("http-kv-failures-killed");
    wait_for_version(&server, url, post(&server, url));
    let injector = FaultInjector::new(&server, "vanished.example");
    injector.set_plan(&json!({"end": "never"}));
    let version = post(&server, url);
    wait_until("the put to begin", || (injector.write_counts().affected == 1).then_some(()));
    let server = server.kill_and_restart();
    with_polling_readers(&server, &[url], || wait_for_version(&server, url, version));
}

#[test]
fn duplicate_alarms_do_no_harm() {
    let (injector, url) = (FaultInjector::new(&FAULT_SERVER, "alarms.example"), "https://alarms.example/post");
    injector.fire_two_alarms();
    with_polling_readers(&FAULT_SERVER, &[url], || {
        injector.set_plan(&json!({"times": 1, "wait": 1_000, "end": "500"}));
        let version = post(&FAULT_SERVER, url);
        for _ in 0..3 {
            injector.fire_two_alarms();
        }
        wait_for_version(&FAULT_SERVER, url, version);
        injector.fire_two_alarms();
    });
    assert_eq!(injector.write_counts().puts, 2, "one failed put and one successful put");
}

#[test]
fn threads_that_fail_to_publish_do_not_delay_others() {
    let injector = FaultInjector::new(&FAULT_SERVER, "others.example");
    injector.set_plan(&json!({"only": "/bad-", "end": "500"}));
    let url = |kind: &str, number: u32| format!("https://others.example/{kind}-{number}");
    for number in 0..70 {
        post(&FAULT_SERVER, &url("bad", number));
        post(&FAULT_SERVER, &url("good", number));
    }
    (0..70).for_each(|number| wait_for_version(&FAULT_SERVER, &url("good", number), 1));
    injector.set_plan(&json!({"share": 0}));
    (0..70).for_each(|number| wait_for_version(&FAULT_SERVER, &url("bad", number), 1));
}

#[test]
fn nothing_is_published_during_an_import() {
    let (injector, url) = (FaultInjector::new(&FAULT_SERVER, "held.example"), "https://held.example/post");
    injector.begin_import_batch();
    let version = post(&FAULT_SERVER, url);
    injector.fire_two_alarms();
    assert_eq!(injector.write_counts().puts, 0);
    injector.end_import();
    wait_for_version(&FAULT_SERVER, url, version);
}

#[test]
fn abandoned_import_does_not_hold_publishing_for_ever() {
    let (injector, url) = (FaultInjector::new(&FAULT_SERVER, "unheld.example"), "https://unheld.example/post");
    injector.begin_import_batch();
    wait_for_version(&FAULT_SERVER, url, post(&FAULT_SERVER, url));
}
