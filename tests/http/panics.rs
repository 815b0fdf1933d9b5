//! A panic fails one request with a 500 and affects no other. Only builds with the feature `fault-injection` have
//! these routes.

use std::sync::{Barrier, LazyLock};

use afterword_model::{PostedComment, Refusal};
use afterword_tests::{Request, Server, Setting, new_comment, post_url, wait_for_thread};

const SETTINGS: [Setting<'static>; 3] = [
    ("SITES", "https://blog.example"),
    ("MODERATION", "open"),
    ("SIGNING_KEY", "a-key-for-tests-of-panics-and-of-nothing-else"),
];

static FAULT_SERVER: LazyLock<Server> = LazyLock::new(|| Server::start("http-panic", &SETTINGS, &[]));

/// Eight slow requests run while `path` panics.
fn check(method: &'static str, path: &'static str) {
    let start = Barrier::new(9);
    std::thread::scope(|scope| {
        let slow: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    Request::get("/debug/slow").send(&FAULT_SERVER).status
                })
            })
            .collect();
        start.wait();
        // The first may arrive before the slow requests begin, the others while they run.
        for _ in 0..5 {
            Request::new(method, path).send(&FAULT_SERVER).check_refusal(Refusal::Internal);
        }
        let slow: Vec<u16> = slow.into_iter().map(|request| request.join().unwrap()).collect();
        assert_eq!(slow, [200; 8]);
    });
}

#[test]
fn panic_in_the_worker_fails_only_its_own_request() {
    check("GET", "/debug/panic");
}

#[test]
fn panic_in_the_object_fails_only_its_own_request() {
    check("POST", "/debug/ledger/panic?site=blog.example");
    let url = post_url("panic_object");
    let posted: PostedComment = Request::post_comment(&new_comment(&url, "after the panic")).send(&FAULT_SERVER).json();
    assert_eq!(wait_for_thread(&FAULT_SERVER, &url, 1), [posted.comment]);
}
