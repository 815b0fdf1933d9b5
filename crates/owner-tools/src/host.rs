//! The host's functions, as the traits that `interchange` reads and keeps bytes by.

use std::io::{self, Read, Seek, SeekFrom, Write};

use afterword_interchange::{ReadProgress, Spool};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The host.
    #[derive(Clone, Debug)]
    pub type Host;

    #[wasm_bindgen(method, catch)]
    fn read(this: &Host, file: u32, offset: f64, target: &mut [u8]) -> Result<f64, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn append(this: &Host, bytes: &[u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = readAt)]
    fn read_at(this: &Host, offset: f64, target: &mut [u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn write(this: &Host, bytes: &[u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(method)]
    fn progress(this: &Host, bytes: f64, total: f64, comments: f64);
}

impl Host {
    pub(crate) fn report(&self, progress: ReadProgress) {
        self.progress(progress.bytes as f64, progress.total as f64, progress.comments as f64);
    }
}

/// The message of an exception.
fn exception(error: &JsValue) -> io::Error {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    io::Error::other(message.or_else(|| error.as_string()).unwrap_or_else(|| "the host failed".to_owned()))
}

/// Bytes that are asked for at once. Calls of the host cost more than the bytes.
const BLOCK_BYTES: usize = 256 * 1024;

/// A file of the host, with a buffer of one block.
pub(crate) struct HostFile {
    host: Host,
    index: u32,
    length: u64,
    position: u64,
    block: Vec<u8>,
    /// Offset of the block in the file.
    start: u64,
}

impl HostFile {
    pub(crate) fn new(host: &Host, index: u32, length: u64) -> Self {
        Self { host: host.clone(), index, length, position: 0, block: Vec::new(), start: 0 }
    }

    /// The bytes of the block from the position on.
    fn buffered(&self) -> &[u8] {
        let at = self.position.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.block.get(at..)).unwrap_or_default()
    }

    fn fill(&mut self) -> io::Result<()> {
        let left = self.length.saturating_sub(self.position);
        let wanted = usize::try_from(left).unwrap_or(BLOCK_BYTES).min(BLOCK_BYTES);
        self.start = self.position;
        self.block.resize(wanted, 0);
        let mut filled = 0;
        while filled < wanted {
            let offset = self.start + filled as u64;
            let target = self.block.get_mut(filled..).unwrap_or_default();
            let count = self.host.read(self.index, offset as f64, target).map_err(|error| exception(&error))?;
            if count <= 0.0 {
                break;
            }
            filled += count as usize;
        }
        self.block.truncate(filled);
        Ok(())
    }
}

impl Read for HostFile {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        if target.is_empty() || self.position >= self.length {
            return Ok(0);
        }
        if self.buffered().is_empty() {
            self.fill()?;
        }
        let count = target.len().min(self.buffered().len());
        if let (Some(target), Some(source)) = (target.get_mut(..count), self.buffered().get(..count)) {
            target.copy_from_slice(source);
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for HostFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let target = match position {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// Intermediate data that the host keeps.
#[derive(Debug)]
pub(crate) struct HostSpool(pub(crate) Host);

impl Spool for HostSpool {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.append(bytes).map_err(|error| exception(&error))
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.0.read_at(offset as f64, buffer).map_err(|error| exception(&error))
    }
}

/// A file that the host writes, with a buffer of one block.
pub(crate) struct HostOutput {
    host: Host,
    buffer: Vec<u8>,
}

impl HostOutput {
    pub(crate) fn new(host: &Host) -> Self {
        Self { host: host.clone(), buffer: Vec::with_capacity(BLOCK_BYTES) }
    }
}

impl Write for HostOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BLOCK_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.host.write(&self.buffer).map_err(|error| exception(&error))?;
        self.buffer.clear();
        Ok(())
    }
}
