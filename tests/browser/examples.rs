//! The examples: each page reads, posts and follows the navigation of its kind.

use std::path::{Path, PathBuf};
use std::process::Command;

use afterword_model::Thread;
use afterword_tests::{
    Browser, BrowserOptions, HostSite, MAIN_FORM, Request, is_long_run, new_comment, root, wait_for_thread,
    wait_until_async, xtask,
};

use crate::{HOST, OPEN};

#[tokio::test]
async fn blog_shows_counts_and_each_post_its_comments() {
    HOST.publish_example(&OPEN);
    let url = "https://blog.example/2011/11/frost-on-the-allotment.html";
    for text in ["Green tomato cake!", "Parsnips, yes."] {
        assert_eq!(Request::post_comment(&new_comment(url, text)).send(&OPEN).status, 201);
    }
    wait_for_thread(&OPEN, url, 2);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&format!("{}/", HOST.origin())).await;
    let counts = "return [...document.querySelectorAll('a.count')].map((count) => count.textContent)";
    let poll = async || {
        let seen = reader.run(counts, Vec::new()).await;
        if seen == serde_json::json!(["no comments yet", "no comments yet", "2 comments"]) { Ok(()) } else { Err(seen) }
    };
    wait_until_async("the counts", poll).await;
    assert_eq!(reader.axe_violations().await, Vec::<String>::new());

    let posts = ["notes/counting-without-a-lock.html", "travel/rasail-min-amman.html"];
    for post in posts {
        reader.visit(&format!("{}/{post}", HOST.origin())).await;
        reader.widget().find(".aw-empty").await;
        reader.widget().post("Ada", "Nice").await;
        reader.widget().wait_for_texts(&["Nice"]).await;
    }
    for address in ["2011/11/frost-on-the-allotment.html", "2011/11/frost-on-the-allotment.html?m=1"] {
        reader.visit(&format!("{}/{address}", HOST.origin())).await;
        reader.widget().wait_for_texts(&["Green tomato cake!", "Parsnips, yes."]).await;
    }
    reader.close().await;
}

/// A site of its own for an example, because generators assume that a site begins at `/`.
struct ExampleSite {
    site: HostSite,
}

impl ExampleSite {
    fn publish(folder: &Path) -> Self {
        let site = HostSite::start();
        site.publish_folder(folder, "", &OPEN);
        Self { site }
    }

    /// Opens a page with one comment, and writes another. `url` is the address of its thread, without the origin.
    async fn read_and_post(&self, reader: &Browser, path: &str, url: &str) {
        let thread = format!("https://blog.example{url}");
        let before = Request::get("/v1/thread").query(&[("url", &thread)]).send(&OPEN).json::<Thread>().count;
        assert_eq!(Request::post_comment(&new_comment(&thread, "Already here")).send(&OPEN).status, 201);
        wait_for_thread(&OPEN, &thread, before + 1);
        reader.visit(&format!("{}{path}", self.site.origin())).await;
        reader.widget().wait_for_texts(&["Already here"]).await;
        reader.widget().post("Ada", "Written here, and/or there").await;
        reader.widget().wait_for_texts(&["Already here", "Written here, and/or there"]).await;
        wait_for_thread(&OPEN, &thread, before + 2);
    }
}

