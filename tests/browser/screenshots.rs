//! Screenshots: those of the documentation, with a test that they show the current page, and others for review.
//!
//! This makes the screenshots of the documentation again (fonts: Debian's `fonts-noto-core` and `fonts-noto-cjk`):
//!
//! ```console
//! $ cargo xtask build
//! $ cargo test -p afterword-tests --test browser documentation_screenshots -- --ignored
//! ```

use std::fs;
use std::path::PathBuf;

use afterword_tests::{
    Browser, BrowserOptions, HostPage, Widget, import, post_multilingual_thread, post_url, root, wait_for_thread,
    wait_until_async, with_checksum_line,
};
use serde_json::json;

use crate::reading::wait_for_count;
use crate::{HOST, OPEN};

/// Command that makes the screenshots of the documentation.
const COMMAND: &str = "cargo test -p afterword-tests --test browser documentation_screenshots -- --ignored";
/// Width of the documentation's screenshots, in CSS pixels and in pixels of the image.
const WIDTH: u32 = 760;
const IMAGE_WIDTH: u32 = 1_140;
/// Height of the viewport, in which the whole thread and its form fit.
const HEIGHT: u32 = 1_600;
/// Maximum size of a screenshot in bytes: the README loads it.
const MAX_BYTES: usize = 160_000;
/// Signature at the start of every PNG file.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A comment of the demo thread.
struct DemoComment {
    name: &'static str,
    website: Option<&'static str>,
    mark: &'static str,
    /// Position of the comment that this one answers.
    parent: Option<usize>,
    text: &'static str,
}

const DEMO: [DemoComment; 4] = [
    DemoComment {
        name: "Marta Nowak",
        website: Some("https://marta.example/"),
        mark: "k3f9",
        parent: None,
        text: "We lost the dahlias as well. Two layers of fleece saved the kale, pegged down *before* sunset and taken off by nine.",
    },
    DemoComment {
        name: "田中 遥",
        website: None,
        mark: "m7qa",
        parent: Some(0),
        text: "うちでも同じでした。古い毛布をかけるだけで、かなり違います。",
    },
    DemoComment {
        name: "Олексій",
        website: None,
        mark: "p2xd",
        parent: Some(0),
        text: "> pegged down before sunset\n\nСаме так. А вранці зняти, щоб не запріло.",
    },
    DemoComment {
        name: "ليلى حداد",
        website: None,
        mark: "t5hw",
        parent: None,
        text: "شكرًا على هذه النصائح. سأجرّبها الليلة على أشجار الليمون.",
    },
];

/// Publishes the demo thread and its page. Returns the address of the page.
fn publish_demo() -> String {
    const PAGE: &str = "Frost_on_the_allotment";
    let url = format!("https://blog.example/{PAGE}");
    let uuid = |at: usize| format!("d0c5d0c5-0000-8000-8000-{at:012}");
    let header = json!({"afterword": 2, "site": "https://blog.example", "last": 0});
    let thread = json!({"thread": {
        "url": url, "title": "Frost on the allotment", "version": DEMO.len(), "changes": DEMO.len(), "closed": false,
    }});
    let comments = DEMO.iter().enumerate().map(|(at, comment)| {
        json!({"comment": {
            "id": at + 1, "uuid": uuid(at), "thread": url, "parent": comment.parent.map(uuid), "status": "published",
            "placed": true, "version": at + 1, "fingerprint": format!("{:064x}", 0xd0c5_0000 + at), "author": null,
            "mark": comment.mark, "first_approved": false, "owner": false, "signals": [], "name": comment.name, "email": null,
            "website": comment.website, "title": "Frost on the allotment", "source": comment.text, "html": "",
            "renderer": 1, "votes": 0, "pinned": false, "created": 1_793_000_000 + 20_000 * at, "edited": null,
            "erased": null,
        }})
    });
    let lines: Vec<String> = [header, thread].into_iter().chain(comments).map(|line| line.to_string()).collect();
    let answer = import(&OPEN, with_checksum_line(lines.iter().map(String::as_str)));
    assert_eq!(answer.status, 200, "{}", answer.text());
    wait_for_thread(&OPEN, &post_url(PAGE), u32::try_from(DEMO.len()).expect("a small number"));
    HOST.publish(&HostPage::new(&OPEN, PAGE).styled())
}

