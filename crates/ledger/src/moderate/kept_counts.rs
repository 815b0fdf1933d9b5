//! The news for an open page of a moderator: entries of the audit log, and the numbers of comments in the lists that have an index.
//!
//! A page asks every few seconds, so the numbers are kept in memory and brought up to date by what is new: comments after the newest one that
//! was counted, and the states before and after in the audit log. Whatever else changes a list forgets the numbers ([`Ledger::forget_counts`]),
//! and the next call counts again, up to a limit.

use afterword_model::moderation::{AuditFilter, Changes, CommentSnapshot, KeptCounts, QueueList};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::queue::list_index;
use crate::store::audit_log::read_json;
use crate::store::comment_row::{moderation_state, next_comment_id};
use crate::store::counted_lists::{Counted, CountedLists, MAX_SHOWN};
use crate::store::row::Row;
use crate::store::sql::Sql;

/// Number up to which a list is counted. The difference to [`MAX_SHOWN`] is how many comments may leave a long list before it is counted again.
const MAX_COUNTED: u32 = 2_000;
/// Number of new comments and entries up to which the numbers are brought up to date. With more, everything is counted again.
const MAX_NEW: u32 = 200;

/// The lists that have an index.
const LISTS: [QueueList; 4] = [QueueList::Pending, QueueList::Reported, QueueList::Spam, QueueList::Deleted];

impl<S: Sql> Ledger<S> {
    /// The entries of the audit log after the number `since`, oldest first and at most `limit`, and the numbers of the lists. Without `since`
    /// there are no entries.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn read_changes(&self, since: Option<i64>, limit: u32) -> Result<Changes, LedgerError> {
        let filter = AuditFilter { since, ..AuditFilter::default() };
        let audit = if since.is_some() { self.read_audit_log(&filter, None, limit)?.audit } else { Vec::new() };
        Ok(Changes { audit, counts: self.kept_counts()? })
    }

    /// The numbers of comments in the lists that have an index.
    pub(crate) fn kept_counts(&self) -> Result<KeptCounts, LedgerError> {
        let (comment, entry) = (next_comment_id(&self.sql)? - 1, self.audit_head()?);
        let updated = match self.counted_lists.take() {
            Some(known) => self.update_counts(known, comment, entry)?,
            None => None,
        };
        let counted = match updated {
            Some(counted) => counted,
            None => self.count_lists(comment, entry)?,
        };
        self.counted_lists.set(Some(counted));
        let [pending, reported, spam, deleted] = counted.lists.map(Counted::shown);
        Ok(KeptCounts { pending, reported, spam, deleted })
    }

    /// Has the lists counted again. Every use case calls this that changes a list otherwise than by a new comment or an entry of the audit log.
    pub(crate) fn forget_counts(&self) {
        self.counted_lists.set(None);
    }

    fn count_lists(&self, comment: i64, entry: i64) -> Result<CountedLists, LedgerError> {
        let mut lists = [Counted { number: 0, is_bounded: false }; 4];
        for (list, counted) in LISTS.into_iter().zip(&mut lists) {
            *counted = self.count_indexed(list)?;
        }
        Ok(CountedLists { comment, entry, lists })
    }

    fn count_indexed(&self, list: QueueList) -> Result<Counted, LedgerError> {
        let Some((index, condition)) = list_index(list) else { return Err(LedgerError::Corrupt("list")) };
        let query =
            format!("SELECT count(*) FROM (SELECT 1 FROM comment INDEXED BY {index} WHERE {condition} LIMIT ?)");
        let found = Row::only(self.sql.exec(&query, &[MAX_COUNTED.into()])?).count("count of comments")?;
        Ok(Counted { number: found.into(), is_bounded: found >= MAX_COUNTED })
    }

    /// Brings numbers up to date by what is new. `None` if that is too much.
    fn update_counts(
        &self,
        mut known: CountedLists,
        comment: i64,
        entry: i64,
    ) -> Result<Option<CountedLists>, LedgerError> {
        let is_too_much = |new: i64| !(0..=i64::from(MAX_NEW)).contains(&new);
        if is_too_much(comment - known.comment) || is_too_much(entry - known.entry) {
            return Ok(None);
        }
        if comment > known.comment {
            self.add_new_comments(&mut known)?;
        }
        if entry > known.entry && !self.add_entries(&mut known)? {
            return Ok(None);
        }
        for (list, counted) in LISTS.into_iter().zip(&mut known.lists) {
            if counted.number < 0 || counted.is_bounded && counted.number <= MAX_SHOWN.into() {
                *counted = self.count_indexed(list)?;
            }
        }
        Ok(Some(CountedLists { comment, entry, ..known }))
    }

    /// Counts the new comments, as they are now.
    fn add_new_comments(&self, known: &mut CountedLists) -> Result<(), LedgerError> {
        let query = "SELECT status, erased IS NOT NULL, removed, source = '', reported FROM comment WHERE id > ? ORDER BY id LIMIT ?";
        for columns in self.sql.exec(query, &[known.comment.into(), MAX_NEW.into()])? {
            let mut row = Row::new(columns);
            let (status, is_erased) = (row.integer("comment.status")?, row.boolean("comment.erased")?);
            let (is_removed, is_wiped) = (row.boolean("comment.removed")?, row.boolean("comment.source")?);
            let state = moderation_state(status, is_erased, is_removed, is_wiped);
            known.add(state, row.boolean("comment.reported")?, 1);
        }
        Ok(())
    }

    /// Counts what the new entries say about comments that were counted before. Returns false if one does not say it.
    fn add_entries(&self, known: &mut CountedLists) -> Result<bool, LedgerError> {
        let query = "SELECT comment, before, after FROM audit_log \
                     WHERE id > ? AND comment IS NOT NULL ORDER BY id LIMIT ?";
        for columns in self.sql.exec(query, &[known.entry.into(), MAX_NEW.into()])? {
            let mut row = Row::new(columns);
            let comment = row.integer("audit_log.comment")?;
            let before: Option<CommentSnapshot> = read_json(&mut row, "audit_log.before")?;
            let after: Option<CommentSnapshot> = read_json(&mut row, "audit_log.after")?;
            if comment > known.comment {
                continue;
            }
            let (Some(before), Some(after)) = (before, after) else { return Ok(false) };
            known.add(before.state, before.reported, -1);
            known.add(after.state, after.reported, 1);
        }
        Ok(true)
    }
}
