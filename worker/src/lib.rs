#![doc = include_str!("../README.md")]

mod admin_rpc;
mod blog_route;
mod context;
mod error;
mod http;
mod kv_reader;
mod ledger_client;
mod maintenance;
mod nightly_record;
mod platform;
mod publish;
mod reader_rpc;
mod renderer;
mod response;
mod session_client;
mod session_rpc;
pub mod settings;
mod site_ledger;
mod transfer;

use std::panic::AssertUnwindSafe;

use afterword_model::Refusal;
use futures_util::FutureExt;
use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, console_error, event};

use crate::error::refusal_response;
use crate::http::router;
pub use crate::site_ledger::SiteLedger;

/// Runs once when the Worker starts, outside the CPU time of any request.
#[event(start)]
fn start() {
    afterword_markup::warm_up();
    // The catalogues are parsed on first use.
    afterword_view::catalogue::messages("en");
}

/// Responds to every request that is not for a static asset.
///
/// A panic costs a `500` for this request alone: the release build unwinds, and the panic is caught here.
///
/// # Errors
///
/// Only if not even an error response can be built.
#[event(fetch)]
pub async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let log = router::log_context(&request);
    let result = AssertUnwindSafe(router::respond(request, env, log.clone())).catch_unwind().await;
    match result {
        Ok(Ok(response)) => Ok(response),
        // The platform's own error page has none of the headers that every response carries.
        Ok(Err(error)) => {
            console_error!("request failed {log} cause={error}");
            refusal_response(Refusal::Internal)
        }
        Err(_) => {
            console_error!("request failed {log} cause=panic");
            refusal_response(Refusal::Internal)
        }
    }
}

/// Runs the nightly maintenance when the cron trigger fires.
#[event(scheduled)]
pub async fn scheduled(event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    if AssertUnwindSafe(maintenance::run_nightly(env, event.schedule())).catch_unwind().await.is_err() {
        console_error!("nightly maintenance failed route=scheduled cause=panic");
    }
}
