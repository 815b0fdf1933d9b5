//! What a panic costs: one request a 500, no other request anything. The routes are in the build with the feature `test-hooks` alone.

use std::sync::{Barrier, LazyLock};

use afterword_model::{PostedComment, Refusal};
use afterword_tests::{Call, Server, Setting, comment, post_url, whole_thread};

const SETTINGS: [Setting<'static>; 3] = [
    ("SITES", "https://blog.example"),
    ("MODERATION", "open"),
    ("SIGNING_KEY", "a-key-for-tests-of-panics-and-of-nothing-else"),
];

static HOOKED: LazyLock<Server> =
    LazyLock::new(|| Server::start("http-panic", &SETTINGS, &["--feature", "test-hooks"]));

/// Eight slow requests are under way while `path` panics.
fn check(method: &'static str, path: &'static str) {
    let start = Barrier::new(9);
    std::thread::scope(|scope| {
        let slow: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    Call::get("/debug/slow").send(&HOOKED).status
                })
            })
            .collect();
        start.wait();
        // One before the slow ones are likely to have begun, some while they are under way.
        for _ in 0..5 {
            Call::new(method, path).send(&HOOKED).check_refusal(Refusal::Internal);
        }
        let slow: Vec<u16> = slow.into_iter().map(|request| request.join().unwrap()).collect();
        assert_eq!(slow, [200; 8]);
    });
}

#[test]
fn a_panic_in_the_worker_costs_its_own_request_alone() {
    check("GET", "/debug/panic");
}

#[test]
fn a_panic_in_the_object_costs_its_own_request_alone() {
    check("POST", "/debug/ledger/panic?site=blog.example");
    let url = post_url("panic_object");
    let posted: PostedComment = Call::post(&comment(&url, "after the panic")).send(&HOOKED).json();
    assert_eq!(whole_thread(&HOOKED, &url, 1), [posted.comment]);
}
