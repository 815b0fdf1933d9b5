//! `GET /v1/feed`, `GET /v1/latest` and `GET /v1/latest.html`: the latest comments of a post and of a site, from KV alone.

use afterword_model::{CommentId, LatestComments, PostedComment, Refusal, Thread};
use afterword_tests::{
    Request, Response, Server, new_comment, post_many_comments, post_url, usage, wait_for_thread, wait_until,
};
use serde_json::json;

const SITE: &str = "https://blog.example";

fn get(server: &Server, path: &str, query: &[(&str, &str)]) -> Response {
    let response = Request::get(path).query(query).header("Origin", "https://anybody.example").send(server);
    assert_eq!(response.status, 200, "{path} {query:?}: {response:?}");
    assert_eq!(response.header("access-control-allow-origin").as_deref(), Some("*"), "{path}");
    response
}

fn feed(server: &Server, query: &[(&str, &str)]) -> String {
    let response = get(server, "/v1/feed", query);
    assert_eq!(response.header("content-type").as_deref(), Some("application/atom+xml; charset=utf-8"));
    response.text().to_owned()
}

/// The ids of the entries of a feed, in their order.
fn entries(feed: &str) -> Vec<i64> {
    let ids = feed
        .split("<entry>")
        .skip(1)
        .filter_map(|entry| entry.split("<id>https://blog.example/#comment-").nth(1)?.split('<').next()?.parse().ok());
    ids.collect()
}

fn post(server: &Server, url: &str, text: &str) -> CommentId {
    let response = Request::post_comment(&new_comment(url, text)).send(server);
    assert_eq!(response.status, 201, "{response:?}");
    response.json::<PostedComment>().comment.id
}

fn act(server: &Server, path: &str, body: &serde_json::Value) {
    let request = Request::as_moderator("POST", &format!("/admin/api/{path}"))
        .query(&[("site", SITE)])
        .header("Content-Type", "application/json")
        .body(body.to_string());
    let response = request.send(server);
    assert_eq!(response.status, 200, "{path}: {response:?}");
}

/// Waits until the latest comments are these. New ones take a minute, removed ones and titles a moment.
fn wait_for_latest(server: &Server, expected: &[CommentId]) -> LatestComments {
    wait_until("the latest comments", || {
        let latest: LatestComments = get(server, "/v1/latest", &[("site", SITE), ("count", "20")]).json();
        let ids: Vec<CommentId> = latest.comments.iter().map(|latest| latest.comment.id).collect();
        (ids == expected).then_some(latest)
    })
}

#[test]
fn site_feed_has_the_latest_comments_and_forgets_erased_ones_at_once() {
    let server = Server::with_moderation("http-feeds-site", "open");
    let (first, second) = (post_url("feeds_first"), post_url("feeds_second"));
    assert_eq!(entries(&feed(&server, &[("site", SITE)])), Vec::<i64>::new(), "before the first comment");
    let comments =
        [post(&server, &first, "*one* & only"), post(&server, &second, "canary-7f3"), post(&server, &first, "three")];
    wait_for_thread(&server, &first, 2);
    // A new title does not wait for a minute.
    act(&server, "threads/title", &json!({ "url": first, "title": "Spring <b>" }));
    wait_for_latest(&server, &[comments[2], comments[1], comments[0]]);
    let text = feed(&server, &[("site", SITE)]);
    assert_eq!(entries(&text), [comments[2], comments[1], comments[0]].map(CommentId::get));
    assert!(text.contains("&lt;em&gt;one&lt;/em&gt; &amp;amp; only") && text.contains("Spring &lt;b&gt;"), "{text}");
    act(&server, &format!("comments/{}/erase", comments[1]), &json!({}));
    wait_for_latest(&server, &[comments[2], comments[0]]);
    for (path, query) in
        [("/v1/feed", ("site", SITE)), ("/v1/latest.html", ("site", SITE)), ("/v1/feed", ("url", second.as_str()))]
    {
        get(&server, path, &[query]).check_omits("canary-7f3");
    }
}

#[test]
fn feed_of_a_post_has_a_comment_that_was_approved_late() {
    let server = Server::with_moderation("http-feeds-late", "all");
    let url = post_url("feeds_late");
    let [early, late, other] = ["early", "late", "other"].map(|text| post(&server, &url, text));
    for comment in [early, other, late] {
        act(&server, &format!("comments/{comment}/approve"), &json!({}));
    }
    let comments = wait_for_thread(&server, &url, 3);
    let since: Vec<_> = comments.iter().map(|comment| (comment.id, comment.since)).collect();
    assert_eq!(since, [(early, Some(1)), (late, Some(3)), (other, Some(2))]);
    let response = get(&server, "/v1/feed", &[("url", &url)]);
    assert_eq!(entries(response.text()), [late, other, early].map(CommentId::get));
    assert_eq!(usage(&response), [2, 0], "the thread and the latest comments of the site");
    assert!(response.text().contains(&format!("{url}#comment-{late}")), "{}", response.text());
    let fragment = get(&server, "/v1/thread.html", &[("url", &url)]);
    let element = fragment.text().split(&format!("id=\"comment-{late}\"")).nth(1).unwrap();
    assert!(element.split("<p").next().unwrap().contains("data-since=\"3\""), "{element}");
    assert!(fragment.text().contains("data-version=\"3\""), "{}", fragment.text());
}

