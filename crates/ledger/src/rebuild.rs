//! Publishing everything again, and rendering again what an older renderer made.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};

use crate::read::ThreadRow;
use crate::row::{PUBLISHED, Row};
use crate::{Ledger, LedgerError, Renderer, Sql, Value};

/// How far a rebuild has come: a page of a thread, and after all of these a former address. The default is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RebuildCursor {
    /// The ledger's own number of the thread.
    pub thread: i64,
    /// The last page of it that is marked.
    pub page: u32,
    /// The ledger's own number of the last former address that is marked.
    #[serde(default)]
    pub moved: i64,
}

/// What a step of a rebuild did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RebuildProgress {
    /// Pages that are to be published because of it.
    pub pages: u32,
    /// Values that lead on from former addresses, and are to be published because of it.
    pub moved: u32,
    /// Where the next step goes on; `None` once everything is marked.
    pub next: Option<RebuildCursor>,
}

/// What a step of rendering again did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RerenderProgress {
    /// Comments that the present renderer rendered.
    pub rendered: u32,
    /// Those of them whose HTML is another one than before.
    pub changed: u32,
    /// Those of them whose text the present renderer refuses; they are shown as the plain text they are.
    pub refused: u32,
    /// The comment after which the next step goes on; `None` after the last.
    pub next: Option<i64>,
}

/// A comment to be rendered again.
struct Outdated {
    id: i64,
    thread: i64,
    /// The page on which readers see it.
    page: Option<u32>,
    source: String,
    html: String,
}

