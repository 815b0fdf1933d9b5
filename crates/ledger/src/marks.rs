//! What a change leaves to be published.

use crate::read::ThreadRow;
use crate::row::{page_text, part_text};
use crate::{Ledger, LedgerError, Sql};

/// Seconds between a vote and its publication, if nothing else is published before.
const VOTES_WAIT: i64 = 60;

/// Pages that are published in one go. A long thread that has moved, or come back from an export, is published piece by piece.
const PAGES_AT_ONCE: usize = 16;

/// The row of a thread in the outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Pages to be put at once.
    pub(crate) pages: Vec<u32>,
    /// Pages that may wait until `later`.
    pub(crate) later_pages: Vec<u32>,
    /// Whether the best comments are to be put at `later`.
    pub(crate) later_top: bool,
    /// When that is, in Unix seconds.
    pub(crate) later: Option<i64>,
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
        let mut pages = self.pages.clone();
        insert(&mut pages, 1);
        if later {
            self.later_pages.iter().for_each(|&page| insert(&mut pages, page));
        }
        if pages.len() > PAGES_AT_ONCE {
            let last = pages.split_off(pages.len() - PAGES_AT_ONCE);
            return Some((last, false));
        }
        Some((pages, later && self.later_top))
    }

    /// What remains once these are put.
    pub(crate) fn without(self, pages: &[u32], top: bool) -> Self {
        let remain = |mut list: Vec<u32>| {
            list.retain(|page| !pages.contains(page));
            list
        };
        let (now, later_pages) = (remain(self.pages), remain(self.later_pages));
        let later_top = self.later_top && !top;
        let later = self.later.filter(|_| later_top || !later_pages.is_empty());
        Self { pages: now, later_pages, later_top, later }
    }
}

impl ThreadRow {
    /// Notes a change of a page that readers are to see at once.
    pub(crate) fn mark(&mut self, page: u32) {
        insert(&mut self.marks.pages, 1);
        insert(&mut self.marks.pages, page);
    }

    /// Notes a change of a page that readers may see later.
    pub(crate) fn mark_later(&mut self, page: u32, now: i64) {
        insert(&mut self.marks.later_pages, page);
        self.marks.later.get_or_insert(now.saturating_add(VOTES_WAIT));
    }

    /// Notes that the order by votes changed.
    pub(crate) fn mark_top_later(&mut self, now: i64) {
        self.top = true;
        self.marks.later_top = true;
        self.marks.later.get_or_insert(now.saturating_add(VOTES_WAIT));
    }

    /// Notes that the best comments, if they are published, may hold what readers are not to see any more.
    pub(crate) fn mark_top_now(&mut self, now: i64) {
        if self.top {
            self.marks.later_top = true;
            self.marks.later = Some(self.marks.later.map_or(now, |later| later.min(now)));
        }
    }
}

impl<S: Sql> Ledger<S> {
    /// Writes a thread that is stored already, and what is to be published of it.
    pub(crate) fn update_thread(&self, thread: &ThreadRow) -> Result<(), LedgerError> {
        let query = "UPDATE thread SET title = ?, version = ?, count = ?, closed = ?, pages = ?, parts = ?, top = ? \
                     WHERE id = ?";
        let params = [
            thread.title.as_str().into(),
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
        let query = "INSERT INTO thread (id, url, title, version, count, closed, pages, parts, top) \
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let params = [
            thread.id.into(),
            thread.url.as_str().into(),
            thread.title.as_str().into(),
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

    /// Writes what is to be published of a thread, and from which version on.
    pub(crate) fn write_marks(&self, thread: i64, version: i64, marks: &Marks) -> Result<(), LedgerError> {
        if marks.is_empty() {
            return Ok(());
        }
        let query = "INSERT INTO outbox (thread, version, pages, later_pages, later_top, later) VALUES (?, ?, ?, ?, ?, ?) \
                     ON CONFLICT (thread) DO UPDATE SET version = excluded.version, pages = excluded.pages, \
                     later_pages = excluded.later_pages, later_top = excluded.later_top, later = excluded.later";
        let params = [
            thread.into(),
            version.into(),
            page_text(&marks.pages).into(),
            page_text(&marks.later_pages).into(),
            marks.later_top.into(),
            marks.later.into(),
        ];
        Ok(self.sql.exec(query, &params).map(drop)?)
    }
}

fn insert(pages: &mut Vec<u32>, page: u32) {
    if let Err(at) = pages.binary_search(&page) {
        pages.insert(at, page);
    }
}
