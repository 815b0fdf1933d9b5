//! Typed access to the fields of a record: a JSON object, or a row of a table.

use crate::record::{SourceTime, TimeQuality};
use crate::times::{number_time, parse_time};
use serde_json::{Map, Value};

/// A row or object with its values by name.
pub(crate) type Row = Map<String, Value>;

/// Fields of a record. Each method takes one name, or several between `|`; the first one with a value counts.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a Row);

impl<'a> Fields<'a> {
    /// The value, unless it is null, missing or an empty string.
    pub(crate) fn value(self, names: &str) -> Option<&'a Value> {
        let present = |value: &&Value| !value.is_null() && value.as_str() != Some("");
        names.split('|').find_map(|name| self.0.get(name).filter(present))
    }

    /// True if the record has the field, whatever its value.
    pub(crate) fn has(self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The text of a string or number, without control characters; empty if there is none.
    pub(crate) fn text(self, names: &str) -> String {
        self.value(names).and_then(scalar_text).map(|text| clean(&text)).unwrap_or_default()
    }

    /// The same on one line.
    pub(crate) fn line(self, names: &str) -> String {
        self.text(names).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The same, or nothing if it is empty.
    pub(crate) fn some_line(self, names: &str) -> Option<String> {
        Some(self.line(names)).filter(|text| !text.is_empty())
    }

    /// An id: a string, a number, `{"$oid": …}` or a pointer `{"objectId": …}`.
    pub(crate) fn id(self, names: &str) -> Option<String> {
        id_text(self.value(names)?)
    }

    /// A truth value: boolean, number, or one of the usual words.
    pub(crate) fn flag(self, names: &str) -> Option<bool> {
        match self.value(names)? {
            Value::Bool(value) => Some(*value),
            Value::Number(number) => Some(number.as_f64() != Some(0.0)),
            Value::String(text) => flag_word(text),
            Value::Object(_) => self.number(names).map(|number| number != 0),
            Value::Array(_) | Value::Null => None,
        }
    }

    /// An integer: number, text of digits, `{"$numberLong": …}`; true is 1.
    pub(crate) fn number(self, names: &str) -> Option<i64> {
        integer(self.value(names)?)
    }

    /// A time in any form that [`parse_time`] reads, also `{"__type": "Date", "iso": …}` and `{"$date": …}`.
    pub(crate) fn time(self, names: &str, zone_minutes: Option<i32>) -> SourceTime {
        let mut times = names.split('|').filter_map(|name| self.value(name)).map(|value| time(value, zone_minutes));
        times.find(|time| time.quality != TimeQuality::Missing).unwrap_or_default()
    }

    /// A nested object.
    pub(crate) fn object(self, names: &str) -> Option<Fields<'a>> {
        self.value(names)?.as_object().map(Fields)
    }

    /// A nested array; empty if there is none.
    pub(crate) fn array(self, names: &str) -> &'a [Value] {
        self.value(names).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The id in a value; see [`Fields::id`].
pub(crate) fn id_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Object(object) => {
            let inner = object.get("$oid").or_else(|| object.get("objectId")).or_else(|| object.get("$numberLong"));
            scalar_text(inner.or_else(|| object.get("$uuid"))?)?
        }
        other => scalar_text(other)?,
    };
    let text = clean(text.trim());
    (!text.is_empty()).then_some(text)
}

fn flag_word(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "casts saturate, and such numbers are no real ones")]
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(value) => Some(i64::from(*value)),
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)),
        Value::String(text) => text.trim().parse().ok(),
        Value::Object(object) => {
            integer(object.get("$numberLong").or_else(|| object.get("$numberInt")).filter(|v| !v.is_object())?)
        }
        Value::Array(_) | Value::Null => None,
    }
}

fn time(value: &Value, zone_minutes: Option<i32>) -> SourceTime {
    match value {
        Value::Number(number) => number.as_f64().map(number_time).unwrap_or_default(),
        Value::String(text) => parse_time(text, zone_minutes),
        Value::Object(object) => {
            let inner = ["iso", "$date", "$numberLong", "$numberDouble"].iter().find_map(|name| object.get(*name));
            inner.map(|inner| time(inner, zone_minutes)).unwrap_or_default()
        }
        Value::Null | Value::Bool(_) | Value::Array(_) => SourceTime::default(),
    }
}

/// A text without the control characters that no comment needs, and without a byte order mark at its start.
pub(crate) fn clean(text: &str) -> String {
    let is_kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.trim_start_matches('\u{feff}').chars().filter(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use super::Fields;
    use crate::record::TimeQuality;
    use serde_json::{Value, json};

    fn with(value: &Value, check: impl Fn(Fields<'_>)) {
        check(Fields(value.as_object().expect("an object")));
    }

    #[test]
    fn ids_are_strings_numbers_or_object_ids() {
        let row = json!({"a": "x ", "b": 7, "c": {"$oid": "66f"}, "d": {"__type": "Pointer", "objectId": "p"}, "e": "", "f": null, "g": []});
        with(&row, |fields| {
            let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "f|b"].map(|name| fields.id(name));
            let expected = [Some("x"), Some("7"), Some("66f"), Some("p"), None, None, None, None, Some("7")];
            assert_eq!(ids.each_ref().map(|id| id.as_deref()), expected);
        });
    }

    #[test]
    fn times_come_in_many_wrappers() {
        let row = json!({
            "a": {"__type": "Date", "iso": "2024-01-15T10:30:00.000Z"}, "b": {"$date": "2024-01-15T10:30:00Z"},
            "c": {"$date": {"$numberLong": "1705314600000"}}, "d": {"$numberLong": "1705314600000"}, "e": 1_705_314_600_000_i64,
            "f": 1_705_314_600.25, "g": "1705314600",
        });
        with(&row, |fields| {
            for name in ["a", "b", "c", "d", "e", "f", "g", "x|a"] {
                assert_eq!(fields.time(name, None).seconds, 1_705_314_600, "{name}");
            }
            assert_eq!(fields.time("x", None).quality, TimeQuality::Missing);
        });
    }

    #[test]
    fn flags_and_numbers_come_as_words_too() {
        let row = json!({"a": "false", "b": true, "c": 1, "d": "1", "e": {"$numberLong": "12"}, "f": "[]", "g": "no", "h": 1e300});
        with(&row, |fields| {
            let flags = ["a", "b", "c", "d", "f", "g"].map(|name| fields.flag(name));
            assert_eq!(flags, [Some(false), Some(true), Some(true), Some(true), None, Some(false)]);
            assert_eq!(
                ["b", "d", "e", "f", "h"].map(|name| fields.number(name)),
                [Some(1), Some(1), Some(12), None, Some(i64::MAX)]
            );
        });
    }

    #[test]
    fn texts_lose_control_characters() {
        with(&json!({"a": "\u{feff}x\u{0}\u{1b}y\nz", "b": " a \n b "}), |fields| {
            assert_eq!(fields.text("a"), "xy\nz");
            assert_eq!(fields.line("b"), "a b");
        });
    }
}
