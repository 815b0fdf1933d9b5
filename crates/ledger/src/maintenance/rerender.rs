//! Rendering comments again that an older version of the renderer rendered.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use afterword_model::{CommentId, Status};
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::publish::renderer::Renderer;
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};
use crate::store::thread_row::ThreadRow;

/// Outcome of one step of rendering again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RerenderProgress {
    /// Number of comments that were rendered again.
    pub rendered: u32,
    /// Number of those whose HTML changed.
    pub changed: u32,
    /// Number of those whose text this version of the renderer refuses. They are shown as plain text.
    pub refused: u32,
    /// Id of the comment after which the next step continues; `None` after the last.
    pub next: Option<i64>,
}

/// A comment, for rendering it again.
struct RenderedComment {
    id: i64,
    thread: i64,
    /// Page on which readers see it.
    page: Option<u32>,
    /// Its text, if an older version of the renderer rendered it.
    outdated_source: Option<String>,
    html: String,
}

impl<S: Sql> Ledger<S> {
    /// Looks at the next `limit` comments by id, and renders those again that an older version of the renderer rendered. Pages whose HTML
    /// changes are marked to be published.
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
        let query = "SELECT id, thread, CASE WHEN status = ? THEN page END, \
                     CASE WHEN renderer < ? AND erased IS NULL THEN source END, html FROM comment WHERE id > ? ORDER BY id LIMIT ?";
        let limit = limit.max(1);
        let rows =
            self.sql.exec(query, &[Status::Published.into(), renderer.version.into(), after.into(), limit.into()])?;
        let mut progress = RerenderProgress::default();
        let mut last = None;
        let is_full = rows.len() >= limit as usize;
        let (mut rendered, mut threads) = (Vec::new(), BTreeMap::new());
        for columns in rows {
            let comment = RenderedComment::read(columns)?;
            last = Some(comment.id);
            let Some(source) = &comment.outdated_source else { continue };
            let (html, refused) = renderer.render_stored(source);
            progress.refused += u32::from(refused);
            progress.rendered += 1;
            if html.as_str() != comment.html {
                progress.changed += 1;
                self.mark_change(&mut threads, &comment, now)?;
            }
            rendered.push((comment.id, html));
        }
        progress.next = last.filter(|_| is_full);
        self.sql.transaction(|| {
            for (id, html) in &rendered {
                let query = "UPDATE comment SET html = ?, renderer = ? WHERE id = ?";
                self.sql.exec(query, &[html.as_str().into(), renderer.version.into(), (*id).into()])?;
            }
            threads.values().try_for_each(|thread| thread.update(&self.sql))
        })?;
        Ok(progress)
    }

    /// Renders the text of a comment again that was restored, if an older version of the renderer rendered it: rendering the other comments again
    /// passed it over while it was deleted. Its page is published anyway. Must run in a transaction.
    pub(crate) fn rerender_restored(&self, comment: CommentId) -> Result<(), LedgerError> {
        let Some(renderer) = &self.renderer else { return Ok(()) };
        let query = "SELECT source FROM comment WHERE id = ? AND renderer < ? AND source <> ''";
        let rows = self.sql.exec(query, &[comment.get().into(), renderer.version.into()])?;
        let Some(mut row) = Row::first(rows) else { return Ok(()) };
        let (html, _) = renderer.render_stored(&row.text("comment.source")?);
        let query = "UPDATE comment SET html = ?, renderer = ? WHERE id = ?";
        let params = [html.as_str().into(), renderer.version.into(), comment.get().into()];
        Ok(self.sql.exec(query, &params).map(drop)?)
    }

    /// Marks the page of a comment as changed. All changes to a thread in one step raise its version by one.
    fn mark_change(
        &self,
        threads: &mut BTreeMap<i64, ThreadRow>,
        comment: &RenderedComment,
        now: i64,
    ) -> Result<(), LedgerError> {
        let Some(page) = comment.page else { return Ok(()) };
        let thread = match threads.entry(comment.thread) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let found = ThreadRow::find_by_id(&self.sql, comment.thread)?;
                let found = found.ok_or(LedgerError::Corrupt("comment.thread"))?;
                unknown.insert(ThreadRow { version: found.version + 1, ..found })
            }
        };
        thread.dirty.mark_page(page);
        thread.mark_top(now);
        Ok(())
    }
}

impl RenderedComment {
    fn read(columns: Vec<Value>) -> Result<Self, LedgerError> {
        let mut row = Row::new(columns);
        Ok(Self {
            id: row.integer("comment.id")?,
            thread: row.integer("comment.thread")?,
            page: row.optional_count("comment.page")?,
            outdated_source: row.optional_text("comment.source")?,
            html: row.text("comment.html")?,
        })
    }
}
