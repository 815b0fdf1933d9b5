//! The wall clock, the reader's time zone, and the age of the page.

use js_sys::Date;
use wasm_bindgen::JsValue;

use crate::platform::dom::JsObject;

/// Current time in Unix seconds.
#[expect(clippy::disallowed_methods, reason = "the widget's one clock")]
pub(crate) fn now_seconds() -> i64 {
    (Date::now() / 1000.0) as i64
}

/// A time in Unix seconds plus the offset of the reader's time zone at that time, from the value of a `datetime` attribute.
pub(crate) fn local_seconds(datetime: &str) -> i64 {
    let date = Date::new(&JsValue::from_str(datetime));
    (date.get_time() / 1000.0 - date.get_timezone_offset() * 60.0) as i64
}

/// Milliseconds since the page was opened.
pub(crate) fn page_age_ms(window: &JsObject) -> f64 {
    let performance = window.get_object("performance");
    performance.call_with("now", &JsValue::UNDEFINED, &JsValue::UNDEFINED).as_f64().unwrap_or_default()
}
