//! An export on its way back in, in whatever pieces it arrives.

use afterword_model::{Origin, Sites};
use serde::Serialize;

use crate::ledger::Ledger;
use crate::store::sql::Sql;
use crate::transfer::checksum::ChecksumError;
use crate::transfer::checksum::ExportChecksum;
use crate::transfer::export_format::ExportHeader;
use crate::transfer::export_format::MAX_LINE_BYTES;
use crate::transfer::import::ImportBatch;
use crate::transfer::import::ImportCounts;
use crate::transfer::import::ImportError;
use crate::transfer::import::Renderer;
use crate::transfer::import::bad_line;
use crate::transfer::import::validate::LineError;

/// Lines that are imported in one transaction, at most.
const BATCH_LINES: usize = 200;
/// Bytes of lines after which they are imported, however few they are.
const BATCH_BYTES: usize = 256 * 1024;
/// What some editors and shells put before the first line of a text in UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// What a restore is to go by.
#[derive(Clone, Copy, Debug)]
pub struct RestoreOptions<'a> {
    /// All configured sites. An address under an alias of the site counts as one under its own origin.
    pub sites: &'a Sites,
    /// The site that the ledger is of.
    pub site: &'a Origin,
    /// What makes HTML of the texts: that of the export is not trusted.
    pub renderer: Renderer<'a>,
    /// The number in the export of the first line that is sent, the header left out; by it a wrong line is reported. Without it the
    /// header, or what stands first, is line 1.
    pub first_line: Option<u64>,
    /// Only say what would come in.
    pub dry_run: bool,
}

/// A restore under way: a whole export, or a run of its lines, with its header before it or without.
///
/// Bytes go in by [`Restore::push`]; [`Restore::take`] imports what has arrived, one batch a call, so that the caller may do
/// something between two transactions. Lines end in `\n` or `\r\n`, the last one perhaps in nothing. No more than a batch and what was
/// pushed last is in memory.
#[derive(Debug)]
pub struct Restore<'a> {
    terms: RestoreOptions<'a>,
    bytes: Vec<u8>,
    /// Where the next line begins among the bytes, and up to where its end was looked for.
    start: usize,
    searched: usize,
    header: Option<ExportHeader>,
    begun: bool,
    /// The number of the next line.
    number: u64,
    /// The lines so far, if they are an export from its very beginning; only then can its closing line be checked.
    tally: Option<ExportChecksum>,
    /// The closing line is read; whether it was right.
    closed: Option<Result<(), ChecksumError>>,
    /// The first empty line since a line that is not empty.
    empty: Option<u64>,
    batch: Vec<String>,
    batch_bytes: usize,
    batch_first: u64,
    done: RestoreSummary,
}

/// What a restore brought, or would bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RestoreSummary {
    /// Lines taken, those that were known among them; the header and the closing line do not count.
    pub lines: u64,
    /// What was in them.
    #[serde(flatten)]
    pub imported: ImportCounts,
    /// Whether it was a whole export, down to a closing line that is right.
    pub complete: bool,
}

/// Why a restore stopped. The batches before are in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// A line cannot be taken; nothing of its batch was.
    Import(ImportError),
    /// The closing line is not that of the lines before it; nothing of the last batch was taken.
    Checksum(ChecksumError),
}

