#![doc = include_str!("../README.md")]

mod admin_rpc;
#[cfg(feature = "fault-injection")]
mod fault_injection;
mod http;
mod kv_reader;
mod ledger_client;
mod maintenance;
mod platform;
mod publish;
mod response;
pub mod settings;
mod site_ledger;
mod transfer;

use std::panic::AssertUnwindSafe;

use afterword_model::Refusal;
use futures_util::FutureExt;
use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, console_error, event};

pub use site_ledger::SiteLedger;

/// Runs once when the Worker starts, outside any request's share of CPU time.
#[event(start)]
fn start() {
    afterword_markup::warm_up();
    // The catalogues are parsed with their first use.
    afterword_view::catalogue::messages("en");
}

/// Answers every request that is not a static asset.
///
/// A panic below ends in a `500` for this request alone: the release build unwinds, and the panic stops here.
///
/// # Errors
///
/// Only if not even an error answer can be built.
#[event(fetch)]
pub async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let answered = AssertUnwindSafe(http::router::answer(request, env)).catch_unwind().await;
    match answered {
        Ok(Ok(response)) => Ok(response),
        // The platform's own error page has none of the headers that every answer has.
        Ok(Err(error)) => {
            console_error!("{error}");
            response::refused(Refusal::Internal)
        }
        Err(_) => {
            console_error!("a request ended in a panic");
            response::refused(Refusal::Internal)
        }
    }
}

/// Runs when a cron trigger rings: forgets what is kept for a while only, and writes the backups, where a bucket is bound.
#[event(scheduled)]
pub async fn scheduled(event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    if AssertUnwindSafe(maintenance::fall(&env, event.schedule())).catch_unwind().await.is_err() {
        console_error!("a night ended in a panic");
    }
}
