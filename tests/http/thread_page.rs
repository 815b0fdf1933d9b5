//! `/thread`: reading and posting with a plain form, without JavaScript.

use afterword_model::NewComment;
use afterword_tests::{
    Request, Response, hidden_field, new_comment, post_many_comments, post_url, wait_for_thread, wait_until,
};

use crate::OPEN;

fn page(url: &str) -> Response {
    let page = Request::get("/thread").query(&[("url", url)]).send(&OPEN);
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"), "{page:?}");
    page
}

/// The fields of a page's form as a browser sends them, with these values typed in.
fn fill_form<'a>(page: &Response, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, String)> {
    let hidden = ["id", "url", "title", "parent", "lang"].map(|name| (name, hidden_field(page.text(), name)));
    let typed = ["name", "email", "website", "text"].map(|name| {
        let value = fields.iter().find(|(field, _)| *field == name).map_or("", |(_, value)| value);
        (name, value.to_owned())
    });
    hidden.into_iter().chain(typed).collect()
}

fn send_form(fields: &[(&str, String)]) -> Response {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Request::post_form("/thread", &fields).header("Origin", OPEN.origin()).send(&OPEN)
}

#[test]
fn form_posts_and_redirects_to_its_comment() {
    let url = post_url("page_post");
    let empty = page(&url);
    let sent = fill_form(
        &empty,
        &[("name", "Ada"), ("email", "ada@private.example"), ("website", "ada.example"), ("text", "By a *plain* form")],
    );
    let response = send_form(&sent);
    assert_eq!((response.status, response.bytes()), (303, &b""[..]), "{response:?}");
    let stored = wait_for_thread(&OPEN, &url, 1).remove(0);
    assert!(stored.html.as_str().contains("<em>plain</em>") && stored.author.name == "Ada", "{stored:?}");
    let location = response.header("location").expect("a redirect has a location");
    let path = location.strip_prefix(&OPEN.origin()).unwrap_or(&location);
    assert!(path.starts_with("/thread?") && path.ends_with(&format!("#comment-{}", stored.id)), "{location}");
    let (path, _) = path.split_once('#').unwrap();
    let back = Request::get(path).send(&OPEN);
    assert_eq!(back.status, 200);
    assert!(back.text().contains(&format!("id=\"comment-{}\"", stored.id)), "{}", back.text());
    assert!(!back.text().contains("private.example"), "e-mail addresses are never published");
    assert_ne!(hidden_field(back.text(), "id"), hidden_field(empty.text(), "id"), "the next form has a new id");
}

#[test]
fn form_sent_twice_is_one_comment() {
    let url = post_url("page_twice");
    let sent = fill_form(&page(&url), &[("name", "Ada"), ("text", "Once")]);
    let (first, second) = (send_form(&sent), send_form(&sent));
    assert_eq!((first.status, second.status), (303, 303));
    assert_eq!(wait_for_thread(&OPEN, &url, 1).len(), 1);
    let other = fill_form(&page(&url), &[("name", "Ada"), ("text", "Twice")]);
    assert_eq!(send_form(&other).status, 303);
    assert_eq!(wait_for_thread(&OPEN, &url, 2).len(), 2);
}

#[test]
fn form_without_an_id_sent_twice_is_one_comment() {
    let url = post_url("page_no_id");
    // The fragment on a blog's page is the same for every reader, so its form has no id.
    let fields = [("id", ""), ("url", &url), ("name", "Ada"), ("text", "From the fragment's form")];
    let responses = [(); 2]
        .map(|()| Request::post_form("/thread", &fields).header("Origin", "http://127.0.0.1:1").send(&OPEN).status);
    assert_eq!(responses, [303, 303]);
    assert_eq!(wait_for_thread(&OPEN, &url, 1).len(), 1);
}

#[test]
fn reply_form_posts_a_reply() {
    let url = post_url("page_reply");
    let root: afterword_model::PostedComment = Request::post_comment(&new_comment(&url, "root")).send(&OPEN).json();
    wait_for_thread(&OPEN, &url, 1);
    let id = root.comment.id.to_string();
    let page = Request::get("/thread").query(&[("url", &url), ("reply", &id)]).send(&OPEN);
    assert_eq!(hidden_field(page.text(), "parent"), id);
    assert!(page.text().contains("id=\"reply\""), "the link to #reply has a target: {}", page.text());
    assert_eq!(send_form(&fill_form(&page, &[("name", "Bob"), ("text", "a reply")])).status, 303);
    assert_eq!(wait_for_thread(&OPEN, &url, 2)[1].parent, Some(root.comment.id));
    for nonsense in ["0", "x", "999999999"] {
        let page = Request::get("/thread").query(&[("url", &url), ("reply", nonsense)]).send(&OPEN);
        assert_eq!(page.status, 200, "?reply={nonsense}: the thread can still be read");
    }
}

