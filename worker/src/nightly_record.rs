//! The record in KV of the last nightly maintenance that succeeded, for the health check. It costs one write a night, and one read for each
//! health check.

use std::time::Duration;

use serde::Serialize;
use worker::{Env, console_error};

use crate::context::AppContext;
use crate::platform::clock::now_seconds;
use crate::platform::timeout::with_timeout;
use crate::settings::THREADS;

/// Key of the record. No thread has it: the keys of threads begin with `thread:`.
const KEY: &str = "maintenance";
/// Age in seconds from which the next run counts as missed: a day, and two hours for a trigger that is late.
const OVERDUE_AFTER: i64 = 26 * 3600;
/// Deadline of a read.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// The nightly maintenance as the health check reports it.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct NightlyStatus {
    /// Unix time in seconds of the last run in which everything succeeded; `None` before the first.
    last_run: Option<i64>,
    /// True if a run is missing since then.
    overdue: bool,
}

impl NightlyStatus {
    fn new(last_run: Option<i64>, now: i64) -> Self {
        Self { last_run, overdue: last_run.is_some_and(|last_run| now.saturating_sub(last_run) > OVERDUE_AFTER) }
    }
}

/// Records a run, by its time in Unix seconds.
pub(crate) async fn write(env: &Env, time: i64) -> worker::Result<()> {
    Ok(env.kv(THREADS)?.put(KEY, time.to_string())?.execute().await?)
}

/// Reads the record. A failed read counts as no run.
pub(crate) async fn read(app: &AppContext) -> NightlyStatus {
    let last_run = try_read(app).await.unwrap_or_else(|error| {
        console_error!("kv read failed key={KEY} {} cause={error}", app.log);
        None
    });
    NightlyStatus::new(last_run, now_seconds())
}

async fn try_read(app: &AppContext) -> worker::Result<Option<i64>> {
    let kv = app.env.kv(THREADS)?;
    let read = with_timeout(READ_TIMEOUT, kv.get(KEY).text());
    let text = app.usage.kv_reads.track(1, read).await.ok_or("timed out")??;
    Ok(text.and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_overdue_after_a_missed_night() {
        const NOW: i64 = 1_321_000_000;
        assert_eq!(NightlyStatus::new(None, NOW), NightlyStatus { last_run: None, overdue: false }, "a new deployment");
        for (age, overdue) in
            [(0, false), (24 * 3600, false), (26 * 3600, false), (26 * 3600 + 1, true), (48 * 3600, true)]
        {
            assert_eq!(NightlyStatus::new(Some(NOW - age), NOW).overdue, overdue, "{age}");
        }
    }
}
