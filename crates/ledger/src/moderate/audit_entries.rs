//! Reading the audit log.

use afterword_model::CommentId;
use afterword_model::moderation::{AuditAction, AuditFilter, AuditPage, AuditRecord, LoggedText, ModerationState};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::list::ListPage;
use crate::store::audit_log::{RECORD_COLUMNS, read_record};
use crate::store::comment_text;
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};
use crate::store::stored_comment::StoredComment;

/// Maximum number of entries that one call looks at.
const MAX_SCANNED: u32 = 1_000;
/// Maximum number of actions on one comment that are listed.
const MAX_LISTED: u32 = 50;

impl<S: Sql> Ledger<S> {
    /// The audit log, newest first: at most `limit` entries with numbers below `before`.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn list_audit_log(&self, before: Option<i64>, limit: u32) -> Result<ListPage<AuditRecord>, LedgerError> {
        let AuditPage { audit: items, next } = self.read_audit_log(&AuditFilter::default(), before, limit)?;
        Ok(ListPage { items, next })
    }

    /// The entries of the audit log that match a filter: at most `limit` with numbers below `before`, newest first. With
    /// [`AuditFilter::since`], those with larger numbers than that or than `before`, oldest first.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn read_audit_log(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<AuditPage, LedgerError> {
        let limit = limit.max(1) as usize;
        let is_narrowed =
            filter.by.is_some() || filter.action.is_some() || filter.from.is_some() || filter.until.is_some();
        let scanned = if is_narrowed { MAX_SCANNED as usize } else { limit };
        let (index, key) = match (&filter.batch, filter.comment) {
            (Some(batch), _) => ("INDEXED BY audit_log_batch WHERE batch = ? AND ", Some(batch.as_str().into())),
            (None, Some(comment)) => {
                ("INDEXED BY audit_log_comment WHERE comment = ? AND ", Some(comment.get().into()))
            }
            (None, None) => ("WHERE ", None),
        };
        let (order, start) = match filter.since {
            Some(since) => ("id > ? ORDER BY id", before.map_or(since, |after| after.max(since))),
            None => ("id < ? ORDER BY id DESC", before.unwrap_or(i64::MAX >> 11)),
        };
        let query = format!("SELECT {RECORD_COLUMNS} FROM audit_log {index}{order} LIMIT ?");
        let scanned_param: Value = u32::try_from(scanned).unwrap_or(MAX_SCANNED).into();
        let params: Vec<Value> = key.into_iter().chain([start.into(), scanned_param]).collect();
        let rows = self.sql.exec(&query, &params)?;
        let is_full = rows.len() >= scanned;
        let (mut audit, mut last) = (Vec::new(), None);
        for columns in rows {
            let record = read_record(&mut Row::new(columns))?;
            last = Some(record.number);
            if matches(filter, &record) {
                audit.push(self.with_text(record)?);
            }
            if audit.len() == limit {
                return Ok(AuditPage { audit, next: last });
            }
        }
        Ok(AuditPage { audit, next: last.filter(|_| is_full) })
    }

    /// The last actions on a comment, newest first.
    pub(crate) fn log_of_comment(&self, id: CommentId) -> Result<Vec<AuditRecord>, LedgerError> {
        let filter = AuditFilter { comment: Some(id), ..AuditFilter::default() };
        Ok(self.read_audit_log(&filter, None, MAX_LISTED)?.audit)
    }

    /// Adds the texts of an edit, as long as they are stored.
    fn with_text(&self, record: AuditRecord) -> Result<AuditRecord, LedgerError> {
        let (Some(id), Some(before), Some(after)) = (record.comment, &record.before, &record.after) else {
            return Ok(record);
        };
        if !matches!(record.action, AuditAction::Edit | AuditAction::Undo) {
            return Ok(record);
        }
        // Its author has deleted it: nobody is shown it until it is wiped.
        if StoredComment::find(&self.sql, id)?.state == ModerationState::Erased {
            return Ok(record);
        }
        let Some(former) = comment_text::find(&self.sql, id, before.revision)? else { return Ok(record) };
        let present = match comment_text::find_at(&self.sql, id, after.revision)? {
            Some(text) => text,
            None => {
                let rows = self.sql.exec("SELECT source FROM comment WHERE id = ?", &[id.get().into()])?;
                Row::only(rows).text("comment.source")?
            }
        };
        Ok(AuditRecord { text: Some(LoggedText { before: former.source, after: present }), ..record })
    }
}

fn matches(filter: &AuditFilter, record: &AuditRecord) -> bool {
    filter.by.as_ref().is_none_or(|by| *by == record.by)
        && filter.action.is_none_or(|action| action == record.action)
        && filter.comment.is_none_or(|comment| Some(comment) == record.comment)
        && filter.from.is_none_or(|from| from <= record.at)
        && filter.until.is_none_or(|until| record.at < until)
}
