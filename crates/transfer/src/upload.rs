//! Splits the lines of an export into uploads.

use std::collections::VecDeque;

/// Maximum size of one request: small enough for the limits of any plan, and for a slow connection.
const CHUNK_LINES: u64 = 1_000;
const CHUNK_BYTES: usize = 512 * 1024;

/// One upload. A repeated one is safe: the Worker recognizes lines that it has already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Number of its first line after the header, in the export.
    pub first: u64,
    /// Number of its last line.
    pub last: u64,
    /// The body of the request: the header and the lines.
    pub body: String,
}

/// Collects lines until there are enough for an upload.
#[derive(Debug)]
pub struct UploadChunks {
    header: String,
    body: String,
    /// Number of lines so far.
    lines: u64,
    /// Number of the last line in a chunk.
    sent: u64,
    ready: VecDeque<Chunk>,
}

impl UploadChunks {
    /// Begins an upload. The header is sent with every chunk.
    #[must_use]
    pub fn new(header: &str) -> Self {
        Self { header: header.to_owned(), body: String::new(), lines: 0, sent: 1, ready: VecDeque::new() }
    }

    /// Takes the next line of the export, the header included.
    pub fn add(&mut self, line: &str) {
        self.lines += 1;
        if self.lines == 1 {
            return;
        }
        if self.body.is_empty() {
            self.body.push_str(&self.header);
            self.body.push('\n');
        }
        self.body.push_str(line);
        self.body.push('\n');
        if self.lines - self.sent >= CHUNK_LINES || self.body.len() >= CHUNK_BYTES + self.header.len() {
            self.complete();
        }
    }

    /// Takes the end of the export. The closing line tells the Worker that the export is complete; the Worker then publishes it.
    pub fn finish(&mut self) {
        if self.lines > self.sent {
            self.complete();
        }
    }

    /// The next upload, if there is one.
    pub fn next_chunk(&mut self) -> Option<Chunk> {
        self.ready.pop_front()
    }

    fn complete(&mut self) {
        self.ready.push_back(Chunk { first: self.sent + 1, last: self.lines, body: std::mem::take(&mut self.body) });
        self.sent = self.lines;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(lines: impl Iterator<Item = String>) -> Vec<Chunk> {
        let mut upload = UploadChunks::new("H");
        upload.add("H");
        lines.for_each(|line| upload.add(&line));
        upload.finish();
        std::iter::from_fn(|| upload.next_chunk()).collect()
    }

    #[test]
    fn every_line_is_sent_once_with_its_number() {
        for count in [0, 1, 999, 1_000, 1_001, 2_500] {
            let mut expected = 2;
            for chunk in chunks((0..count).map(|number| format!("l{number}"))) {
                let lines: Vec<&str> = chunk.body.lines().collect();
                assert_eq!((lines[0], chunk.first), ("H", expected));
                assert_eq!(lines[1], format!("l{}", chunk.first - 2));
                assert_eq!(lines.len() as u64, chunk.last - chunk.first + 2);
                assert!(lines.len() <= 1_001);
                expected = chunk.last + 1;
            }
            assert_eq!(expected, count + 2);
        }
    }

    #[test]
    fn long_lines_make_short_chunks() {
        let sent = chunks((0..20).map(|_| "x".repeat(200_000)));
        assert!(sent.iter().all(|chunk| chunk.body.len() < CHUNK_BYTES + 200_100), "{}", sent.len());
        assert_eq!(sent.iter().map(|chunk| chunk.last - chunk.first + 1).sum::<u64>(), 20);
    }
}
