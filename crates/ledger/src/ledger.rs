//! The ledger itself.

use crate::{LedgerError, Sql, schema};

/// The comments of one site.
#[derive(Debug)]
pub struct Ledger<S> {
    pub(crate) sql: S,
}

impl<S: Sql> Ledger<S> {
    /// Opens the ledger in a database: an empty one gets the schema, an older one is migrated.
    ///
    /// # Errors
    ///
    /// [`LedgerError::TooNew`] for a database of a later version of this code, which is left as it is.
    pub fn open(sql: S) -> Result<Self, LedgerError> {
        schema::migrate(&sql)?;
        Ok(Self { sql })
    }
}
