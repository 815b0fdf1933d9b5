//! Merging two threads.

use afterword_model::CommentId;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moves::move_thread::{record_move, thread_at};
use crate::moves::post_move::PostMove;
use crate::publish::pagination::{COMMENT_BYTES_SQL, PageAssigner, PageFill};
use crate::publish::redirects::move_thread_url;
use crate::publish::reply_range::extend_reply_range;
use crate::publish::stale_pages::{highest_published_page, record_stale_pages};
use crate::store::audit_log::Attribution;
use crate::store::dirty_pages::DirtyPages;
use crate::store::reaction_row::count_reactions;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::{MAX_IMPORTED_NUMBER, ThreadRow};

/// Comments that are read in one query while they are assigned to pages.
const BATCH_ROWS: u32 = 256;

impl<S: Sql> Ledger<S> {
    /// Merges the thread at the old address into the thread at the new one. Returns the number of pages of both, whose comments are all
    /// written.
    ///
    /// All comments keep their ids and times. They are assigned to pages anew, ordered by id; if there are many, the pages of one thread
    /// follow those of the other unchanged. So a merge takes a bounded number of statements, but it writes every comment of long threads.
    pub(crate) fn merge_threads(&self, post: &PostMove, by: &Attribution<'_>, now: i64) -> Result<u32, LedgerError> {
        let (source, target) = (thread_at(&self.sql, &post.from)?, thread_at(&self.sql, &post.to)?);
        let published_at_source = highest_published_page(&self.sql, &source)?;
        let published_at_target = highest_published_page(&self.sql, &target)?;
        // The row with the larger id stays, so that the largest id is never given a second time.
        let (id, deleted_id) = (source.id.max(target.id), source.id.min(target.id));
        let mut thread = merged_thread(id, &source, &target);
        let pages = source.pages.saturating_add(target.pages);
        let interleaved = if pages > self.page_size.max_interleaved_pages { 0 } else { pages };
        self.sql.transaction(|| {
            // The version of a comment counts in its thread. The comments of the target keep theirs.
            let query = "UPDATE comment SET version = ? WHERE thread = ? AND page IS NOT NULL AND version IS NOT NULL";
            self.sql.exec(query, &[thread.version.into(), source.id.into()])?;
            self.move_unpaged_comments(id, deleted_id)?;
            self.merge_reactions(&mut thread, &source, &target)?;
            self.sql.exec("DELETE FROM index_block WHERE thread IN (?, ?)", &[id.into(), deleted_id.into()])?;
            match interleaved {
                0 => self.append(&mut thread, &source, &target, now)?,
                _ => self.interleave(&mut thread, deleted_id, now)?,
            }
            self.sql.exec("DELETE FROM outbox WHERE thread IN (?, ?)", &[id.into(), deleted_id.into()])?;
            self.sql.exec("DELETE FROM stale_pages WHERE thread IN (?, ?)", &[id.into(), deleted_id.into()])?;
            self.sql.exec("UPDATE redirect SET thread = ? WHERE thread = ?", &[id.into(), deleted_id.into()])?;
            self.sql.exec("DELETE FROM thread WHERE id = ?", &[deleted_id.into()])?;
            record_stale_pages(&self.sql, &thread, published_at_target)?;
            move_thread_url(&self.sql, &thread, &post.from, &post.to, published_at_source)?;
            record_move(&self.sql, post, by, now)?;
            if thread.version > 0 {
                thread.dirty.mark_page(1);
                thread.mark_top(now);
            } else {
                thread.dirty = DirtyPages::default();
            }
            thread.update(&self.sql)
        })?;
        Ok(pages)
    }

    /// Moves the reactions to the merged thread. Of an author with two reactions that to the target stays.
    fn merge_reactions(
        &self,
        thread: &mut ThreadRow,
        source: &ThreadRow,
        target: &ThreadRow,
    ) -> Result<(), LedgerError> {
        if source.reactions.is_empty() && target.reactions.is_empty() {
            return Ok(());
        }
        let kept = thread.id;
        let query =
            "DELETE FROM reaction WHERE thread = ? AND author IN (SELECT author FROM reaction WHERE thread = ?)";
        self.sql.exec(query, &[source.id.into(), target.id.into()])?;
        let query = "UPDATE reaction SET thread = ? WHERE thread = ?";
        self.sql.exec(query, &[kept.into(), (source.id + target.id - kept).into()])?;
        let sum = |reactions: &[(String, u32)]| reactions.iter().map(|(_, count)| i64::from(*count)).sum::<i64>();
        thread.reactions = count_reactions(&self.sql, kept)?;
        thread.changes -= sum(&source.reactions) + sum(&target.reactions) - sum(&thread.reactions);
        Ok(())
    }

