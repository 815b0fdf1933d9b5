//! Requests to the Worker, made by `gloo-net`, and what can become of them.

use std::cell::Cell;
use std::rc::Rc;

use afterword_model::{Field, PostedComment, Thread};
use gloo_net::http::Request;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, RequestInit};

use crate::codec::thread_decoder;
use crate::platform::dom::Node;
use crate::storage::browser_storage::parse;

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
    /// What to solve for another try; empty where that would not help.
    pub(crate) challenge: String,
}

impl Failure {
    /// A failure of this code.
    pub(crate) fn new(code: &str, field: Option<Field>) -> Self {
        Self { code: code.to_owned(), message: String::new(), field, challenge: String::new() }
    }
}

/// The JSON of an answer.
pub(crate) type Answer = Result<Node, Failure>;

/// Sends a comment. The answer comes decoded, and as the value it was.
pub(crate) fn comment(
    window: &Node,
    endpoint: &str,
    body: &str,
    key: &str,
    then: impl FnOnce(Result<(PostedComment, Node), Failure>) + 'static,
) {
    let headers = Node::object();
    headers.set_text("Content-Type", "application/json");
    if !key.is_empty() {
        headers.set_text("Authorization", &["Bearer ", key].concat());
    }
    let init = Node::object();
    init.set_text("method", "POST");
    init.set_text("body", body);
    init.set("headers", headers.as_js());
    let then = |answer: Answer| {
        then(answer.and_then(|value| Ok((thread_decoder::posted(&value).ok_or_else(unreachable)?, value))))
    };
    exchange(window, &[endpoint, "/v1/comments"].concat(), &init, Box::new(then));
}

/// Fetches the page of a thread that a query names.
pub(crate) fn page(window: &Node, endpoint: &str, query: &str, then: impl FnOnce(Result<Thread, Failure>) + 'static) {
    let then = |answer: Answer| then(answer.and_then(|value| thread_decoder::thread(&value).ok_or_else(unreachable)));
    get(window, &[endpoint, "/v1/thread", query].concat(), then);
}

/// Fetches the JSON at an address.
pub(crate) fn get(window: &Node, address: &str, then: impl FnOnce(Answer) + 'static) {
    exchange(window, address, &Node::object(), Box::new(then));
}

/// Who waits for an answer, until there is one.
type Waiting = Rc<Cell<Option<Box<dyn FnOnce(Answer)>>>>;

/// Sends a request and reads the JSON of its answer.
fn exchange(window: &Node, address: &str, init: &Node, then: Box<dyn FnOnce(Answer)>) {
    let waiting: Waiting = Rc::new(Cell::new(Some(then)));
    let deadline = Deadline::new(window, Rc::clone(&waiting));
    init.set_text("credentials", "omit");
    init.set("signal", &deadline.controller.get("signal"));
    let request = web_sys::Request::new_with_str_and_init(address, init.as_js().unchecked_ref::<RequestInit>());
    let Ok(request) = request else { return answer(&waiting, Err(unreachable())) };
    spawn_local(async move {
        let answered = send(request).await;
        drop(deadline);
        answer(&waiting, answered);
    });
}

/// Answers who still waits.
fn answer(waiting: &Waiting, answer: Answer) {
    if let Some(then) = waiting.take() {
        then(answer);
    }
}

async fn send(request: web_sys::Request) -> Answer {
    let answer = Request::from(request).send().await.map_err(|_| unreachable())?;
    let text = answer.text().await.map_err(|_| unreachable())?;
    judge(answer.ok(), &Node::from(parse(&text)))
}

/// What an answer with this JSON means; what has none is not of the Worker's.
fn judge(ok: bool, json: &Node) -> Answer {
    if ok {
        return json.clone().present().ok_or_else(unreachable);
    }
    let error = json.node("error");
    let code = error.text("code");
    let code = if code.is_empty() { UNREACHABLE.to_owned() } else { code };
    let field = thread_decoder::field(&error.text("field"));
    Err(Failure { code, message: error.text("message"), field, challenge: json.text("challenge") })
}

fn unreachable() -> Failure {
    Failure::new(UNREACHABLE, None)
}

/// Gives up a request that takes too long; dropped, it does nothing any more.
///
/// It waits for nobody: the page's `fetch` may be wrapped by code that heeds no signal, or that rejects with what is no
/// error, which `gloo-net` takes for impossible, so that its future never ends.
struct Deadline {
    window: Node,
    controller: Node,
    timer: JsValue,
    _ring: Closure<dyn FnMut()>,
}

impl Deadline {
    fn new(window: &Node, waiting: Waiting) -> Self {
        let controller = Node::from(AbortController::new().map(JsValue::from).unwrap_or_default());
        let aborted = controller.clone();
        let ring = Closure::new(move || {
            aborted.act("abort");
            answer(&waiting, Err(unreachable()));
        });
        let timer = window.call("setTimeout", ring.as_ref(), &PATIENCE.into());
        Self { window: window.clone(), controller, timer, _ring: ring }
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.window.call("clearTimeout", &self.timer, &JsValue::UNDEFINED);
    }
}
