//! What the browser keeps for the reader, under keys that begin with `afterword:`.
//!
//! Storage may be blocked, full, or hold what somebody else wrote. All of that reads as "nothing there" and writes as
//! nothing done: the widget then works for as long as the page lives.

use js_sys::JSON;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use web_sys::{Storage, Window};

/// For how long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shelf {
    /// Until it is removed; all tabs of the blog share it.
    Lasting,
    /// As long as the tab lives, reloads included; the tab has it for itself.
    Tab,
}

impl Shelf {
    fn open(self) -> Option<Storage> {
        let storage = match self {
            Self::Lasting => Window::local_storage,
            Self::Tab => Window::session_storage,
        };
        storage(&web_sys::window()?).ok()?
    }

    /// The text of a key.
    pub(crate) fn text(self, key: &str) -> Option<String> {
        self.open()?.get_item(key).ok()?
    }

    /// The JSON of a key, decoded by the browser.
    pub(crate) fn value(self, key: &str) -> Option<JsValue> {
        JSON::parse(&self.text(key)?).ok()
    }

    /// What is under a key, if it is what we would have written.
    pub(crate) fn get<T: DeserializeOwned>(self, key: &str) -> Option<T> {
        serde_wasm_bindgen::from_value(self.value(key)?).ok()
    }

    /// Keeps a text.
    pub(crate) fn set_text(self, key: &str, text: &str) {
        if let Some(storage) = self.open() {
            // Full or read-only: there is nothing to be done about it, and nothing that the reader would want to know.
            let _ = storage.set_item(key, text);
        }
    }

    /// Keeps a value as JSON; nothing is no longer kept.
    pub(crate) fn set(self, key: &str, value: Option<&JsValue>) {
        if let Some(value) = value {
            if let Ok(json) = JSON::stringify(value) {
                self.set_text(key, &String::from(json));
            }
        } else if let Some(storage) = self.open() {
            let _ = storage.remove_item(key);
        }
    }
}
