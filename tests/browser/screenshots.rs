//! Pictures for people to look at; not a test by itself. See the README for the command.

use afterword_tests::{Browser, BrowserOptions, HostPage, post_multilingual_thread, post_url, root};

use crate::reading::wait_for_count;
use crate::{HOST, OPEN};

#[tokio::test]
#[ignore = "makes pictures for people to look at"]
async fn screenshots() {
    let folder = root().join("build/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    post_multilingual_thread(&OPEN, &post_url("twelve_scripts"));
    HOST.publish_example(&OPEN);
    let host = HOST.publish(&HostPage::new(&OPEN, "twelve_scripts").styled());
    let rtl = HostPage::new(&OPEN, "right_to_left").styled().html_attributes("lang=\"ar\" dir=\"rtl\"");
    let rtl = HOST.publish(&rtl.script_attributes(&format!("data-url=\"{}/twelve_scripts\"", HOST.origin())));
    let own = format!("{}/thread?url={}", OPEN.origin(), post_url("twelve_scripts"));
    let wide = BrowserOptions { width: 900, ..BrowserOptions::default() };
    let narrow = BrowserOptions { width: 360, ..BrowserOptions::default() };
    let cases = [
        ("light", wide, &host),
        ("dark", BrowserOptions { dark: true, ..wide }, &host),
        ("narrow", narrow, &host),
        ("narrow-dark", BrowserOptions { dark: true, ..narrow }, &host),
        ("right-to-left", wide, &rtl),
        ("right-to-left-narrow", narrow, &rtl),
        ("standalone", wide, &own),
        ("standalone-dark-narrow", BrowserOptions { dark: true, ..narrow }, &own),
    ];
    for (name, look, page) in cases {
        let reader = Browser::open(look).await;
        reader.visit(page).await;
        let widget = reader.widget();
        widget.find(".aw-item").await;
        if page != &own {
            widget.find(".aw-more").await.click().await.unwrap();
            wait_for_count(&widget, 200).await;
        }
        reader.save_screenshot(look.width, &folder.join(format!("{name}.png"))).await;
        assert!(!reader.overflows_horizontally().await, "{name}");
        reader.close().await;
    }
    for (name, path) in [
        ("blog", ""),
        ("blog-post", "2011/11/frost-on-the-allotment.html"),
        ("blog-rtl", "travel/rasail-min-amman.html"),
    ] {
        for (theme, dark) in [("light", false), ("dark", true)] {
            let reader = Browser::open(BrowserOptions { dark, ..wide }).await;
            reader.visit(&format!("{}/{path}", HOST.origin())).await;
            if !path.is_empty() {
                reader.widget().find(".aw-form").await;
            }
            reader.save_screenshot(wide.width, &folder.join(format!("{name}-{theme}.png"))).await;
            reader.close().await;
        }
    }
}
