//! Daily quota of KV writes: 1,000 on Cloudflare's free plan, as many as the owner pays for on a paid one.
//!
//! The first two fifths of the quota are spent without delay. From then on the remaining writes are spread over the remaining day, so that
//! a busy author delays publishing for everybody but does not stop it. A tenth is reserved for removing content, which never waits for the
//! quota. Waiting loses nothing: the ledger records what is due.

use std::cell::Cell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use worker::{Storage, console_error};

use crate::platform::log_context::LogContext;

/// One day in milliseconds. Cloudflare counts by UTC days (its documentation, "KV pricing").
const DAY: u64 = 24 * 60 * 60 * 1_000;
/// Key of the usage in the object's storage. An idle instance is soon evicted, and its successor would otherwise start from zero.
const STORAGE_KEY: &str = "writes";
/// Usage is stored from this fraction of the quota on: one part in 10. On most days there are fewer writes, and storing costs rows.
const PERSIST_ABOVE: u32 = 10;

/// Quota of one site.
pub(crate) struct DailyQuota {
    storage: Rc<Storage>,
    log: LogContext,
    /// Writes per day, or `None` for no limit.
    limit: Option<u32>,
    usage: Cell<Option<QuotaUsage>>,
}

/// Usage of one day. Times are in Unix milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct QuotaUsage {
    /// Start of the day.
    day: u64,
    writes: u32,
    /// Time before which only urgent writes are made.
    #[serde(rename = "opens_at")]
    next_allowed_at: u64,
}

impl DailyQuota {
    pub(crate) fn new(storage: Rc<Storage>, limit: Option<u32>, log: LogContext) -> Self {
        Self { storage, log, limit, usage: Cell::new(None) }
    }

    /// Returns true if this instance has not loaded the usage yet.
    pub(crate) fn needs_load(&self) -> bool {
        self.limit.is_some() && self.usage.get().is_none()
    }

    /// Loads the usage that the previous instance stored. Below the threshold nothing is stored; `published_today`, the number of comments
    /// published today, stands in for it.
    pub(crate) async fn load(&self, published_today: u32, now: u64) {
        let stored: Result<Option<QuotaUsage>, _> = self.storage.get(STORAGE_KEY).await;
        let stored = stored.unwrap_or_else(|error| {
            console_error!("quota usage not loaded key={STORAGE_KEY} {} cause={error}", self.log);
            None
        });
        let mut usage = stored.unwrap_or_default().on_day_of(now);
        usage.writes = usage.writes.max(published_today.min(self.limit.unwrap_or_default() / PERSIST_ABOVE));
        self.usage.set(Some(usage));
    }

    /// Counts a write.
    pub(crate) fn record_write(&self, now: u64) {
        if let (Some(limit), Some(usage)) = (self.limit, self.usage.get()) {
            self.usage.set(Some(usage.after_write(limit, now)));
        }
    }

    /// Start of the day that contains this time.
    pub(crate) fn day_start(now: u64) -> u64 {
        now / DAY * DAY
    }

    /// Time before which only urgent writes are made.
    pub(crate) fn next_allowed_at(&self, now: u64) -> u64 {
        self.usage.get().map_or(0, |usage| usage.on_day_of(now).next_allowed_at)
    }

    /// Stores the usage for the next instance.
    pub(crate) async fn persist(&self) {
        let (Some(limit), Some(usage)) = (self.limit, self.usage.get()) else { return };
        if usage.writes >= limit / PERSIST_ABOVE
            && let Err(error) = self.storage.put(STORAGE_KEY, usage).await
        {
            console_error!("quota usage not stored key={STORAGE_KEY} {} cause={error}", self.log);
        }
    }
}

impl QuotaUsage {
    /// Usage on the day of `now`: zero if it was recorded on another day.
    fn on_day_of(self, now: u64) -> Self {
        let day = DailyQuota::day_start(now);
        if self.day == day { self } else { Self { day, writes: 0, next_allowed_at: 0 } }
    }

    /// Usage after one more write, of `limit` per day.
    fn after_write(self, limit: u32, now: u64) -> Self {
        let today = self.on_day_of(now);
        let writes = today.writes.saturating_add(1);
        if writes < limit / 5 * 2 {
            return Self { writes, ..today };
        }
        let tomorrow = today.day + DAY;
        let remaining = (limit - limit / 10).saturating_sub(writes);
        let pause = (tomorrow - now).checked_div(remaining.into()).unwrap_or(DAY);
        // Consecutive writes add up their pauses.
        Self { writes, next_allowed_at: (today.next_allowed_at.max(now) + pause).min(tomorrow), ..today }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 60 * 60 * 1_000;
    const MIDNIGHT: u64 = 15_290 * DAY;
    /// 18:00.
    const NOW: u64 = MIDNIGHT + 18 * HOUR;

    fn usage(writes: u32) -> QuotaUsage {
        QuotaUsage { day: MIDNIGHT, writes, next_allowed_at: 0 }
    }

    #[test]
    fn first_writes_of_a_day_are_not_delayed() {
        assert_eq!(QuotaUsage::default().after_write(1_000, NOW), usage(1));
        assert_eq!(usage(398).after_write(1_000, NOW), usage(399));
    }

    #[test]
    fn remaining_writes_are_spread_over_the_day() {
        assert_eq!(usage(399).after_write(1_000, NOW).next_allowed_at, NOW + 6 * HOUR / 500);
        assert_eq!(usage(839).after_write(1_000, NOW).next_allowed_at, NOW + 6 * HOUR / 60);
        let two = usage(839).after_write(1_000, NOW).after_write(1_000, NOW);
        assert_eq!(two.next_allowed_at, NOW + 6 * HOUR / 60 + 6 * HOUR / 59, "two in a row");
        for last in [899, 900, 5_000] {
            assert_eq!(usage(last).after_write(1_000, NOW).next_allowed_at, NOW + 6 * HOUR, "a hundred are reserved");
        }
        assert_eq!(usage(5_000).after_write(1_000, NOW + DAY).writes, 1, "the next day starts from zero");
    }

    /// Writes `burst` values whenever a write is allowed. Returns the writes of one day and the longest pause.
    fn busy_day(limit: u32, burst: u32) -> (u32, u64) {
        let (mut now, mut stored, mut longest) = (MIDNIGHT, QuotaUsage::default(), 0);
        loop {
            let next_allowed_at = stored.on_day_of(now).next_allowed_at.max(now + 1_000);
            longest = longest.max(next_allowed_at - now);
            now = next_allowed_at;
            if now >= MIDNIGHT + DAY {
                return (stored.writes, longest);
            }
            // Each burst comes from another instance, which knows the stored usage.
            stored = (0..burst).fold(stored, |usage, _| usage.after_write(limit, now));
        }
    }

    #[test]
    fn a_busy_day_stays_within_quota_and_never_stops() {
        for burst in [1, 2, 17] {
            let (writes, longest) = busy_day(1_000, burst);
            assert!((880..=917).contains(&writes), "{writes} writes in bursts of {burst}");
            assert!(longest < HOUR * u64::from(burst), "{longest} ms in bursts of {burst}");
        }
    }
}
