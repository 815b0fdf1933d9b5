//! Reading: deep links, long threads, languages and the position of the widget.

use std::sync::LazyLock;

use afterword_tests::{
    Browser, BrowserOptions, HostPage, Server, ShownComment, Widget, import, post_url, wait_for_thread,
    wait_until_async, with_checksum_line,
};
use serde_json::json;

use crate::{HOST, LONG, OPEN, post_thread};

/// A Worker for an import, which needs an empty site.
static TIMES_SERVER: LazyLock<Server> = LazyLock::new(|| Server::with_moderation("browser-times", "open"));

/// Waits until this many comments are on the screen, all of them drawn, and returns them.
pub(crate) async fn wait_for_count(widget: &Widget<'_>, count: usize) -> Vec<ShownComment> {
    let condition = format!("root.querySelectorAll('.aw-item').length === {count}");
    widget.wait_until_drawn(&format!("{count} comments"), &condition).await;
    widget.shown_comments().await
}

#[tokio::test]
async fn deep_link_scrolls_to_its_comment() {
    let texts = vec![("a comment of some lines\n\nand more\n\nand more", None); 30];
    let posted = post_thread("read_deep_link", &texts);
    let page = HOST.publish(&HostPage::new(&OPEN, "read_deep_link").with_long_post());
    let id = posted[20].comment.id;
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&format!("{page}#comment-{id}")).await;
    let widget = reader.widget();
    widget.find(&format!("#comment-{id}")).await;
    let visible = format!(
        "const box = root.getElementById('comment-{id}')?.getBoundingClientRect(); return !!box && box.top >= 0 && box.top < innerHeight"
    );
    let poll = async || {
        let seen = widget.run(&visible, Vec::new()).await;
        if seen == true { Ok(()) } else { Err(seen) }
    };
    wait_until_async("the comment to be in the window", poll).await;
    widget.wait_for_focus(&format!("#comment-{id}")).await;
    // The time of a comment links to it.
    let other = posted[3].comment.id;
    widget.find(&format!("#comment-{other} .aw-time")).await.click().await.unwrap();
    reader.wait_for_url(&format!("{page}#comment-{other}")).await;
    reader.close().await;
}

#[tokio::test]
async fn long_thread_can_be_read_to_its_end() {
    let (name, comments) = &*LONG;
    let page = HOST.publish(&HostPage::new(&OPEN, name));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    let widget = reader.widget();
    widget.find(".aw-more").await.click().await.unwrap();
    let shown: Vec<_> = wait_for_count(&widget, comments.len()).await.into_iter().map(|comment| comment.id).collect();
    let all: Vec<_> = comments.iter().map(|comment| comment.id.to_string()).collect();
    assert_eq!(shown, all, "every comment once and in order");
    assert_eq!(widget.count(".aw-more").await, 0, "there are no more pages");
    assert_eq!(reader.current_url().await, page, "the reader stays on the post");
    reader.close().await;
}

#[tokio::test]
async fn widget_uses_the_language_of_the_page() {
    let cases = [
        ("read_german", "lang=\"de\"", "", "de"),
        ("read_austrian", "lang=\"de-AT\"", "", "de"),
        ("read_data_lang", "lang=\"en\"", "data-lang=\"de\"", "de"),
        ("read_unknown_lang", "lang=\"tlh\"", "", "en"),
    ];
    let reader = Browser::open(BrowserOptions::default()).await;
    for (name, html, script, lang) in cases {
        let page = HostPage::new(&OPEN, name).html_attributes(html).script_attributes(script);
        reader.visit(&HOST.publish(&page)).await;
        let given = reader.widget().find(".aw").await.attr("lang").await.unwrap();
        assert_eq!(given.as_deref(), Some(lang), "{name}");
        // Elements created by the widget use the language too.
        reader.widget().post("Ada", "Hallo").await;
        reader.widget().wait_for_texts(&["Hallo"]).await;
        let reply = reader.widget().find(".aw-reply").await.text().await.unwrap();
        // The name of the author follows, for screen readers only.
        let expected = if lang == "de" { "Antworten" } else { "Reply" };
        assert_eq!(reply.split_whitespace().next(), Some(expected), "{name}");
    }
    reader.close().await;
}

