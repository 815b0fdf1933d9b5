//! Reading the audit log.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::list::ListPage;
use crate::store::audit_log::AuditEntry;
use crate::store::sql::Sql;

impl<S: Sql> Ledger<S> {
    /// The audit log, newest first: at most `limit` entries with numbers below `before`.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn list_audit_log(&self, before: Option<i64>, limit: u32) -> Result<ListPage<AuditEntry>, LedgerError> {
        let limit = limit.max(1);
        let items = AuditEntry::list(&self.sql, before, limit)?;
        let next = items.last().map(|last| last.number).filter(|_| items.len() >= limit as usize);
        Ok(ListPage { items, next })
    }
}
