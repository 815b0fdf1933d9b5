//! Filling the search index of moderators.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::search_index::index_next;
use crate::store::sql::Sql;

impl<S: Sql> Ledger<S> {
    /// Adds the next comments to the search index, at most `limit`. Returns true if there may be more. If there is none, nothing is written.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn index_search(&self, limit: u32) -> Result<bool, LedgerError> {
        self.sql.transaction(|| index_next(&self.sql, limit))
    }
}
