//! How long the outbox waits while KV fails as a whole: longer and longer, also beyond the end of an instance.

use std::cell::Cell;
use std::rc::Rc;

use worker::{Storage, console_error};

use crate::platform::clock::now;
use crate::publish::kv_writer::WriteOutcome;

/// Writes failed in a row after which it is KV that fails, and not this or that write.
const FAILURES: u32 = 3;
/// The first pause, in milliseconds; each is twice the one before.
const FIRST_PAUSE: u64 = 1_000;
/// The longest pause: a spent daily quota is refused for hours, and each try costs rows and time of the object.
const LONGEST_PAUSE: u64 = 120_000;
/// How long a write may still come about that did not answer: longer than a request to KV lives.
pub(crate) const LOST_PAUSE: u64 = 60_000;
/// Where the object's storage keeps the number of failures. An instance with nothing to do is soon gone, and the next one, woken by
/// its alarm, would begin anew with the shortest pauses.
const KEY: &str = "failures";

/// What is known of KV. Times are in Unix milliseconds.
pub(crate) struct CircuitBreaker {
    storage: Rc<Storage>,
    /// Writes that have failed since one succeeded.
    failures: Cell<u32>,
    quiet_until: Cell<u64>,
    lost_until: Cell<u64>,
}

impl CircuitBreaker {
    pub(crate) fn new(storage: Rc<Storage>) -> Self {
        Self { storage, failures: Cell::new(0), quiet_until: Cell::new(0), lost_until: Cell::new(0) }
    }

    /// Takes over from the instance before this one.
    pub(crate) async fn take_over(&self) {
        match self.storage.get(KEY).await {
            Ok(failures) => self.failures.set(failures.unwrap_or_default()),
            Err(error) => console_error!("the number of failures cannot be read: {error}"),
        }
    }

    /// Before this nothing is put.
    pub(crate) fn quiet_until(&self) -> u64 {
        self.quiet_until.get()
    }

    /// Whether a write may still be under way that did not answer. The next instance would not know of it.
    pub(crate) fn has_lost(&self) -> bool {
        now() < self.lost_until.get()
    }

    /// Whether KV is believed to fail. What has not failed yet is then tried before what has.
    pub(crate) fn is_wary(&self) -> bool {
        self.failures.get() >= FAILURES
    }

    /// Takes in what became of a write, and says it again.
    pub(crate) async fn heed(&self, written: WriteOutcome) -> WriteOutcome {
        let was_wary = self.is_wary();
        match written {
            WriteOutcome::Done => self.failures.set(0),
            WriteOutcome::Failed => self.fail(),
            WriteOutcome::TimedOut => {
                self.lost_until.set(now() + LOST_PAUSE);
                self.fail();
            }
        }
        let kept = match (was_wary, self.is_wary()) {
            (_, true) => self.storage.put(KEY, self.failures.get()).await,
            (true, false) => self.storage.delete(KEY).await.map(drop),
            (false, false) => Ok(()),
        };
        if let Err(error) = kept {
            console_error!("the number of failures cannot be kept: {error}");
        }
        written
    }

    fn fail(&self) {
        let failures = self.failures.get().saturating_add(1);
        self.failures.set(failures);
        if let Some(more) = failures.checked_sub(FAILURES) {
            self.quiet_until.set(now() + (FIRST_PAUSE << more.min(20)).min(LONGEST_PAUSE));
        }
    }
}
