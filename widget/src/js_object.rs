//! Objects of JavaScript, read by the names of their properties.
//!
//! An object may be absent. Everything read from an absent object is absent or empty.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    fn reflect_get(target: &JsValue, name: &str) -> Result<JsValue, JsValue>;
}

/// An object of JavaScript. May be absent.
#[derive(Clone, PartialEq)]
pub(crate) struct JsObject(JsValue);

impl From<JsValue> for JsObject {
    fn from(value: JsValue) -> Self {
        Self(value)
    }
}

impl JsObject {
    /// Returns true if the value is an object, and not absent.
    pub(crate) fn is_present(&self) -> bool {
        self.0.is_object()
    }

    /// Reads a property that is an object.
    pub(crate) fn get_object(&self, name: &str) -> Self {
        Self(self.get(name))
    }

    /// Reads a property that is a string. A value of another type reads as empty.
    pub(crate) fn get_string(&self, name: &str) -> String {
        self.optional_string(name).unwrap_or_default()
    }

    /// Reads a property that is a string.
    pub(crate) fn optional_string(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    /// Reads a property that is a whole number. A value of another type reads as 0.
    pub(crate) fn integer(&self, name: &str) -> i64 {
        self.get(name).as_f64().unwrap_or_default() as i64
    }

    /// Returns true if a property is `true`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name) == JsValue::TRUE
    }

    /// The names of the object's own properties.
    pub(crate) fn keys(&self) -> Array {
        Object::keys(self.0.unchecked_ref::<Object>())
    }

    fn get(&self, name: &str) -> JsValue {
        reflect_get(&self.0, name).unwrap_or_default()
    }
}
