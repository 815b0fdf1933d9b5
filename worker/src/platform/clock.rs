//! The current time: milliseconds for delays, seconds for stored times.

use std::time::Duration;

use worker::{Date, Delay};

/// Current time in Unix milliseconds.
pub(crate) fn now_millis() -> u64 {
    Date::now().as_millis()
}

/// Current time in Unix seconds. The platform's clock does not advance between two awaits, so one synchronous turn sees one time.
pub(crate) fn now_seconds() -> i64 {
    to_seconds(now_millis())
}

/// Converts milliseconds to whole seconds, rounded down.
pub(crate) fn to_seconds(millis: u64) -> i64 {
    i64::try_from(millis / 1_000).unwrap_or(i64::MAX)
}

/// Converts seconds to milliseconds.
pub(crate) fn to_millis(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or_default().saturating_mul(1_000)
}

/// Ends the synchronous turn: the object handles other events before the caller continues.
pub(crate) async fn end_turn() {
    Delay::from(Duration::from_millis(1)).await;
}

/// Sleeps until a time in Unix milliseconds.
pub(crate) async fn sleep_until(time: u64) {
    let remaining = time.saturating_sub(now_millis());
    if remaining > 0 {
        Delay::from(Duration::from_millis(remaining)).await;
    }
}
