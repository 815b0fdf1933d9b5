//! The write-ahead log: pages that were committed and are not in the database yet.

use super::pages::{be_u32, read_full};
use crate::input::ReadSeek;
use crate::problem::{ReadError, io_error};
use std::collections::HashMap;
use std::io::{self, SeekFrom};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// The pages of committed transactions.
pub(super) struct Wal<'a> {
    input: &'a mut dyn ReadSeek,
    page_size: usize,
    /// The place of each page's last version.
    pages: HashMap<u32, u64>,
    page_count: u32,
}

/// Sum over all words since the beginning of the log.
#[derive(Clone, Copy)]
struct Checksum {
    sums: (u32, u32),
    is_big_endian: bool,
}

impl Checksum {
    fn add(&mut self, bytes: &[u8]) {
        for pair in bytes.chunks_exact(8) {
            self.sums.0 = self.sums.0.wrapping_add(self.word(&pair[..4])).wrapping_add(self.sums.1);
            self.sums.1 = self.sums.1.wrapping_add(self.word(&pair[4..])).wrapping_add(self.sums.0);
        }
    }

    fn word(self, bytes: &[u8]) -> u32 {
        let word: [u8; 4] = bytes.try_into().unwrap_or_default();
        if self.is_big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
    }

    /// True if these eight bytes are the sum.
    fn matches(self, bytes: &[u8], at: usize) -> bool {
        (be_u32(bytes, at), be_u32(bytes, at + 4)) == (Some(self.sums.0), Some(self.sums.1))
    }
}

impl<'a> Wal<'a> {
    /// Reads the log up to the last whole transaction. None if it has no such.
    pub(super) fn open(file: &str, input: &'a mut dyn ReadSeek) -> Result<Option<Self>, ReadError> {
        Self::scan(input).map_err(|error| io_error(file, &error))
    }

    fn scan(input: &'a mut dyn ReadSeek) -> io::Result<Option<Self>> {
        input.seek(SeekFrom::Start(0))?;
        let mut header = [0; HEADER];
        if !read_full(input, &mut header)? || !super::is_wal(&header) {
            return Ok(None);
        }
        let mut checksum = Checksum { sums: (0, 0), is_big_endian: header[3] & 1 == 1 };
        checksum.add(&header[..24]);
        let page_size = be_u32(&header, 8).unwrap_or(0) as usize;
        if !checksum.matches(&header, 24) || !(512..=65_536).contains(&page_size) || !page_size.is_power_of_two() {
            return Ok(None);
        }
        let mut wal = Self { input, page_size, pages: HashMap::new(), page_count: 0 };
        wal.read_frames(&header[16..24], checksum)?;
        Ok((wal.page_count > 0).then_some(wal))
    }

    /// Reads frames until one is not of this log. Frames count once the last one of their transaction is there.
    fn read_frames(&mut self, salt: &[u8], mut checksum: Checksum) -> io::Result<()> {
        let mut pending = HashMap::new();
        let mut frame = vec![0; FRAME_HEADER + self.page_size];
        let mut start = HEADER as u64;
        while read_full(self.input, &mut frame)? {
            checksum.add(&frame[..8]);
            checksum.add(&frame[FRAME_HEADER..]);
            if frame[8..16] != *salt || !checksum.matches(&frame, 16) {
                break;
            }
            let (number, count) = (be_u32(&frame, 0).unwrap_or(0), be_u32(&frame, 4).unwrap_or(0));
            pending.insert(number, start + FRAME_HEADER as u64);
            if count > 0 {
                self.pages.extend(pending.drain());
                self.page_count = count;
            }
            start += frame.len() as u64;
        }
        Ok(())
    }

    pub(super) fn page_size(&self) -> usize {
        self.page_size
    }

    /// Number of pages of the database after the last transaction.
    pub(super) fn page_count(&self) -> u32 {
        self.page_count
    }

    /// Reads a page; none if the log does not have it.
    pub(super) fn read_page(&mut self, number: u32, page: &mut [u8]) -> Option<io::Result<bool>> {
        let start = *self.pages.get(&number)?;
        Some(self.input.seek(SeekFrom::Start(start)).and_then(|_| read_full(self.input, page)))
    }
}
