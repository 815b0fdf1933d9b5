//! The receiver of records: puts them into the spool and keeps an entry of each.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use afterword_model::{Website, clean_line, clean_text, has_visible_text, limits, parse_email};

use crate::convert::to_markdown;
use crate::plan::authors::AuthorCounter;
use crate::plan::entry::{CommentEntry, Flags, Key, ThreadEntry, author_hash};
use crate::plan::meter::Meter;
use crate::plan::report::DroppedMarkup;
use crate::plan::split::split;
use crate::plan::spool::{BufferedSpool, Spool};
use crate::plan::stored::{StoredComment, decode_thread, encode_thread};
use crate::plan::survey::Survey;
use crate::problem::Problem;
use crate::record::{LostField, RecordSink, SourceComment, SourceThread, ThreadState};

/// Maximum number of votes of a comment that the ledger takes.
const MAX_VOTES: i64 = 1 << 31;
/// Maximum number of different kinds of markup that are counted.
const MAX_MARKUP: usize = 200;
/// Maximum number of samples of each.
const MAX_SAMPLES: usize = 5;
/// Longest id that is kept for the report.
const MAX_SHOWN_BYTES: usize = 200;

/// The parts of the records of a file that are kept in memory.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) comments: Vec<CommentEntry>,
    pub(crate) threads: Vec<ThreadEntry>,
    pub(crate) authors: AuthorCounter,
    pub(crate) markup: BTreeMap<String, DroppedMarkup>,
    pub(crate) lost: BTreeMap<LostField, u64>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) problem_count: u64,
}

/// The receiver of records.
pub(crate) struct SpoolSink<'a, 'm, S> {
    source: &'static str,
    spool: &'a mut BufferedSpool<S>,
    meter: &'a Meter<'m>,
    entries: Entries,
    thread_indexes: HashMap<Key, u32>,
}

impl<'a, 'm, S: Spool> SpoolSink<'a, 'm, S> {
    pub(crate) fn new(source: &'static str, spool: &'a mut BufferedSpool<S>, meter: &'a Meter<'m>) -> Self {
        Self { source, spool, meter, entries: Entries::default(), thread_indexes: HashMap::new() }
    }

    pub(crate) fn into_entries(self) -> Entries {
        self.entries
    }

    /// The index of a thread, which is made if no record has named it yet.
    fn thread_index(&mut self, key: &str) -> u32 {
        let threads = &mut self.entries.threads;
        *self.thread_indexes.entry(Key::of_thread(self.source, key)).or_insert_with(|| {
            threads.push(ThreadEntry::default());
            threads.len() as u32 - 1
        })
    }

    fn add_markup(&mut self, names: BTreeSet<String>, id: &str) {
        let markup = &mut self.entries.markup;
        for name in names {
            if markup.len() >= MAX_MARKUP && !markup.contains_key(&name) {
                continue;
            }
            let new = || DroppedMarkup { name: name.clone(), comments: 0, samples: Vec::new() };
            let dropped = markup.entry(name.clone()).or_insert_with(new);
            dropped.comments += 1;
            if dropped.samples.len() < MAX_SAMPLES && id.len() <= MAX_SHOWN_BYTES {
                dropped.samples.push(id.to_owned());
            }
        }
    }
}

impl<S: Spool> RecordSink for SpoolSink<'_, '_, S> {
    fn thread(&mut self, thread: SourceThread) -> io::Result<()> {
        let index = self.thread_index(&thread.key) as usize;
        let Some(entry) = self.entries.threads.get_mut(index) else { return Ok(()) };
        let thread = if entry.length == 0 {
            thread
        } else {
            merge(decode_thread(&self.spool.read(entry.offset, entry.length as usize)?)?, thread)
        };
        let record = encode_thread(&thread);
        entry.offset = self.spool.append(&record)?;
        entry.length = record_length(&record)?;
        Ok(())
    }

