//! The file of an export, read line by line.

use std::io::{BufRead, Read};

use afterword_ledger::{Header, LINE_BYTES, SealError, Tally};
use anyhow::{Context, Result, bail};

/// An export, whole and as it was written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ExportSummary {
    /// Its first line.
    pub(super) header: String,
    /// The site it is of.
    pub(super) site: String,
    /// Its lines, the closing line not counted.
    pub(super) lines: u64,
    /// How many of them are comments.
    pub(super) comments: u64,
}

/// Reads an export to its end, and hands every line to `each`. Fails unless it is whole: a first line that names the site, and a closing
/// line that counts and hashes all before it.
pub(super) fn read(source: impl BufRead, mut each: impl FnMut(&str) -> Result<()>) -> Result<ExportSummary> {
    let mut lines = Lines { source, number: 0 };
    let Some(header) = lines.next()? else { bail!("it is empty") };
    let Some(Header { site, .. }) = Header::parse(&header) else {
        bail!("its first line is not that of an export that this version reads")
    };
    each(&header)?;
    let mut tally = Tally::default();
    tally.add(&header);
    let (mut closed, mut comments) = (Err(SealError::Open), 0);
    while let Some(line) = lines.next()? {
        if closed.is_ok() {
            bail!("line {} follows its closing line", lines.number);
        }
        each(&line)?;
        if Tally::is_closing(&line) {
            tally.check(&line)?;
            closed = Ok(());
        } else {
            tally.add(&line);
            comments += u64::from(line.starts_with("{\"comment\""));
        }
    }
    closed?;
    Ok(ExportSummary { header, site, lines: tally.lines(), comments })
}

/// Lines without their ends, whatever ends an editor or a copy gave them.
struct Lines<R> {
    source: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<String>> {
        self.number += 1;
        let mut bytes = Vec::new();
        // A line that is too long is never wholly in memory.
        self.source.by_ref().take(LINE_BYTES as u64 + 2).read_until(b'\n', &mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let mut line = bytes.as_slice();
        line = line.strip_suffix(b"\n").unwrap_or(line);
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.number == 1 {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.len() > LINE_BYTES {
            bail!("line {} is longer than any line of an export", self.number);
        }
        let text = String::from_utf8(line.to_vec());
        text.map(Some).with_context(|| format!("line {} is not text; is the file compressed?", self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = r#"{"afterword":1,"site":"https://blog.example","last":2}"#;

    fn sealed(lines: &[&str]) -> String {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.add(line));
        format!("{}\n{}\n", lines.join("\n"), tally.closing_line())
    }

    fn outcome(file: impl AsRef<[u8]>) -> Result<(ExportSummary, Vec<String>)> {
        let mut seen = Vec::new();
        let whole = read(file.as_ref(), |line| {
            seen.push(line.to_owned());
            Ok(())
        })?;
        Ok((whole, seen))
    }

    #[test]
    fn a_whole_file_is_handed_on_line_by_line() {
        let file = sealed(&[HEADER, "{\"thread\":1}", "{\"comment\":1}", "{\"comment\":2}"]);
        for text in [file.clone(), file.replace('\n', "\r\n"), format!("\u{feff}{file}"), file.trim_end().to_owned()] {
            let (whole, seen) = outcome(text).unwrap();
            let expected = ExportSummary {
                header: HEADER.to_owned(),
                site: "https://blog.example".to_owned(),
                lines: 4,
                comments: 2,
            };
            assert_eq!(whole, expected);
            assert_eq!(seen, file.lines().collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_not_whole_is_told() {
        let file = sealed(&[HEADER, "{\"thread\":1}", "{\"comment\":1}"]);
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
        check(&vec![b'x'; LINE_BYTES + 1], "longer");
        check(&[HEADER.as_bytes(), b"\n", &vec![b'x'; 2 << 20]].concat(), "line 2 is longer");
    }
}
