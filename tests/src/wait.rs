//! Waiting on conditions: never a fixed time, always with a deadline.

use std::time::{Duration, Instant};

/// How long anything may take on a busy machine before the test gives it up.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// The pause between two looks.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(25);

/// Looks until there is something to see, and panics with `what` was waited for when the deadline has passed.
#[track_caller]
pub fn wait_until<T>(description: &str, poll: impl FnMut() -> Option<T>) -> T {
    wait_until_within(DEFAULT_TIMEOUT, description, poll)
}

/// As [`until`], with a deadline of its own.
///
/// # Panics
///
/// When it has passed.
#[track_caller]
pub fn wait_until_within<T>(deadline: Duration, description: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let end = now() + deadline;
    loop {
        if let Some(seen) = poll() {
            return seen;
        }
        assert!(now() < end, "waited {deadline:?} for {description}");
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// As [`until`], for what takes an `await` to look at. `look` says what it saw, so that the failure can say it too.
pub async fn wait_until_async<T, E: std::fmt::Debug>(
    description: &str,
    mut poll: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let end = now() + DEFAULT_TIMEOUT;
    loop {
        match poll().await {
            Ok(seen) => return seen,
            Err(instead) => assert!(now() < end, "waited {DEFAULT_TIMEOUT:?} for {description}, but saw {instead:?}"),
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Does something, and says how long it took.
pub fn timed<T>(action: impl FnOnce() -> T) -> (T, Duration) {
    let start = now();
    let done = action();
    (done, now() - start)
}

/// Lets time go by where that is what is tested: between the comments of a reader, or while something is out of order.
pub fn sleep(time: Duration) {
    std::thread::sleep(time);
}

#[expect(clippy::disallowed_methods, reason = "a deadline needs a clock, and this crate is no pure one")]
fn now() -> Instant {
    Instant::now()
}
