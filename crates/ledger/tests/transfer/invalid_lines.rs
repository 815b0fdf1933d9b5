//! Lines that no export contains, and their errors.

use afterword_ledger::{ExportHeader, ImportError, InvalidLine, LineError, MAX_LINE_BYTES};
use afterword_model::Refusal;

use crate::fixtures::{TestDatabase, export, full_site, import_lines, render_plain, root_comment, submit, url};
use crate::properties::{check_import, empty_ledger};

/// The lines of a site with one comment: header, thread, comment.
fn lines() -> Vec<String> {
    let database = TestDatabase::new();
    submit(&database.ledger(), &root_comment("a", 1));
    export(&database.ledger(), 9)
}

/// Replaces text in a line of an export and returns the number and the error of the line that the import rejects.
fn line_error(line: usize, from: &str, to: &str) -> Option<(u64, LineError)> {
    let mut lines = lines();
    assert!(lines[line].contains(from), "{from} in {}", lines[line]);
    lines[line] = lines[line].replacen(from, to, 1);
    let ledger = empty_ledger();
    let before = export(&ledger, 9);
    match import_lines(&ledger, &lines, 9) {
        Ok(_) => None,
        Err(ImportError::Line(bad)) => {
            assert_eq!(export(&ledger, 9), before, "a rejected line writes nothing");
            Some((bad.number, bad.error))
        }
        Err(other) => panic!("{other}"),
    }
}

/// Indexes of the lines of [`lines`].
const THREAD: usize = 1;
const COMMENT: usize = 2;

#[track_caller]
fn check(line: usize, from: &str, to: &str, expected: LineError) {
    let number = u64::try_from(line).unwrap() + 1;
    assert_eq!(line_error(line, from, to), Some((number, expected)), "{to}");
}

