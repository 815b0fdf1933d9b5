//! The browser's JSON parser and serializer.

use js_sys::JSON;
use wasm_bindgen::JsValue;

/// Parses JSON. Returns undefined if the text is not valid JSON.
pub(crate) fn parse_json(json: &str) -> JsValue {
    JSON::parse(json).unwrap_or_default()
}

/// Serializes a value as JSON. Returns an empty string if that fails.
pub(crate) fn to_json(value: &JsValue) -> String {
    JSON::stringify(value).map(String::from).unwrap_or_default()
}
