//! Concurrent posts: no acknowledged comment is lost or duplicated.

use std::collections::BTreeSet;
use std::sync::Barrier;

use afterword_model::{CommentId, NewComment, PostUrl, PostedComment, Thread};
use afterword_tests::{Kv, Request, new_comment, post_url, wait_for_thread};

use crate::OPEN;

const CLIENTS: usize = 16;
const COMMENTS: usize = 200;

#[test]
fn of_200_comments_by_16_clients_each_is_published_once() {
    let url = post_url("many_in_one");
    let start = Barrier::new(CLIENTS);
    let work = |client: usize| -> Vec<PostedComment> {
        start.wait();
        let mut posted: Vec<PostedComment> = Vec::new();
        for number in (client..COMMENTS).step_by(CLIENTS) {
            // Every third comment replies to one of the same client, so that page boundaries fall between groups of
            // comments.
            let parent = posted.last().filter(|_| number % 3 == 0).map(|posted| posted.comment.id);
            let new = NewComment { parent, ..new_comment(&url, &format!("comment {number}")) };
            let response = Request::post_comment(&new).send(&OPEN);
            assert_eq!(response.status, 201, "{response:?}");
            posted.push(response.json());
        }
        posted
    };
    let posted: Vec<PostedComment> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|client| scope.spawn(move || work(client))).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });

    let acknowledged: BTreeSet<CommentId> = posted.iter().map(|posted| posted.comment.id).collect();
    assert_eq!(acknowledged.len(), COMMENTS, "every comment has its own id");
    let published = wait_for_thread(&OPEN, &url, 200);
    let ids: BTreeSet<CommentId> = published.iter().map(|comment| comment.id).collect();
    assert_eq!((published.len(), ids), (COMMENTS, acknowledged.clone()), "no comment is missing or duplicated");
    for posted in &posted {
        assert!(published.contains(&posted.comment), "published as acknowledged: {posted:?}");
    }
    check_kv(&url, &acknowledged);
}

/// Checks that the pages in KV hold exactly these comments, read with wrangler's own command.
fn check_kv(url: &str, acknowledged: &BTreeSet<CommentId>) {
    let post = PostUrl::parse(url).unwrap();
    let kv = Kv::new(&OPEN);
    let keys: Vec<String> = kv.list(&format!("thread:{url}")).into_iter().map(|(key, _)| key).collect();
    let head: Thread = serde_json::from_str(&kv.get(&format!("thread:{url}"))).unwrap();
    assert!(head.pages > 1, "200 comments span several pages");
    let expected: BTreeSet<String> = (1..=head.pages).map(|page| post.kv_key(page)).collect();
    assert_eq!(keys.iter().cloned().collect::<BTreeSet<_>>(), expected);
    let mut ids = Vec::new();
    for key in &keys {
        let page: Thread = serde_json::from_str(&kv.get(key)).unwrap();
        ids.extend(page.comments.iter().map(|comment| comment.id));
    }
    assert_eq!(ids.len(), acknowledged.len());
    assert_eq!(&ids.into_iter().collect::<BTreeSet<_>>(), acknowledged);
}

#[test]
fn same_submission_ten_times_at_once_is_one_comment() {
    let url = post_url("concurrent_same");
    let new = new_comment(&url, "only once");
    let start = Barrier::new(10);
    let work = || {
        start.wait();
        let response = Request::post_comment(&new).send(&OPEN);
        (response.status, response.json::<PostedComment>())
    };
    let responses: Vec<(u16, PostedComment)> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..10).map(|_| scope.spawn(work)).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let mut statuses: Vec<u16> = responses.iter().map(|(status, _)| *status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 200, 200, 201]);
    let comments: Vec<_> = responses.into_iter().map(|(_, posted)| posted.comment).collect();
    assert!(comments.windows(2).all(|pair| pair[0] == pair[1]), "all responses are equal");
    assert_eq!(wait_for_thread(&OPEN, &url, 1), comments[..1]);
}

#[test]
fn many_threads_at_once_are_published_independently() {
    let start = Barrier::new(CLIENTS);
    let work = |client: usize| {
        let url = post_url(&format!("concurrent_thread_{client}"));
        start.wait();
        let mut texts = Vec::new();
        for number in 0..5 {
            let posted: PostedComment =
                Request::post_comment(&new_comment(&url, &format!("{client} {number}"))).send(&OPEN).json();
            texts.push(posted.comment);
        }
        assert_eq!(wait_for_thread(&OPEN, &url, 5), texts);
    };
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || work(client));
        }
    });
}
