//! Moving a comment, with the replies below it, to another post.

use std::collections::BTreeMap;

use afterword_model::moderation::{ActionItem, ActionOutcome, AuditAction as Action, CommentSnapshot, ItemResult};
use afterword_model::{CommentId, PostUrl, Refusal};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::batch::BatchContext;
use crate::publish::pagination::{COMMENT_BYTES_SQL, PageAssigner};
use crate::publish::reply_range::extend_reply_range;
use crate::publish::title::update_title;
use crate::store::audit_log::{self, ActionKey, Attribution, CommentChange};
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};
use crate::store::stored_comment::StoredComment;
use crate::store::thread_row::ThreadRow;
use crate::store::vote_row::count_votes;
use crate::store::wipe::update_row;

/// Maximum number of comments that move together.
const MAX_MOVED: usize = 200;

/// The two threads of a move.
struct Threads {
    from: ThreadRow,
    to: ThreadRow,
}

impl<S: Sql> Ledger<S> {
    /// Moves a comment and the replies below it to another post, where it answers the post. `seen` is the revision that the moderator saw; `now`
    /// is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::UnknownComment`], [`Refusal::ListFull`] for more than 200 comments, or [`Refusal::IdReused`].
    pub fn move_comment(
        &self,
        seen: ActionItem,
        url: &PostUrl,
        by: &Attribution<'_>,
        now: i64,
    ) -> Result<ItemResult, LedgerError> {
        let (id, context) = (seen.id, BatchContext { by: *by, reason: None, now });
        let stored = StoredComment::find(&self.sql, id)?;
        let entry = context.entry_id(&stored.uuid);
        let key = ActionKey::with_detail(Action::Transfer, &stored.uuid, url.as_str());
        if audit_log::is_repeat(&self.sql, &Attribution { id: entry, ..*by }, key)? {
            let revision = audit_log::find(&self.sql, &entry)?.and_then(|it| it.after).map_or(1, |it| it.revision);
            return Ok(ItemResult { id, outcome: ActionOutcome::Done { revision } });
        }
        if audit_log::first_of_batch(&self.sql, &by.id)?.is_some() || audit_log::contains(&self.sql, &by.id)? {
            return Err(Refusal::IdReused.into());
        }
        if let Some(outcome) = self.find_conflict(&stored, seen.revision)? {
            return Ok(ItemResult { id, outcome });
        }
        if stored.thread.url == *url {
            return Ok(ItemResult { id, outcome: self.already(&stored)? });
        }
        let (from, parent) = (stored.thread.url.clone(), stored.comment.parent);
        let before = CommentSnapshot { url: Some(from), parent, ..self.take_snapshot(&stored)? };
        let revision = self.sql.transaction(|| {
            self.move_subtree(id, (url, None), now)?;
            let after = self.take_snapshot(&StoredComment::find(&self.sql, id)?)?;
            let after = CommentSnapshot { url: Some(url.clone()), ..after };
            let revision = after.revision;
            let change = CommentChange {
                batch: Some(by.id),
                comment: Some(id),
                before: Some(before),
                after: Some(after),
                ..CommentChange::default()
            };
            audit_log::record_change(&self.sql, &Attribution { id: entry, ..*by }, key, &change, now)?;
            Ok::<_, LedgerError>(revision)
        })?;
        Ok(ItemResult { id, outcome: ActionOutcome::Done { revision } })
    }

    /// Moves a comment and the replies below it to a post, where it answers `parent` if that is there. Must run in a transaction.
    pub(crate) fn move_subtree(
        &self,
        id: CommentId,
        (url, parent): (&PostUrl, Option<CommentId>),
        now: i64,
    ) -> Result<(), LedgerError> {
        let root = StoredComment::find(&self.sql, id)?;
        let former_parent = root.comment.parent.filter(|_| root.is_by_owner);
        let moved = self.subtree(&root)?;
        let to = match ThreadRow::find(&self.sql, url)? {
            Some(thread) => thread,
            None => {
                let thread = ThreadRow::create(&self.sql, url)?;
                thread.insert(&self.sql)?;
                thread
            }
        };
        if to.id == root.thread.id {
            return Ok(());
        }
        let mut threads = Threads { from: root.thread, to };
        let mut pages = PageAssigner::new(&self.sql, self.page_size);
        let mut places: BTreeMap<i64, Option<u32>> = BTreeMap::new();
        for comment in moved {
            let is_root = comment == id.get();
            let parent = if is_root { parent.map(CommentId::get) } else { self.parent_of(comment)? };
            let page = match parent.and_then(|parent| places.get(&parent).copied()) {
                Some(page) => page,
                None => self.page_in(parent, threads.to.id)?,
            };
            let is_attached = !is_root || page.is_some();
            let target = Target { parent: parent.filter(|_| is_attached), parent_page: page };
            places.insert(comment, self.move_one(comment, &target, &mut threads, &mut pages, now)?);
        }
        for thread in [&mut threads.from, &mut threads.to] {
            update_title(&self.sql, thread)?;
            thread.mark_top(now);
            thread.update(&self.sql)?;
        }
        match former_parent {
            Some(parent) => self.update_answered(parent, id, false),
            None => Ok(()),
        }
    }

