//! Calls from the Worker to the object that keeps a site's ledger.

use std::fmt::Display;
use std::time::Duration;

use afterword_ledger::{SubmitReply, VerifiedComment};
use afterword_model::{ErrorBody, Origin, Refusal};
use js_sys::Reflect;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;
use wasm_bindgen::JsValue;
use web_sys::ReadableStream;
use worker::{Headers, Method, Request, RequestInit, Response, console_error};

use crate::admin_rpc::{AdminRequest, InvalidRuleList};
use crate::context::AppContext;
use crate::error::{ApiError, DIFFICULTY_HEADER};
use crate::platform::log_context::json_cause;
use crate::platform::timeout::with_timeout;
use crate::reader_rpc::ReaderCall;
use crate::settings::LEDGER;

/// Deadline of a call. After a panic in an object, or its eviction, its caller may get no answer.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);
/// Number of attempts, if the platform says that another one may succeed. A second attempt uses a new stub, because after an exception the old
/// one stays broken. Repeating is safe: the object knows submissions, edits, reports and moderators' actions by their
/// UUIDs, and votes and the like are states.
const ATTEMPTS: u32 = 2;
/// Header in which the object gets the id of the request.
pub(crate) const REQUEST_ID_HEADER: &str = "afterword-request-id";

/// Paths of the object's calls.
pub(crate) const SUBMIT: &str = "/submit";
pub(crate) const READER: &str = "/reader";
pub(crate) const ADMIN: &str = "/admin";
pub(crate) const EXPORT: &str = "/export";
pub(crate) const IMPORT: &str = "/import";
pub(crate) const BACKUP: &str = "/backup";
pub(crate) const PRUNE: &str = "/prune";

/// Query parameters of an import.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ImportParams {
    /// True if the import only reports what it would change.
    #[serde(default)]
    pub(crate) dry_run: bool,
    /// Line number of the first line.
    pub(crate) first_line: Option<u64>,
}

/// Submits a comment.
pub(crate) async fn submit(
    app: &AppContext,
    site: &Origin,
    comment: &VerifiedComment,
) -> Result<SubmitReply, ApiError> {
    let body = serde_json::to_string(comment)?;
    let response = call_with_retry(app, site, SUBMIT, &[], &body).await?;
    decode(app, site, SUBMIT, response).await
}

/// Sends a reader's request. Returns the response with its unread body: a `ReaderResponse` as JSON.
pub(crate) async fn reader(app: &AppContext, site: &Origin, call: &ReaderCall) -> Result<Response, ApiError> {
    let body = serde_json::to_string(call)?;
    let response = call_with_retry(app, site, READER, &[], &body).await?;
    if response.status_code() == 200 { Ok(response) } else { Err(decode_error(app, site, READER, response).await) }
}

/// Sends a reader's request and decodes the reply.
pub(crate) async fn reader_reply<T: DeserializeOwned>(
    app: &AppContext,
    site: &Origin,
    call: &ReaderCall,
) -> Result<T, ApiError> {
    let response = reader(app, site, call).await?;
    decode(app, site, READER, response).await
}

/// Sends a moderator's request. Returns the response with its unread body: an `AdminResponse` as JSON.
pub(crate) async fn admin(app: &AppContext, site: &Origin, request: &AdminRequest) -> Result<Response, ApiError> {
    let body = serde_json::to_string(request)?;
    let response = call_with_retry(app, site, ADMIN, &[], &body).await?;
    if response.status_code() == 200 { Ok(response) } else { Err(decode_error(app, site, ADMIN, response).await) }
}

/// Sends a moderator's request and decodes the reply: the type in the variant of `AdminResponse` that belongs to the request.
pub(crate) async fn admin_reply<T: DeserializeOwned>(
    app: &AppContext,
    site: &Origin,
    request: &AdminRequest,
) -> Result<T, ApiError> {
    let body = serde_json::to_string(request)?;
    let response = call_with_retry(app, site, ADMIN, &[], &body).await?;
    decode(app, site, ADMIN, response).await
}

/// Reads the rules of a site that are not valid.
pub(crate) async fn invalid_rules(app: &AppContext, site: &Origin) -> Result<InvalidRuleList, ApiError> {
    admin_reply(app, site, &AdminRequest::ListInvalidRules).await
}

/// Starts an export, and returns the response with its unread body.
pub(crate) async fn export(app: &AppContext, site: &Origin) -> Result<Response, ApiError> {
    let response = call_with_retry(app, site, EXPORT, &[], "").await?;
    if response.status_code() == 200 { Ok(response) } else { Err(decode_error(app, site, EXPORT, response).await) }
}

/// Streams an import to the object.
pub(crate) async fn import(
    app: &AppContext,
    site: &Origin,
    params: ImportParams,
    body: Option<ReadableStream>,
) -> Result<Response, Refusal> {
    let mut query = vec![("dry_run", params.dry_run.to_string())];
    query.extend(params.first_line.map(|line| ("first_line", line.to_string())));
    call_without_timeout(app, site, IMPORT, &query, body).await
}

/// Writes the backup of a day, by its number.
pub(crate) async fn backup(app: &AppContext, site: &Origin, day: i32) -> Result<Response, Refusal> {
    call_without_timeout(app, site, BACKUP, &[("day", day.to_string())], None).await
}