#[test]
fn preview_shows_the_text_and_posts_nothing() {
    let url = post_url("page_preview");
    let mut sent = fill_form(&page(&url), &[("name", "Ada"), ("text", "A *first* look <b>")]);
    sent.push(("preview", "1".to_owned()));
    let response = send_form(&sent);
    assert_eq!(response.status, 200);
    let shown = response.text();
    assert!(shown.contains("id=\"preview\"") && shown.contains("<p>A <em>first</em> look &lt;b&gt;</p>"), "{shown}");
    assert!(shown.contains("A *first* look &lt;b&gt;</textarea>") && shown.contains("value=\"Ada\""), "{shown}");
    assert!(shown.contains("noindex"));
    wait_for_thread(&OPEN, &url, 0);
    let posted = fill_form(&response, &[("name", "Ada"), ("text", "A *first* look <b>")]);
    assert_eq!(send_form(&posted).status, 303, "the form of the preview posts");
    wait_for_thread(&OPEN, &url, 1);

    sent.retain(|(name, _)| *name != "text");
    assert_eq!(send_form(&sent).status, 422, "a text that would be refused has no preview");
    sent.push(("text", "From elsewhere".to_owned()));
    let fields: Vec<_> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let foreign = Request::post_form("/thread", &fields).header("Origin", "https://canary-7f3.example").send(&OPEN);
    assert_eq!(foreign.status, 403);
    assert!(!foreign.text().contains("From elsewhere"), "{}", foreign.text());
}

#[test]
fn link_to_an_absent_comment_says_so() {
    let url = post_url("page_absent");
    let posted: afterword_model::PostedComment =
        Request::post_comment(&new_comment(&url, "the only one")).send(&OPEN).json();
    wait_for_thread(&OPEN, &url, 1);
    let missing = "This comment is not here. It may be waiting for approval.";
    for path in ["/thread", "/v1/thread.html"] {
        let get = |id: &str| Request::get(path).query(&[("url", url.as_str()), ("comment", id)]).send(&OPEN);
        let shown = get("999999");
        assert_eq!(shown.status, 200);
        assert!(shown.text().contains(missing) && shown.text().contains("the only one"), "{path}: {}", shown.text());
        let present = get(&posted.comment.id.to_string());
        assert!(!present.text().contains(missing), "{path}: {}", present.text());
        if let Some(etag) = shown.header("etag") {
            assert_ne!(
                Some(etag),
                present.header("etag"),
                "a browser that keeps one of them does not show it for the other"
            );
        }
    }
}

#[test]
fn thread_is_ordered_by_a_plain_form() {
    let url = post_url("page_order");
    let comments = post_many_comments(&OPEN, &url, 3);
    let ids = |page: &Response| -> Vec<String> {
        page.text()
            .split("<li class=\"aw-item\" id=\"comment-")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(str::to_owned)
            .collect()
    };
    let oldest: Vec<String> = comments.iter().map(|comment| comment.id.to_string()).collect();
    let first = page(&url);
    assert_eq!(ids(&first), oldest);
    assert_eq!(hidden_field(first.text().split_once("aw-order").unwrap().1, "url"), url);
    let newest = Request::get("/thread").query(&[("url", &url), ("lang", "en"), ("sort", "newest")]).send(&OPEN);
    assert_eq!(ids(&newest), oldest.into_iter().rev().collect::<Vec<_>>());
    assert!(newest.text().contains("<option value=\"newest\" selected>Newest first</option>"));
}

