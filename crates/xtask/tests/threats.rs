//! The tests that THREATS.md and the README of the tests name exist, and the tables of THREATS.md are complete.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The cells of a table row.
fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split(" | ").map(str::trim).collect()
}

/// The tests that a text names as `file.rs::test`.
fn named_tests(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('`').skip(1).step_by(2).filter_map(|code| code.split_once(".rs::"))
}

#[test]
fn named_tests_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (page, least) in [("THREATS.md", 25), ("tests/README.md", 8)] {
        let files = files_of_named_tests(&root, &fs::read_to_string(root.join(page)).unwrap());
        assert!(files.len() > least, "{} files are named in {page}", files.len());
    }
}

/// The files of the tests that a page names. Fails unless each test exists.
fn files_of_named_tests(root: &Path, page: &str) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for (file, test) in named_tests(page) {
        let path = root.join(format!("{file}.rs"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        let start = [format!("fn {test}("), format!("async fn {test}(")];
        let at = lines.iter().position(|line| start.iter().any(|start| line.starts_with(start)));
        let at = at.unwrap_or_else(|| panic!("{file}.rs has no {test}"));
        // A property is in a block whose macro makes tests of functions; any other test has its attribute right above.
        let marked = lines[..at].iter().rev().take_while(|line| !line.is_empty() && !line.ends_with('}'));
        assert!(marked.into_iter().any(|line| line.ends_with("test]")), "{test} in {file}.rs is not a test");
        files.insert(file.to_owned());
    }
    files
}

/// Known vulnerabilities of our dependencies and of similar systems, by their identifiers: from the RustSec, CVE and GitHub databases, else a commit
/// or a thread of the project. Add new ones here, and explain in THREATS.md why they do not apply.
const ADVISORIES: &[&str] = &[
    "RUSTSEC-2019-0001",
    "CVE-2019-15542",
    "RUSTSEC-2021-0026",
    "RUSTSEC-2021-0063",
    "RUSTSEC-2021-0074",
    "CVE-2021-38193",
    "RUSTSEC-2022-0003",
    "RUSTSEC-2025-0071",
    "RUSTSEC-2026-0193",
    "CVE-2026-63430",
    "RUSTSEC-2026-0213",
    "ammonia 4.2.1 to 4.2.4",
    "CVE-2021-21306",
    "CVE-2025-68113",
    "CVE-2026-27469",
    "Isso #679",
    "Isso 88e813d0",
    "CVE-2026-64670",
    "GHSA-vj72-c9vq-qxrv",
    "Twikoo #1066",
    "Twikoo-cloudflare #20",
    "Valine #218",
    "huntr #1197",
    "CVE-2021-34801",
    "CVE-2022-38545",
    "GHSA-rr9w-fhvc-chhr",
    "GHSA-74pc-3r2m-ppx3",
    "Remark42 0e208614",
    "go-pkgz/auth 1.25.4",
    "Remark42 ff85bbc5",
    "aca0cff3",
    "Remark42 c9ba8520",
    "Remark42 59c92f8c",
    "Remark42 fe6b1192",
    "Artalk #921",
    "CVE-2020-24186",
    "CVE-2020-13640",
    "CVE-2026-22216",
    "CVE-2026-22182",
    "CVE-2026-103422",
    "GHSA-5vf7-q87h-pg6w",
    "GHSA-43m5-c88r-cjvv",
    "GHSA-4r8c-pj7x-m5jx",
    "workers-rs #166",
    "#835",
    "workerd #7276",
];

#[test]
fn every_known_advisory_has_a_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let threats = fs::read_to_string(root.join("THREATS.md")).unwrap();
    let chapter =
        threats.split("## Advisories in other projects").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let names: Vec<&str> = chapter.lines().filter(|line| line.starts_with("| ")).map(|line| cells(line)[0]).collect();
    for advisory in ADVISORIES {
        assert!(names.iter().any(|name| name.contains(advisory)), "{advisory} has no row");
    }
    for name in names.iter().skip(2) {
        assert!(ADVISORIES.iter().any(|advisory| name.contains(advisory)), "{name} is not listed here");
    }
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
        // The table of costs has numbers in place of tests.
        if cells.len() == 3 && in_table && !line.starts_with("| ---") {
            rows += 1;
            let last = cells[2];
            assert!(named_tests(last).next().is_some() || last.contains("cannot apply"), "{line}");
        }
        in_table |= line.starts_with("| ---") && cells.len() == 3;
    }
    assert!(rows > 70, "{rows} rows");
}
