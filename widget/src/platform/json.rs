//! JSON by the browser's own parser and serializer.

use js_sys::JSON;
use wasm_bindgen::JsValue;

/// Parses JSON. Returns undefined if the text is no valid JSON.
pub(crate) fn parse_json(json: &str) -> JsValue {
    JSON::parse(json).unwrap_or_default()
}

/// Serializes a value to JSON. Returns an empty text if the value has no JSON.
pub(crate) fn to_json(value: &JsValue) -> String {
    JSON::stringify(value).map(String::from).unwrap_or_default()
}