#[tokio::test]
async fn thread_is_selected_by_the_canonical_url() {
    post_thread("read_canonical", &[("by its canonical name", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    let elsewhere =
        HostPage::new(&OPEN, "read_elsewhere").script_attributes("data-url=\"/read_canonical/?utm_source=x\"");
    reader.visit(&HOST.publish(&elsewhere)).await;
    reader.widget().wait_for_texts(&["by its canonical name"]).await;
    let page = HOST.publish(&HostPage::new(&OPEN, "read_canonical"));
    for address in ["?fbclid=1", "?m=1#comments", "?utm_medium=x&ref=y"] {
        reader.visit(&format!("{page}{address}")).await;
        reader.widget().wait_for_texts(&["by its canonical name"]).await;
    }
    reader.close().await;
}

/// Inserts a script of another service before the loader, with the same file name.
const OTHER_EMBED_JS: &str = "
    new MutationObserver((_, observer) => {
        if (!document.head) return;
        observer.disconnect();
        const namesake = { type: 'text/plain', src: 'https://blog.disqus.example/embed.js' };
        document.head.prepend(Object.assign(document.createElement('script'), namesake));
    }).observe(document, { childList: true, subtree: true });";

#[tokio::test]
async fn module_loader_works_beside_another_embed_js() {
    post_thread("read_module", &[("from the right place", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.inject_script(OTHER_EMBED_JS).await;
    let page = HostPage::new(&OPEN, "read_module").script_attributes("type=\"module\" data-theme=\"dark\"");
    reader.visit(&HOST.publish(&page)).await;
    reader.widget().wait_for_texts(&["from the right place"]).await;
    let theme = reader.find("#afterword").await.attr("data-theme").await.unwrap();
    assert_eq!(theme.as_deref(), Some("dark"), "the theme of its own tag");
    reader.close().await;
}

#[tokio::test]
async fn widget_is_fetched_when_scrolled_near() {
    let page = HOST.publish(&HostPage::new(&OPEN, "read_near").with_long_post());
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&page).await;
    reader.widget().find(".aw-form").await;
    let fetched = "return performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.endsWith('.wasm'))";
    assert_eq!(reader.run(fetched, Vec::new()).await, serde_json::json!([]), "the reader is not near yet");
    reader.run("document.querySelector('#afterword').scrollIntoView()", Vec::new()).await;
    let poll = async || {
        let names = reader.run(fetched, Vec::new()).await;
        if names.as_array().is_some_and(|names| names.len() == 1) { Ok(()) } else { Err(names) }
    };
    wait_until_async("the widget to be fetched", poll).await;
    reader.widget().post("Ada", "Down here").await;
    reader.widget().wait_for_texts(&["Down here"]).await;
    reader.close().await;
}

/// The full times, and what the browser itself writes for them in its time zone. The text of old ones is their date.
const TIMES: &str = "
    const dates = new Intl.DateTimeFormat('en-GB', {dateStyle: 'long'});
    const full = new Intl.DateTimeFormat('en-GB', {dateStyle: 'long', timeStyle: 'short'});
    const times = [...root.querySelectorAll('time')];
    const isOld = (time) => Date.now() - new Date(time.dateTime) > 9 * 864e5;
    return [
        times.map((time) => [time.title, isOld(time) && time.textContent]),
        times.map((time) => [full.format(new Date(time.dateTime)), isOld(time) && dates.format(new Date(time.dateTime))]),
    ];";

#[tokio::test]
async fn times_are_those_of_the_reader() {
    // Around the changes of summer time of several zones, the first second of Unix time, and a minute before midnight.
    let times = [0, 1_711_846_740, 1_711_846_800, 1_720_000_000, 1_729_990_800, 1_793_000_000, 1_795_694_340];
    let url = post_url("read_times");
    let uuid = |index: usize| format!("71e5c10c-0000-8000-8000-{index:012}");
    let header = json!({"afterword": 2, "site": "https://blog.example", "last": 0});
    let thread =
        json!({"thread": {"url": url, "title": "", "version": times.len(), "changes": times.len(), "closed": false}});
    let comments = times.iter().enumerate().map(|(index, created)| {
        json!({"comment": {
            "id": 900_001 + index, "uuid": uuid(index), "thread": url, "parent": null, "status": "published", "placed": true,
            "version": index + 1, "fingerprint": format!("{:064x}", 0x71e5_0000 + index), "author": null, "mark": null,
            "first_approved": false, "owner": false, "signals": [], "name": "Ada", "email": null, "website": null, "title": "",
            "source": "On time.", "html": "", "renderer": 1, "votes": 0, "pinned": false, "created": created,
            "edited": created + 60, "erased": null,
        }})
    });
    let lines: Vec<String> = [header, thread].into_iter().chain(comments).map(|line| line.to_string()).collect();
    let answer = import(&TIMES_SERVER, with_checksum_line(lines.iter().map(String::as_str)));
    assert_eq!(answer.status, 200, "{}", answer.text());
    wait_for_thread(&TIMES_SERVER, &url, u32::try_from(times.len()).unwrap());
    let page = HOST.publish(&HostPage::new(&TIMES_SERVER, "read_times"));
    let reader = Browser::open(BrowserOptions::default()).await;
    for zone in [
        "Pacific/Auckland",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
        "America/Los_Angeles",
        "Africa/Monrovia",
        "Europe/Berlin",
        "UTC",
    ] {
        reader.command("Emulation.setTimezoneOverride", json!({"timezoneId": zone})).await;
        reader.visit(&page).await;
        let poll = async || {
            let times = reader.widget().run(TIMES, Vec::new()).await;
            if times[0] == times[1] && times[0].as_array().is_some_and(|all| all.len() == 14) {
                Ok(())
            } else {
                Err(times)
            }
        };
        wait_until_async(&format!("the times of {zone}"), poll).await;
    }
    // The time is text, and its link can be reached by touch and by keyboard.
    reader.tab_to(".aw-time").await;
    reader.close().await;
}

#[tokio::test]
async fn forced_dark_thread_prints_black_on_white() {
    post_thread("read_print", &[("On paper, with a [link](https://rust-lang.org)", None)]);
    let reader = Browser::open(BrowserOptions::default()).await;
    let style = "<style>#afterword { --afterword-color: #eee; --afterword-background: #111; --afterword-accent: #9cf; --afterword-muted: #888 }</style>";
    let look = "
        const of = (css) => getComputedStyle(root.querySelector(css));
        return [of('.aw').backgroundColor, of('.aw-text').color, of('.aw-text a').color, of('.aw-time').color, of('.aw-form').display,
            of('.aw-acts').display].join('|');";
    for (name, theme, style) in [("dark", "data-theme=\"dark\"", ""), ("custom", "", style)] {
        let page = HostPage::new(&OPEN, "read_print").script_attributes(theme).foreign_html(style);
        reader.visit(&HOST.publish(&page)).await;
        reader.widget().wait_for_texts(&["On paper, with a link"]).await;
        reader.command("Emulation.setEmulatedMedia", json!({"media": "print"})).await;
        let black = "rgb(0, 0, 0)";
        let expected = format!("rgb(255, 255, 255)|{black}|{black}|{black}|none|none");
        assert_eq!(reader.widget().run(look, Vec::new()).await, expected, "{name}");
        reader.command("Emulation.setEmulatedMedia", json!({"media": ""})).await;
    }
    reader.close().await;
}
