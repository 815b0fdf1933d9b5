//! Circuit breaker for KV writes: pauses all of them while KV fails as a whole, with exponential backoff that survives a restart.

use std::cell::Cell;
use std::rc::Rc;

use worker::{Storage, console_error};

use crate::platform::clock::now_millis;
use crate::publish::backoff::{Backoff, Delays};
use crate::publish::kv_writer::{LATE_WRITE_WINDOW, WriteOutcome};

/// Consecutive failed writes after which KV itself counts as failing, not just some writes.
const FAILURE_THRESHOLD: u32 = 3;
/// Pauses of all writes. The longest one is long because KV refuses writes for hours once the daily quota is used up, and each attempt
/// costs rows and object time.
const PAUSES: Delays = Delays { tolerated: FAILURE_THRESHOLD - 1, first: 1_000, max: 120_000 };
/// Key of the failure count in the object's storage. An idle instance is soon evicted, and its successor, started by the alarm, would
/// otherwise begin again with the shortest pauses.
const STORAGE_KEY: &str = "failures";

/// State of KV as seen by one site's publisher. Times are in Unix milliseconds.
pub(crate) struct CircuitBreaker {
    storage: Rc<Storage>,
    backoff: Cell<Backoff>,
    late_write_until: Cell<u64>,
}

impl CircuitBreaker {
    pub(crate) fn new(storage: Rc<Storage>) -> Self {
        Self { storage, backoff: Cell::default(), late_write_until: Cell::new(0) }
    }

    /// Loads the failure count that the previous instance stored.
    pub(crate) async fn load(&self) {
        match self.storage.get(STORAGE_KEY).await {
            Ok(failures) => self.backoff.set(Backoff { failures: failures.unwrap_or_default(), ..self.backoff.get() }),
            Err(error) => console_error!("failure count not loaded key={STORAGE_KEY} cause={error}"),
        }
    }

    /// Time before which nothing is written.
    pub(crate) fn paused_until(&self) -> u64 {
        self.backoff.get().until
    }

    /// Returns true while a timed-out write may still take effect. The next instance would not know of it.
    pub(crate) fn has_late_write(&self) -> bool {
        now_millis() < self.late_write_until.get()
    }

    /// Returns true while KV counts as failing. Addresses that have not failed are then tried before those that have.
    pub(crate) fn is_degraded(&self) -> bool {
        self.backoff.get().failures >= FAILURE_THRESHOLD
    }

    /// Records the outcome of a write and returns it.
    pub(crate) async fn record(&self, outcome: WriteOutcome) -> WriteOutcome {
        let (was_degraded, now) = (self.is_degraded(), now_millis());
        if outcome == WriteOutcome::TimedOut {
            self.late_write_until.set(now + LATE_WRITE_WINDOW);
        }
        self.backoff.set(match outcome {
            WriteOutcome::Done => Backoff::after_success(now),
            WriteOutcome::Failed | WriteOutcome::TimedOut => self.backoff.get().after_failure(&PAUSES, now),
        });
        let stored = match (was_degraded, self.is_degraded()) {
            (_, true) => self.storage.put(STORAGE_KEY, self.backoff.get().failures).await,
            (true, false) => self.storage.delete(STORAGE_KEY).await.map(drop),
            (false, false) => Ok(()),
        };
        if let Err(error) = stored {
            console_error!("failure count not stored key={STORAGE_KEY} cause={error}");
        }
        outcome
    }
}
