//! The times that the widget writes (`widget/times.js`), in Node.

use afterword_view::catalogue::{LANGUAGES, messages};
use afterword_view::{CommentState, comment_item};
use serde_json::{Value, json};

use crate::{context, fixture, node};

/// Writes the time of each case as the widget does, with a clock that shows `now`. Gives text and title.
const WRITE_TIMES: &str = "
const RealDate = Date;
console.log(JSON.stringify(input.map(([texts, page, now, dateTime]) => {
  globalThis.Date = class extends RealDate {
    constructor(...values) {
      super(...(values.length ? values : [now]));
    }
  };
  const time = { dateTime, textContent: '', title: '' };
  createTimeWriter(texts, page)({ querySelectorAll: () => [time] });
  return [time.textContent, time.title];
})));
";

fn write_times(zone: &str, cases: &Value) -> Vec<(String, String)> {
    node::run(&[include_str!("../../../../widget/times.js"), WRITE_TIMES].concat(), zone, cases)
}

/// Compares the text of each time, given as `[now, time, text]` in local time of the zone with its offset.
#[track_caller]
fn check(zone: &str, expected: &[(&str, &str, &str)]) {
    let cases: Vec<_> = expected.iter().map(|(now, time, _)| json!(["en-GB", "en", now, time])).collect();
    let texts: Vec<_> = write_times(zone, &json!(cases)).into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, expected.iter().map(|(_, _, text)| *text).collect::<Vec<_>>(), "{zone}");
}

#[test]
fn times_of_a_week_are_in_words() {
    let noon = "2026-11-27T12:00:00+01:00";
    check(
        "Europe/Berlin",
        &[
            (noon, "2026-11-27T11:59:30+01:00", "now"),
            (noon, "2026-11-27T11:59:00+01:00", "1 minute ago"),
            (noon, "2026-11-27T11:00:30+01:00", "59 minutes ago"),
            (noon, "2026-11-26T12:00:30+01:00", "23 hours ago"),
            (noon, "2026-11-26T12:00:00+01:00", "yesterday"),
            (noon, "2026-11-25T23:59:00+01:00", "2 days ago"),
            (noon, "2026-11-20T00:00:00+01:00", "7 days ago"),
            (noon, "2026-11-19T23:59:00+01:00", "19 November 2026"),
            (noon, "1970-01-01T01:00:00+01:00", "1 January 1970"),
        ],
    );
}

/// Days end at midnight of the reader, and may have 23 or 25 hours.
#[test]
fn days_are_those_of_the_calendar() {
    check(
        "Europe/Berlin",
        &[
            ("2026-11-27T00:01:00+01:00", "2026-11-25T23:59:00+01:00", "2 days ago"),
            ("2026-11-27T23:59:00+01:00", "2026-11-26T00:00:00+01:00", "yesterday"),
            ("2026-10-26T00:30:00+01:00", "2026-10-25T00:15:00+02:00", "yesterday"),
            ("2026-03-30T12:00:00+02:00", "2026-03-29T01:59:00+01:00", "yesterday"),
        ],
    );
    check("Pacific/Kiritimati", &[("2026-11-27T12:00:00Z", "2026-11-25T09:00:00Z", "3 days ago")]);
    check("America/Los_Angeles", &[("2026-11-27T12:00:00Z", "2026-11-25T09:00:00Z", "2 days ago")]);
}

#[test]
fn a_clock_that_is_wrong_shows_no_future() {
    let now = "2026-11-27T12:00:00Z";
    check(
        "UTC",
        &[(now, "2026-11-27T12:10:00Z", "now"), (now, "2027-01-01T00:00:00Z", "now"), (now, "not a time", "")],
    );
}

#[test]
fn dates_are_of_the_region_of_the_page_and_of_the_calendar_of_the_texts() {
    let cases = [
        ("en-GB", "en", "19 November 2026"),
        ("en-GB", "en-US", "November 19, 2026"),
        ("en-GB", "en_US", "19 November 2026"),
        ("en-GB", "tlh", "19 November 2026"),
        ("en-GB", "de-AT", "19 November 2026"),
        ("de", "de-AT", "19. November 2026"),
        ("zh-Hant", "zh-HK", "2026年11月19日"),
        ("fa-u-ca-persian-nu-arabext", "fa-IR", "۲۸ آبان ۱۴۰۵"),
        ("th-u-ca-buddhist-nu-latn", "th", "19 พฤศจิกายน 2569"),
        ("ar-u-ca-gregory-nu-latn", "ar-EG", "19 نوفمبر 2026"),
    ];
    let given = cases.map(|(texts, page, _)| json!([texts, page, "2026-11-30T12:00:00Z", "2026-11-19T12:00:00Z"]));
    let texts = write_times("UTC", &json!(given)).into_iter().map(|(text, _)| text);
    assert_eq!(texts.collect::<Vec<_>>(), cases.map(|(_, _, text)| text));
}

#[test]
fn the_full_time_is_the_title() {
    let cases = json!([["de", "de", "2026-11-27T12:00:00Z", "2026-11-27T11:00:00Z"]]);
    assert_eq!(
        write_times("Europe/Berlin", &cases),
        [("vor 1 Stunde".to_owned(), "27. November 2026 um 12:00".to_owned())]
    );
}

/// The text that the Worker rendered contains the date that the widget writes in its place.
#[test]
fn the_dates_of_worker_and_widget_agree() {
    let mut comment = fixture("one").comments.remove(0);
    // Versions of the CLDR differ in the spaces that do not break.
    let normalize = |text: &str| text.replace(['\u{a0}', '\u{202f}'], " ");
    let days = (0..60).map(|step| 1_320_999_999 + step * 73 * 86_400);
    let mut cases = Vec::new();
    let mut rendered = Vec::new();
    for lang in LANGUAGES {
        for created in days.clone() {
            comment.created = created;
            let context = context(messages(lang));
            let html =
                comment_item(&context, &fixture("one").url, &comment, 0, None, CommentState::Published).into_string();
            let time = html.split("<time class=\"dt-published\" datetime=\"").nth(1).unwrap();
            let (datetime, rest) = time.split_once("\">").unwrap();
            cases.push(json!([messages(lang).get("locale"), lang, "2026-11-27T12:00:00Z", datetime]));
            rendered.push((lang, normalize(rest.split_once('<').unwrap().0)));
        }
    }
    for ((lang, server), (widget, _)) in rendered.iter().zip(write_times("UTC", &json!(cases))) {
        assert!(server.contains(&normalize(&widget)), "{lang}: the Worker writes {server}, the widget {widget}");
    }
}
