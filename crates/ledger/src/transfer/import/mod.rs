//! Import of lines of an export: into an empty ledger, or into one with other comments.

mod apply;
pub(crate) mod batch;
pub(crate) mod validate;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::audit_log;
use crate::store::ban::Ban;
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
        let mut imported = Ok(ImportCounts::default());
        let committed = self.sql.transaction(&mut || {
            imported = BatchImport::new(self, batch).apply(&lines);
            match &imported {
                Ok(_) => Ok(()),
                Err(ImportError::Ledger(error)) => Err(error.clone()),
                // Any error rolls the transaction back; the caller gets the one in `imported`.
                Err(_) => Err(LedgerError::Corrupt("import")),
            }
        });
        match (committed, imported) {
            (Err(error), Ok(_)) => Err(error.into()),
            (_, imported) => imported,
        }
    }

    /// The counts that [`Ledger::import`] would return; writes nothing. References to lines of an earlier batch cannot be checked, so a
    /// missing comment is not noticed.
    ///
    /// # Errors
    ///
    /// See [`ImportError`].
    pub fn import_dry_run(&self, batch: &ImportBatch<'_>) -> Result<ImportCounts, ImportError> {
        let sql = &self.sql;
        let mut counts = ImportCounts::default();
        for line in batch.validate()? {
            let (is_known, new) = match &line {
                ValidLine::Setting(change) => (setting::is_set(sql, change.name_and_value().0)?, &mut counts.settings),
                ValidLine::Ban(ban) => (Ban::exists(sql, &ban.uuid)?, &mut counts.bans),
                ValidLine::Audit(audit) => (audit_log::contains(sql, &audit.id)?, &mut counts.audited),
                ValidLine::Thread(thread) => (ThreadRow::find(sql, &thread.url)?.is_some(), &mut counts.threads),
                ValidLine::Redirect { from, to } => {
                    (from == to || ThreadRow::find(sql, from)?.is_some(), &mut counts.moved)
                }
                ValidLine::Comment(comment) => {
                    (ImportedComment::find(sql, &comment.uuid)?.is_some(), &mut counts.comments)
                }
                ValidLine::Vote { comment, author, .. } => {
                    let is_known = match ImportedComment::find(sql, comment)? {
                        Some(comment) => find_vote(sql, comment.id, author)?.is_some(),
                        None => false,
                    };
                    (is_known, &mut counts.votes)
                }
            };
            *(if is_known { &mut counts.known } else { new }) += 1;
            if let (false, ValidLine::Comment(comment)) = (is_known, &line) {
                counts.renumbered += u32::from(is_id_taken(sql, comment.line.id)?);
                counts.refused += u32::from(comment.refused);
            }
        }
        Ok(counts)
    }
}
