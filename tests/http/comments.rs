//! `POST /v1/comments`: storage without duplicates, and the response.

use std::time::{SystemTime, UNIX_EPOCH};

use afterword_model::{Author, CommentId, NewComment, PostedComment, Refusal, Status};
use afterword_tests::{Request, Response, new_comment, post_url, usage, wait_for_thread};

use crate::OPEN;

const KEY: &str = "Bearer abcdefghijklmnopqrstuvwxyz012345";

fn post(new: &NewComment) -> Response {
    Request::post_comment(new).send(&OPEN)
}

#[test]
fn comment_is_accepted_rendered_and_published() {
    let url = post_url("post_one");
    let text = "Hello **there**\nsecond line, <b>no markup</b>, https://rust-lang.org";
    let response = post(&new_comment(&url, text));
    assert_eq!(response.status, 201);
    let [_, object] = usage(&response);
    assert_eq!(object, 1, "a comment costs one request to the object");
    let posted: PostedComment = response.json();
    assert_eq!((posted.status, posted.comment.parent), (Status::Published, None));
    assert!(posted.version > 0);
    let html = posted.comment.html.as_str();
    for part in
        ["<strong>there</strong>", "&lt;b&gt;no markup&lt;/b&gt;", "<br", "href=\"https://rust-lang.org", "nofollow"]
    {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert!((posted.comment.created - now()).abs() < 120, "{posted:?}");
    assert_eq!(wait_for_thread(&OPEN, &url, 1), [posted.comment]);
}

#[expect(clippy::disallowed_methods, reason = "compares the Worker's clock with this machine's")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

#[test]
fn repeated_submission_gets_the_same_response() {
    let url = post_url("post_again");
    let new = new_comment(&url, "once");
    let first: PostedComment = post(&new).json();
    let upper =
        NewComment { id: new.id.to_uppercase(), title: Some("The page changed its title".to_owned()), ..new.clone() };
    for again in [&new, &upper] {
        let response = post(again);
        assert_eq!((response.status, response.json::<PostedComment>()), (200, first.clone()));
    }
    assert_eq!(wait_for_thread(&OPEN, &url, 1), [first.comment]);
}

#[test]
fn reused_id_is_refused_without_revealing_the_first_comment() {
    let url = post_url("post_reused");
    let new = new_comment(&url, "what was written first");
    assert_eq!(post(&new).status, 201);
    let others = [
        NewComment { text: "something else".to_owned(), ..new.clone() },
        NewComment { name: Some("Somebody else".to_owned()), ..new.clone() },
        NewComment { url: post_url("post_reused_elsewhere"), ..new.clone() },
    ];
    for other in others {
        let response = post(&other);
        response.check_refusal(Refusal::IdReused);
        response.check_omits("what was written first");
    }
    assert_eq!(wait_for_thread(&OPEN, &url, 1).len(), 1);
}

#[test]
fn reply_requires_a_parent_in_the_same_thread() {
    let (url, elsewhere) = (post_url("post_reply"), post_url("post_reply_elsewhere"));
    let root: PostedComment = post(&new_comment(&url, "root")).json();
    let other_thread: PostedComment = post(&new_comment(&elsewhere, "in another thread")).json();
    let reply = |parent| NewComment { parent: Some(parent), ..new_comment(&url, "reply") };
    let answered: PostedComment = post(&reply(root.comment.id)).json();
    let deeper: PostedComment = post(&reply(answered.comment.id)).json();
    let missing = CommentId::new(9_007_199_254_740_991);
    for parent in [other_thread.comment.id, missing, CommentId::new(0), CommentId::new(-1)] {
        post(&reply(parent)).check_refusal(Refusal::UnknownParent);
    }
    assert_eq!(wait_for_thread(&OPEN, &url, 3), [root.comment, answered.comment, deeper.comment]);
}

#[test]
fn thread_is_ordered_as_a_tree() {
    let url = post_url("post_order");
    let post_under = |parent: Option<CommentId>, text: &str| {
        post(&NewComment { parent, ..new_comment(&url, text) }).json::<PostedComment>().comment.id
    };
    let first = post_under(None, "first");
    let second = post_under(None, "second");
    let under_first = post_under(Some(first), "under first");
    let under_second = post_under(Some(second), "under second");
    let again = post_under(Some(first), "under first again");
    let deep = post_under(Some(under_first), "deep");
    let order: Vec<_> = wait_for_thread(&OPEN, &url, 6).iter().map(|comment| comment.id).collect();
    assert_eq!(order, [first, under_first, deep, again, second, under_second]);
}

#[test]
fn author_key_yields_only_a_pseudonymous_mark() {
    let url = post_url("post_mark");
    let by = |key: Option<&str>, text: &str| {
        let mut request = Request::post_comment(&new_comment(&url, text));
        if let Some(key) = key {
            request = request.header("Authorization", key);
        }
        let response = request.send(&OPEN);
        assert_eq!(response.status, 201, "{response:?}");
        response.check_omits("abcdefghijklmnopqrstuvwxyz012345");
        response.json::<PostedComment>().comment.author
    };
    let first = by(Some(KEY), "one");
    assert!(first.mark.as_ref().is_some_and(|mark| (2..=12).contains(&mark.len())), "{first:?}");
    assert_eq!(by(Some(KEY), "two"), first);
    assert_ne!(by(Some("Bearer abcdefghijklmnopqrstuvwxyz012346"), "three").mark, first.mark);
    assert_eq!(by(None, "four"), Author { mark: None, ..first });
}

#[test]
fn malformed_author_key_is_refused() {
    let url = post_url("post_bad_key");
    let long = format!("Bearer {}", "a".repeat(65));
    let cases = [
        "Bearer short",
        &long,
        "Bearer",
        "Basic YWRhOnNlY3JldA==",
        "Bearer abcdefghij klmnopqrstuvwxyz",
        "Bearer abcdefghijklmnopqrstuvw$",
    ];
    for key in cases {
        Request::post_comment(&new_comment(&url, "with a bad key"))
            .header("Authorization", key)
            .send(&OPEN)
            .check_refusal(Refusal::BadAuthorKey);
    }
    wait_for_thread(&OPEN, &url, 0);
}

#[test]
fn fields_are_normalized() {
    let url = post_url("post_clean");
    let new = NewComment {
        name: Some("  Ada\u{202e}\n  Lovelace ".to_owned()),
        website: Some("https://ADA.example/a b".to_owned()),
        text: "a\u{202e}b\r\nc\u{7}".to_owned(),
        ..new_comment(&url, "")
    };
    let posted: PostedComment = post(&new).json();
    assert_eq!(posted.comment.author.name, "Ada Lovelace");
    assert_eq!(posted.comment.author.website.as_deref(), Some("https://ada.example/a%20b"));
    let html = posted.comment.html.as_str();
    assert!(!html.contains(['\u{202e}', '\u{7}', '\r']) && html.contains("ab"), "{html:?}");
}

#[test]
fn names_and_titles_are_never_markup() {
    let url = post_url("post_markup_in_fields");
    let attack = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>";
    let new = NewComment { name: Some(attack.to_owned()), title: Some(attack.to_owned()), ..new_comment(&url, attack) };
    let posted: PostedComment = post(&new).json();
    assert_eq!(posted.comment.author.name, attack, "a name is plain text");
    wait_for_thread(&OPEN, &url, 1);
    for path in ["/v1/thread.html", "/thread"] {
        let page = Request::get(path).query(&[("url", &url)]).send(&OPEN);
        // The page has one block of data, which browsers do not run.
        let (data, other_scripts) = ("<script type=\"application/ld+json\">", page.text().matches("<script").count());
        let expected = usize::from(path == "/thread");
        assert_eq!((page.text().matches(data).count(), other_scripts), (expected, expected), "{path}: {}", page.text());
        assert!(!page.text().contains("<img"), "{path}: {}", page.text());
        assert!(page.text().contains("&lt;img src=x onerror=alert(1)&gt;"), "{path}: {}", page.text());
    }
}

#[test]
fn values_at_the_limits_are_accepted() {
    let url = post_url("post_limits");
    let new = NewComment {
        name: Some("ñ".repeat(80)),
        email: Some(format!("{}@example.example", "a".repeat(254 - 16))),
        title: Some("t".repeat(1000)),
        ..new_comment(&url, &"x y ".repeat(2048))
    };
    let response = post(&new);
    assert_eq!(response.status, 201, "{}", response.text());
    let escaped = format!(r#"{{"id":"{}","url":"{url}","text":"{}"}}"#, new_comment("", "").id, "\\u0041".repeat(8192));
    assert_eq!(Request::post_json(escaped).send(&OPEN).status, 201, "8 KiB of text with every character escaped");
}

#[test]
fn quotes_and_lists_nest_at_most_eight_deep() {
    let url = post_url("post_deep_markup");
    for (tower, tag) in [("> ".repeat(2000), "<blockquote>"), ("- ".repeat(2000), "<ul>")] {
        let posted: PostedComment = post(&new_comment(&url, &format!("{tower}x"))).json();
        assert_eq!(posted.comment.html.as_str().matches(tag).count(), 8, "{tag}");
    }
}
