//! Errors of the ledger and of its database.

use afterword_model::Refusal;

/// Reason why a use case failed. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerError {
    /// A rule forbids it. The reader is told which one.
    Refused(Refusal),
    /// There were too many posts recently. The reader is told ([`Refusal::TooMany`]), and when to try again.
    TooMany {
        /// Seconds until another try may succeed; at least 1.
        seconds: u32,
    },
    /// The proof of work is too easy at the moment. The reader is told ([`Refusal::ProofTooEasy`]), and gets a harder challenge.
    DifficultyTooLow {
        /// Required difficulty in bits.
        required: u8,
    },
    /// The database failed. The same call may succeed later.
    Sql(SqlError),
    /// A stored value is not one that this code writes; carries the column.
    Corrupt(&'static str),
    /// The database was written by a later version of this code.
    TooNew {
        /// Schema version of the database.
        found: i64,
        /// Latest schema version that this code knows.
        known: i64,
    },
}

impl std::fmt::Display for LedgerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "refused: {}", refusal.code()),
            Self::TooMany { seconds } => write!(f, "refused: {}, for {seconds} s", Refusal::TooMany.code()),
            Self::DifficultyTooLow { required } => {
                write!(f, "refused: {}, {required} bits are required", Refusal::ProofTooEasy.code())
            }
            Self::Sql(error) => write!(f, "the database failed: {error}"),
            Self::Corrupt(column) => write!(f, "column {column} of a stored row has an invalid value"),
            Self::TooNew { found, known } => {
                write!(f, "the database has schema version {found}, but this code knows versions up to {known}")
            }
        }
    }
}

impl std::error::Error for LedgerError {}

impl From<Refusal> for LedgerError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<SqlError> for LedgerError {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

/// Message of the database about a failed statement. It is for the log, not for readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError(pub String);

impl std::fmt::Display for SqlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SqlError {}
