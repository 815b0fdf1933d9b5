//! The bytes of an XML file, with the number of the line and a limit on the length of an event.

use std::error::Error;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use super::super::encodings::Utf8Reader;

/// Maximum size of one event of the parser, which keeps it in memory. Exports have posts of a few MB.
const MAX_EVENT_BYTES: usize = 64 << 20;
const BUFFER_BYTES: usize = 64 << 10;

/// The bytes.
pub(super) struct Source<'a> {
    inner: BufReader<Utf8Reader<&'a mut dyn Read>>,
    line: u64,
    /// Bytes that the present event may still have.
    left: usize,
}

impl<'a> Source<'a> {
    pub(super) fn new(utf8: Utf8Reader<&'a mut dyn Read>) -> Self {
        Self { inner: BufReader::with_capacity(BUFFER_BYTES, utf8), line: 1, left: MAX_EVENT_BYTES }
    }

    /// Number of the current line, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn start_event(&mut self) {
        self.left = MAX_EVENT_BYTES;
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::other(TooLong));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        let consumed = &self.inner.buffer()[..amount];
        self.line += u64::try_from(memchr::memchr_iter(b'\n', consumed).count()).unwrap_or_default();
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}

/// The error of an event that is too long.
#[derive(Debug)]
struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a tag or a text is too long")
    }
}

impl Error for TooLong {}

/// Returns true if an event is too long.
pub(super) fn is_too_long(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.is::<TooLong>())
}
