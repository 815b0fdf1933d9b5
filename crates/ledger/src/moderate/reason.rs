//! The reason of an action, which a moderator may give after it.

use afterword_model::moderation::ActionReason;
use afterword_model::{Refusal, SubmissionId};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::sql::Sql;

impl<S: Sql> Ledger<S> {
    /// Records the reason of a batch of the same moderator that deleted comments or marked them as spam, in place of the one before.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::NotFound`] if this moderator has no such batch.
    pub fn set_reason(&self, batch: &SubmissionId, reason: ActionReason, by: &str) -> Result<(), LedgerError> {
        let condition = "batch = ? AND moderator = ? AND action IN ('delete', 'spam', 'erase')";
        let params = [batch.to_string().as_str().into(), by.into()];
        let query = format!("SELECT 1 FROM audit_log WHERE {condition} LIMIT 1");
        if self.sql.exec(&query, &params)?.is_empty() {
            return Err(Refusal::NotFound.into());
        }
        let [batch, by] = params;
        let query = format!("UPDATE audit_log SET reason = ? WHERE {condition}");
        Ok(self.sql.exec(&query, &[reason.as_str().into(), batch, by]).map(drop)?)
    }
}
