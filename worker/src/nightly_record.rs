//! The record in KV of the last nightly maintenance that succeeded, for the health check. It costs one write a night, and one read for each
//! health check.

use std::time::Duration;

use chrono::DateTime;
use js_sys::Reflect;
use serde::Serialize;
use worker::{Env, console_error};

use crate::context::AppContext;
use crate::platform::clock::now_seconds;
use crate::platform::timeout::with_timeout;
use crate::settings::{THREADS, VERSION};

/// Key of the record. No thread has it: the keys of threads begin with `thread:`.
const KEY: &str = "maintenance";
/// Age in seconds from which the next run counts as missed: a day, and two hours for a trigger that is late.
const OVERDUE_AFTER: i64 = 26 * 3600;
/// Deadline of a read.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// The nightly maintenance as the health check reports it.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct NightlyStatus {
    /// Unix time in seconds of the last run in which everything succeeded; `None` before the first, or if the record cannot be read.
    last_run: Option<i64>,
    /// True if a run is missing since then, or since the deployment if there was none. `None` if neither time is known.
    overdue: Option<bool>,
}

impl NightlyStatus {
    fn new(last_run: Option<i64>, deployed_at: Option<i64>, now: i64) -> Self {
        let overdue = last_run.or(deployed_at).map(|since| now.saturating_sub(since) > OVERDUE_AFTER);
        Self { last_run, overdue }
    }
}

/// Records a run, by its time in Unix seconds.
pub(crate) async fn write(env: &Env, time: i64) -> worker::Result<()> {
    Ok(env.kv(THREADS)?.put(KEY, time.to_string())?.execute().await?)
}

/// Reads the record. If that fails, nothing is known.
pub(crate) async fn read(app: &AppContext) -> NightlyStatus {
    match try_read(app).await {
        Ok(last_run) => NightlyStatus::new(last_run, deployed_at(&app.env), now_seconds()),
        Err(error) => {
            console_error!("nightly record not read key={KEY} {} cause={error}", app.log);
            NightlyStatus::default()
        }
    }
}

async fn try_read(app: &AppContext) -> worker::Result<Option<i64>> {
    let kv = app.env.kv(THREADS)?;
    let read = with_timeout(READ_TIMEOUT, kv.get(KEY).text());
    let text = app.usage.kv_reads.track(1, read).await.ok_or("timed out")??;
    Ok(decode(text.as_deref())?)
}

/// Decodes the record. There is none before the first run.
fn decode(text: Option<&str>) -> Result<Option<i64>, &'static str> {
    text.map(|text| text.parse().map_err(|_| "not a time in Unix seconds")).transpose()
}

/// Time in Unix seconds at which this version was deployed, if the platform tells it.
fn deployed_at(env: &Env) -> Option<i64> {
    let version = Reflect::get(env, &VERSION.into()).ok().filter(|version| version.is_object())?;
    parse_time(&Reflect::get(&version, &"timestamp".into()).ok()?.as_string()?)
}

fn parse_time(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_321_000_000;
    const HOUR: i64 = 3600;

    fn overdue(last_run: Option<i64>, deployed_at: Option<i64>) -> Option<bool> {
        NightlyStatus::new(last_run, deployed_at, NOW).overdue
    }

    #[test]
    fn a_run_is_overdue_after_a_missed_night() {
        for (age, expected) in [
            (0, false),
            (24 * HOUR, false),
            (26 * HOUR, false),
            (26 * HOUR + 1, true),
            (48 * HOUR, true),
            (-HOUR, false),
        ] {
            assert_eq!(overdue(Some(NOW - age), None), Some(expected), "{age}");
            assert_eq!(overdue(Some(NOW - age), Some(NOW - 99 * HOUR)), Some(expected), "{age} after deployment");
            assert_eq!(overdue(None, Some(NOW - age)), Some(expected), "a cron trigger that has never fired for {age}");
        }
        assert_eq!(overdue(None, None), None, "neither a run nor the time of the deployment is known");
    }

    #[test]
    fn a_damaged_record_is_not_taken_for_a_new_site() {
        assert_eq!((decode(None), decode(Some("1321000000"))), (Ok(None), Ok(Some(NOW))));
        for damaged in ["", "yesterday", "1321000000.5", "{}", "99999999999999999999"] {
            assert!(decode(Some(damaged)).is_err(), "{damaged}");
        }
        let json = serde_json::to_string(&NightlyStatus::default()).unwrap();
        assert_eq!(json, r#"{"last_run":null,"overdue":null}"#, "nothing is known");
    }

    #[test]
    fn the_time_of_a_deployment_is_parsed() {
        for text in ["2011-11-11T08:26:40Z", "2011-11-11T08:26:40.123456Z", "2011-11-11T09:26:40+01:00"] {
            assert_eq!(parse_time(text), Some(NOW), "{text}");
        }
        for text in ["", "0", "2011-11-11"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
