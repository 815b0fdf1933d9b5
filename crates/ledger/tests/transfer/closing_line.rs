//! The closing line of an export, which holds its checksum.

use afterword_ledger::{ChecksumError, ExportChecksum};

fn checksum(lines: &[&str]) -> ExportChecksum {
    let mut checksum = ExportChecksum::default();
    lines.iter().for_each(|line| checksum.add_line(line));
    checksum
}

#[test]
fn closing_line_holds_the_line_count_and_the_hash() {
    let closing = checksum(&["a", "b"]).closing_line();
    // The output of `printf 'a\nb\n' | sha256sum`.
    let sha256 = "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2";
    assert_eq!(closing, format!(r#"{{"end":{{"lines":2,"sha256":"{sha256}"}}}}"#));
    assert_eq!(checksum(&["a", "b"]).verify(&closing), Ok(()));
    assert_eq!(checksum(&["a", "b"]).verify(&closing.replace(":", ": ")), Ok(()));
    assert!(ExportChecksum::is_closing_line(&closing));
}

#[test]
fn incomplete_or_changed_exports_fail_verification() {
    let closing = checksum(&["a", "b"]).closing_line();
    let check = |lines: &[&str], line: &str, error: ChecksumError| {
        assert_eq!(checksum(lines).verify(line), Err(error), "{lines:?} {line}")
    };
    check(&["a"], &closing, ChecksumError::Lines { found: 1, stated: 2 });
    check(&["a", "b", "c"], &closing, ChecksumError::Lines { found: 3, stated: 2 });
    check(&["b", "a"], &closing, ChecksumError::Hash);
    check(&["a", "b\r"], &closing, ChecksumError::Hash);
    check(&["a\nb", ""], &closing, ChecksumError::Hash);
    for line in ["", "{}", "b", r#"{"end":{"lines":2}}"#, r#"{"end":{"lines":-1,"sha256":""}}"#, "{\"end\":null}"] {
        check(&["a", "b"], line, ChecksumError::Open);
    }
    check(&["a", "b"], &closing.replace("\"lines\"", "\"more\":1,\"lines\""), ChecksumError::Open);
    check(&["a", "b"], &closing.to_uppercase(), ChecksumError::Open);
}
