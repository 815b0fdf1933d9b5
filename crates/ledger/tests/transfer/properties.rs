//! What holds for any lines whatever, taken for those of an export.

use afterword_ledger::{
    ExportChecksum, ExportCursor, ExportHeader, ImportBatch, ImportError, Ledger, Renderer, Restore, RestoreError,
    RestoreOptions, RestoreSummary, RusqliteSql, Sql,
};
use afterword_model::{Origin, SafeHtml, Sites};
use rusqlite::Connection;

/// The time at which everything happens.
pub(crate) const NOW: i64 = 1_321_000_000;
/// The site.
pub(crate) const SITE: &str = "https://blog.example";

/// A whole export: its lines but the closing one.
pub(crate) fn export(ledger: &Ledger<impl afterword_ledger::Sql>, max_bytes: usize) -> Vec<String> {
    let (mut lines, mut cursor) = (Vec::new(), Some(ExportCursor::default()));
    while let Some(from) = cursor {
        let part = ledger.export(SITE, from, max_bytes).unwrap();
        lines.extend(part.lines);
        cursor = part.next;
    }
    lines
}

/// An empty ledger in memory.
pub(crate) fn empty() -> Ledger<RusqliteSql> {
    Ledger::open(RusqliteSql(Connection::open_in_memory().unwrap())).unwrap()
}

/// A renderer that refuses one text and wraps all others.
#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
pub(crate) fn render(text: &str) -> Option<SafeHtml> {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    (text != "refused").then(|| SafeHtml::from_sanitizer(format!("<p>{escaped}</p>")))
}

/// What it shows of the text that it refuses.
#[expect(clippy::disallowed_methods, reason = "stands in for the sanitizer")]
pub(crate) fn plain(text: &str) -> SafeHtml {
    SafeHtml::from_sanitizer(format!("<p>plainly {}</p>", text.replace('&', "&amp;").replace('<', "&lt;")))
}

/// The renderer of the tests.
pub(crate) const RENDERER: Renderer<'static> = Renderer { version: 1, render: &render, render_plain: &plain };

/// Sends lines, the first of them the header, in batches of so many.
pub(crate) fn send<S: afterword_ledger::Sql>(
    ledger: &Ledger<S>,
    lines: &[impl AsRef<str>],
    batch: usize,
) -> Result<afterword_ledger::ImportCounts, ImportError> {
    let (header, lines) = lines.split_first().unwrap();
    let header = ExportHeader::parse(header.as_ref()).unwrap();
    let (sites, site) = (Sites::parse("https://blog.example=old.example").unwrap(), Origin::parse(SITE).unwrap());
    let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
    let mut all = afterword_ledger::ImportCounts::default();
    for (number, lines) in lines.chunks(batch).enumerate() {
        let first = (number * batch) as u64 + 2;
        let batch =
            ImportBatch { header: &header, first, lines, sites: &sites, site: &site, renderer: RENDERER, now: NOW };
        all += ledger.import(&batch)?;
    }
    Ok(all)
}

/// How a file is restored.
#[derive(Clone, Copy, Default)]
pub(crate) struct How {
    pub(crate) first: Option<u64>,
    pub(crate) dry_run: bool,
}

/// Restores a file that arrives in pieces of these many bytes. Gives what was taken, also when it stops.
pub(crate) fn restore<S: Sql>(
    ledger: &Ledger<S>,
    file: &[u8],
    piece: usize,
    how: How,
) -> (RestoreSummary, Result<RestoreSummary, RestoreError>) {
    let (sites, site) = (Sites::parse("https://blog.example=old.example").unwrap(), Origin::parse(SITE).unwrap());
    let renderer = RENDERER;
    let How { first, dry_run } = how;
    let mut restore = Restore::new(RestoreOptions { sites: &sites, site: &site, renderer, first_line: first, dry_run });
    let mut arrive = || {
        for piece in file.chunks(piece) {
            restore.push(piece);
            while restore.import_next_batch(ledger, NOW)? {}
        }
        restore.finish(ledger, NOW)
    };
    let outcome = arrive();
    (restore.summary(), outcome)
}

/// A file comes to the same in whatever pieces it arrives; a dry run of it changes nothing.
pub(crate) fn hold_in_pieces(file: &[u8]) {
    let (whole, pieces) = (empty(), empty());
    let before = export(&whole, 1 << 20);
    let _ = restore(&whole, file, file.len().max(1), How { first: Some(7), dry_run: true });
    assert_eq!(export(&whole, 1 << 20), before);
    let outcome = restore(&whole, file, file.len().max(1), How::default());
    assert_eq!(outcome, restore(&pieces, file, 7, How::default()));
    assert_eq!(export(&whole, 1 << 20), export(&pieces, 1 << 20));
}

/// Lines are taken or refused as a whole; what is taken is an export again, which a restore gives back to the byte, in one go or
/// twice; nothing panics.
pub(crate) fn hold(text: &str) {
    let mut tally = ExportChecksum::default();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        let closes = tally.verify(line).is_ok();
        assert!(!closes || ExportChecksum::is_closing_line(line));
        tally.add_line(line);
        lines.push(line);
    }
    let known = lines.first().and_then(|line| ExportHeader::parse(line)).is_some_and(|header| header.site == SITE);
    let header =
        if known { lines.remove(0).to_owned() } else { format!(r#"{{"afterword":1,"site":"{SITE}","last":9}}"#) };
    let sent: Vec<&str> = [header.as_str()].into_iter().chain(lines).collect();
    let ledger = empty();
    let before = export(&ledger, 1_000);
    if send(&ledger, &sent, sent.len()).is_err() {
        assert_eq!(export(&ledger, 1_000), before, "a refused batch changes nothing");
        return;
    }
    let first = export(&ledger, 500);
    let restored = empty();
    send(&restored, &first, 3).unwrap();
    assert_eq!(export(&restored, 1 << 20), first, "a restore gives the export back");
    let again = send(&restored, &first, 5).unwrap();
    let added = [again.settings, again.bans, again.audited, again.threads, again.comments, again.votes, again.moved];
    assert_eq!(added, [0; 7], "sending again adds nothing");
    assert_eq!(export(&restored, 1 << 20), first, "and changes nothing");
}
