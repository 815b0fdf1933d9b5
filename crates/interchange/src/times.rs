//! Times in the forms that other systems write.

use crate::record::{SourceTime, TimeQuality};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

/// The last second of the year 9999.
const MAX_SECONDS: i64 = 253_402_300_799;
/// The offset of no place on Earth is larger.
const MAX_ZONE_MINUTES: i32 = 15 * 60;

/// Reads a time: RFC 3339 and its relatives with a blank or without a zone, RFC 2822, the output of Go and of JavaScript, or a number of
/// seconds, milliseconds, microseconds or nanoseconds. A time without a zone is in `zone_minutes`, or in UTC.
pub(crate) fn parse_time(text: &str, zone_minutes: Option<i32>) -> SourceTime {
    let text = text.trim();
    if let Some(time) = fixed_time(text, zone_minutes) {
        return within_range(time);
    }
    if let Ok(number) = text.parse::<f64>() {
        return number_time(number);
    }
    let parsed = DateTime::parse_from_rfc2822(text).ok().map(|time| (time.timestamp(), TimeQuality::Exact));
    parsed
        .or_else(|| javascript_time(text))
        .or_else(|| date_time(text, zone_minutes))
        .map_or_else(SourceTime::default, within_range)
}

/// `2020-01-01 10:00:00`, with a `T` in place of the blank or a `Z` at the end. Most exports have no other form.
fn fixed_time(text: &str, zone_minutes: Option<i32>) -> Option<(i64, TimeQuality)> {
    let (local, is_universal) = text.strip_suffix('Z').map_or((text, false), |local| (local, true));
    let bytes: &[u8; 19] = local.as_bytes().try_into().ok()?;
    let has_marks = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')].iter().all(|(at, mark)| bytes[*at] == *mark);
    if !has_marks || !matches!(bytes[10], b' ' | b'T') {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        bytes[range]
            .iter()
            .try_fold(0_u32, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(number(0..4)?).ok()?, number(5..7)?, number(8..10)?)?;
    let time = NaiveTime::from_hms_opt(number(11..13)?, number(14..16)?, number(17..19)?)?;
    let local = NaiveDateTime::new(date, time).and_utc().timestamp();
    Some(if is_universal { (local, TimeQuality::Exact) } else { in_zone(local, zone_minutes) })
}

/// A local time in the zone that was given, or in UTC.
fn in_zone(local: i64, zone_minutes: Option<i32>) -> (i64, TimeQuality) {
    let minutes = zone_minutes.unwrap_or(0).clamp(-MAX_ZONE_MINUTES, MAX_ZONE_MINUTES);
    (local - i64::from(minutes) * 60, TimeQuality::ZoneGuessed)
}

/// A time as a number since 1970, whose size tells its unit.
#[expect(clippy::cast_possible_truncation, reason = "within the range of years, which is checked")]
pub(crate) fn number_time(number: f64) -> SourceTime {
    let magnitude = number.abs();
    let seconds = match magnitude {
        m if m < 1e11 => number,
        m if m < 1e14 => number / 1e3,
        m if m < 1e17 => number / 1e6,
        m if m < 1e20 => number / 1e9,
        _ => return SourceTime::default(),
    };
    within_range((seconds.floor() as i64, TimeQuality::Exact))
}

fn within_range((seconds, quality): (i64, TimeQuality)) -> SourceTime {
    // Zero and less is what programs write if they have no time.
    if (1..=MAX_SECONDS).contains(&seconds) { SourceTime { seconds, quality } } else { SourceTime::default() }
}

/// `Tue Jan 03 2017 15:19:46 GMT+0100 (CET)`.
fn javascript_time(text: &str) -> Option<(i64, TimeQuality)> {
    let text = text.split(" (").next()?;
    let time = DateTime::parse_from_str(text, "%a %b %d %Y %H:%M:%S GMT%z").ok()?;
    Some((time.timestamp(), TimeQuality::Exact))
}

fn date_time(text: &str, zone_minutes: Option<i32>) -> Option<(i64, TimeQuality)> {
    let date_text = text.get(..10)?;
    let date = NaiveDate::parse_from_str(date_text, "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(date_text, "%Y/%m/%d"))
        .ok()?;
    let rest = text.get(10..)?.trim_start_matches(['T', 't', ' ', '_']);
    let (clock, zone) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(rest.len()));
    let zone = zone
        .strip_prefix(['.', ','])
        .map_or(zone, |fraction| fraction.trim_start_matches(|c: char| c.is_ascii_digit()));
    let local = NaiveDateTime::new(date, parse_clock(clock)?).and_utc().timestamp();
    match parse_zone(zone.trim())? {
        Zone::Known(minutes) => Some((local - i64::from(minutes) * 60, TimeQuality::Exact)),
        Zone::Absent => Some(in_zone(local, zone_minutes)),
    }
}

/// Hours, minutes and seconds; midnight if there are none. A leap second is the one before it.
fn parse_clock(clock: &str) -> Option<NaiveTime> {
    let mut parts = clock.split(':').map(|part| if part.is_empty() { Some(0) } else { part.parse::<u32>().ok() });
    let mut next = || parts.next().unwrap_or(Some(0));
    let (hour, minute, second) = (next()?, next()?, next()?);
    NaiveTime::from_hms_opt(hour, minute, if second == 60 { 59 } else { second })
}

enum Zone {
    Known(i32),
    Absent,
}

/// `Z`, `UTC`, `+08:00`, `+0800`, `+08`, each with a name after it that is ignored, or nothing.
fn parse_zone(zone: &str) -> Option<Zone> {
    if zone.is_empty() {
        return Some(Zone::Absent);
    }
    if ["Z", "z", "UTC", "GMT"].iter().any(|name| zone.starts_with(name)) {
        return Some(Zone::Known(0));
    }
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' | '\u{2212}' => -1,
        _ => return None,
    };
    let digits: String = zone.chars().skip(1).filter(|c| *c != ':').take_while(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i32>().ok()?, 0),
        4 => (digits.get(..2)?.parse::<i32>().ok()?, digits.get(2..)?.parse::<i32>().ok()?),
        _ => return None,
    };
    let total = hours * 60 + minutes;
    (total <= MAX_ZONE_MINUTES).then_some(Zone::Known(sign * total))
}