impl<S: Sql> Ledger<S> {
    /// Marks the next pages to be published again as they stand, and after the last of them the values that lead on from former addresses,
    /// at most `limit` of both. No version rises: nothing changes.
    ///
    /// The caller sees to it that they are published before too many are marked: KV's writes are counted by the day.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn republish(&self, after: RebuildCursor, limit: u32, now: i64) -> Result<RebuildProgress, LedgerError> {
        let limit = limit.max(1);
        let (threads, mut done, reached) = self.threads_to_rebuild(after, limit, now)?;
        let mut former = Vec::new();
        if done.next.is_none() {
            let room = limit - done.pages;
            // One more than are marked tells whether there is more to do.
            former = self.former_after(reached.moved, room.saturating_add(1))?;
            if former.len() > room as usize {
                former.truncate(room as usize);
                done.next = Some(RebuildCursor { moved: former.last().copied().unwrap_or(reached.moved), ..reached });
            }
            done.moved = u32::try_from(former.len()).unwrap_or(room);
        }
        self.sql.transaction(&mut || {
            for thread in &threads {
                self.write_marks(thread.id, thread.version, &thread.marks)?;
            }
            if let (Some(first), Some(last)) = (former.first(), former.last()) {
                let query = "UPDATE moved SET due = 1 WHERE rowid BETWEEN ? AND ?";
                self.sql.exec(query, &[(*first).into(), (*last).into()])?;
            }
            Ok(())
        })?;
        Ok(done)
    }

    /// The next threads with their pages marked, what is done with them, and how far that comes.
    fn threads_to_rebuild(
        &self,
        after: RebuildCursor,
        limit: u32,
        now: i64,
    ) -> Result<(Vec<ThreadRow>, RebuildProgress, RebuildCursor), LedgerError> {
        // Each of these has a page to be marked, so one more than are marked tells whether there is more to do.
        let query =
            "SELECT id FROM thread WHERE version > 0 AND (id > ? OR (id = ? AND pages > ?)) ORDER BY id LIMIT ?";
        let params = [after.thread.into(), after.thread.into(), after.page.into(), limit.saturating_add(1).into()];
        let (mut marked, mut done, mut from) = (Vec::new(), RebuildProgress::default(), after);
        for columns in self.sql.exec(query, &params)? {
            let id = Row::new(columns).integer("thread.id")?;
            if done.pages >= limit {
                done.next = Some(from);
                break;
            }
            let mut thread = self.thread_by_id(id)?.ok_or(LedgerError::Corrupt("thread.id"))?;
            let first = if from.thread == id { from.page + 1 } else { 1 };
            let last = thread.pages.min(first.saturating_add(limit - done.pages - 1));
            (first..=last).for_each(|page| thread.mark(page));
            done.pages += (last + 1).saturating_sub(first);
            from = RebuildCursor { thread: id, page: last, ..after };
            let whole = last == thread.pages;
            if whole {
                thread.mark_top_now(now);
            }
            marked.push(thread);
            if !whole {
                done.next = Some(from);
                break;
            }
        }
        Ok((marked, done, from))
    }

    fn former_after(&self, moved: i64, limit: u32) -> Result<Vec<i64>, LedgerError> {
        let query = "SELECT rowid FROM moved WHERE rowid > ? ORDER BY rowid LIMIT ?";
        let rows = self.sql.exec(query, &[moved.into(), limit.into()])?;
        rows.into_iter().map(|columns| Row::new(columns).integer("moved.rowid")).collect()
    }

    /// Looks at the next `limit` comments by their numbers, and renders those again that an older renderer made. Pages are marked to
    /// be published where the HTML is another one now.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn rerender(
        &self,
        after: i64,
        limit: u32,
        renderer: &Renderer<'_>,
        now: i64,
    ) -> Result<RerenderProgress, LedgerError> {
        let query = "SELECT id, thread, CASE WHEN status = ? THEN page END, renderer < ? AND erased IS NULL, source, html \
                     FROM comment WHERE id > ? ORDER BY id LIMIT ?";
        let limit = limit.max(1);
        let rows = self.sql.exec(query, &[PUBLISHED.into(), renderer.version.into(), after.into(), limit.into()])?;
        let mut done = RerenderProgress::default();
        let mut last = None;
        let full = rows.len() >= limit as usize;
        let (mut rendered, mut threads) = (Vec::new(), BTreeMap::new());
        for columns in rows {
            let (comment, outdated) = read_outdated(columns)?;
            last = Some(comment.id);
            if !outdated {
                continue;
            }
            let (html, refused) = renderer.rendered(&comment.source);
            done.refused += u32::from(refused);
            done.rendered += 1;
            if html.as_str() != comment.html {
                done.changed += 1;
                self.show_change(&mut threads, &comment, now)?;
            }
            rendered.push((comment.id, html));
        }
        done.next = last.filter(|_| full);
        self.sql.transaction(&mut || {
            for (id, html) in &rendered {
                let query = "UPDATE comment SET html = ?, renderer = ? WHERE id = ?";
                self.sql.exec(query, &[html.as_str().into(), renderer.version.into(), (*id).into()])?;
            }
            threads.values().try_for_each(|thread| self.update_thread(thread))
        })?;
        Ok(done)
    }

    /// Notes in the thread of a comment that readers see it changed; one version tells of all the changes of a step.
    fn show_change(
        &self,
        threads: &mut BTreeMap<i64, ThreadRow>,
        comment: &Outdated,
        now: i64,
    ) -> Result<(), LedgerError> {
        let Some(page) = comment.page else { return Ok(()) };
        let thread = match threads.entry(comment.thread) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let found = self.thread_by_id(comment.thread)?.ok_or(LedgerError::Corrupt("comment.thread"))?;
                unknown.insert(ThreadRow { version: found.version + 1, ..found })
            }
        };
        thread.mark(page);
        thread.mark_top_now(now);
        Ok(())
    }
}

fn read_outdated(columns: Vec<Value>) -> Result<(Outdated, bool), LedgerError> {
    let mut row = Row::new(columns);
    let (id, thread) = (row.integer("comment.id")?, row.integer("comment.thread")?);
    let page = row.optional_count("comment.page")?;
    let outdated = row.truth("comment.renderer")?;
    let (source, html) = (row.text("comment.source")?, row.text("comment.html")?);
    Ok((Outdated { id, thread, page, source, html }, outdated))
}
