//! The input, the result and the errors of an import.

use afterword_model::{Origin, Sites};
use serde::Serialize;

use crate::error::LedgerError;
use crate::publish::renderer::Renderer;
use crate::transfer::export_format::ExportHeader;
use crate::transfer::import::validate::{LineError, ValidLine, Validator};

/// Consecutive lines of an export.
#[derive(Clone, Copy, Debug)]
pub struct ImportBatch<'a> {
    /// The first line of the export. It comes with every batch.
    pub header: &'a ExportHeader,
    /// Number of the first of the lines in the export, counted from 1, for error messages.
    pub first: u64,
    /// The lines, without the first and the closing line of the export.
    pub lines: &'a [&'a str],
    /// All configured sites. An address under an alias of the site counts as one under its own origin.
    pub sites: &'a Sites,
    /// The site of the ledger.
    pub site: &'a Origin,
    /// Renderer for the texts. The HTML in the export is not trusted.
    pub renderer: Renderer<'a>,
    /// Unix time in seconds.
    pub now: i64,
}

impl ImportBatch<'_> {
    pub(crate) fn validate(&self) -> Result<Vec<ValidLine>, ImportError> {
        if !self.header.is_of_site(self.sites, self.site) {
            return Err(ImportError::OtherSite);
        }
        let validator = Validator { sites: self.sites, site: self.site, renderer: self.renderer };
        let numbered = self.lines.iter().zip(self.first..);
        numbered
            .map(|(line, number)| validator.validate(line).map_err(|error| ImportError::line(number, error)))
            .collect()
    }
}

/// Counts of what an import added, or would add.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportCounts {
    /// New settings. A setting that the site has already is kept.
    pub settings: u32,
    /// New bans.
    pub bans: u32,
    /// New entries of the audit log.
    pub audited: u32,
    /// New threads.
    pub threads: u32,
    /// New comments.
    pub comments: u32,
    /// New comments that got another id because theirs was taken.
    pub renumbered: u32,
    /// New comments whose text the renderer refuses. They are shown as plain text.
    pub refused: u32,
    /// New votes.
    pub votes: u32,
    /// New redirects.
    pub moved: u32,
    /// Lines whose content the ledger has already.
    pub known: u32,
}

impl std::ops::AddAssign for ImportCounts {
    fn add_assign(&mut self, other: Self) {
        let Self { settings, bans, audited, threads, comments, renumbered, refused, votes, moved, known } = other;
        self.settings += settings;
        self.bans += bans;
        self.audited += audited;
        self.threads += threads;
        self.comments += comments;
        self.renumbered += renumbered;
        self.refused += refused;
        self.votes += votes;
        self.moved += moved;
        self.known += known;
    }
}

/// An invalid line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidLine {
    /// Its number in the export, counted from 1.
    pub number: u64,
    /// The error in it.
    pub error: LineError,
}

/// Reason why an import failed. Nothing of the batch was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// The export is of another site.
    OtherSite,
    /// A line is invalid; it is the first such line.
    Line(InvalidLine),
    /// The ledger failed.
    Ledger(LedgerError),
}

impl ImportError {
    pub(crate) fn line(number: u64, error: LineError) -> Self {
        Self::Line(InvalidLine { number, error })
    }
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OtherSite => f.write_str("the export is of another site"),
            Self::Line(InvalidLine { number, error }) => write!(f, "line {number}: {error}"),
            Self::Ledger(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<LedgerError> for ImportError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}
