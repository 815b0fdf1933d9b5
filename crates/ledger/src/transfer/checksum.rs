//! The closing line of an export: it counts and hashes all lines before it, so that half an export is not taken for a whole.

use afterword_model::encode_hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::transfer::export_format::MAX_LINE_BYTES;

/// The lines of an export so far, counted and hashed. Whoever writes an export takes its last line from here; whoever reads one
/// holds its last line against it.
///
/// The hash is SHA-256 over the lines, each with its `\n`: what `head -n -1 export.jsonl | sha256sum` gives.
#[derive(Clone, Debug, Default)]
pub struct ExportChecksum {
    lines: u64,
    hash: Sha256,
}

/// Why what was read is not a whole export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChecksumError {
    /// The last line is not a closing line: the rest is missing.
    Open,
    /// The closing line counts another number of lines.
    Lines {
        /// Lines before the closing line.
        found: u64,
        /// Lines that the closing line counts.
        told: u64,
    },
    /// The lines are as many, but not the same.
    Hash,
}

impl std::fmt::Display for ChecksumError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open => f.write_str("the closing line is missing: this is not the whole export"),
            Self::Lines { found, told } => write!(f, "{found} lines, but the closing line counts {told}"),
            Self::Hash => f.write_str("the lines are not those that were exported: their SHA-256 is another"),
        }
    }
}

impl std::error::Error for ChecksumError {}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closing {
    end: End,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    lines: u64,
    sha256: String,
}

impl ExportChecksum {
    /// Takes in the next line, given without its line end.
    pub fn add_line(&mut self, line: &str) {
        self.lines += 1;
        self.hash.update(line);
        self.hash.update("\n");
    }

    /// How many lines were taken in.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Whether a line is a closing line, right or wrong.
    pub fn is_closing_line(line: &str) -> bool {
        parse(line).is_some()
    }

    /// The line that closes an export of these lines.
    pub fn closing_line(&self) -> String {
        format!(r#"{{"end":{{"lines":{},"sha256":"{}"}}}}"#, self.lines, self.sha256())
    }

    fn sha256(&self) -> String {
        encode_hex(&self.hash.clone().finalize())
    }

    /// Holds a closing line against the lines before it.
    ///
    /// # Errors
    ///
    /// See [`SealError`].
    pub fn verify(&self, line: &str) -> Result<(), ChecksumError> {
        let told = parse(line).ok_or(ChecksumError::Open)?;
        if told.lines != self.lines {
            return Err(ChecksumError::Lines { found: self.lines, told: told.lines });
        }
        if told.sha256 == self.sha256() { Ok(()) } else { Err(ChecksumError::Hash) }
    }
}

fn parse(line: &str) -> Option<End> {
    let closing: Option<Closing> = (line.len() <= MAX_LINE_BYTES).then(|| serde_json::from_str(line).ok())?;
    closing.map(|closing| closing.end)
}
