//! Names of backup files: the day and the ISO week of a backup, in UTC.

use chrono::{DateTime, Datelike, NaiveDate};

/// A UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BackupDay(NaiveDate);

impl BackupDay {
    /// The day of a time in Unix milliseconds. A time that is no date becomes 1970-01-01.
    pub(crate) fn from_millis(millis: f64) -> Self {
        Self(DateTime::from_timestamp_millis(millis.floor() as i64).unwrap_or_default().date_naive())
    }

    /// The day with this number, a result of [`BackupDay::number`].
    pub(crate) fn from_number(number: i32) -> Self {
        Self(NaiveDate::from_num_days_from_ce_opt(number).unwrap_or_default())
    }

    /// Number of the day.
    pub(crate) fn number(self) -> i32 {
        self.0.num_days_from_ce()
    }

    /// The date, such as `2026-11-22`.
    pub(crate) fn date(self) -> String {
        self.0.to_string()
    }

    /// The ISO 8601 week, such as `2026-W47`. Weeks begin on Monday and belong to the year of their Thursday.
    pub(crate) fn week(self) -> String {
        let week = self.0.iso_week();
        format!("{:04}-W{:02}", week.year(), week.week())
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
            assert_eq!(BackupDay::from_number(day.number()), day);
        }
        for nonsense in [f64::NAN, f64::NEG_INFINITY, f64::INFINITY] {
            assert_eq!(BackupDay::from_millis(nonsense).date(), "1970-01-01");
        }
        assert_eq!(BackupDay::from_number(i32::MAX).date(), "1970-01-01");
    }

    #[test]
    fn file_names_ascend_with_time() {
        let days: Vec<BackupDay> = (0..40_000).map(|day| BackupDay::from_number(719_163 + day)).collect();
        assert!(days.windows(2).all(|pair| pair[0].date() < pair[1].date() && pair[0].week() <= pair[1].week()));
    }
}
