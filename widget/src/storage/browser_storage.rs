//! The browser's two storages. All keys of the widget begin with `afterword:`.
//!
//! Storage may be blocked or full, or hold a value that another script wrote. Such a value reads as empty, and a write that fails has no
//! effect: the widget then works as long as the page stays open.

use js_sys::Array;
use wasm_bindgen::JsValue;

use crate::codec::thread_decoder::decode_array;
use crate::platform::dom::JsObject;
use crate::platform::json::{parse_json, to_json};

/// A `Storage` object of the window.
pub(crate) struct BrowserStorage(JsObject);

impl BrowserStorage {
    /// `localStorage`: shared by all tabs of the blog, kept until it is removed.
    pub(crate) fn local(window: &JsObject) -> Self {
        Self(window.get_object("localStorage"))
    }

    /// `sessionStorage`: belongs to one tab, kept until the tab closes, reloads included.
    pub(crate) fn session(window: &JsObject) -> Self {
        Self(window.get_object("sessionStorage"))
    }

    /// Reads a string. A missing key reads as empty.
    pub(crate) fn get_string(&self, key: &str) -> String {
        self.0.call_with_string("getItem", key).as_string().unwrap_or_default()
    }

    /// Reads a value that is stored as JSON.
    pub(crate) fn get_json(&self, key: &str) -> JsValue {
        parse_json(&self.get_string(key))
    }

    /// Reads the items of a JSON array.
    pub(crate) fn get_list(&self, key: &str) -> Vec<JsObject> {
        decode_array(self.get_json(key)).unwrap_or_default()
    }

    /// Stores a string.
    pub(crate) fn set_string(&self, key: &str, text: &str) {
        self.0.call_with("setItem", &JsValue::from_str(key), &JsValue::from_str(text));
    }

    /// Stores a value as JSON.
    pub(crate) fn set_json(&self, key: &str, value: &JsValue) {
        self.set_string(key, &to_json(value));
    }

    /// Stores values as a JSON array. Removes the key if there are none.
    pub(crate) fn set_list(&self, key: &str, values: &[JsObject]) {
        if values.is_empty() {
            self.0.call_with_string("removeItem", key);
        } else {
            let list = Array::new();
            for value in values {
                list.push(value.as_js());
            }
            self.set_json(key, &list);
        }
    }
}
