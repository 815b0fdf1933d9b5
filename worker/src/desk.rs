//! Calls from the Worker to the object that keeps a site's ledger.

use std::time::Duration;

use afterword_ledger::Entry;
use afterword_model::{ErrorBody, Origin, Posted, Refusal};
use serde::{Deserialize, Serialize};
use worker::{Env, Headers, Method, Request, RequestInit, Response, console_error};

use crate::cost::Cost;
use crate::deadline::within;

/// The binding of the Durable Object namespace.
const BINDING: &str = "LEDGER";
/// How long one call may take. A panic in an object or its eviction can leave a caller without an answer.
const LIMIT: Duration = Duration::from_secs(8);
/// A second try goes through a new stub: after an exception the old one is broken for good. Repeating is safe, for every
/// submission is known by its UUID.
const TRIES: u32 = 2;

/// What the object answers to a submission.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Receipt {
    /// What everybody is told.
    pub(crate) posted: Posted,
    /// Whether it was there already.
    pub(crate) repeat: bool,
}

/// Hands an entry to the ledger of its site.
pub(crate) async fn submit(env: &Env, cost: &Cost, site: &Origin, entry: &Entry) -> Result<Receipt, Refusal> {
    let body = serde_json::to_string(entry).map_err(|error| failed(&error))?;
    for _ in 0..TRIES {
        cost.object_request();
        match within(LIMIT, call(env, site, &body)).await {
            Some(Ok(mut response)) => return receipt(&mut response).await,
            Some(Err(error)) => console_error!("ledger: {error}"),
            // It may still be at work: a second call would only wait behind it.
            None => return Err(failed(&"no answer in time")),
        }
    }
    Err(Refusal::Busy)
}

async fn call(env: &Env, site: &Origin, body: &str) -> worker::Result<Response> {
    // The object's name is host and port alone, as `http` and `https` are one site.
    let stub = env.durable_object(BINDING)?.get_by_name(site.authority())?;
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(body.into()));
    stub.fetch_with_request(Request::new_with_init("https://ledger/submit", &init)?).await
}

async fn receipt(response: &mut Response) -> Result<Receipt, Refusal> {
    let text = response.text().await.map_err(|error| failed(&error))?;
    if response.status_code() == 200 {
        return serde_json::from_str(&text).map_err(|error| failed(&error));
    }
    let refused: ErrorBody = serde_json::from_str(&text).map_err(|error| failed(&error))?;
    Err(Refusal::from_code(&refused.error.code).unwrap_or(Refusal::Internal))
}

fn failed(error: &dyn std::fmt::Display) -> Refusal {
    console_error!("ledger: {error}");
    Refusal::Busy
}
