//! Circuit breaker for KV writes: pauses all of them while KV fails as a whole, with exponential backoff that survives a restart.

use std::cell::Cell;
use std::rc::Rc;

use worker::{Storage, console_error};

use crate::platform::clock::now_millis;
use crate::publish::kv_writer::{LATE_WRITE_WINDOW, WriteOutcome};

/// Consecutive failed writes after which KV itself counts as failing, not just some writes.
const FAILURE_THRESHOLD: u32 = 3;
/// First pause, in milliseconds. Each further pause is twice as long.
const FIRST_PAUSE: u64 = 1_000;
/// Longest pause, in milliseconds. KV refuses writes for hours once the daily quota is used up, and each attempt costs rows and object
/// time.
const MAX_PAUSE: u64 = 120_000;
/// Key of the failure count in the object's storage. An idle instance is soon evicted, and its successor, started by the alarm, would
/// otherwise begin again with the shortest pauses.
const STORAGE_KEY: &str = "failures";

/// State of KV as seen by one site's publisher. Times are in Unix milliseconds.
pub(crate) struct CircuitBreaker {
    storage: Rc<Storage>,
    /// Failed writes since the last success.
    failures: Cell<u32>,
    paused_until: Cell<u64>,
    late_write_until: Cell<u64>,
}

impl CircuitBreaker {
    pub(crate) fn new(storage: Rc<Storage>) -> Self {
        Self { storage, failures: Cell::new(0), paused_until: Cell::new(0), late_write_until: Cell::new(0) }
    }

    /// Loads the failure count that the previous instance stored.
    pub(crate) async fn load(&self) {
        match self.storage.get(STORAGE_KEY).await {
            Ok(failures) => self.failures.set(failures.unwrap_or_default()),
            Err(error) => console_error!("failure count not loaded key={STORAGE_KEY} cause={error}"),
        }
    }

    /// Time before which nothing is written.
    pub(crate) fn paused_until(&self) -> u64 {
        self.paused_until.get()
    }

    /// Returns true while a timed-out write may still take effect. The next instance would not know of it.
    pub(crate) fn has_late_write(&self) -> bool {
        now_millis() < self.late_write_until.get()
    }

    /// Returns true while KV counts as failing. Addresses that have not failed are then tried before those that have.
    pub(crate) fn is_degraded(&self) -> bool {
        self.failures.get() >= FAILURE_THRESHOLD
    }

    /// Records the outcome of a write and returns it.
    pub(crate) async fn record(&self, outcome: WriteOutcome) -> WriteOutcome {
        let was_degraded = self.is_degraded();
        match outcome {
            WriteOutcome::Done => self.failures.set(0),
            WriteOutcome::Failed => self.count_failure(),
            WriteOutcome::TimedOut => {
                self.late_write_until.set(now_millis() + LATE_WRITE_WINDOW);
                self.count_failure();
            }
        }
        let stored = match (was_degraded, self.is_degraded()) {
            (_, true) => self.storage.put(STORAGE_KEY, self.failures.get()).await,
            (true, false) => self.storage.delete(STORAGE_KEY).await.map(drop),
            (false, false) => Ok(()),
        };
        if let Err(error) = stored {
            console_error!("failure count not stored key={STORAGE_KEY} cause={error}");
        }
        outcome
    }

    fn count_failure(&self) {
        let failures = self.failures.get().saturating_add(1);
        self.failures.set(failures);
        if let Some(extra) = failures.checked_sub(FAILURE_THRESHOLD) {
            self.paused_until.set(now_millis() + (FIRST_PAUSE << extra.min(20)).min(MAX_PAUSE));
        }
    }
}
