//! Details of the events that the widget dispatches to the host page.

use serde::ser::{Serialize, Serializer};
use wasm_bindgen::JsValue;

/// A value in the detail of an event. All details share one type, because each further one takes a hundred bytes of brotli.
pub(crate) enum DetailValue<'a> {
    /// A text.
    Text(&'a str),
    /// An integer, as the float that a JavaScript number is.
    Integer(i64),
}

impl Serialize for DetailValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(integer) => serializer.serialize_f64(*integer as f64),
        }
    }
}

/// The names and values of a detail. A map and not a struct: for structs `serde_wasm_bindgen` keeps a hash table of field names, 1 KB of
/// brotli.
struct Detail<'a>(&'a [(&'a str, DetailValue<'a>)]);

impl Serialize for Detail<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Encodes a detail as a plain object.
pub(crate) fn encode_detail(entries: &[(&str, DetailValue<'_>)]) -> JsValue {
    Detail(entries).serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or_default()
}
