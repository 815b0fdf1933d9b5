//! The runtime is killed while comments arrive. Every acknowledged comment exists afterwards, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use afterword_model::{Comment, CommentId, NewComment, PostedComment, Thread};
use afterword_tests::{Request, Server, new_comment, post_url, wait_for_thread, wait_until};

const CLIENTS: usize = 4;
/// Comments acknowledged before the kill.
const COMMENTS_BEFORE_KILL: usize = 40;
const ROUNDS: usize = 3;

#[test]
fn acknowledged_comments_survive_a_kill_and_repeats_add_none() {
    let url = post_url("crash_recovery");
    let mut server = Server::with_moderation("http-crash-recovery", "open");
    let mut acknowledged = BTreeMap::new();
    for _ in 0..ROUNDS {
        let (round, unanswered, killed) = post_until_killed(server, &url);
        acknowledged.extend(round);
        server = killed;
        // Without further posts, the alarm must publish what the crash left unpublished.
        wait_until("acknowledged comments to be published by the alarm", || {
            let visible = published(&server, &url);
            acknowledged.keys().all(|id| visible.contains(id)).then_some(())
        });
        // A client without a response repeats its submission, whether it was stored before or not.
        for new in unanswered {
            let posted: PostedComment = Request::post_comment(&new).send(&server).json();
            acknowledged.insert(posted.comment.id, posted.comment);
        }
        let count = u32::try_from(acknowledged.len()).unwrap();
        let published = wait_for_thread(&server, &url, count);
        assert_eq!(published, acknowledged.values().cloned().collect::<Vec<_>>(), "every comment once and in order");
    }
}

/// The comments that readers currently see.
fn published(server: &Server, url: &str) -> BTreeSet<CommentId> {
    let page = |page: u32| -> Thread {
        Request::get("/v1/thread").query(&[("url", url), ("page", &page.to_string())]).send(server).json()
    };
    let first = page(1);
    let others = (2..=first.pages).map(page).flat_map(|thread| thread.comments);
    first.comments.iter().map(|comment| comment.id).chain(others.map(|comment| comment.id)).collect()
}

type Acknowledged = BTreeMap<CommentId, Comment>;

/// Posts from several clients until the server is killed. Returns the acknowledged comments, the submissions without a
/// response, and the restarted server.
fn post_until_killed(server: Server, url: &str) -> (Acknowledged, Vec<NewComment>, Server) {
    let (answered, unanswered) = (Mutex::new(Acknowledged::new()), Mutex::new(Vec::new()));
    let number = AtomicUsize::new(0);
    let origin = server.origin();
    let killed = std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let new = new_comment(url, &format!("number {}", number.fetch_add(1, Ordering::Relaxed)));
                    match Request::post_comment(&new).try_send(&origin) {
                        Some(response) => {
                            let posted: PostedComment = response.json();
                            answered.lock().unwrap().insert(posted.comment.id, posted.comment);
                        }
                        None => return unanswered.lock().unwrap().push(new),
                    }
                }
            });
        }
        wait_until("the first comments", || (answered.lock().unwrap().len() >= COMMENTS_BEFORE_KILL).then_some(()));
        server.kill()
    });
    (answered.into_inner().unwrap(), unanswered.into_inner().unwrap(), killed.restart())
}
