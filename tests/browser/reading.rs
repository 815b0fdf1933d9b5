//! Reading: deep links, long threads, languages and the position of the widget.

use afterword_tests::{Browser, BrowserOptions, HostPage, ShownComment, Widget, wait_until_async};

use crate::{HOST, LONG, OPEN, post_thread};

/// Waits until this many comments are on the screen and returns them.
pub(crate) async fn wait_for_count(widget: &Widget<'_>, count: usize) -> Vec<ShownComment> {
    let poll = async || {
        let shown = widget.shown_comments().await;
        if shown.len() == count { Ok(shown) } else { Err(shown.len()) }
    };
    wait_until_async(&format!("{count} comments"), poll).await
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
        let month = reader.widget().find(".aw-reply").await.text().await.unwrap();
        assert_eq!(month, if lang == "de" { "Antworten" } else { "Reply" }, "{name}");
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
