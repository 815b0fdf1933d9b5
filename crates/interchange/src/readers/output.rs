//! The sink with what all readers do before it.

use super::ReadOptions;
use crate::problem::{Position, Problem, ProblemKind, ReadError, io_error};
use crate::record::{LostField, RecordSink, SourceComment, SourceThread, SourceTime, TimeQuality};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Beginnings of addresses that many people share.
const SHARED_EMAILS: [&str; 4] = ["noreply@", "no-reply@", "anonymized-", "anonymous@"];

/// Receiver of the records of one format.
pub(super) struct Output<'a> {
    /// The file that is read, for messages.
    pub(super) file: String,
    pub(super) options: &'a ReadOptions,
    sink: &'a mut dyn RecordSink,
    /// Fingerprints of threads that were sent.
    sent: HashSet<u64>,
}

impl<'a> Output<'a> {
    pub(super) fn new(options: &'a ReadOptions, sink: &'a mut dyn RecordSink) -> Self {
        Self { file: String::new(), options, sink, sent: HashSet::new() }
    }

    /// Sends a thread, unless it has no key or the same one was sent before.
    pub(super) fn thread(&mut self, thread: SourceThread) -> Result<(), ReadError> {
        let mut hasher = DefaultHasher::new();
        (&thread.key, &thread.url, &thread.title, thread.closed).hash(&mut hasher);
        if thread.key.is_empty() || !self.sent.insert(hasher.finish()) {
            return Ok(());
        }
        self.sink.thread(thread).map_err(|error| io_error(&self.file, &error))
    }

    /// Sends a comment that has an id and a thread.
    pub(super) fn comment(&mut self, comment: SourceComment, position: Position) -> Result<(), ReadError> {
        if comment.id.is_empty() {
            self.problem(position, ProblemKind::NoId);
            return Ok(());
        }
        if comment.thread.is_empty() {
            self.problem(position, ProblemKind::NoThread);
            return Ok(());
        }
        self.sink.comment(comment).map_err(|error| io_error(&self.file, &error))
    }

    pub(super) fn problem(&mut self, position: Position, kind: ProblemKind) {
        self.sink.problem(Problem { file: self.file.clone(), position, kind });
    }

    /// Counts a value that is left behind, if there is one.
    pub(super) fn lose_if(&mut self, is_present: bool, field: LostField) {
        if is_present {
            self.sink.lost(field, 1);
        }
    }

    /// Counts values that are left behind.
    pub(super) fn lose(&mut self, field: LostField, count: i64) {
        if let Ok(count) = u64::try_from(count)
            && count > 0
        {
            self.sink.lost(field, count);
        }
    }

    /// A real address that belongs to one person. Others are counted.
    pub(super) fn email(&mut self, text: &str) -> Option<String> {
        let text = text.trim();
        let is_address = text
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
        let lower = text.to_lowercase();
        let is_shared = SHARED_EMAILS.iter().any(|prefix| lower.starts_with(prefix))
            || lower.ends_with("@users.noreply.github.com");
        if is_address && !is_shared && !text.contains(char::is_whitespace) {
            return Some(text.to_owned());
        }
        self.lose_if(!text.is_empty(), LostField::UnusableEmails);
        None
    }
}

/// The time of a source that writes all times in UTC, with or without a zone.
pub(super) fn utc(time: SourceTime) -> SourceTime {
    let quality = if time.quality == TimeQuality::ZoneGuessed { TimeQuality::Exact } else { time.quality };
    SourceTime { quality, ..time }
}

/// The time of an edit: none if there is no time, or not after the comment.
pub(super) fn edit_time(time: SourceTime, posted: SourceTime) -> Option<i64> {
    (time.quality != TimeQuality::Missing && time.seconds > posted.seconds).then_some(time.seconds)
}

/// The time in seconds, if it is known.
pub(super) fn known_seconds(time: SourceTime) -> Option<i64> {
    (time.quality != TimeQuality::Missing).then_some(time.seconds)
}
