use super::{Outline, Place, Step, Visitor, walk};
use crate::problem::{Position, ProblemKind, ReadError};
use serde_json::{Value, json};

/// Takes the values at one path, and enters those above it.
struct Taker {
    path: &'static str,
    values: Vec<Value>,
    faults: Vec<(Position, ProblemKind)>,
}

impl Visitor for Taker {
    fn choose(&mut self, place: &Place<'_>) -> Step {
        if place.path == self.path {
            Step::Take
        } else if self.path.starts_with(place.path) {
            Step::Enter
        } else {
            Step::Skip
        }
    }

    fn value(&mut self, _: &str, _: Position, value: Value) -> Result<(), ReadError> {
        self.values.push(value);
        Ok(())
    }

    fn fault(&mut self, _: &str, position: Position, kind: ProblemKind) -> Result<(), ReadError> {
        self.faults.push((position, kind));
        Ok(())
    }
}

fn take(path: &'static str, text: &[u8]) -> Result<Taker, ReadError> {
    let mut taker = Taker { path, values: Vec::new(), faults: Vec::new() };
    walk(&mut &*text, "test.json", &mut taker)?;
    Ok(taker)
}

fn check(path: &'static str, text: &str, expected: &Value) {
    let taken = take(path, text.as_bytes()).expect("a whole stream");
    assert_eq!(&Value::Array(taken.values), expected, "{text}");
    assert_eq!(taken.faults, [], "{text}");
}

#[test]
fn values_are_found_by_their_path() {
    check("[]", "[1, \"a\", {\"b\": []}, null]", &json!([1, "a", {"b": []}, null]));
    check("", "{\"a\":1}{\"b\":2}\n{\"c\":\n3}", &json!([{"a": 1}, {"b": 2}, {"c": 3}]));
    check(
        "data.Comment[]",
        r#"{"x":[{"Comment":[9]}],"data":{"y":"]}","Comment":[{"id":1},{"id":2}]},"z":0}"#,
        &json!([{"id": 1}, {"id": 2}]),
    );
    check("[].data[]", r#"[{"name":"t"},{"data":[1]},{"data":[2,3]}]"#, &json!([1, 2, 3]));
    check("a.b", r#"{"a":{"b":{"c":"\"}"}}}"#, &json!([{"c": "\"}"}]));
    check("[]", "", &json!([]));
    check("a", r#"{"a":}"#, &json!([]));
}

#[test]
fn marks_control_characters_and_missing_commas_are_forgiven() {
    check(
        "[]",
        "\u{feff}\u{0}[\u{0}{\"a\":\"x\ny\u{1}\tz\"},\u{1e}{\"b\":\u{0}1} {\"c\":2},,]",
        &json!([{"a": "x\ny \tz"}, {"b": 1}, {"c": 2}]),
    );
    check(
        "[]",
        r#"["\ud83d", "\ud83d\ude00", "\x", "\u12", "\uzzzz"]"#,
        &json!(["\u{fffd}", "😀", "x", "\u{fffd}12", "\u{fffd}zzzz"]),
    );
    let taken = take("[]", b"[\"caf\xe9\", 2]").expect("a whole stream");
    assert_eq!(taken.values, [json!("caf\u{fffd}"), json!(2)]);
}

#[test]
fn a_bad_value_costs_only_itself() {
    let taken = take("[]", br#"[{"a":1},{"a":nul},{a},{"b":]},{"a":2}]"#).expect("a whole stream");
    assert_eq!(taken.values.first(), Some(&json!({"a": 1})));
    assert_eq!(taken.values.last(), Some(&json!({"a": 2})));
    assert_eq!(taken.faults.len(), 3);
    let taken = take("", b"{\"a\":1}\n{\"a\":\"never ends\n{\"a\":3}\n").expect("a whole stream");
    assert_eq!(taken.values, [json!({"a": 1}), json!({"a": 3})]);
    assert_eq!(taken.faults, [(Position::Record(2), ProblemKind::BadField)]);
}

#[test]
fn deep_and_large_values_are_faults() {
    let deep = format!("[{}{}, 7]", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let taken = take("[]", deep.as_bytes()).expect("a whole stream");
    assert_eq!((taken.values, taken.faults), (vec![json!(7)], vec![(Position::Record(1), ProblemKind::TooDeep)]));
    let large = format!("[\"{}\", 7]", "x".repeat(17 * 1024 * 1024));
    let taken = take("[]", large.as_bytes()).expect("a whole stream");
    assert_eq!((taken.values, taken.faults), (vec![json!(7)], vec![(Position::Record(1), ProblemKind::TooLarge)]));
    assert!(take("[]", "{\"a\":".repeat(1_000_000).as_bytes()).is_err());
}

#[test]
fn a_stream_that_ends_inside_a_value_is_an_error() {
    let text = br#"{"data":{"Comment":[{"id":"a\"b","n":[1]},{"id":2}]}}"#;
    for end in 1..text.len() {
        assert!(matches!(take("data.Comment[]", &text[..end]), Err(ReadError::Malformed { .. })), "{end}");
    }
}

#[test]
fn an_outline_has_the_paths_of_a_sample() {
    let text = br#"{"data":{"Comment":[{"objectId":1,"a":{"b":{"c":{"d":{"e":1}}}}}]},"cut":"here"#;
    let outline = Outline::read(&mut &text[..], 1 << 20);
    assert!(outline.has("data.Comment[].objectId") && outline.has_all("data.Comment[]", &["objectId", "a"]));
    assert_eq!(outline.find(&["[]", "data.Comment[]"], &["objectId"]), Some("data.Comment[]"));
    assert!(!outline.has("data.Comment[].a.b.c.d.e"));
    assert_eq!(Outline::read(&mut &b"Just a text, [not] JSON"[..], 1 << 20).find(&["[]", ""], &["id"]), None);
}
