//! The pages of a thread that changed after they were published: its row in the outbox.

use std::collections::BTreeMap;

use crate::error::LedgerError;
use crate::store::row::{Row, parse_list};
use crate::store::sql::Sql;

/// Maximum delay in seconds between a vote and its publication.
const VOTE_DELAY_SECONDS: i64 = 60;

/// Maximum number of pages in one snapshot. A long thread that moved or was imported is published in several snapshots.
const MAX_SNAPSHOT_PAGES: usize = 16;

/// Stands for the version of the change in progress, which is known only when the thread is written.
const NEXT_VERSION: i64 = i64::MAX;

/// The values of a thread to publish, each with the thread version in which it changed last.
///
/// A snapshot is of one version, and the thread may change while it is published: what changed after that version stays dirty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DirtyPages {
    /// Pages to publish at once.
    pub(crate) pages: BTreeMap<u32, i64>,
    /// Pages that may wait until `deferred_until`.
    pub(crate) deferred_pages: BTreeMap<u32, i64>,
    /// Version in which the top page changed, if it is to be published at `deferred_until`.
    pub(crate) deferred_top: Option<i64>,
    /// Unix time in seconds at which the deferred values are due.
    pub(crate) deferred_until: Option<i64>,
    /// Version since which something is still published that readers must no longer see.
    pub(crate) urgent: Option<i64>,
}

impl DirtyPages {
    /// The columns of `outbox` that [`DirtyPages::read`] reads, in its order.
    pub(crate) const COLUMNS: &str = "outbox.pages, deferred_pages, deferred_top, deferred_until, urgent";

    /// Reads [`Self::COLUMNS`]. They are all `NULL` for a thread without a row in the outbox: nothing is dirty.
    pub(crate) fn read(row: &mut Row) -> Result<Self, LedgerError> {
        Ok(Self {
            pages: read_versions(row, "outbox.pages")?,
            deferred_pages: read_versions(row, "outbox.deferred_pages")?,
            deferred_top: row.optional_integer("outbox.deferred_top")?.filter(|version| *version != 0),
            deferred_until: row.optional_integer("outbox.deferred_until")?,
            urgent: row.optional_integer("outbox.urgent")?.filter(|version| *version != 0),
        })
    }

    /// Writes the outbox row of a thread that has this version now. Writes nothing if nothing is dirty.
    pub(crate) fn write(&self, sql: &impl Sql, thread: i64, version: i64) -> Result<(), LedgerError> {
        if self.is_empty() {
            return Ok(());
        }
        let query = "INSERT INTO outbox (thread, pages, deferred_pages, deferred_top, deferred_until, urgent) \
                     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (thread) DO UPDATE SET pages = excluded.pages, \
                     deferred_pages = excluded.deferred_pages, deferred_top = excluded.deferred_top, \
                     deferred_until = excluded.deferred_until, urgent = excluded.urgent";
        let params = [
            thread.into(),
            versions_text(&self.pages, version).into(),
            versions_text(&self.deferred_pages, version).into(),
            self.deferred_top.map_or(0, |changed| changed.min(version)).into(),
            self.deferred_until.into(),
            self.urgent.map_or(0, |changed| changed.min(version)).into(),
        ];
        Ok(sql.exec(query, &params).map(drop)?)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pages.is_empty() && self.deferred_until.is_none()
    }

    /// Returns true if the change in progress changes what readers see, apart from votes.
    pub(crate) fn is_changing(&self) -> bool {
        self.pages.values().any(|version| *version == NEXT_VERSION)
    }

    /// Returns true if the change in progress removes something from readers' sight.
    pub(crate) fn is_removing(&self) -> bool {
        self.urgent == Some(NEXT_VERSION)
    }

    /// The pages to publish at this time, ascending, and whether to publish the top page too.
    ///
    /// If there are too many pages for one snapshot, these are the last of them, without the top page. So the first page is
    /// published last.
    pub(crate) fn ready_at(&self, now: i64) -> Option<(Vec<u32>, bool)> {
        let deferred_are_due = self.deferred_until.is_some_and(|time| time <= now);
        if self.pages.is_empty() && !deferred_are_due {
            return None;
        }
        let deferred = self.deferred_pages.keys().filter(|_| deferred_are_due);
        let mut pages: Vec<u32> = self.pages.keys().chain(deferred).copied().chain([1]).collect();
        pages.sort_unstable();
        pages.dedup();
        if pages.len() > MAX_SNAPSHOT_PAGES {
            let last = pages.split_off(pages.len() - MAX_SNAPSHOT_PAGES);
            return Some((last, false));
        }
        Some((pages, deferred_are_due && self.deferred_top.is_some()))
    }

    /// The values that are still dirty once these are published at `version`.
    ///
    /// The first page is published after all others. So it stays dirty until a snapshot contains it.
    pub(crate) fn after_publishing(mut self, pages: &[u32], top: bool, version: i64) -> Self {
        let stays_dirty = |page: &u32, changed: &mut i64| *changed > version || !pages.contains(page);
        self.pages.retain(stays_dirty);
        self.deferred_pages.retain(stays_dirty);
        self.deferred_top = self.deferred_top.filter(|changed| *changed > version || !top);
        self.deferred_until =
            self.deferred_until.filter(|_| self.deferred_top.is_some() || !self.deferred_pages.is_empty());
        // The first page comes last: once it is published, so is every removal before it.
        self.urgent = self.urgent.filter(|changed| *changed > version || !pages.contains(&1));
        if !pages.contains(&1) {
            self.pages.entry(1).or_insert(version);
        }
        self
    }

    /// Marks a page, and the first page with it, to be published at once.
    pub(crate) fn mark_page(&mut self, page: u32) {
        self.pages.insert(1, NEXT_VERSION);
        self.pages.insert(page, NEXT_VERSION);
    }

    /// Marks the change in progress as one that removes something from readers' sight.
    pub(crate) fn mark_urgent(&mut self) {
        self.urgent = Some(NEXT_VERSION);
    }

    /// Marks a page to be published within [`VOTE_DELAY_SECONDS`].
    pub(crate) fn defer_page(&mut self, page: u32, now: i64) {
        self.deferred_pages.insert(page, NEXT_VERSION);
        self.deferred_until.get_or_insert(now.saturating_add(VOTE_DELAY_SECONDS));
    }

    /// Marks the top page to be published within [`VOTE_DELAY_SECONDS`].
    pub(crate) fn defer_top(&mut self, now: i64) {
        self.deferred_top = Some(NEXT_VERSION);
        self.deferred_until.get_or_insert(now.saturating_add(VOTE_DELAY_SECONDS));
    }

    /// Marks the top page, and the deferred values with it, to be published at once.
    pub(crate) fn mark_top(&mut self, now: i64) {
        self.deferred_top = Some(NEXT_VERSION);
        self.deferred_until = Some(self.deferred_until.map_or(now, |time| time.min(now)));
    }
}

fn read_versions(row: &mut Row, column: &'static str) -> Result<BTreeMap<u32, i64>, LedgerError> {
    parse_list(&row.optional_text(column)?.unwrap_or_default(), column, |item| {
        let (page, version) = item.split_once(':')?;
        Some((page.parse().ok()?, version.parse().ok()?))
    })
}

/// Pages and the versions in which they changed last, as stored: `1:7,4:5`. No version is above that of the thread.
fn versions_text(pages: &BTreeMap<u32, i64>, version: i64) -> String {
    pages.iter().map(|(page, changed)| format!("{page}:{}", changed.min(&version))).collect::<Vec<_>>().join(",")
}
