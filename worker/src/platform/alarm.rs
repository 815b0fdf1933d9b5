//! The alarm of a Durable Object. An object has one alarm; this type owns it and keeps the earliest deadline.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use worker::Storage;

use crate::platform::clock::now_millis;

/// The alarm of one object. Times are in Unix milliseconds.
pub(crate) struct Alarm {
    storage: Rc<Storage>,
    /// Time of the next alarm, as far as this instance knows.
    next: Cell<Option<u64>>,
}

impl Alarm {
    /// The alarm that belongs to this storage.
    pub(crate) fn new(storage: Rc<Storage>) -> Self {
        Self { storage, next: Cell::new(None) }
    }

    /// Records that the alarm fired.
    pub(crate) fn mark_fired(&self) {
        self.next.set(None);
    }

    /// Schedules the alarm for `time`, unless an earlier one is already scheduled: each change writes a row.
    pub(crate) async fn schedule(&self, time: u64) -> worker::Result<()> {
        let now = now_millis();
        if self.next.get().is_some_and(|next| next > now && next <= time) {
            return Ok(());
        }
        // Recorded before the await: a concurrent call must not replace this alarm by a later one.
        let previous = self.next.replace(Some(time));
        let result = self.storage.set_alarm(Duration::from_millis(time.saturating_sub(now))).await;
        if result.is_err() {
            self.next.set(previous);
        }
        result
    }
}
