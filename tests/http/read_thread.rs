//! `GET /v1/thread` and `GET /v1/thread.html`, which read from KV only.

use afterword_model::{ErrorBody, NewComment, PostUrl, PostedComment, Refusal, Thread};
use afterword_tests::{
    Kv, Request, Response, Server, new_comment, post_many_comments, post_url, usage, wait_for_thread, wait_until,
};

use crate::OPEN;

fn read(url: &str) -> Response {
    read_from(&OPEN, url)
}

fn read_from(server: &Server, url: &str) -> Response {
    Request::get("/v1/thread").query(&[("url", url)]).send(server)
}

#[test]
fn unknown_post_has_an_empty_thread_and_reading_creates_nothing() {
    let url = post_url("read_unknown");
    for path in ["/v1/thread", "/v1/thread.html", "/thread", "/v1/counts"] {
        let response = Request::get(path).query(&[("url", &url)]).send(&OPEN);
        assert_eq!(response.status, 200, "{path}");
        let [_, object] = usage(&response);
        assert_eq!(object, 0, "{path}");
    }
    let thread: Thread = read(&url).json();
    assert_eq!(thread, Thread::empty(PostUrl::parse(&url).unwrap()));
    assert_eq!(Kv::new(&OPEN).list(&format!("thread:{url}")), []);
}

#[test]
fn one_view_costs_one_kv_read_and_no_object_request() {
    let url = post_url("read_cost");
    let new = Request::post_comment(&new_comment(&url, "worth reading")).send(&OPEN);
    assert_eq!(new.status, 201);
    wait_for_thread(&OPEN, &url, 1);
    for path in ["/v1/thread", "/v1/thread.html", "/thread"] {
        let response = Request::get(path).query(&[("url", &url)]).send(&OPEN);
        assert_eq!(usage(&response), [1, 0], "{path}");
    }
}

#[test]
fn further_page_by_votes_costs_three_kv_reads() {
    let url = post_url("read_cost_votes");
    post_many_comments(&OPEN, &url, 105);
    for path in ["/v1/thread", "/v1/thread.html", "/thread"] {
        // By votes: the head, the top page, and the page itself.
        for (page, sort, reads) in
            [("1", "oldest", 1), ("2", "oldest", 2), ("1", "newest", 2), ("1", "top", 2), ("2", "top", 3)]
        {
            let response = Request::get(path).query(&[("url", &url), ("page", page), ("sort", sort)]).send(&OPEN);
            assert_eq!((response.status, usage(&response)), (200, [reads, 0]), "{path}: page {page}, {sort}");
        }
    }
}

#[test]
fn server_timing_is_sent_if_it_is_turned_on() {
    let settings = [
        ("SITES", "https://blog.example"),
        ("SIGNING_KEY", "a-key-for-tests-that-signs-nothing-of-value"),
        ("SERVER_TIMING", "on"),
    ];
    let server = Server::start("http-server-timing", &settings, &[]);
    let url = post_url("read_timing");
    let timing = |request: Request| request.send(&server).header("server-timing").unwrap_or_default();
    let read = timing(Request::get("/v1/thread.html").query(&[("url", &url)]));
    // A post without comments takes a second read, for the settings of its blog.
    assert!(read.starts_with("kv;desc=\"2\";dur=") && read.contains("ledger;desc=\"0\";dur=0, total;dur="), "{read}");
    let posted = timing(Request::post_comment(&new_comment(&url, "How long does it take?")));
    assert!(posted.starts_with("kv;desc=\"0\";dur=0, ledger;desc=\"1\";dur="), "{posted}");
    assert_eq!(read_from(&OPEN, &url).header("server-timing"), None, "off by default");
}

#[test]
fn thread_is_the_same_for_every_url_of_its_post() {
    let url = post_url("read_addresses");
    let sent = "http://127.0.0.1:4321/read_addresses/index.html?utm_source=feed&m=1#comments";
    let posted: PostedComment = Request::post_comment(&new_comment(sent, "by a long address")).send(&OPEN).json();
    assert_eq!(wait_for_thread(&OPEN, &url, 1), [posted.comment]);
    let expected = read(&url).text().to_owned();
    for address in [sent, "https://BLOG.example:443/read%5Faddresses/", "http://localhost/read_addresses?fbclid=1"] {
        assert_eq!(read(address).text(), expected, "{address}");
    }
}

#[test]
fn json_matches_the_contract() {
    let url = post_url("read_json");
    let new = NewComment { title: Some("A  title".to_owned()), ..new_comment(&url, "A *word*") };
    let new =
        NewComment { website: Some("ada.example".to_owned()), email: Some("ada@private.example".to_owned()), ..new };
    let response = Request::post_comment(&new).send(&OPEN);
    assert!(!response.text().contains("private.example"), "e-mail addresses are never published");
    let PostedComment { comment: stored, .. } = response.json();
    let (id, created) = (stored.id, stored.created);
    wait_for_thread(&OPEN, &url, 1);
    let response = read(&url);
    let version = response.json::<Thread>().version;
    let expected = format!(
        r#"{{"url":"{url}","title":"A title","version":{version},"count":1,"closed":false,"sort":"oldest","page":1,"pages":1,"comments":[{{"id":{id},"parent":null,"author":{{"name":"Ada","website":"https://ada.example/","owner":false,"mark":null}},"html":{html},"created":{created},"edited":null,"votes":0,"pinned":false,"deleted":false,"since":1}}]}}"#,
        html = serde_json::to_string(stored.html.as_str()).unwrap(),
    );
    assert_eq!(response.text(), expected);
    assert!(stored.html.as_str().contains("<em>word</em>"), "{}", stored.html.as_str());
    assert!(response.header("content-type").unwrap().starts_with("application/json"));
}

