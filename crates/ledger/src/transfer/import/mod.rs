//! Import of lines of an export: into an empty ledger, or into one with other comments.

mod apply;
pub(crate) mod batch;
pub(crate) mod validate;

use afterword_model::Refusal;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::audit_log;
use crate::store::author_trust::is_declared;
use crate::store::ban::{Ban, MAX_BANS};
use crate::store::reaction_row::find_reaction;
use crate::store::report_row::StoredReport;
use crate::store::setting;
use crate::store::sql::Sql;
use crate::store::thread_row::ThreadRow;
use crate::store::vote_row::find_vote;
use crate::transfer::import::apply::{BatchImport, ImportedComment, is_id_taken};
use crate::transfer::import::batch::{ImportBatch, ImportCounts, ImportError};
use crate::transfer::import::validate::ValidLine;

impl<S: Sql> Ledger<S> {
    /// Imports some lines of an export, all of them or none. What the ledger has already, by its UUID, is left as it is. So any beginning
    /// of an export may be sent again, and an import that was interrupted can continue from any line before the interruption.
    ///
    /// A comment keeps its id if that is free; otherwise it gets an id above those of the whole export, so that the other comments keep
    /// theirs. Pages are assigned as for a submission. The version of each thread ends as it was exported, and rises with each comment and
    /// vote until then, so the thread may be published at any time. A vote that the ledger does not have is counted.
    ///
    /// # Errors
    ///
    /// See [`ImportError`].
    pub fn import(&self, batch: &ImportBatch<'_>) -> Result<ImportCounts, ImportError> {
        let lines = batch.validate()?;
        self.forget_counts();
        self.sql.transaction(|| BatchImport::new(self, batch).apply(&lines))
    }

    /// The counts that [`Ledger::import`] would return after `earlier` batches of the same dry run; writes nothing. References to lines of
    /// an earlier batch cannot be checked, so a missing comment is not noticed.
    ///
    /// # Errors
    ///
    /// See [`ImportError`].
    pub fn import_dry_run(&self, batch: &ImportBatch<'_>, earlier: &ImportCounts) -> Result<ImportCounts, ImportError> {
        let sql = &self.sql;
        let mut counts = ImportCounts::default();
        for (line, number) in batch.validate()?.iter().zip(batch.first..) {
            if is_known(sql, line)? {
                counts.known += 1;
                continue;
            }
            match line {
                ValidLine::Setting(change) => counts.add_setting(change, batch),
                ValidLine::Ban(line) => {
                    counts.add_ban(&line.ban, batch);
                    if Ban::count(sql)? + (earlier.bans + counts.bans) as usize > MAX_BANS {
                        return Err(ImportError::line(number, Refusal::ListFull.into()));
                    }
                }
                ValidLine::Trusted { .. } => counts.trusted += 1,
                ValidLine::Audit(_) => counts.audited += 1,
                ValidLine::Thread(_) => counts.threads += 1,
                ValidLine::Redirect { .. } => counts.moved += 1,
                ValidLine::Comment(comment) => {
                    counts.renumbered += u32::from(is_id_taken(sql, comment.line.id)?);
                    counts.add_comment(comment);
                }
                ValidLine::Vote { .. } => counts.votes += 1,
                ValidLine::Reaction { .. } => counts.reactions += 1,
                ValidLine::Report { .. } => counts.reports += 1,
            }
        }
        Ok(counts)
    }
}

/// Returns true if the ledger has the content of a line.
fn is_known(sql: &impl Sql, line: &ValidLine) -> Result<bool, LedgerError> {
    Ok(match line {
        ValidLine::Setting(change) => setting::is_set(sql, change.name())?,
        ValidLine::Ban(ban) => Ban::exists(sql, &ban.uuid)?,
        ValidLine::Trusted { author } => is_declared(sql, Some(author))?,
        ValidLine::Audit(audit) => audit_log::contains(sql, &audit.id)?,
        ValidLine::Thread(thread) => ThreadRow::find(sql, &thread.url)?.is_some(),
        ValidLine::Redirect { from, to } => from == to || ThreadRow::find(sql, from)?.is_some(),
        ValidLine::Comment(comment) => ImportedComment::find(sql, &comment.uuid)?.is_some(),
        ValidLine::Vote { comment, author, .. } => match ImportedComment::find(sql, comment)? {
            Some(comment) => find_vote(sql, comment.id, author)?.is_some(),
            None => false,
        },
        ValidLine::Reaction { url, author, .. } => match ThreadRow::find(sql, url)? {
            Some(thread) => find_reaction(sql, thread.id, author)?.is_some(),
            None => false,
        },
        ValidLine::Report { report, .. } => StoredReport::exists(sql, &report.uuid)?,
    })
}
