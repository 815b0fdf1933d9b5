//! An export as the source of a writer: its threads, and the comments of each.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, SeekFrom};

use afterword_model::Status;
use afterword_model::export_format::{CommentLine, ExportChecksum, ExportHeader, Line, MAX_LINE_BYTES, ThreadLine};

use crate::input::ReadSeek;
use crate::write::{WriteError, WriteReport};

/// The index of no comment.
const NONE: u32 = u32::MAX;

/// A thread with comments.
pub(super) struct Thread {
    pub(super) url: String,
    pub(super) title: String,
    pub(super) closed: bool,
    /// Time of its first comment.
    pub(super) created: i64,
}

/// How a comment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Published,
    Pending,
    Spam,
    /// Without its content, because it has replies.
    Tombstone,
}

/// A comment as it is written.
pub(super) struct Comment {
    pub(super) number: i64,
    pub(super) parent: Option<i64>,
    pub(super) state: State,
    /// The line of the export; empty fields if it is a tombstone.
    pub(super) line: CommentLine,
}

/// The place of a comment in the export.
struct Entry {
    offset: u64,
    length: u32,
    thread: u32,
    /// Index of the parent, or [`NONE`].
    parent: u32,
    number: i64,
    /// `None` if it is not written with its content.
    state: Option<State>,
    is_deleted: bool,
    has_replies: bool,
}

/// The first line and all threads and comments of an export.
pub(super) struct ExportSource<'a> {
    export: &'a mut dyn ReadSeek,
    pub(super) site: String,
    threads: Vec<Thread>,
    /// In the order of threads, and in each in the order of the export.
    entries: Vec<Entry>,
    /// Indexes of entries in this order.
    order: Vec<u32>,
    report: WriteReport,
    /// The part of the export that is in memory.
    buffer: Buffer,
}

impl<'a> ExportSource<'a> {
    /// Reads the whole export once. With `is_without_pending`, comments that wait are left out.
    pub(super) fn new(export: &'a mut dyn ReadSeek, is_without_pending: bool) -> Result<Self, WriteError> {
        export.seek(SeekFrom::Start(0))?;
        let mut index = Index { is_without_pending, ..Index::default() };
        let site = index.read(export)?;
        let Index { threads, mut entries, mut report, has_ids, .. } = index;
        for (number, entry) in (1..).zip(&mut entries) {
            if !has_ids {
                entry.number = number;
            }
        }
        mark_tombstones(&mut entries, &mut report);
        let is_written = |index: &u32| entries.get(*index as usize).is_some_and(|entry| entry.state.is_some());
        let mut order: Vec<u32> = (0..entries.len() as u32).filter(is_written).collect();
        order.sort_by_key(|index| entries.get(*index as usize).map(|entry| entry.thread));
        Ok(Self { export, site, threads, entries, order, report, buffer: Buffer::default() })
    }

    /// The threads that have comments to write, with their numbers from 1.
    pub(super) fn written_threads(&self) -> impl Iterator<Item = (u64, &Thread)> {
        let (mut last, entries, threads) = (None, &self.entries, &self.threads);
        self.order.iter().filter_map(move |index| {
            let thread = entries.get(*index as usize)?.thread;
            let is_new = last.replace(thread) != Some(thread);
            is_new.then(|| Some((u64::from(thread) + 1, threads.get(thread as usize)?))).flatten()
        })
    }

    pub(super) fn into_report(self) -> WriteReport {
        self.report
    }

    /// Calls a function with each thread that has comments to write, and its number from 1, and another with each of its comments.
    pub(super) fn for_each(&mut self, visit: &mut dyn Visit) -> Result<(), WriteError> {
        let (mut last, mut last_time) = (None, i64::MIN);
        for place in 0..self.order.len() {
            let Some(entry) = self.order.get(place).and_then(|index| self.entries.get(*index as usize)) else {
                continue;
            };
            let (thread, state) = (entry.thread, entry.state);
            if last != Some(thread) {
                if last.is_some() {
                    visit.end_thread()?;
                }
                let Some(thread) = self.threads.get(thread as usize) else { continue };
                visit.start_thread(thread, u64::from(entry.thread) + 1)?;
                self.report.threads += 1;
                last_time = i64::MIN;
            }
            last = Some(thread);
            let parent = self.entries.get(entry.parent as usize).map(|parent| parent.number);
            let (number, offset, length) = (entry.number, entry.offset, entry.length);
            let Some(state) = state else { continue };
            let line = self.buffer.read(self.export, offset, length as usize)?;
            let line = parse_comment(&line).ok_or(io::ErrorKind::InvalidData).map_err(io::Error::from)?;
            let line = if state == State::Tombstone { CommentLine { owner: false, ..cleared(line) } } else { line };
            self.report.comments += u64::from(state != State::Tombstone);
            self.report.not_in_order_of_time += u64::from(line.created < last_time);
            last_time = last_time.max(line.created);
            visit.comment(&Comment { number, parent, state, line }, &mut self.report)?;
        }
        if last.is_some() {
            visit.end_thread()?;
        }
        Ok(())
    }
}

/// The parts of a file of another system, in their order.
pub(super) trait Visit {
    fn start_thread(&mut self, thread: &Thread, number: u64) -> io::Result<()>;
    fn comment(&mut self, comment: &Comment, report: &mut WriteReport) -> io::Result<()>;
    fn end_thread(&mut self) -> io::Result<()>;
}

