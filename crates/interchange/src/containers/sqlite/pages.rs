//! Pages of a database and of its write-ahead log.

use super::MAGIC;
use super::record::Encoding;
use super::wal::Wal;
use crate::input::ReadSeek;
use crate::problem::{Position, ReadError, io_error};
use std::io::SeekFrom;

/// Length of the header of the file, on page 1.
pub(super) const FILE_HEADER: usize = 100;

/// Reads pages by their number, from 1.
pub(super) struct Pages<'a> {
    file: String,
    input: &'a mut dyn ReadSeek,
    wal: Option<Wal<'a>>,
    page_size: usize,
    reserved: usize,
    count: u32,
}

impl<'a> Pages<'a> {
    pub(super) fn open(
        file: &str,
        input: &'a mut dyn ReadSeek,
        wal: Option<&'a mut dyn ReadSeek>,
    ) -> Result<Self, ReadError> {
        let mut pages = Self::open_any(file, input, wal)?;
        pages.check_length()?;
        Ok(pages)
    }

    /// Opens the beginning of a database.
    pub(super) fn open_sample(input: &'a mut dyn ReadSeek) -> Result<Self, ReadError> {
        Self::open_any("", input, None)
    }

    fn open_any(file: &str, input: &'a mut dyn ReadSeek, wal: Option<&'a mut dyn ReadSeek>) -> Result<Self, ReadError> {
        let io = |error: std::io::Error| io_error(file, &error);
        let length = input.seek(SeekFrom::End(0)).map_err(io)?;
        let wal = wal.map(|wal| Wal::open(file, wal)).transpose()?.flatten();
        let mut header = [0; FILE_HEADER];
        let page_size = match &wal {
            Some(wal) if length == 0 => wal.page_size(),
            _ => {
                input.seek(SeekFrom::Start(0)).map_err(io)?;
                read_full(input, &mut header).map_err(io)?;
                header_page_size(&header)
                    .ok_or_else(|| malformed(file, 0, "this is no SQLite database, or an encrypted one"))?
            }
        };
        let wal = wal.filter(|wal| wal.page_size() == page_size);
        let whole_pages = u32::try_from(length / page_size as u64).unwrap_or(u32::MAX);
        let count = wal.as_ref().map_or(whole_pages, Wal::page_count);
        let mut pages = Self { file: file.to_owned(), input, wal, page_size, reserved: 0, count };
        pages.check_header()?;
        Ok(pages)
    }

    /// Reads the header as the log has it.
    fn check_header(&mut self) -> Result<(), ReadError> {
        let first = self.page(1)?;
        if header_page_size(&first) != Some(self.page_size) {
            return Err(self.corrupt(1));
        }
        self.reserved = usize::from(first[20]);
        if self.page_size - self.reserved < 480 {
            return Err(self.corrupt(1));
        }
        Ok(())
    }

    /// Refuses a file that was cut off.
    fn check_length(&mut self) -> Result<(), ReadError> {
        let first = self.page(1)?;
        // The number of pages counts if the program that changed the file last knew of this field.
        let is_count_valid = first[24..28] == first[92..96];
        let expected = be_u32(&first, 28).unwrap_or(0);
        if self.wal.is_none() && is_count_valid && expected > self.count {
            return Err(malformed(&self.file, u64::from(self.count) * self.page_size as u64, "the file ends early"));
        }
        Ok(())
    }

    pub(super) fn encoding(&mut self) -> Result<Encoding, ReadError> {
        let first = self.page(1)?;
        match be_u32(&first, 56) {
            Some(0 | 1) => Ok(Encoding::Utf8),
            Some(2) => Ok(Encoding::Utf16Le),
            Some(3) => Ok(Encoding::Utf16Be),
            _ => Err(self.corrupt(1)),
        }
    }

    /// The bytes of a page.
    pub(super) fn page(&mut self, number: u32) -> Result<Vec<u8>, ReadError> {
        if number == 0 || number > self.count {
            return Err(self.corrupt(number));
        }
        let mut page = vec![0; self.page_size];
        let result = match self.wal.as_mut().and_then(|wal| wal.read_page(number, &mut page)) {
            Some(result) => result,
            None => {
                let start = u64::from(number - 1) * self.page_size as u64;
                self.input.seek(SeekFrom::Start(start)).and_then(|_| read_full(self.input, &mut page))
            }
        };
        match result {
            Ok(true) => Ok(page),
            Ok(false) => Err(self.corrupt(number)),
            Err(error) => Err(io_error(&self.file, &error)),
        }
    }

    /// Number of bytes of a page that hold content.
    pub(super) fn usable(&self) -> usize {
        self.page_size - self.reserved
    }

    /// Number of pages.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// The error for a page that breaks the format.
    pub(super) fn corrupt(&self, number: u32) -> ReadError {
        let start = u64::from(number.saturating_sub(1)) * self.page_size as u64;
        malformed(
            &self.file,
            start,
            "this page of the database is damaged; try `sqlite3 FILE .recover` and give its output",
        )
    }
}

fn malformed(file: &str, start: u64, message: &str) -> ReadError {
    ReadError::Malformed { file: file.to_owned(), position: Position::Byte(start), message: message.to_owned() }
}

/// Fills the buffer; false if the file ends before.
pub(super) fn read_full(input: &mut dyn ReadSeek, mut buffer: &mut [u8]) -> std::io::Result<bool> {
    while !buffer.is_empty() {
        match input.read(buffer) {
            Ok(0) => return Ok(false),
            Ok(read) => buffer = &mut buffer[read..],
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

fn header_page_size(header: &[u8]) -> Option<usize> {
    if !header.starts_with(MAGIC) {
        return None;
    }
    match usize::from(be_u16(header, 16)?) {
        1 => Some(65_536),
        size if size >= 512 && size.is_power_of_two() => Some(size),
        _ => None,
    }
}

/// A big-endian number of two bytes.
pub(super) fn be_u16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_be_bytes)
}

/// A big-endian number of four bytes.
pub(super) fn be_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_be_bytes)
}
