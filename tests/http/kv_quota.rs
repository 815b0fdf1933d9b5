//! After part of the daily KV write quota is used, the remaining writes are spread over the day. Removals are not
//! delayed.

use std::time::Duration;

use afterword_model::{CommentId, PostedComment, Status, Thread};
use afterword_tests::{Request, Server, new_comment, post_url, sleep, wait_until};
use serde_json::json;

/// Half of these writes belong to this site. After the fourth of them, the rest are spread. A comment that wakes the
/// object counts as one write.
const SETTINGS: [(&str, &str); 2] = [("PROOF_BITS", "0"), ("KV_WRITES", "20")];

fn count(server: &Server, url: &str) -> u32 {
    Request::get("/v1/thread").query(&[("url", url)]).send(server).json::<Thread>().count
}

fn erase(server: &Server, comment: CommentId) {
    let request = Request::as_moderator("POST", &format!("/admin/api/comments/{comment}/erase"))
        .query(&[("site", "https://blog.example")])
        .header("Content-Type", "application/json")
        .body(json!({}).to_string());
    assert_eq!(request.send(server).status, 200);
}

#[test]
fn writes_are_spread_over_a_busy_day_but_removals_are_immediate() {
    let server = Server::with_spam_checks("http-kv-quota", &SETTINGS);
    let urls = ["first", "second", "third", "fourth"].map(|name| post_url(&format!("kv_quota_{name}")));
    let post = |url: &str| {
        let response = Request::post_comment(&new_comment(url, "Hello")).send(&server);
        assert_eq!(response.status, 201, "{response:?}");
        let posted: PostedComment = response.json();
        assert_eq!(posted.status, Status::Published);
        posted.comment.id
    };
    let [first, second, _] = [&urls[0], &urls[1], &urls[2]].map(|url| {
        let comment = post(url);
        wait_until("a free write", || (count(&server, url) == 1).then_some(comment))
    });
    let last = &urls[3];
    post(last);
    sleep(Duration::from_secs(3));
    assert_eq!(count(&server, last), 0, "the next write is due after a fifth of the day");
    erase(&server, first);
    wait_until("the erased comment to be gone", || (count(&server, &urls[0]) == 0).then_some(()));
    assert_eq!(count(&server, last), 0, "the delayed comment still waits");
    // The next instance knows the quota usage and that removals are urgent.
    let server = server.kill_and_restart();
    erase(&server, second);
    wait_until("the erased comment to be gone", || (count(&server, &urls[1]) == 0).then_some(()));
    assert_eq!(count(&server, last), 0);
}
