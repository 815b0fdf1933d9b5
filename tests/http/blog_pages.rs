//! Pages of a blog that pass through the Worker, and the Worker under a path of the blog.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use afterword_tests::{BASE_PATH, HostPage, HostSite, Request, Response, Server, new_comment, wait_for_thread};

static BLOG: LazyLock<HostSite> = LazyLock::new(HostSite::start);
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::in_front_of("http-blog-pages", &BLOG));

fn send(request: &Request) -> Response {
    request.try_send_to_blog(&SERVER.blog_origin()).unwrap()
}

fn get(path: &str) -> Response {
    send(&Request::get(path))
}

/// A page around the place of the comments.
fn page(head: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>{head}\n<title>A post</title></head>\n<body>{body}</body></html>\n"
    )
}

const PLACE: &str =
    "<main>Text &amp; more</main><div id=\"afterword\"></div><script src=\"/_comments/embed.js\" async></script>";

/// Publishes a page with a thread of one comment, whose text is the name of the page.
fn publish(name: &str, html: &str) -> String {
    let path = format!("/{name}");
    BLOG.publish_file(&path, html);
    let url = format!("https://blog.example{path}");
    Request::post_comment(&new_comment(&url, &format!("text of {name}"))).send(&SERVER).check_status(201);
    wait_for_thread(&SERVER, &url, 1);
    path
}

/// The page without what was put into it, and what that was.
fn split(response: &Response) -> (String, String) {
    let (before, rest) = response.text().split_once("<template shadowrootmode=\"open\">").unwrap();
    let (inserted, after) = rest.split_once("</template>").unwrap();
    (format!("{before}{after}"), inserted.to_owned())
}

#[test]
fn thread_is_in_the_page_and_the_rest_is_as_it_was() {
    let html = page("", PLACE);
    let path = publish("thread_in_page", &html);
    let response = get(&path);
    let (rest, inserted) = split(&response);
    assert_eq!(rest, html);
    assert!(inserted.contains("text of thread_in_page"), "{inserted}");
    assert!(
        inserted.contains("<style>")
            && inserted.contains(&format!("action=\"{}{BASE_PATH}/thread\"", SERVER.blog_origin())),
        "{inserted}"
    );
    for name in ["etag", "last-modified", "accept-ranges"] {
        assert_eq!(response.header(name), None, "{name}");
    }
}

#[test]
fn slot_names_the_request_of_the_loader() {
    let path = publish("loader_request", &page("", PLACE));
    let (_, inserted) = split(&get(&path));
    let address = format!("{}{path}", SERVER.blog_origin()).replace(':', "%3A").replace('/', "%2F");
    let expected = format!("/v1/thread.html?url={address}&amp;lang=en&amp;location={address}&amp;sort=&amp;comment=");
    assert!(inserted.starts_with(&format!("<slot name=\"afterword\" id=\"{expected}\">")), "{inserted}");
}

#[test]
fn place_is_found_as_the_loader_finds_it() {
    let tag = "<script async src=\"/_comments/embed.js\"></script>";
    for (name, body) in [
        ("place_tag_only", format!("<p>x</p>{tag}<p>y</p>")),
        ("place_element", format!("{tag}<afterword-comments></afterword-comments>")),
        ("place_with_script", format!("<div id=afterword> <!-- here --> {tag}</div>")),
        ("place_with_blank", "<div id='afterword'>\n\n</div>".to_owned() + tag),
    ] {
        let path = publish(name, &page("", &body));
        let response = get(&path);
        let (rest, inserted) = split(&response);
        assert!(inserted.contains(&format!("text of {name}")), "{name}");
        let rest = rest.replace("<div id=\"afterword\"></div>", "");
        assert_eq!(rest, page("", &body), "{name}");
        assert_eq!(response.text().matches("<template").count(), 1, "{name}: one place is enough");
    }
    for (name, html) in [
        ("place_none", page("", "<p>no comments here</p>")),
        ("place_chapter", page("", "<div id=afterword><h2>Afterword</h2></div>")),
        ("place_head", page(tag, "<p>x</p>")),
        ("place_auto", page("", &format!("<div id=afterword data-lang=auto></div>{tag}"))),
    ] {
        let path = publish(name, &html);
        assert_eq!(get(&path).text(), html, "{name}");
    }
}

