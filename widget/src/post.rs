//! Requests to the Worker and what can become of them.

use afterword_model::{ErrorBody, Field, Posted, Thread};
use gloo_net::http::Request;
use js_sys::JSON;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, RequestInit};

use crate::dom::Node;
use crate::reader::read;

/// How long an answer may take, in milliseconds; then the reader is told and may try again, under the same UUID.
const PATIENCE: i32 = 20_000;

/// The code of a request that got no answer of the Worker's: nobody was there, or somebody else answered.
pub(crate) const UNREACHABLE: &str = "unreachable";

/// Why a request came to nothing.
pub(crate) struct Failure {
    /// The Worker's code, or [`UNREACHABLE`].
    pub(crate) code: String,
    /// The Worker's text, in English; empty without an answer of its own.
    pub(crate) message: String,
    /// The field at fault.
    pub(crate) field: Option<Field>,
    /// How many seconds the Worker asks to wait.
    pub(crate) wait: Option<u32>,
}

impl Failure {
    /// A failure of this code.
    pub(crate) fn new(code: &str, field: Option<Field>) -> Self {
        Self { code: code.to_owned(), message: String::new(), field, wait: None }
    }
}

/// Sends a comment. The answer comes decoded, and as the JSON it was.
pub(crate) async fn comment(
    window: &Node,
    endpoint: &str,
    body: &str,
    key: &str,
) -> Result<(Posted, JsValue), Failure> {
    let headers = Node::object();
    headers.set_text("Content-Type", "application/json");
    if !key.is_empty() {
        headers.set_text("Authorization", &["Bearer ", key].concat());
    }
    let init = Node::object();
    init.set_text("method", "POST");
    init.set_text("body", body);
    init.set("headers", headers.as_js());
    let value = exchange(window, &[endpoint, "/v1/comments"].concat(), init).await?;
    let posted = read(value.clone()).ok_or_else(|| Failure::new(UNREACHABLE, None))?;
    Ok((posted, value))
}

/// Fetches the page of a thread that a query names.
pub(crate) async fn page(window: &Node, endpoint: &str, query: &str) -> Result<Thread, Failure> {
    let value = exchange(window, &[endpoint, "/v1/thread", query].concat(), Node::object()).await?;
    read(value).ok_or_else(|| Failure::new(UNREACHABLE, None))
}

/// Sends a request and reads the JSON of its answer.
async fn exchange(window: &Node, address: &str, init: Node) -> Result<JsValue, Failure> {
    let deadline = Deadline::new(window);
    init.set_text("credentials", "omit");
    init.set("signal", &deadline.controller.get("signal"));
    let mut failure = Failure::new(UNREACHABLE, None);
    let request = web_sys::Request::new_with_str_and_init(address, init.as_js().unchecked_ref::<RequestInit>());
    let Ok(request) = request else { return Err(failure) };
    let Ok(answer) = Request::from(request).send().await else { return Err(failure) };
    let json = JSON::parse(&answer.text().await.unwrap_or_default());
    if answer.ok() {
        return json.map_err(|_| failure);
    }
    if let Some(ErrorBody { error }) = json.ok().and_then(read) {
        failure.code = error.code;
        failure.message = error.message;
        failure.field = error.field;
    }
    failure.wait = answer.headers().get("Retry-After").and_then(|seconds| seconds.parse().ok());
    Err(failure)
}

/// Aborts a request that takes too long; dropped, it does nothing any more.
struct Deadline {
    window: Node,
    controller: Node,
    timer: JsValue,
    _ring: Closure<dyn FnMut()>,
}

impl Deadline {
    fn new(window: &Node) -> Self {
        let controller = Node::from(AbortController::new().map(JsValue::from).unwrap_or_default());
        let aborted = controller.clone();
        let ring = Closure::new(move || aborted.act("abort"));
        let timer = window.call("setTimeout", ring.as_ref(), &PATIENCE.into());
        Self { window: window.clone(), controller, timer, _ring: ring }
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.window.call("clearTimeout", &self.timer, &JsValue::UNDEFINED);
    }
}
