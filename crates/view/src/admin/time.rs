//! Times, as an age and on the clock.

use maud::{Markup, html};

use crate::admin::sentence::count;
use crate::date::Date;
use crate::messages::Messages;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A time as its age, and on the clock if it is less than a day ago. The script shows the clock of the browser's zone.
pub(crate) fn moment(texts: &Messages, now: i64, at: i64) -> Markup {
    let date = Date::new(at);
    let is_recent = (MINUTE..DAY).contains(&(now - at));
    html! {
        time datetime=(date.machine()) title=(date.date_time(texts)) {
            (age(texts, now - at)) @if is_recent { ", " span.at { (time_of_day(&date)) } }
        }
    }
}

/// The time of the day, with its zone.
fn time_of_day(date: &Date) -> String {
    date.machine().get(11..16).unwrap_or_default().to_owned() + " UTC"
}

/// A time as date and time of the clock.
pub(crate) fn clock(texts: &Messages, at: i64) -> Markup {
    let date = Date::new(at);
    html! { time.clock datetime=(date.machine()) { (date.date_time(texts)) } }
}

/// A number of seconds in words, in the largest unit that it fills.
pub(crate) fn age(texts: &Messages, seconds: i64) -> String {
    let (key, unit) = match seconds {
        ..MINUTE => return texts.get("age.now").to_owned(),
        MINUTE..HOUR => ("age.minutes", MINUTE),
        HOUR..DAY => ("age.hours", HOUR),
        _ => ("age.days", DAY),
    };
    count(texts, key, (seconds / unit).unsigned_abs())
}

/// The day of a time, in UTC: `2011-11-11`, as a field for a date takes it.
pub(crate) fn day(at: i64) -> String {
    let mut day = Date::new(at).machine();
    day.truncate(10);
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::texts;

    #[test]
    fn ages_are_in_the_largest_full_unit() {
        for (seconds, expected) in [
            (-5, "just now"),
            (59, "just now"),
            (60, "1 min ago"),
            (3_599, "59 min ago"),
            (7_200, "2 h ago"),
            (86_400, "1 day ago"),
            (86_400 * 400, "400 days ago"),
        ] {
            assert_eq!(age(texts(), seconds), expected);
        }
    }
}