#[test]
fn post_of_the_page_is_that_of_the_canonical_link_or_of_the_attribute() {
    publish("the_post", &page("", PLACE));
    for (name, html) in [
        ("by_canonical", page("<link rel='canonical' href='https://blog.example/the_post'>", PLACE)),
        ("by_relative_canonical", page("<link rel=canonical href=/the_post>", PLACE)),
        (
            "by_attribute",
            page("", "<div id=afterword data-url=/the_post>x</div><script src=/_comments/embed.js></script>"),
        ),
        ("by_base", page("<base href=https://blog.example/><link rel=canonical href=the_post>", PLACE)),
    ] {
        BLOG.publish_file(&format!("/{name}"), &html);
        let (rest, inserted) = split(&get(&format!("/{name}")));
        assert!(inserted.contains("text of the_post"), "{name}: {inserted}");
        assert_eq!(rest, html, "{name}");
    }
}

#[test]
fn other_files_and_methods_pass_through_as_they_are() {
    BLOG.publish_file("/pass.css", "div#afterword { color: red }");
    let response = get("/pass.css");
    assert_eq!((response.status, response.text()), (200, "div#afterword { color: red }"));
    assert_eq!(response.header("content-length").as_deref(), Some("28"));
    assert_eq!(get("/not-there").status, 404);
    let path = publish("pass_methods", &page("", PLACE));
    assert_eq!(send(&Request::new("POST", &*path).body("a=b")).text(), page("", PLACE));
    let image = send(&Request::get(&*path).header("Sec-Fetch-Dest", "image"));
    assert_eq!(image.text(), page("", PLACE));
    // Paths of the Worker are the blog's own here.
    for path in ["/admin", "/thread", "/v1/thread", "/health", "/_commentsx"] {
        assert_eq!(get(path).status, 404, "{path}");
    }
    BLOG.publish_file("/v1/thread", "the blog's own");
    assert_eq!(get("/v1/thread").text(), "the blog's own");
}

#[test]
fn page_that_forbids_changes_or_inline_styles_is_obeyed() {
    let html = page("", PLACE);
    let with_header = |name: &str, header: (&'static str, &str)| {
        publish(name, &html);
        BLOG.publish_text(&format!("/{name}"), html.as_bytes(), &[(header.0, header.1.to_owned())], &SERVER);
        get(&format!("/{name}"))
    };
    assert_eq!(with_header("no_transform", ("Cache-Control", "max-age=60, no-transform")).text(), html);
    assert_eq!(with_header("attachment", ("Content-Disposition", "attachment")).text(), html);
    assert_eq!(with_header("xhtml", ("Content-Type", "application/xhtml+xml")).text(), html);
    let (_, inserted) = split(&with_header("strict", ("Content-Security-Policy", "style-src 'self'")));
    assert!(
        !inserted.contains("<style") && inserted.contains("<link rel=\"stylesheet\" crossorigin=\"\" href=\""),
        "{inserted}"
    );
    let meta = page("<meta http-equiv=Content-Security-Policy content=\"default-src 'self'\">", PLACE);
    let (_, inserted) = split(&get(&publish("strict_meta", &meta)));
    assert!(!inserted.contains("<style"), "{inserted}");
}

