//! A reader for export files, line by line.

use std::io::{BufRead, Read};

use afterword_ledger::{ChecksumError, ExportChecksum, ExportHeader, MAX_LINE_BYTES};
use anyhow::{Context, Result, bail};

/// Summary of a complete export.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ExportSummary {
    /// The first line.
    pub(crate) header: String,
    /// The site that was exported.
    pub(crate) site: String,
    /// Number of lines, without the closing line.
    pub(crate) lines: u64,
    /// Number of comments.
    pub(crate) comments: u64,
}

/// Reads an export to its end and passes every line to `each`. Fails unless the export is complete: the first line names the site, and the closing
/// line has the count and the hash of all lines before it.
pub(crate) fn read(source: impl BufRead, mut each: impl FnMut(&str) -> Result<()>) -> Result<ExportSummary> {
    let mut lines = Lines { source, number: 0 };
    let Some(header) = lines.next()? else { bail!("the file is empty") };
    let Some(ExportHeader { site, .. }) = ExportHeader::parse(&header) else {
        bail!("the first line is not that of an export that this version can read")
    };
    each(&header)?;
    let mut checksum = ExportChecksum::default();
    checksum.add_line(&header);
    let (mut closed, mut comments) = (Err(ChecksumError::Open), 0);
    while let Some(line) = lines.next()? {
        if closed.is_ok() {
            bail!("line {} follows the closing line", lines.number);
        }
        each(&line)?;
        if ExportChecksum::is_closing_line(&line) {
            checksum.verify(&line)?;
            closed = Ok(());
        } else {
            checksum.add_line(&line);
            comments += u64::from(line.starts_with("{\"comment\""));
        }
    }
    closed?;
    Ok(ExportSummary { header, site, lines: checksum.lines(), comments })
}

/// Reads lines without their line endings, of any kind.
struct Lines<R> {
    source: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<String>> {
        self.number += 1;
        let mut bytes = Vec::new();
        // A line that is too long is never read into memory completely.
        self.source.by_ref().take(MAX_LINE_BYTES as u64 + 2).read_until(b'\n', &mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let mut line = bytes.as_slice();
        line = line.strip_suffix(b"\n").unwrap_or(line);
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.number == 1 {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.len() > MAX_LINE_BYTES {
            bail!("line {} is longer than any line of an export", self.number);
        }
        let text = String::from_utf8(line.to_vec());
        text.map(Some).with_context(|| format!("line {} is not UTF-8; is the file compressed?", self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = r#"{"afterword":2,"site":"https://blog.example","last":2}"#;

    fn closed(lines: &[&str]) -> String {
        let mut checksum = ExportChecksum::default();
        lines.iter().for_each(|line| checksum.add_line(line));
        format!("{}\n{}\n", lines.join("\n"), checksum.closing_line())
    }

    fn outcome(file: impl AsRef<[u8]>) -> Result<(ExportSummary, Vec<String>)> {
        let mut seen = Vec::new();
        let export = read(file.as_ref(), |line| {
            seen.push(line.to_owned());
            Ok(())
        })?;
        Ok((export, seen))
    }

    #[test]
    fn complete_export_is_read_line_by_line() {
        let file = closed(&[HEADER, "{\"thread\":1}", "{\"comment\":1}", "{\"comment\":2}"]);
        for text in [file.clone(), file.replace('\n', "\r\n"), format!("\u{feff}{file}"), file.trim_end().to_owned()] {
            let (export, seen) = outcome(text).unwrap();
            let expected = ExportSummary {
                header: HEADER.to_owned(),
                site: "https://blog.example".to_owned(),
                lines: 4,
                comments: 2,
            };
            assert_eq!(export, expected);
            assert_eq!(seen, file.lines().collect::<Vec<_>>());
        }
    }

    #[test]
    fn incomplete_export_is_rejected_with_a_reason() {
        let file = closed(&[HEADER, "{\"thread\":1}", "{\"comment\":1}"]);
        let check = |file: &[u8], words: &str| {
            let error = format!("{:#}", outcome(file).unwrap_err());
            assert!(error.contains(words), "{error}");
        };
        check(b"", "empty");
        check(b"{}\n", "first line");
        check(b"\n", "first line");
        check(format!("{HEADER}\n").as_bytes(), "closing line is missing");
        check(file.replace("{\"thread\":1}\n", "").as_bytes(), "2 lines");
        check(file.replace("{\"thread\":1}", "{\"thread\":2}").as_bytes(), "SHA-256");
        check(file.replace("sha256\":\"", "sha256\":\"0").as_bytes(), "SHA-256");
        check(&file.as_bytes()[..file.len() - 9], "closing line is missing");
        check(format!("{file}{file}").as_bytes(), "line 5 follows");
        check(&[0x1f, 0x8b, 8, 0, b'\n'], "compressed");
        check(&vec![b'x'; MAX_LINE_BYTES + 1], "longer");
        check(&[HEADER.as_bytes(), b"\n", &vec![b'x'; 2 << 20]].concat(), "line 2 is longer");
    }
}
