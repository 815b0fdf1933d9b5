//! Limits on what compressed files may unpack to, so that a small file cannot cost much.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::io::{self, Read};

use crate::problem::{Position, ReadError};

/// Maximum size of all unpacked data of one run. The largest known exports have 1 GB.
pub(crate) const MAX_UNPACKED_BYTES: u64 = 4 << 30;
/// Maximum ratio of unpacked to packed data. Text has 3 to 20; the maximum of Deflate is 1032.
pub(crate) const MAX_RATIO: u64 = 500;
/// Size from which the ratio counts. A few repeated lines may have any ratio.
const RATIO_BYTES: u64 = 64 << 20;

/// The unpacked bytes of one run.
#[derive(Debug, Default)]
pub(crate) struct Unpacked(Cell<u64>);

/// A reader of unpacked data that fails when a limit is exceeded.
pub(crate) struct Bounded<'a, R> {
    pub(crate) inner: R,
    /// Unpacked bytes of the run.
    pub(crate) run: &'a Unpacked,
    /// Packed bytes of this member that were read.
    pub(crate) packed: &'a Cell<u64>,
    /// Unpacked bytes of this member that were read.
    pub(crate) unpacked: u64,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        let added = u64::try_from(length).unwrap_or(u64::MAX);
        self.unpacked = self.unpacked.saturating_add(added);
        self.run.0.set(self.run.0.get().saturating_add(added));
        let max = self.packed.get().max(1).saturating_mul(MAX_RATIO);
        if self.run.0.get() > MAX_UNPACKED_BYTES {
            return Err(io::Error::other(LimitExceeded { max: MAX_UNPACKED_BYTES }));
        }
        if self.unpacked > RATIO_BYTES && self.unpacked > max {
            return Err(io::Error::other(LimitExceeded { max }));
        }
        Ok(length)
    }
}

/// A reader that counts its bytes.
pub(crate) struct Counted<'a, R> {
    pub(crate) inner: R,
    pub(crate) count: &'a Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.count.set(self.count.get().saturating_add(u64::try_from(length).unwrap_or(u64::MAX)));
        Ok(length)
    }
}

#[derive(Debug)]
struct LimitExceeded {
    max: u64,
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "larger than {} bytes when it is unpacked", self.max)
    }
}

impl Error for LimitExceeded {}

/// The error of a file whose bytes could not be read: a limit, damaged data, or the platform.
pub(crate) fn read_error(file: &str, position: Position, error: &io::Error) -> ReadError {
    let file = file.to_owned();
    if let Some(limit) = error.get_ref().and_then(|cause| cause.downcast_ref::<LimitExceeded>()) {
        return ReadError::TooLarge { file, max: limit.max };
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            ReadError::Malformed { file, position, message: "the file ends early: it was cut off".to_owned() }
        }
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            ReadError::Malformed { file, position, message: "the compressed data is damaged".to_owned() }
        }
        _ => ReadError::Io { file, message: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_may_unpack_up_to_the_limit() {
        let (run, packed) = (Unpacked(Cell::new(MAX_UNPACKED_BYTES - 3)), Cell::new(100));
        let mut reader = Bounded { inner: &b"abcd"[..], run: &run, packed: &packed, unpacked: 0 };
        assert_eq!(reader.read(&mut [0; 3]).unwrap(), 3);
        let error = reader.read(&mut [0; 3]).unwrap_err();
        let error = read_error("a.gz", Position::Byte(0), &error);
        assert_eq!(error, ReadError::TooLarge { file: "a.gz".to_owned(), max: MAX_UNPACKED_BYTES });
    }
}
