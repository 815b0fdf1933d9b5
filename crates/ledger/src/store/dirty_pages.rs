//! What a change leaves to be published.

use std::collections::BTreeMap;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::thread_page::ThreadRow;
use crate::store::row::{mark_text, part_text};
use crate::store::sql::Sql;

/// Seconds between a vote and its publication, if nothing else is published before.
const VOTES_WAIT: i64 = 60;

/// Pages that are published in one go. A long thread that has moved, or come back from an export, is published piece by piece.
const PAGES_AT_ONCE: usize = 16;

/// The version of what is changed in the turn under way, which is known only when the thread is written.
const THIS_TURN: i64 = i64::MAX;

/// The row of a thread in the outbox: which values are to be put, each with the version of the thread in which it changed last.
///
/// What is put is of one version, and the thread may change meanwhile: what changed after that version stays marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Pages to be put at once.
    pub(crate) pages: BTreeMap<u32, i64>,
    /// Pages that may wait until `later`.
    pub(crate) later_pages: BTreeMap<u32, i64>,
    /// Whether the best comments are to be put at `later`.
    pub(crate) later_top: Option<i64>,
    /// When that is, in Unix seconds.
    pub(crate) later: Option<i64>,
    /// Whether, and since which version, there is something published that readers are not to see any more.
    pub(crate) urgent: Option<i64>,
}

impl Marks {
    pub(crate) fn is_empty(&self) -> bool {
        self.pages.is_empty() && self.later.is_none()
    }

    /// What is to be put at this time: pages, and whether the best comments are. The head is among the last of the pages.
    pub(crate) fn ready(&self, now: i64) -> Option<(Vec<u32>, bool)> {
        let later = self.later.is_some_and(|later| later <= now);
        if self.pages.is_empty() && !later {
            return None;
        }
        let waited = self.later_pages.keys().filter(|_| later);
        let mut pages: Vec<u32> = self.pages.keys().chain(waited).copied().chain([1]).collect();
        pages.sort_unstable();
        pages.dedup();
        if pages.len() > PAGES_AT_ONCE {
            let last = pages.split_off(pages.len() - PAGES_AT_ONCE);
            return Some((last, false));
        }
        Some((pages, later && self.later_top.is_some()))
    }

    /// What remains once these are put as they were at a version. The head is put after all else, so without it there is always some.
    pub(crate) fn without(mut self, pages: &[u32], top: bool, version: i64) -> Self {
        let remains = |page: &u32, since: &mut i64| *since > version || !pages.contains(page);
        self.pages.retain(remains);
        self.later_pages.retain(remains);
        self.later_top = self.later_top.filter(|since| *since > version || !top);
        self.later = self.later.filter(|_| self.later_top.is_some() || !self.later_pages.is_empty());
        // The head comes last: with it, all is put that was taken away before.
        self.urgent = self.urgent.filter(|since| *since > version || !pages.contains(&1));
        if !pages.contains(&1) {
            self.pages.entry(1).or_insert(version);
        }
        self
    }
}

impl ThreadRow {
    /// Notes a change of a page that readers are to see at once.
    pub(crate) fn mark(&mut self, page: u32) {
        self.marks.pages.insert(1, THIS_TURN);
        self.marks.pages.insert(page, THIS_TURN);
    }

    /// Notes that what changed takes something away from readers.
    pub(crate) fn mark_urgent(&mut self) {
        self.marks.urgent = Some(THIS_TURN);
    }

    /// Notes a change of a page that readers may see later.
    pub(crate) fn mark_later(&mut self, page: u32, now: i64) {
        self.marks.later_pages.insert(page, THIS_TURN);
        self.marks.later.get_or_insert(now.saturating_add(VOTES_WAIT));
    }

    /// Notes that the order by votes changed.
    pub(crate) fn mark_top_later(&mut self, now: i64) {
        self.top = true;
        self.marks.later_top = Some(THIS_TURN);
        self.marks.later.get_or_insert(now.saturating_add(VOTES_WAIT));
    }

    /// Notes that the best comments, if they are published, may hold what readers are not to see any more.
    pub(crate) fn mark_top_now(&mut self, now: i64) {
        if self.top {
            self.marks.later_top = Some(THIS_TURN);
            self.marks.later = Some(self.marks.later.map_or(now, |later| later.min(now)));
        }
    }
}

impl<S: Sql> Ledger<S> {
    /// Writes a thread that is stored already, and what is to be published of it.
    pub(crate) fn update_thread(&self, thread: &ThreadRow) -> Result<(), LedgerError> {
        let query = "UPDATE thread SET title = ?, named = ?, version = ?, count = ?, closed = ?, pages = ?, parts = ?, top = ? \
                     WHERE id = ?";
        let params = [
            thread.title.as_str().into(),
            thread.named.into(),
            thread.version.into(),
            thread.count.into(),
            thread.closed.into(),
            thread.pages.into(),
            part_text(&thread.parts).into(),
            thread.top.into(),
            thread.id.into(),
        ];
        self.sql.exec(query, &params)?;
        self.write_marks(thread.id, thread.version, &thread.marks)
    }

    /// Writes a thread that is new, and what is to be published of it.
    pub(crate) fn insert_thread(&self, thread: &ThreadRow) -> Result<(), LedgerError> {
        let query = "INSERT INTO thread (id, url, title, named, version, count, closed, pages, parts, top) \
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let params = [
            thread.id.into(),
            thread.url.as_str().into(),
            thread.title.as_str().into(),
            thread.named.into(),
            thread.version.into(),
            thread.count.into(),
            thread.closed.into(),
            thread.pages.into(),
            part_text(&thread.parts).into(),
            thread.top.into(),
        ];
        self.sql.exec(query, &params)?;
        self.write_marks(thread.id, thread.version, &thread.marks)
    }

    /// Writes what is to be published of a thread whose version is this one now.
    pub(crate) fn write_marks(&self, thread: i64, version: i64, marks: &Marks) -> Result<(), LedgerError> {
        if marks.is_empty() {
            return Ok(());
        }
        let query = "INSERT INTO outbox (thread, pages, later_pages, later_top, later, urgent) VALUES (?, ?, ?, ?, ?, ?) \
                     ON CONFLICT (thread) DO UPDATE SET pages = excluded.pages, later_pages = excluded.later_pages, \
                     later_top = excluded.later_top, later = excluded.later, urgent = excluded.urgent";
        let params = [
            thread.into(),
            mark_text(&marks.pages, version).into(),
            mark_text(&marks.later_pages, version).into(),
            marks.later_top.map_or(0, |since| since.min(version)).into(),
            marks.later.into(),
            marks.urgent.map_or(0, |since| since.min(version)).into(),
        ];
        Ok(self.sql.exec(query, &params).map(drop)?)
    }
}
