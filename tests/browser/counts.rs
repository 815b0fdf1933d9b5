//! `count.js`: numbers of comments on pages with many posts.

use afterword_model::{CommentId, NewComment, PostedComment, Thread};
use afterword_tests::{
    Browser, BrowserOptions, Request, new_comment, post_url, wait_for_thread, wait_until, wait_until_async,
};
use serde_json::{Value, json};

use crate::{HOST, OPEN, post_thread};

/// Publishes a page with this body and the script, and returns its address.
fn page_with(name: &str, html_attributes: &str, body: &str, script_attributes: &str) -> String {
    let script = format!("<script src=\"{}/count.js\" {script_attributes} async></script>", OPEN.origin());
    HOST.publish_file(
        &format!("/{name}"),
        &format!("<!doctype html><html {html_attributes}><title>Posts</title>{script}{body}</html>"),
    )
}

/// The texts of all elements for counts.
const TEXTS: &str =
    "return [...document.querySelectorAll('[data-afterword-count]')].map((element) => element.textContent)";

async fn wait_for_texts(reader: &Browser, expected: &[&str]) {
    let poll = async || {
        let texts = reader.run(TEXTS, Vec::new()).await;
        if texts == json!(expected) { Ok(()) } else { Err(texts) }
    };
    wait_until_async("the counts", poll).await;
}

/// Number of calls for counts since the last look.
async fn calls(reader: &Browser) -> usize {
    reader.requests().await.iter().filter(|request| request.contains("/v1/counts")).count()
}

#[tokio::test]
async fn counts_fill_a_page_in_one_call_and_follow_its_changes() {
    post_thread("counted_two", &[("one", None), ("two", Some(0))]);
    post_thread("counted_one", &[("one", None)]);
    let body = "<a href='/counted_two' data-afterword-count=''></a>
        <h2><a href='/counted_one?utm_source=x'>Post</a> <span data-afterword-count=''>Comments</span></h2>
        <span data-afterword-count='https://blog.example/counted_none'></span>
        <span data-afterword-count='/counted_two' data-other='{n} replies'></span>";
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page_with("counts_page", "lang=en", body, "data-none='Be the first'")).await;
    wait_for_texts(&reader, &["2 comments", "1 comment", "Be the first", "2 replies"]).await;
    assert_eq!(calls(&reader).await, 1, "one call for all posts");
    // As Turbo and htmx do, and as a framework that reuses elements does.
    reader.run("document.body.insertAdjacentHTML('beforeend', '<p><a href=\"/counted_one\" data-afterword-count></a></p>')", Vec::new()).await;
    reader
        .run(
            "document.querySelector('[data-afterword-count]').setAttribute('data-afterword-count', '/counted_none')",
            Vec::new(),
        )
        .await;
    wait_for_texts(&reader, &["Be the first", "1 comment", "Be the first", "2 replies", "1 comment"]).await;
    assert_eq!(calls(&reader).await, 1, "one call for what is new");
    reader.run("document.body.insertAdjacentHTML('beforeend', '<p>Nothing to count</p>')", Vec::new()).await;
    let again = "const tag = document.createElement('script'); tag.src = document.scripts[0].src;
        tag.onload = () => setTimeout(arguments[0], 400); document.head.append(tag)";
    reader.run_async(again).await;
    assert_eq!(calls(&reader).await, 0, "neither another change nor a second tag asks again");
    reader.close().await;
}

#[tokio::test]
async fn counts_are_in_the_language_of_the_page_and_in_batches() {
    post_thread("counted_german", &[("one", None)]);
    let posts: String =
        (0..130).map(|number| format!("<i data-afterword-count='/counted_many_{number}'></i>")).collect();
    let reader = Browser::open(BrowserOptions::default()).await;
    let body = format!("<i data-afterword-count='/counted_german'></i>{posts}");
    reader.visit(&page_with("counts_german", "lang=de-AT", &body, "")).await;
    let mut expected = vec!["1 Kommentar"];
    expected.extend(["0 Kommentare"; 130]);
    wait_for_texts(&reader, &expected).await;
    assert_eq!(calls(&reader).await, 2, "a hundred posts in a call");
    reader.close().await;
}

