//! The closing line of an export. It has the number and a hash of all lines before it, so that part of an export is not taken for a
//! whole one.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::export_format::MAX_LINE_BYTES;
use crate::hex::encode_hex;

/// Number and hash of the lines of an export so far. A writer gets the closing line from it, a reader verifies the closing line with it.
///
/// The hash is the SHA-256 of the lines, each with its `\n`, as printed by `head -n -1 export.jsonl | sha256sum`.
#[derive(Clone, Debug, Default)]
pub struct ExportChecksum {
    lines: u64,
    hash: Sha256,
}

/// Reason why lines are not a whole export.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChecksumError {
    /// The last line is not a closing line: the rest is missing.
    #[error("the closing line is missing: this is not the whole export")]
    Open,
    /// The closing line states another number of lines.
    #[error("found {found} lines, but the closing line states {stated}")]
    Lines {
        /// Number of lines before the closing line.
        found: u64,
        /// Number of lines that the closing line states.
        stated: u64,
    },
    /// The number of lines is right, but they are not the same lines.
    #[error("the lines are not those that were exported: their SHA-256 differs")]
    Hash,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosingLine {
    end: Totals,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Totals {
    lines: u64,
    sha256: String,
}

impl ExportChecksum {
    /// Adds the next line, given without its line end.
    pub fn add_line(&mut self, line: &str) {
        self.lines += 1;
        self.hash.update(line);
        self.hash.update("\n");
    }

    /// Number of lines that were added.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Returns true if a line is a closing line, whether its checksum is right or wrong.
    pub fn is_closing_line(line: &str) -> bool {
        parse(line).is_some()
    }

    /// The closing line of an export of these lines.
    pub fn closing_line(&self) -> String {
        format!(r#"{{"end":{{"lines":{},"sha256":"{}"}}}}"#, self.lines, self.sha256())
    }

    fn sha256(&self) -> String {
        encode_hex(&self.hash.clone().finalize())
    }

    /// Verifies a closing line against the lines before it.
    ///
    /// # Errors
    ///
    /// See [`ChecksumError`].
    pub fn verify(&self, line: &str) -> Result<(), ChecksumError> {
        let stated = parse(line).ok_or(ChecksumError::Open)?;
        if stated.lines != self.lines {
            return Err(ChecksumError::Lines { found: self.lines, stated: stated.lines });
        }
        if stated.sha256 == self.sha256() { Ok(()) } else { Err(ChecksumError::Hash) }
    }
}

fn parse(line: &str) -> Option<Totals> {
    let closing: Option<ClosingLine> = (line.len() <= MAX_LINE_BYTES).then(|| serde_json::from_str(line).ok())?;
    closing.map(|closing| closing.end)
}
