//! The setting `MODERATION`: which comments are published at once and which are held.

use afterword_model::{NewComment, PostedComment, Refusal, Status};
use afterword_tests::{Kv, Request, Server, new_comment, post_url, usage, wait_for_thread};

const KNOWN: &str = "Bearer a-known-author-0123456789ab";
const NEW: &str = "Bearer a-new-author-0123456789abcd";

fn post(server: &Server, new: &NewComment, key: Option<&str>) -> PostedComment {
    let mut request = Request::post_comment(new);
    if let Some(key) = key {
        request = request.header("Authorization", key);
    }
    let response = request.send(server);
    assert_eq!(response.status, 201, "{response:?}");
    let [_, object] = usage(&response);
    assert_eq!(object, 1);
    response.json()
}

/// One server goes through all three policies, because approval under one decides about trust under the next.
#[test]
fn each_policy_holds_the_right_comments() {
    let server = Server::with_moderation("http-moderation", "open");
    let url = post_url("moderation");
    let published = post(&server, &new_comment(&url, "under open"), Some(KNOWN));
    assert_eq!(published.status, Status::Published);
    wait_for_thread(&server, &url, 1);

    let server = server.restart_with_moderation("first");
    assert_eq!(post(&server, &new_comment(&url, "by a new author"), Some(NEW)).status, Status::Pending);
    assert_eq!(post(&server, &new_comment(&url, "by a new author again"), Some(NEW)).status, Status::Pending);
    assert_eq!(post(&server, &new_comment(&url, "by nobody"), None).status, Status::Pending);
    let trusted = post(&server, &new_comment(&url, "by a known author"), Some(KNOWN));
    assert_eq!(trusted.status, Status::Published);
    assert_eq!(wait_for_thread(&server, &url, 2), [published.comment.clone(), trusted.comment.clone()]);

    let server = server.restart_with_moderation("all");
    let new = new_comment(&url, "under all");
    let held = post(&server, &new, Some(KNOWN));
    assert_eq!(held.status, Status::Pending);
    let again = Request::post_comment(&new).header("Authorization", KNOWN).send(&server);
    assert_eq!((again.status, again.json::<PostedComment>()), (200, held.clone()));
    let under_held = NewComment { parent: Some(held.comment.id), ..new_comment(&url, "under what waits") };
    Request::post_comment(&under_held).send(&server).check_refusal(Refusal::UnknownParent);

    assert_eq!(
        wait_for_thread(&server, &url, 2),
        [published.comment, trusted.comment],
        "pending comments are not published"
    );
    let stored = Kv::new(&server).get(&format!("thread:{url}"));
    for text in ["by a new author", "by nobody", "under all"] {
        assert!(!stored.contains(text), "pending comments are not in KV: {stored}");
    }
}
