//! Test that `view` renders the same bytes in WebAssembly as natively. It compares the main fixture with the golden file of `view`'s own
//! tests.
//!
//! `cargo test -p afterword-widget --target wasm32-unknown-unknown`, with `wasm-bindgen-test-runner` as the runner, in Node.

#![cfg(target_arch = "wasm32")]

use afterword_model::Thread;
use afterword_view::{Form, Messages, RenderContext, thread};
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

const THREAD: &str = include_str!("../../crates/view/tests/golden/thread.json");
const CONTEXT: &str = include_str!("../../crates/view/tests/golden/thread.scene.json");
const RENDERED: &str = include_str!("../../crates/view/tests/golden/thread.html");
const MESSAGES: &str = include_str!("../../crates/view/messages/en.json");

#[wasm_bindgen_test]
#[expect(clippy::unwrap_used, reason = "a test, but not one with the attribute that the lint recognizes")]
fn main_fixture_renders_the_same_bytes_as_natively() {
    let page: Thread = serde_json::from_str(THREAD).unwrap();
    let context: Value = serde_json::from_str(CONTEXT).unwrap();
    let file: Value = serde_json::from_str(MESSAGES).unwrap();
    let [widget, texts] =
        ["widget", "page"].map(|part| serde_json::from_value::<Messages>(file[part].clone()).unwrap());
    let messages = widget.with(texts);
    assert_eq!(context["lang"], "en", "MESSAGES must be in the language of the fixture");
    let context = RenderContext {
        messages: &messages,
        endpoint: context["endpoint"].as_str().unwrap(),
        messages_path: context["messages_path"].as_str().unwrap(),
        max_depth: u8::try_from(context["max_depth"].as_u64().unwrap()).unwrap(),
        avatars: true,
        linked: None,
    };
    assert_eq!(thread(&context, &page, &Form::default()).into_string(), RENDERED.trim_end());
}
