//! The day's writes to KV are spread over the day once many were spent; what is taken away does not wait for them.

use std::time::Duration;

use afterword_model::{Posted, Status, Thread};
use afterword_tests::{Call, Server, comment, pause, post_url, until};
use serde_json::json;

/// Of so many writes, half are those of this site, and of those four are spent freely; a comment that woke the object up counts as two.
const SETTINGS: [(&str, &str); 2] = [("PROOF_BITS", "0"), ("KV_WRITES", "20")];

fn count(server: &Server, url: &str) -> u32 {
    Call::get("/v1/thread").query(&[("url", url)]).send(server).json::<Thread>().count
}

#[test]
fn a_busy_day_is_published_slowly_but_what_is_taken_away_at_once() {
    let server = Server::guarded("http-budget", &SETTINGS);
    let urls = ["first", "second", "third"].map(|name| post_url(&format!("budget_{name}")));
    let post = |url: &str| {
        let answer = Call::post(&comment(url, "Hello")).send(&server);
        assert_eq!(answer.status, 201, "{answer:?}");
        let posted: Posted = answer.json();
        assert_eq!(posted.status, Status::Published);
        posted.comment.id
    };
    let [first, ..] = [&urls[0], &urls[1]].map(|url| {
        let comment = post(url);
        until("a free write", || (count(&server, url) == 1).then_some(comment))
    });
    post(&urls[2]);
    pause(Duration::from_secs(3));
    assert_eq!(count(&server, &urls[2]), 0, "a fifth of the day is to go by before");
    let erase = Call::moderator("POST", &format!("/admin/api/comments/{first}/erase"))
        .query(&[("site", "https://blog.example")])
        .header("Content-Type", "application/json")
        .body(json!({}).to_string());
    assert_eq!(erase.send(&server).status, 200);
    until("the erased comment to be gone", || (count(&server, &urls[0]) == 0).then_some(()));
    assert_eq!(count(&server, &urls[2]), 0, "the other one goes on waiting");
    // The next instance knows what this one has spent.
    let server = server.kill_and_restart();
    post_again(&server, &urls[1]);
    pause(Duration::from_secs(12));
    assert_eq!([&urls[1], &urls[2]].map(|url| count(&server, url)), [1, 0]);
}

/// Wakes the object up with something to publish.
fn post_again(server: &Server, url: &str) {
    assert_eq!(Call::post(&comment(url, "Again")).send(server).status, 201);
}
