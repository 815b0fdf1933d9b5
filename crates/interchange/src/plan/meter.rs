//! Progress of a reading.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Seek, SeekFrom};

use crate::input::ReadSeek;
use crate::plan::reading::ReadProgress;

/// Bytes between two reports of progress.
const STEP_BYTES: u64 = 1 << 20;

/// Counts what is read, and reports it.
pub(crate) struct Meter<'a> {
    progress: Cell<ReadProgress>,
    /// Number of bytes at which the next report is due.
    next: Cell<u64>,
    on_progress: RefCell<&'a mut dyn FnMut(ReadProgress)>,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(total: u64, on_progress: &'a mut dyn FnMut(ReadProgress)) -> Self {
        let progress = Cell::new(ReadProgress { total, ..ReadProgress::default() });
        Self { progress, next: Cell::new(0), on_progress: RefCell::new(on_progress) }
    }

    pub(crate) fn count_comment(&self) {
        let progress = self.progress.get();
        self.progress.set(ReadProgress { comments: progress.comments + 1, ..progress });
    }

    /// Reports the end.
    pub(crate) fn finish(&self) {
        let progress = self.progress.get();
        self.report(ReadProgress { bytes: progress.total, ..progress });
    }

    fn count_bytes(&self, count: u64) {
        let mut progress = self.progress.get();
        progress.bytes = (progress.bytes + count).min(progress.total);
        self.progress.set(progress);
        if progress.bytes >= self.next.get() {
            self.next.set(progress.bytes + STEP_BYTES);
            self.report(progress);
        }
    }

    fn report(&self, progress: ReadProgress) {
        if let Ok(mut on_progress) = self.on_progress.try_borrow_mut() {
            on_progress(progress);
        }
    }
}

/// A file whose bytes are counted, each once however often it is read.
pub(crate) struct MeteredInput<'a, 'm> {
    inner: &'a mut dyn ReadSeek,
    meter: &'a Meter<'m>,
    at: u64,
    furthest: u64,
}

impl<'a, 'm> MeteredInput<'a, 'm> {
    pub(crate) fn new(inner: &'a mut dyn ReadSeek, meter: &'a Meter<'m>) -> Self {
        Self { inner, meter, at: 0, furthest: 0 }
    }
}

impl Read for MeteredInput<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.at += count as u64;
        if self.at > self.furthest {
            self.meter.count_bytes(self.at - self.furthest);
            self.furthest = self.at;
        }
        Ok(count)
    }
}

impl Seek for MeteredInput<'_, '_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.inner.seek(to)?;
        Ok(self.at)
    }
}
