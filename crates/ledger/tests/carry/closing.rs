//! The closing line.

use afterword_ledger::{SealError, Tally};

fn tally(lines: &[&str]) -> Tally {
    let mut tally = Tally::default();
    lines.iter().for_each(|line| tally.add(line));
    tally
}

#[test]
fn the_closing_line_counts_and_hashes() {
    let closing = tally(&["a", "b"]).closing_line();
    // What `printf 'a\nb\n' | sha256sum` says.
    let sha256 = "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2";
    assert_eq!(closing, format!(r#"{{"end":{{"lines":2,"sha256":"{sha256}"}}}}"#));
    assert_eq!(tally(&["a", "b"]).check(&closing), Ok(()));
    assert_eq!(tally(&["a", "b"]).check(&closing.replace(":", ": ")), Ok(()));
    assert!(Tally::is_closing(&closing));
}

#[test]
fn what_is_not_whole_is_told() {
    let closing = tally(&["a", "b"]).closing_line();
    let check = |lines: &[&str], line: &str, error: SealError| {
        assert_eq!(tally(lines).check(line), Err(error), "{lines:?} {line}")
    };
    check(&["a"], &closing, SealError::Lines { found: 1, told: 2 });
    check(&["a", "b", "c"], &closing, SealError::Lines { found: 3, told: 2 });
    check(&["b", "a"], &closing, SealError::Hash);
    check(&["a", "b\r"], &closing, SealError::Hash);
    check(&["a\nb", ""], &closing, SealError::Hash);
    for line in ["", "{}", "b", r#"{"end":{"lines":2}}"#, r#"{"end":{"lines":-1,"sha256":""}}"#, "{\"end\":null}"] {
        check(&["a", "b"], line, SealError::Open);
    }
    check(&["a", "b"], &closing.replace("\"lines\"", "\"more\":1,\"lines\""), SealError::Open);
    check(&["a", "b"], &closing.to_uppercase(), SealError::Open);
}
