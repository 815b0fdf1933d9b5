//! The time in the two units that are used: milliseconds for pauses, seconds for what is stored.

use std::time::Duration;

use worker::{Date, Delay};

/// Unix milliseconds.
pub(crate) fn now() -> u64 {
    Date::now().as_millis()
}

/// Unix seconds. The platform's clock stands still between two waits, so all of one turn happens at once.
pub(crate) fn now_seconds() -> i64 {
    seconds(now())
}

/// Milliseconds as whole seconds.
pub(crate) fn seconds(millis: u64) -> i64 {
    i64::try_from(millis / 1_000).unwrap_or(i64::MAX)
}

/// Seconds as milliseconds.
pub(crate) fn millis(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or_default().saturating_mul(1_000)
}

/// Waits until a time in Unix milliseconds.
pub(crate) async fn sleep_until(time: u64) {
    let left = time.saturating_sub(now());
    if left > 0 {
        Delay::from(Duration::from_millis(left)).await;
    }
}
