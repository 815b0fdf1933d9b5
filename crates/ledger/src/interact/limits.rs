//! Rate limits for interactions.

use afterword_model::{InteractionKind, InteractionLimit};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::policy::interaction_limiter::InteractionSender;
use crate::store::interaction_usage;
use crate::store::sql::Sql;

impl<S: Sql> Ledger<S> {
    /// Counts an interaction, before it is carried out. One that is refused afterwards counts too. Nothing is counted without limits. `now` is
    /// in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::TooMany`] if it exceeds a limit; it is then not counted.
    pub fn count_interaction(
        &self,
        kind: InteractionKind,
        sender: InteractionSender<'_>,
        limits: &[InteractionLimit],
        now: i64,
    ) -> Result<(), LedgerError> {
        if limits.is_empty() {
            return Ok(());
        }
        let mut limiter = self.interaction_limiter.borrow_mut();
        limiter.load(&self.sql, kind, now)?;
        let seconds = limiter.retry_after(limits, kind, sender, now);
        if seconds > 0 {
            return Err(LedgerError::TooMany { seconds });
        }
        if let Some(usage) = limiter.record(kind, sender, now) {
            interaction_usage::store(&self.sql, kind.into(), usage)?;
        }
        Ok(())
    }
}
