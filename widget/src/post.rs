//! Requests to the Worker and what can become of them.

use afterword_model::{ErrorBody, Field, Posted, Thread};
use gloo_net::http::{Request, RequestBuilder, Response};
use js_sys::{Function, JSON, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, RequestCredentials};

/// How long an answer may take, in milliseconds; then the reader is told and may try again, under the same UUID.
const PATIENCE: i32 = 20_000;

/// The code of a request that got no answer of the Worker's: nobody was there, or somebody else answered.
pub(crate) const UNREACHABLE: &str = "unreachable";

/// Why a request came to nothing.
#[derive(Debug, Default)]
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
    fn unreachable() -> Self {
        Self { code: UNREACHABLE.to_owned(), ..Self::default() }
    }
}

/// Sends a comment. The answer comes decoded, and as the JSON it was.
pub(crate) async fn comment(endpoint: &str, body: &str, key: Option<&str>) -> Result<(Posted, JsValue), Failure> {
    let mut request = Request::post(&[endpoint, "/v1/comments"].concat()).header("Content-Type", "application/json");
    if let Some(key) = key {
        request = request.header("Authorization", &["Bearer ", key].concat());
    }
    let value = exchange(request, Some(body)).await?;
    let posted = serde_wasm_bindgen::from_value(value.clone()).map_err(|_| Failure::unreachable())?;
    Ok((posted, value))
}

/// Fetches a page of a thread.
pub(crate) async fn page(endpoint: &str, url: &str, page: &str) -> Result<Thread, Failure> {
    let request = Request::get(&[endpoint, "/v1/thread"].concat()).query([("url", url), ("page", page)]);
    let value = exchange(request, None).await?;
    serde_wasm_bindgen::from_value(value).map_err(|_| Failure::unreachable())
}

/// Sends a request and reads the JSON of its answer.
async fn exchange(request: RequestBuilder, body: Option<&str>) -> Result<JsValue, Failure> {
    let deadline = Deadline::new();
    let request = request.credentials(RequestCredentials::Omit).abort_signal(deadline.signal().as_ref());
    let request = match body {
        Some(body) => request.body(body),
        None => request.build(),
    };
    let request = request.map_err(|_| Failure::unreachable())?;
    let answer = fetch(request.into()).await.map_err(|_| Failure::unreachable())?;
    let text = answer.text().await.unwrap_or_default();
    let json = JSON::parse(&text).ok();
    if answer.ok() {
        return json.ok_or_else(Failure::unreachable);
    }
    let wait = answer.headers().get("Retry-After").and_then(|seconds| seconds.parse().ok());
    let error = json.and_then(|json| serde_wasm_bindgen::from_value::<ErrorBody>(json).ok());
    Err(match error {
        Some(ErrorBody { error }) => Failure { code: error.code, message: error.message, field: error.field, wait },
        None => Failure { wait, ..Failure::unreachable() },
    })
}

/// Calls the page's `fetch`. Blogs wrap it for their statistics, so that it may throw or reject with anything at all, which
/// `gloo_net`'s own `send` takes for impossible.
async fn fetch(request: web_sys::Request) -> Result<Response, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let fetch: Function = Reflect::get(&window, &JsValue::from_str("fetch"))?.dyn_into()?;
    let promise = Promise::resolve(&fetch.call1(&window, &request)?);
    let answer = JsFuture::from(promise).await?;
    Ok(answer.dyn_into::<web_sys::Response>()?.into())
}

/// Aborts a request that takes too long; dropped, it does nothing any more.
struct Deadline {
    controller: Option<AbortController>,
    timer: Option<i32>,
    _ring: Closure<dyn FnMut()>,
}

impl Deadline {
    fn new() -> Self {
        let controller = AbortController::new().ok();
        let aborted = controller.clone();
        let ring = Closure::new(move || {
            if let Some(controller) = &aborted {
                controller.abort();
            }
        });
        let timer = web_sys::window().and_then(|window| {
            let callback = ring.as_ref().unchecked_ref();
            window.set_timeout_with_callback_and_timeout_and_arguments_0(callback, PATIENCE).ok()
        });
        Self { controller, timer, _ring: ring }
    }

    fn signal(&self) -> Option<AbortSignal> {
        self.controller.as_ref().map(AbortController::signal)
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        if let (Some(window), Some(timer)) = (web_sys::window(), self.timer) {
            window.clear_timeout_with_handle(timer);
        }
    }
}
