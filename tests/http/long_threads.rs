//! Threads of several pages without JavaScript: answers under their parents, and links to comments.

use std::sync::LazyLock;

use afterword_model::{CommentId, NewComment, PostedComment, Thread};
use afterword_tests::{
    Request, Response, hidden_field, new_comment, post_many_comments, post_url, wait_for_thread, wait_until,
};

use crate::OPEN;

/// A thread of 350 root comments, whose first comment has 60 replies: more than its page has room for.
static LONG: LazyLock<(String, Vec<i64>, Vec<i64>)> = LazyLock::new(|| {
    let url = post_url("long_350");
    let roots: Vec<i64> = post_many_comments(&OPEN, &url, 350).iter().map(|comment| comment.id.get()).collect();
    let replies = (1..=60).map(|number| reply(&url, roots[0], &format!("reply {number}"))).collect();
    wait_for_thread(&OPEN, &url, 410);
    (url, roots, replies)
});

fn reply(url: &str, parent: i64, text: &str) -> i64 {
    let comment = NewComment { parent: Some(CommentId::new(parent)), ..new_comment(url, text) };
    Request::post_comment(&comment).send(&OPEN).json::<PostedComment>().comment.id.get()
}

/// Follows a link of the Worker's own page.
fn follow(link: &str) -> Response {
    let path = link.trim_start_matches(&OPEN.origin()).split('#').next().unwrap().to_owned();
    let response = Request::get(path).send(&OPEN);
    response.check_status(200);
    response
}

/// The `href` of the first link with a class after a position in a page.
fn link<'a>(page: &'a str, class: &str) -> Option<&'a str> {
    let link = page.split(&format!("<a class=\"{class}\"")).nth(1)?;
    link.split("href=\"").nth(1)?.split('"').next()
}

/// Returns true if a page has a comment directly or indirectly within the `<li>` of another one.
fn is_nested(page: &str, comment: i64, parent: i64) -> bool {
    let start = |id: i64| page.find(&format!("<li class=\"aw-item\" id=\"comment-{id}\""));
    let (Some(start_of_parent), Some(start)) = (start(parent), start(comment)) else { return false };
    let Some(between) = page.get(start_of_parent..start) else { return false };
    between.matches("<li ").count() > between.matches("</li>").count()
}

#[test]
fn answers_stand_under_comments_of_early_pages() {
    let url = post_url("long_answers");
    let roots = post_many_comments(&OPEN, &url, 350);
    for (number, index) in [(351, 0), (352, 99), (353, 348)] {
        let parent = roots[index].id.get();
        let form = follow(&format!("/thread?url={url}&reply={parent}"));
        assert!(form.text().contains(&format!("id=\"comment-{parent}\"")), "the form is below the comment");
        let id = hidden_field(form.text(), "id");
        let fields = [("id", &*id), ("url", &url), ("text", "from a plain form"), ("parent", &parent.to_string())];
        let posted = Request::post_form("/thread", &fields).send(&OPEN);
        posted.check_status(303);
        let location = posted.header("location").unwrap();
        let answer: i64 = location.split("#comment-").nth(1).unwrap().parse().unwrap();
        wait_for_thread(&OPEN, &url, number);
        wait_until("the answer under its parent", || is_nested(follow(&location).text(), answer, parent).then_some(()));
    }
}

#[test]
fn a_link_to_a_comment_leads_to_its_page() {
    let (url, roots, replies) = &*LONG;
    let all: Vec<i64> = roots.iter().chain(replies).copied().step_by(17).chain([roots[349], replies[59]]).collect();
    for id in all {
        for path in ["/thread", "/v1/thread.html"] {
            let page = follow(&format!("{path}?url={url}&comment={id}#comment-{id}"));
            assert!(page.text().contains(&format!("id=\"comment-{id}\"")), "{path} {id}");
        }
        let json = Request::get("/v1/thread").query(&[("url", url), ("comment", &id.to_string())]).send(&OPEN);
        assert!(json.json::<Thread>().comments.iter().any(|comment| comment.id.get() == id), "{id}");
    }
    for id in ["0", "-1", "999999999", "9223372036854775807", "99999999999999999999", "x", ""] {
        let page = follow(&format!("/thread?url={url}&comment={id}"));
        assert!(page.text().contains("id=\"comment-"), "{id}: some page of the thread");
    }
}

#[test]
fn links_lead_to_further_replies() {
    let (url, roots, replies) = &*LONG;
    let first = follow(&format!("/thread?url={url}"));
    let (shown, further) = replies.split_at(50);
    assert!(shown.iter().all(|id| is_nested(first.text(), *id, roots[0])));
    assert!(further.iter().all(|id| !first.text().contains(&format!("id=\"comment-{id}\""))));
    let more = wait_until("the link", || {
        let first = follow(&format!("/thread?url={url}"));
        link(first.text(), "aw-more")
            .filter(|link| link.ends_with(&format!("#comment-{}", roots[0])))
            .map(str::to_owned)
    });
    let second = follow(&more.replace("&amp;", "&"));
    assert!(replies.iter().all(|id| is_nested(second.text(), *id, roots[0])), "all replies stand under their parent");
    assert!(second.text().contains(&format!("id=\"comment-{}\"", roots[99])), "with the comments of its page");
    // The next root page follows, not the continuation page.
    let next = follow(&link(second.text(), "aw-more").unwrap().replace("&amp;", "&"));
    assert!(next.text().contains(&format!("id=\"comment-{}\"", roots[100])), "{}", next.text());
}
