//! Waits for conditions, always with a time limit and never for a fixed time.

use std::time::{Duration, Instant};

/// Time limit for any condition on a busy machine.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// Interval between two checks of a condition.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(25);

/// Polls until `poll` returns a value. Panics with `description` when the time limit has passed.
#[track_caller]
pub fn wait_until<T>(description: &str, poll: impl FnMut() -> Option<T>) -> T {
    wait_until_within(DEFAULT_TIMEOUT, description, poll)
}

/// Same as [`wait_until`], with another time limit.
///
/// # Panics
///
/// If the time limit passes.
#[track_caller]
pub fn wait_until_within<T>(timeout: Duration, description: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let end = now() + timeout;
    loop {
        if let Some(seen) = poll() {
            return seen;
        }
        assert!(now() < end, "timed out after {timeout:?} waiting for {description}");
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// Same as [`wait_until`] for an asynchronous condition. On failure, `poll` returns what it saw instead, for the
/// message.
pub async fn wait_until_async<T, E: std::fmt::Debug>(
    description: &str,
    mut poll: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let end = now() + DEFAULT_TIMEOUT;
    loop {
        match poll().await {
            Ok(seen) => return seen,
            Err(instead) => assert!(
                now() < end,
                "timed out after {DEFAULT_TIMEOUT:?} waiting for {description}, last saw {instead:?}"
            ),
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Runs `action` and returns its result and duration.
pub fn timed<T>(action: impl FnOnce() -> T) -> (T, Duration) {
    let start = now();
    let done = action();
    (done, now() - start)
}

/// Sleeps. Only for tests about time itself: intervals between a reader's comments, or the length of an outage.
pub fn sleep(time: Duration) {
    std::thread::sleep(time);
}

#[expect(clippy::disallowed_methods, reason = "a time limit needs a clock, and this crate may use one")]
fn now() -> Instant {
    Instant::now()
}
