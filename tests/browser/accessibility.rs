//! Accessibility: axe-core finds no violations in light and dark, and no page is wider than a phone.

use afterword_tests::{Browser, BrowserOptions, HostPage, MAIN_FORM, Server, post_url};

use crate::{HOST, OPEN, post_thread};

const THREAD: [(&str, Option<usize>); 5] = [
    ("A first comment with `code`, a [link](https://rust-lang.org) and **weight**", None),
    ("> quoted\n\nand answered", Some(0)),
    (
        "A-word-that-is-much-longer-than-a-telephone-is-wide-and-has-no-place-where-it-could-be-broken-if-one-is-strict",
        Some(1),
    ),
    (
        "```\nlet line = \"of code that does not fit into three hundred and sixty pixels, and is not to be wrapped\";\n```",
        Some(2),
    ),
    ("- one\n- two\n\n1. three", Some(3)),
];

/// The addresses of a thread's host page and of the Worker's own page, which have the same content.
fn pages(name: &str) -> [String; 2] {
    post_thread(name, &THREAD);
    let host = HOST.publish(&HostPage::new(&OPEN, name).styled());
    [host, format!("{}/thread?url={}", OPEN.origin(), post_url(name))]
}

#[tokio::test]
async fn axe_finds_no_violations_in_light_and_dark() {
    let pages = pages("access_axe");
    for dark in [false, true] {
        let mut reader = Browser::open(BrowserOptions { dark, ..BrowserOptions::default() }).await;
        reader.expect_console_error("status of 422");
        for (page, host) in pages.iter().zip([true, false]) {
            reader.visit(page).await;
            let widget = reader.widget();
            widget.find(".aw-item .aw-item").await;
            widget.fill(MAIN_FORM, &[("text", "x"), ("email", "nonsense")]).await;
            widget.submit(MAIN_FORM).await;
            widget.wait_for_error(MAIN_FORM, "email").await;
            if host {
                let first = widget.shown_comments().await[0].id.clone();
                widget.open_reply(&first).await;
            }
            assert_eq!(reader.axe_violations().await, Vec::<String>::new(), "{page}, dark: {dark}");
        }
        reader.close().await;
    }
}

#[tokio::test]
async fn axe_finds_no_violations_on_owner_and_error_pages() {
    let unset = Server::start("browser-unset", &[("SITES", "")], &[]);
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("status of 503");
    reader.expect_console_error("status of 403");
    reader.expect_console_error("status of 400");
    let foreign = format!("{}/thread?url=https://elsewhere.example/", OPEN.origin());
    let lost = format!("{}/thread", OPEN.origin());
    for page in [unset.origin(), OPEN.origin(), foreign, lost] {
        reader.visit(&page).await;
        assert_eq!(reader.axe_violations().await, Vec::<String>::new(), "{page}");
        assert!(!reader.overflows_horizontally().await, "{page}");
    }
    reader.close().await;
}

#[tokio::test]
async fn page_fits_a_phone_without_horizontal_scrolling() {
    let pages = pages("access_narrow");
    let reader = Browser::open(BrowserOptions { width: 360, height: 740, ..BrowserOptions::default() }).await;
    for (page, host) in pages.iter().zip([true, false]) {
        reader.visit(page).await;
        let widget = reader.widget();
        widget.find(".aw-item .aw-item").await;
        if host {
            let last = widget.shown_comments().await[4].id.clone();
            widget.open_reply(&last).await;
        }
        assert!(!reader.overflows_horizontally().await, "{page}");
        let narrow = "
            const wide = [...root.querySelectorAll('.aw *')].filter((element) =>
                !element.matches('.aw-hidden, .aw-hidden *, pre code') && element.getBoundingClientRect().right > innerWidth);
            return wide.map((element) => element.outerHTML.slice(0, 100));";
        assert_eq!(widget.run(narrow, Vec::new()).await, serde_json::json!([]), "{page}");
        let text = "return Math.min(...[...root.querySelectorAll('.aw-text')].map((text) => text.getBoundingClientRect().width))";
        let narrowest = widget.run(text, Vec::new()).await.as_f64().unwrap_or_default();
        assert!(narrowest > 200.0, "the deepest comment is still {narrowest} px wide: {page}");
    }
    reader.close().await;
}

/// WCAG 2.2, success criterion 2.5.8: 24 pixels; for the main actions 44, as on telephones.
#[tokio::test]
async fn targets_are_large_enough_for_a_finger() {
    let pages = pages("access_targets");
    let reader = Browser::open(BrowserOptions { width: 360, height: 740, ..BrowserOptions::default() }).await;
    for page in &pages {
        reader.visit(page).await;
        reader.widget().find(".aw-item .aw-item").await;
        let small = "
            const height = (element) => element.getBoundingClientRect().height;
            const shown = (css) => [...root.querySelectorAll(css)].filter(height);
            const low = (css, least) => shown(css).filter((element) => height(element) < least - 0.01).map((element) => element.outerHTML);
            const main = '.aw-submit, .aw-reply, .aw-more, .aw-input, summary';
            return [shown(main).length > 4, low(main, 44), low('.aw-meta a, .aw-back a', 24)];";
        let expected = serde_json::json!([true, [], []]);
        assert_eq!(reader.widget().run(small, Vec::new()).await, expected, "{page}");
    }
    reader.close().await;
}

/// 400 % zoom of a window of 1,280 pixels leaves 320, and text may be twice as large.
#[tokio::test]
async fn page_fits_at_400_percent_zoom_and_with_text_of_200_percent() {
    let pages = pages("access_zoom");
    let reader = Browser::open(BrowserOptions { width: 320, height: 256, ..BrowserOptions::default() }).await;
    for page in &pages {
        reader.visit(page).await;
        reader.widget().find(".aw-item .aw-item").await;
        assert!(!reader.overflows_horizontally().await, "{page}");
        reader.run("document.documentElement.style.fontSize = '200%'", Vec::new()).await;
        assert!(!reader.overflows_horizontally().await, "{page} with large text");
    }
    reader.close().await;
}
