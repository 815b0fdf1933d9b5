//! The closing line.

use afterword_ledger::{ChecksumError, ExportChecksum};

fn tally(lines: &[&str]) -> ExportChecksum {
    let mut tally = ExportChecksum::default();
    lines.iter().for_each(|line| tally.add_line(line));
    tally
}

#[test]
fn the_closing_line_counts_and_hashes() {
    let closing = tally(&["a", "b"]).closing_line();
    // What `printf 'a\nb\n' | sha256sum` says.
    let sha256 = "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2";
    assert_eq!(closing, format!(r#"{{"end":{{"lines":2,"sha256":"{sha256}"}}}}"#));
    assert_eq!(tally(&["a", "b"]).verify(&closing), Ok(()));
    assert_eq!(tally(&["a", "b"]).verify(&closing.replace(":", ": ")), Ok(()));
    assert!(ExportChecksum::is_closing_line(&closing));
}

#[test]
fn what_is_not_whole_is_told() {
    let closing = tally(&["a", "b"]).closing_line();
    let check = |lines: &[&str], line: &str, error: ChecksumError| {
        assert_eq!(tally(lines).verify(line), Err(error), "{lines:?} {line}")
    };
    check(&["a"], &closing, ChecksumError::Lines { found: 1, told: 2 });
    check(&["a", "b", "c"], &closing, ChecksumError::Lines { found: 3, told: 2 });
    check(&["b", "a"], &closing, ChecksumError::Hash);
    check(&["a", "b\r"], &closing, ChecksumError::Hash);
    check(&["a\nb", ""], &closing, ChecksumError::Hash);
    for line in ["", "{}", "b", r#"{"end":{"lines":2}}"#, r#"{"end":{"lines":-1,"sha256":""}}"#, "{\"end\":null}"] {
        check(&["a", "b"], line, ChecksumError::Open);
    }
    check(&["a", "b"], &closing.replace("\"lines\"", "\"more\":1,\"lines\""), ChecksumError::Open);
    check(&["a", "b"], &closing.to_uppercase(), ChecksumError::Open);
}
