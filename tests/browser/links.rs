//! Links into the page: to a comment, and to the comments.

use afterword_tests::{Browser, BrowserOptions, HostPage, wait_until_async};

use crate::{HOST, OPEN, post_thread};

/// A header that covers the top of the page.
const HEADERS: [(&str, &str); 3] = [
    ("fixed", "position: fixed; top: 0; height: 90px"),
    ("sticky", "position: sticky; top: 0; height: 120px"),
    ("two_rows", "position: fixed; top: 0; height: 160px"),
];

/// Returns true if the top of an element of the widget is in the window, and nothing covers it.
const IS_VISIBLE: &str = "
    const box = root.querySelector(arguments[0])?.getBoundingClientRect();
    const at = box && document.elementFromPoint(box.left + 20, box.top + 4);
    return !!at && at === root.host;";

async fn wait_until_visible(reader: &Browser, css: &str) {
    let poll = async || {
        let seen = reader.widget().run(IS_VISIBLE, vec![css.into()]).await;
        if seen == true { Ok(()) } else { Err(seen) }
    };
    wait_until_async(&format!("{css} to be visible"), poll).await;
}

/// A long post under a header, with thirty comments. `place` is the markup of the place for comments.
fn publish(name: &str, header: &str, place: &str) -> (String, String) {
    let posted = post_thread(name, &vec![("a comment\n\nof some\n\nlines", None); 30]);
    let header =
        format!("<header style=\"{header}; left: 0; right: 0; background: #ddd; z-index: 9\">Blog</header>{place}");
    let address = HOST.publish(&HostPage::new(&OPEN, name).with_long_post().foreign_html(&header));
    (address, posted[20].comment.id.to_string())
}

#[tokio::test]
async fn linked_comment_is_not_under_a_header() {
    for (name, header) in HEADERS {
        let (address, id) = publish(&format!("link_comment_{name}"), header, "");
        let reader = Browser::open(BrowserOptions::default()).await;
        reader.visit(&format!("{address}#comment-{id}")).await;
        wait_until_visible(&reader, &format!("#comment-{id} > article")).await;
        // Also a link that is followed later.
        reader.run("scrollTo(0, 0); location.hash = ''", Vec::new()).await;
        reader.run(&format!("location.hash = 'comment-{id}'"), Vec::new()).await;
        wait_until_visible(&reader, &format!("#comment-{id} > article")).await;
        reader.close().await;
    }
}

#[tokio::test]
async fn link_to_the_comments_shows_them() {
    for (name, place) in [("by_tag", ""), ("by_element", "<div id=\"afterword\"></div>")] {
        for (header, style) in HEADERS {
            let (address, _) = publish(&format!("link_thread_{name}_{header}"), style, place);
            let reader = Browser::open(BrowserOptions::default()).await;
            reader.visit(&format!("{address}#afterword")).await;
            wait_until_visible(&reader, ".aw-title").await;
            reader.close().await;
        }
    }
}

/// Delays the requests for threads until `window.release` is called.
const DELAY_THREADS: &str = "
    const real = fetch;
    const released = new Promise((resolve) => { window.release = resolve; });
    fetch = async (request, options) => {
        if (String(request.url ?? request).includes('/v1/thread.html')) await released;
        return real(request, options);
    };";

#[tokio::test]
async fn reader_who_scrolls_while_the_comments_load_stays_there() {
    let (address, id) = publish("link_scrolled", "", "");
    for fragment in [format!("comment-{id}"), "afterword".to_owned()] {
        let reader = Browser::open(BrowserOptions::default()).await;
        reader.inject_script(DELAY_THREADS).await;
        reader.visit(&format!("{address}#{fragment}")).await;
        reader.run("scrollTo(0, 400); release()", Vec::new()).await;
        reader.widget().find(".aw-title").await;
        let top = reader.run_async("requestAnimationFrame(() => setTimeout(arguments[0], 200, null))").await;
        assert!(top.is_null());
        assert_eq!(reader.run("return scrollY", Vec::new()).await, 400, "{fragment}");
        reader.close().await;
    }
}

#[tokio::test]
async fn link_to_the_authors_own_chapter_leads_there() {
    let chapter = "<div id=\"afterword\"><h2>Afterword</h2><p>The author's own words.</p></div>";
    let (address, _) = publish("link_chapter", "", &format!("{chapter}{}", "<p>More.</p>".repeat(80)));
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&format!("{address}#afterword")).await;
    reader.widget().find(".aw-title").await;
    let top =
        reader.run("return document.querySelector('#afterword h2').getBoundingClientRect().top", Vec::new()).await;
    // Browsers scroll to whole pixels.
    assert!(top.as_f64().is_some_and(|top| (-1.0..700.0).contains(&top)), "{top}");
    reader.close().await;
}
