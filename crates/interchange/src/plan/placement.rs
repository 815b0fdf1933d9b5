//! The thread of each post of the source.

use std::collections::{HashMap, HashSet};
use std::io;

use afterword_model::clean_title;

use crate::plan::addresses::{AddressResolver, names};
use crate::plan::hosts::host_of;
use crate::plan::reading::{Reading, counts};
use crate::plan::report::{LeftOut, MergedThread, Report, UnplacedThread};
use crate::plan::spool::Spool;
use crate::record::SourceThread;

/// Longest text of the source that is kept for the report.
const MAX_SHOWN_BYTES: usize = 300;

/// A thread of the import.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) url: String,
    pub(crate) title: String,
    /// True if all its posts in the source are closed.
    pub(crate) closed: bool,
}

/// The fate of the comments of a post of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// They go to the target with this index.
    Target(u32),
    /// They are left out.
    LeftOut(LeftOut),
}

/// The place of each post of the source.
#[derive(Debug, Default)]
pub(crate) struct Placement {
    pub(crate) targets: Vec<Target>,
    /// By the indexes of the posts in the source.
    pub(crate) places: Vec<Destination>,
    /// Time of each post, if it is known.
    pub(crate) times: Vec<Option<i64>>,
    indexes: HashMap<String, u32>,
    /// Targets of several posts.
    merged: HashSet<u32>,
}

impl Placement {
    /// Places all posts with comments, and reports those without a place.
    pub(crate) fn new<S: Spool>(
        reading: &mut Reading<S>,
        resolver: &AddressResolver,
        report: &mut Report,
    ) -> io::Result<Self> {
        let mut placement = Self::default();
        let mut unknown = HashMap::new();
        for index in 0..reading.entries.threads.len() {
            let comments = reading.entries.threads.get(index).map_or(0, |entry| entry.comments);
            let thread = if comments == 0 { None } else { reading.thread(index)? };
            let place = match &thread {
                None => Destination::LeftOut(LeftOut::NoThread),
                Some(thread) => match resolver.resolve(thread) {
                    Ok(url) => Destination::Target(placement.target(url, thread)),
                    Err(reason) => Destination::LeftOut(reason),
                },
            };
            match (place, &thread) {
                (Destination::LeftOut(LeftOut::NoAddress), Some(thread)) => report_unplaced(report, thread, comments),
                (Destination::LeftOut(LeftOut::UnknownHost), Some(thread)) => {
                    *unknown.entry(host_of(&thread.url).unwrap_or_default()).or_default() += u64::from(comments);
                }
                _ => {}
            }
            placement.places.push(place);
            placement.times.push(thread.and_then(|thread| thread.time));
        }
        report.unknown_hosts = counts(unknown);
        report.unknown_hosts.truncate(Report::MAX_ITEMS);
        placement.report_merged(reading, report)?;
        Ok(placement)
    }

    pub(crate) fn place(&self, thread: u32) -> Destination {
        self.places.get(thread as usize).copied().unwrap_or(Destination::LeftOut(LeftOut::NoThread))
    }

    fn target(&mut self, url: String, thread: &SourceThread) -> u32 {
        let title = clean_title(&thread.title);
        if let Some(index) = self.indexes.get(&url) {
            self.merged.insert(*index);
            if let Some(target) = self.targets.get_mut(*index as usize) {
                target.closed &= thread.closed;
                if target.title.is_empty() {
                    target.title = title;
                }
            }
            return *index;
        }
        let index = self.targets.len() as u32;
        self.targets.push(Target { url: url.clone(), title, closed: thread.closed });
        self.indexes.insert(url, index);
        index
    }

    /// Lists the targets of posts with different addresses in the source.
    fn report_merged<S: Spool>(&self, reading: &mut Reading<S>, report: &mut Report) -> io::Result<()> {
        let mut sources: HashMap<u32, Vec<String>> = HashMap::new();
        for (index, place) in self.places.iter().enumerate() {
            let Destination::Target(target) = place else { continue };
            if !self.merged.contains(target) {
                continue;
            }
            let Some(thread) = reading.thread(index)? else { continue };
            let name = shown(names(&thread).next().unwrap_or_default());
            let known = sources.entry(*target).or_default();
            if known.len() < Report::MAX_ITEMS && !known.contains(&name) {
                known.push(name);
            }
        }
        let mut merged: Vec<_> = sources.into_iter().filter(|(_, from)| from.len() > 1).collect();
        merged.sort_by_key(|(target, _)| *target);
        report.merged_count = merged.len() as u64;
        let describe = |(target, from): (u32, Vec<String>)| {
            let url = self.targets.get(target as usize).map(|target| target.url.clone()).unwrap_or_default();
            MergedThread { url, from }
        };
        report.merged = merged.into_iter().take(Report::MAX_ITEMS).map(describe).collect();
        Ok(())
    }
}

fn report_unplaced(report: &mut Report, thread: &SourceThread, comments: u32) {
    report.without_address_count += 1;
    if report.without_address.len() < Report::MAX_ITEMS {
        report.without_address.push(UnplacedThread {
            from: shown(names(thread).next().unwrap_or_default()),
            title: shown(&thread.title),
            comments: u64::from(comments),
        });
    }
}

/// A text of the source, cut for the report.
pub(crate) fn shown(text: &str) -> String {
    let end = text.char_indices().map(|(at, _)| at).find(|at| *at > MAX_SHOWN_BYTES).unwrap_or(text.len());
    text[..end].to_owned()
}