#[cfg(test)]
mod tests {
    use super::parse_time;
    use crate::record::{SourceTime, TimeQuality};

    fn check(text: &str, zone: Option<i32>, seconds: i64, quality: TimeQuality) {
        assert_eq!(parse_time(text, zone), SourceTime { seconds, quality }, "{text}");
    }

    #[test]
    fn times_with_a_zone_are_exact() {
        for text in [
            "2013-04-02T10:11:12Z",
            "2013-04-02T10:11:12.345Z",
            "2013-04-02T05:11:12.123456789-05:00",
            "2013-04-02 18:11:12 +0800 CST",
            "2013-04-02 18:11:12.5 +0800 CST m=+0.1",
            "2013-04-02 10:11:12+00",
            "2013-04-02 10:11:12 +0000 UTC",
            "2013/04/02 10:11:12 UTC",
            "Tue, 02 Apr 2013 10:11:12 GMT",
            "Tue Apr 02 2013 12:11:12 GMT+0200 (CEST)",
            "1364897472",
            "1364897472.75",
            "1364897472000",
            "1364897472000000",
        ] {
            check(text, Some(60), 1_364_897_472, TimeQuality::Exact);
        }
    }

    #[test]
    fn times_without_a_zone_are_in_the_given_one() {
        check("2013-04-02 10:11:12", None, 1_364_897_472, TimeQuality::ZoneGuessed);
        check("2013-04-02 10:11:12", Some(480), 1_364_897_472 - 480 * 60, TimeQuality::ZoneGuessed);
        check("2013-04-02T10:11", None, 1_364_897_460, TimeQuality::ZoneGuessed);
        check("2013-04-02", None, 1_364_860_800, TimeQuality::ZoneGuessed);
        check("2016-12-31T23:59:60", None, 1_483_228_799, TimeQuality::ZoneGuessed);
    }

    #[test]
    fn times_out_of_range_or_unreadable_are_missing() {
        for text in [
            "",
            "0",
            "-5",
            "0001-01-01T00:00:00Z",
            "0000-00-00 00:00:00",
            "2013-13-40T10:11:12Z",
            "2013-04-02T25:00:00Z",
            "yesterday",
            "1e300",
            "NaN",
            "inf",
            "99999-01-01T00:00:00Z",
            "2013-04-02T10:11:12+99:99",
            "2013-04-02x",
            "２０１３-04-02",
        ] {
            check(text, None, 0, TimeQuality::Missing);
        }
    }
}