/// Builds an example with its generator. Returns `None` in a quick run in which the generator is not installed.
fn build(name: &str) -> Option<PathBuf> {
    let mut command = xtask();
    command.arg("examples").arg(name);
    if !is_long_run() {
        command.arg("--installed");
    }
    let output = Command::output(&mut command).expect("xtask starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.trim().strip_prefix("built ").map(PathBuf::from)
}

/// Opens both posts of a built example.
async fn check_built(name: &str, pages: [(&str, &str); 2]) {
    let Some(folder) = build(name) else { return };
    let example = ExampleSite::publish(&folder);
    let reader = Browser::open(BrowserOptions::default()).await;
    for (path, url) in pages {
        example.read_and_post(&reader, path, url).await;
    }
    reader.close().await;
}

#[tokio::test]
async fn hugo_site_has_comments() {
    check_built("hugo", [("/posts/first/", "/posts/first/"), ("/posts/second/", "/posts/second/")]).await;
}

#[tokio::test]
async fn jekyll_site_has_comments() {
    let pages = [("/2026/01/first.html", "/2026/01/first.html"), ("/2026/02/second.html", "/2026/02/second.html")];
    check_built("jekyll", pages).await;
}

#[tokio::test]
async fn eleventy_site_has_comments() {
    check_built("eleventy", [("/articles/first/", "/articles/first/"), ("/articles/second/", "/articles/second/")])
        .await;
}

#[tokio::test]
async fn comments_of_build_time_are_read_without_javascript_and_shown_once_with_it() {
    let thread = "https://blog.example/build-time/first.html";
    assert_eq!(Request::post_comment(&new_comment(thread, "Baked $& in")).send(&OPEN).status, 201);
    wait_for_thread(&OPEN, thread, 1);
    let folder = tempfile::tempdir().expect("a folder");
    let source = root().join("examples/build-time");
    let page = folder.path().join("first.html");
    std::fs::copy(source.join("posts/first.html"), &page).expect("the page can be copied");
    let bake = || {
        let run = Command::new("node").arg(source.join("bake.mjs")).arg(OPEN.origin()).arg(folder.path()).output();
        let run = run.expect("node is installed");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        std::fs::read_to_string(&page).expect("the page is there")
    };
    let baked = bake();
    assert_eq!(baked.matches("Baked $&amp; in").count(), 1, "{baked}");
    assert_eq!(bake(), baked, "a second run replaces what the first one has put there");
    let example = ExampleSite::publish(folder.path());
    let address = format!("{}/first.html", example.site.origin());
    let without = Browser::open(BrowserOptions { javascript: false, ..BrowserOptions::default() }).await;
    without.visit(&address).await;
    without.find("#afterword .aw-text").await;
    without.close().await;
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&address).await;
    reader.widget().wait_until("the thread beside the copy", "root !== document").await;
    reader.widget().wait_for_texts(&["Baked $& in"]).await;
    let copy = "return document.querySelector('#afterword .aw-text').checkVisibility()";
    assert_eq!(reader.run(copy, Vec::new()).await, false, "the copy in the page is not shown any more");
    reader.widget().post("Ada", "Written later").await;
    reader.widget().wait_for_texts(&["Baked $& in", "Written later"]).await;
    reader.close().await;
}

#[tokio::test]
async fn book_has_comments_in_every_chapter() {
    check_built("mdbook", [("/first.html", "/first.html"), ("/second.html", "/second.html")]).await;
}

#[tokio::test]
async fn astro_site_has_comments_after_a_view_transition() {
    let Some(folder) = build("astro") else { return };
    let example = ExampleSite::publish(&folder);
    follow_navigation(&example, "/notes/first.html", ["/notes/first", "/notes/second"], "nav a:last-child").await;
}

/// Reads one post, goes to another by the site's own navigation, and writes there.
async fn follow_navigation(example: &ExampleSite, path: &str, urls: [&str; 2], link: &str) {
    let reader = Browser::open(BrowserOptions::default()).await;
    example.read_and_post(&reader, path, urls[0]).await;
    reader.run("window.sameDocument = true", Vec::new()).await;
    let thread = format!("https://blog.example{}", urls[1]);
    assert_eq!(Request::post_comment(&new_comment(&thread, "On the second post")).send(&OPEN).status, 201);
    wait_for_thread(&OPEN, &thread, 1);
    reader.find(link).await.click().await.expect("the link can be pressed");
    reader.widget().wait_for_texts(&["On the second post"]).await;
    let same = reader.run("return window.sameDocument === true", Vec::new()).await;
    assert_eq!(same, true, "the page has not been loaded anew");
    reader.widget().fill(MAIN_FORM, &[("text", "Written on the second post")]).await;
    reader.widget().submit(MAIN_FORM).await;
    wait_for_thread(&OPEN, &thread, 2);
    reader.run("history.back()", Vec::new()).await;
    reader.widget().wait_for_texts(&["Already here", "Written here, and/or there"]).await;
    reader.close().await;
}

/// Follows the navigation of one of the single-page examples.
async fn follow_single_page(name: &str) {
    let folder = build("single-page").expect("its libraries are small enough for every run");
    let site = HostSite::start();
    site.publish_folder(&folder.join(name), &format!("/{name}"), &OPEN);
    let urls = ["first", "second"].map(|post| format!("/{name}/{post}.html"));
    follow_navigation(&ExampleSite { site }, &urls[0], [&urls[0], &urls[1]], "nav a:last-child").await;
}

