//! Addresses: what others add to them, routes, canonical links that cannot be right, clean URLs, copies of a page, and `/check`.

use std::sync::LazyLock;

use afterword_model::{CanonicalFault, Counts, ErrorBody, PostedComment, Refusal, Thread};
use afterword_tests::{
    MODERATOR_AUTHORIZATION, MODERATOR_SECRET, Request, Response, Server, hidden_field, new_comment, post_url,
    wait_for_thread, wait_until,
};
use base64::Engine as _;

use crate::OPEN;

/// A Worker with clean URLs.
static CLEAN: LazyLock<Server> = LazyLock::new(|| {
    Server::start(
        "http-clean-urls",
        &[
            ("SITES", "https://blog.example=http://127.0.0.1,http://localhost"),
            ("MODERATION", "open"),
            ("CLEAN_URLS", "on"),
            ("SIGNING_KEY", "0123456789abcdef0123456789abcdef"),
        ],
        &[],
    )
});

fn read(path: &str, query: &[(&str, &str)]) -> Response {
    Request::get(path).query(query).send(&OPEN)
}

fn post(server: &Server, url: &str, text: &str) -> PostedComment {
    let response = Request::post_comment(&new_comment(url, text)).send(server);
    assert_eq!(response.status, 201, "{url}: {response:?}");
    response.json()
}

#[test]
fn one_post_has_one_thread_whatever_others_add_to_its_address() {
    let url = post_url("addresses_marks");
    let added = [
        "?from=singlemessage&isappinstalled=0",
        "?doing_wp_cron=1700000000.1",
        "?share=twitter&nb=1",
        "?fb_comment_id=1_2",
        "?unapproved=7&moderation-hash=abc#comment-7",
        "/?_x_tr_sl=en&_x_tr_tl=de",
        "//index.html?mc_cid=a",
    ];
    for added in added {
        post(&OPEN, &format!("{url}{added}"), added);
    }
    wait_for_thread(&OPEN, &url, 7);
}

