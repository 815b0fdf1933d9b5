//! The day's writes to KV, of which the free plan has 1,000 and a paid one as many as are paid for.
//!
//! The first ones of a day are spent as they come. From then on what is left of them is spread over what is left of the day, so that
//! whoever writes a lot delays publishing for everybody, but does not end it; and some are kept for what is taken away from readers, which
//! never waits here. Nothing is lost by waiting: what is due stands in the ledger.

use std::cell::Cell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use worker::{Storage, console_error};

/// A day, in milliseconds. Cloudflare counts by days of UTC (its documentation, "KV pricing").
const DAY: u64 = 24 * 60 * 60 * 1_000;
/// Where the object's storage keeps what was spent. An instance with nothing to do is soon gone, and the next one would begin anew.
const KEY: &str = "writes";
/// The first of so many parts of a day's writes is not worth the rows of keeping it: most days have no more.
const UNKEPT: u32 = 10;

/// The writes of one site.
pub(crate) struct DailyQuota {
    storage: Rc<Storage>,
    /// Writes that a day has; none for no bound.
    writes: Option<u32>,
    spent: Cell<Option<QuotaUsage>>,
}

/// What a day has spent. Times are in Unix milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct QuotaUsage {
    /// When the day began.
    day: u64,
    writes: u32,
    /// Before this nothing is put that can wait.
    opens_at: u64,
}

impl DailyQuota {
    pub(crate) fn new(storage: Rc<Storage>, writes: Option<u32>) -> Self {
        Self { storage, writes, spent: Cell::new(None) }
    }

    /// Whether this instance has yet to take over from the one before it.
    pub(crate) fn is_new(&self) -> bool {
        self.writes.is_some() && self.spent.get().is_none()
    }

    /// Takes over from the instance before this one. Of what it spent before it was worth keeping, the comments published today tell.
    pub(crate) async fn take_over(&self, published: u32, now: u64) {
        let kept: Result<Option<QuotaUsage>, _> = self.storage.get(KEY).await;
        let kept = kept.unwrap_or_else(|error| {
            console_error!("what the day has spent cannot be read: {error}");
            None
        });
        let mut spent = kept.unwrap_or_default().on_day_of(now);
        spent.writes = spent.writes.max(published.min(self.writes.unwrap_or_default() / UNKEPT));
        self.spent.set(Some(spent));
    }

    /// Notes a write.
    pub(crate) fn spend(&self, now: u64) {
        if let (Some(of), Some(spent)) = (self.writes, self.spent.get()) {
            self.spent.set(Some(spent.and_one(of, now)));
        }
    }

    /// When the day of this time began.
    pub(crate) fn day_of(now: u64) -> u64 {
        now / DAY * DAY
    }

    /// Before this nothing is put that can wait.
    pub(crate) fn opens_at(&self, now: u64) -> u64 {
        self.spent.get().map_or(0, |spent| spent.on_day_of(now).opens_at)
    }

    /// Keeps what was spent for the next instance.
    pub(crate) async fn keep(&self) {
        let (Some(of), Some(spent)) = (self.writes, self.spent.get()) else { return };
        if spent.writes >= of / UNKEPT
            && let Err(error) = self.storage.put(KEY, spent).await
        {
            console_error!("what the day has spent cannot be kept: {error}");
        }
    }
}

impl QuotaUsage {
    /// On another day nothing was spent yet.
    fn on_day_of(self, now: u64) -> Self {
        let day = DailyQuota::day_of(now);
        if self.day == day { self } else { Self { day, writes: 0, opens_at: 0 } }
    }

    /// With one write more, of so many that a day has.
    fn and_one(self, of: u32, now: u64) -> Self {
        let today = self.on_day_of(now);
        let writes = today.writes.saturating_add(1);
        if writes < of / 5 * 2 {
            return Self { writes, ..today };
        }
        let tomorrow = today.day + DAY;
        let left = (of - of / 10).saturating_sub(writes);
        let pause = (tomorrow - now).checked_div(left.into()).unwrap_or(DAY);
        // Several writes in a row have several pauses after them.
        Self { writes, opens_at: (today.opens_at.max(now) + pause).min(tomorrow), ..today }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 60 * 60 * 1_000;
    const MIDNIGHT: u64 = 15_290 * DAY;
    /// Six in the evening.
    const NOW: u64 = MIDNIGHT + 18 * HOUR;

    fn spent(writes: u32) -> QuotaUsage {
        QuotaUsage { day: MIDNIGHT, writes, opens_at: 0 }
    }

    #[test]
    fn the_first_of_a_day_do_not_wait() {
        assert_eq!(QuotaUsage::default().and_one(1_000, NOW), spent(1));
        assert_eq!(spent(398).and_one(1_000, NOW), spent(399));
    }

    #[test]
    fn then_what_is_left_is_spread_over_the_rest_of_the_day() {
        assert_eq!(spent(399).and_one(1_000, NOW).opens_at, NOW + 6 * HOUR / 500);
        assert_eq!(spent(839).and_one(1_000, NOW).opens_at, NOW + 6 * HOUR / 60);
        let two = spent(839).and_one(1_000, NOW).and_one(1_000, NOW);
        assert_eq!(two.opens_at, NOW + 6 * HOUR / 60 + 6 * HOUR / 59, "two in a row");
        for last in [899, 900, 5_000] {
            assert_eq!(spent(last).and_one(1_000, NOW).opens_at, NOW + 6 * HOUR, "the last hundred are kept");
        }
        assert_eq!(spent(5_000).and_one(1_000, NOW + DAY).writes, 1, "and the next day begins anew");
    }

    /// Puts as many values as this whenever something may be put, and says how many went through in a day and the longest pause.
    fn busy_day(of: u32, at_once: u32) -> (u32, u64) {
        let (mut now, mut kept, mut longest) = (MIDNIGHT, QuotaUsage::default(), 0);
        loop {
            let opens_at = kept.on_day_of(now).opens_at.max(now + 1_000);
            longest = longest.max(opens_at - now);
            now = opens_at;
            if now >= MIDNIGHT + DAY {
                return (kept.writes, longest);
            }
            // Each time it is another instance, which knows what the one before has kept.
            kept = (0..at_once).fold(kept, |spent, _| spent.and_one(of, now));
        }
    }

    #[test]
    fn whatever_comes_a_day_takes_its_share_and_no_more_and_goes_on_all_day() {
        for at_once in [1, 2, 17] {
            let (writes, longest) = busy_day(1_000, at_once);
            assert!((880..=917).contains(&writes), "{writes} writes, {at_once} at once");
            assert!(longest < HOUR * u64::from(at_once), "{longest} ms, {at_once} at once");
        }
    }
}
