//! A quick test of the release build: the artefacts that are deployed serve, post and show comments, and hold nothing that is for tests only.

use std::fs;
use std::sync::LazyLock;

use afterword_model::{PostedComment, Refusal};
use afterword_tests::{
    Browser, BrowserOptions, HostPage, HostSite, Request, Server, new_comment, post_url, root, wait_for_thread,
};

static RELEASE: LazyLock<Server> = LazyLock::new(|| Server::release("release"));
static HOST: LazyLock<HostSite> = LazyLock::new(HostSite::start);

#[tokio::test]
async fn reader_posts_in_the_widget_and_sees_the_comment() {
    let page = HOST.publish(&HostPage::new(&RELEASE, "release"));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    reader.widget().post("Ada", "The *first* comment").await;
    let shown = reader.widget().wait_for_texts(&["The first comment"]).await;
    assert!(!shown[0].pending, "{shown:?}");
    reader.visit(&page).await;
    reader.widget().wait_for_texts(&["The first comment"]).await;
    reader.close().await;
}

#[test]
fn posted_comment_is_in_the_json_and_on_the_page_without_javascript() {
    let url = post_url("release_json");
    let comment = new_comment(&url, "Read *without* JavaScript");
    let posted: PostedComment = Request::post_comment(&comment).send(&RELEASE).json();
    assert_eq!(wait_for_thread(&RELEASE, &url, 1), [posted.comment]);
    let page = Request::get("/thread").query(&[("url", &url)]).send(&RELEASE);
    assert!(page.text().contains("Read <em>without</em> JavaScript"), "{page:?}");
    assert_eq!(page.header("afterword-cost"), None, "the measurement of costs is for tests");
}

#[test]
fn routes_of_fault_injection_are_missing() {
    for path in ["/debug/panic", "/debug/ledger/panic?site=blog.example", "/debug/slow"] {
        assert_eq!(Request::get(path).send(&RELEASE).status, 404, "{path}");
    }
    for hook in ["panic", "evict", "faults", "writes", "hold", "release", "ring", "late", "work"] {
        let request = Request::new("POST", format!("/debug/ledger/{hook}?site=blog.example"));
        request.send(&RELEASE).check_refusal(Refusal::NotFound);
        assert_eq!(Request::new("POST", format!("/debug/{hook}")).send(&RELEASE).status, 404, "{hook}");
    }
}

#[test]
fn artefact_holds_no_code_for_tests() {
    let read = |build: &str| fs::read(root().join("build").join(build).join("index_bg.wasm")).unwrap();
    let contains = |module: &[u8], text: &str| module.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    let (release, test) = (read("worker"), read("worker-test"));
    for text in ["fault_routes", "requested by a test", "/faults/", "-by-a-test", "afterword-cost"] {
        assert!(contains(&test, text), "the Worker for tests has no {text}, so its absence elsewhere shows nothing");
        assert!(!contains(&release, text), "{text}");
    }
}
