//! Bytes of a file that a reader gets.

use std::io::{Read, Seek};

/// A file that is read from any place.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// One file that the owner gives. Several files are parts of one export, or a file with its companion, such as `comments.db-wal`.
pub struct Input<'a> {
    /// Name of the file. It tells parts apart and appears in messages; it says nothing about the format.
    pub name: String,
    /// Its content.
    pub bytes: &'a mut dyn ReadSeek,
}
