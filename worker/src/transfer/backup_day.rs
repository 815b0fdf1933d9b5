//! Days and weeks, in UTC.

/// The last day whose year has four digits, the end of 9999.
const LAST: i64 = 2_932_896;
const MILLIS: f64 = 86_400_000.0;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BackupDay {
    /// Days since 1970-01-01, a Thursday.
    number: i64,
}

impl BackupDay {
    /// The day of this number, from 1970-01-01, which is 0; one out of reach is the nearest within.
    pub(crate) fn new(number: i64) -> Self {
        Self { number: number.clamp(0, LAST) }
    }

    /// The day of a moment, in Unix milliseconds.
    pub(crate) fn of(millis: f64) -> Self {
        // A cast goes to the nearest number, and to 0 from what is none.
        Self::new((millis / MILLIS).floor() as i64)
    }

    /// Its number.
    pub(crate) fn number(self) -> i64 {
        self.number
    }

    /// `2026-11-22`.
    pub(crate) fn date(self) -> String {
        let (year, mut day) = self.in_year();
        let mut month = 1;
        while day >= days_in(year, month) {
            day -= days_in(year, month);
            month += 1;
        }
        format!("{year:04}-{month:02}-{:02}", day + 1)
    }

    /// `2026-W47`, as ISO 8601 counts weeks: they begin on Monday, and belong to the year of their Thursday.
    pub(crate) fn week(self) -> String {
        let weekday = (self.number + 3).rem_euclid(7);
        let thursday = Self { number: self.number - weekday + 3 };
        let (year, day) = thursday.in_year();
        format!("{year:04}-W{:02}", day / 7 + 1)
    }

    /// The year, and the day in it, from 0.
    fn in_year(self) -> (i64, i64) {
        let (mut year, mut day) = (1970, self.number);
        while day >= days_of(year) {
            day -= days_of(year);
            year += 1;
        }
        (year, day)
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_weeks_are_those_of_the_calendar() {
        // As `date -u -d @… +'%F %G-W%V'` has them, for Unix seconds.
        let cases = [
            (0.0, "1970-01-01", "1970-W01"),
            (86_399.999, "1970-01-01", "1970-W01"),
            (951_782_400.0, "2000-02-29", "2000-W09"),
            (1_230_768_000.0, "2009-01-01", "2009-W01"),
            (1_262_304_000.0, "2010-01-01", "2009-W53"),
            (1_325_376_000.0, "2012-01-01", "2011-W52"),
            (1_419_811_200.0, "2014-12-29", "2015-W01"),
            (1_609_459_200.0, "2021-01-01", "2020-W53"),
            (1_795_391_999.0, "2026-11-22", "2026-W47"),
            (1_795_392_000.0, "2026-11-23", "2026-W48"),
            (4_107_456_000.0, "2100-02-28", "2100-W08"),
            (4_107_542_400.0, "2100-03-01", "2100-W09"),
            (253_402_300_799.0, "9999-12-31", "9999-W52"),
        ];
        for (unix, date, week) in cases {
            let day = BackupDay::of(unix * 1_000.0);
            assert_eq!((day.date().as_str(), day.week().as_str()), (date, week));
            assert_eq!(BackupDay::new(day.number()), day);
        }
        for nonsense in [f64::NAN, f64::NEG_INFINITY, -1.0] {
            assert_eq!(BackupDay::of(nonsense), BackupDay::new(0));
        }
        assert_eq!(BackupDay::of(f64::INFINITY).date(), "9999-12-31");
        assert_eq!(BackupDay::new(i64::MAX).date(), "9999-12-31");
    }

    #[test]
    fn names_ascend_with_time() {
        let days: Vec<BackupDay> = (0..40_000).map(BackupDay::new).collect();
        assert!(days.windows(2).all(|pair| pair[0].date() < pair[1].date() && pair[0].week() <= pair[1].week()));
    }
}
