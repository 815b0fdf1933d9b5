//! Building the index of threads that were stored before there was one.
//!
//! Until a database is done, the first pages of its threads have no index, and readers get their continuation pages one after the other,
//! as before. Only then are the first pages published again.

use std::collections::BTreeMap;

use afterword_model::CommentId;

use crate::error::LedgerError;
use crate::ledger::{INDEX_CURSOR, Ledger};
use crate::publish::reply_range::extend_reply_range;
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};
use crate::store::thread_row::ThreadRow;

/// `maintenance_cursor.name` of marking the first pages of indexed threads.
const HEADS_CURSOR: &str = "index_heads";

/// A comment with a page, and the page of its parent.
struct PagedComment {
    id: i64,
    thread: i64,
    page: u32,
    parent: Option<(i64, u32)>,
}

impl<S: Sql> Ledger<S> {
    /// Returns true if there are comments or threads for [`Ledger::index_comments`].
    ///
    /// # Errors
    ///
    /// Only those of the database.
    pub(crate) fn has_comments_to_index(&self) -> Result<bool, LedgerError> {
        Ok(!self.is_indexed() || self.find_cursor(HEADS_CURSOR)?.is_some())
    }

    /// Adds the next `limit` comments to the index of their threads. After the last comment, marks the first pages of `limit` threads to
    /// be published with their index. Returns true if there is more to do.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn index_comments(&self, limit: u32) -> Result<bool, LedgerError> {
        match self.index_cursor.get() {
            Some(after) => self.index_next_comments(after, limit.max(1)).map(|()| true),
            None => match self.find_cursor(HEADS_CURSOR)? {
                Some(after) => self.mark_next_heads(after, limit.max(1)),
                None => Ok(false),
            },
        }
    }

    fn index_next_comments(&self, after: i64, limit: u32) -> Result<(), LedgerError> {
        let query = "SELECT comment.id, comment.thread, comment.page, parent.id, parent.page FROM comment \
                     LEFT JOIN comment AS parent ON parent.id = comment.parent WHERE comment.id > ? ORDER BY comment.id LIMIT ?";
        let rows = self.sql.exec(query, &[after.into(), limit.into()])?;
        let is_last = rows.len() < limit as usize;
        let mut threads = BTreeMap::new();
        let mut last = after;
        let mut comments = Vec::new();
        for columns in rows {
            let (id, comment) = PagedComment::read(columns)?;
            last = id;
            comments.extend(comment);
        }
        self.sql.transaction(|| {
            for comment in &comments {
                self.index_stored_comment(&mut threads, comment)?;
            }
            for thread in threads.values() {
                thread.update(&self.sql)?;
            }
            if is_last {
                self.sql.exec("DELETE FROM maintenance_cursor WHERE name = ?", &[INDEX_CURSOR.into()])?;
                return self.save_cursor(HEADS_CURSOR, 0);
            }
            self.save_cursor(INDEX_CURSOR, last)
        })?;
        self.index_cursor.set(Some(last).filter(|_| !is_last));
        Ok(())
    }

    /// Adds a comment to the index. If its parent is on another page, that page will lead to it.
    fn index_stored_comment(
        &self,
        threads: &mut BTreeMap<i64, ThreadRow>,
        comment: &PagedComment,
    ) -> Result<(), LedgerError> {
        let is_known = threads.contains_key(&comment.thread);
        if !is_known {
            let found = ThreadRow::find_by_id(&self.sql, comment.thread)?;
            threads.insert(comment.thread, found.ok_or(LedgerError::Corrupt("comment.thread"))?);
        }
        let thread = threads.get_mut(&comment.thread).ok_or(LedgerError::Corrupt("comment.thread"))?;
        let entry = (CommentId::new(comment.id), comment.page);
        let block_page = thread.index.insert(&self.sql, thread.id, entry, self.page_size.index_runs)?;
        let parent = comment.parent.filter(|(_, page)| *page != comment.page);
        let parent_page = match parent {
            Some((id, page)) if extend_reply_range(&self.sql, id, comment.page)? => Some(page),
            _ => None,
        };
        for page in [block_page, parent_page].into_iter().flatten() {
            thread.version += 1;
            thread.dirty.mark_page(page);
        }
        Ok(())
    }

    /// Marks the first pages of the next threads with several pages. Returns true if there are more.
    fn mark_next_heads(&self, after: i64, limit: u32) -> Result<bool, LedgerError> {
        let query = "SELECT id FROM thread WHERE id > ? AND pages > 1 ORDER BY id LIMIT ?";
        let rows = self.sql.exec(query, &[after.into(), limit.into()])?;
        let is_last = rows.len() < limit as usize;
        let mut threads = Vec::new();
        for columns in rows {
            let thread = ThreadRow::find_by_id(&self.sql, Row::new(columns).integer("thread.id")?)?;
            threads.push(thread.ok_or(LedgerError::Corrupt("thread.id"))?);
        }
        self.sql.transaction(|| {
            for thread in &mut threads {
                thread.version += 1;
                thread.dirty.mark_page(1);
                thread.update(&self.sql)?;
            }
            if is_last {
                let query = "DELETE FROM maintenance_cursor WHERE name = ?";
                return Ok(self.sql.exec(query, &[HEADS_CURSOR.into()]).map(drop)?);
            }
            self.save_cursor(HEADS_CURSOR, threads.last().map_or(after, |thread| thread.id))
        })?;
        Ok(!is_last)
    }
}

impl PagedComment {
    /// Reads the id of a comment, and the rest if it has a page.
    fn read(columns: Vec<Value>) -> Result<(i64, Option<Self>), LedgerError> {
        let mut row = Row::new(columns);
        let (id, thread) = (row.integer("comment.id")?, row.integer("comment.thread")?);
        let page = row.optional_count("comment.page")?;
        let parent = row.optional_integer("comment.parent")?.zip(row.optional_count("comment.page")?);
        Ok((id, page.map(|page| Self { id, thread, page, parent })))
    }
}