#[tokio::test]
async fn elements_stay_as_they_are_without_the_worker() {
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.block_requests(Some("/v1/counts")).await;
    reader.visit(&page_with("counts_down", "lang=en", "<a href='/x' data-afterword-count>Comments</a>", "")).await;
    let tried = async || if calls(&reader).await > 0 { Ok(()) } else { Err("no call") };
    wait_until_async("the call", tried).await;
    reader.run_async("setTimeout(arguments[0], 300)").await;
    assert_eq!(reader.run(TEXTS, Vec::new()).await, json!(["Comments"]));
    reader.close().await;
}

/// Numbers that look random (the last step of SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end.max(1) as u64).unwrap_or_default()
    }
}

fn moderate(comment: CommentId, action: &str) -> bool {
    let request = Request::as_moderator("POST", &format!("/admin/api/comments/{comment}/{action}"))
        .query(&[("site", "https://blog.example")])
        .header("Content-Type", "application/json")
        .body("{}");
    request.send(&OPEN).status == 200
}

#[tokio::test]
async fn heading_counts_and_comments_agree_over_a_random_history() {
    let seed = std::env::var("AFTERWORD_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(11);
    println!("AFTERWORD_SEED={seed}");
    let (mut random, url) = (Random(seed), post_url("counts_history"));
    let (mut comments, mut visible): (Vec<CommentId>, Vec<CommentId>) = (Vec::new(), Vec::new());
    let post = HOST.publish_file(
        "/counts_history",
        &format!(
            "<!doctype html><html lang=en><title>Post</title><body><script src=\"{}/embed.js\"></script></html>",
            OPEN.origin()
        ),
    );
    let reader = Browser::open(BrowserOptions::default()).await;
    for round in 0..8 {
        for _ in 0..6 {
            let chosen = comments.get(random.below(comments.len())).copied();
            match (random.below(5), chosen) {
                (0, Some(comment)) if moderate(comment, "unpublish") => visible.retain(|other| *other != comment),
                (1, Some(comment)) if moderate(comment, "erase") => visible.retain(|other| *other != comment),
                (2, Some(comment)) if moderate(comment, "approve") => {
                    visible.retain(|other| *other != comment);
                    visible.push(comment);
                }
                _ => {
                    let parent = visible.get(random.below(visible.len() + 1)).copied();
                    let new = NewComment { parent, ..new_comment(&url, &format!("{round} {}", comments.len())) };
                    let posted: PostedComment = Request::post_comment(&new).send(&OPEN).json();
                    comments.push(posted.comment.id);
                    visible.push(posted.comment.id);
                }
            }
        }
        let count = u32::try_from(visible.len()).expect("few comments");
        wait_for_thread(&OPEN, &url, count);
        wait_until("the last removal", || {
            let thread: Thread = Request::get("/v1/thread").query(&[("url", &url)]).send(&OPEN).json();
            (thread.comments.iter().filter(|comment| !comment.deleted).count() == visible.len()).then_some(())
        });
        let text = if count == 1 { "1 comment".to_owned() } else { format!("{count} comments") };
        // The answer may be a minute old, so each round asks by another address of the post.
        let link = format!("<a href='/counts_history?utm_source=round-{round}' data-afterword-count></a>");
        reader.visit(&page_with(&format!("counts_history_list_{round}"), "lang=en", &link, "")).await;
        wait_for_texts(&reader, &[&text]).await;
        reader.visit(&post).await;
        reader.widget().find(".aw-title").await;
        let shown = "return [root.querySelector('.aw-title').textContent, root.querySelectorAll('.aw-item > :not(.aw-deleted)[part=comment]').length]";
        let shown = reader.widget().run(shown, Vec::<Value>::new()).await;
        let heading = if count == 0 { "Comments".to_owned() } else { text };
        assert_eq!(shown, json!([heading, count]), "after round {round}");
    }
    reader.close().await;
}