/// Prunes expired data. `now` is in Unix seconds.
pub(crate) async fn prune(app: &AppContext, site: &Origin, now: i64) -> Result<Response, Refusal> {
    call_with_retry(app, site, PRUNE, &[], &now.to_string()).await
}

type Query<'a> = &'a [(&'static str, String)];

/// Makes a call that may be repeated, and returns the response whatever its status.
async fn call_with_retry(
    app: &AppContext,
    site: &Origin,
    path: &'static str,
    query: Query<'_>,
    body: &str,
) -> Result<Response, Refusal> {
    for attempt in 1..=ATTEMPTS {
        let call = send(app, site, path, query, body.into());
        #[cfg(feature = "fault-injection")]
        let call = crate::platform::faults::unless_failing(body, attempt, call);
        match app.usage.object_requests.track(1, with_timeout(CALL_TIMEOUT, call)).await {
            Some(Ok(response)) => return Ok(response),
            Some(Err(error)) => {
                log_failure(app, site, path, attempt, &error);
                if !is_retryable(&error) {
                    break;
                }
            }
            // The object may still be at work: a second call would only wait behind the first.
            None => {
                log_failure(app, site, path, attempt, &"timed out");
                break;
            }
        }
    }
    Err(Refusal::Busy)
}

/// Returns true if the platform says that the same call may succeed now, and that the object is not overloaded (Cloudflare's documentation,
/// "Durable Objects: error handling"). The crate `worker` keeps the exception but has no names for its properties.
fn is_retryable(error: &worker::Error) -> bool {
    let exception = error.to_js_value();
    let has = |flag: &str| Reflect::get(&exception, &flag.into()).is_ok_and(|value| value.is_truthy());
    has("retryable") && !has("overloaded")
}

/// Makes a call whose body is passed on as it arrives. It has no deadline, because it takes as long as the sender takes.
async fn call_without_timeout(
    app: &AppContext,
    site: &Origin,
    path: &'static str,
    query: Query<'_>,
    body: Option<ReadableStream>,
) -> Result<Response, Refusal> {
    let body = body.map_or_else(|| "".into(), JsValue::from);
    app.usage.object_requests.track(1, send(app, site, path, query, body)).await.map_err(|error| {
        log_failure(app, site, path, 1, &error);
        Refusal::Busy
    })
}

async fn send(
    app: &AppContext,
    site: &Origin,
    path: &'static str,
    query: Query<'_>,
    body: JsValue,
) -> worker::Result<Response> {
    // The object's name is host and port alone, because `http` and `https` are one site.
    let stub = app.env.durable_object(LEDGER)?.get_by_name(site.authority())?;
    let mut url = Url::parse("https://ledger/")?.join(path)?;
    // Every call names the site's origin, which is part of every export.
    url.query_pairs_mut().append_pair("site", site.as_str()).extend_pairs(query);
    let headers = Headers::new();
    if let Some(request_id) = app.log.request_id() {
        headers.set(REQUEST_ID_HEADER, request_id)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(body));
    stub.fetch_with_request(Request::new_with_init(url.as_str(), &init)?).await
}

/// Decodes the object's response: a reply, or the error that it refused with.
async fn decode<T: DeserializeOwned>(
    app: &AppContext,
    site: &Origin,
    path: &'static str,
    response: Response,
) -> Result<T, ApiError> {
    if response.status_code() == 200 {
        Ok(decode_body(app, site, path, response).await?)
    } else {
        Err(decode_error(app, site, path, response).await)
    }
}

/// Decodes the object's refusal.
async fn decode_error(app: &AppContext, site: &Origin, path: &'static str, response: Response) -> ApiError {
    let header = |name| response.headers().get(name).ok().flatten()?.parse::<u32>().ok();
    let (retry_after, difficulty) = (header("retry-after"), header(DIFFICULTY_HEADER));
    let body: ErrorBody = match decode_body(app, site, path, response).await {
        Ok(body) => body,
        Err(refusal) => return refusal.into(),
    };
    match body.error.code.parse().unwrap_or(Refusal::Internal) {
        Refusal::TooMany => ApiError::too_many(retry_after.unwrap_or(1)),
        Refusal::ProofTooEasy => match difficulty.and_then(|bits| u8::try_from(bits).ok()) {
            Some(required) => ApiError::ProofTooEasy(required),
            None => Refusal::ProofTooEasy.into(),
        },
        refusal => refusal.into(),
    }
}

/// Reads and decodes the body of the object's response.
async fn decode_body<T: DeserializeOwned>(
    app: &AppContext,
    site: &Origin,
    path: &'static str,
    mut response: Response,
) -> Result<T, Refusal> {
    let unreadable = |cause: &dyn Display| {
        let log = app.log.for_site(site.as_str());
        console_error!("ledger response not read call={path} {log} cause={cause}");
        Refusal::Busy
    };
    let text = with_timeout(CALL_TIMEOUT, response.text()).await.ok_or_else(|| unreadable(&"timed out"))?;
    let text = text.map_err(|error| unreadable(&error))?;
    serde_json::from_str(&text).map_err(|error| unreadable(&json_cause(&error)))
}

fn log_failure(app: &AppContext, site: &Origin, path: &str, attempt: u32, cause: &dyn Display) {
    // The nightly maintenance calls the objects of all sites.
    let log = app.log.for_site(site.as_str());
    console_error!("ledger call failed call={path} attempt={attempt} {log} cause={cause}");
}
