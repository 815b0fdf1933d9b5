//! Calls to the object that knows which sessions of moderators have ended.
//!
//! It is one object for all sites, because a moderator signs in once for all of them. Its answer is never old, as one from KV would be, so a
//! session ends at once.

use std::fmt::Display;
use std::time::Duration;

use afterword_model::Refusal;
use worker::{Headers, Method, Request, RequestInit, console_error};

use crate::context::AppContext;
use crate::platform::timeout::with_timeout;
use crate::session_rpc::{OBJECT, PATH, SessionCall, SessionState};
use crate::settings::LEDGER;

/// Deadline of a call.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);
/// Number of attempts. All calls may be repeated: at worst a code counts as spent, and the moderator gets another.
const ATTEMPTS: u32 = 2;

/// Makes a call. Without an answer nobody is signed in: the caller refuses the request.
pub(crate) async fn call(app: &AppContext, call: &SessionCall) -> Result<SessionState, Refusal> {
    for attempt in 1..=ATTEMPTS {
        match app.usage.object_requests.track(1, with_timeout(CALL_TIMEOUT, send(app, call))).await {
            Some(Ok(state)) => return Ok(state),
            Some(Err(error)) => log_failure(app, attempt, &error),
            None => {
                log_failure(app, attempt, &"timed out");
                break;
            }
        }
    }
    Err(Refusal::Busy)
}

async fn send(app: &AppContext, call: &SessionCall) -> worker::Result<SessionState> {
    let stub = app.env.durable_object(LEDGER)?.get_by_name(OBJECT)?;
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(serde_json::to_string(call)?.into()));
    let url = format!("https://ledger{PATH}");
    let mut response = stub.fetch_with_request(Request::new_with_init(&url, &init)?).await?;
    if response.status_code() != 200 {
        return Err(format!("status {}", response.status_code()).into());
    }
    Ok(serde_json::from_str(&response.text().await?)?)
}

fn log_failure(app: &AppContext, attempt: u32, cause: &dyn Display) {
    console_error!("session call failed attempt={attempt} {} cause={cause}", app.log);
}
