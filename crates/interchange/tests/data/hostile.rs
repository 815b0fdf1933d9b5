//! Files that are cut, damaged, or made to do harm.

use afterword_interchange::{Format, ReadError};

use crate::support::{fixture, lines, records};

const JSON_FORMATS: [Format; 13] = [
    Format::IssoJson,
    Format::Remark42,
    Format::Commento,
    Format::Comentario,
    Format::Cusdis,
    Format::Waline,
    Format::Twikoo,
    Format::Valine,
    Format::Artalk,
    Format::Giscus,
    Format::Utterances,
    Format::Ghost,
    Format::Json,
];

/// A row that has the fields of every format.
const ANY_ROW: &str = r##"{"id":"a","_id":"a","objectId":"a","commentHex":"a","pid":"b","rid":"b","parentHex":"b","parent":"b","parent_id":"b","url":"/a","page_key":"/a","pageId":"p","post_id":"p",
    "nick":"N\u0000\ud800","name":"<script>","user":{"name":"x","login":"y"},"author":{"login":"z"},"locator":{"url":"https://blog.example/","site":"s"},"comment":"<p>c\u0007</p>","content":"x","text":"t","html":"h","markdown":"m","body":"b","title":"t","number":1,
    "by_nickname":"n","by_email":"e","approved":true,"status":"approved","created":"99999-99-99","time":1e300,"created_at":"0000-00-00 00:00:00","createdAt":-5,"insertedAt":{"__type":"Date","iso":null},"created_epoch":[],"comments":[{"id":1,"text":"x"}],"issue_url":"https://api.github.com/repos/o/r/issues/1"}"##;

fn envelopes() -> Vec<String> {
    let path = |before: &str, after: &str| format!("{before}{ANY_ROW},{ANY_ROW}{after}");
    vec![
        path("[", "]"),
        path("", "\n"),
        path("{\"results\":[", "]}"),
        path("{\"comments\":[", "],\"commenters\":[],\"pages\":[{\"id\":\"p\"}]}"),
        path("{\"data\":{\"Comment\":[", "],\"Users\":[{}]}}"),
        path("{\"data\":{\"repository\":{\"discussions\":{\"nodes\":[", "]}}}}"),
    ]
}

#[test]
fn every_truncation_of_json_is_read_or_an_error() {
    for envelope in envelopes() {
        for format in JSON_FORMATS {
            for end in (0..envelope.len()).step_by(7) {
                let _may_be_an_error = records(format, &[("cut.json", &envelope.as_bytes()[..end])], None);
            }
        }
    }
}

#[test]
fn control_characters_and_times_out_of_range_are_left_out() {
    for format in [Format::Twikoo, Format::Waline, Format::Artalk, Format::Remark42, Format::Json] {
        let found = records(format, &[("rows.json", format!("[{ANY_ROW}]").as_bytes())], None).unwrap();
        assert_eq!(found.comments.len(), 1, "{format:?}");
        let text = lines(&found);
        assert!(!text.contains(['\0', '\u{7}']), "{text}");
        assert!(!text.contains("99999"), "{text}");
    }
}

#[test]
fn nesting_of_a_million_levels_costs_one_record_or_is_an_error() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(1_000_000), close.repeat(1_000_000));
    for format in [Format::Remark42, Format::Giscus, Format::Cusdis] {
        let text = format!("[{},{ANY_ROW}]", deep("[", "]"));
        let _may_be_an_error = records(format, &[("deep.json", text.as_bytes())], None);
    }
    let text = format!(
        "[{{\"url\":\"/\",\"text\":\"x\",\"date\":1500000000}},{{\"url\":\"/\",\"text\":{}}},{{\"url\":\"/\",\"text\":\"y\",\"date\":1500000001}}]",
        deep("[", "]")
    );
    let found = records(Format::Json, &[("deep.json", text.as_bytes())], None).unwrap();
    assert_eq!((found.comments.len(), found.problems.len()), (2, 1));
    let yaml = format!("message: x\na: {}", "[".repeat(500_000));
    let found = records(Format::Staticman, &[("_data/comments/p/1.yml", yaml.as_bytes())], None).unwrap();
    assert_eq!((found.comments.len(), found.problems.len()), (0, 1));
}

#[test]
fn every_truncation_of_text_and_databases_is_read_or_an_error() {
    let sql = fixture("isso/comments.sql");
    for end in (0..sql.len()).step_by(3) {
        for format in [Format::IssoDatabase, Format::Cusdis, Format::Garrul, Format::Ghost] {
            let _may_be_an_error = records(format, &[("cut.sql", &sql[..end])], None);
        }
    }
    let yaml = fixture("staticman/_data/comments/post-two/comment-1514406795156.yml");
    for end in 0..yaml.len() {
        assert!(records(Format::Staticman, &[("_data/comments/p/1.yml", &yaml[..end])], None).is_ok());
    }
    let packed = fixture("comentario/comentario-ok-single-v3.json.gz");
    for end in 3..packed.len() {
        assert!(records(Format::Comentario, &[("cut.gz", &packed[..end])], None).is_err(), "{end}");
    }
}

#[test]
fn files_in_16_bit_encodings_are_read() {
    let json = r#"[{"url":"/é","text":"naïve 😀","name":"Zoë","date":1500000000}]"#;
    for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let bytes: Vec<u8> = "\u{feff}".encode_utf16().chain(json.encode_utf16()).flat_map(to_bytes).collect();
        let found = records(Format::Json, &[("wide.json", &bytes)], None).unwrap();
        assert_eq!((found.comments[0].name.as_str(), found.comments[0].body.text.as_str()), ("Zoë", "naïve 😀"));
    }
}

#[test]
fn circles_of_parents_and_repeated_ids_are_passed_on() {
    // The plan breaks circles and counts repetitions; readers keep no list of all ids.
    let json = r#"[{"url":"/","id":"a","parent":"b","text":"x","date":1},{"url":"/","id":"b","parent":"a","text":"y","date":2},{"url":"/","id":"b","parent":"b","text":"z","date":3}]"#;
    let found = records(Format::Json, &[("circle.json", json.as_bytes())], None).unwrap();
    let parents: Vec<_> =
        found.comments.iter().map(|comment| (comment.id.as_str(), comment.parent.as_deref())).collect();
    assert_eq!(parents, [("a", Some("b")), ("b", Some("a")), ("b", Some("b"))]);
}

#[test]
fn errors_never_quote_the_file() {
    for (format, text) in [
        (Format::Json, r#"[{"url":"/","text":"secret-word"#),
        (Format::Cusdis, "INSERT INTO comments VALUES ('secret-word"),
        (Format::Csv, "url,text\n/,\"secret-word"),
    ] {
        if let Err(error) = records(format, &[("x", text.as_bytes())], None) {
            assert!(!error.to_string().contains("secret-word"), "{error}");
            assert!(!matches!(error, ReadError::UnknownFormat { .. }));
        }
    }
}