#[test]
fn routes_are_posts_and_their_comments_link_to_the_page_of_the_thread() {
    let (one, two) = ("https://blog.example/addresses_app/#/one", "https://blog.example/addresses_app/#/two");
    let posted = post(&OPEN, &format!("{one}?utm_source=x#comment-7"), "on one");
    wait_for_thread(&OPEN, one, 1);
    wait_for_thread(&OPEN, two, 0);
    wait_for_thread(&OPEN, "https://blog.example/addresses_app/", 0);
    let fragment = read("/v1/thread.html", &[("url", one)]);
    assert_eq!(hidden_field(fragment.text(), "url"), one, "the form posts to the route");
    let link = fragment
        .text()
        .split("class=\"aw-time u-url\" href=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    let (page, anchor) = link.split_once("#").unwrap();
    assert_eq!(anchor, format!("comment-{}", posted.comment.id));
    let path = page.strip_prefix(&OPEN.origin()).unwrap().replace("&amp;", "&");
    let page = Request::get(path).send(&OPEN);
    assert!(page.text().contains("on one") && page.text().contains(&format!("id=\"{anchor}\"")), "{}", page.text());
    assert!(page.text().contains(&format!("href=\"{one}\"")), "the page leads back to the route: {}", page.text());
    let counts: Counts = read("/v1/counts", &[("url", one), ("url", two)]).json();
    assert_eq!((counts.counts[one], counts.counts[two]), (1, 0));
}

#[test]
fn canonical_link_that_cannot_be_right_gives_way_and_the_owner_is_told() {
    let url = post_url("addresses_canonical");
    post(&OPEN, &url, "at its own address");
    wait_for_thread(&OPEN, &url, 1);
    let page = format!("{url}/?utm_source=x");
    for (canonical, fault) in [
        ("http://localhost:1313/addresses_canonical/", CanonicalFault::Loopback),
        ("https://blog.example/", CanonicalFault::StartPage),
        ("https://other.example/addresses_canonical", CanonicalFault::OtherSite),
        ("https://unknown.example/addresses_canonical", CanonicalFault::UnknownSite),
        ("https://blog.example/undefined", CanonicalFault::Placeholder),
        ("about:blank", CanonicalFault::NotAnAddress),
    ] {
        let query = [("url", canonical), ("location", page.as_str())];
        let thread: Thread = read("/v1/thread", &query).json();
        assert_eq!((thread.url.as_str(), thread.count), (url.as_str(), 1), "{canonical}");
        let fragment = read("/v1/thread.html", &query);
        let hint = fault.hint().replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        assert!(fragment.text().contains(&format!("data-hint=\"{hint}\"")), "{canonical}: {}", fragment.text());
        assert_eq!(hidden_field(fragment.text(), "url"), page, "{canonical}: the form posts to the page");
        assert_eq!(read("/v1/challenge", &query).status, 200, "{canonical}");
        assert!(read("/thread", &query).text().contains("at its own address"), "{canonical}");
    }
    let right = read("/v1/thread.html", &[("url", &url), ("location", "https://blog.example/print/canonical")]);
    assert!(right.text().contains("at its own address") && !right.text().contains("data-hint"), "{}", right.text());
    read("/v1/thread.html", &[("url", "https://unknown.example/"), ("location", "https://copy.example/")])
        .check_refusal(Refusal::UnknownSite);
}

#[test]
fn copy_of_a_page_shows_the_thread_and_leads_to_the_post() {
    let url = post_url("addresses_copy");
    post(&OPEN, &url, "worth translating");
    wait_for_thread(&OPEN, &url, 1);
    for origin in ["https://blog-example.translate.goog", "https://web.archive.org", "null", "file://"] {
        let fetch = |etag: &str| {
            let request = Request::get("/v1/thread.html").query(&[("url", &url)]).header("Origin", origin);
            request.header("If-None-Match", etag).send(&OPEN)
        };
        let copy = fetch("");
        assert_eq!(copy.header("access-control-allow-origin").as_deref(), Some("*"), "{origin}");
        let text = copy.text();
        assert!(
            text.contains("worth translating")
                && text.contains(&format!("<p class=\"aw-elsewhere\"><a href=\"{url}\">")),
            "{text}"
        );
        assert!(!text.contains("<form") && !text.contains("aw-reply"), "{origin}: nobody can post from here: {text}");
        assert!(text.contains("data-hint=\"The setting SITES"), "{origin}: its owner is told: {text}");
        // The copy is another answer than that for the blog itself.
        let own = read("/v1/thread.html", &[("url", &url)]);
        assert!(own.text().contains("<form") && own.header("etag") != copy.header("etag"));
        assert_eq!(fetch(&own.header("etag").unwrap()).status, 200, "{origin}");
        assert_eq!(fetch(&copy.header("etag").unwrap()).status, 304, "{origin}");
    }
}

#[test]
fn clean_urls_make_one_thread_of_two_file_names() {
    let url = "https://blog.example/addresses_clean";
    for name in ["", ".html", "/", "/index.html", ".htm"] {
        post(&CLEAN, &format!("{url}{name}"), &format!("from the page {name:?}"));
    }
    wait_for_thread(&CLEAN, url, 5);
    let off = post_url("addresses_unclean");
    post(&OPEN, &off, "one page");
    post(&OPEN, &format!("{off}.html"), "another page");
    wait_for_thread(&OPEN, &off, 1);
}

#[test]
fn threads_follow_their_addresses_when_clean_urls_are_turned_on() {
    let settings = |clean: &'static str| {
        [
            ("SITES", "https://blog.example"),
            ("MODERATION", "open"),
            ("CLEAN_URLS", clean),
            ("SIGNING_KEY", "0123456789abcdef0123456789abcdef"),
        ]
    };
    let (page, url) = ("https://blog.example/switched.html", "https://blog.example/switched");
    let server = Server::start("http-clean-switch", &settings("off"), &[]);
    let first = post(&server, page, "before");
    wait_for_thread(&server, page, 1);
    let server = server.restart_with_settings(&settings("on"));
    // The thread is read where it was published, unless the object's alarm has moved it already.
    let before: Thread = Request::get("/v1/thread").query(&[("url", page)]).send(&server).json();
    assert!(before.count == 1 && [page, url].contains(&before.url.as_str()), "{before:?}");
    let counts: Counts = Request::get("/v1/counts").query(&[("url", page)]).send(&server).json();
    assert_eq!(counts.counts[page], 1);
    // The first comment moves the threads. A reply from the page as it was open before belongs to the same thread.
    let reply = afterword_model::NewComment { parent: Some(first.comment.id), ..new_comment(page, "after") };
    assert_eq!(Request::post_comment(&reply).send(&server).status, 201);
    for address in [url, page] {
        assert_eq!(wait_for_thread(&server, address, 2).len(), 2, "{address}");
    }
    // Turned off again, the former address still leads to the thread.
    let server = server.restart_with_settings(&settings("off"));
    wait_for_thread(&server, page, 2);
}

fn check_with(url: &str, canonical: &str) -> Response {
    let credentials = base64::engine::general_purpose::STANDARD.encode(format!("anyone:{MODERATOR_SECRET}"));
    let query = [("url", url), ("canonical", canonical)];
    Request::get("/check").query(&query).header("Authorization", format!("Basic {credentials}")).send(&OPEN)
}