impl std::fmt::Display for RestoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Import(error) => error.fmt(f),
            Self::Checksum(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RestoreError {}

impl From<ImportError> for RestoreError {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

impl<'a> Restore<'a> {
    /// Begins one.
    pub fn new(terms: RestoreOptions<'a>) -> Self {
        Self {
            terms,
            bytes: Vec::new(),
            start: 0,
            searched: 0,
            header: None,
            begun: false,
            number: terms.first_line.unwrap_or(1),
            tally: None,
            closed: None,
            empty: None,
            batch: Vec::new(),
            batch_bytes: 0,
            batch_first: 0,
            done: RestoreSummary::default(),
        }
    }

    /// What was taken so far.
    pub fn summary(&self) -> RestoreSummary {
        self.done
    }

    /// Whether the closing line is read, right or wrong: this is where the restore ends.
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

    /// Imports the next batch and gives `true`, or `false` when more has to arrive first. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// See [`RestoreError`]; the restore is then over.
    pub fn import_next_batch(&mut self, ledger: &Ledger<impl Sql>, now: i64) -> Result<bool, RestoreError> {
        while self.batch.len() < BATCH_LINES && self.batch_bytes < BATCH_BYTES {
            let Some(end) = self.next_end() else {
                let waiting = self.bytes.len() - self.start;
                // Nobody waits for the end of a line that is too long already.
                return if waiting > MAX_LINE_BYTES + 1 { Err(self.wrong(LineError::TooLong)) } else { Ok(false) };
            };
            let line = self.bytes.get(self.start..end).unwrap_or_default().to_vec();
            (self.start, self.searched) = (end + 1, end + 1);
            self.read(&line)?;
        }
        self.import(ledger, now)?;
        Ok(true)
    }

    /// Imports the rest, once everything has arrived and [`Restore::take`] wants more.
    ///
    /// # Errors
    ///
    /// See [`RestoreError`].
    pub fn finish(&mut self, ledger: &Ledger<impl Sql>, now: i64) -> Result<RestoreSummary, RestoreError> {
        let rest = self.bytes.split_off(self.start);
        if !rest.is_empty() {
            self.read(&rest)?;
        }
        if !self.batch.is_empty() || self.closed.is_some() {
            self.import(ledger, now)?;
        }
        self.done.complete = self.closed.is_some() && self.tally.is_some();
        Ok(self.done)
    }

    /// Where the next line ends.
    fn next_end(&mut self) -> Option<usize> {
        let found = self.bytes.get(self.searched..)?.iter().position(|byte| *byte == b'\n');
        let end = found.map(|at| self.searched + at);
        self.searched = end.unwrap_or(self.bytes.len());
        end
    }

    fn read(&mut self, line: &[u8]) -> Result<(), RestoreError> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(mut line) = std::str::from_utf8(line) else { return Err(self.wrong(LineError::NotText)) };
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
            if let Some(header) = ExportHeader::parse(line) {
                return self.begin(header, line);
            }
        }
        self.accept(line)?;
        self.number += 1;
        Ok(())
    }

    fn begin(&mut self, header: ExportHeader, line: &str) -> Result<(), RestoreError> {
        if !header.is_of(self.terms.sites, self.terms.site) {
            return Err(ImportError::OtherSite.into());
        }
        self.number = self.terms.first_line.unwrap_or(2);
        if self.number == 2 {
            let mut tally = ExportChecksum::default();
            tally.add_line(line);
            self.tally = Some(tally);
        }
        self.header = Some(header);
        Ok(())
    }

    fn accept(&mut self, line: &str) -> Result<(), RestoreError> {
        if line.is_empty() {
            // At the end it is what an editor left, anywhere else it is no line of an export.
            self.empty.get_or_insert(self.number);
            return Ok(());
        }
        if let Some(number) = self.empty {
            return Err(bad_line(number, LineError::Json("an empty line".to_owned())).into());
        }
        if self.closed.is_some() {
            return Err(self.wrong(LineError::AfterEnd));
        }
        if ExportChecksum::is_closing_line(line) {
            self.closed = Some(self.tally.as_ref().map_or(Ok(()), |tally| tally.verify(line)));
            return Ok(());
        }
        if let Some(tally) = &mut self.tally {
            tally.add_line(line);
        }
        if self.batch.is_empty() {
            self.batch_first = self.number;
        }
        self.batch_bytes += line.len();
        self.batch.push(line.to_owned());
        Ok(())
    }

    fn import(&mut self, ledger: &Ledger<impl Sql>, now: i64) -> Result<(), RestoreError> {
        let RestoreOptions { sites, site, renderer, dry_run, .. } = self.terms;
        let sealed = self.closed.clone().unwrap_or(Ok(()));
        let lines: Vec<&str> = self.batch.iter().map(String::as_str).collect();
        let header = self.header.get_or_insert_with(|| ExportHeader::new(site.as_str(), 0));
        let batch = ImportBatch { header, first: self.batch_first, lines: &lines, sites, site, renderer, now };
        // A closing line that is wrong says less than the line for which it is: so that one is looked for first.
        let imported =
            if dry_run || sealed.is_err() { ledger.import_dry_run(&batch)? } else { ledger.import(&batch)? };
        sealed.map_err(RestoreError::Checksum)?;
        self.done.imported += imported;
        self.done.lines += lines.len() as u64;
        self.batch.clear();
        self.batch_bytes = 0;
        Ok(())
    }

    fn wrong(&self, fault: LineError) -> RestoreError {
        bad_line(self.number, fault).into()
    }
}