#[test]
fn invalid_field_is_reported_and_input_is_kept() {
    let url = post_url("page_error");
    let name = "Ada \"><script>alert(1)</script>";
    let text = "  Keep this &amp; that </textarea><script>alert(2)</script>\n\nto the letter";
    let cases =
        [("email", "no address", "email"), ("website", "javascript:alert(3)", "website"), ("text", "\u{200b}", "text")];
    for (field, value, invalid_field) in cases {
        let mut sent = fill_form(&page(&url), &[("name", name), ("text", text)]);
        sent.retain(|(other, _)| *other != field);
        sent.push((field, value.to_owned()));
        let response = send_form(&sent);
        assert_eq!(response.status, 422, "{field}");
        let shown = response.text();
        assert!(shown.contains(&format!("id=\"aw-{invalid_field}-error\"")), "{field}: {shown}");
        assert!(shown.contains("aria-invalid=\"true\""), "{field}: {shown}");
        assert!(!shown.contains("<script"), "{field}: {shown}");
        assert!(shown.contains("Ada &quot;&gt;&lt;script&gt;"), "{field}: {shown}");
        if field != "text" {
            assert!(shown.contains("  Keep this &amp;amp; that &lt;/textarea&gt;"), "{field}: {shown}");
        }
    }
    wait_for_thread(&OPEN, &url, 0);
}

#[test]
fn form_is_accepted_only_from_the_sites_own_pages() {
    let url = post_url("page_origin");
    let from = |origin: Option<&str>| {
        let id = uuid::Uuid::new_v4().to_string();
        let mut request =
            Request::post_form("/thread", &[("id", &id), ("url", &url), ("text", &format!("from {origin:?}"))]);
        if let Some(origin) = origin {
            request = request.header("Origin", origin);
        }
        request.send(&OPEN)
    };
    for unknown_origin in
        ["https://canary-7f3.example", "null", "https://other.example", "http://blog.example.canary-7f3.example"]
    {
        let response = from(Some(unknown_origin));
        assert_eq!(response.status, 403, "{unknown_origin}");
        assert!(response.header("content-type").unwrap().starts_with("text/html"), "{response:?}");
    }
    wait_for_thread(&OPEN, &url, 0);
    let own = OPEN.origin();
    for own_origin in [Some(own.as_str()), Some("https://blog.example"), Some("http://127.0.0.1:4321"), None] {
        assert_eq!(from(own_origin).status, 303, "{own_origin:?}");
    }
    wait_for_thread(&OPEN, &url, 4);
}

#[test]
fn post_url_may_come_from_the_referer() {
    let url = post_url("page_referer");
    Request::post_comment(&new_comment(&url, "found by referer")).send(&OPEN);
    wait_for_thread(&OPEN, &url, 1);
    let follow = |referer: &str| {
        let response = Request::get("/thread").header("Referer", referer).send(&OPEN);
        match (response.status, response.header("location")) {
            (303 | 302 | 307, Some(path)) => Request::get(path.trim_start_matches(&OPEN.origin())).send(&OPEN),
            _ => response,
        }
    };
    let shown = follow("http://127.0.0.1:4321/page_referer/?utm_source=x");
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains("found by referer"), "{}", shown.text());
    let unknown_origin = follow("https://canary-7f3.example/page_referer");
    assert!((400..500).contains(&unknown_origin.status), "{}", unknown_origin.status);
    unknown_origin.check_omits("canary-7f3");
    let without_url = Request::get("/thread").send(&OPEN);
    assert_eq!(without_url.status, 400);
    assert!(without_url.header("content-type").unwrap().starts_with("text/html"), "{without_url:?}");
}

#[test]
fn long_thread_is_paginated() {
    let url = post_url("page_long");
    let comments = post_many_comments(&OPEN, &url, 105);
    let [earliest, latest] =
        [comments.first(), comments.last()].map(|comment| format!("id=\"comment-{}\"", comment.unwrap().id));
    let first = page(&url);
    assert!(first.text().contains(&earliest) && !first.text().contains(&latest));
    let link = first.text().split("class=\"aw-more\"").nth(1).expect("a link to more");
    let path = link.split("href=\"").nth(1).and_then(|link| link.split('"').next()).unwrap().replace("&amp;", "&");
    let second = Request::get(path.trim_start_matches(&OPEN.origin())).send(&OPEN);
    assert!(second.text().contains(&latest) && !second.text().contains(&earliest), "{}", second.text());
}

