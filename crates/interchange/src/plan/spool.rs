//! Intermediate data, which the host keeps.

use std::collections::HashMap;
use std::io;

/// Store for the intermediate data of a reading, which the host provides: a temporary file, Blobs of a browser, or memory.
///
/// Bytes are only appended. They may be deleted once the reading is dropped.
pub trait Spool {
    /// Appends bytes.
    ///
    /// # Errors
    ///
    /// Those of the platform, such as a full disk.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Fills the buffer with bytes that were appended, from an offset on.
    ///
    /// # Errors
    ///
    /// Those of the platform, and [`io::ErrorKind::UnexpectedEof`] if there are not so many bytes.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// Intermediate data in memory.
#[derive(Clone, Debug, Default)]
pub struct MemorySpool(Vec<u8>);

impl Spool for MemorySpool {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).ok();
        let bytes = start.and_then(|start| self.0.get(start..start.checked_add(buffer.len())?));
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// Bytes of a block of the cache.
const BLOCK_BYTES: u64 = 64 * 1024;
/// Number of blocks in the cache.
const BLOCKS: usize = 128;

/// A spool with a buffer before its end and a cache of blocks, so that the host sees few and large calls.
///
/// The export of a plan reads comments by time, files have them by thread, so reads jump between a few places.
#[derive(Debug)]
pub(crate) struct BufferedSpool<S> {
    inner: S,
    /// Bytes that the inner spool has.
    flushed: u64,
    tail: Vec<u8>,
    blocks: HashMap<u64, Block>,
    clock: u64,
}

#[derive(Debug)]
struct Block {
    bytes: Vec<u8>,
    used: u64,
}

impl<S: Spool> BufferedSpool<S> {
    pub(crate) fn new(inner: S) -> Self {
        Self { inner, flushed: 0, tail: Vec::new(), blocks: HashMap::new(), clock: 0 }
    }

    /// Appends a record and returns its offset.
    pub(crate) fn append(&mut self, record: &[u8]) -> io::Result<u64> {
        let offset = self.flushed + self.tail.len() as u64;
        self.tail.extend_from_slice(record);
        while self.tail.len() as u64 >= BLOCK_BYTES {
            let block: Vec<u8> = self.tail.drain(..BLOCK_BYTES as usize).collect();
            self.inner.append(&block)?;
            self.flushed += BLOCK_BYTES;
        }
        Ok(offset)
    }

    /// Reads a record.
    pub(crate) fn read(&mut self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut record = Vec::with_capacity(length);
        let end = offset + length as u64;
        let mut at = offset;
        while at < end {
            let within = (at % BLOCK_BYTES) as usize;
            let wanted = usize::try_from(end - at).map_err(io::Error::other)?;
            let block = self.block(at - at % BLOCK_BYTES)?;
            let bytes = block.get(within..block.len().min(within + wanted)).filter(|bytes| !bytes.is_empty());
            let bytes = bytes.ok_or(io::ErrorKind::UnexpectedEof)?;
            record.extend_from_slice(bytes);
            at += bytes.len() as u64;
        }
        Ok(record)
    }

    /// The block that begins at an offset.
    fn block(&mut self, start: u64) -> io::Result<&[u8]> {
        if start >= self.flushed {
            return Ok(&self.tail);
        }
        self.clock += 1;
        if !self.blocks.contains_key(&start) {
            self.evict();
            let mut bytes = vec![0; BLOCK_BYTES as usize];
            self.inner.read_at(start, &mut bytes)?;
            self.blocks.insert(start, Block { bytes, used: 0 });
        }
        let block = self.blocks.get_mut(&start).ok_or(io::ErrorKind::UnexpectedEof)?;
        block.used = self.clock;
        Ok(&block.bytes)
    }

    /// Makes room for a block.
    fn evict(&mut self) {
        if self.blocks.len() >= BLOCKS {
            let oldest = self.blocks.iter().min_by_key(|(_, block)| block.used).map(|(start, _)| *start);
            oldest.and_then(|start| self.blocks.remove(&start));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails on a read across the end, as a file does.
    #[test]
    fn records_are_read_back_from_blocks_and_from_the_tail() {
        let mut spool = BufferedSpool::new(MemorySpool::default());
        let record = |number: u32| number.to_le_bytes().repeat(1 + number as usize % 40_000);
        let numbers: Vec<u32> = (0..600).map(|number| number * 97).collect();
        let offsets: Vec<u64> = numbers.iter().map(|number| spool.append(&record(*number)).unwrap()).collect();
        for (number, offset) in numbers.iter().zip(&offsets).rev().chain(numbers.iter().zip(&offsets)) {
            assert_eq!(spool.read(*offset, record(*number).len()).unwrap(), record(*number), "record {number}");
        }
        let end = spool.flushed + spool.tail.len() as u64;
        assert!(spool.read(end, 1).is_err());
        assert!(spool.blocks.len() <= BLOCKS);
    }
}
