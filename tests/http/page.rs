//! `/thread`: reading and posting without JavaScript, as a browser's plain form does it.

use afterword_model::NewComment;
use afterword_tests::{Answer, Call, comment, hidden, post_url, until, whole_thread, write_many};

use crate::OPEN;

fn page(url: &str) -> Answer {
    let page = Call::get("/thread").query(&[("url", url)]).send(&OPEN);
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"), "{page:?}");
    page
}

/// The fields of a page's form as a browser sends them, with these filled in.
fn filled<'a>(page: &Answer, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, String)> {
    let hidden = ["id", "url", "title", "parent", "lang"].map(|name| (name, hidden(page.text(), name)));
    let typed = ["name", "email", "website", "text"].map(|name| {
        let value = fields.iter().find(|(field, _)| *field == name).map_or("", |(_, value)| value);
        (name, value.to_owned())
    });
    hidden.into_iter().chain(typed).collect()
}

fn send(fields: &[(&str, String)]) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Call::post_form("/thread", &fields).header("Origin", OPEN.origin()).send(&OPEN)
}

#[test]
fn a_form_posts_and_leads_back_to_its_comment() {
    let url = post_url("page_post");
    let empty = page(&url);
    let sent = filled(
        &empty,
        &[("name", "Ada"), ("email", "ada@private.example"), ("website", "ada.example"), ("text", "By a *plain* form")],
    );
    let answer = send(&sent);
    assert_eq!((answer.status, answer.bytes()), (303, &b""[..]), "{answer:?}");
    let stored = whole_thread(&OPEN, &url, 1).remove(0);
    assert!(stored.html.as_str().contains("<em>plain</em>") && stored.author.name == "Ada", "{stored:?}");
    let location = answer.header("location").expect("a redirect says where to");
    let path = location.strip_prefix(&OPEN.origin()).unwrap_or(&location);
    assert!(path.starts_with("/thread?") && path.ends_with(&format!("#comment-{}", stored.id)), "{location}");
    let (path, _) = path.split_once('#').unwrap();
    let back = Call::get(path).send(&OPEN);
    assert_eq!(back.status, 200);
    assert!(back.text().contains(&format!("id=\"comment-{}\"", stored.id)), "{}", back.text());
    assert!(!back.text().contains("private.example"), "an e-mail address is never given out");
    assert_ne!(hidden(back.text(), "id"), hidden(empty.text(), "id"), "the next comment is a new submission");
}

#[test]
fn a_form_sent_twice_is_one_comment() {
    let url = post_url("page_twice");
    let sent = filled(&page(&url), &[("name", "Ada"), ("text", "Once")]);
    let (first, second) = (send(&sent), send(&sent));
    assert_eq!((first.status, second.status), (303, 303));
    assert_eq!(whole_thread(&OPEN, &url, 1).len(), 1);
    let other = filled(&page(&url), &[("name", "Ada"), ("text", "Twice")]);
    assert_eq!(send(&other).status, 303);
    assert_eq!(whole_thread(&OPEN, &url, 2).len(), 2);
}

#[test]
fn a_form_without_an_id_sent_twice_is_one_comment_too() {
    let url = post_url("page_no_id");
    // The fragment in a blog's page is drawn for everybody, so its form has no id of its own.
    let fields = [("id", ""), ("url", &url), ("name", "Ada"), ("text", "From the fragment's form")];
    let answers =
        [(); 2].map(|()| Call::post_form("/thread", &fields).header("Origin", "http://127.0.0.1:1").send(&OPEN).status);
    assert_eq!(answers, [303, 303]);
    assert_eq!(whole_thread(&OPEN, &url, 1).len(), 1);
}

#[test]
fn a_reply_is_written_on_the_page_too() {
    let url = post_url("page_reply");
    let root: afterword_model::PostedComment = Call::post(&comment(&url, "root")).send(&OPEN).json();
    whole_thread(&OPEN, &url, 1);
    let id = root.comment.id.to_string();
    let page = Call::get("/thread").query(&[("url", &url), ("reply", &id)]).send(&OPEN);
    assert_eq!(hidden(page.text(), "parent"), id);
    assert!(page.text().contains("id=\"reply\""), "the link to #reply leads somewhere: {}", page.text());
    assert_eq!(send(&filled(&page, &[("name", "Bob"), ("text", "a reply")])).status, 303);
    assert_eq!(whole_thread(&OPEN, &url, 2)[1].parent, Some(root.comment.id));
    for nonsense in ["0", "x", "999999999"] {
        let page = Call::get("/thread").query(&[("url", &url), ("reply", nonsense)]).send(&OPEN);
        assert_eq!(page.status, 200, "?reply={nonsense}: the thread can be read all the same");
    }
}

