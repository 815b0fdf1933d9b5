//! Fault injection in the object, for tests: panic, eviction, failing KV writes, import holds, repeated alarms.

use std::rc::Rc;
use std::time::Duration;

use afterword_model::Refusal;
use futures_util::future::{join_all, pending};
use serde::de::DeserializeOwned;
use worker::{Delay, Env, Request, Response, State, console_error};

use crate::error::ApiError;
use crate::platform::faults::{LATE, LateWrite};
use crate::publish::publisher::Publisher;
use crate::response::json;
use crate::settings::THREADS;

/// Serves `/faults/<name>`. `on_alarm` does the work of an alarm.
pub(super) async fn dispatch(
    state: &State,
    env: &Env,
    mut request: Request,
    publisher: impl FnOnce() -> Result<Rc<Publisher>, ApiError>,
    on_alarm: impl AsyncFn() -> Result<(), ApiError>,
) -> Result<Response, ApiError> {
    let path = request.path();
    match path.strip_prefix("/faults/").ok_or(Refusal::NotFound)? {
        "panic" => panic!("requested by a test"),
        "evict" => {
            // The platform ends the object at once, with its memory and everything that it waits for.
            drop(state.block_concurrency_while(async { Err::<(), _>("evicted by a test".into()) }));
            pending().await
        }
        "faults" => {
            publisher()?.writer.faults.set_plan(read_json(&mut request).await?);
            Ok(json(200, &"planned")?)
        }
        "writes" => Ok(json(200, &publisher()?.writer.faults.counts())?),
        "hold" => {
            publisher()?.hold_for_import().await?;
            Ok(json(200, &"held")?)
        }
        "release" => {
            state.wait_until(publisher()?.end_import_hold());
            Ok(json(200, &"released")?)
        }
        "ring" => {
            let results = join_all([on_alarm(), on_alarm()]).await;
            let status = if results.iter().all(Result::is_ok) { 200 } else { 500 };
            Ok(json(status, &"rung")?)
        }
        LATE => {
            schedule_late_write(state, env, read_json(&mut request).await?)?;
            Ok(json(200, &"later")?)
        }
        _ => Err(Refusal::NotFound.into()),
    }
}

/// Puts a value after a delay, after the response.
fn schedule_late_write(state: &State, env: &Env, write: LateWrite) -> worker::Result<()> {
    let kv = env.kv(THREADS)?;
    state.wait_until(async move {
        Delay::from(Duration::from_millis(write.after)).await;
        let put = kv.put(&write.key, write.value).and_then(|put| put.metadata(write.meta));
        let result = match put {
            Ok(put) => put.execute().await,
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            console_error!("late kv put failed key={} route=/faults/late cause={error}", write.key);
        }
    });
    Ok(())
}

async fn read_json<T: DeserializeOwned>(request: &mut Request) -> worker::Result<T> {
    Ok(serde_json::from_str(&request.text().await?)?)
}
