//! A thread of the model, without its comments.

use std::collections::{BTreeMap, BTreeSet};

/// Maximum number of pages of a thread that are published together.
const MAX_PAGES_AT_ONCE: usize = 16;
/// Seconds that votes wait before they are published.
const VOTE_DELAY: i64 = 60;

#[derive(Clone, Debug, Default)]
pub(crate) struct ModelThread {
    pub(crate) version: i64,
    pub(crate) closed: bool,
    pub(crate) title: String,
    /// Set if a moderator has set the title.
    pub(super) title_locked: bool,
    /// For each page from the second on, the root page that it continues, if any.
    pub(super) continued_roots: Vec<Option<u32>>,
    /// Pages that have unpublished changes, with the version of the last one.
    pub(super) changed_pages: BTreeMap<u32, i64>,
    /// Pages that have unpublished votes, which may wait until `deferred_until`, with the version of the last one.
    pub(super) voted_pages: BTreeMap<u32, i64>,
    /// Version of the last unpublished change of the best comments.
    pub(super) top_changed: Option<i64>,
    pub(super) deferred_until: Option<i64>,
    /// Set if the best comments are published.
    pub(super) has_top: bool,
}

impl ModelThread {
    pub(crate) fn pages(&self) -> u32 {
        u32::try_from(self.continued_roots.len()).unwrap() + 1
    }

    /// The root page at the start of the chain to which a page belongs.
    pub(super) fn root_page_of(&self, page: u32) -> u32 {
        self.continued_root(page).unwrap_or(page)
    }

    /// The root page that a page continues, if any.
    pub(super) fn continued_root(&self, page: u32) -> Option<u32> {
        page.checked_sub(2).and_then(|at| self.continued_roots[at as usize])
    }

    pub(super) fn defer_votes(&mut self, now: i64) {
        self.deferred_until = self.deferred_until.or(Some(now + VOTE_DELAY));
    }

    /// The pages that are due, if any, and true if the best comments are due as well.
    pub(crate) fn due(&self, now: i64) -> Option<(BTreeSet<u32>, bool)> {
        let votes_due = self.deferred_until.is_some_and(|until| until <= now);
        let voted_pages = self.voted_pages.keys().filter(|_| votes_due);
        let mut pages: BTreeSet<u32> = self.changed_pages.keys().chain(voted_pages).copied().chain([1]).collect();
        let too_many = pages.len() > MAX_PAGES_AT_ONCE;
        while pages.len() > MAX_PAGES_AT_ONCE {
            pages.pop_first();
        }
        (votes_due || !self.changed_pages.is_empty())
            .then_some((pages, votes_due && self.top_changed.is_some() && !too_many))
    }

    /// Marks pages as published with this version. The first page may be missing from them.
    pub(crate) fn mark_published(&mut self, version: i64, pages: &[u32], top: bool) {
        if pages.is_empty() && !top {
            return;
        }
        self.changed_pages.retain(|page, since| *since > version || !pages.contains(page));
        self.voted_pages.retain(|page, since| *since > version || !pages.contains(page));
        self.top_changed = self.top_changed.filter(|since| *since > version || !top);
        if !pages.contains(&1) {
            self.changed_pages.entry(1).or_insert(version);
        }
        if self.voted_pages.is_empty() && self.top_changed.is_none() {
            self.deferred_until = None;
        } else if self.changed_pages.is_empty() && self.version == version {
            self.version += 1;
        }
    }

    /// Marks a page as changed in a new version. The change must not wait, also in the best comments.
    pub(super) fn change_page(&mut self, page: u32, now: i64) {
        self.version += 1;
        self.changed_pages.insert(page, self.version);
        self.change_top(now);
    }

    /// Marks the best comments as changed, if they are published.
    pub(super) fn change_top(&mut self, now: i64) {
        if self.has_top {
            self.top_changed = Some(self.version);
            self.deferred_until = Some(self.deferred_until.unwrap_or(now).min(now));
        }
    }
}
