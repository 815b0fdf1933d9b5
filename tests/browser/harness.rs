//! The harness itself, in every engine: it observes what the tests rely on.

use std::collections::BTreeSet;
use std::process::Command;

use afterword_tests::{Browser, BrowserOptions, HostSite, root, wait_until_async};

/// A site with one page of this content. Returns the address of the page as well.
fn site_with(name: &str, html: &str) -> (HostSite, String) {
    let site = HostSite::start();
    let address = site.publish_file(&format!("/{name}"), html);
    (site, address)
}

/// Waits until the browser reports an error with this text.
async fn wait_for_error(browser: &Browser, part: &str) {
    let poll = async || {
        let errors = browser.console_errors().await;
        if errors.iter().any(|error| error.contains(part)) { Ok(()) } else { Err(errors) }
    };
    wait_until_async(&format!("an error with {part}"), poll).await;
}

#[tokio::test]
async fn errors_of_a_page_are_reported() {
    let browser = Browser::open(BrowserOptions::default()).await;
    let pages = [
        ("setTimeout(() => missing())", "missing"),
        ("Promise.reject(new Error('rejected'))", "rejected"),
        ("console.error('written')", "written"),
    ];
    for (script, part) in pages {
        let (_site, address) = site_with("errors", &format!("<!doctype html><script>{script}</script>"));
        browser.visit(&address).await;
        wait_for_error(&browser, part).await;
    }
    // Also those of a page that the reader has left.
    let (_site, address) = site_with(
        "left",
        "<!doctype html><a href='/favicon.ico'>x</a><script>addEventListener('click', () => console.error('on the way'))</script>",
    );
    browser.visit(&address).await;
    browser.find("a").await.click().await.expect("the link can be pressed");
    wait_for_error(&browser, "on the way").await;
    browser.close().await;
}

#[tokio::test]
async fn requests_are_recorded_blocked_and_extended() {
    let (site, address) = site_with("requests", "<!doctype html><script>seen = []</script>");
    let browser = Browser::open(BrowserOptions::default()).await;
    browser.visit(&address).await;
    browser.requests().await;
    let fetch = "fetch('/requests?by=fetch').then((answer) => answer.status, () => 'failed').then(arguments[0])";
    assert_eq!(browser.run_async(fetch).await, 200);
    assert!(browser.requests().await.contains(&format!("GET {}/requests?by=fetch", site.origin())));
    browser.block_requests(Some("by=fetch")).await;
    assert_eq!(browser.run_async(fetch).await, "failed");
    browser.block_requests(None).await;
    assert_eq!(browser.run_async(fetch).await, 200);
    browser.console_errors().await;
    browser.close().await;
}

#[tokio::test]
async fn injected_scripts_run_first_and_leave_no_trace() {
    let html =
        "<!doctype html><html><head><title>x</title></head><body><script>seen = window.injected</script></body></html>";
    let (_site, address) = site_with("injected", html);
    let browser = Browser::open(BrowserOptions::default()).await;
    let identifier = browser.inject_script("window.injected = '</script>'").await;
    browser.visit(&address).await;
    assert_eq!(browser.run("return window.seen", Vec::new()).await, "</script>");
    assert_eq!(browser.run("return document.scripts.length", Vec::new()).await, 1);
    assert_eq!(browser.run("return document.compatMode", Vec::new()).await, "CSS1Compat");
    browser.remove_script(identifier).await;
    browser.reload().await;
    assert_eq!(browser.run("return window.seen ?? null", Vec::new()).await, serde_json::Value::Null);
    browser.close().await;
}

#[tokio::test]
async fn connection_to_another_host_is_detected() {
    let (_site, address) = site_with("external", "<!doctype html><img src='http://canary.example/i'>");
    let mut browser = Browser::open(BrowserOptions::default()).await;
    browser.visit(&address).await;
    let poll = async || {
        let found = browser.external_connections();
        if found.iter().any(|record| record.contains("canary.example")) { Ok(()) } else { Err(found) }
    };
    wait_until_async("the connection", poll).await;
    browser.expect_external_connections();
    browser.console_errors().await;
    browser.close().await;
}

#[tokio::test]
async fn page_without_javascript_runs_no_script() {
    let html = "<!doctype html><title>before</title><noscript><p id='plain'>x</p></noscript><script>document.title = 'after'</script>";
    let (_site, address) = site_with("no_javascript", html);
    let browser = Browser::open(BrowserOptions { javascript: false, ..BrowserOptions::default() }).await;
    browser.visit(&address).await;
    browser.find("#plain").await;
    assert_eq!(browser.run("return document.title", Vec::new()).await, "before");
    browser.close().await;
}

#[tokio::test]
async fn window_and_colour_scheme_are_as_asked() {
    let (_site, address) = site_with("window", "<!doctype html>");
    let browser =
        Browser::open(BrowserOptions { width: 600, height: 500, dark: true, ..BrowserOptions::default() }).await;
    browser.visit(&address).await;
    let seen = "return [innerWidth, innerHeight, matchMedia('(prefers-color-scheme: dark)').matches]";
    assert_eq!(browser.run(seen, Vec::new()).await, serde_json::json!([600, 500, true]));
    browser.close().await;
}

#[test]
fn list_of_engines_names_existing_tests() {
    let list = std::fs::read_to_string(root().join("tests/engines.toml")).expect("the list exists");
    let program = std::env::current_exe().expect("a test is a program");
    let output = Command::new(program).args(["--list", "--format", "terse"]).output().expect("the tests can be listed");
    let tests: BTreeSet<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split(": ").next())
        .map(str::to_owned)
        .collect();
    let named: Vec<_> = list
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with('"') || line.starts_with("test = "))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(named.len() > 5, "{named:?}");
    for name in named {
        assert!(tests.iter().any(|test| test.contains(name)), "no test matches {name}");
    }
}
