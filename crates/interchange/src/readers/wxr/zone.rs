//! The zone of a blog, learned from times that a file has in both forms.

use crate::record::{SourceTime, TimeQuality};
use crate::times::parse_time;

/// Seconds between two zones: all are multiples of a quarter of an hour.
const QUARTER: i64 = 15 * 60;
const DAY: i64 = 24 * 60 * 60;

/// The zone, as far as it is known.
pub(super) struct Zone {
    /// The owner's answer in minutes.
    given: Option<i32>,
    /// Offset in minutes of the last time that was there in both forms.
    learned: Option<i32>,
    /// The last local time of a post.
    last_local: Option<i64>,
}

impl Zone {
    pub(super) fn new(given: Option<i32>) -> Self {
        Self { given, learned: None, last_local: None }
    }

    /// Takes the local time of a post.
    pub(super) fn local(&mut self, text: &str) {
        self.last_local = clock(text);
    }

    /// Takes the same time in UTC.
    pub(super) fn universal(&mut self, text: &str) {
        self.learn(self.last_local, clock(text));
    }

    fn learn(&mut self, local: Option<i64>, universal: Option<i64>) {
        let Some(difference) = local.zip(universal).map(|(local, universal)| local - universal) else { return };
        if difference.abs() < DAY && difference % QUARTER == 0 {
            self.learned = i32::try_from(difference / 60).ok();
        }
    }

    /// The time of a comment: in UTC if it is there, else the local one.
    pub(super) fn time(&mut self, local: &str, universal: &str) -> SourceTime {
        self.learn(clock(local), clock(universal));
        if let Some(seconds) = clock(universal) {
            return SourceTime { seconds, quality: TimeQuality::Exact };
        }
        parse_time(local, self.given.or(self.learned))
    }
}

/// The seconds of a time as if it were UTC. The column's default, `0000-00-00 00:00:00`, is none.
fn clock(text: &str) -> Option<i64> {
    let time = parse_time(text, Some(0));
    (time.quality != TimeQuality::Missing).then_some(time.seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: &str = "0000-00-00 00:00:00";

    #[test]
    fn universal_times_count() {
        let time = Zone::new(Some(60)).time("2020-01-01 02:00:00", "2020-01-01 00:00:00");
        assert_eq!(time, SourceTime { seconds: 1_577_836_800, quality: TimeQuality::Exact });
    }

    #[test]
    fn local_times_take_the_given_zone_or_the_learned_one() {
        let guessed = |seconds| SourceTime { seconds, quality: TimeQuality::ZoneGuessed };
        let mut zone = Zone::new(None);
        assert_eq!(zone.time("2020-01-01 00:00:00", NONE), guessed(1_577_836_800));
        zone.local("2020-01-01 05:30:00");
        zone.universal("2020-01-01 00:00:00");
        assert_eq!(zone.time("2020-01-01 05:30:00", ""), guessed(1_577_836_800));
        zone.given = Some(60);
        assert_eq!(zone.time("2020-01-01 01:00:00", ""), guessed(1_577_836_800));
        assert_eq!(zone.time(NONE, NONE), SourceTime::default());
    }

    #[test]
    fn two_times_that_are_not_the_same_teach_nothing() {
        let mut zone = Zone::new(None);
        zone.local("2020-01-01 00:00:00");
        zone.universal("2020-03-01 00:00:00");
        zone.local("2020-01-01 00:00:07");
        zone.universal("2020-01-01 00:00:00");
        assert_eq!(zone.learned, None);
    }
}
