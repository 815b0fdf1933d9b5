//! Import of a stream of bytes, in pieces of any size.

use afterword_model::{Origin, Sites};
use serde::Serialize;
use thiserror::Error;

use crate::ledger::Ledger;
use crate::policy::submission_policy::PatternCompiler;
use crate::publish::renderer::Renderer;
use crate::store::sql::Sql;
use crate::transfer::import::batch::{ImportBatch, ImportCounts, ImportError};
use crate::transfer::import::validate::LineError;
use afterword_model::export_format::{ChecksumError, ExportChecksum};
use afterword_model::export_format::{ExportHeader, MAX_LINE_BYTES};

/// Maximum number of lines in one transaction.
const BATCH_LINES: usize = 200;
/// Bytes of lines after which a batch is imported, however few lines it has.
const BATCH_BYTES: usize = 256 * 1024;
/// Some editors and shells put this before the first line of a text in UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Options of a restore.
#[derive(Clone, Copy, Debug)]
pub struct RestoreOptions<'a> {
    /// All configured sites. An address under an alias of the site counts as one under its own origin.
    pub sites: &'a Sites,
    /// The site of the ledger.
    pub site: &'a Origin,
    /// Renderer for the texts. The HTML in the export is not trusted.
    pub renderer: Renderer<'a>,
    /// Compiler of patterns, by which rules that are not valid are found. Without it none are counted.
    pub patterns: Option<&'a dyn PatternCompiler>,
    /// Number in the export of the first line that is sent, not counting the header, for error messages. Without it, the header, or
    /// the first line if there is no header, is line 1.
    pub first_line: Option<u64>,
    /// Only count what would be imported.
    pub dry_run: bool,
}

/// A restore in progress: of a whole export, or of some of its lines, with or without its header before them.
///
/// Bytes go in through [`Restore::push`]. [`Restore::import_next_batch`] imports what has arrived, one batch at a time, so that the caller
/// can do other work between two transactions. Lines end in `\n` or `\r\n`; the line end of the last one may be missing. No more than one
/// batch and the bytes of the last push are in memory.
#[derive(Debug)]
pub struct Restore<'a> {
    options: RestoreOptions<'a>,
    bytes: Vec<u8>,
    /// Index at which the next line begins.
    start: usize,
    /// Index up to which its end was searched.
    searched: usize,
    header: Option<ExportHeader>,
    /// True once a line was read.
    has_begun: bool,
    /// Number of the next line.
    number: u64,
    /// Checksum of the lines so far, if they are an export from its beginning. Only then can the closing line be verified.
    checksum: Option<ExportChecksum>,
    /// Result of verifying the closing line, once it was read.
    closed: Option<Result<(), ChecksumError>>,
    /// Number of the first empty line after the last line that is not empty.
    empty_line: Option<u64>,
    batch: Vec<String>,
    batch_bytes: usize,
    batch_first: u64,
    summary: RestoreSummary,
}

/// Counts of what a restore added, or would add.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RestoreSummary {
    /// Number of imported lines, including known ones, but not the header and the closing line.
    pub lines: u64,
    /// The content of these lines.
    #[serde(flatten)]
    pub imported: ImportCounts,
    /// True if it was a whole export with a correct closing line.
    pub complete: bool,
}

/// Reason why a restore stopped. The batches before it are in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RestoreError {
    /// A line cannot be imported. Nothing of its batch was written.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The closing line does not match the lines before it. Nothing of the last batch was written.
    #[error(transparent)]
    Checksum(ChecksumError),
}

impl<'a> Restore<'a> {
    /// Starts a restore.
    pub fn new(options: RestoreOptions<'a>) -> Self {
        Self {
            options,
            bytes: Vec::new(),
            start: 0,
            searched: 0,
            header: None,
            has_begun: false,
            number: options.first_line.unwrap_or(1),
            checksum: None,
            closed: None,
            empty_line: None,
            batch: Vec::new(),
            batch_bytes: 0,
            batch_first: 0,
            summary: RestoreSummary::default(),
        }
    }

    /// The counts so far.
    pub fn summary(&self) -> RestoreSummary {
        self.summary.clone()
    }

    /// Returns true if the closing line was read, whether it is right or wrong. The restore ends there.
    pub fn is_complete(&self) -> bool {
        self.closed.is_some()
    }

