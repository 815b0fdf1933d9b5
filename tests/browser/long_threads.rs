//! Threads of several pages on a post: answers under their parents, further replies, and links to comments.

use std::sync::LazyLock;

use afterword_model::{CommentId, NewComment, PostedComment};
use afterword_tests::{
    Browser, BrowserOptions, HostPage, Request, Widget, new_comment, post_many_comments, post_url, wait_for_thread,
    wait_until_async,
};

use crate::{HOST, OPEN};

/// A thread of 120 root comments. The first has 60 replies, for which its page does not have the room.
static LONG: LazyLock<(Vec<i64>, Vec<i64>)> = LazyLock::new(|| {
    let url = post_url("long_replies");
    let roots: Vec<i64> = post_many_comments(&OPEN, &url, 120).iter().map(|comment| comment.id.get()).collect();
    let reply = |number: u32| {
        let parent = Some(CommentId::new(roots[0]));
        let comment = NewComment { parent, ..new_comment(&url, &format!("reply {number}")) };
        Request::post_comment(&comment).send(&OPEN).json::<PostedComment>().comment.id.get()
    };
    let replies = (1..=60).map(reply).collect();
    wait_for_thread(&OPEN, &url, 180);
    (roots, replies)
});

/// Waits until a comment is on the screen, below this one (`""` for a root comment).
async fn wait_for_comment(widget: &Widget<'_>, id: &str, parent: &str) {
    let poll = async || {
        let shown = widget.shown_comments().await;
        let found = shown.iter().find(|comment| comment.id == id);
        if found.is_some_and(|comment| comment.parent == parent) { Ok(()) } else { Err(found.cloned()) }
    };
    wait_until_async(&format!("comment {id} below {parent:?}"), poll).await;
}

#[tokio::test]
async fn answers_stand_under_comments_of_any_page_after_a_reload() {
    let url = post_url("long_350");
    let roots = post_many_comments(&OPEN, &url, 350);
    let page = HOST.publish(&HostPage::new(&OPEN, "long_350"));
    let reader = Browser::open(BrowserOptions::default()).await;
    for (number, index) in [(351, 0), (352, 99), (353, 348)] {
        let parent = roots[index].id.to_string();
        reader.visit("about:blank").await;
        reader.visit(&format!("{page}#comment-{parent}")).await;
        reader.widget().wait_until_running().await;
        reader.widget().reply(&parent, "Ada", &format!("An answer to {index}")).await;
        let text = format!("An answer to {index}");
        let poll = async || {
            let shown = reader.widget().shown_comments().await;
            shown.into_iter().find(|comment| comment.text == text).ok_or("no answer")
        };
        let answer = wait_until_async("the answer", poll).await;
        assert_eq!(answer.parent, parent, "at once");
        reader.reload().await;
        wait_for_comment(&reader.widget(), &answer.id, &parent).await;
        wait_for_thread(&OPEN, &url, number);
        // Another browser, which does not know the comment.
        let other = Browser::open(BrowserOptions::default()).await;
        other.visit(&format!("{page}#comment-{}", answer.id)).await;
        wait_for_comment(&other.widget(), &answer.id, &parent).await;
        other.widget().wait_for_focus(&format!("#comment-{}", answer.id)).await;
        other.close().await;
    }
    reader.close().await;
}

#[tokio::test]
async fn further_replies_are_loaded_in_their_place() {
    let (roots, replies) = &*LONG;
    let page = HOST.publish(&HostPage::new(&OPEN, "long_replies"));
    let reader = Browser::open(BrowserOptions::default()).await;
    let more = format!("#comment-{} > .aw-more", roots[0]);
    // The link is published within a minute.
    let poll = async || {
        reader.visit(&page).await;
        reader.widget().find(".aw-form").await;
        if reader.widget().count(&more).await == 1 { Ok(()) } else { Err("no link") }
    };
    wait_until_async("the link to further replies", poll).await;
    let widget = reader.widget();
    assert_eq!(widget.shown_comments().await.len(), 150);
    widget.find(&more).await.click().await.expect("the link can be pressed");
    wait_for_comment(&widget, &replies[59].to_string(), &roots[0].to_string()).await;
    let shown = widget.shown_comments().await;
    let expected: Vec<String> =
        [roots[0]].iter().chain(replies).chain(&roots[1..100]).map(ToString::to_string).collect();
    assert_eq!(shown.iter().map(|comment| comment.id.clone()).collect::<Vec<_>>(), expected);
    assert_eq!(widget.count(&more).await, 0, "all replies are loaded");
    widget.wait_for_focus(&format!("#comment-{}", replies[50])).await;
    // The page after it has the next root comments.
    widget.find(".aw-more").await.click().await.expect("the link can be pressed");
    wait_for_comment(&widget, &roots[119].to_string(), "").await;
    assert_eq!(widget.shown_comments().await.len(), 180);
    assert_eq!(widget.count("a[data-page]").await, 0, "everything is on the screen");
    reader.close().await;
}

#[tokio::test]
async fn a_link_to_a_comment_of_a_later_page_loads_that_page() {
    let (roots, replies) = &*LONG;
    let page = HOST.publish(&HostPage::new(&OPEN, "long_replies"));
    let reader = Browser::open(BrowserOptions::default()).await;
    let last = roots[119];
    reader.visit(&format!("{page}#comment-{last}")).await;
    reader.widget().wait_for_focus(&format!("#comment-{last}")).await;
    // A link on the page itself, to a comment on a continuation page.
    let further = replies[59];
    reader.run(&format!("location.hash = '#comment-{further}'"), Vec::new()).await;
    reader.widget().wait_for_focus(&format!("#comment-{further}")).await;
    wait_for_comment(&reader.widget(), &further.to_string(), &roots[0].to_string()).await;
    // From there the reader gets to the other pages.
    reader.widget().find(".aw-more").await.click().await.expect("the link can be pressed");
    wait_for_comment(&reader.widget(), &last.to_string(), "").await;
    assert_eq!(reader.widget().count(&format!("[id='comment-{last}']")).await, 1);
    // A comment that does not exist changes nothing.
    let before = reader.widget().count(".aw-item").await;
    reader.run("location.hash = '#comment-999999999'", Vec::new()).await;
    reader.widget().find(".aw-form").await;
    assert!(reader.widget().count(".aw-item").await > 0, "{before} before");
    reader.close().await;
}

#[tokio::test]
async fn earlier_pages_are_loaded_above() {
    let (roots, _) = &*LONG;
    let page = HOST.publish(&HostPage::new(&OPEN, "long_replies"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&format!("{page}#comment-{}", roots[110])).await;
    let widget = reader.widget();
    widget.wait_for_focus(&format!("#comment-{}", roots[110])).await;
    widget.find(".aw-earlier").await.click().await.expect("the link can be pressed");
    wait_for_comment(&widget, &roots[0].to_string(), "").await;
    let shown: Vec<String> =
        widget.shown_comments().await.into_iter().filter(|it| it.parent.is_empty()).map(|it| it.id).collect();
    assert_eq!(shown, roots.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(reader.current_url().await, format!("{page}#comment-{}", roots[110]), "the reader stays on the post");
    reader.close().await;
}
