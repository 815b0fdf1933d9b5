//! The lines of the export of a plan.

use std::io;

use afterword_model::Status;
use afterword_model::export_format::{CommentLine, ExportChecksum, ExportHeader, Line, ThreadLine};
use serde::Serialize;

use crate::plan::Plan;
use crate::plan::address_table::{AddressRow, LEAVE_OUT, TableWriter};
use crate::plan::addresses::names;
use crate::plan::decisions::{Decision, is_shown};
use crate::plan::entry::{CommentEntry, Flags};
use crate::plan::placement::{Destination, Target};
use crate::plan::reading::Reading;
use crate::plan::report::LeftOut;
use crate::plan::split::split;
use crate::plan::spool::Spool;
use crate::plan::stored::StoredComment;
use crate::record::SourceState;

/// Position in the lines of a plan. The default is the beginning.
#[derive(Clone, Debug, Default)]
pub struct LineCursor {
    next: Stage,
    /// Lines of the comment at which the cursor is, in reverse order.
    waiting: Vec<String>,
    checksum: ExportChecksum,
}

/// The next line.
#[derive(Clone, Copy, Debug, Default)]
enum Stage {
    #[default]
    Header,
    /// That of the thread with this index.
    Thread(usize),
    /// Those of the comment at this place of the order.
    Comment(usize),
    End,
}

/// The lines of a plan, without their line ends.
pub struct Lines<'a, S> {
    plan: &'a Plan,
    reading: &'a mut Reading<S>,
    cursor: LineCursor,
}

impl<S: Spool> Iterator for Lines<'_, S> {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.plan.next_line(self.reading, &mut self.cursor).transpose()
    }
}

impl Plan {
    /// The lines of an export: header, threads, comments, closing line. Comments are in the order of their times, each after its parent.
    pub fn lines<'a, S: Spool>(&'a self, reading: &'a mut Reading<S>) -> Lines<'a, S> {
        Lines { plan: self, reading, cursor: LineCursor::default() }
    }