#[test]
fn old_encodings_and_other_scripts_survive() {
    let html = page("", PLACE).replace("charset=utf-8", "charset=windows-1252").replace("more", "m\u{f6}re");
    let bytes: Vec<u8> = html.chars().map(|char| char as u8).collect();
    let path = publish("encoding", "");
    let url = format!("https://blog.example{path}");
    Request::post_comment(&new_comment(&url, "日本語 ö 👍")).send(&SERVER).check_status(201);
    wait_for_thread(&SERVER, &url, 2);
    BLOG.publish_text(&path, &bytes, &[("Content-Type", "text/html; charset=windows-1252".to_owned())], &SERVER);
    let response = get(&path);
    let body = response.bytes();
    assert!(body.windows(4).any(|window| window == b"m\xf6re"), "the byte of the page is as it was");
    assert!(String::from_utf8_lossy(body).contains("&#26085;&#26412;&#35486; &#246; &#128077;"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test measures a time")]
fn page_never_waits_for_comments_that_do_not_come() {
    let html = page("", PLACE);
    BLOG.publish_file("/stalled-by-a-test", &html);
    let begun = Instant::now();
    assert_eq!(get("/stalled-by-a-test").text(), html);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn post_without_comments_has_the_empty_thread_in_its_page() {
    let html = page("", PLACE);
    BLOG.publish_file("/empty_thread", &html);
    let (rest, inserted) = split(&get("/empty_thread"));
    assert_eq!(rest, html);
    assert!(inserted.contains("data-count=\"0\""), "{inserted}");
}

#[test]
fn worker_answers_under_the_path_of_the_blog() {
    let path = publish("base_path", &page("", PLACE));
    let url = format!("https://blog.example{path}");
    let loader = get(&format!("{BASE_PATH}/embed.js"));
    assert_eq!(
        (loader.status, loader.header("content-type").as_deref()),
        (200, Some("text/javascript; charset=utf-8"))
    );
    let etag = loader.header("etag").unwrap();
    let again = send(&Request::get(format!("{BASE_PATH}/embed.js")).header("If-None-Match", etag));
    assert_eq!(again.status, 304);
    let thread = send(&Request::get(format!("{BASE_PATH}/v1/thread")).query(&[("url", &url)]));
    assert!(thread.text().contains("text of base_path"));
    let standalone = send(&Request::get(format!("{BASE_PATH}/thread")).query(&[("url", &url)]));
    let stylesheets: Vec<&str> = standalone
        .text()
        .split("rel=\"stylesheet\" href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(stylesheets.len(), 3);
    for stylesheet in stylesheets {
        assert!(stylesheet.starts_with(&format!("{BASE_PATH}/assets/")), "{stylesheet}");
        assert_eq!(get(stylesheet).header("content-type").as_deref(), Some("text/css; charset=utf-8"), "{stylesheet}");
    }
    let form = [("url", &*url), ("text", "by a form below the path"), ("name", "")];
    let posted = send(&Request::post_form(format!("{BASE_PATH}/thread"), &form));
    assert_eq!(posted.status, 303, "{posted:?}");
    let location = posted.header("location").unwrap();
    assert!(
        location.starts_with(&format!("{BASE_PATH}/thread?")) || location.starts_with(&SERVER.blog_origin()),
        "{location}"
    );
    wait_for_thread(&SERVER, &url, 2);
    assert_eq!(get(&format!("{BASE_PATH}/assets/not-there.js")).status, 404);
}

#[test]
fn moderators_pages_are_not_below_the_path_of_the_blog() {
    for path in ["/admin", "/admin/sign-in", "/admin/queue", "/admin/api/comments"] {
        let request = Request::as_moderator("GET", &format!("{BASE_PATH}{path}"));
        assert_eq!(send(&request).status, 404, "{path}");
    }
    assert_eq!(Request::get("/admin/sign-in").send(&SERVER).status, 200, "they are at the Worker's own address");
}

/// A browser sends no `Origin` with a `GET` of a page of the same origin.
#[test]
fn moderation_on_the_page_knows_its_page_below_the_path_of_the_blog() {
    let request = Request::get(format!("{BASE_PATH}/v1/moderation/comments"))
        .query(&[("url", "https://blog.example/moderated")])
        .header("Sec-Fetch-Site", "same-origin");
    assert_eq!(send(&request).status, 401, "only the token is missing");
}

#[test]
fn blog_stays_readable_while_the_settings_are_invalid() {
    let routes = format!("http://127.0.0.1={}", BLOG.origin());
    let settings = [("SITES", "not-an-origin"), ("BASE_PATH", BASE_PATH), ("BLOG_ROUTES", &*routes)];
    let server = Server::start("http-blog-pages-invalid", &settings, &[]);
    let html = page("", PLACE);
    BLOG.publish_file("/readable", &html);
    let origin = server.blog_origin();
    let response = Request::get("/readable").try_send_to_blog(&origin).unwrap();
    assert_eq!((response.status, response.text()), (200, &*html));
    let own = Request::get(format!("{BASE_PATH}/health")).try_send_to_blog(&origin).unwrap();
    assert_eq!(own.status, 503, "the Worker says what is wrong");
}

#[test]
fn generated_page_of_a_test_blog_passes_with_its_thread() {
    let url = BLOG.publish(&HostPage::new(&SERVER, "generated"));
    let path = url.strip_prefix(&BLOG.origin()).unwrap().to_owned();
    let direct = Request::get(&*path).try_send_to_blog(&BLOG.origin()).unwrap();
    let (rest, _) = split(&get(&path));
    assert_eq!(rest.replace("<div id=\"afterword\"></div>", ""), direct.text());
}
