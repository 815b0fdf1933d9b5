//! Names of backup files: the day and the ISO week of a backup, in UTC.

use chrono::{DateTime, Datelike, NaiveDate};

/// Last day whose year has four digits, 9999-12-31.
const LAST_DAY: i64 = 2_932_896;
const DAY_SECONDS: i64 = 86_400;
const DAY_MILLIS: f64 = 86_400_000.0;

/// A UTC day from 1970-01-01 to 9999-12-31.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BackupDay {
    /// Days since 1970-01-01.
    number: i64,
}

impl BackupDay {
    /// The day with this number, counted from 1970-01-01 as 0. A number out of range becomes the nearest one in range.
    pub(crate) fn new(number: i64) -> Self {
        Self { number: number.clamp(0, LAST_DAY) }
    }

    /// The day of a time in Unix milliseconds.
    pub(crate) fn from_millis(millis: f64) -> Self {
        // The cast saturates, and turns NaN into 0.
        Self::new((millis / DAY_MILLIS).floor() as i64)
    }

    /// Days since 1970-01-01.
    pub(crate) fn number(self) -> i64 {
        self.number
    }

    /// The date, such as `2026-11-22`.
    pub(crate) fn date(self) -> String {
        self.calendar_date().to_string()
    }

    /// The ISO 8601 week, such as `2026-W47`. Weeks begin on Monday and belong to the year of their Thursday.
    pub(crate) fn week(self) -> String {
        let week = self.calendar_date().iso_week();
        format!("{:04}-W{:02}", week.year(), week.week())
    }

    fn calendar_date(self) -> NaiveDate {
        // Every number in range is a date.
        DateTime::from_timestamp(self.number * DAY_SECONDS, 0).unwrap_or_default().date_naive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_iso_weeks_match_the_calendar() {
        // Unix seconds, with the output of `date -u -d @… +'%F %G-W%V'`.
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
            let day = BackupDay::from_millis(unix * 1_000.0);
            assert_eq!((day.date().as_str(), day.week().as_str()), (date, week));
            assert_eq!(BackupDay::new(day.number()), day);
        }
        for nonsense in [f64::NAN, f64::NEG_INFINITY, -1.0] {
            assert_eq!(BackupDay::from_millis(nonsense), BackupDay::new(0));
        }
        assert_eq!(BackupDay::from_millis(f64::INFINITY).date(), "9999-12-31");
        assert_eq!(BackupDay::new(i64::MAX).date(), "9999-12-31");
    }

    #[test]
    fn file_names_ascend_with_time() {
        let days: Vec<BackupDay> = (0..40_000).map(BackupDay::new).collect();
        assert!(days.windows(2).all(|pair| pair[0].date() < pair[1].date() && pair[0].week() <= pair[1].week()));
    }
}
