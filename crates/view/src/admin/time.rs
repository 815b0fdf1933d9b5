//! Times, as an age and on the clock.

use maud::{Markup, html};

use crate::admin::sentence::count;
use crate::date::Date;
use crate::messages::Messages;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A time as its age, with the time of the clock behind it. The script shows both in the zone of the browser.
pub(crate) fn moment(texts: &Messages, now: i64, at: i64) -> Markup {
    let date = Date::new(at);
    let full = date.date_time(texts);
    html! { time datetime=(date.machine()) title=(full) { (age(texts, now - at)) } }
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
