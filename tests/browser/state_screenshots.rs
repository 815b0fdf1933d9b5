//! Screenshots of every state of a thread in every look, for review by people. No test compares them.

use std::fs;

use afterword_tests::{Browser, BrowserOptions, root};

use crate::states::State;

/// A look: name, browser, attributes of `<html>`, attributes of the script tag.
type Look = (&'static str, BrowserOptions, &'static str, &'static str);

const WIDE: BrowserOptions = BrowserOptions { width: 760, height: 900, ..BrowserOptions::DEFAULT };
const NARROW: BrowserOptions = BrowserOptions { width: 360, ..WIDE };

const LOOKS: [Look; 8] = [
    ("light", WIDE, "lang=\"en\"", ""),
    ("dark", BrowserOptions { dark: true, ..WIDE }, "lang=\"en\"", ""),
    ("narrow", NARROW, "lang=\"en\"", ""),
    ("right-to-left", WIDE, "lang=\"ar\" dir=\"rtl\"", ""),
    ("right-to-left-narrow", NARROW, "lang=\"fa\" dir=\"rtl\"", ""),
    ("dense", WIDE, "lang=\"en\"", "data-theme=\"dense\""),
    ("classic", WIDE, "lang=\"en\"", "data-theme=\"classic\""),
    ("classic-dark", BrowserOptions { dark: true, ..NARROW }, "lang=\"en\"", "data-theme=\"classic dark\""),
];

#[tokio::test]
#[ignore = "makes pictures for people to look at"]
async fn state_screenshots() {
    let folder = root().join("build/screenshots/states");
    fs::create_dir_all(&folder).unwrap();
    for (look, options, html, script) in LOOKS {
        let mut reader = Browser::open(options).await;
        reader.expect_console_error("status of 422");
        for state in State::ALL {
            state.show(&reader, &format!("shown_{look}"), html, script).await;
            let file = folder.join(format!("{}-{look}.png", state.name()));
            reader.save_screenshot(options.width, &file).await;
        }
        reader.close().await;
    }
}
