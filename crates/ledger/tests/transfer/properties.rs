//! Properties of the import that hold for any input. A fuzz target checks them as well, so this file uses no other
//! module.

use afterword_ledger::{
    ExportChecksum, ExportCursor, ExportHeader, ImportBatch, ImportCounts, ImportError, Ledger, PatternCompiler,
    Renderer, Restore, RestoreError, RestoreOptions, RestoreSummary, RusqliteSql, Sql,
};
use afterword_model::{Origin, SafeHtml, Sites};
use rusqlite::Connection;

const NOW: i64 = 1_321_000_000;
const SITE: &str = "https://blog.example";

/// All lines of an export without its closing line.
pub(crate) fn export(ledger: &Ledger<impl Sql>, max_bytes: usize) -> Vec<String> {
    let (mut lines, mut cursor) = (Vec::new(), Some(ExportCursor::default()));
    while let Some(from) = cursor {
        let part = ledger.export(SITE, from, max_bytes).unwrap();
        lines.extend(part.lines);
        cursor = part.next;
    }
    lines
}

/// An empty ledger in memory.
pub(crate) fn empty_ledger() -> Ledger<RusqliteSql> {
    Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap()
}

/// A renderer that refuses the text `refused` and wraps all others.
#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
pub(crate) fn render(text: &str) -> Option<SafeHtml> {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    (text != "refused").then(|| SafeHtml::from_sanitizer(format!("<p>{escaped}</p>")))
}

/// The plain form of a text that [`render`] refuses.
#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
pub(crate) fn render_plain(text: &str) -> SafeHtml {
    SafeHtml::from_sanitizer(format!("<p>plainly {}</p>", text.replace('&', "&amp;").replace('<', "&lt;")))
}

/// The renderer of the tests.
pub(crate) const RENDERER: Renderer<'static> = Renderer { version: 1, render: &render, render_plain: &render_plain };

/// Imports lines, the first of which is the header, in batches of `batch` lines.
pub(crate) fn import_lines<S: Sql>(
    ledger: &Ledger<S>,
    lines: &[impl AsRef<str>],
    batch: usize,
) -> Result<ImportCounts, ImportError> {
    let (header, lines) = lines.split_first().unwrap();
    let header = ExportHeader::parse(header.as_ref()).unwrap();
    let (sites, site) = (Sites::parse("https://blog.example=old.example").unwrap(), Origin::parse(SITE).unwrap());
    let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
    let mut total = ImportCounts::default();
    for (number, lines) in lines.chunks(batch).enumerate() {
        let first = (number * batch) as u64 + 2;
        let (renderer, patterns) = (RENDERER, None);
        let batch =
            ImportBatch { header: &header, first, lines, sites: &sites, site: &site, renderer, patterns, now: NOW };
        total += ledger.import(&batch)?;
    }
    Ok(total)
}

/// The part of [`RestoreOptions`] that differs between tests.
#[derive(Clone, Copy, Default)]
pub(crate) struct RestoreMode {
    pub(crate) patterns: Option<&'static dyn PatternCompiler>,
    pub(crate) first_line: Option<u64>,
    pub(crate) dry_run: bool,
}

/// Restores a file that arrives in pieces of `piece` bytes. Also returns the summary at the end or at the error.
pub(crate) fn restore<S: Sql>(
    ledger: &Ledger<S>,
    file: &[u8],
    piece: usize,
    mode: RestoreMode,
) -> (RestoreSummary, Result<RestoreSummary, RestoreError>) {
    let (sites, site) = (Sites::parse("https://blog.example=old.example").unwrap(), Origin::parse(SITE).unwrap());
    let renderer = RENDERER;
    let RestoreMode { patterns, first_line, dry_run } = mode;
    let options = RestoreOptions { sites: &sites, site: &site, renderer, patterns, first_line, dry_run };
    let mut restore = Restore::new(options);
    let mut restore_all = || {
        for piece in file.chunks(piece) {
            restore.push(piece);
            while restore.import_next_batch(ledger, NOW)? {}
        }
        restore.finish(ledger, NOW)
    };
    let outcome = restore_all();
    (restore.summary(), outcome)
}

/// Checks that the size of the pieces in which a file arrives makes no difference, and that a dry run changes nothing.
pub(crate) fn check_piece_sizes(file: &[u8]) {
    let (whole, pieces) = (empty_ledger(), empty_ledger());
    let before = export(&whole, 1 << 20);
    let _ =
        restore(&whole, file, file.len().max(1), RestoreMode { patterns: None, first_line: Some(7), dry_run: true });
    assert_eq!(export(&whole, 1 << 20), before);
    let outcome = restore(&whole, file, file.len().max(1), RestoreMode::default());
    assert_eq!(outcome, restore(&pieces, file, 7, RestoreMode::default()));
    assert_eq!(export(&whole, 1 << 20), export(&pieces, 1 << 20));
}

/// Checks that lines are imported or refused as a whole, without a panic. An export of the imported lines, imported
/// once or twice, must give the same export again, to the byte.
pub(crate) fn check_import(text: &str) {
    let mut checksum = ExportChecksum::default();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        let is_valid_end = checksum.verify(line).is_ok();
        assert!(!is_valid_end || ExportChecksum::is_closing_line(line));
        checksum.add_line(line);
        lines.push(line);
    }
    let has_header = lines.first().and_then(|line| ExportHeader::parse(line)).is_some_and(|header| header.site == SITE);
    let header =
        if has_header { lines.remove(0).to_owned() } else { format!(r#"{{"afterword":2,"site":"{SITE}","last":9}}"#) };
    let lines: Vec<&str> = [header.as_str()].into_iter().chain(lines).collect();
    let ledger = empty_ledger();
    let before = export(&ledger, 1_000);
    if import_lines(&ledger, &lines, lines.len()).is_err() {
        assert_eq!(export(&ledger, 1_000), before, "a refused batch changes nothing");
        return;
    }
    let first = export(&ledger, 500);
    let restored = empty_ledger();
    import_lines(&restored, &first, 3).unwrap();
    assert_eq!(export(&restored, 1 << 20), first, "a restored site exports the same lines");
    let again = import_lines(&restored, &first, 5).unwrap();
    let added = [again.settings, again.bans, again.audited, again.threads, again.comments, again.votes, again.moved];
    assert_eq!(added, [0; 7], "a second import adds nothing");
    assert_eq!(export(&restored, 1 << 20), first, "a second import changes nothing");
}
