//! A reader for export files, which takes bytes as they come and gives lines.

use afterword_ledger::{ChecksumError, ExportChecksum, ExportHeader, MAX_LINE_BYTES};
use thiserror::Error;

/// Summary of a complete export.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ExportSummary {
    /// The first line.
    pub header: String,
    /// The site that was exported.
    pub site: String,
    /// Number of lines, without the closing line.
    pub lines: u64,
    /// Number of comments.
    pub comments: u64,
}

/// Reason why a file is not a whole export.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExportFileError {
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// Its first line is another one.
    #[error("the first line is not that of an export that this version can read")]
    NoHeader,
    /// There is a line after the last.
    #[error("line {0} follows the closing line")]
    AfterEnd(u64),
    /// A line is too long.
    #[error("line {0} is longer than any line of an export")]
    TooLong(u64),
    /// A line is not text.
    #[error("line {0} is not UTF-8; is the file compressed?")]
    NotUtf8(u64),
    /// Lines are missing or changed.
    #[error(transparent)]
    Checksum(#[from] ChecksumError),
}

/// Reads an export. It is complete if the first line names the site, and the closing line has the count and the hash of all lines before it.
#[derive(Debug, Default)]
pub struct ExportReader {
    /// The beginning of a line whose end has not come yet.
    rest: Vec<u8>,
    number: u64,
    header: Option<(String, String)>,
    checksum: ExportChecksum,
    comments: u64,
    is_closed: bool,
}

impl ExportReader {
    /// Takes the next bytes of the file, and passes every line that they complete to `each`, without its line ending.
    ///
    /// # Errors
    ///
    /// If the file is not an export.
    pub fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(&str)) -> Result<(), ExportFileError> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            // A line that is too long is never kept whole.
            let room = (MAX_LINE_BYTES + 4).saturating_sub(self.rest.len());
            self.rest.extend_from_slice(piece.get(..room).unwrap_or(piece));
            if self.rest.len() > MAX_LINE_BYTES + 3 {
                return Err(ExportFileError::TooLong(self.number + 1));
            }
            if self.rest.ends_with(b"\n") {
                self.end_line(each)?;
            }
        }
        Ok(())
    }

    /// Takes the end of the file.
    ///
    /// # Errors
    ///
    /// If the export is not complete.
    pub fn finish(mut self, each: &mut dyn FnMut(&str)) -> Result<ExportSummary, ExportFileError> {
        if !self.rest.is_empty() {
            self.end_line(each)?;
        }
        let (header, site) = self.header.ok_or(ExportFileError::Empty)?;
        if !self.is_closed {
            return Err(ChecksumError::Open.into());
        }
        Ok(ExportSummary { header, site, lines: self.checksum.lines(), comments: self.comments })
    }

    fn end_line(&mut self, each: &mut dyn FnMut(&str)) -> Result<(), ExportFileError> {
        self.number += 1;
        let bytes = std::mem::take(&mut self.rest);
        let mut line = bytes.as_slice();
        line = line.strip_suffix(b"\n").unwrap_or(line);
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.number == 1 {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.len() > MAX_LINE_BYTES {
            return Err(ExportFileError::TooLong(self.number));
        }
        let line = std::str::from_utf8(line).map_err(|_| ExportFileError::NotUtf8(self.number))?;
        self.add_line(line)?;
        each(line);
        Ok(())
    }

    fn add_line(&mut self, line: &str) -> Result<(), ExportFileError> {
        if self.is_closed {
            return Err(ExportFileError::AfterEnd(self.number));
        }
        if self.header.is_none() {
            let header = ExportHeader::parse(line).ok_or(ExportFileError::NoHeader)?;
            self.header = Some((line.to_owned(), header.site));
        }
        if ExportChecksum::is_closing_line(line) {
            self.checksum.verify(line)?;
            self.is_closed = true;
        } else {
            self.checksum.add_line(line);
            self.comments += u64::from(line.starts_with("{\"comment\""));
        }
        Ok(())
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

    /// Reads a file in pieces of a length.
    fn outcome(file: impl AsRef<[u8]>, length: usize) -> Result<(ExportSummary, Vec<String>), ExportFileError> {
        let mut seen = Vec::new();
        let mut each = |line: &str| seen.push(line.to_owned());
        let mut reader = ExportReader::default();
        for piece in file.as_ref().chunks(length) {
            reader.push(piece, &mut each)?;
        }
        let summary = reader.finish(&mut each)?;
        Ok((summary, seen))
    }

    #[test]
    fn complete_export_is_read_line_by_line() {
        let file = closed(&[HEADER, "{\"thread\":1}", "{\"comment\":1}", "{\"comment\":2}"]);
        for text in [file.clone(), file.replace('\n', "\r\n"), format!("\u{feff}{file}"), file.trim_end().to_owned()] {
            for length in [1, 2, 7, 1_000_000] {
                let (export, seen) = outcome(&text, length).unwrap();
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
    }

    #[test]
    fn incomplete_export_is_rejected_with_a_reason() {
        let file = closed(&[HEADER, "{\"thread\":1}", "{\"comment\":1}"]);
        let check = |file: &[u8], words: &str| {
            for length in [5, 65_536] {
                let error = outcome(file, length).unwrap_err().to_string();
                assert!(error.contains(words), "{error}");
            }
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

    #[test]
    fn a_long_line_is_not_kept() {
        let mut reader = ExportReader::default();
        for _ in 0..1_000 {
            if reader.push(&[b'x'; 65_536], &mut |_| {}).is_err() {
                break;
            }
        }
        assert!(reader.rest.capacity() <= 2 * MAX_LINE_BYTES + 65_536);
    }
}