    fn move_one(
        &self,
        comment: i64,
        target: &Target,
        threads: &mut Threads,
        pages: &mut PageAssigner<'_, S>,
        now: i64,
    ) -> Result<Option<u32>, LedgerError> {
        let stored = StoredComment::find(&self.sql, CommentId::new(comment))?;
        let mut page = None;
        if let Some(old_page) = stored.page {
            let changes = 1 + count_votes(&self.sql, comment)?;
            threads.from.changes -= changes;
            threads.to.changes += changes;
            let new_page = pages.assign_page(&mut threads.to, target.parent_page, now)?;
            self.index_comment(&mut threads.to, (stored.comment.id, new_page), now)?;
            if stored.visible_page().is_some() {
                threads.from.remove_comment(old_page, now);
                threads.to.add_comment(new_page);
            } else {
                for (thread, page) in [(&mut threads.from, old_page), (&mut threads.to, new_page)] {
                    thread.version += 1;
                    thread.dirty.mark_page(page);
                }
            }
            // Versions stay at least the sum of all changes.
            threads.to.version = threads.to.version.max(threads.to.changes);
            page = Some(new_page);
        }
        let version = stored.version.map(|_| threads.to.version);
        let values: [Value; 4] = [threads.to.id.into(), page.into(), target.parent.into(), version.into()];
        let assignments = "thread = ?, page = ?, parent = ?, version = ?, keep_tombstone = 0, replies_from = NULL, \
                           replies_to = NULL, revision = revision + 1";
        update_row(&self.sql, comment, (assignments, &values))?;
        if let Some(page) = page {
            pages.add(threads.to.id, page, self.bytes_of(comment)?);
            if let (Some(parent), Some(parent_page)) = (target.parent, target.parent_page)
                && parent_page != page
            {
                let query =
                    "UPDATE comment SET keep_tombstone = 1 WHERE id = ? AND (status <> 1 OR erased IS NOT NULL)";
                self.sql.exec(query, &[parent.into()])?;
                if extend_reply_range(&self.sql, parent, page)? {
                    threads.to.defer_addition(parent_page, now);
                }
            }
        }
        Ok(page)
    }

    /// The ids of a comment and of all replies below it, ascending.
    fn subtree(&self, root: &StoredComment) -> Result<Vec<i64>, LedgerError> {
        let unplaced = self.unplaced_replies(root.thread.id)?;
        let mut found = vec![root.comment.id.get()];
        let mut next = 0;
        while let Some(&parent) = found.get(next) {
            next += 1;
            found.extend(unplaced.iter().filter(|(_, answered)| *answered == parent).map(|(id, _)| *id));
            let query = "SELECT reply.id FROM comment AS reply JOIN comment AS parent ON parent.id = ?1 \
                         WHERE reply.thread = ?2 AND reply.page >= parent.page \
                         AND reply.page <= coalesce(parent.replies_to, parent.page) AND reply.parent = ?1";
            for columns in self.sql.exec(query, &[parent.into(), root.thread.id.into()])? {
                found.push(Row::new(columns).integer("comment.id")?);
            }
            if found.len() > MAX_MOVED {
                return Err(Refusal::ListFull.into());
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Replies of a thread that have no place, each with the comment that it answers.
    fn unplaced_replies(&self, thread: i64) -> Result<Vec<(i64, i64)>, LedgerError> {
        let mut found = Vec::new();
        for (index, condition) in [
            ("comment_pending", "status = 0 AND erased IS NULL"),
            ("comment_spam", "status = 2 AND erased IS NULL"),
            ("comment_erased", "erased IS NOT NULL"),
        ] {
            let query = format!(
                "SELECT id, parent FROM comment INDEXED BY {index} WHERE {condition} AND thread = ? AND page IS NULL \
                 AND parent IS NOT NULL"
            );
            for columns in self.sql.exec(&query, &[thread.into()])? {
                let mut row = Row::new(columns);
                found.push((row.integer("comment.id")?, row.integer("comment.parent")?));
            }
        }
        Ok(found)
    }

    fn parent_of(&self, comment: i64) -> Result<Option<i64>, LedgerError> {
        let rows = self.sql.exec("SELECT parent FROM comment WHERE id = ?", &[comment.into()])?;
        Row::only(rows).optional_integer("comment.parent")
    }

    /// The page of a comment in a thread.
    fn page_in(&self, comment: Option<i64>, thread: i64) -> Result<Option<u32>, LedgerError> {
        let query = "SELECT page FROM comment WHERE id = ? AND thread = ? AND page IS NOT NULL";
        let row = Row::first(self.sql.exec(query, &[comment.into(), thread.into()])?);
        row.map(|mut row| row.count("comment.page")).transpose()
    }

    fn bytes_of(&self, comment: i64) -> Result<i64, LedgerError> {
        let query = format!("SELECT {COMMENT_BYTES_SQL} FROM comment WHERE id = ?");
        Row::only(self.sql.exec(&query, &[comment.into()])?).integer("bytes of comments")
    }
}

/// The place to which a comment moves.
struct Target {
    parent: Option<i64>,
    /// Page of the parent.
    parent_page: Option<u32>,
}