    /// Moves the comments without a page to the merged thread. No index finds them by thread, but all of them are pending, spam or erased, which
    /// are few.
    fn move_unpaged_comments(&self, id: i64, deleted_id: i64) -> Result<(), LedgerError> {
        for query in [
            "UPDATE comment INDEXED BY comment_pending SET thread = ? \
             WHERE thread = ? AND page IS NULL AND status = 0 AND erased IS NULL",
            "UPDATE comment INDEXED BY comment_spam SET thread = ? \
             WHERE thread = ? AND page IS NULL AND status = 2 AND erased IS NULL",
            "UPDATE comment INDEXED BY comment_erased SET thread = ? \
             WHERE thread = ? AND page IS NULL AND erased IS NOT NULL",
        ] {
            self.sql.exec(query, &[id.into(), deleted_id.into()])?;
        }
        Ok(())
    }

    /// Assigns all comments of both threads to pages anew.
    fn interleave(&self, thread: &mut ThreadRow, deleted_id: i64, now: i64) -> Result<(), LedgerError> {
        // There is no page 0, so it marks the comments that are not assigned yet.
        let query = "UPDATE comment SET thread = ?, page = 0, keep_tombstone = 0, replies_from = NULL, replies_to = NULL \
                     WHERE thread IN (?, ?) AND page IS NOT NULL";
        self.sql.exec(query, &[thread.id.into(), thread.id.into(), deleted_id.into()])?;
        self.assign_all_pages(thread, now)?;
        thread.dirty = DirtyPages::default();
        (1..=thread.pages).for_each(|page| thread.dirty.mark_page(page));
        Ok(())
    }

    /// Puts the pages of the source after those of the target. What is published of the target stays as it is.
    fn append(
        &self,
        thread: &mut ThreadRow,
        source: &ThreadRow,
        target: &ThreadRow,
        now: i64,
    ) -> Result<(), LedgerError> {
        let (id, offset, added) = (thread.id, self.non_empty_pages(target)?, self.non_empty_pages(source)?);
        let query = "UPDATE comment SET thread = ?1, page = page + ?2, replies_from = replies_from + ?2, \
                     replies_to = replies_to + ?2 WHERE thread = ?3 AND page IS NOT NULL";
        self.sql.exec(query, &[id.into(), offset.into(), source.id.into()])?;
        if target.id != id {
            let query = "UPDATE comment SET thread = ? WHERE thread = ? AND page IS NOT NULL";
            self.sql.exec(query, &[id.into(), target.id.into()])?;
        }
        thread.pages = offset.saturating_add(added).max(1);
        thread.continuations.clone_from(&target.continuations);
        thread.continuations.extend(source.continuations.iter().map(|part| part.map(|page| page + offset)));
        // A thread with one page has no top page.
        thread.top = true;
        thread.dirty = target.dirty.clone();
        (offset + 1..=thread.pages).for_each(|page| thread.dirty.mark_page(page));
        // Blocks of the target move to other pages.
        target.index.blocks.iter().for_each(|&(_, page)| thread.dirty.mark_page(page));
        self.index_all_comments(thread, now)
    }

    /// Builds the index of a merged thread. Its blocks may be on pages that are published without them.
    fn index_all_comments(&self, thread: &mut ThreadRow, now: i64) -> Result<(), LedgerError> {
        let query = "SELECT id, page FROM comment WHERE thread = ? AND page IS NOT NULL";
        let mut comments = Vec::new();
        for columns in self.sql.exec(query, &[thread.id.into()])? {
            let mut row = Row::new(columns);
            comments.push((CommentId::new(row.integer("comment.id")?), row.count("comment.page")?));
        }
        comments.sort_unstable();
        for comment in comments {
            self.index_comment(thread, comment, now)?;
        }
        let pages: Vec<u32> = thread.index.blocks.iter().map(|&(_, page)| page).collect();
        pages.into_iter().for_each(|page| thread.dirty.mark_page(page));
        Ok(())
    }

