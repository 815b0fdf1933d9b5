//! The wall clock, the reader's time zone, and the age of the page.

use js_sys::Date;
use wasm_bindgen::JsValue;

use crate::platform::dom::{self, JsObject};

/// Current time in Unix seconds.
#[expect(clippy::disallowed_methods, reason = "the widget's one clock")]
pub(crate) fn now_seconds() -> i64 {
    (Date::now() / 1000.0) as i64
}

/// A time in Unix seconds plus the offset of the reader's time zone at that time, from the value of a `datetime` attribute.
pub(crate) fn local_seconds(window: &JsObject, datetime: &str) -> i64 {
    let date = dom::construct(window, "Date", &JsValue::from_str(datetime));
    // In minutes, and not always whole ones: Monrovia was 44 minutes and 30 seconds behind.
    let offset = call_for_number(&date, "getTimezoneOffset") * 60.0;
    call_for_number(&date, "getTime") as i64 / 1000 - offset as i64
}

/// Milliseconds since the page was opened.
pub(crate) fn page_age_ms(window: &JsObject) -> f64 {
    call_for_number(&window.get_object("performance"), "now")
}

fn call_for_number(object: &JsObject, method: &str) -> f64 {
    object.call_with(method, &JsValue::UNDEFINED, &JsValue::UNDEFINED).as_f64().unwrap_or_default()
}
