//! Restoring an export file that arrives in pieces, and rejecting other files.

use afterword_ledger::{
    ChecksumError, ExportChecksum, ImportError, LineError, MAX_LINE_BYTES, Restore, RestoreError, RestoreOptions,
    RestoreSummary,
};
use afterword_model::{Origin, Sites};
use proptest::prelude::*;

use crate::fixtures::{NOW, SITE, TestDatabase, full_site, root_comment, submit};
use crate::properties::{RENDERER, RestoreMode, check_piece_sizes, empty_ledger, export, restore};

/// An export file with these lines and their closing line.
fn export_file(lines: &[String]) -> String {
    let mut checksum = ExportChecksum::default();
    lines.iter().for_each(|line| checksum.add_line(line));
    lines.iter().map(|line| format!("{line}\n")).chain([checksum.closing_line() + "\n"]).collect()
}

/// The lines of a site with every kind of stored data.
fn full_export() -> Vec<String> {
    export(&full_site().ledger(), 900)
}

/// The lines of a site with this number of comments in one thread.
fn export_of_comments(comments: u32) -> Vec<String> {
    let database = TestDatabase::new();
    for number in 1..=comments {
        submit(&database.ledger(), &root_comment("a", number));
    }
    export(&database.ledger(), 1 << 20)
}

