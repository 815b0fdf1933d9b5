//! What the browser keeps for the reader, under keys that begin with `afterword:`.
//!
//! Storage may be blocked, full, or hold what somebody else wrote. All of that reads as "nothing there" and writes as
//! nothing done: the widget then works for as long as the page lives.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use crate::platform::dom::JsObject;
use crate::platform::json::{parse_json, to_json};

/// One of the browser's two stores.
pub(crate) struct BrowserStorage(JsObject);

impl BrowserStorage {
    /// What all tabs of the blog share, kept until it is removed.
    pub(crate) fn local(window: &JsObject) -> Self {
        Self(window.get_object("localStorage"))
    }

    /// What a tab has for itself, kept as long as it lives, reloads included.
    pub(crate) fn session(window: &JsObject) -> Self {
        Self(window.get_object("sessionStorage"))
    }

    /// The text of a key, empty if there is none.
    pub(crate) fn get_string(&self, key: &str) -> String {
        self.0.call_with_string("getItem", key).as_string().unwrap_or_default()
    }

    /// The JSON of a key, decoded by the browser.
    pub(crate) fn get_json(&self, key: &str) -> JsValue {
        parse_json(&self.get_string(key))
    }

    /// The JSON array of a key.
    pub(crate) fn get_list(&self, key: &str) -> Vec<JsObject> {
        let list = self.get_json(key).dyn_into::<Array>().unwrap_or_default();
        list.iter().map(JsObject::from).collect()
    }

    /// Keeps a text.
    pub(crate) fn set_string(&self, key: &str, text: &str) {
        self.0.call_with("setItem", &JsValue::from_str(key), &JsValue::from_str(text));
    }

    /// Keeps a value as JSON.
    pub(crate) fn set_json(&self, key: &str, value: &JsValue) {
        self.set_string(key, &to_json(value));
    }

    /// Keeps values as a JSON array; an empty one is not kept.
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
