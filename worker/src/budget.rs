//! The day's writes to KV, of which the free plan has 1,000 and a paid one as many as are paid for.
//!
//! The first ones of a day are spent as they come. From then on what is left of them is spread over what is left of the day, so that
//! whoever writes a lot delays publishing for everybody, but does not end it; and some are kept for what moderators take away, which
//! never waits here. Nothing is lost by waiting: what is due stands in the ledger.

use std::cell::Cell;

/// A day, in milliseconds. Cloudflare counts by days of UTC (its documentation, "KV pricing").
const DAY: u64 = 24 * 60 * 60 * 1_000;

/// The writes of one site. Times are in Unix milliseconds.
pub(crate) struct Budget {
    /// Writes that a day has; none for no bound.
    writes: Option<u32>,
    day: Cell<u64>,
    spent: Cell<u32>,
    last: Cell<u64>,
}

impl Budget {
    pub(crate) fn new(writes: Option<u32>) -> Self {
        Self { writes, day: Cell::new(0), spent: Cell::new(0), last: Cell::new(0) }
    }

    /// When the day of this time began.
    pub(crate) fn day_of(now: u64) -> u64 {
        now / DAY * DAY
    }

    /// Whether this instance does not know what was spent before it. Counting it in the database would take a row for each write.
    pub(crate) fn is_new(&self) -> bool {
        self.writes.is_some() && self.day.get() == 0
    }

    /// Takes over from the instance before this one, which may have spent so much today.
    pub(crate) fn take_over(&self, spent: u32, now: u64) {
        self.begin(now);
        self.spent.set(spent);
        self.last.set(now);
    }

    /// Notes a write.
    pub(crate) fn spend(&self, now: u64) {
        self.begin(now);
        self.spent.set(self.spent.get().saturating_add(1));
        self.last.set(now);
    }

    /// Before this nothing is put that can wait.
    pub(crate) fn opens_at(&self, now: u64) -> u64 {
        self.begin(now);
        let Some(writes) = self.writes else { return 0 };
        let spent = self.spent.get();
        if spent < writes / 5 * 2 {
            return 0;
        }
        let kept = writes / 10;
        let tomorrow = self.day.get() + DAY;
        match u64::from((writes - kept).saturating_sub(spent)) {
            0 => tomorrow,
            left => self.last.get() + (tomorrow - self.last.get().min(tomorrow)) / left,
        }
    }

    fn begin(&self, now: u64) {
        let today = Self::day_of(now);
        if self.day.replace(today) != today {
            self.spent.set(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six in the evening.
    const NOW: u64 = 15_290 * DAY + 18 * HOUR;
    const HOUR: u64 = 60 * 60 * 1_000;

    fn spent(writes: u32, spent: u32) -> Budget {
        let budget = Budget::new(Some(writes));
        assert!(budget.is_new());
        budget.take_over(spent, NOW);
        assert!(!budget.is_new());
        budget
    }

    #[test]
    fn the_first_of_a_day_do_not_wait() {
        for spent_before in [0, 399] {
            assert_eq!(spent(1_000, spent_before).opens_at(NOW), 0);
        }
    }

    #[test]
    fn then_what_is_left_is_spread_over_the_rest_of_the_day() {
        assert_eq!(spent(1_000, 400).opens_at(NOW), NOW + 6 * HOUR / 500);
        assert_eq!(spent(1_000, 840).opens_at(NOW), NOW + 6 * HOUR / 60);
        assert_eq!(spent(1_000, 899).opens_at(NOW), NOW + 6 * HOUR);
        assert_eq!(spent(1_000, 900).opens_at(NOW), NOW + 6 * HOUR, "the last hundred are kept");
        assert_eq!(spent(1_000, 5_000).opens_at(NOW), NOW + 6 * HOUR);
    }

    #[test]
    fn whatever_comes_a_day_never_takes_more_than_its_share() {
        let budget = spent(1_000, 0);
        let (mut now, mut puts) = (Budget::day_of(NOW), 0);
        while now < Budget::day_of(NOW) + DAY {
            now = now.max(budget.opens_at(now));
            if now < Budget::day_of(NOW) + DAY {
                budget.spend(now);
                puts += 1;
            }
            now += 10;
        }
        assert!((890..=900).contains(&puts), "{puts}");
        assert_eq!(budget.opens_at(now), 0, "and the next one begins anew");
    }

    #[test]
    fn without_a_bound_nothing_waits() {
        let budget = Budget::new(None);
        assert!(!budget.is_new());
        (0..5_000).for_each(|_| budget.spend(NOW));
        assert_eq!(budget.opens_at(NOW), 0);
    }
}