/// The number of the rejected line, its error, and the summary of what was restored before.
fn restore_error(file: impl AsRef<[u8]>) -> (u64, LineError, RestoreSummary) {
    match restore(&empty_ledger(), file.as_ref(), 1_000, RestoreMode::default()) {
        (summary, Err(RestoreError::Import(ImportError::Line(bad)))) => (bad.number, bad.error, summary),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_is_restored_from_pieces_of_any_size() {
    let lines = full_export();
    let file = export_file(&lines);
    for piece in [1, 7, 100, 4_096, file.len()] {
        let ledger = empty_ledger();
        let (_, restored) = restore(&ledger, file.as_bytes(), piece, RestoreMode::default());
        let restored = restored.unwrap();
        assert!(restored.complete);
        assert_eq!(restored.lines, lines.len() as u64 - 1);
        assert_eq!(export(&ledger, 900), lines);
        let (_, again) = restore(&ledger, file.as_bytes(), piece, RestoreMode::default());
        let known = u32::try_from(restored.lines).unwrap();
        assert_eq!(again.unwrap().imported, afterword_ledger::ImportCounts { known, ..Default::default() });
        assert_eq!(export(&ledger, 900), lines);
    }
}

/// Editors, shells and mail programs change text files like this.
#[test]
fn line_endings_and_byte_order_marks_do_not_matter() {
    let lines = full_export();
    let file = export_file(&lines);
    let changed = [
        file.trim_end().to_owned(),
        file.replace('\n', "\r\n"),
        file.replace('\n', "\r\n").trim_end().to_owned(),
        format!("\u{feff}{file}"),
        format!("{file}\n\r\n\n"),
    ];
    for file in changed {
        let ledger = empty_ledger();
        assert!(restore(&ledger, file.as_bytes(), 50, RestoreMode::default()).1.unwrap().complete, "{file:?}");
        assert_eq!(export(&ledger, 900), lines);
    }
}

#[test]
fn a_file_without_closing_line_is_restored_as_incomplete() {
    let lines = full_export();
    let ledger = empty_ledger();
    let half = lines[..lines.len() / 2].join("\n");
    assert!(!restore(&ledger, half.as_bytes(), 50, RestoreMode::default()).1.unwrap().complete);
    assert!(restore(&ledger, export_file(&lines).as_bytes(), 50, RestoreMode::default()).1.unwrap().complete);
    assert_eq!(export(&ledger, 900), lines);
}

#[test]
fn a_file_cut_within_a_line_keeps_the_batches_before_it() {
    let lines = export_of_comments(450);
    let file = export_file(&lines);
    let ledger = empty_ledger();
    let (summary, outcome) = restore(&ledger, &file.as_bytes()[..file.len() - 400], 4_096, RestoreMode::default());
    assert!(matches!(outcome, Err(RestoreError::Import(ImportError::Line(bad))) if bad.number > 440));
    assert_eq!((summary.lines, summary.imported.comments, summary.complete), (400, 399, false));
    let (_, again) = restore(&ledger, file.as_bytes(), 4_096, RestoreMode::default());
    assert_eq!((again.unwrap().imported.known, export(&ledger, 1 << 20) == lines), (400, true));
}

#[test]
fn slices_restore_the_same_site_as_the_whole_file() {
    let lines = full_export();
    let file = export_file(&lines);
    let all: Vec<&str> = file.lines().collect();
    for size in [1, 3, 8] {
        let (with, without) = (empty_ledger(), empty_ledger());
        for (number, slice) in all[1..].chunks(size).enumerate() {
            let first = (number * size) as u64 + 2;
            let mode = RestoreMode { first_line: Some(first), ..RestoreMode::default() };
            let slice = slice.join("\n");
            let summary = restore(&with, format!("{}\n{slice}", lines[0]).as_bytes(), 99, mode).1.unwrap();
            assert!(!summary.complete, "a slice is not the whole");
            restore(&without, slice.as_bytes(), 99, mode).1.unwrap();
        }
        assert_eq!(export(&with, 900), lines);
        assert_eq!(export(&without, 900), lines);
    }
}

#[test]
fn an_invalid_line_of_a_slice_has_its_number_in_the_file() {
    let lines = full_export();
    let slice = format!("{}\n{}\nnothing", lines[0], lines[1]);
    let (_, outcome) =
        restore(&empty_ledger(), slice.as_bytes(), 99, RestoreMode { first_line: Some(70), ..RestoreMode::default() });
    assert!(matches!(outcome, Err(RestoreError::Import(ImportError::Line(bad))) if bad.number == 71));
    let (_, outcome) =
        restore(&empty_ledger(), &[0xff], 99, RestoreMode { first_line: Some(70), ..RestoreMode::default() });
    assert!(matches!(outcome, Err(RestoreError::Import(ImportError::Line(bad))) if bad.number == 70));
}

#[test]
fn a_wrong_closing_line_rejects_the_last_batch() {
    let lines = export_of_comments(250);
    let right = export_file(&lines);
    let (body, closing) = right.trim_end().rsplit_once('\n').unwrap();
    let less = body.replace(&format!("{}\n", lines[3]), "");
    let other = body.replace("Text 7 with", "Text 7 without");
    for (wrong, error) in [
        (less, ChecksumError::Lines { found: 251, stated: 252 }),
        (other, ChecksumError::Hash),
        (String::new(), ChecksumError::Hash),
    ] {
        let wrong =
            if wrong.is_empty() { right.replace(r#""sha256":""#, r#""sha256":"0"#) } else { wrong + "\n" + closing };
        let ledger = empty_ledger();
        let (summary, outcome) = restore(&ledger, wrong.as_bytes(), 4_096, RestoreMode::default());
        assert_eq!((outcome, summary.lines), (Err(RestoreError::Checksum(error)), 200));
    }
}

#[test]
fn an_invalid_line_is_reported_before_a_wrong_checksum() {
    let lines = full_export();
    let whole = export_file(&lines);
    let first = lines.iter().position(|line| line.contains("\"pinned\":false")).unwrap();
    assert_eq!(restore_error(whole.replace("\"pinned\":false", "\"pinned\":no")).0, first as u64 + 1);
    assert_eq!(restore_error(whole.replace("{\"end\"", "nothing\n{\"end\"")).0, lines.len() as u64 + 1);
}

#[test]
fn a_dry_run_reports_the_result_and_writes_nothing() {
    let file = export_file(&full_export());
    let ledger = empty_ledger();
    let before = export(&ledger, 900);
    let mode = RestoreMode { dry_run: true, ..RestoreMode::default() };
    let (_, predicted) = restore(&ledger, file.as_bytes(), 99, mode);
    assert_eq!(export(&ledger, 900), before);
    let (_, summary) = restore(&ledger, file.as_bytes(), 99, RestoreMode::default());
    assert_eq!(predicted, summary);
    let (_, again) = restore(&ledger, file.as_bytes(), 99, mode);
    let again = again.unwrap();
    assert_eq!((u64::from(again.imported.known), again.complete), (again.lines, true));
}

#[test]
fn files_that_are_not_exports_are_rejected() {
    let lines = full_export();
    let whole = export_file(&lines);
    let with = |number: usize, line: &str| {
        let mut lines = lines.clone();
        lines.insert(number, line.to_owned());
        lines.join("\n")
    };
    let json = |file: String, line: u64| {
        let (number, error, summary) = restore_error(&file);
        assert!(matches!(&error, LineError::Json(_)), "{error}");
        assert_eq!((number, summary), (line, RestoreSummary::default()));
    };
    json("<!doctype html>\n<title>Sign in</title>".to_owned(), 1);
    json(with(4, ""), 5);
    json(with(4, "\0\0\0"), 5);
    json(with(0, ""), 1);
    json(with(2, &lines[0]), 3);
    json(with(3, &"x".repeat(100 * 1024)), 4);
    json(with(0, r#"{"afterword":3,"site":"https://blog.example","last":9}"#), 1);
    json("\u{feff}\u{feff}".to_owned() + &whole, 1);
    json(whole.replace('\n', "\r"), 1);
    assert_eq!(restore_error(whole.clone() + &whole).1, LineError::AfterEnd);
    assert_eq!(restore_error(whole.clone() + &whole).0, lines.len() as u64 + 2);
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, b'\n', 1, 2];
    assert_eq!(restore_error(gzip), (1, LineError::NotText, RestoreSummary::default()));
    let utf16: Vec<u8> = whole.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(restore_error([&[0xff, 0xfe], utf16.as_slice()].concat()).1, LineError::NotText);
    assert_eq!(restore_error([&[0xef, 0xbb], whole.as_bytes()].concat()).1, LineError::NotText);
}

#[test]
fn an_empty_file_is_not_a_complete_export() {
    for file in ["", "\n", "\r\n\r\n"] {
        let (_, outcome) = restore(&empty_ledger(), file.as_bytes(), 1, RestoreMode::default());
        assert_eq!(outcome, Ok(RestoreSummary::default()));
    }
    let end = ExportChecksum::default().closing_line();
    assert!(
        !restore(&empty_ledger(), end.as_bytes(), 9, RestoreMode::default()).1.unwrap().complete,
        "a closing line without a header"
    );
}

#[test]
fn a_line_is_rejected_once_it_is_too_long() {
    let (sites, site) = (Sites::parse(SITE).unwrap(), Origin::parse(SITE).unwrap());
    let (renderer, patterns) = (RENDERER, None);
    let options = RestoreOptions { sites: &sites, site: &site, renderer, patterns, first_line: None, dry_run: false };
    let mut restore = Restore::new(options);
    let ledger = empty_ledger();
    let mut pushed = 0;
    let error = loop {
        restore.push(&[b'x'; 1_000]);
        pushed += 1_000;
        match restore.import_next_batch(&ledger, NOW) {
            Ok(more) => assert!(!more && pushed <= MAX_LINE_BYTES + 2_000),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, RestoreError::Import(ImportError::Line(bad)) if bad.error == LineError::TooLong));
}

#[test]
fn an_export_of_another_site_is_refused_by_its_header() {
    let whole = export_file(&full_export());
    for site in ["https://other.example", "https://blog.example.evil.example", "blog.example", "", "javascript:1"] {
        let theirs = whole.replacen(r#""site":"https://blog.example""#, &format!(r#""site":"{site}""#), 1);
        let (summary, outcome) = restore(&empty_ledger(), theirs.as_bytes(), 99, RestoreMode::default());
        assert_eq!((summary, outcome), (RestoreSummary::default(), Err(ImportError::OtherSite.into())), "{site}");
    }
    // An export from a former name of the site is accepted.
    let lines = export_of_comments(3);
    let before = lines.join("\n").replace("https://blog.example", "https://old.example");
    let ledger = empty_ledger();
    restore(&ledger, before.as_bytes(), 99, RestoreMode::default()).1.unwrap();
    assert_eq!(export(&ledger, 900), lines);
}

proptest! {
    #[test]
    fn the_size_of_pieces_makes_no_difference(
        bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'{'), any::<u8>()], 0..200),
        kept_bytes in 0_usize..2_000,
    ) {
        let whole = export_file(&full_export());
        let mut file = whole.as_bytes()[..kept_bytes].to_vec();
        file.extend(&bytes);
        check_piece_sizes(&file);
    }
}
