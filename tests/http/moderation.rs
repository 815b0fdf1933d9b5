//! The setting `MODERATION`: who is read at once, and who waits.

use afterword_model::{NewComment, PostedComment, Refusal, Status};
use afterword_tests::{Call, Kv, Server, comment, cost, post_url, whole_thread};

const KNOWN: &str = "Bearer a-known-author-0123456789ab";
const NEW: &str = "Bearer a-new-author-0123456789abcd";

fn post(server: &Server, new: &NewComment, key: Option<&str>) -> PostedComment {
    let mut call = Call::post(new);
    if let Some(key) = key {
        call = call.header("Authorization", key);
    }
    let answer = call.send(server);
    assert_eq!(answer.status, 201, "{answer:?}");
    let [_, object] = cost(&answer);
    assert_eq!(object, 1);
    answer.json()
}

/// One server goes through all three policies, for what one of them lets through decides in the next.
#[test]
fn each_policy_holds_whom_it_should() {
    let server = Server::moderated("http-moderation", "open");
    let url = post_url("moderation");
    let published = post(&server, &comment(&url, "under open"), Some(KNOWN));
    assert_eq!(published.status, Status::Published);
    whole_thread(&server, &url, 1);

    let server = server.restart_moderated("first");
    assert_eq!(post(&server, &comment(&url, "by a new author"), Some(NEW)).status, Status::Pending);
    assert_eq!(post(&server, &comment(&url, "by a new author again"), Some(NEW)).status, Status::Pending);
    assert_eq!(post(&server, &comment(&url, "by nobody"), None).status, Status::Pending);
    let trusted = post(&server, &comment(&url, "by a known author"), Some(KNOWN));
    assert_eq!(trusted.status, Status::Published);
    assert_eq!(whole_thread(&server, &url, 2), [published.comment.clone(), trusted.comment.clone()]);

    let server = server.restart_moderated("all");
    let new = comment(&url, "under all");
    let held = post(&server, &new, Some(KNOWN));
    assert_eq!(held.status, Status::Pending);
    let again = Call::post(&new).header("Authorization", KNOWN).send(&server);
    assert_eq!((again.status, again.json::<PostedComment>()), (200, held.clone()));
    let under_held = NewComment { parent: Some(held.comment.id), ..comment(&url, "under what waits") };
    Call::post(&under_held).send(&server).check_refusal(Refusal::UnknownParent);

    assert_eq!(whole_thread(&server, &url, 2), [published.comment, trusted.comment], "what waits is not to be read");
    let stored = Kv::of(&server).get(&format!("thread:{url}"));
    for text in ["by a new author", "by nobody", "under all"] {
        assert!(!stored.contains(text), "what waits is not in KV: {stored}");
    }
}
