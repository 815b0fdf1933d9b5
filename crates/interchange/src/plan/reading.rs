//! Reading of a file into a spool.

use std::collections::HashMap;
use std::io::{self, SeekFrom};

use crate::format::Format;
use crate::input::Input;
use crate::plan::build;
use crate::plan::hosts::host_of;
use crate::plan::meter::{Meter, MeteredInput};
use crate::plan::options::PlanOptions;
use crate::plan::sink::{Entries, SpoolSink};
use crate::plan::spool::{BufferedSpool, Spool};
use crate::plan::stored::{StoredComment, decode_thread};
use crate::plan::survey::{Count, Survey};
use crate::plan::{Plan, PlanError};
use crate::problem::ReadError;
use crate::readers::{ReadOptions, read};
use crate::record::{RecordSink, SourceThread, TimeQuality};

/// The state of a reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadProgress {
    /// Bytes of the inputs that were read, as they are stored.
    pub bytes: u64,
    /// Bytes of all inputs.
    pub total: u64,
    /// Comments so far.
    pub comments: u64,
}

/// A file whose records are in a spool, with an entry for each comment in memory.
#[derive(Debug)]
pub struct Reading<S> {
    pub(crate) format: Format,
    pub(crate) spool: BufferedSpool<S>,
    pub(crate) entries: Entries,
}

impl<S: Spool> Reading<S> {
    /// Reads files of one format. `on_progress` is called after each megabyte or so.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub fn read(
        inputs: &mut [Input<'_>],
        format: Format,
        options: &ReadOptions,
        spool: S,
        on_progress: &mut dyn FnMut(ReadProgress),
    ) -> Result<Self, ReadError> {
        let mut total = 0;
        for input in inputs.iter_mut() {
            total += size(input).map_err(|error| io_error(&input.name, &error))?;
        }
        let meter = Meter::new(total, on_progress);
        let mut metered = Vec::new();
        for input in inputs.iter_mut() {
            metered.push((input.name.clone(), MeteredInput::new(&mut *input.bytes, &meter)));
        }
        let mut inputs = Vec::new();
        for (name, bytes) in &mut metered {
            inputs.push(Input { name: name.clone(), bytes });
        }
        let reading = Self::fill(format, spool, &meter, |sink| read(format, &mut inputs, options, sink))?;
        meter.finish();
        Ok(reading)
    }

    /// Takes the records that a function gives, in place of those of a file.
    ///
    /// # Errors
    ///
    /// Those of the function, and those of the spool.
    pub fn from_records(
        format: Format,
        spool: S,
        records: impl FnOnce(&mut dyn RecordSink) -> io::Result<()>,
    ) -> io::Result<Self> {
        let mut ignore = |_| ();
        let meter = Meter::new(0, &mut ignore);
        Self::fill(format, spool, &meter, records)
    }

    fn fill<E>(
        format: Format,
        spool: S,
        meter: &Meter<'_>,
        records: impl FnOnce(&mut dyn RecordSink) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut spool = BufferedSpool::new(spool);
        let mut sink = SpoolSink::new(format.source(), &mut spool, meter);
        records(&mut sink)?;
        let mut entries = sink.into_entries();
        entries.comments.shrink_to_fit();
        Ok(Self { format, spool, entries })
    }

    /// Facts about the file, from which the owner decides what to import.
    ///
    /// # Errors
    ///
    /// If intermediate data cannot be read.
    pub fn survey(&mut self) -> io::Result<Survey> {
        let (mut partitions, mut hosts) = (HashMap::new(), HashMap::new());
        let (mut threads, mut without_address) = (0, 0);
        for index in 0..self.entries.threads.len() {
            let comments = self.entries.threads.get(index).map_or(0, |entry| u64::from(entry.comments));
            let Some(thread) = self.thread(index)? else { continue };
            threads += 1;
            *partitions.entry(thread.partition.unwrap_or_default()).or_default() += comments;
            if comments > 0 {
                *hosts.entry(host_of(&thread.url).unwrap_or_default()).or_default() += comments;
                without_address += u64::from(thread.url.is_empty());
            }
        }
        let mut survey = Survey {
            threads,
            comments: self.entries.comments.len() as u64,
            partitions: counts(partitions),
            hosts: counts(hosts),
            owners: self.entries.authors.candidates(),
            without_address,
            problems: self.entries.problems.clone(),
            problem_count: self.entries.problem_count,
            ..Survey::default()
        };
        for comment in &self.entries.comments {
            survey.states.add(comment.state);
            survey.without_zone += u64::from(comment.quality == TimeQuality::ZoneGuessed);
            survey.without_time += u64::from(comment.quality == TimeQuality::Missing);
        }
        Ok(survey)
    }

    /// Plans an import.
    ///
    /// # Errors
    ///
    /// See [`PlanError`].
    pub fn plan(&mut self, options: &PlanOptions) -> Result<Plan, PlanError> {
        build::plan(self, options)
    }

    /// A post, or `None` if only comments name it.
    pub(crate) fn thread(&mut self, index: usize) -> io::Result<Option<SourceThread>> {
        let Some(entry) = self.entries.threads.get(index).filter(|entry| entry.length > 0) else { return Ok(None) };
        decode_thread(&self.spool.read(entry.offset, entry.length as usize)?).map(Some)
    }

    pub(crate) fn comment(&mut self, index: usize) -> io::Result<StoredComment> {
        let entry = self.entries.comments.get(index).ok_or(io::ErrorKind::NotFound)?;
        StoredComment::decode(&self.spool.read(entry.offset, entry.length as usize)?)
    }
}

/// Size of a file, which is then read from its beginning.
fn size(input: &mut Input<'_>) -> io::Result<u64> {
    let size = input.bytes.seek(SeekFrom::End(0))?;
    input.bytes.seek(SeekFrom::Start(0))?;
    Ok(size)
}

fn io_error(file: &str, error: &io::Error) -> ReadError {
    ReadError::Io { file: file.to_owned(), message: error.to_string() }
}

/// The most frequent first.
pub(crate) fn counts(counts: HashMap<String, u64>) -> Vec<Count> {
    let mut counts: Vec<_> = counts.into_iter().map(|(name, comments)| Count { name, comments }).collect();
    counts.sort_by(|a, b| b.comments.cmp(&a.comments).then_with(|| a.name.cmp(&b.name)));
    counts
}