#[test]
fn check_page_explains_what_the_tag_does_on_a_post() {
    let url = post_url("addresses_check");
    post(&OPEN, &url, "one");
    wait_for_thread(&OPEN, &url, 1);
    let page = check_with("http://localhost:1313/addresses_check/?isappinstalled=0&p=7&utm_source=x#top", "");
    assert_eq!(page.status, 200);
    let text = page.text();
    for part in [
        "<code>https://blog.example</code>",
        "<code>http://localhost:1313</code> is an alias",
        "<code>https://blog.example/addresses_check?p=7</code>",
        "<code>isappinstalled</code> – WeChat",
        "<code>utm_source</code>",
        "names a place on the page",
        "There are none yet",
        "CLEAN_URLS",
        "Moderation is <code>open</code>",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("<script"), "{text}");
    let known = wait_until("the count", || {
        Some(check_with(&url, "")).filter(|page| page.text().contains("Comments that readers see: 1"))
    });
    assert!(known.text().contains("wait for a moderator: 0."), "{}", known.text());
    let wrong = check_with(&url, "https://blog.example/");
    assert!(wrong.text().contains("names the start page of the site"), "{}", wrong.text());
    assert!(wrong.text().contains(&format!("<code>{url}</code>")), "{}", wrong.text());
    let strange = check_with("https://strange.example/\"><script>alert(1)</script>", "");
    assert_eq!(strange.status, 200);
    assert!(
        strange.text().contains("=https://strange.example&quot;</code>") && !strange.text().contains("<script"),
        "{}",
        strange.text()
    );
    for bad in ["not an address", "javascript:alert(1)", "file:///x", &"x".repeat(3000)] {
        assert!(check_with(bad, "").text().contains("not an http or https address"), "{bad}");
    }
    assert!(check_with("", "").text().contains("fetches nothing"));
}

#[test]
fn check_page_is_for_moderators_and_its_password_opens_nothing_else() {
    let url = post_url("addresses_check_secret");
    let ask = |header: &str| Request::get("/check").query(&[("url", &url)]).header("Authorization", header).send(&OPEN);
    let encode = |text: &str| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text));
    for header in
        [String::new(), "Basic ***".to_owned(), encode("ada:"), encode("wrong"), MODERATOR_AUTHORIZATION.to_owned()]
    {
        let refused = ask(&header);
        assert_eq!(refused.status, 401, "{header}");
        let challenge = refused.header("www-authenticate").unwrap_or_default();
        assert!(challenge.starts_with("Basic "), "{header}: {challenge}");
        assert!(!refused.text().contains("addresses_check_secret"), "{header}: {}", refused.text());
    }
    let right = encode(&format!("ada:{MODERATOR_SECRET}"));
    assert_eq!(ask(&right).status, 200);
    for path in ["/admin/api/comments", "/admin/api/export", "/admin/api/settings"] {
        Request::get(path).header("Authorization", right.clone()).send(&OPEN).check_refusal(Refusal::Unauthorized);
    }
    let foreign = Request::get("/check").query(&[("url", &url)]).header("Authorization", right);
    for (name, value) in [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")] {
        let refused = foreign.clone().header(name, value).send(&OPEN);
        assert_eq!((refused.status, refused.json::<ErrorBody>().error.code.as_str()), (403, "wrong_origin"), "{name}");
        assert_eq!(refused.header("access-control-allow-origin"), None, "{name}");
    }
}

#[test]
fn reader_whose_browser_names_no_post_is_asked_for_its_address() {
    let url = post_url("addresses_referer");
    for (referer, typed) in [("", ""), ("https://blog.example/", "https://blog.example/"), ("about:blank", "")] {
        let mut request = Request::get("/thread");
        if !referer.is_empty() {
            request = request.header("Referer", referer);
        }
        let asked = request.send(&OPEN);
        assert_eq!(asked.status, 400, "{referer}");
        let text = asked.text();
        assert!(text.contains("Your browser did not say which post you came from"), "{referer}: {text}");
        assert!(
            text.contains("method=\"get\"") && text.contains(&format!("name=\"url\" value=\"{typed}\"")),
            "{referer}: {text}"
        );
    }
    let german = Request::get("/thread").header("Accept-Language", "de").send(&OPEN);
    assert!(german.text().contains("Welcher Beitrag?"), "{}", german.text());
    assert_eq!(read("/thread", &[("url", &url), ("lang", "en")]).status, 200);
}

#[test]
fn reader_whose_browser_withholds_the_origin_is_told_what_to_do_and_keeps_the_text() {
    let url = post_url("addresses_withheld");
    let send = |fetch_site: &str| {
        let request = Request::post_form("/thread", &[("url", &url), ("lang", "en"), ("text", "carefully written")]);
        request.header("Origin", "null").header("Sec-Fetch-Site", fetch_site).send(&OPEN)
    };
    let same = send("same-site");
    assert!(
        same.text().contains("send it from this page") && same.text().contains("carefully written"),
        "{}",
        same.text()
    );
    let foreign = send("cross-site");
    assert!(
        foreign.text().contains("paste it there") && foreign.text().contains("carefully written"),
        "{}",
        foreign.text()
    );
    assert!(
        foreign.text().contains("/thread?url="),
        "a link leads to the page where it can be pasted: {}",
        foreign.text()
    );
    assert_eq!((same.status, foreign.status), (403, 403));
}
