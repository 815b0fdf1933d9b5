//! THREATS.md names tests, and the tests it names exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A table's row, by its cells.
fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split(" | ").map(str::trim).collect()
}

/// What is named as `file::test` in a text.
fn named(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('`').skip(1).step_by(2).filter_map(|code| code.split_once(".rs::"))
}

#[test]
fn every_test_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let threats = fs::read_to_string(root.join("THREATS.md")).unwrap();
    let mut files = BTreeSet::new();
    for (file, test) in named(&threats) {
        let path = root.join(format!("{file}.rs"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        let start = [format!("fn {test}("), format!("async fn {test}(")];
        let at = lines.iter().position(|line| start.iter().any(|start| line.starts_with(start)));
        let at = at.unwrap_or_else(|| panic!("there is no {test} in {file}.rs"));
        // A property stands in a block that makes tests of functions; any other test says that it is one right above.
        let marked = lines[..at].iter().rev().take_while(|line| !line.is_empty() && !line.ends_with('}'));
        assert!(marked.into_iter().any(|line| line.ends_with("test]")), "{test} in {file}.rs is no test");
        files.insert(file.to_owned());
    }
    assert!(files.len() > 25, "{} files are named", files.len());
}

#[test]
fn every_threat_has_a_test_or_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let threats = fs::read_to_string(root.join("THREATS.md")).unwrap();
    let mut rows = 0;
    let mut in_table = false;
    for line in threats.lines() {
        if !line.starts_with('|') {
            in_table = false;
            continue;
        }
        let cells = cells(line);
        // The table of prices has numbers in place of tests.
        if cells.len() == 3 && in_table && !line.starts_with("| ---") {
            rows += 1;
            let last = cells[2];
            assert!(named(last).next().is_some() || last.contains("cannot apply"), "{line}");
        }
        in_table |= line.starts_with("| ---") && cells.len() == 3;
    }
    assert!(rows > 70, "{rows} rows");
}
