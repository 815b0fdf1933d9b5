//! Bringing a site back from an export, or carrying comments into a site that has others.

pub(crate) mod apply;
pub(crate) mod validate;

use afterword_model::{Origin, SafeHtml, Sites};
use serde::Serialize;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::sql::Sql;
use crate::transfer::export_format::ExportHeader;
use crate::transfer::import::apply::Turn;
use crate::transfer::import::validate::{Checked, LineError, Rules};

/// How texts become HTML: the caller's, so that the ledger needs no renderer of its own.
#[derive(Clone, Copy)]
pub struct Renderer<'a> {
    /// The version of the renderer.
    pub version: i64,
    /// Renders a text; `None` if it is refused.
    pub render: &'a dyn Fn(&str) -> Option<SafeHtml>,
    /// What is shown of a text that is refused, and was taken by another version: it refuses none.
    pub render_plain: &'a dyn Fn(&str) -> SafeHtml,
}

impl Renderer<'_> {
    /// The HTML of a text that is stored already, and whether it had to be the plain one.
    pub(crate) fn rendered(&self, text: &str) -> (SafeHtml, bool) {
        (self.render)(text).map_or_else(|| ((self.render_plain)(text), true), |html| (html, false))
    }
}

impl std::fmt::Debug for Renderer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renderer").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Some lines of an export, in their order.
#[derive(Clone, Copy, Debug)]
pub struct ImportBatch<'a> {
    /// The first line of the export; every batch comes with it.
    pub header: &'a ExportHeader,
    /// The number of the first of the lines in the export, from 1, by which a wrong line is reported.
    pub first: u64,
    /// The lines. Neither the first nor the closing line of the export is among them.
    pub lines: &'a [&'a str],
    /// All configured sites. An address under an alias of the site counts as one under its own origin.
    pub sites: &'a Sites,
    /// The site that the ledger is of.
    pub site: &'a Origin,
    /// What makes HTML of the texts: that of the export is not trusted.
    pub renderer: Renderer<'a>,
    /// The time, in Unix seconds.
    pub now: i64,
}

/// What an import brought, or would bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportCounts {
    /// New settings: a site keeps those that it has.
    pub settings: u32,
    /// New bans.
    pub bans: u32,
    /// New entries of the audit log.
    pub audited: u32,
    /// New threads.
    pub threads: u32,
    /// New comments.
    pub comments: u32,
    /// Those of them that got another number, since theirs was taken.
    pub renumbered: u32,
    /// Those of them whose text the renderer refuses; they are shown as the plain text they are.
    pub refused: u32,
    /// New votes.
    pub votes: u32,
    /// New former addresses.
    pub moved: u32,
    /// Lines that say what is in the ledger already.
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

/// A line that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidLine {
    /// Its number in the export, from 1.
    pub number: u64,
    /// What is wrong with it.
    pub error: LineError,
}

/// Why an import did not happen. Nothing of the batch was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// The export is of another site.
    OtherSite,
    /// A line is wrong; it is the first such line.
    Line(InvalidLine),
    /// The ledger failed.
    Ledger(LedgerError),
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OtherSite => f.write_str("the export is of another site"),
            Self::Line(InvalidLine { number, error: fault }) => write!(f, "line {number}: {fault}"),
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

impl<S: Sql> Ledger<S> {
    /// Takes in some lines of an export, all of them or none. What is known already, by its UUID, is left as it is: any beginning
    /// of an export may be sent again, and an import that was broken off goes on from any line before the break.
    ///
    /// A comment keeps its number if nobody has it; else it gets one above those of the whole export, so that the others keep
    /// theirs. Pages are given as on submission. Each thread's version ends as it was exported, and rises with each comment and
    /// vote on the way there, so the thread may be published at any time. A vote that the ledger does not have is counted.
    ///
    /// # Errors
    ///
    /// See [`ImportError`].
    pub fn import(&self, batch: &ImportBatch<'_>) -> Result<ImportCounts, ImportError> {
        let lines = batch.check()?;
        let mut done = Ok(ImportCounts::default());
        let kept = self.sql.transaction(&mut || {
            done = Turn::new(self, batch).take(&lines);
            match &done {
                Ok(_) => Ok(()),
                Err(ImportError::Ledger(error)) => Err(error.clone()),
                // Any error undoes the turn; which one it was is known here.
                Err(_) => Err(LedgerError::Corrupt("import")),
            }
        });
        match (kept, done) {
            (Err(error), Ok(_)) => Err(error.into()),
            (_, done) => done,
        }
    }

    /// What [`Ledger::import`] would bring; writes nothing. A line that refers to one of an earlier batch cannot be held against it,
    /// so a missing comment is not noticed.
    ///
    /// # Errors
    ///
    /// See [`ImportError`].
    pub fn import_dry_run(&self, batch: &ImportBatch<'_>) -> Result<ImportCounts, ImportError> {
        let mut found = ImportCounts::default();
        for line in batch.check()? {
            let (known, new) = match &line {
                Checked::Setting(change) => (self.is_set(change.name_and_value().0)?, &mut found.settings),
                Checked::Ban(ban) => (self.has_ban(&ban.uuid)?, &mut found.bans),
                Checked::Audit(audit) => (self.is_audited(&audit.id)?, &mut found.audited),
                Checked::Thread(thread) => (self.thread_row(&thread.url)?.is_some(), &mut found.threads),
                Checked::Moved { from, to } => (from == to || self.thread_row(from)?.is_some(), &mut found.moved),
                Checked::Comment(comment) => (self.comment_named(&comment.uuid)?.is_some(), &mut found.comments),
                Checked::Vote { comment, author, .. } => {
                    let known = match self.comment_named(comment)? {
                        Some(comment) => self.has_voted(comment.id, author)?,
                        None => false,
                    };
                    (known, &mut found.votes)
                }
            };
            *(if known { &mut found.known } else { new }) += 1;
            if let (false, Checked::Comment(comment)) = (known, &line) {
                found.renumbered += u32::from(self.is_taken(comment.line.id)?);
                found.refused += u32::from(comment.refused);
            }
        }
        Ok(found)
    }
}

impl ImportBatch<'_> {
    fn check(&self) -> Result<Vec<Checked>, ImportError> {
        if !self.header.is_of(self.sites, self.site) {
            return Err(ImportError::OtherSite);
        }
        let rules = Rules { sites: self.sites, site: self.site, renderer: self.renderer };
        let numbered = self.lines.iter().zip(self.first..);
        numbered.map(|(line, number)| rules.check(line).map_err(|fault| bad_line(number, fault))).collect()
    }
}

pub(crate) fn bad_line(number: u64, fault: LineError) -> ImportError {
    ImportError::Line(InvalidLine { number, error: fault })
}