#[test]
fn unchanged_thread_is_not_sent_again() {
    let url = post_url("read_etag");
    Request::post_comment(&new_comment(&url, "first")).send(&OPEN);
    wait_for_thread(&OPEN, &url, 1);
    for path in ["/v1/thread", "/v1/thread.html"] {
        let request = Request::get(path).query(&[("url", &url)]);
        let first = request.send(&OPEN);
        let tag = first.header("etag").expect("a read has an ETag");
        let request = request.header("If-None-Match", format!("\"something-else\", {tag}"));
        let again = request.send(&OPEN);
        assert_eq!((again.status, again.bytes()), (304, &b""[..]), "{path}");
        assert_eq!(again.header("etag"), Some(tag.clone()), "{path}");
        let weak = Request::get(path).query(&[("url", &url)]).header("If-None-Match", format!("W/{tag}"));
        assert_eq!(weak.send(&OPEN).status, 304, "{path}: weak comparison (RFC 9110, section 13.1.2)");
    }
    let tag = read(&url).header("etag").unwrap();
    Request::post_comment(&new_comment(&url, "second")).send(&OPEN);
    let changed = wait_until("the second comment", || {
        let response =
            Request::get("/v1/thread").query(&[("url", &url)]).header("If-None-Match", tag.as_str()).send(&OPEN);
        (response.status == 200).then_some(response)
    });
    assert_ne!(changed.header("etag"), Some(tag));
    assert_eq!(changed.json::<Thread>().count, 2);
}

#[test]
fn url_outside_the_configured_sites_is_refused() {
    let long = format!("https://blog.example/{}", "a".repeat(2048));
    let cases = [
        ("", Refusal::BadUrl),
        ("blog.example/post", Refusal::BadUrl),
        ("/post", Refusal::BadUrl),
        ("ftp://blog.example/post", Refusal::BadUrl),
        ("javascript:alert(1)//blog.example", Refusal::BadUrl),
        ("data:text/html,blog.example", Refusal::BadUrl),
        ("https://", Refusal::BadUrl),
        (&long, Refusal::UrlTooLong),
        ("https://canary-7f3.example/post", Refusal::UnknownSite),
        ("https://blog.example.canary-7f3.example/", Refusal::UnknownSite),
        ("https://canary-7f3blog.example/", Refusal::UnknownSite),
        ("https://blog.example@canary-7f3.example/", Refusal::UnknownSite),
        ("https://blog.example:8443/canary-7f3", Refusal::UnknownSite),
        ("https://sub.blog.example/canary-7f3", Refusal::UnknownSite),
    ];
    for (url, refusal) in cases {
        for path in ["/v1/thread", "/v1/thread.html"] {
            let response = Request::get(path).query(&[("url", url)]).send(&OPEN);
            response.check_refusal(refusal);
            response.check_omits("canary-7f3");
        }
        let page = Request::get("/thread").query(&[("url", url)]).send(&OPEN);
        assert_eq!(page.status, refusal.status(), "/thread for {url}");
        page.check_omits("canary-7f3");
    }
    Request::get("/v1/thread").send(&OPEN).check_refusal(Refusal::BadUrl);
}

#[test]
fn invalid_page_or_sort_is_refused() {
    let url = post_url("read_bad_query");
    for (name, value) in
        [("page", "0"), ("page", "-1"), ("page", "x"), ("page", "1.5"), ("page", "99999999999"), ("sort", "random")]
    {
        let response = Request::get("/v1/thread").query(&[("url", &url), (name, value)]).send(&OPEN);
        response.check_refusal(Refusal::BadQuery);
    }
    for query in ["%", "url", "url=%FF%FE", "url=https://blog.example/%00&&&=", "url[]=1"] {
        let response = Request::get(format!("/v1/thread?{query}")).send(&OPEN);
        assert!(matches!(response.status, 200 | 400), "{query}: {response:?}");
    }
}

#[test]
fn fragment_uses_the_requested_language() {
    let url = post_url("read_language");
    let fragment = |lang: &str| Request::get("/v1/thread.html").query(&[("url", &url), ("lang", lang)]).send(&OPEN);
    let cases = [
        ("de", "de"),
        ("de-AT", "de"),
        ("en", "en"),
        ("xx-canary", "en"),
        ("", "en"),
        ("zh-TW", "zh-Hant"),
        ("iw", "he"),
    ];
    for (requested, used) in cases {
        let response = fragment(requested);
        assert!(response.header("content-type").unwrap().starts_with("text/html"), "{response:?}");
        assert!(response.text().starts_with("<section"), "{}", response.text());
        assert!(response.text().contains(&format!("lang=\"{used}\"")), "{requested}: {}", response.text());
        response.check_omits("xx-canary");
    }
    assert_ne!(fragment("de").text(), fragment("en").text());
    assert_ne!(fragment("de").header("etag"), fragment("en").header("etag"));
}

#[test]
fn message_of_an_error_is_in_the_language_of_the_request() {
    let message = |query: &[(&str, &str)], languages: Option<&str>| {
        let call = Request::get("/v1/thread").query(query);
        let call = match languages {
            Some(languages) => call.header("Accept-Language", languages),
            None => call,
        };
        call.send(&OPEN).json::<ErrorBody>().error.message
    };
    let query = [("url", "nowhere")];
    let german = "Das ist nicht die Adresse eines Beitrags.";
    assert_eq!(message(&query, None), Refusal::BadUrl.message());
    assert_eq!(message(&query, Some("de-CH, en;q=0.5")), german);
    assert_eq!(message(&[query[0], ("lang", "de")], Some("fr")), german, "the query names the language");
    assert_eq!(message(&query, Some("tlh")), "This is not the address of a post.");
}