#[test]
fn what_was_wrong_is_said_and_nothing_typed_is_lost() {
    let url = post_url("page_error");
    let name = "Ada \"><script>alert(1)</script>";
    let text = "  Keep this &amp; that </textarea><script>alert(2)</script>\n\nto the letter";
    let cases =
        [("email", "no address", "email"), ("website", "javascript:alert(3)", "website"), ("text", "\u{200b}", "text")];
    for (field, value, at_fault) in cases {
        let mut sent = filled(&page(&url), &[("name", name), ("text", text)]);
        sent.retain(|(other, _)| *other != field);
        sent.push((field, value.to_owned()));
        let answer = send(&sent);
        assert_eq!(answer.status, 422, "{field}");
        let shown = answer.text();
        assert!(shown.contains(&format!("id=\"aw-{at_fault}-error\"")), "{field}: {shown}");
        assert!(shown.contains("aria-invalid=\"true\""), "{field}: {shown}");
        assert!(!shown.contains("<script"), "{field}: {shown}");
        assert!(shown.contains("Ada &quot;&gt;&lt;script&gt;"), "{field}: {shown}");
        if field != "text" {
            assert!(shown.contains("  Keep this &amp;amp; that &lt;/textarea&gt;"), "{field}: {shown}");
        }
    }
    whole_thread(&OPEN, &url, 0);
}

#[test]
fn a_form_of_a_page_of_the_site_is_taken_and_one_of_a_stranger_is_not() {
    let url = post_url("page_origin");
    let from = |origin: Option<&str>| {
        let id = uuid::Uuid::new_v4().to_string();
        let mut call = Call::post_form("/thread", &[("id", &id), ("url", &url), ("text", &format!("from {origin:?}"))]);
        if let Some(origin) = origin {
            call = call.header("Origin", origin);
        }
        call.send(&OPEN)
    };
    for stranger in
        ["https://canary-7f3.example", "null", "https://other.example", "http://blog.example.canary-7f3.example"]
    {
        let answer = from(Some(stranger));
        assert_eq!(answer.status, 403, "{stranger}");
        assert!(answer.header("content-type").unwrap().starts_with("text/html"), "{answer:?}");
    }
    whole_thread(&OPEN, &url, 0);
    let own = OPEN.origin();
    for friend in [Some(own.as_str()), Some("https://blog.example"), Some("http://127.0.0.1:4321"), None] {
        assert_eq!(from(friend).status, 303, "{friend:?}");
    }
    whole_thread(&OPEN, &url, 4);
}

#[test]
fn the_address_of_the_post_may_come_as_the_referer() {
    let url = post_url("page_referer");
    Call::post(&comment(&url, "found by referer")).send(&OPEN);
    whole_thread(&OPEN, &url, 1);
    let follow = |referer: &str| {
        let answer = Call::get("/thread").header("Referer", referer).send(&OPEN);
        match (answer.status, answer.header("location")) {
            (303 | 302 | 307, Some(path)) => Call::get(path.trim_start_matches(&OPEN.origin())).send(&OPEN),
            _ => answer,
        }
    };
    let shown = follow("http://127.0.0.1:4321/page_referer/?utm_source=x");
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains("found by referer"), "{}", shown.text());
    let stranger = follow("https://canary-7f3.example/page_referer");
    assert!((400..500).contains(&stranger.status), "{}", stranger.status);
    stranger.check_silent_about("canary-7f3");
    let lost = Call::get("/thread").send(&OPEN);
    assert_eq!(lost.status, 400);
    assert!(lost.header("content-type").unwrap().starts_with("text/html"), "{lost:?}");
}

#[test]
fn a_long_thread_is_read_page_by_page() {
    let url = post_url("page_long");
    let comments = write_many(&OPEN, &url, 105);
    let [earliest, latest] =
        [comments.first(), comments.last()].map(|comment| format!("id=\"comment-{}\"", comment.unwrap().id));
    let first = page(&url);
    assert!(first.text().contains(&earliest) && !first.text().contains(&latest));
    let link = first.text().split("class=\"aw-more\"").nth(1).expect("a link to more");
    let path = link.split("href=\"").nth(1).and_then(|link| link.split('"').next()).unwrap().replace("&amp;", "&");
    let second = Call::get(path.trim_start_matches(&OPEN.origin())).send(&OPEN);
    assert!(second.text().contains(&latest) && !second.text().contains(&earliest), "{}", second.text());
}

#[test]
fn a_pending_comment_is_thanked_for_and_not_shown() {
    static HOLDING: std::sync::LazyLock<afterword_tests::Server> =
        std::sync::LazyLock::new(|| afterword_tests::Server::moderated("http-holding", "all"));
    let url = post_url("page_pending");
    let empty = Call::get("/thread").query(&[("url", &url)]).send(&HOLDING);
    let id = hidden(empty.text(), "id");
    let answer = Call::post_form("/thread", &[("id", &id), ("url", &url), ("text", "wait for it")]).send(&HOLDING);
    assert_eq!(answer.status, 303);
    let location = answer.header("location").unwrap();
    let path = location.trim_start_matches(&HOLDING.origin()).split('#').next().unwrap().to_owned();
    let back = until("the page", || Some(Call::get(path.as_str()).send(&HOLDING)));
    assert_ne!(back.text().len(), empty.text().len(), "something is said about it");
    assert!(!back.text().contains("wait for it"), "{}", back.text());
    let ordinary = NewComment { ..comment(&url, "by the other call") };
    assert_eq!(Call::post(&ordinary).send(&HOLDING).status, 201);
}
