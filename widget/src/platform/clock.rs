//! The wall clock and the age of the page.

use js_sys::Date;
use wasm_bindgen::JsValue;

use crate::platform::dom::JsObject;

/// Current time in Unix seconds.
#[expect(clippy::disallowed_methods, reason = "the widget's one clock")]
pub(crate) fn now_seconds() -> i64 {
    (Date::now() / 1000.0) as i64
}

/// Milliseconds since the page was opened.
pub(crate) fn page_age_ms(window: &JsObject) -> f64 {
    call_for_number(&window.get_object("performance"), "now")
}

fn call_for_number(object: &JsObject, method: &str) -> f64 {
    object.call_with(method, &JsValue::UNDEFINED, &JsValue::UNDEFINED).as_f64().unwrap_or_default()
}
