//! Files of other systems, made of our own export.
//!
//! A writer reads the export twice: once for the threads and the places of their comments, and once, thread by thread, for the comments. A few
//! dozen bytes of each comment are in memory.

mod disqus;
mod html;
mod source;
mod wxr;
mod xml;

use std::io::Write;

use afterword_model::export_format::{ChecksumError, CommentLine};
use serde::Serialize;
use thiserror::Error;

use crate::input::ReadSeek;
use crate::write::source::ExportSource;

/// A format that an export is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// WordPress eXtended RSS, version 1.2.
    Wxr,
    /// The XML of Disqus.
    Disqus,
}

/// The contents of a written file, and the losses of its format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WriteReport {
    /// Number of comments of the export.
    pub read: u64,
    /// Threads that were written.
    pub threads: u64,
    /// Comments that were written, with their texts.
    pub comments: u64,
    /// Comments without content that were written as deleted ones, because they have replies.
    pub tombstones: u64,
    /// Deleted comments without replies, which are left out.
    pub left_out_deleted: u64,
    /// Comments that wait for a moderator, which the format does not know. They are left out; those with replies stand as deleted ones.
    pub left_out_pending: u64,
    /// Comments whose date is earlier than that of the comment before them. Systems that sort by date show them elsewhere.
    pub not_in_order_of_time: u64,
    /// Badges of the owner that are lost.
    pub lost_badges: u64,
    /// Pins that are lost.
    pub lost_pins: u64,
    /// Comments with votes that are lost.
    pub lost_votes: u64,
    /// Times of edits that are lost.
    pub lost_edits: u64,
    /// Websites of authors that are lost.
    pub lost_websites: u64,
    /// Lines of the export of other kinds: settings, bans, the log, former addresses, reactions and reports.
    pub lost_lines: u64,
}

impl WriteReport {
    /// Counts what neither format holds.
    fn count_losses(&mut self, line: &CommentLine) {
        self.lost_badges += u64::from(line.owner);
        self.lost_pins += u64::from(line.pinned);
        self.lost_votes += u64::from(line.votes != 0);
        self.lost_edits += u64::from(line.edited.is_some());
    }
}

/// Reason why no file is written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The first line is not that of an export.
    #[error("this is not an export of Afterword")]
    NotAnExport,
    /// A line cannot be read.
    #[error("line {0} is not a line of an export")]
    Line(u64),
    /// The export is not whole.
    #[error("{0}")]
    Incomplete(#[from] ChecksumError),
    /// The export cannot be read, or the file cannot be written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Writes an export (JSON lines, not compressed) in the format of another system. The file is well-formed XML, whatever the texts are.
///
/// # Errors
///
/// See [`WriteError`]. What was written before must be thrown away.
pub fn write_export(
    export: &mut dyn ReadSeek,
    format: ExportFormat,
    out: &mut dyn Write,
) -> Result<WriteReport, WriteError> {
    let mut source = ExportSource::new(export, format == ExportFormat::Disqus)?;
    match format {
        ExportFormat::Wxr => wxr::write(&mut source, out)?,
        ExportFormat::Disqus => disqus::write(&mut source, out)?,
    }
    out.flush()?;
    Ok(source.into_report())
}