/// Opens the demo page as it is in the screenshots.
async fn open_demo(page: &str, dark: bool) -> Browser {
    let reader =
        Browser::open(BrowserOptions { width: WIDTH, height: HEIGHT, dark, ..BrowserOptions::default() }).await;
    // The screenshots show times, so the zone must not be that of the machine.
    reader.command("Emulation.setTimezoneOverride", json!({"timezoneId": "UTC"})).await;
    reader.visit(page).await;
    reader.widget().find(".aw-submit").await;
    let is_local = async || {
        let time = reader.widget().run("return root.querySelector('time').textContent", Vec::new()).await;
        if time.as_str().is_some_and(|time| !time.contains("UTC")) { Ok(()) } else { Err(time) }
    };
    wait_until_async("the times of the reader", is_local).await;
    reader
}

/// The visible text of a thread.
async fn visible_text(widget: &Widget<'_>) -> String {
    let text = widget.run("return root.querySelector('.aw').innerText", Vec::new()).await;
    format!("{}\n", text.as_str().expect("a thread has text").trim())
}

fn image(name: &str) -> PathBuf {
    root().join("docs/src/images").join(name)
}

#[tokio::test]
async fn documentation_screenshots_show_the_current_page() {
    let reader = open_demo(&publish_demo(), false).await;
    let text = visible_text(&reader.widget()).await;
    reader.close().await;
    let committed = fs::read_to_string(image("thread.txt"))
        .unwrap_or_else(|error| panic!("thread.txt: {error}; make it: {COMMAND}"));
    assert_eq!(committed, text, "the page has changed since its screenshots were made; make them again: {COMMAND}");
    for name in ["thread-light.png", "thread-dark.png"] {
        let png = fs::read(image(name)).unwrap_or_else(|error| panic!("{name}: {error}; make it: {COMMAND}"));
        assert!(png.starts_with(PNG), "{name} is a PNG");
        // The width follows the signature, a length and the name of the first chunk.
        assert_eq!(png[16..20], IMAGE_WIDTH.to_be_bytes(), "the width of {name}");
        assert!(png.len() <= MAX_BYTES, "{name} has {} bytes", png.len());
    }
}

#[tokio::test]
#[ignore = "writes the screenshots of the documentation"]
async fn documentation_screenshots() {
    let page = publish_demo();
    fs::create_dir_all(image("")).unwrap();
    for (name, dark) in [("thread-light.png", false), ("thread-dark.png", true)] {
        let reader = open_demo(&page, dark).await;
        fs::write(image("thread.txt"), visible_text(&reader.widget()).await).unwrap();
        let frame = "
            document.documentElement.style.font = '17px/1.6 \"Noto Sans\", \"Noto Sans CJK JP\", sans-serif';
            document.body.style.cssText = 'max-width: none; margin: 0; padding: 0';
            const main = document.querySelector('main');
            main.style.padding = '0 44px 36px';
            main.querySelectorAll('h1, p').forEach((element) => element.remove());";
        reader.run(frame, Vec::new()).await;
        let scale = f64::from(IMAGE_WIDTH) / f64::from(WIDTH);
        let size = json!({"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": scale, "mobile": false});
        reader.command("Emulation.setDeviceMetricsOverride", size).await;
        reader.find("main").await.screenshot(&image(name)).await.unwrap();
        reader.close().await;
    }
}

#[tokio::test]
#[ignore = "makes pictures for people to look at"]
async fn screenshots() {
    let folder = root().join("build/screenshots");
    fs::create_dir_all(&folder).unwrap();
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
