//! `POST /v1/comments`: what is stored, once, and what is answered.

use std::time::{SystemTime, UNIX_EPOCH};

use afterword_model::{Author, CommentId, NewComment, PostedComment, Refusal, Status};
use afterword_tests::{Answer, Call, comment, cost, post_url, whole_thread};

use crate::OPEN;

const KEY: &str = "Bearer abcdefghijklmnopqrstuvwxyz012345";

fn post(new: &NewComment) -> Answer {
    Call::post(new).send(&OPEN)
}

#[test]
fn a_comment_is_taken_rendered_and_published() {
    let url = post_url("post_one");
    let text = "Hello **there**\nsecond line, <b>no markup</b>, https://rust-lang.org";
    let answer = post(&comment(&url, text));
    assert_eq!(answer.status, 201);
    let [_, object] = cost(&answer);
    assert_eq!(object, 1, "a comment costs one request to the object");
    let posted: PostedComment = answer.json();
    assert_eq!((posted.status, posted.comment.parent), (Status::Published, None));
    assert!(posted.version > 0);
    let html = posted.comment.html.as_str();
    for part in
        ["<strong>there</strong>", "&lt;b&gt;no markup&lt;/b&gt;", "<br", "href=\"https://rust-lang.org", "nofollow"]
    {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert!((posted.comment.created - now()).abs() < 120, "{posted:?}");
    assert_eq!(whole_thread(&OPEN, &url, 1), [posted.comment]);
}

#[expect(clippy::disallowed_methods, reason = "the Worker's clock is held against this machine's")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

#[test]
fn the_same_submission_again_is_answered_the_same() {
    let url = post_url("post_again");
    let new = comment(&url, "once");
    let first: PostedComment = post(&new).json();
    let upper =
        NewComment { id: new.id.to_uppercase(), title: Some("The page changed its title".to_owned()), ..new.clone() };
    for again in [&new, &upper] {
        let answer = post(again);
        assert_eq!((answer.status, answer.json::<PostedComment>()), (200, first.clone()));
    }
    assert_eq!(whole_thread(&OPEN, &url, 1), [first.comment]);
}

#[test]
fn a_used_id_takes_no_other_content_and_tells_nothing_of_the_first() {
    let url = post_url("post_reused");
    let new = comment(&url, "what was written first");
    assert_eq!(post(&new).status, 201);
    let others = [
        NewComment { text: "something else".to_owned(), ..new.clone() },
        NewComment { name: Some("Somebody else".to_owned()), ..new.clone() },
        NewComment { url: post_url("post_reused_elsewhere"), ..new.clone() },
    ];
    for other in others {
        let answer = post(&other);
        answer.check_refusal(Refusal::IdReused);
        answer.check_silent_about("what was written first");
    }
    assert_eq!(whole_thread(&OPEN, &url, 1).len(), 1);
}

#[test]
fn a_reply_names_its_parent_in_the_same_thread_or_is_refused() {
    let (url, elsewhere) = (post_url("post_reply"), post_url("post_reply_elsewhere"));
    let root: PostedComment = post(&comment(&url, "root")).json();
    let stranger: PostedComment = post(&comment(&elsewhere, "in another thread")).json();
    let reply = |parent| NewComment { parent: Some(parent), ..comment(&url, "reply") };
    let answered: PostedComment = post(&reply(root.comment.id)).json();
    let deeper: PostedComment = post(&reply(answered.comment.id)).json();
    let missing = CommentId::new(9_007_199_254_740_991);
    for parent in [stranger.comment.id, missing, CommentId::new(0), CommentId::new(-1)] {
        post(&reply(parent)).check_refusal(Refusal::UnknownParent);
    }
    assert_eq!(whole_thread(&OPEN, &url, 3), [root.comment, answered.comment, deeper.comment]);
}

#[test]
fn a_thread_reads_in_drawing_order() {
    let url = post_url("post_order");
    let post_under = |parent: Option<CommentId>, text: &str| {
        post(&NewComment { parent, ..comment(&url, text) }).json::<PostedComment>().comment.id
    };
    let first = post_under(None, "first");
    let second = post_under(None, "second");
    let under_first = post_under(Some(first), "under first");
    let under_second = post_under(Some(second), "under second");
    let again = post_under(Some(first), "under first again");
    let deep = post_under(Some(under_first), "deep");
    let order: Vec<_> = whole_thread(&OPEN, &url, 6).iter().map(|comment| comment.id).collect();
    assert_eq!(order, [first, under_first, deep, again, second, under_second]);
}

#[test]
fn an_author_key_leaves_a_mark_of_its_own_and_nothing_else() {
    let url = post_url("post_mark");
    let by = |key: Option<&str>, text: &str| {
        let mut call = Call::post(&comment(&url, text));
        if let Some(key) = key {
            call = call.header("Authorization", key);
        }
        let answer = call.send(&OPEN);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.check_silent_about("abcdefghijklmnopqrstuvwxyz012345");
        answer.json::<PostedComment>().comment.author
    };
    let first = by(Some(KEY), "one");
    assert!(first.mark.as_ref().is_some_and(|mark| (2..=12).contains(&mark.len())), "{first:?}");
    assert_eq!(by(Some(KEY), "two"), first);
    assert_ne!(by(Some("Bearer abcdefghijklmnopqrstuvwxyz012346"), "three").mark, first.mark);
    assert_eq!(by(None, "four"), Author { mark: None, ..first });
}

#[test]
fn a_malformed_author_key_is_refused() {
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
        Call::post(&comment(&url, "with a bad key"))
            .header("Authorization", key)
            .send(&OPEN)
            .check_refusal(Refusal::BadAuthorKey);
    }
    whole_thread(&OPEN, &url, 0);
}

