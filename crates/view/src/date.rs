//! Dates and times in UTC, from Unix seconds.

use crate::digits;
use crate::messages::Messages;

/// A time of the Gregorian calendar, in UTC.
pub(crate) struct Date {
    /// Days since the first of March of the year 0.
    #[cfg(feature = "catalogue")]
    days: u64,
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
            #[cfg(feature = "catalogue")]
            days,
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

    /// Date and time in words. The widget has no words for them: it gets the machine-readable text, which the browser's own words replace.
    pub(crate) fn date_time(&self, messages: &Messages) -> String {
        let mut out = String::new();
        if !self.push_pattern(&mut out, messages, "date.time") {
            return self.machine();
        }
        out
    }

    /// Appends what the pattern of a key names. Returns false if there is no such pattern.
    fn push_pattern(&self, out: &mut String, messages: &Messages, key: &str) -> bool {
        let mut rest = messages.get(key);
        if rest == key {
            return false;
        }
        let [year, month, day] = self.in_calendar(messages.get("date.calendar"));
        while let Some((before, name, after)) = next_placeholder(rest) {
            out.push_str(before);
            match name {
                "date" => _ = self.push_pattern(out, messages, "date.long"),
                "day" => push_number(out, messages, day, 1),
                "month" => out.push_str(messages.get(&month_key(month))),
                "year" => push_number(out, messages, year, 1),
                "hour" => push_number(out, messages, self.seconds / 3_600, 2),
                _ => push_number(out, messages, self.seconds / 60 % 60, 2),
            }
            rest = after;
        }
        out.push_str(rest);
        true
    }

    /// Year, month and day in a calendar: `persian`, `buddhist`, or else the Gregorian one.
    #[cfg(feature = "catalogue")]
    fn in_calendar(&self, calendar: &str) -> [u64; 3] {
        let gregorian = [self.year, self.month, self.day];
        match calendar {
            "persian" => persian(self.days),
            "buddhist" => [self.year + 543, self.month, self.day],
            _ => gregorian,
        }
    }

    #[cfg(not(feature = "catalogue"))]
    fn in_calendar(&self, _: &str) -> [u64; 3] {
        [self.year, self.month, self.day]
    }

    fn push_time(&self, out: &mut String) {
        digits::push(out, self.seconds / 3_600, 2);
        out.push(':');
        digits::push(out, self.seconds / 60 % 60, 2);
    }
}

/// Year, month and day of the Persian calendar, from days since the first of March of the year 0. Years of 366 days follow a cycle of 33 years, which
/// agrees with the equinox until 2124.
#[cfg(feature = "catalogue")]
fn persian(days: u64) -> [u64; 3] {
    /// Days from the first of March of the year 0 to the first day of the year 1.
    const EPOCH_DAYS: u64 = 227_200;
    let day = days.saturating_sub(EPOCH_DAYS);
    let first_day = |year: u64| 365 * (year - 1) + (8 * year + 21) / 33;
    let estimate = 1 + (33 * day + 3) / 12_053;
    let year = if day < first_day(estimate) { estimate - 1 } else { estimate };
    let day = day - first_day(year);
    // Six months have 31 days, the others 30.
    let (month, day) = if day < 186 { (day / 31, day % 31) } else { (6 + (day - 186) / 30, (day - 186) % 30) };
    [year, month + 1, day + 1]
}

/// The text before the first placeholder, its name, and the text after it.
fn next_placeholder(pattern: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = pattern.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

fn month_key(month: u64) -> String {
    let mut key = String::from("month.");
    digits::push(&mut key, month, 1);
    key
}

fn push_number(out: &mut String, messages: &Messages, number: u64, width: u32) {
    let mut ascii = String::new();
    digits::push(&mut ascii, number, width);
    ascii.bytes().for_each(|digit| messages.push_digit(out, digit));
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
    fn without_a_pattern_a_time_is_machine_readable() {
        assert_eq!(Date::new(0).date_time(&Messages::default()), "1970-01-01T00:00:00Z");
    }

    #[cfg(feature = "catalogue")]
    #[test]
    fn times_are_in_the_calendar_and_digits_of_the_language() {
        use crate::catalogue::messages;
        // The first is the last day of a Persian year with a leap day.
        for (unix, lang, expected) in [
            (1_742_428_800, "fa", "۳۰ اسفند ۱۴۰۳، ۰۰:۰۰ UTC"),
            (1_742_515_200, "fa", "۱ فروردین ۱۴۰۴، ۰۰:۰۰ UTC"),
            (1_320_999_999, "th", "11 พฤศจิกายน 2554, 08:26 UTC"),
            (1_320_999_999, "ja", "2011年11月11日 08:26 UTC"),
            (1_320_999_999, "id", "11 November 2011, 08.26 UTC"),
            (1_320_999_999, "en", "11 November 2011, 08:26 UTC"),
        ] {
            assert_eq!(Date::new(unix).date_time(messages(lang)), expected);
        }
    }
}
