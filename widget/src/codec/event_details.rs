//! Details of the events that the widget dispatches to the host page.

use wasm_bindgen::JsValue;

use crate::platform::dom::JsObject;

/// Detail of `afterword:ready`: the widget controls the thread from now on. `url` is the canonical address of the post.
pub(crate) fn ready_detail(url: &str, count: u32, version: i64) -> JsObject {
    let detail = count_detail(url, count);
    detail.set("version", &JsValue::from_f64(version as f64));
    detail
}

/// Detail of `afterword:count`: the number of comments on the post has changed.
pub(crate) fn count_detail(url: &str, count: u32) -> JsObject {
    let detail = JsObject::empty();
    detail.set_string("url", url);
    detail.set("count", &count.into());
    detail
}

/// Detail of `afterword:error`: a request of the reader has failed. `code` is the Worker's error code, or `unreachable`; `hint` is advice
/// for the blog's owner, or empty.
pub(crate) fn error_detail(code: &str, hint: &str) -> JsObject {
    let detail = JsObject::empty();
    detail.set_string("code", code);
    detail.set_string("hint", hint);
    detail
}
