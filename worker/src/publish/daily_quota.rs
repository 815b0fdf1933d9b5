//! Daily quota of KV writes: 1,000 on Cloudflare's free plan, as many as the owner pays for on a paid one.
//!
//! The first two fifths of the quota are spent without delay. From then on the remaining writes are spread over the remaining day, so that
//! a busy author delays publishing for everybody but does not stop it. A tenth is reserved for removing content, which never waits for the
//! quota. A fifth at most is spent on votes and reactions alone, half of it without delay, so that no number of them keeps comments from being
//! published. Waiting loses nothing: the ledger records what is due.

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
    /// Writes for votes and reactions alone.
    #[serde(default)]
    deferred_writes: u32,
    /// Time before which votes and reactions are written only together with other changes.
    #[serde(default)]
    deferred_allowed_at: u64,
}

/// Times before which writes have to wait, in Unix milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AllowedAt {
    /// For all writes but urgent ones.
    pub(crate) any: u64,
    /// For votes and reactions alone.
    pub(crate) deferred: u64,
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

    /// Counts a write, which was for votes and reactions alone if `deferred` is set.
    pub(crate) fn record_write(&self, deferred: bool, now: u64) {
        if let (Some(limit), Some(usage)) = (self.limit, self.usage.get()) {
            let usage = usage.after_write(limit, now);
            self.usage.set(Some(if deferred { usage.after_deferred_write(limit, now) } else { usage }));
        }
    }

    /// Start of the day that contains this time.
    pub(crate) fn day_start(now: u64) -> u64 {
        now / DAY * DAY
    }

    /// Times before which writes have to wait.
    pub(crate) fn allowed_at(&self, now: u64) -> AllowedAt {
        let usage = self.usage.get().map(|usage| usage.on_day_of(now)).unwrap_or_default();
        AllowedAt { any: usage.next_allowed_at, deferred: usage.next_allowed_at.max(usage.deferred_allowed_at) }
    }

    /// The writes of today and the writes allowed per day, if they are counted.
    pub(crate) fn writes_today(&self, now: u64) -> Option<(u32, u32)> {
        let usage = self.usage.get().map(|usage| usage.on_day_of(now)).unwrap_or_default();
        self.limit.map(|limit| (usage.writes, limit))
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
        if self.day == day { self } else { Self { day, ..Self::default() } }
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

    /// Usage after a write that was for votes and reactions alone, and is counted already.
    fn after_deferred_write(self, limit: u32, now: u64) -> Self {
        let deferred_writes = self.deferred_writes.saturating_add(1);
        if deferred_writes < limit / 10 {
            return Self { deferred_writes, ..self };
        }
        let tomorrow = self.day + DAY;
        let remaining = (limit / 5).saturating_sub(deferred_writes);
        let pause = (tomorrow - now).checked_div(remaining.into()).unwrap_or(DAY);
        let deferred_allowed_at = (self.deferred_allowed_at.max(now) + pause).min(tomorrow);
        Self { deferred_writes, deferred_allowed_at, ..self }
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
        QuotaUsage { day: MIDNIGHT, writes, ..QuotaUsage::default() }
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

    /// A vote at every moment of the day, in several threads of several pages each.
    #[test]
    fn a_million_votes_leave_most_of_the_day_to_comments() {
        for values in [1, 3, 17] {
            let (mut now, mut usage, mut longest) = (MIDNIGHT, QuotaUsage::default(), 0);
            while now < MIDNIGHT + DAY {
                for _ in 0..values {
                    usage = usage.after_write(1_000, now).after_deferred_write(1_000, now);
                }
                let next = usage.next_allowed_at.max(usage.deferred_allowed_at).max(now + 1_000);
                longest = longest.max(next - now);
                now = next;
            }
            assert!(usage.writes <= 200 + values, "{} writes in snapshots of {values}", usage.writes);
            assert_eq!((usage.writes, usage.next_allowed_at), (usage.deferred_writes, 0), "no comment has to wait");
            assert!(longest < HOUR * u64::from(values), "{longest} ms");
        }
    }

    #[test]
    fn a_few_votes_are_written_without_delay() {
        let mut usage = QuotaUsage::default();
        for _ in 0..99 {
            usage = usage.after_write(1_000, NOW).after_deferred_write(1_000, NOW);
        }
        assert_eq!((usage.deferred_writes, usage.deferred_allowed_at), (99, 0));
        let usage = usage.after_write(1_000, NOW).after_deferred_write(1_000, NOW);
        assert_eq!(usage.deferred_allowed_at, NOW + 6 * HOUR / 100, "the rest is spread over the rest of the day");
        assert_eq!(usage.on_day_of(NOW + DAY).deferred_allowed_at, 0);
    }

    #[test]
    fn usage_that_an_earlier_version_stored_is_read() {
        let stored: QuotaUsage = serde_json::from_str(r#"{"day":7,"writes":8,"opens_at":9}"#).unwrap();
        assert_eq!(stored, QuotaUsage { day: 7, writes: 8, next_allowed_at: 9, ..QuotaUsage::default() });
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