    /// Adds the bytes that arrived next.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Imports the next batch and returns true, or returns false if more bytes are needed first. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// See [`RestoreError`]. The restore is then over.
    pub fn import_next_batch(&mut self, ledger: &Ledger<impl Sql>, now: i64) -> Result<bool, RestoreError> {
        while self.batch.len() < BATCH_LINES && self.batch_bytes < BATCH_BYTES {
            let Some(end) = self.find_line_end() else {
                let waiting = self.bytes.len() - self.start;
                // The line is too long already, whatever its end.
                return if waiting > MAX_LINE_BYTES + 1 { Err(self.line_error(LineError::TooLong)) } else { Ok(false) };
            };
            let line = self.bytes.get(self.start..end).unwrap_or_default().to_vec();
            (self.start, self.searched) = (end + 1, end + 1);
            self.read_line(&line)?;
        }
        self.import_batch(ledger, now)?;
        Ok(true)
    }

    /// Imports the rest, once all bytes have arrived and [`Restore::import_next_batch`] needs more.
    ///
    /// # Errors
    ///
    /// See [`RestoreError`].
    pub fn finish(&mut self, ledger: &Ledger<impl Sql>, now: i64) -> Result<RestoreSummary, RestoreError> {
        let rest = self.bytes.split_off(self.start);
        if !rest.is_empty() {
            self.read_line(&rest)?;
        }
        if !self.batch.is_empty() || self.closed.is_some() {
            self.import_batch(ledger, now)?;
        }
        self.summary.complete = self.closed.is_some() && self.checksum.is_some();
        Ok(self.summary.clone())
    }

    fn find_line_end(&mut self) -> Option<usize> {
        let found = self.bytes.get(self.searched..)?.iter().position(|byte| *byte == b'\n');
        let end = found.map(|offset| self.searched + offset);
        self.searched = end.unwrap_or(self.bytes.len());
        end
    }

    fn read_line(&mut self, line: &[u8]) -> Result<(), RestoreError> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(mut line) = std::str::from_utf8(line) else { return Err(self.line_error(LineError::NotText)) };
        if !std::mem::replace(&mut self.has_begun, true) {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
            if let Some(header) = ExportHeader::parse(line) {
                return self.accept_header(header, line);
            }
        }
        self.accept_line(line)?;
        self.number += 1;
        Ok(())
    }

    fn accept_header(&mut self, header: ExportHeader, line: &str) -> Result<(), RestoreError> {
        if !header.is_of_site(self.options.sites, self.options.site) {
            return Err(ImportError::OtherSite.into());
        }
        self.number = self.options.first_line.unwrap_or(2);
        if self.number == 2 {
            let mut checksum = ExportChecksum::default();
            checksum.add_line(line);
            self.checksum = Some(checksum);
        }
        self.header = Some(header);
        Ok(())
    }

    fn accept_line(&mut self, line: &str) -> Result<(), RestoreError> {
        if line.is_empty() {
            // An editor may leave empty lines at the end. Anywhere else an empty line is no line of an export.
            self.empty_line.get_or_insert(self.number);
            return Ok(());
        }
        if let Some(number) = self.empty_line {
            return Err(ImportError::line(number, LineError::Json("an empty line".to_owned())).into());
        }
        if self.closed.is_some() {
            return Err(self.line_error(LineError::AfterEnd));
        }
        if ExportChecksum::is_closing_line(line) {
            self.closed = Some(self.checksum.as_ref().map_or(Ok(()), |checksum| checksum.verify(line)));
            return Ok(());
        }
        if let Some(checksum) = &mut self.checksum {
            checksum.add_line(line);
        }
        if self.batch.is_empty() {
            self.batch_first = self.number;
        }
        self.batch_bytes += line.len();
        self.batch.push(line.to_owned());
        Ok(())
    }

    fn import_batch(&mut self, ledger: &Ledger<impl Sql>, now: i64) -> Result<(), RestoreError> {
        let RestoreOptions { sites, site, renderer, patterns, dry_run, .. } = self.options;
        let verified = self.closed.clone().unwrap_or(Ok(()));
        let lines: Vec<&str> = self.batch.iter().map(String::as_str).collect();
        let header = self.header.get_or_insert_with(|| ExportHeader::new(site.as_str(), 0));
        let batch =
            ImportBatch { header, first: self.batch_first, lines: &lines, sites, site, renderer, patterns, now };
        // An invalid line says more than the wrong checksum that it causes, so it is reported first.
        let imported = if dry_run || verified.is_err() {
            ledger.import_dry_run(&batch, &self.summary.imported)?
        } else {
            ledger.import(&batch)?
        };
        verified.map_err(RestoreError::Checksum)?;
        self.summary.imported += imported;
        self.summary.lines += lines.len() as u64;
        self.batch.clear();
        self.batch_bytes = 0;
        Ok(())
    }

    fn line_error(&self, error: LineError) -> RestoreError {
        ImportError::line(self.number, error).into()
    }
}
