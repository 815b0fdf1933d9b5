//! axe-core finds no violations, whatever a thread shows.

use std::time::Duration;

use afterword_tests::{
    Browser, BrowserOptions, HostPage, MAIN_FORM, Request, is_whole_run, post_url, wait_until_within,
};

use crate::states::State;
use crate::{HOST, OPEN, post_thread};

/// The looks of a page: name, dark, attributes of `<html>`.
const LOOKS: [(&str, bool, &str); 3] =
    [("light", false, "lang=\"en\""), ("dark", true, "lang=\"en\""), ("rtl", false, "lang=\"ar\" dir=\"rtl\"")];

/// Opens a browser that sees one look.
async fn open(dark: bool) -> Browser {
    Browser::open(BrowserOptions { dark, ..BrowserOptions::default() }).await
}

/// All states, or in a quick run one in `share` of them, another one for each number.
fn in_turn(states: &[State], share: usize, number: usize) -> Vec<State> {
    let share = if is_whole_run() { 1 } else { share };
    states.iter().skip(number % share).step_by(share).copied().collect()
}

/// Opens a browser for these states.
async fn open_for(states: &[State], dark: bool) -> Browser {
    let mut reader = open(dark).await;
    if states.contains(&State::Error) {
        reader.expect_console_error("status of 422");
    }
    reader
}

/// The violations on the page, with the name of what it shows.
async fn violations(reader: &Browser, what: &str) -> Vec<String> {
    reader.axe_violations().await.into_iter().map(|violation| format!("{what}: {violation}")).collect()
}

#[tokio::test]
async fn axe_finds_no_violations_in_any_state() {
    let mut found = Vec::new();
    for (number, (look, dark, html)) in LOOKS.into_iter().enumerate() {
        let states = in_turn(&State::ALL, if number == 0 { 1 } else { 3 }, number);
        let reader = open_for(&states, dark).await;
        for state in states {
            state.show(&reader, &format!("axe_{look}"), html, "").await;
            found.extend(violations(&reader, &format!("{state:?}, {look}")).await);
        }
        reader.close().await;
    }
    assert_eq!(found, Vec::<String>::new());
}

#[tokio::test]
async fn axe_finds_no_violations_in_bundled_themes() {
    let mut found = Vec::new();
    const STATES: [State; 6] = [State::Thread, State::Menu, State::Reply, State::Preview, State::Error, State::Deleted];
    let themes = [("dark", false), ("dense", false), ("classic", false), ("classic dark", true)];
    for (number, (theme, dark)) in themes.into_iter().enumerate() {
        let states = in_turn(&STATES, 2, number);
        let reader = open_for(&states, dark).await;
        let group = format!("theme_{}", theme.replace(' ', "_"));
        let html = if theme == "dark" { "lang=\"en\" style=\"background:#111;color:#ddd\"" } else { "lang=\"en\"" };
        for state in states {
            state.show(&reader, &group, html, &format!("data-theme=\"{theme}\"")).await;
            found.extend(violations(&reader, &format!("{state:?}, {theme}")).await);
        }
        reader.close().await;
    }
    assert_eq!(found, Vec::<String>::new());
}

/// The Worker's own pages, which need no script.
#[tokio::test]
async fn axe_finds_no_violations_on_the_workers_pages() {
    for (look, dark, _) in LOOKS {
        let name = format!("axe_plain_{look}");
        let id = post_thread(&name, &[("One", None), ("Two", Some(0)), ("Three", None)])[0].comment.id;
        let url = post_url(&name);
        let lang = if look == "rtl" { "ar" } else { "en" };
        let mut reader = open(dark).await;
        reader.expect_console_error("status of 422");
        let address = |path: &str, query: &str| format!("{}{path}?url={url}&lang={lang}{query}", OPEN.origin());
        let mut found = Vec::new();
        for (path, query) in [
            ("/thread", String::new()),
            ("/thread", format!("&reply={id}#reply")),
            ("/thread", "&comment=987654321#comment-987654321".to_owned()),
            ("/thread/report", format!("&id={id}")),
        ] {
            reader.visit("about:blank").await;
            reader.visit(&address(path, &query)).await;
            found.extend(violations(&reader, &format!("{path} {query}")).await);
        }
        reader.visit(&address("/thread", "")).await;
        let widget = reader.widget();
        widget.fill(MAIN_FORM, &[("text", "A *first* text"), ("email", "nonsense")]).await;
        widget.submit(MAIN_FORM).await;
        widget.wait_for_error(MAIN_FORM, "email").await;
        found.extend(violations(&reader, "a refused field").await);
        widget.fill(MAIN_FORM, &[("email", "")]).await;
        reader.find(".aw-preview-button").await.click().await.unwrap();
        reader.wait_for_url("#preview").await;
        found.extend(violations(&reader, "a preview").await);
        widget.submit(MAIN_FORM).await;
        reader.wait_for_url("posted=").await;
        found.extend(violations(&reader, "a posted comment").await);
        reader.find(".aw-notice a").await.click().await.unwrap();
        reader.wait_for_url("/thread/comment?").await;
        found.extend(violations(&reader, "the page of one's own comment").await);
        reader.find("[value=delete]").await.click().await.unwrap();
        reader.find("[value=restore]").await;
        found.extend(violations(&reader, "a deleted comment").await);
        reader.close().await;
        assert_eq!(found, Vec::<String>::new(), "{look}");
    }
}

/// The fragment with the latest comments has no styles of its own.
#[tokio::test]
async fn axe_finds_no_violations_in_the_latest_comments() {
    post_thread("axe_latest", &[("One", None), ("Two", None)]);
    // They are published a minute after the first new comment.
    wait_until_within(Duration::from_secs(100), "the latest comments to be published", || {
        let latest = Request::get("/v1/latest?site=https://blog.example").send(&OPEN);
        latest.text().contains("axe_latest").then_some(())
    });
    let reader = open(false).await;
    let html = format!(
        "<aside id=\"latest\"></aside><script>fetch('{}/v1/latest.html?site=https://blog.example').then((answer) => answer.text()).then((html) => {{ latest.innerHTML = html; }});</script>",
        OPEN.origin()
    );
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "axe_latest").styled().foreign_html(&html))).await;
    reader.find("#latest a").await;
    assert_eq!(reader.axe_violations().await, Vec::<String>::new());
    reader.close().await;
}
