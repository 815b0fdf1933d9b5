//! Fault injection over HTTP, for tests: `/debug/panic`, `/debug/slow`, `/debug/work?times=<n>`, and `/debug/ledger/<name>?site=<host>`, which
//! calls `/faults/<name>` of the site's object.

use std::time::Duration;

use afterword_guard::AuthorKey;
use afterword_model::{Refusal, body};
use worker::{Delay, Response};

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::request::ApiRequest;
use crate::http::spam_check::SubmissionContext;
use crate::http::submit_comment;
use crate::platform::faults;
use crate::response::{ContentType, builder, json};

/// Delay of the slow route: long enough that a panic of another request happens meanwhile.
const SLOW_DELAY: Duration = Duration::from_millis(400);
/// `Authorization` header of an author, whose key has to be hashed too.
const AUTHOR: &str = "Bearer 0123456789abcdef0123456789abcdef";

/// Serves the paths under `/debug/`.
pub(crate) async fn dispatch(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    let path = request.path().to_owned();
    match path.as_str() {
        "/debug/panic" => panic!("requested by a test"),
        "/debug/work" => {
            let body = request.read_body(&app.log).await?;
            let mut result = Ok(0);
            for _ in 0..request.query_number("times")?.unwrap_or(1) {
                result = process_comment(app, request, &body);
            }
            Ok(json(200, &result.map_err(Refusal::code))?)
        }
        "/debug/slow" => {
            Delay::from(SLOW_DELAY).await;
            Ok(json(200, &"slow")?)
        }
        path => {
            let route = path.strip_prefix("/debug/ledger/").ok_or(Refusal::NotFound)?;
            call_ledger(app, request, route).await
        }
    }
}

/// Calls a fault route of a site's object.
async fn call_ledger(app: &AppContext, request: &mut ApiRequest, route: &str) -> Result<Response, ApiError> {
    let body = String::from_utf8(request.read_body(&app.log).await?).map_err(|_| Refusal::BadJson)?;
    let site = request.query_value("site").ok_or(Refusal::BadQuery)?;
    match faults::call_object(&app.env, &site, route, body).await {
        Ok(mut response) if response.status_code() == 200 => {
            Ok(builder(ContentType::Json, 200)?.fixed(response.bytes().await?))
        }
        Ok(response) if response.status_code() == 500 => Err(Refusal::Internal.into()),
        Ok(_) => Err(Refusal::NotFound.into()),
        // The object was evicted.
        Err(_) => Err(Refusal::Busy.into()),
    }
}

/// Computes all that the Worker computes for a comment before it calls the ledger. Returns the length of its HTML.
fn process_comment(app: &AppContext, request: &ApiRequest, body: &[u8]) -> Result<usize, Refusal> {
    let comment = body::parse_comment(body)?;
    let submission = comment.validate(&app.settings.sites)?;
    let context = SubmissionContext::from_json(app, request, &submission.post, &comment)?;
    let comment = submit_comment::verify(app, submission, AuthorKey::from_authorization(AUTHOR), &context)?;
    let json = serde_json::to_string(&comment).map_err(|_| Refusal::Internal)?;
    Ok(json.len().min(comment.html.as_str().len()))
}
