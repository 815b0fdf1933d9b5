//! Errors of the ledger and of its database.

use afterword_model::Refusal;
use thiserror::Error;

/// Reason why a use case failed. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LedgerError {
    /// A rule forbids it. The reader is told which one.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// There were too many posts recently. The reader is told ([`Refusal::TooMany`]), and when to try again.
    #[error("refused: {}, for {seconds} s", Refusal::TooMany.code())]
    TooMany {
        /// Seconds until another try may succeed; at least 1.
        seconds: u32,
    },
    /// The proof of work is too easy at the moment. The reader is told ([`Refusal::ProofTooEasy`]), and gets a harder challenge.
    #[error("refused: {}, {required} bits are required", Refusal::ProofTooEasy.code())]
    DifficultyTooLow {
        /// Required difficulty in bits.
        required: u8,
    },
    /// The database failed. The same call may succeed later.
    #[error("the database failed: {0}")]
    Sql(#[from] SqlError),
    /// A stored value is not one that this code writes; carries the column.
    #[error("column {0} of a stored row has an invalid value")]
    Corrupt(&'static str),
    /// The database was written by a later version of this code.
    #[error("the database has schema version {found}, but this code knows versions up to {known}")]
    TooNew {
        /// Schema version of the database.
        found: i64,
        /// Latest schema version that this code knows.
        known: i64,
    },
}

impl From<Refusal> for LedgerError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Message of the database about a failed statement. It is for the log, not for readers.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct SqlError(pub String);