    /// The next lines, with `max_bytes` together or a little more; none at the end. `reading` is the one of which this is the plan.
    ///
    /// # Errors
    ///
    /// If intermediate data cannot be read.
    pub fn next_lines<S: Spool>(
        &self,
        reading: &mut Reading<S>,
        cursor: &mut LineCursor,
        max_bytes: usize,
    ) -> io::Result<Vec<String>> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while bytes < max_bytes {
            let Some(line) = self.next_line(reading, cursor)? else { break };
            bytes += line.len() + 1;
            lines.push(line);
        }
        Ok(lines)
    }

    /// The next line, or `None` at the end. `reading` is the one of which this is the plan.
    ///
    /// # Errors
    ///
    /// If intermediate data cannot be read.
    pub fn next_line<S: Spool>(&self, reading: &mut Reading<S>, cursor: &mut LineCursor) -> io::Result<Option<String>> {
        loop {
            if let Some(line) = cursor.waiting.pop() {
                cursor.checksum.add_line(&line);
                return Ok(Some(line));
            }
            match cursor.next {
                Stage::Header => {
                    cursor.waiting.push(json(&ExportHeader::new(&self.report.site, 0))?);
                    cursor.next = Stage::Thread(0);
                }
                Stage::Thread(index) => match self.placement.targets.get(index) {
                    Some(target) => {
                        cursor.next = Stage::Thread(index + 1);
                        if self.used_targets.get(index) == Some(&true) {
                            cursor.waiting.push(json(&thread_line(target))?);
                        }
                    }
                    None => cursor.next = Stage::Comment(0),
                },
                Stage::Comment(place) => match self.order.get(place) {
                    Some(index) => {
                        cursor.next = Stage::Comment(place + 1);
                        cursor.waiting = self.comment_lines(reading, *index as usize)?;
                    }
                    None => {
                        cursor.next = Stage::End;
                        return Ok(Some(cursor.checksum.closing_line()));
                    }
                },
                Stage::End => return Ok(None),
            }
        }
    }

    /// The lines of a comment and its continuations, in reverse order.
    fn comment_lines<S: Spool>(&self, reading: &mut Reading<S>, index: usize) -> io::Result<Vec<String>> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        let entry = *reading.entries.comments.get(index).ok_or_else(missing)?;
        let decision = *self.decisions.get(index).ok_or_else(missing)?;
        let frame = self.frame(reading, index, &entry, decision).ok_or_else(missing)?;
        if decision.left_out.is_some() {
            let erased = Some(frame.created);
            let line = CommentLine { status: Status::Published, placed: true, erased, spam: false, ..frame };
            return Ok(vec![comment_json(line)?]);
        }
        let stored = reading.comment(index)?;
        let parts = split(&stored.text);
        let comment = self.with_author(frame, &entry, &stored);
        let mut lines = Vec::with_capacity(parts.len());
        for (number, part) in parts.into_iter().enumerate().rev() {
            let line = if number == 0 {
                self.first_part(comment.clone(), &entry, &stored, decision)
            } else {
                let uuid = entry.id.uuid(&self.options.source_site, number).to_string();
                CommentLine { parent: Some(comment.uuid.clone()), uuid, ..comment.clone() }
            };
            lines.push(comment_json(CommentLine { source: part, ..line })?);
        }
        Ok(lines)
    }

    /// The line of a comment without content.
    fn frame<S>(
        &self,
        reading: &Reading<S>,
        index: usize,
        entry: &CommentEntry,
        decision: Decision,
    ) -> Option<CommentLine> {
        let site = &self.options.source_site;
        let parent = self.parents.get(index).and_then(|parent| reading.entries.comments.get(*parent as usize));
        let is_shown = is_shown(entry.state);
        Some(CommentLine {
            id: 0,
            uuid: entry.id.uuid(site, 0).to_string(),
            thread: self.target_of(entry.thread)?.url.clone(),
            parent: parent.map(|parent| parent.id.uuid(site, 0).to_string()),
            status: if is_shown { Status::Published } else { Status::Pending },
            placed: is_shown || decision.has_shown_replies,
            version: None,
            fingerprint: String::new(),
            author: None,
            mark: None,
            first_approved: false,
            owner: false,
            signals: Vec::new(),
            name: String::new(),
            email: None,
            website: None,
            title: None,
            source: String::new(),
            html: String::new(),
            renderer: 0,
            votes: 0,
            pinned: false,
            created: *self.times.get(index)?,
            edited: None,
            erased: None,
            spam: entry.state == SourceState::Spam,
            removed: false,
            answered: false,
            edited_by_moderator: false,
            reports_muted: false,
            dated: None,
        })
    }

    fn with_author(&self, line: CommentLine, entry: &CommentEntry, stored: &StoredComment) -> CommentLine {
        let rule = &self.options.owner;
        let is_same = |a: &str, b: &str| !b.trim().is_empty() && a.trim().to_lowercase() == b.trim().to_lowercase();
        let has = |list: &[String], text: &str| list.iter().any(|item| is_same(item, text));
        let owner = rule.trust_source && entry.flags.has(Flags::OWNER)
            || has(&rule.emails, stored.email.as_deref().unwrap_or_default())
            || has(&rule.names, &stored.name);
        CommentLine {
            owner,
            name: stored.name.clone(),
            email: stored.email.clone(),
            website: stored.website.clone(),
            ..line
        }
    }

    /// The line with what only the comment itself has, and not its continuations.
    fn first_part(
        &self,
        line: CommentLine,
        entry: &CommentEntry,
        stored: &StoredComment,
        decision: Decision,
    ) -> CommentLine {
        let latest = if self.options.latest > 0 { self.options.latest } else { i64::MAX };
        CommentLine {
            votes: stored.votes,
            pinned: entry.flags.has(Flags::PINNED),
            edited: stored.edited.filter(|edited| (line.created..=latest).contains(edited)),
            answered: decision.answered,
            ..line
        }
    }

    pub(crate) fn target_of(&self, thread: u32) -> Option<&Target> {
        match self.placement.place(thread) {
            Destination::Target(target) => self.placement.targets.get(target as usize),
            Destination::LeftOut(_) => None,
        }
    }

    /// The table of addresses, to correct by hand and to give back in [`PlanOptions::address_table`](crate::PlanOptions::address_table): CSV
    /// with the columns `from` (the post in the source), `to` (its address, empty if it has none, `-` to leave it out), `comments` and `title`.
    ///
    /// # Errors
    ///
    /// If intermediate data cannot be read.
    pub fn address_table<S: Spool>(&self, reading: &mut Reading<S>) -> io::Result<String> {
        let mut table = TableWriter::new()?;
        for index in 0..reading.entries.threads.len() {
            let comments = reading.entries.threads.get(index).map_or(0, |entry| entry.comments);
            let Some(thread) = (if comments == 0 { None } else { reading.thread(index)? }) else { continue };
            let to = match self.placement.places.get(index) {
                Some(Destination::Target(target)) => {
                    self.placement.targets.get(*target as usize).map(|it| it.url.as_str())
                }
                Some(Destination::LeftOut(LeftOut::NoAddress | LeftOut::UnknownHost)) => Some(""),
                Some(Destination::LeftOut(LeftOut::LeftOutByTable)) => Some(LEAVE_OUT),
                _ => None,
            };
            let (Some(to), Some(from)) = (to, names(&thread).next()) else { continue };
            table.push(&AddressRow { from, to, comments, title: &thread.title })?;
        }
        table.finish()
    }
}

/// Each comment of the import raises the version of the thread by one.
fn thread_line(target: &Target) -> Line {
    Line::Thread(ThreadLine {
        url: target.url.clone(),
        title: target.title.clone(),
        title_locked: false,
        version: 0,
        changes: 0,
        closed: target.closed,
    })
}

fn comment_json(line: CommentLine) -> io::Result<String> {
    json(&Line::Comment(Box::new(line)))
}

fn json(line: &impl Serialize) -> io::Result<String> {
    serde_json::to_string(line).map_err(io::Error::other)
}
