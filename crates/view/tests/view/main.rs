//! Tests of rendering, with golden files, an HTML parser and property tests.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[cfg(feature = "catalogue")]
mod admin;
mod catalogues;
mod check_page;
mod glossary;
mod golden;
#[cfg(feature = "catalogue")]
mod languages;
#[cfg(feature = "catalogue")]
mod node;
mod properties;
mod stylesheet;
#[cfg(feature = "catalogue")]
mod times;
mod well_formed;

use std::path::PathBuf;

use afterword_model::Thread;
use afterword_view::{Messages, PageAssets, RenderContext};

const CHROME: PageAssets = PageAssets {
    base_path: "",
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

/// The parts of a catalogue.
const PARTS: [&str; 3] = ["widget", "on_demand", "page"];

/// The file of a language.
fn source(lang: &str) -> serde_json::Value {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "messages", &format!("{lang}.json")].iter().collect();
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All messages of a language, of all parts of its file.
fn catalogue(lang: &str) -> serde_json::Map<String, serde_json::Value> {
    let mut all = serde_json::Map::new();
    for part in PARTS {
        for (key, text) in source(lang)[part].as_object().unwrap() {
            assert_eq!(all.insert(key.clone(), text.clone()), None, "{lang}: {key} is in two parts");
        }
    }
    all
}

/// The catalogue of a language.
fn messages(lang: &str) -> Messages {
    serde_json::from_value(catalogue(lang).into()).unwrap()
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