#[test]
fn comment_fields_out_of_bounds_are_rejected() {
    check(COMMENT, r#""id":1,"#, r#""id":-1,"#, LineError::Field("id"));
    check(COMMENT, r#""id":1,"#, r#""id":9007199254740992,"#, LineError::Field("id"));
    check(COMMENT, r#""version":1"#, r#""version":-1"#, LineError::Field("version"));
    check(COMMENT, r#""placed":true"#, r#""placed":false"#, LineError::Field("placed"));
    check(COMMENT, r#""fingerprint":"hmac:0"#, r#""fingerprint":"\u0000"#, LineError::Field("fingerprint"));
    check(COMMENT, r#""author":null"#, r#""author":"""#, LineError::Field("author"));
    check(COMMENT, r#""mark":null"#, r#""mark":"<b>""#, LineError::Field("mark"));
    check(COMMENT, r#""votes":0"#, r#""votes":99999999999"#, LineError::Field("votes"));
    check(COMMENT, r#""created":1321000049"#, r#""created":-1"#, LineError::Field("created"));
    check(COMMENT, r#""edited":null"#, r#""edited":999999999999"#, LineError::Field("edited"));
    check(COMMENT, r#""erased":null"#, r#""erased":7"#, LineError::NotErased);
    check(COMMENT, r#""renderer":1"#, r#""renderer":-1"#, LineError::Field("renderer"));
    check(COMMENT, "00000000-0000-8000", "00000000_0000-8000", LineError::Refused(Refusal::BadId));
    check(COMMENT, r#""parent":null"#, r#""parent":"7""#, LineError::Field("parent"));
    check(COMMENT, r#""parent":null"#, r#""parent":"00000000-0000-8000-8000-000000000009""#, LineError::UnknownParent);
    check(COMMENT, r#""parent":null"#, r#""parent":"00000000-0000-8000-8000-000000000001""#, LineError::UnknownParent);
    check(COMMENT, "https://blog.example/a", "https://other.example/a", LineError::Refused(Refusal::UnknownSite));
    check(COMMENT, "https://blog.example/a", "javascript:alert(1)", LineError::Refused(Refusal::BadUrl));
    check(
        COMMENT,
        r#""name":"Author 1""#,
        &format!(r#""name":"{}""#, "a".repeat(81)),
        LineError::Refused(Refusal::NameTooLong),
    );
    check(COMMENT, r#""name":"Author 1""#, r#""name":"a\u0000""#, LineError::Refused(Refusal::BadCharacter));
    check(COMMENT, r#""email":null"#, r#""email":"nobody""#, LineError::Refused(Refusal::BadEmail));
    check(COMMENT, r#""website":null"#, r#""website":"javascript:alert(1)""#, LineError::Refused(Refusal::BadWebsite));
    check(
        COMMENT,
        r#""source":"Text 1 with"#,
        &format!(r#""source":"{}"#, "a".repeat(8_192)),
        LineError::Refused(Refusal::TextTooLong),
    );
    check(COMMENT, r#""html":""#, &format!(r#""html":"{}"#, "a".repeat(MAX_LINE_BYTES)), LineError::TooLong);
}

#[test]
fn thread_fields_out_of_bounds_are_rejected() {
    check(THREAD, r#""version":1"#, r#""version":0"#, LineError::Field("changes"));
    check(THREAD, r#""version":1"#, r#""version":9007199254740992"#, LineError::Field("version"));
    check(THREAD, r#""changes":1"#, r#""changes":-1"#, LineError::Field("changes"));
    check(
        THREAD,
        "https://blog.example/a",
        &format!("https://blog.example/{}", "a".repeat(2_048)),
        LineError::Refused(Refusal::UrlTooLong),
    );
}

#[test]
fn a_redirect_to_itself_is_not_imported() {
    for (from, to) in [("a", "a"), ("a", "a/"), ("new", "new#top")] {
        let mut lines = lines();
        let moved =
            format!(r#"{{"redirect":{{"from":"https://blog.example/{from}","to":"https://blog.example/{to}"}}}}"#);
        lines.insert(1, moved);
        let ledger = empty_ledger();
        let counts = import_lines(&ledger, &lines, 9).unwrap();
        assert_eq!((counts.moved, counts.threads, counts.known), (0, 1, 1), "{from} {to}");
        lines.remove(1);
        assert_eq!(export(&ledger, 9)[..3], lines[..3], "{from} {to}");
    }
}

#[test]
fn line_errors_have_no_final_full_stop() {
    let (number, error) = line_error(COMMENT, r#""website":null"#, r#""website":"javascript:alert(1)""#).unwrap();
    let text = ImportError::Line(InvalidLine { number, error }).to_string();
    assert_eq!(text, "line 3: This is not the address of a website", "the text may stand within a sentence");
}

#[test]
fn malformed_lines_are_rejected() {
    for (from, to) in [
        ("{\"comment\"", "{\"remark\""),
        ("{\"comment\"", "[{\"comment\""),
        ("\"id\"", "\"more\":1,\"id\""),
        ("\"id\":1", "\"id\":1.0"),
        ("\"id\":1", "\"id\":\"1\""),
        ("\"id\":1", "\"id\":1e400"),
        ("\"id\":1", "\"id\":1,\"id\":2"),
        ("\"status\":\"published\"", "\"status\":\"spam\""),
        ("\"source\"", "\"sauce\""),
        ("\"name\":\"Author 1\"", "\"name\":\"\\ud800\""),
        ("\"erased\":null}}", "\"erased\":null}"),
        ("\"erased\":null}}", "\"erased\":null}} {}"),
    ] {
        let found = line_error(COMMENT, from, to);
        assert!(matches!(found, Some((3, LineError::Json(_)))), "{to}: {found:?}");
    }
    let long = line_error(COMMENT, "\"id\"", &format!("\"{}\":1,\"id\"", "x".repeat(100_000)));
    assert!(matches!(long, Some((3, LineError::Json(text))) if text.len() < 1_000));
}

#[test]
fn imported_text_is_cleaned_like_a_submission() {
    let mut lines = lines();
    lines[2] = lines[2].replace("Author 1", " Ada\\u202e  L. ").replace("Text 1 with", "\\r\\nText\\u0007 1 with");
    let ledger = empty_ledger();
    import_lines(&ledger, &lines, 9).unwrap();
    let again = export(&ledger, 9);
    assert!(again[2].contains(r#""name":"Ada L.""#) && again[2].contains(r#""source":"Text 1 with"#), "{}", again[2]);
}

#[test]
fn text_that_cannot_be_rendered_is_shown_as_plain_text() {
    let mut lines = lines();
    let start = lines[2].find("\"source\"").unwrap();
    let end = lines[2].find("\"html\"").unwrap();
    lines[2].replace_range(start..end, "\"source\":\"refused\",");
    let ledger = empty_ledger();
    assert_eq!(
        import_lines(&ledger, &lines, 9).map(|counts| counts.refused),
        Ok(1),
        "text that the renderer refuses today is not lost"
    );
    let read = ledger.read_page(&url("a"), 1).unwrap();
    assert_eq!(read.comments[0].html, render_plain("refused"), "it is shown as plain text");
    let exported = export(&ledger, 900);
    let again = empty_ledger();
    assert_eq!(import_lines(&again, &exported, 9).map(|counts| counts.refused), Ok(1));
    assert_eq!(
        (export(&again, 900), import_lines(&again, &exported, 9).map(|counts| counts.refused)),
        (exported, Ok(0))
    );
}

#[test]
fn invalid_headers_are_rejected() {
    for line in [
        "",
        "{}",
        r#"{"afterword":3,"site":"https://blog.example","last":0}"#,
        r#"{"afterword":2,"site":"https://blog.example"}"#,
        r#"{"afterword":2,"site":"https://blog.example","last":-1}"#,
        r#"{"afterword":2,"site":"https://blog.example","last":9007199254740992}"#,
        r#"{"afterword":2,"site":"https://blog.example","last":0,"time":0}"#,
    ] {
        assert_eq!(ExportHeader::parse(line), None, "{line}");
    }
}

#[test]
fn an_invalid_line_rejects_only_its_own_batch() {
    let mut lines = export(&full_site().ledger(), 900);
    let wrong = lines.len() - 1;
    lines[wrong].push('}');
    let database = TestDatabase::new();
    let ledger = database.ledger();
    let refused = import_lines(&ledger, &lines, 6).err();
    let Some(ImportError::Line(bad)) = refused else { panic!("{refused:?}") };
    assert_eq!(bad.number, wrong as u64 + 1);
    assert!(database.query_integer("SELECT count(*) FROM comment") > 0);
    lines[wrong].pop();
    import_lines(&ledger, &lines, 6).unwrap();
    assert_eq!(export(&ledger, 900), lines);
}

#[test]
fn invalid_votes_are_rejected() {
    let vote = |comment: &str, author: &str, vote: &str| {
        let mut lines = lines();
        lines.push(format!(r#"{{"vote":{{"comment":"{comment}","author":"{author}","vote":{vote}}}}}"#));
        match import_lines(&empty_ledger(), &lines, 9) {
            Err(ImportError::Line(bad)) => Some(bad.error),
            other => other.err().map(|error| panic!("{error}")),
        }
    };
    let known = "00000000-0000-8000-8000-000000000001";
    assert_eq!(vote(known, "a", "1"), None);
    assert_eq!(vote(known, "a", "0"), Some(LineError::Field("vote")));
    assert_eq!(vote(known, "a", "2"), Some(LineError::Field("vote")));
    assert_eq!(vote(known, "", "1"), Some(LineError::Field("author")));
    assert_eq!(vote(known, "ü", "1"), Some(LineError::Field("author")));
    assert_eq!(vote("00000000-0000-8000-8000-000000000002", "a", "1"), Some(LineError::UnknownComment));
}

#[test]
fn invalid_settings_and_audit_entries_are_rejected() {
    let check = |line: &str, expected: Option<LineError>| {
        let mut lines = lines();
        lines.push(line.to_owned());
        let error = match import_lines(&empty_ledger(), &lines, 9) {
            Err(ImportError::Line(bad)) => Some((bad.number, bad.error)),
            other => other.err().map(|error| panic!("{error}")),
        };
        assert_eq!(error, expected.map(|error| (4, error)), "{line}");
    };
    let setting = |name: &str, value: &str| format!(r#"{{"setting":{{"name":"{name}","value":"{value}"}}}}"#);
    check(&setting("moderation", "all"), None);
    check(&setting("moderation", "none"), Some(LineError::Field("value")));
    check(&setting("moderation", ""), Some(LineError::Field("value")));
    check(&setting("muted", "pills\\n*casino*"), None);
    check(&setting("muted", ""), Some(LineError::Field("value")));
    check(&setting("muted", "a\\r\\nb"), Some(LineError::Field("value")));
    check(&setting("muted", &"a".repeat(16 * 1024 + 1)), Some(LineError::Field("value")));
    check(&setting("Moderation", "all"), Some(LineError::UnknownSetting));
    check(&setting("", ""), Some(LineError::UnknownSetting));
    let audit = |from: &str, to: &str| {
        let line = r#"{"audit":{"id":"00000000-0000-8000-8000-0000000000aa","at":7,"by":"ada","action":"unpublish","target":"x"}}"#;
        assert!(line.contains(from));
        line.replace(from, to)
    };
    check(&audit("x", "https://blog.example/a https://blog.example/b"), None);
    check(&audit("00000000-0000-8000", "00000000"), Some(LineError::Refused(Refusal::BadId)));
    check(&audit(":7", ":-1"), Some(LineError::Field("at")));
    check(&audit(":7", ":253402300800"), Some(LineError::Field("at")));
    check(&audit("ada", ""), Some(LineError::Field("by")));
    check(&audit("ada", "a b"), Some(LineError::Field("by")));
    check(&audit("ada", &"a".repeat(33)), Some(LineError::Field("by")));
    check(&audit("x", ""), Some(LineError::Field("target")));
    check(&audit("x", "\\n"), Some(LineError::Field("target")));
    check(&audit("x", &"x".repeat(4_098)), Some(LineError::Field("target")));
    for (from, to) in [
        ("unpublish", "Unpublish"),
        ("unpublish", "burn"),
        (",\"action\"", ",\"more\":1,\"action\""),
        (":7", ":7.0"),
        (":7", ":null"),
    ] {
        let mut lines = lines();
        lines.push(audit(from, to));
        let refused = import_lines(&empty_ledger(), &lines, 9).err();
        let Some(ImportError::Line(bad)) = refused else { panic!("{to}: {refused:?}") };
        assert!(matches!(bad.error, LineError::Json(_)), "{to}: {bad:?}");
    }
}

#[test]
fn invalid_bans_and_signals_are_rejected() {
    let check = |line: u64, lines: &[String], expected: Option<LineError>| {
        let error = match import_lines(&empty_ledger(), lines, 9) {
            Err(ImportError::Line(bad)) => Some((bad.number, bad.error)),
            other => other.err().map(|error| panic!("{error}")),
        };
        assert_eq!(error, expected.map(|error| (line, error)), "{:?}", lines.last());
    };
    let ban = |from: &str, to: &str, expected: Option<LineError>| {
        let id = "00000000-0000-8000-8000-0000000000bb";
        let line = format!(r#"{{"ban":{{"id":"{id}","kind":"name","pattern":"Eve","until":9,"at":7,"by":"ada"}}}}"#);
        assert!(line.contains(from));
        check(4, &[lines(), vec![line.replace(from, to)]].concat(), expected);
    };
    ban("Eve", "Dr. Über*", None);
    ban(":9", ":null", None);
    ban(":9", ":-1", Some(LineError::Field("until")));
    ban(":9", ":253402300800", Some(LineError::Field("until")));
    ban("\"until\"", "\"literal\":true,\"until\"", None);
    ban(":7", ":253402300800", Some(LineError::Field("at")));
    ban("ada", "a/b", Some(LineError::Field("by")));
    ban("Eve", "", Some(LineError::Field("pattern")));
    ban("Eve", " Eve", Some(LineError::Field("pattern")));
    ban("Eve", r"E\u202eve", Some(LineError::Field("pattern")));
    ban("Eve", &"e".repeat(257), Some(LineError::Field("pattern")));
    ban("\"name\"", "\"network\"", Some(LineError::Field("kind")));
    ban("00000000-0000", "0", Some(LineError::Refused(Refusal::BadId)));
    let signals = |signals: &str, expected: Option<LineError>| {
        let lines: Vec<_> = lines().iter().map(|line| line.replace("\"signals\":[]", signals)).collect();
        check(3, &lines, expected);
    };
    signals(r#""signals":["too_fast:2","muted_word:a b: *c*"]"#, None);
    let (long, many) = (format!("\"a:{}\"", "x".repeat(640)), ["\"a\""; 18].join(","));
    for bad in ["\"\"", "\"A\"", "\"a b\"", "\":x\"", r#""a:\n""#, &long, &many] {
        signals(&format!("\"signals\":[{bad}]"), Some(LineError::Field("signals")));
    }
}

/// Fuzzing starts with these files, so they must be valid still.
#[test]
fn fuzz_corpus_files_are_imported() {
    for name in ["everything", "moved", "one-comment", "without-thread"] {
        let path = format!("{}/../../fuzz/corpus/export_lines/{name}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<&str> =
            text.lines().filter(|line| !afterword_ledger::ExportChecksum::is_closing_line(line)).collect();
        let counts = import_lines(&empty_ledger(), &lines, 100).unwrap();
        assert!(counts.comments > 0 && counts.known == 0, "{name}: {counts:?}");
        check_import(&text);
    }
}

#[test]
fn import_properties_hold_for_valid_and_odd_lines() {
    let whole = export(&full_site().ledger(), 900);
    check_import(&whole.join("\n"));
    check_import(&whole[1..].join("\n"));
    check_import(&lines().join("\n"));
    for text in ["", "\n\n", "{}", "{\"end\":{\"lines\":0,\"sha256\":\"\"}}", "null\n1\n\"\""] {
        check_import(text);
    }
    // A comment without the line of its thread creates the thread.
    check_import(&[&lines()[0], &lines()[2]].map(String::as_str).join("\n"));
}

#[test]
fn the_largest_numbers_leave_room_for_new_comments() {
    let mut lines = lines();
    let limit = (1_i64 << 52).to_string();
    lines[0] = lines[0].replace(r#""last":1"#, &format!(r#""last":{limit}"#));
    lines[1] = lines[1].replace(r#""version":1"#, &format!(r#""version":{limit}"#));
    lines[2] = lines[2].replace(r#""id":1,"#, &format!(r#""id":{limit},"#));
    assert_eq!(lines.iter().filter(|line| line.contains(&limit)).count(), 3, "{lines:?}");
    let database = TestDatabase::new();
    let ledger = database.ledger();
    import_lines(&ledger, &lines, 9).unwrap();
    submit(&ledger, &root_comment("a", 2));
    let exported = export(&ledger, 9);
    let again = empty_ledger();
    import_lines(&again, &exported, 9).unwrap();
    assert_eq!(export(&again, 9), exported, "later comments can be exported");
}

#[test]
fn errors_do_not_repeat_control_characters() {
    let mut lines = lines();
    lines[2] = lines[2].replace("\"name\"", r#""\u001b]0;OWNED\u0007\u009b31m\u202ename""#);
    let error = import_lines(&empty_ledger(), &lines, 9).unwrap_err().to_string();
    assert!(error.contains("OWNED"), "{error}");
    assert!(!error.chars().any(|it| it.is_control() || it == '\u{202e}'), "{error:?}");
}