#[test]
fn feed_of_a_long_thread_has_its_newest_comments() {
    let server = Server::with_moderation("http-feeds-long", "open");
    let url = post_url("feeds_long");
    let comments = post_many_comments(&server, &url, 130);
    let response = get(&server, "/v1/feed", &[("url", &url)]);
    let mut newest: Vec<i64> = comments.iter().map(|comment| comment.id.get()).collect();
    newest.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
    let listed = entries(response.text());
    assert_eq!(listed[..30], newest[..30]);
    assert_eq!(listed.len(), LatestComments::MAX);
    let [reads, objects] = usage(&response);
    assert!(reads <= 5 && objects == 0, "{reads} reads");
}

#[test]
fn feeds_are_revalidated_and_cached() {
    let server = Server::with_moderation("http-feeds-etag", "open");
    let url = post_url("feeds_etag");
    post(&server, &url, "one");
    wait_for_thread(&server, &url, 1);
    for (path, query) in
        [("/v1/feed", [("url", url.as_str())]), ("/v1/latest", [("site", SITE)]), ("/v1/latest.html", [("site", SITE)])]
    {
        let response = get(&server, path, &query);
        let etag = response.header("etag").expect("an ETag");
        assert_eq!(response.header("cache-control").as_deref(), Some("public, max-age=60"), "{path}");
        let again = Request::get(path).query(&query).header("If-None-Match", &etag).send(&server);
        assert_eq!((again.status, again.bytes()), (304, &b""[..]), "{path}");
        let other = Request::get(path).query(&query).header("If-None-Match", "\"x\"").send(&server);
        assert_eq!((other.status, other.bytes()), (200, response.bytes()), "{path}");
    }
    let german = get(&server, "/v1/feed", &[("url", &url), ("lang", "de")]);
    assert!(german.text().contains("xml:lang=\"de\""), "{}", german.text());
}

#[test]
fn latest_comments_are_a_list_for_a_sidebar() {
    let server = Server::with_moderation("http-latest", "open");
    let url = post_url("latest_list");
    let ids: Vec<CommentId> =
        (0..7).map(|number| post(&server, &url, &format!("number {number} {}", "word ".repeat(40)))).collect();
    wait_for_thread(&server, &url, 7);
    act(&server, "threads/title", &json!({ "url": url, "title": "A \"post\"" }));
    let newest: Vec<CommentId> = ids.iter().rev().copied().collect();
    let latest = wait_for_latest(&server, &newest);
    assert_eq!((latest.comments[0].url.as_str(), latest.comments[0].title.as_str()), (url.as_str(), "A \"post\""));
    let response = get(&server, "/v1/latest.html", &[("site", SITE)]);
    assert_eq!(usage(&response), [1, 0]);
    let list = response.text();
    assert_eq!(list.matches("<li ").count(), 5, "{list}");
    assert!(
        list.contains(&format!("href=\"{url}#comment-{}\"", ids[6])) && list.contains("A &quot;post&quot;"),
        "{list}"
    );
    assert!(list.contains("number 6 word") && list.contains("word…</p>") && !list.contains("<script"), "{list}");
    let two: LatestComments = get(&server, "/v1/latest", &[("site", "http://blog.example/"), ("count", "2")]).json();
    assert_eq!(two.comments.len(), 2);
    let thread: Thread = get(&server, "/v1/thread", &[("url", &url)]).json();
    assert!(thread.comments.contains(&two.comments[0].comment), "the comment as in its thread");
}

#[test]
fn requests_for_other_feeds_are_refused() {
    let server = Server::start("http-feeds-refused", &[("SITES", "https://blog.example https://two.example")], &[]);
    let refuse = |path: &str, query: &[(&str, &str)], refusal: Refusal| {
        let response = Request::get(path).query(query).send(&server);
        response.check_refusal(refusal);
        response.check_omits("canary-7f3");
    };
    for path in ["/v1/feed", "/v1/latest", "/v1/latest.html"] {
        refuse(path, &[], Refusal::BadQuery);
        refuse(path, &[("site", "https://canary-7f3.example")], Refusal::UnknownSite);
        for invalid in ["", "canary-7f3", "https://blog.example/post", "https://u:canary-7f3@blog.example"] {
            refuse(path, &[("site", invalid)], Refusal::BadUrl);
        }
    }
    refuse("/v1/feed", &[("url", "https://canary-7f3.example/x")], Refusal::UnknownSite);
    refuse("/v1/feed", &[("url", "canary-7f3")], Refusal::BadUrl);
    for count in ["0", "21", "-1", "canary-7f3", "1e1"] {
        refuse("/v1/latest", &[("site", SITE), ("count", count)], Refusal::BadQuery);
    }
}
