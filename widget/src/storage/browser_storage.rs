//! What the browser keeps for the reader, under keys that begin with `afterword:`.
//!
//! Storage may be blocked, full, or hold what somebody else wrote. All of that reads as "nothing there" and writes as
//! nothing done: the widget then works for as long as the page lives.

use js_sys::{Array, JSON};
use wasm_bindgen::{JsCast, JsValue};

use crate::platform::dom::Node;

/// One of the browser's two stores.
pub(crate) struct Shelf(Node);

impl Shelf {
    /// What all tabs of the blog share, kept until it is removed.
    pub(crate) fn lasting(window: &Node) -> Self {
        Self(window.node("localStorage"))
    }

    /// What a tab has for itself, kept as long as it lives, reloads included.
    pub(crate) fn of_tab(window: &Node) -> Self {
        Self(window.node("sessionStorage"))
    }

    /// The text of a key, empty if there is none.
    pub(crate) fn text(&self, key: &str) -> String {
        self.0.call_with("getItem", key).as_string().unwrap_or_default()
    }

    /// The JSON of a key, decoded by the browser.
    pub(crate) fn value(&self, key: &str) -> JsValue {
        parse(&self.text(key))
    }

    /// The JSON array of a key.
    pub(crate) fn list(&self, key: &str) -> Vec<Node> {
        let list = self.value(key).dyn_into::<Array>().unwrap_or_default();
        list.iter().map(Node::from).collect()
    }

    /// Keeps a text.
    pub(crate) fn set_text(&self, key: &str, text: &str) {
        self.0.call("setItem", &JsValue::from_str(key), &JsValue::from_str(text));
    }

    /// Keeps a value as JSON.
    pub(crate) fn set(&self, key: &str, value: &JsValue) {
        self.set_text(key, &stringify(value));
    }

    /// Keeps values as a JSON array; an empty one is not kept.
    pub(crate) fn set_list(&self, key: &str, values: &[Node]) {
        if values.is_empty() {
            self.0.call_with("removeItem", key);
        } else {
            let list = Array::new();
            for value in values {
                list.push(value.as_js());
            }
            self.set(key, &list);
        }
    }
}

/// The value of a JSON; undefined if it is none.
pub(crate) fn parse(json: &str) -> JsValue {
    JSON::parse(json).unwrap_or_default()
}

/// The JSON of a value.
pub(crate) fn stringify(value: &JsValue) -> String {
    JSON::stringify(value).map(String::from).unwrap_or_default()
}
