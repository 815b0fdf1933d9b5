//! Calls from the Worker to the object that keeps a site's ledger.

use std::time::Duration;

use afterword_ledger::{SubmitReply, VerifiedComment};
use afterword_model::{ErrorBody, Origin, Refusal};
use url::Url;
use wasm_bindgen::JsValue;
use web_sys::ReadableStream;
use worker::{Env, Method, Request, RequestInit, Response, console_error};

use crate::answer::{DIFFICULTY_HEADER, Failure};
use crate::cost::Cost;
use crate::deadline::within;

/// The binding of the Durable Object namespace.
const BINDING: &str = "LEDGER";
/// How long a call may take until it is answered. A panic in an object or its eviction can leave a caller without an answer.
const LIMIT: Duration = Duration::from_secs(8);
/// A second try goes through a new stub: after an exception the old one is broken for good. Repeating is safe, for submissions and
/// the acts of moderators are known by their UUIDs.
const TRIES: u32 = 2;

/// Hands a submission to the ledger of its site.
pub(crate) async fn submit(
    env: &Env,
    cost: &Cost,
    site: &Origin,
    comment: &VerifiedComment,
) -> Result<SubmitReply, Failure> {
    let body = serde_json::to_string(comment).map_err(|error| failed(&error))?;
    outcome(&mut ask(env, cost, site, "submit", &body).await?).await
}

/// Makes a call to the object of a site that may be made twice, and gives its answer whatever it is.
pub(crate) async fn ask(env: &Env, cost: &Cost, site: &Origin, call: &str, body: &str) -> Result<Response, Refusal> {
    for _ in 0..TRIES {
        cost.object_request();
        let sent = send(env, site, call, body.into());
        #[cfg(feature = "test-hooks")]
        let sent = crate::hooks::unless_stalled(body, sent);
        match within(LIMIT, sent).await {
            Some(Ok(response)) => return Ok(response),
            Some(Err(error)) => console_error!("ledger: {error}"),
            // It may still be at work: a second call would only wait behind it.
            None => return Err(failed(&"no answer in time")),
        }
    }
    Err(Refusal::Busy)
}

/// Passes a body on to the object of a site as it arrives. There is no deadline: it takes as long as whoever sends takes.
pub(crate) async fn pass_on(
    env: &Env,
    cost: &Cost,
    site: &Origin,
    call: &str,
    body: Option<ReadableStream>,
) -> Result<Response, Refusal> {
    cost.object_request();
    let body = body.map_or_else(|| "".into(), JsValue::from);
    send(env, site, call, body).await.map_err(|error| failed(&error))
}

/// The object is told its site's origin, which is in every export.
/// Whether the object of a site did what nobody waits for; if not, the log says why.
pub(crate) fn went_well(what: &str, site: &Origin, outcome: Result<Response, Refusal>) -> bool {
    let why = match outcome {
        Ok(answer) if answer.status_code() == 200 => return true,
        Ok(answer) => format!("failed with status {}", answer.status_code()),
        Err(refusal) => refusal.message().to_owned(),
    };
    console_error!("{what} of {}: {why}", site.as_str());
    false
}

async fn send(env: &Env, site: &Origin, call: &str, body: JsValue) -> worker::Result<Response> {
    // The object's name is host and port alone, as `http` and `https` are one site.
    let stub = env.durable_object(BINDING)?.get_by_name(site.authority())?;
    let mut url = Url::parse("https://ledger/")?.join(call)?;
    url.query_pairs_mut().append_pair("site", site.as_str());
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(body));
    stub.fetch_with_request(Request::new_with_init(url.as_str(), &init)?).await
}

async fn outcome(response: &mut Response) -> Result<SubmitReply, Failure> {
    let Some(text) = within(LIMIT, response.text()).await else { return Err(failed(&"no answer in time").into()) };
    let text = text.map_err(|error| failed(&error))?;
    if response.status_code() == 200 {
        return Ok(serde_json::from_str(&text).map_err(|error| failed(&error))?);
    }
    let refused: ErrorBody = serde_json::from_str(&text).map_err(|error| failed(&error))?;
    let header = |name| response.headers().get(name).ok().flatten()?.parse::<u32>().ok();
    Err(match Refusal::from_code(&refused.error.code).unwrap_or(Refusal::Internal) {
        Refusal::TooMany => Failure::TooMany(header("retry-after").unwrap_or(1)),
        Refusal::ProofTooEasy => match header(DIFFICULTY_HEADER).and_then(|bits| u8::try_from(bits).ok()) {
            Some(required) => Failure::TooEasy(required),
            None => Refusal::ProofTooEasy.into(),
        },
        refusal => refusal.into(),
    })
}

fn failed(error: &dyn std::fmt::Display) -> Refusal {
    console_error!("ledger: {error}");
    Refusal::Busy
}