#[tokio::test]
async fn comments_follow_plain_navigation() {
    follow_single_page("plain").await;
}

#[tokio::test]
async fn comments_follow_turbo() {
    follow_single_page("turbo").await;
}

#[tokio::test]
async fn comments_follow_htmx() {
    follow_single_page("htmx").await;
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join("examples").join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The HTML that WordPress makes of `comments.php` for the post of the example.
fn wordpress_comments() -> String {
    let values = [
        ("esc_url( $afterword_url )", "https://blog.example/2026/01/hello-world/"),
        ("esc_attr( wp_strip_all_tags( get_the_title() ) )", "Hello world!"),
        ("esc_url( AFTERWORD_WORKER )", "http://localhost:8787"),
        (
            "esc_url( AFTERWORD_WORKER . '/thread?url=' . rawurlencode( $afterword_url ) )",
            "http://localhost:8787/thread?url=https%3A%2F%2Fblog.example%2F2026%2F01%2Fhello-world%2F",
        ),
    ];
    let source = read("wordpress/comments.php");
    let (_, template) = source.split_once("?>\n").expect("the code ends before the HTML");
    let html = values.iter().fold(template.to_owned(), |html, (expression, value)| {
        let echo = format!("<?php echo {expression}; ?>");
        assert!(html.contains(&echo), "{echo}");
        html.replace(&echo, value)
    });
    assert!(!html.contains("<?php"), "{html}");
    html
}

#[tokio::test]
async fn pages_of_hosted_blogs_have_comments() {
    let reader = Browser::open(BrowserOptions::default()).await;
    // On a page of a theme, what the owner adds by the example is put in its place.
    let pages = [
        ("wordpress", "/2026/01/hello-world/", Some(("<?php comments_template(); ?>", wordpress_comments()))),
        ("ghost", "/coming-soon/", Some(("{{ghost_foot}}", read("ghost/code-injection.html")))),
        ("blogger", "/2006/03/rain.html", None),
    ];
    for (example, url, added) in pages {
        let mut page = read(&format!("{example}/rendered/post.html"));
        if let Some((place, html)) = added {
            assert_eq!(page.matches(place).count(), 1, "{example}: {place}");
            page = page.replace(place, &html);
        }
        let site = HostSite::start();
        site.publish_text("/post.html", page.as_bytes(), &[], &OPEN);
        ExampleSite { site }.read_and_post(&reader, "/post.html", url).await;
    }
    reader.close().await;
}

#[test]
fn rendered_page_of_blogger_has_the_parts_of_the_theme() {
    let (source, page) = (read("blogger/comments.xml"), read("blogger/rendered/post.html"));
    for part in ["id=", "data-title=", "data-url=", "embed.js", "/thread?url="] {
        assert!(source.contains(part) && page.contains(part), "{part}");
    }
}

#[tokio::test]
async fn strict_policy_of_the_example_is_enough() {
    let folder = root().join("examples/strict-csp");
    let headers = std::fs::read_to_string(folder.join("_headers")).expect("the example has headers");
    let policy = headers.split("Content-Security-Policy:").nth(1).expect("a policy").trim();
    let site = HostSite::start();
    let policy = policy.replace("http://localhost:8787", &OPEN.origin());
    site.publish_fixture(
        "/strict-csp/index.html",
        &folder.join("index.html"),
        &[("Content-Security-Policy", policy)],
        &OPEN,
    );
    let reader = Browser::open(BrowserOptions::default()).await;
    ExampleSite { site }.read_and_post(&reader, "/strict-csp/", "/strict-csp/").await;
    reader.close().await;
}

#[tokio::test]
async fn link_alone_leads_to_the_comments() {
    let site = HostSite::start();
    site.publish_folder(&root().join("examples/no-javascript"), "/no-javascript", &OPEN);
    let reader = Browser::open(BrowserOptions { javascript: false, ..BrowserOptions::default() }).await;
    reader.visit(&format!("{}/no-javascript/", site.origin())).await;
    reader.find("a[href*='/thread']").await.click().await.unwrap();
    reader.wait_for_url("/thread?url=").await;
    reader.widget().post("Ada", "By a link").await;
    reader.wait_for_url("posted=").await;
    wait_for_thread(&OPEN, "https://blog.example/no-javascript/", 1);
    reader.close().await;
}
