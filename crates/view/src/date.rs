//! Dates and times in UTC, from Unix seconds.

use crate::digits;
use crate::messages::Messages;

/// A time of the Gregorian calendar, in UTC.
pub(crate) struct Date {
    year: u64,
    month: u64,
    day: u64,
    seconds: u64,
}

impl Date {
    /// Converts Unix seconds. Times outside the years 1970 to 9999 are clamped to that range.
    pub(crate) fn new(unix: i64) -> Self {
        const END: u64 = 253_402_300_799;
        let unix = u64::try_from(unix).unwrap_or(0).min(END);
        // Years start in March in this calculation, so that the leap day is the last day of its year.
        let days = unix / 86_400 + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let march = (5 * day + 2) / 153;
        let month = if march < 10 { march + 3 } else { march - 9 };
        Self {
            year: era * 400 + year + u64::from(month <= 2),
            month,
            day: day - (153 * march + 2) / 5 + 1,
            seconds: unix % 86_400,
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

    /// The date, in words.
    pub(crate) fn day(&self, messages: &Messages) -> String {
        self.write(messages, messages.get("date"))
    }

    /// Date and time, in words.
    pub(crate) fn full(&self, messages: &Messages) -> String {
        self.write(messages, messages.get("date.time"))
    }

    fn write(&self, messages: &Messages, pattern: &str) -> String {
        let mut out = String::new();
        let mut rest = pattern;
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
