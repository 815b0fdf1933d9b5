//! Faults of files and records.

use serde::Serialize;
use thiserror::Error;

/// Place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// Number of a line, from 1.
    Line(u64),
    /// Number of a record, from 1.
    Record(u64),
    /// Offset in bytes.
    Byte(u64),
}

/// A record that could not be read whole. It costs at most this record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Name of the file, or of the member of an archive.
    pub file: String,
    /// The place in it.
    pub position: Position,
    /// The fault.
    pub kind: ProblemKind,
}

/// The fault of a record. Never has text of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// It has no id.
    #[error("no id")]
    NoId,
    /// Another record of the same kind has its id; the first one counts.
    #[error("an id that another record has")]
    RepeatedId,
    /// It names no thread, or one that is not in the file.
    #[error("no post")]
    NoThread,
    /// A field has a type or a value that the format does not allow.
    #[error("a field that cannot be read")]
    BadField,
    /// It is larger than the maximum.
    #[error("too large")]
    TooLarge,
    /// It is nested deeper than any real file.
    #[error("nested too deeply")]
    TooDeep,
    /// The list that it belongs to has further pages, which were not given.
    #[error("a list with pages that are not in the files")]
    MissingPage,
}

/// Why a file cannot be read at all. Nothing of it is imported then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// No format is recognized.
    #[error("the format of {file} is not known")]
    UnknownFormat {
        /// Name of the file.
        file: String,
    },
    /// The files are parts of exports of different systems.
    #[error("{first} and {second} are of different systems; import one after the other")]
    SeveralFormats {
        /// Name of a file.
        first: String,
        /// Name of a file in another format.
        second: String,
    },
    /// It is known, and has no comments or cannot be read; the text says what to do.
    #[error("{file}: {advice}")]
    NoComments {
        /// Name of the file.
        file: String,
        /// Its kind and the next step.
        advice: String,
    },
    /// It breaks the rules of its format in a way that leaves the rest unreadable, or ends early.
    #[error("{file}: {message}")]
    Malformed {
        /// Name of the file.
        file: String,
        /// The place in it.
        position: Position,
        /// The fault there; never has text of a record.
        message: String,
    },
    /// It is larger, unpacked, than any real export.
    #[error("{file} is larger than {max} bytes when it is unpacked")]
    TooLarge {
        /// Name of the file.
        file: String,
        /// The limit in bytes.
        max: u64,
    },
    /// The bytes could not be read, or intermediate data not be kept.
    #[error("{file}: {message}")]
    Io {
        /// Name of the file.
        file: String,
        /// Message of the platform.
        message: String,
    },
}

/// An error of the platform.
pub(crate) fn io_error(file: &str, error: &std::io::Error) -> ReadError {
    ReadError::Io { file: file.to_owned(), message: error.to_string() }
}
