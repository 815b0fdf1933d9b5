//! Exponential backoff: delays that double with each failure in a row.

/// Delays after failures, in milliseconds.
pub(crate) struct Delays {
    /// Number of failures in a row that cause no delay.
    pub(crate) tolerated: u32,
    /// Delay after the first failure beyond those. Each further delay is twice as long.
    pub(crate) first: u64,
    /// Longest delay.
    pub(crate) max: u64,
}

/// Backoff of one address, or of KV as a whole. Times are in Unix milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Backoff {
    /// Failures since the last success.
    pub(crate) failures: u32,
    /// Time before which nothing is tried.
    pub(crate) until: u64,
}

impl Delays {
    /// Delay after this number of failures in a row.
    fn after(&self, failures: u32) -> u64 {
        match failures.saturating_sub(self.tolerated).checked_sub(1) {
            Some(doublings) => (self.first << doublings.min(20)).min(self.max),
            None => 0,
        }
    }
}

impl Backoff {
    /// Delay if the next attempt fails.
    pub(crate) fn next_delay(self, delays: &Delays) -> u64 {
        delays.after(self.failures.saturating_add(1))
    }

    /// Backoff after a failure.
    pub(crate) fn after_failure(self, delays: &Delays, now: u64) -> Self {
        Self { failures: self.failures.saturating_add(1), until: now + self.next_delay(delays) }
    }

    /// Backoff after a success, if the next attempt must not follow before this time.
    pub(crate) fn after_success(until: u64) -> Self {
        Self { failures: 0, until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_maximum() {
        let delays = Delays { tolerated: 2, first: 1_000, max: 30_000 };
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..9)
            .map(|_| {
                backoff = backoff.after_failure(&delays, 5_000);
                backoff.until - 5_000
            })
            .collect();
        assert_eq!(waits, [0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        let endless = Backoff { failures: u32::MAX, until: 0 };
        assert_eq!(endless.after_failure(&delays, 0), Backoff { failures: u32::MAX, until: 30_000 });
        assert_eq!(Backoff::after_success(7), Backoff { failures: 0, until: 7 });
    }
}