    /// Number of pages with comments. It is 0 for a thread in which all comments wait.
    fn non_empty_pages(&self, thread: &ThreadRow) -> Result<u32, LedgerError> {
        let is_empty = thread.pages == 1 && PageFill::load(&self.sql, thread.id, 1)?.comments == 0;
        Ok(if is_empty { 0 } else { thread.pages })
    }

    fn assign_all_pages(&self, thread: &mut ThreadRow, now: i64) -> Result<(), LedgerError> {
        // The index of pages ends in the row id, so the rows come ordered by id.
        let query = format!(
            "SELECT id, parent, {COMMENT_BYTES_SQL} FROM comment WHERE thread = ? AND page = 0 ORDER BY id LIMIT ?"
        );
        let mut pages = PageAssigner::new(&self.sql, self.page_size);
        loop {
            let rows = self.sql.exec(&query, &[thread.id.into(), BATCH_ROWS.into()])?;
            if rows.is_empty() {
                return Ok(());
            }
            for columns in rows {
                let mut row = Row::new(columns);
                let id = row.integer("comment.id")?;
                let parent = row.optional_integer("comment.parent")?;
                let page = self.assign_page_again(&mut pages, thread, (id, parent), now)?;
                pages.add(thread.id, page, row.integer("bytes of comments")?);
            }
        }
    }

    /// Assigns a comment, given with its parent, to a page.
    fn assign_page_again(
        &self,
        pages: &mut PageAssigner<'_, S>,
        thread: &mut ThreadRow,
        (id, parent): (i64, Option<i64>),
        now: i64,
    ) -> Result<u32, LedgerError> {
        let parent_page = match parent {
            Some(parent) => self.find_page(parent)?,
            None => None,
        };
        let page = pages.assign_page(thread, parent_page.map(|(page, _)| page), now)?;
        self.sql.exec("UPDATE comment SET page = ? WHERE id = ?", &[page.into(), id.into()])?;
        self.index_comment(thread, (CommentId::new(id), page), now)?;
        if let (Some(parent), Some(_)) = (parent, parent_page.filter(|(parent_page, _)| *parent_page != page)) {
            extend_reply_range(&self.sql, parent, page)?;
        }
        if parent_page.is_some_and(|(parent_page, is_removed)| is_removed && parent_page != page) {
            self.sql.exec("UPDATE comment SET keep_tombstone = 1 WHERE id = ?", &[parent.into()])?;
        }
        Ok(page)
    }

    /// Page of a comment, if it has one. Also returns true if nobody can read the comment any more.
    fn find_page(&self, id: i64) -> Result<Option<(u32, bool)>, LedgerError> {
        let query = "SELECT page, status <> 1 OR erased IS NOT NULL FROM comment WHERE id = ? AND page > 0";
        let row = Row::first(self.sql.exec(query, &[id.into()])?);
        row.map(|mut row| Ok((row.count("comment.page")?, row.boolean("comment.status")?))).transpose()
    }
}

/// The row of the merged thread, without its pages.
fn merged_thread(id: i64, source: &ThreadRow, target: &ThreadRow) -> ThreadRow {
    let with_title = [target, source].into_iter().filter(|thread| !thread.title.is_empty());
    // A title that a moderator set stays. Of two such titles, or two others, it is the title of the target.
    let title = with_title.max_by_key(|thread| (thread.title_locked, thread.url == target.url));
    ThreadRow {
        title: title.map(|thread| thread.title.clone()).unwrap_or_default(),
        title_locked: title.is_some_and(|thread| thread.title_locked),
        version: merged_version(source.version, target.version),
        count: source.count.saturating_add(target.count),
        closed: target.closed,
        top: source.top || target.top,
        changes: source.changes + target.changes,
        ..ThreadRow::empty(id, target.url.clone())
    }
}

/// A version above those of both threads, and at least the sum of their changes; 0 if nothing of either is published. Imported versions
/// may be so large that the database could not store their sum.
fn merged_version(source: i64, target: i64) -> i64 {
    match source + target {
        0 => 0,
        sum if sum < MAX_IMPORTED_NUMBER => sum + 1,
        _ => source.max(target) + 1,
    }
}
