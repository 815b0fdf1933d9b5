//! Requests to the Worker.

use std::cell::Cell;
use std::rc::Rc;

use afterword_model::{Field, PostedComment};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::codec::thread_decoder;
use crate::platform::decimal::parse_decimal;
use crate::platform::dom::{self, JsObject};
use crate::platform::json::parse_json;
use crate::platform::timer::Timer;

/// Timeout of a request in milliseconds. After it the reader sees an error and may try again, under the same UUID.
const REQUEST_TIMEOUT_MS: i32 = 20_000;

/// Path of the only response that is no JSON.
const FRAGMENT: &str = "/v1/thread.html";

/// Error code of a request without a response from the Worker: there was no response, or something else responded.
pub(crate) const UNREACHABLE: &str = "unreachable";

/// A failed request.
pub(crate) struct RequestError {
    /// The Worker's error code, or [`UNREACHABLE`].
    pub(crate) code: String,
    /// The Worker's error text, in the language of the request. Empty if the Worker sent none.
    pub(crate) message: String,
    /// The form field with the error.
    pub(crate) field: Option<Field>,
    /// Number of characters by which the field is too long. 0 if it is not.
    pub(crate) excess: u32,
    /// The challenge to solve before a retry. Empty if a retry would not help.
    pub(crate) challenge: String,
    /// Advice for the blog's owner. Empty unless the owner made a mistake.
    pub(crate) hint: String,
    /// Seconds until a retry may succeed. 0 if it may succeed at once.
    pub(crate) retry_after: u32,
}

impl RequestError {
    /// An error with this code.
    pub(crate) fn new(code: &str, field: Option<Field>) -> Self {
        Self {
            code: code.to_owned(),
            message: String::new(),
            field,
            excess: 0,
            challenge: String::new(),
            hint: String::new(),
            retry_after: 0,
        }
    }
}

/// The JSON of a response.
pub(crate) type JsonResult = Result<JsObject, RequestError>;

/// Posts a comment. Passes the posted comment on decoded, and as the JSON value that the Worker returned.
pub(crate) fn post_comment(
    window: &JsObject,
    endpoint: &str,
    body: &str,
    author_key: &str,
    language: &str,
    on_done: impl FnOnce(Result<(PostedComment, JsObject), RequestError>) + 'static,
) {
    let headers = JsObject::empty();
    headers.set_string("Content-Type", "application/json");
    // The language of the page, in place of the browser's.
    headers.set_string("Accept-Language", language);
    if !author_key.is_empty() {
        headers.set_string("Authorization", &["Bearer ", author_key].concat());
    }
    let init = JsObject::empty();
    init.set_string("method", "POST");
    init.set_string("body", body);
    init.set("headers", headers.as_js());
    let on_json = |result: JsonResult| {
        on_done(result.and_then(|value| {
            Ok((thread_decoder::decode_posted_comment(&value).ok_or_else(unreachable_error)?, value))
        }))
    };
    send_request(window, &[endpoint, "/v1/comments"].concat(), &init, Box::new(on_json));
}

/// Fetches a page of a thread as HTML that the Worker rendered. The query names post, order and page.
pub(crate) fn fetch_fragment(
    window: &JsObject,
    endpoint: &str,
    query: &str,
    on_done: impl FnOnce(Result<String, RequestError>) + 'static,
) {
    let on_text = |result: JsonResult| on_done(result.map(|text| text.as_js().as_string().unwrap_or_default()));
    send_request(window, &[endpoint, FRAGMENT, query].concat(), &JsObject::empty(), Box::new(on_text));
}

/// Fetches JSON.
pub(crate) fn fetch_json(window: &JsObject, address: &str, on_done: impl FnOnce(JsonResult) + 'static) {
    send_request(window, address, &JsObject::empty(), Box::new(on_done));
}

/// A callback that response and timeout share. Whichever comes first takes it.
type SharedCallback = Rc<Cell<Option<Box<dyn FnOnce(JsonResult)>>>>;

/// Sends a request and decodes the JSON of its response.
fn send_request(window: &JsObject, address: &str, init: &JsObject, on_done: Box<dyn FnOnce(JsonResult)>) {
    let callback: SharedCallback = Rc::new(Cell::new(Some(on_done)));
    let timeout = RequestTimeout::new(window, Rc::clone(&callback));
    init.set_string("credentials", "omit");
    init.set("signal", &timeout.controller.get("signal"));
    let response = window.call_with("fetch", &JsValue::from_str(address), init.as_js());
    let is_fragment = address.contains(FRAGMENT);
    spawn_local(async move {
        let result = read_response(response, is_fragment).await;
        drop(timeout);
        run_callback(&callback, result);
    });
}

/// Runs the callback, unless it has run before.
fn run_callback(callback: &SharedCallback, result: JsonResult) {
    if let Some(on_done) = callback.take() {
        on_done(result);
    }
}

async fn read_response(response: JsValue, is_fragment: bool) -> JsonResult {
    let response = resolve(response).await?;
    let text = resolve(response.call_with("text", &JsValue::UNDEFINED, &JsValue::UNDEFINED)).await?;
    if is_fragment && response.is_true("ok") {
        return Ok(text);
    }
    let seconds = response.get_object("headers").call_with_string("get", "retry-after").as_string();
    let retry_after = seconds.and_then(|seconds| parse_decimal(&seconds)).unwrap_or(0) as u32;
    let json = parse_json(&text.as_js().as_string().unwrap_or_default());
    interpret_response(response.is_true("ok"), retry_after, &JsObject::from(json))
}

/// Waits for a promise. The page may have replaced `fetch`, so the value may be anything.
async fn resolve(promise: JsValue) -> JsonResult {
    let value = JsFuture::from(Promise::resolve(&promise)).await;
    value.map(JsObject::from).map_err(|_| unreachable_error())
}

/// Converts a response to a result. A response without the expected JSON is not from the Worker.
fn interpret_response(ok: bool, retry_after: u32, json: &JsObject) -> JsonResult {
    if ok {
        return json.clone().into_option().ok_or_else(unreachable_error);
    }
    let error = json.get_object("error");
    let code = error.get_string("code");
    let code = if code.is_empty() { UNREACHABLE.to_owned() } else { code };
    let field = thread_decoder::decode_field(&error.get_string("field"));
    Err(RequestError {
        code,
        message: error.get_string("message"),
        field,
        excess: error.integer("excess") as u32,
        challenge: json.get_string("challenge"),
        hint: error.get_string("hint"),
        retry_after,
    })
}

fn unreachable_error() -> RequestError {
    RequestError::new(UNREACHABLE, None)
}

/// Aborts a request after the timeout. Dropping it cancels the timer.
///
/// It runs the callback itself instead of waiting for the aborted `fetch`. The page may have wrapped `fetch` in code that ignores the
/// signal.
struct RequestTimeout {
    controller: JsObject,
    _timer: Timer,
}

impl RequestTimeout {
    fn new(window: &JsObject, callback: SharedCallback) -> Self {
        let controller = dom::construct(window, "AbortController", &JsValue::UNDEFINED);
        let aborted = controller.clone();
        let on_timeout = move || {
            aborted.call_method("abort");
            run_callback(&callback, Err(unreachable_error()));
        };
        Self { controller, _timer: Timer::new(window, "setTimeout", REQUEST_TIMEOUT_MS, on_timeout) }
    }
}
