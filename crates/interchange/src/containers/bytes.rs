//! Buffered bytes with a look ahead and their place.

use std::io::{self, Read};

const CAPACITY: usize = 64 * 1024;

/// Bytes of a stream, one by one.
pub(crate) struct Bytes<'a> {
    input: &'a mut dyn Read,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    is_over: bool,
    line: u64,
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(input: &'a mut dyn Read) -> Self {
        Self { input, buffer: vec![0; CAPACITY], start: 0, end: 0, is_over: false, line: 1 }
    }

    /// The next byte, which stays.
    pub(crate) fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.start == self.end && !self.fill(1)? {
            return Ok(None);
        }
        Ok(Some(self.buffer[self.start]))
    }

    /// The next byte.
    pub(crate) fn next(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        if let Some(byte) = byte {
            self.start += 1;
            self.line += u64::from(byte == b'\n');
        }
        Ok(byte)
    }

    /// True if the next bytes are these. They stay.
    pub(crate) fn starts_with(&mut self, expected: &[u8]) -> io::Result<bool> {
        Ok(self.fill(expected.len())? && self.buffer[self.start..self.end].starts_with(expected))
    }

    /// Skips these bytes if they come next.
    pub(crate) fn skip(&mut self, expected: &[u8]) -> io::Result<bool> {
        let found = self.starts_with(expected)?;
        if found {
            for _ in expected {
                self.next()?;
            }
        }
        Ok(found)
    }

    /// Number of the line of the next byte, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Makes at least `count` bytes available, fewer than the capacity; false if the stream ends before.
    fn fill(&mut self, count: usize) -> io::Result<bool> {
        while self.end - self.start < count && !self.is_over {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            }
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(read) => {
                    self.is_over = read == 0;
                    self.end += read;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.end - self.start >= count)
    }
}
