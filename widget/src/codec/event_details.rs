//! Details of the events that the widget dispatches to the host page.
//!
//! They are serialized as maps instead of structs: for structs `serde_wasm_bindgen` keeps a hash table of field names, 1 KB of brotli.

use serde::ser::{Serialize, SerializeMap, Serializer};
use wasm_bindgen::JsValue;

/// Detail of `afterword:ready`: the widget controls the thread from now on.
pub(crate) struct ReadyDetail<'a> {
    /// The canonical address of the post.
    pub(crate) url: &'a str,
    /// Number of comments on the post.
    pub(crate) count: u32,
    /// Version of the thread: an integer, as the float that a JavaScript number is.
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

/// Detail of `afterword:error`: a request of the reader has failed.
pub(crate) struct ErrorDetail<'a> {
    /// The Worker's error code, or `unreachable`.
    pub(crate) code: &'a str,
    /// Advice for the blog's owner. Empty unless the owner made a mistake.
    pub(crate) hint: &'a str,
}

impl Serialize for ErrorDetail<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", self.code)?;
        map.serialize_entry("hint", self.hint)?;
        map.end()
    }
}

/// Encodes a detail as a plain object.
pub(crate) fn encode_detail(detail: &impl Serialize) -> JsValue {
    detail.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or_default()
}
