//! The input, the result and the errors of an import.

use afterword_model::moderation::BanKind;
use afterword_model::{Origin, Sites};
use serde::Serialize;
use thiserror::Error;

use crate::error::{LedgerError, SqlError};
use crate::policy::submission_policy::PatternCompiler;
use crate::publish::renderer::Renderer;
use crate::store::ban::Ban;
use crate::store::setting::SettingChange;
use crate::transfer::import::validate::{LineError, ValidComment, ValidLine, Validator};
use afterword_model::export_format::ExportHeader;

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
    /// Compiler of patterns, by which rules that are not valid are found. Without it none are counted.
    pub patterns: Option<&'a dyn PatternCompiler>,
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportCounts {
    /// New settings. A setting that the site has already is kept.
    pub settings: u32,
    /// Names of the new settings.
    pub changed_settings: Vec<&'static str>,
    /// New bans.
    pub bans: u32,
    /// New bans and lists of muted words that are not valid. While they are in force, every comment is held.
    pub invalid_rules: u32,
    /// New authors whom a moderator has declared to be trusted.
    pub trusted: u32,
    /// New entries of the audit log.
    pub audited: u32,
    /// New threads.
    pub threads: u32,
    /// New comments.
    pub comments: u32,
    /// New comments that are marked as written by the owner of the site.
    pub owner_comments: u32,
    /// New comments that are pinned.
    pub pinned_comments: u32,
    /// New comments that got another id because theirs was taken.
    pub renumbered: u32,
    /// New comments whose text the renderer refuses. They are shown as plain text.
    pub refused: u32,
    /// New votes.
    pub votes: u32,
    /// New reactions.
    pub reactions: u32,
    /// New reports.
    pub reports: u32,
    /// New redirects.
    pub moved: u32,
    /// Lines whose content the ledger has already.
    pub known: u32,
}

impl ImportCounts {
    pub(crate) fn add_comment(&mut self, comment: &ValidComment) {
        self.comments += 1;
        self.owner_comments += u32::from(comment.line.owner);
        self.pinned_comments += u32::from(comment.line.pinned);
        self.refused += u32::from(comment.refused);
    }

    pub(crate) fn add_setting(&mut self, change: &SettingChange, batch: &ImportBatch<'_>) {
        self.settings += 1;
        self.changed_settings.push(change.name());
        if let (SettingChange::MutedWords(list), Some(patterns)) = (change, batch.patterns) {
            self.invalid_rules += u32::from(patterns.compile_muted_words(list).is_none());
        }
    }

    pub(crate) fn add_ban(&mut self, ban: &Ban, batch: &ImportBatch<'_>) {
        self.bans += 1;
        if let (BanKind::Name | BanKind::Email, Some(patterns)) = (ban.kind, batch.patterns) {
            self.invalid_rules += u32::from(ban.is_active(batch.now) && patterns.compile_ban(ban).is_none());
        }
    }
}

impl std::ops::AddAssign for ImportCounts {
    fn add_assign(&mut self, other: Self) {
        self.settings += other.settings;
        self.changed_settings.extend(other.changed_settings);
        self.bans += other.bans;
        self.invalid_rules += other.invalid_rules;
        self.trusted += other.trusted;
        self.audited += other.audited;
        self.threads += other.threads;
        self.comments += other.comments;
        self.owner_comments += other.owner_comments;
        self.pinned_comments += other.pinned_comments;
        self.renumbered += other.renumbered;
        self.refused += other.refused;
        self.votes += other.votes;
        self.reactions += other.reactions;
        self.reports += other.reports;
        self.moved += other.moved;
        self.known += other.known;
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
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImportError {
    /// The export is of another site.
    #[error("the export is of another site")]
    OtherSite,
    /// A line is invalid; it is the first such line.
    #[error("line {}: {}", .0.number, .0.error)]
    Line(InvalidLine),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl ImportError {
    pub(crate) fn line(number: u64, error: LineError) -> Self {
        Self::Line(InvalidLine { number, error })
    }
}

impl From<SqlError> for ImportError {
    fn from(error: SqlError) -> Self {
        Self::Ledger(error.into())
    }
}
