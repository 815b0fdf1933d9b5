//! Dates and times in UTC, from Unix seconds.

use crate::digits;
use crate::messages::Messages;

/// Date and time of a reader, in words, without the name of their time zone. `seconds` is the Unix time plus the offset of that zone, both in
/// seconds.
pub fn local_time(messages: &Messages, seconds: i64) -> String {
    Date::new(seconds).write(messages, "date.local")
}

/// A time of the Gregorian calendar, in UTC.
pub(crate) struct Date {
    year: u64,
    month: u64,
    day: u64,
    seconds: u64,
}

impl Date {
    /// Converts Unix seconds. Times outside of the years 0 to 9999 become the first of March of the year 0, or the last second of 9999.
    pub(crate) fn new(unix: i64) -> Self {
        /// Days from the first of March of the year 0 to the first of January 1970.
        const EPOCH_DAYS: i64 = 719_468;
        const END: i64 = 253_402_300_799;
        let seconds = (unix.min(END) + EPOCH_DAYS * 86_400).max(0) as u64;
        let days = seconds / 86_400;
        // Years start in March in this calculation, so that the leap day is the last day of its year.
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let march = (5 * day + 2) / 153;
        let month = if march < 10 { march + 3 } else { march - 9 };
        Self {
            year: era * 400 + year + u64::from(month <= 2),
            month,
            day: day - (153 * march + 2) / 5 + 1,
            seconds: seconds % 86_400,
        }
    }

    /// `2011-11-11T08:26:40Z`, the format of the `datetime` attribute.
    pub(crate) fn machine(&self) -> String {
        let mut text = String::with_capacity(20);
        digits::push(&mut text, self.year, 4);
        for number in [self.month, self.day] {
            text.push('-');
            digits::push(&mut text, number, 2);
        }
        text.push('T');
        self.push_time(&mut text);
        text.push(':');
        digits::push(&mut text, self.seconds % 60, 2);
        text.push('Z');
        text
    }

    /// Date and time, in words, after the pattern of a key.
    pub(crate) fn write(&self, messages: &Messages, key: &str) -> String {
        let mut out = String::new();
        let mut rest = messages.get(key);
        while let Some((before, (name, after))) = rest.split_once('{').and_then(|(b, a)| Some((b, a.split_once('}')?)))
        {
            out.push_str(before);
            match name {
                "day" => digits::push(&mut out, self.day, 1),
                "month" => out.push_str(messages.get(&self.month_key())),
                "year" => digits::push(&mut out, self.year, 1),
                _ => self.push_time(&mut out),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn month_key(&self) -> String {
        let mut key = String::from("month.");
        digits::push(&mut key, self.month, 1);
        key
    }

    fn push_time(&self, out: &mut String) {
        digits::push(out, self.seconds / 3_600, 2);
        out.push(':');
        digits::push(out, self.seconds / 60 % 60, 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(unix: i64, expected: &str) {
        assert_eq!(Date::new(unix).machine(), expected);
    }

    #[test]
    fn times_before_1970_are_dates_too() {
        check(0, "1970-01-01T00:00:00Z");
        check(-1, "1969-12-31T23:59:59Z");
        check(-5 * 3_600, "1969-12-31T19:00:00Z");
        check(-2_203_891_200, "1900-03-01T00:00:00Z");
        check(-2_203_891_201, "1900-02-28T23:59:59Z");
        check(i64::MIN, "0000-03-01T00:00:00Z");
        check(i64::MAX, "9999-12-31T23:59:59Z");
    }

    #[test]
    fn leap_days_are_dates() {
        check(951_782_400, "2000-02-29T00:00:00Z");
        check(1_709_251_199, "2024-02-29T23:59:59Z");
        check(1_709_251_200, "2024-03-01T00:00:00Z");
    }

    #[test]
    fn a_local_time_has_no_zone() {
        let source =
            r#"{"date.local": "{day} {month} {year}, {time}", "month.11": "November", "month.12": "December"}"#;
        let messages: Messages = serde_json::from_str(source).unwrap();
        // Midnight in Kathmandu, whose offset has three quarters of an hour.
        assert_eq!(local_time(&messages, 1_795_718_700 + 20_700), "27 November 2026, 00:30");
        assert_eq!(local_time(&messages, -18_000), "31 December 1969, 19:00");
    }
}
