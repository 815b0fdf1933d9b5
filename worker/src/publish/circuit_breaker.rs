//! Circuit breaker for KV writes: pauses all of them while KV fails as a whole, with exponential backoff that survives a restart.

use std::cell::Cell;
use std::rc::Rc;

use worker::{Storage, console_error};

use crate::platform::clock::now_millis;
use crate::platform::log_context::LogContext;
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

/// Storage of the failure count, which outlives an instance.
pub(crate) trait FailureStore {
    /// Reads the count, if one is stored.
    async fn read(&self) -> worker::Result<Option<u32>>;
    /// Stores the count; `None` deletes it.
    async fn write(&self, failures: Option<u32>) -> worker::Result<()>;
}

impl FailureStore for Rc<Storage> {
    async fn read(&self) -> worker::Result<Option<u32>> {
        self.get(STORAGE_KEY).await
    }

    async fn write(&self, failures: Option<u32>) -> worker::Result<()> {
        match failures {
            Some(failures) => self.put(STORAGE_KEY, failures).await,
            None => self.delete(STORAGE_KEY).await.map(drop),
        }
    }
}

/// State of KV as seen by one site's publisher. Times are in Unix milliseconds.
pub(crate) struct CircuitBreaker<S> {
    store: S,
    log: LogContext,
    backoff: Cell<Backoff>,
    late_write_until: Cell<u64>,
    /// True once the failure count of the previous instance is known.
    loaded: Cell<bool>,
}

impl<S: FailureStore> CircuitBreaker<S> {
    pub(crate) fn new(store: S, log: LogContext) -> Self {
        let (backoff, late_write_until, loaded) = (Cell::default(), Cell::new(0), Cell::new(false));
        Self { store, log, backoff, late_write_until, loaded }
    }

    /// Loads the failure count that the previous instance stored. Called before the first write and its outcome; a later call does nothing.
    pub(crate) async fn load(&self) {
        if self.loaded.get() {
            return;
        }
        match self.store.read().await {
            Ok(failures) => {
                self.loaded.set(true);
                let backoff = self.backoff.get();
                self.backoff.set(Backoff { failures: backoff.failures.max(failures.unwrap_or_default()), ..backoff });
            }
            Err(error) => console_error!("failure count not loaded key={STORAGE_KEY} {} cause={error}", self.log),
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
    pub(crate) async fn record(&self, outcome: WriteOutcome, now: u64) -> WriteOutcome {
        self.load().await;
        let was_degraded = self.is_degraded();
        if outcome == WriteOutcome::TimedOut {
            self.late_write_until.set(now + LATE_WRITE_WINDOW);
        }
        self.backoff.set(match outcome {
            WriteOutcome::Done => Backoff::after_success(now),
            WriteOutcome::Failed | WriteOutcome::TimedOut => self.backoff.get().after_failure(&PAUSES, now),
        });
        let stored = match (was_degraded, self.is_degraded()) {
            (_, true) => self.store.write(Some(self.backoff.get().failures)).await,
            (true, false) => self.store.write(None).await,
            (false, false) => Ok(()),
        };
        if let Err(error) = stored {
            console_error!("failure count not stored key={STORAGE_KEY} {} cause={error}", self.log);
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const NOW: u64 = 1_321_000_000_000;

    /// The stored count, and the number of times it was read.
    #[derive(Default)]
    struct MemoryStore {
        failures: Cell<Option<u32>>,
        reads: Cell<u32>,
    }

    impl FailureStore for &MemoryStore {
        async fn read(&self) -> worker::Result<Option<u32>> {
            self.reads.set(self.reads.get() + 1);
            Ok(self.failures.get())
        }

        async fn write(&self, failures: Option<u32>) -> worker::Result<()> {
            self.failures.set(failures);
            Ok(())
        }
    }

    fn record(breaker: &CircuitBreaker<&MemoryStore>, outcome: WriteOutcome) {
        let recorded = pin!(breaker.record(outcome, NOW)).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(recorded, Poll::Ready(outcome));
    }

    fn breaker(store: &MemoryStore) -> CircuitBreaker<&MemoryStore> {
        CircuitBreaker::new(store, LogContext::new("test"))
    }

    #[test]
    fn a_new_instance_continues_the_count_of_the_one_before() {
        let store = MemoryStore::default();
        let first = breaker(&store);
        let pauses: Vec<u64> = (0..6)
            .map(|_| {
                record(&first, WriteOutcome::Failed);
                first.paused_until() - NOW
            })
            .collect();
        assert_eq!((pauses.as_slice(), store.failures.get()), (&[0, 0, 1_000, 2_000, 4_000, 8_000][..], Some(6)));
        // Whatever the new instance starts for: its first outcome finds the count.
        let second = breaker(&store);
        record(&second, WriteOutcome::TimedOut);
        assert_eq!((second.paused_until() - NOW, store.failures.get()), (16_000, Some(7)));
        let third = breaker(&store);
        record(&third, WriteOutcome::Done);
        assert_eq!((third.paused_until(), store.failures.get()), (NOW, None), "KV works again");
        assert_eq!(store.reads.get(), 3, "each instance reads the count once");
        record(&third, WriteOutcome::Failed);
        assert_eq!((store.reads.get(), store.failures.get()), (3, None), "a single failure is not stored");
    }
}