#[test]
fn fields_are_cleaned_as_model_says() {
    let url = post_url("post_clean");
    let new = NewComment {
        name: Some("  Ada\u{202e}\n  Lovelace ".to_owned()),
        website: Some("https://ADA.example/a b".to_owned()),
        text: "a\u{202e}b\r\nc\u{7}".to_owned(),
        ..comment(&url, "")
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
    let new = NewComment { name: Some(attack.to_owned()), title: Some(attack.to_owned()), ..comment(&url, attack) };
    let posted: PostedComment = post(&new).json();
    assert_eq!(posted.comment.author.name, attack, "a name is text, whatever it says");
    whole_thread(&OPEN, &url, 1);
    for path in ["/v1/thread.html", "/thread"] {
        let page = Call::get(path).query(&[("url", &url)]).send(&OPEN);
        assert!(!page.text().contains("<img") && !page.text().contains("<script"), "{path}: {}", page.text());
        assert!(page.text().contains("&lt;img src=x onerror=alert(1)&gt;"), "{path}: {}", page.text());
    }
}

#[test]
fn the_limits_themselves_are_within_the_limits() {
    let url = post_url("post_limits");
    let new = NewComment {
        name: Some("ñ".repeat(80)),
        email: Some(format!("{}@example.example", "a".repeat(254 - 16))),
        title: Some("t".repeat(1000)),
        ..comment(&url, &"x y ".repeat(2048))
    };
    let answer = post(&new);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let escaped = format!(r#"{{"id":"{}","url":"{url}","text":"{}"}}"#, comment("", "").id, "\\u0041".repeat(8192));
    assert_eq!(Call::post_json(escaped).send(&OPEN).status, 201, "8 KiB of text, every character of it escaped");
}

#[test]
fn quotes_and_lists_nest_no_deeper_than_eight() {
    let url = post_url("post_deep_markup");
    for (tower, tag) in [("> ".repeat(2000), "<blockquote>"), ("- ".repeat(2000), "<ul>")] {
        let posted: PostedComment = post(&comment(&url, &format!("{tower}x"))).json();
        assert_eq!(posted.comment.html.as_str().matches(tag).count(), 8, "{tag}");
    }
}
