//! Every way in which the ledger fails.

use afterword_model::Refusal;

use crate::SqlError;

/// Why a use case did not happen. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerError {
    /// The rules forbid it; the reader is told.
    Refused(Refusal),
    /// There were too many posts lately; the reader is told ([`Refusal::TooMany`]) and may try again after so many seconds.
    TooMany {
        /// At least 1.
        seconds: u32,
    },
    /// The proof of work is too easy at the moment; the reader is told ([`Refusal::ProofTooEasy`]) and gets a harder challenge.
    DifficultyTooLow {
        /// The difficulty that is required, in bits.
        required: u8,
    },
    /// The database failed; the same again may succeed.
    Sql(SqlError),
    /// A stored row does not read as this code writes it; carries the column.
    Corrupt(&'static str),
    /// The database was written by a later version of this code.
    TooNew {
        /// The version of the schema in the database.
        found: i64,
        /// The latest version this code knows.
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
            Self::Corrupt(column) => write!(f, "the column {column} of a stored row cannot be read"),
            Self::TooNew { found, known } => {
                write!(f, "the database has schema version {found}, this code knows versions up to {known}")
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
