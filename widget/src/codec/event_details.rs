//! What the host page is told, as the details of the events.
//!
//! They cross as maps and not as structs, for which `serde_wasm_bindgen` keeps a hash table of their fields' names: 1 KB of brotli.

use serde::ser::{Serialize, SerializeMap, Serializer};
use wasm_bindgen::JsValue;

/// `afterword:ready`: the thread is the widget's from here on.
pub(crate) struct ReadyDetail<'a> {
    /// The canonical address of the post.
    pub(crate) url: &'a str,
    /// How many comments it has.
    pub(crate) count: u32,
    /// The version of its thread; a whole number, as a floating point one, which is all that JavaScript has.
    pub(crate) version: f64,
}

impl Serialize for ReadyDetail<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("url", self.url)?;
        map.serialize_entry("count", &self.count)?;
        map.serialize_entry("version", &self.version)?;
        map.end()
    }
}

/// `afterword:error`: something that the reader asked for came to nothing.
pub(crate) struct ErrorDetail<'a> {
    /// The code of the Worker's error, or `unreachable`.
    pub(crate) code: &'a str,
}

impl Serialize for ErrorDetail<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", self.code)?;
        map.end()
    }
}

/// The plain object that a host page reads.
pub(crate) fn encode_detail(detail: &impl Serialize) -> JsValue {
    detail.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or_default()
}