/// The first pass.
#[derive(Default)]
struct Index {
    is_without_pending: bool,
    threads: Vec<Thread>,
    thread_indexes: HashMap<String, u32>,
    entries: Vec<Entry>,
    comment_indexes: HashMap<String, u32>,
    report: WriteReport,
    has_ids: bool,
}

impl Index {
    /// Returns the origin of the site.
    fn read(&mut self, export: &mut dyn ReadSeek) -> Result<String, WriteError> {
        let (mut reader, mut line) = (BufReader::with_capacity(1 << 16, export), Vec::new());
        let (mut checksum, mut site, mut offset) = (ExportChecksum::default(), None, 0);
        self.has_ids = true;
        loop {
            line.clear();
            let length = (&mut reader).take(MAX_LINE_BYTES as u64 + 2).read_until(b'\n', &mut line)?;
            let number = checksum.lines() + 1;
            let text = std::str::from_utf8(&line).map_err(|_| WriteError::Line(number))?;
            let text = text.trim_end_matches(['\n', '\r']);
            if site.is_none() {
                site = Some(ExportHeader::parse(text).ok_or(WriteError::NotAnExport)?.site);
            } else if length == 0 || ExportChecksum::is_closing_line(text) {
                checksum.verify(text)?;
                return Ok(site.unwrap_or_default());
            } else {
                let parsed = serde_json::from_str(text).map_err(|_| WriteError::Line(number))?;
                self.add(parsed, offset, text.len() as u32);
            }
            checksum.add_line(text);
            offset += length as u64;
        }
    }

    fn add(&mut self, line: Line, offset: u64, length: u32) {
        match line {
            Line::Thread(ThreadLine { url, title, closed, .. }) => {
                let index = self.thread(&url);
                if let Some(thread) = self.threads.get_mut(index as usize) {
                    (thread.title, thread.closed) = (title, closed);
                }
            }
            Line::Comment(comment) => self.add_comment(&comment, offset, length),
            Line::Vote(_) => {}
            _ => self.report.lost_lines += 1,
        }
    }

    fn add_comment(&mut self, comment: &CommentLine, offset: u64, length: u32) {
        self.report.read += 1;
        self.has_ids &= comment.id > 0;
        let thread = self.thread(&comment.thread);
        if let Some(thread) = self.threads.get_mut(thread as usize) {
            thread.created = thread.created.min(comment.created);
        }
        let parent = comment.parent.as_ref().and_then(|parent| self.comment_indexes.get(parent));
        let parent = parent.copied().unwrap_or(NONE);
        let state = match comment {
            CommentLine { erased: Some(_), .. } => None,
            CommentLine { spam: true, .. } => Some(State::Spam),
            CommentLine { status: Status::Pending, .. } if self.is_without_pending => {
                self.report.left_out_pending += 1;
                None
            }
            CommentLine { status: Status::Pending, .. } => Some(State::Pending),
            _ => Some(State::Published),
        };
        self.comment_indexes.insert(comment.uuid.clone(), self.entries.len() as u32);
        self.entries.push(Entry {
            offset,
            length,
            thread,
            parent,
            number: comment.id,
            state,
            is_deleted: comment.erased.is_some(),
            has_replies: false,
        });
    }

    fn thread(&mut self, url: &str) -> u32 {
        if let Some(index) = self.thread_indexes.get(url) {
            return *index;
        }
        let index = self.threads.len() as u32;
        self.threads.push(Thread { url: url.to_owned(), title: String::new(), closed: false, created: i64::MAX });
        self.thread_indexes.insert(url.to_owned(), index);
        index
    }
}

/// Gives comments without content a place if a reply needs it. Parents come before their replies, so this goes backwards.
fn mark_tombstones(entries: &mut [Entry], report: &mut WriteReport) {
    for index in (0..entries.len()).rev() {
        let Some(entry) = entries.get_mut(index) else { continue };
        if entry.state.is_none() && entry.has_replies {
            entry.state = Some(State::Tombstone);
            report.tombstones += 1;
        }
        let (is_written, parent) = (entry.state.is_some(), entry.parent);
        if let Some(parent) = entries.get_mut(parent as usize).filter(|_| is_written) {
            parent.has_replies = true;
        }
    }
    report.left_out_deleted = entries.iter().filter(|entry| entry.state.is_none() && entry.is_deleted).count() as u64;
}

fn parse_comment(line: &[u8]) -> Option<CommentLine> {
    match serde_json::from_slice(line).ok()? {
        Line::Comment(comment) => Some(*comment),
        _ => None,
    }
}

fn cleared(mut line: CommentLine) -> CommentLine {
    line.clear_content();
    CommentLine { pinned: false, votes: 0, edited: None, ..line }
}

/// Bytes around the place that was read last: comments of a thread are often close to each other.
#[derive(Default)]
struct Buffer {
    start: u64,
    bytes: Vec<u8>,
}

impl Buffer {
    const BYTES: usize = 64 * 1024;

    fn read(&mut self, export: &mut dyn ReadSeek, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let within = |buffer: &Self| {
            let start = usize::try_from(offset.checked_sub(buffer.start)?).ok()?;
            buffer.bytes.get(start..start.checked_add(length)?).map(<[u8]>::to_vec)
        };
        if let Some(line) = within(self) {
            return Ok(line);
        }
        self.start = offset;
        self.bytes.clear();
        export.seek(SeekFrom::Start(offset))?;
        export.take(Self::BYTES.max(length) as u64).read_to_end(&mut self.bytes)?;
        within(self).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}
