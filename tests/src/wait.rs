//! Waiting on conditions: never a fixed time, always with a deadline.

use std::time::{Duration, Instant};

/// How long anything may take on a busy machine before the test gives it up.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// The pause between two looks.
pub(crate) const PAUSE: Duration = Duration::from_millis(25);

/// Looks until there is something to see, and panics with `what` was waited for when the deadline has passed.
#[track_caller]
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    until_within(DEADLINE, what, look)
}

/// As [`until`], with a deadline of its own.
///
/// # Panics
///
/// When it has passed.
#[track_caller]
pub fn until_within<T>(deadline: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = now() + deadline;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(now() < end, "waited {deadline:?} for {what}");
        std::thread::sleep(PAUSE);
    }
}

/// As [`until`], for what takes an `await` to look at. `look` says what it saw, so that the failure can say it too.
pub async fn until_async<T, E: std::fmt::Debug>(what: &str, mut look: impl AsyncFnMut() -> Result<T, E>) -> T {
    let end = now() + DEADLINE;
    loop {
        match look().await {
            Ok(seen) => return seen,
            Err(instead) => assert!(now() < end, "waited {DEADLINE:?} for {what}, but saw {instead:?}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Does something, and says how long it took.
pub fn clock<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let start = now();
    let done = act();
    (done, now() - start)
}

/// Lets time go by where that is what is tested: between the comments of a reader, or while something is out of order.
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}

#[expect(clippy::disallowed_methods, reason = "a deadline needs a clock, and this crate is no pure one")]
fn now() -> Instant {
    Instant::now()
}