#[test]
fn pending_comment_is_acknowledged_but_not_shown() {
    static MODERATED: std::sync::LazyLock<afterword_tests::Server> =
        std::sync::LazyLock::new(|| afterword_tests::Server::with_moderation("http-pending", "all"));
    let url = post_url("page_pending");
    let empty = Request::get("/thread").query(&[("url", &url)]).send(&MODERATED);
    let id = hidden_field(empty.text(), "id");
    let response =
        Request::post_form("/thread", &[("id", &id), ("url", &url), ("text", "wait for it")]).send(&MODERATED);
    assert_eq!(response.status, 303);
    let location = response.header("location").unwrap();
    let path = location.trim_start_matches(&MODERATED.origin()).split('#').next().unwrap().to_owned();
    let back = wait_until("the page", || Some(Request::get(path.as_str()).send(&MODERATED)));
    assert_ne!(back.text().len(), empty.text().len(), "the page mentions the comment");
    assert!(!back.text().contains("wait for it"), "{}", back.text());
    let ordinary = NewComment { ..new_comment(&url, "by the other call") };
    assert_eq!(Request::post_comment(&ordinary).send(&MODERATED).status, 201);
}

#[test]
fn preview_button_shows_the_text_and_keeps_the_form() {
    let url = post_url("page_preview_button");
    let empty = page(&url);
    assert!(empty.text().contains("name=\"preview\""), "{}", empty.text());
    let typed = [
        ("name", "Ada <3"),
        ("email", "ada@private.example"),
        ("website", "ada.example"),
        ("text", "*Hello*\n\n</textarea>"),
    ];
    let mut sent = fill_form(&empty, &typed);
    sent.push(("preview", "1".to_owned()));
    let shown = send_form(&sent);
    assert_eq!(shown.status, 200, "{shown:?}");
    let text = shown.text();
    let form = text.split_once("id=\"aw-form\"").expect("a form").1;
    assert!(form.contains("id=\"preview\"") && form.contains("<em>Hello</em>"), "{form}");
    assert!(form.contains("*Hello*\n\n&lt;/textarea&gt;") && form.contains("value=\"Ada &lt;3\""), "{form}");
    assert!(form.contains("value=\"ada@private.example\"") && form.contains("value=\"ada.example\""), "{form}");
    assert!(text.contains("noindex"), "{text}");
    assert_eq!(hidden_field(text, "id"), hidden_field(empty.text(), "id"), "posting it afterwards is one comment");
    wait_for_thread(&OPEN, &url, 0);
    sent.pop();
    assert_eq!(send_form(&sent).status, 303);
    wait_for_thread(&OPEN, &url, 1);
}

#[test]
fn preview_of_an_invalid_form_shows_its_error() {
    let url = post_url("page_preview_error");
    let mut sent = fill_form(&page(&url), &[("email", "no address"), ("text", "kept")]);
    sent.push(("preview", "1".to_owned()));
    let shown = send_form(&sent);
    assert_eq!(shown.status, 422);
    assert!(shown.text().contains("kept") && !shown.text().contains("id=\"preview\""), "{}", shown.text());
    let foreign = [("url", url.as_str()), ("text", "canary-7f3"), ("preview", "1")];
    let foreign = Request::post_form("/thread", &foreign).header("Origin", "https://strange.example").send(&OPEN);
    assert_eq!(foreign.status, 403);
    foreign.check_omits("canary-7f3");
}

#[test]
fn page_has_canonical_link_feed_and_data_for_search_engines() {
    let url = post_url("page_search");
    let root: afterword_model::PostedComment =
        Request::post_comment(&new_comment(&url, "One </script> two")).send(&OPEN).json();
    wait_for_thread(&OPEN, &url, 1);
    let page = page(&url);
    let text = page.text();
    assert!(text.contains(&format!("<link rel=\"canonical\" href=\"{url}\">")), "{text}");
    let data = text.split("<script type=\"application/ld+json\">").nth(1).and_then(|it| it.split("</script>").next());
    let data: serde_json::Value = serde_json::from_str(data.expect("structured data")).unwrap();
    let comment = &data["comment"][0];
    assert_eq!(comment["url"], format!("{url}#comment-{}", root.comment.id));
    assert_eq!((&comment["text"], &comment["author"]["name"]), (&"One </script> two".into(), &"Ada".into()));
    assert!(text.contains("h-cite") && text.contains("p-author h-card") && text.contains("dt-published"), "{text}");
    let feed = text.split("<link rel=\"alternate\" type=\"application/atom+xml\"").nth(1).expect("a feed");
    let feed = feed.split("href=\"").nth(1).and_then(|it| it.split('"').next()).unwrap().replace("&amp;", "&");
    let feed = Request::get(feed.trim_start_matches(&OPEN.origin())).send(&OPEN);
    assert!(feed.status == 200 && feed.text().contains(&format!("#comment-{}", root.comment.id)), "{feed:?}");
}