    fn comment(&mut self, comment: SourceComment) -> io::Result<()> {
        let thread = self.thread_index(&comment.thread);
        self.entries.authors.add(&comment);
        let body = to_markdown(&comment.body);
        self.add_markup(body.dropped, &comment.id);
        let (stored, flags) = clean_fields(&comment, &body.markdown);
        let parts = if stored.text.is_empty() { 0 } else { split(&stored.text).len() };
        let record = stored.encode();
        let parent = comment.parent.filter(|parent| !parent.is_empty());
        self.entries.comments.push(CommentEntry {
            id: Key::of_comment(self.source, &comment.id),
            parent: parent.map_or(Key::NONE, |parent| Key::of_comment(self.source, &parent)),
            time: comment.time.seconds,
            offset: self.spool.append(&record)?,
            length: record_length(&record)?,
            thread,
            name: author_hash(&stored.name),
            email: author_hash(stored.email.as_deref().unwrap_or_default()),
            parts: parts.try_into().map_err(io::Error::other)?,
            state: comment.state,
            quality: comment.time.quality,
            flags,
        });
        if let Some(thread) = self.entries.threads.get_mut(thread as usize) {
            thread.comments += 1;
        }
        self.meter.count_comment();
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        self.entries.problem_count += 1;
        if self.entries.problems.len() < Survey::MAX_PROBLEMS {
            self.entries.problems.push(problem);
        }
    }

    fn lost(&mut self, field: LostField, count: u64) {
        *self.entries.lost.entry(field).or_default() += count;
    }
}

fn record_length(record: &[u8]) -> io::Result<u32> {
    record.len().try_into().map_err(io::Error::other)
}

/// A post of which two records are in the file: the later one fills empty fields.
fn merge(mut first: SourceThread, later: SourceThread) -> SourceThread {
    let fill = |field: &mut String, value: String| {
        if field.is_empty() {
            *field = value;
        }
    };
    fill(&mut first.url, later.url);
    fill(&mut first.title, later.title);
    first.partition = first.partition.or(later.partition);
    first.time = first.time.or(later.time);
    first.closed |= later.closed;
    if first.state == ThreadState::Published {
        first.state = later.state;
    }
    for hint in later.hints {
        if !first.hints.contains(&hint) {
            first.hints.push(hint);
        }
    }
    first
}

/// Makes the fields valid for the ledger.
fn clean_fields(comment: &SourceComment, text: &str) -> (StoredComment, Flags) {
    let mut flags = Flags::default();
    flags.set(Flags::OWNER, comment.is_owner);
    flags.set(Flags::PINNED, comment.pinned);
    let name = Some(clean_line(&comment.name)).filter(|name| has_visible_text(name)).unwrap_or_default();
    let cut = cut_name(&name);
    flags.set(Flags::NAME_CUT, cut != name);
    let email = comment.email.as_deref().unwrap_or_default();
    let parsed = parse_email(email).unwrap_or_default();
    flags.set(Flags::EMAIL_DROPPED, parsed.is_none() && has_visible_text(email));
    let website = comment.website.as_deref().unwrap_or_default();
    let site = Website::from_input(website).unwrap_or_default();
    flags.set(Flags::WEBSITE_DROPPED, site.is_none() && has_visible_text(website));
    let has_valid_votes = (-MAX_VOTES..=MAX_VOTES).contains(&comment.votes);
    flags.set(Flags::VOTES_DROPPED, !has_valid_votes);
    let stored = StoredComment {
        id: comment.id.clone(),
        name: cut,
        email: parsed,
        website: site.map(|site| site.as_str().to_owned()),
        text: Some(clean_text(text)).filter(|text| has_visible_text(text)).unwrap_or_default(),
        edited: comment.edited.filter(|edited| (0..=limits::LAST_SECOND).contains(edited)),
        votes: if has_valid_votes { comment.votes } else { 0 },
    };
    (stored, flags)
}

/// Cleans again after the cut, which may leave a space or half a flag emoji at the end.
fn cut_name(name: &str) -> String {
    let end = name.char_indices().nth(limits::NAME_CHARS).map_or(name.len(), |(end, _)| end);
    Some(clean_line(&name[..end])).filter(|name| has_visible_text(name)).unwrap_or_default()
}
