//! Files as they come back, in pieces of any size, and files that are none.

use afterword_ledger::{
    ChecksumError, ExportChecksum, ImportError, LineError, MAX_LINE_BYTES, Restore, RestoreError, RestoreOptions,
    RestoreSummary,
};
use afterword_model::{Origin, Sites};
use proptest::prelude::*;

use crate::fixtures::{Store, entry, full_site, post};
use crate::properties::{How, NOW, RENDERER, SITE, empty, export, hold_in_pieces, restore};

/// A whole export as a file, down to its closing line.
fn file(lines: &[String]) -> String {
    let mut tally = ExportChecksum::default();
    lines.iter().for_each(|line| tally.add_line(line));
    lines.iter().map(|line| format!("{line}\n")).chain([tally.closing_line() + "\n"]).collect()
}

fn full() -> Vec<String> {
    export(&full_site().ledger(), 900)
}

/// A site of many comments under one post.
fn many(comments: u32) -> Vec<String> {
    let store = Store::new();
    for number in 1..=comments {
        post(&store.ledger(), &entry("a", number));
    }
    export(&store.ledger(), 1 << 20)
}

/// Where a file is wrong, and what was taken before.
fn fault(file: impl AsRef<[u8]>) -> (u64, LineError, RestoreSummary) {
    match restore(&empty(), file.as_ref(), 1_000, How::default()) {
        (done, Err(RestoreError::Import(ImportError::Line(bad)))) => (bad.number, bad.error, done),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_comes_back_whole_in_pieces_of_any_size() {
    let lines = full();
    let file = file(&lines);
    for piece in [1, 7, 100, 4_096, file.len()] {
        let ledger = empty();
        let (_, restored) = restore(&ledger, file.as_bytes(), piece, How::default());
        let restored = restored.unwrap();
        assert!(restored.complete);
        assert_eq!(restored.lines, lines.len() as u64 - 1);
        assert_eq!(export(&ledger, 900), lines);
        let (_, again) = restore(&ledger, file.as_bytes(), piece, How::default());
        let known = u32::try_from(restored.lines).unwrap();
        assert_eq!(again.unwrap().imported, afterword_ledger::ImportCounts { known, ..Default::default() });
        assert_eq!(export(&ledger, 900), lines);
    }
}

/// What editors, shells and mail do to a text file.
#[test]
fn line_ends_and_marks_do_not_matter() {
    let lines = full();
    let file = file(&lines);
    let changed = [
        file.trim_end().to_owned(),
        file.replace('\n', "\r\n"),
        file.replace('\n', "\r\n").trim_end().to_owned(),
        format!("\u{feff}{file}"),
        format!("{file}\n\r\n\n"),
    ];
    for file in changed {
        let ledger = empty();
        assert!(restore(&ledger, file.as_bytes(), 50, How::default()).1.unwrap().complete, "{file:?}");
        assert_eq!(export(&ledger, 900), lines);
    }
}

#[test]
fn a_file_without_its_end_is_taken_and_told() {
    let lines = full();
    let ledger = empty();
    let half = lines[..lines.len() / 2].join("\n");
    assert!(!restore(&ledger, half.as_bytes(), 50, How::default()).1.unwrap().complete);
    assert!(restore(&ledger, file(&lines).as_bytes(), 50, How::default()).1.unwrap().complete);
    assert_eq!(export(&ledger, 900), lines);
}

#[test]
fn a_file_that_breaks_off_in_a_line_keeps_the_batches_before() {
    let lines = many(450);
    let file = file(&lines);
    let ledger = empty();
    let (done, outcome) = restore(&ledger, &file.as_bytes()[..file.len() - 400], 4_096, How::default());
    assert!(matches!(outcome, Err(RestoreError::Import(ImportError::Line(bad))) if bad.number > 440));
    assert_eq!((done.lines, done.imported.comments, done.complete), (400, 399, false));
    let (_, again) = restore(&ledger, file.as_bytes(), 4_096, How::default());
    assert_eq!((again.unwrap().imported.known, export(&ledger, 1 << 20) == lines), (400, true));
}

#[test]
fn slices_bring_what_the_whole_brings() {
    let lines = full();
    let file = file(&lines);
    let all: Vec<&str> = file.lines().collect();
    for size in [1, 3, 8] {
        let (with, without) = (empty(), empty());
        for (number, slice) in all[1..].chunks(size).enumerate() {
            let first = (number * size) as u64 + 2;
            let how = How { first: Some(first), dry_run: false };
            let slice = slice.join("\n");
            let done = restore(&with, format!("{}\n{slice}", lines[0]).as_bytes(), 99, how).1.unwrap();
            assert!(!done.complete, "a slice is not the whole");
            restore(&without, slice.as_bytes(), 99, how).1.unwrap();
        }
        assert_eq!(export(&with, 900), lines);
        assert_eq!(export(&without, 900), lines);
    }
}

#[test]
fn a_wrong_line_of_a_slice_has_its_number_in_the_file() {
    let lines = full();
    let slice = format!("{}\n{}\nnothing", lines[0], lines[1]);
    let (_, outcome) = restore(&empty(), slice.as_bytes(), 99, How { first: Some(70), dry_run: false });
    assert!(matches!(outcome, Err(RestoreError::Import(ImportError::Line(bad))) if bad.number == 71));
    let (_, outcome) = restore(&empty(), &[0xff], 99, How { first: Some(70), dry_run: false });
    assert!(matches!(outcome, Err(RestoreError::Import(ImportError::Line(bad))) if bad.number == 70));
}

#[test]
fn a_wrong_closing_line_leaves_the_last_batch_out() {
    let lines = many(250);
    let right = file(&lines);
    let (body, closing) = right.trim_end().rsplit_once('\n').unwrap();
    let less = body.replace(&format!("{}\n", lines[3]), "");
    let other = body.replace("Text 7 with", "Text 7 without");
    for (wrong, error) in [
        (less, ChecksumError::Lines { found: 251, told: 252 }),
        (other, ChecksumError::Hash),
        (String::new(), ChecksumError::Hash),
    ] {
        let wrong =
            if wrong.is_empty() { right.replace(r#""sha256":""#, r#""sha256":"0"#) } else { wrong + "\n" + closing };
        let ledger = empty();
        let (done, outcome) = restore(&ledger, wrong.as_bytes(), 4_096, How::default());
        assert_eq!((outcome, done.lines), (Err(RestoreError::Checksum(error)), 200));
    }
}

#[test]
fn a_wrong_line_is_told_before_the_closing_line_that_is_wrong_for_it() {
    let lines = full();
    let whole = file(&lines);
    let first = lines.iter().position(|line| line.contains("\"pinned\":false")).unwrap();
    assert_eq!(fault(whole.replace("\"pinned\":false", "\"pinned\":no")).0, first as u64 + 1);
    assert_eq!(fault(whole.replace("{\"end\"", "nothing\n{\"end\"")).0, lines.len() as u64 + 1);
}

#[test]
fn a_dry_run_says_what_would_come_and_writes_nothing() {
    let file = file(&full());
    let ledger = empty();
    let before = export(&ledger, 900);
    let how = How { first: None, dry_run: true };
    let (_, foreseen) = restore(&ledger, file.as_bytes(), 99, how);
    assert_eq!(export(&ledger, 900), before);
    let (_, done) = restore(&ledger, file.as_bytes(), 99, How::default());
    assert_eq!(foreseen, done);
    let (_, again) = restore(&ledger, file.as_bytes(), 99, how);
    let again = again.unwrap();
    assert_eq!((u64::from(again.imported.known), again.complete), (again.lines, true));
}

#[test]
fn files_that_are_none() {
    let lines = full();
    let whole = file(&lines);
    let with = |number: usize, line: &str| {
        let mut lines = lines.clone();
        lines.insert(number, line.to_owned());
        lines.join("\n")
    };
    let json = |file: String, line: u64| {
        let (number, fault, done) = fault(&file);
        assert!(matches!(&fault, LineError::Json(_)), "{fault}");
        assert_eq!((number, done), (line, RestoreSummary::default()));
    };
    json("<!doctype html>\n<title>Sign in</title>".to_owned(), 1);
    json(with(4, ""), 5);
    json(with(4, "\0\0\0"), 5);
    json(with(0, ""), 1);
    json(with(2, &lines[0]), 3);
    json(with(3, &"x".repeat(100 * 1024)), 4);
    json(with(0, r#"{"afterword":2,"site":"https://blog.example","last":9}"#), 1);
    json("\u{feff}\u{feff}".to_owned() + &whole, 1);
    json(whole.replace('\n', "\r"), 1);
    assert_eq!(fault(whole.clone() + &whole).1, LineError::AfterEnd);
    assert_eq!(fault(whole.clone() + &whole).0, lines.len() as u64 + 2);
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, b'\n', 1, 2];
    assert_eq!(fault(gzip), (1, LineError::NotText, RestoreSummary::default()));
    let utf16: Vec<u8> = whole.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(fault([&[0xff, 0xfe], utf16.as_slice()].concat()).1, LineError::NotText);
    assert_eq!(fault([&[0xef, 0xbb], whole.as_bytes()].concat()).1, LineError::NotText);
}

#[test]
fn nothing_at_all_is_not_a_whole_export() {
    for file in ["", "\n", "\r\n\r\n"] {
        let (_, outcome) = restore(&empty(), file.as_bytes(), 1, How::default());
        assert_eq!(outcome, Ok(RestoreSummary::default()));
    }
    let end = ExportChecksum::default().closing_line();
    assert!(!restore(&empty(), end.as_bytes(), 9, How::default()).1.unwrap().complete, "an end without a beginning");
}

#[test]
fn a_line_is_given_up_once_it_is_too_long() {
    let (sites, site) = (Sites::parse(SITE).unwrap(), Origin::parse(SITE).unwrap());
    let renderer = RENDERER;
    let mut restore =
        Restore::new(RestoreOptions { sites: &sites, site: &site, renderer, first_line: None, dry_run: false });
    let ledger = empty();
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
fn the_export_of_another_site_is_refused_by_its_first_line() {
    let whole = file(&full());
    for site in ["https://other.example", "https://blog.example.evil.example", "blog.example", "", "javascript:1"] {
        let theirs = whole.replacen(r#""site":"https://blog.example""#, &format!(r#""site":"{site}""#), 1);
        let (done, outcome) = restore(&empty(), theirs.as_bytes(), 99, How::default());
        assert_eq!((done, outcome), (RestoreSummary::default(), Err(ImportError::OtherSite.into())), "{site}");
    }
    // Before it moved here, the blog was there.
    let lines = many(3);
    let before = lines.join("\n").replace("https://blog.example", "https://old.example");
    let ledger = empty();
    restore(&ledger, before.as_bytes(), 99, How::default()).1.unwrap();
    assert_eq!(export(&ledger, 900), lines);
}

proptest! {
    #[test]
    fn pieces_make_no_difference(
        bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'{'), any::<u8>()], 0..200),
        keep in 0_usize..2_000,
    ) {
        let whole = file(&full());
        let mut file = whole.as_bytes()[..keep].to_vec();
        file.extend(&bytes);
        hold_in_pieces(&file);
    }
}
