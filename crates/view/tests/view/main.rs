//! Tests of rendering, with golden files, an HTML parser and property tests.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod catalogues;
mod check_page;
mod golden;
mod properties;
mod stylesheet;
mod well_formed;

use std::path::PathBuf;

use afterword_model::Thread;
use afterword_view::{Messages, PageAssets, RenderContext};

const CHROME: PageAssets = PageAssets {
    stylesheet_paths: &["/assets/afterword.css", "/assets/afterword-write.css", "/assets/afterword-page.css"],
    structured_data: None,
};

/// The path of a file in the golden folder.
fn golden(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "golden", name].iter().collect()
}

fn fixture(name: &str) -> Thread {
    let path = golden(&format!("{name}.json"));
    let json = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All messages of a language: those that readers download, and those of the Worker's own pages.
fn catalogue(lang: &str) -> serde_json::Map<String, serde_json::Value> {
    let read = |folder: &str| -> serde_json::Map<String, serde_json::Value> {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), folder, &format!("{lang}.json")].iter().collect();
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let (mut all, pages) = (read("messages"), read("page_messages"));
    for (key, text) in pages {
        assert_eq!(all.insert(key.clone(), text), None, "{lang}: {key} is in both catalogues");
    }
    all
}

/// The catalogue of a language. `ar` stands for a right-to-left language; its texts are English because there is no
/// Arabic catalogue.
fn messages(lang: &str) -> Messages {
    let mut catalogue = catalogue(if lang == "ar" { "en" } else { lang });
    if lang == "ar" {
        catalogue.insert("lang".into(), "ar".into());
        catalogue.insert("dir".into(), "rtl".into());
    }
    serde_json::from_value(catalogue.into()).unwrap()
}

fn context(messages: &Messages) -> RenderContext<'_> {
    RenderContext {
        messages,
        endpoint: "https://comments.example",
        messages_path: "/assets/messages-en.json",
        max_depth: 4,
        avatars: true,
        linked: None,
    }
}
