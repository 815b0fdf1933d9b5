//! Converts arbitrary texts of each kind, and renders the result.
#![no_main]

use afterword_interchange::{Body, BodyKind, to_markdown};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    for kind in [BodyKind::Html, BodyKind::HtmlWithNewlines, BodyKind::Markdown, BodyKind::Text] {
        let markdown = to_markdown(&Body { kind, text: text.clone() }).markdown;
        if let Ok(rendered) = afterword_markup::render(&markdown) {
            assert!(!rendered.html.as_str().contains("<script"), "{markdown:?}");
        }
    }
});
