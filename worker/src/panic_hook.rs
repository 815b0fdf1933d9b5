//! Routes that panic on purpose, so that a test can see what a panic costs. Not in a release: see the feature `panic-hook`.

use std::time::Duration;

use afterword_model::Refusal;
use worker::{Delay, Response};

use crate::answer::{self, Failure};
use crate::route::App;

/// How long the slow route takes: long enough that a panic falls into it.
const SLOW: Duration = Duration::from_millis(400);

/// `/debug/panic`, `/debug/panic-object` and `/debug/slow`.
pub(crate) async fn answer(app: &App, path: &str) -> Result<Response, Failure> {
    match path {
        "/debug/panic" => panic!("asked for"),
        "/debug/panic-object" => {
            let stub = app.env.durable_object("LEDGER")?.get_by_name("panic")?;
            let status = stub.fetch_with_str("https://ledger/panic").await?.status_code();
            Err(if status == 500 { Refusal::Internal } else { Refusal::Busy }.into())
        }
        "/debug/slow" => {
            Delay::from(SLOW).await;
            Ok(answer::json(200, &"slow")?)
        }
        _ => Err(Refusal::NotFound.into()),
    }
}
