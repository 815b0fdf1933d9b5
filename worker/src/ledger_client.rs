//! Calls from the Worker to the object that keeps a site's ledger.

use std::time::Duration;

use afterword_ledger::{SubmitOutcome, VerifiedComment};
use afterword_model::{ErrorBody, Origin, Refusal};
use serde::{Deserialize, Serialize};
use url::Url;
use wasm_bindgen::JsValue;
use web_sys::ReadableStream;
use worker::{Env, Method, Request, RequestInit, Response, console_error};

use crate::platform::timeout::with_timeout;
use crate::platform::usage::Usage;
use crate::response::ApiError;

/// The binding of the Durable Object namespace.
const BINDING: &str = "LEDGER";
/// How long a call may take until it is answered. A panic in an object or its eviction can leave a caller without an answer.
const LIMIT: Duration = Duration::from_secs(8);
/// A second try goes through a new stub: after an exception the old one is broken for good. Repeating is safe, for submissions and
/// the acts of moderators are known by their UUIDs.
const TRIES: u32 = 2;

/// What the object answers to a submission that it does not refuse for good.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Told {
    /// What became of it.
    Outcome(SubmitOutcome),
    /// Its proof is to be one of so much work, as in `afterword_guard::Terms`.
    TooEasy(u8),
}

/// What the object is sent of a submission.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// The comment.
    pub(crate) entry: VerifiedComment,
    /// How much work its proof was, as in `afterword_guard::Terms`; none where there is none.
    pub(crate) work: Option<u8>,
}

/// Hands a submission to the ledger of its site.
pub(crate) async fn submit(env: &Env, cost: &Usage, site: &Origin, sent: &Sent) -> Result<SubmitOutcome, ApiError> {
    let body = serde_json::to_string(sent).map_err(|error| failed(&error))?;
    outcome(&mut ask(env, cost, site, "submit", &body).await?).await
}

/// Makes a call to the object of a site that may be made twice, and gives its answer whatever it is.
pub(crate) async fn ask(env: &Env, cost: &Usage, site: &Origin, call: &str, body: &str) -> Result<Response, Refusal> {
    for _ in 0..TRIES {
        cost.object_request();
        let sent = send(env, site, call, body.into());
        #[cfg(feature = "fault-injection")]
        let sent = crate::fault_injection::unless_stalled(body, sent);
        match with_timeout(LIMIT, sent).await {
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
    cost: &Usage,
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

async fn outcome(response: &mut Response) -> Result<SubmitOutcome, ApiError> {
    let Some(text) = with_timeout(LIMIT, response.text()).await else {
        return Err(failed(&"no answer in time").into());
    };
    let text = text.map_err(|error| failed(&error))?;
    if response.status_code() == 200 {
        return match serde_json::from_str(&text).map_err(|error| failed(&error))? {
            Told::Outcome(outcome) => Ok(outcome),
            Told::TooEasy(work) => Err(ApiError::TooEasy(work)),
        };
    }
    let refused: ErrorBody = serde_json::from_str(&text).map_err(|error| failed(&error))?;
    let wait = || response.headers().get("retry-after").ok().flatten()?.parse::<u32>().ok();
    Err(match Refusal::from_code(&refused.error.code).unwrap_or(Refusal::Internal) {
        Refusal::TooMany => ApiError::TooMany(wait().unwrap_or(1)),
        refusal => refusal.into(),
    })
}

fn failed(error: &dyn std::fmt::Display) -> Refusal {
    console_error!("ledger: {error}");
    Refusal::Busy
}
