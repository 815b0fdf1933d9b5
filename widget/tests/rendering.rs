//! `view` draws the same bytes in WebAssembly as natively: its main fixture, held against the golden that its own tests hold it against.
//!
//! `cargo test -p afterword-widget --target wasm32-unknown-unknown`, with `wasm-bindgen-test-runner` as the runner; in Node.

#![cfg(target_arch = "wasm32")]

use afterword_model::Thread;
use afterword_view::{Form, Messages, RenderContext, thread};
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

const THREAD: &str = include_str!("../../crates/view/tests/golden/thread.json");
const SCENE: &str = include_str!("../../crates/view/tests/golden/thread.scene.json");
const DRAWN: &str = include_str!("../../crates/view/tests/golden/thread.html");
const MESSAGES: &str = include_str!("../../crates/view/messages/en.json");

#[wasm_bindgen_test]
#[expect(clippy::unwrap_used, reason = "a test, though not by the attribute that the lint knows")]
fn the_main_fixture_has_the_same_bytes_as_natively() {
    let page: Thread = serde_json::from_str(THREAD).unwrap();
    let setting: Value = serde_json::from_str(SCENE).unwrap();
    let messages: Messages = serde_json::from_str(MESSAGES).unwrap();
    assert_eq!(setting["lang"], "en", "the messages above are those of the scene");
    let scene = RenderContext {
        messages: &messages,
        endpoint: setting["endpoint"].as_str().unwrap(),
        messages_path: setting["messages_path"].as_str().unwrap(),
        max_depth: u8::try_from(setting["max_depth"].as_u64().unwrap()).unwrap(),
    };
    assert_eq!(thread(&scene, &page, &Form::default()).into_string(), DRAWN.trim_end());
}
