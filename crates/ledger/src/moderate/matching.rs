//! Actions on all comments that match a filter, and on all that a ban matches: one batch, carried out in bounded steps.

use afterword_model::moderation::{
    ActionItem, ActionOutcome, AuditAction, BanKind, BatchAction, ItemResult, ListCount, MatchingBatch, MatchingCount,
    MatchingProgress, QueueFilter, SweepRequest,
};
use afterword_model::{CommentId, PostUrl, Refusal, SubmissionId};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moderate::batch::BatchContext;
use crate::moderate::queue::{MAX_SCANNED, ResolvedFilter};
use crate::policy::submission_policy::{BanMatcher, PatternCompiler};
use crate::store::audit_log::{self, Attribution};
use crate::store::ban::Ban;
use crate::store::comment_row::next_comment_id;
use crate::store::network_ids::parse_network_ids;
use crate::store::row::Row;
use crate::store::search_index;
use crate::store::sql::Sql;
use crate::store::thread_row::stored_url;
use crate::verified_comment::VerifiedComment;

/// Maximum number of comments on which one step acts.
const STEP: u32 = 50;
/// Number of comments that a step adds to the search index, if the filter has words.
const INDEXED_BY_STEP: u32 = 500;
/// Number of comments up to which one call counts those that match.
const MAX_COUNTED: u32 = 10_000;
/// Number of parts of a list that one call looks at to count.
const MAX_COUNT_SCANS: u32 = 20;

impl<S: Sql> Ledger<S> {
    /// Counts the comments that match a filter, up to a limit.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::read_queue`].
    pub fn count_matching(&self, filter: &QueueFilter) -> Result<MatchingCount, LedgerError> {
        let resolved = self.resolve_filter(filter, None)?;
        let mut count = ListCount::default();
        if resolved.has_words() {
            count.more = self.sql.transaction(|| search_index::index_next(&self.sql, INDEXED_BY_STEP))?;
        }
        let mut after = None;
        for _ in 0..MAX_COUNT_SCANS {
            let (ids, next) = self.find_matching(&resolved, after, MAX_SCANNED)?;
            count.count = count.count.saturating_add(u32::try_from(ids.len()).unwrap_or(u32::MAX));
            after = next.map(CommentId::new);
            if after.is_none() || count.count >= MAX_COUNTED {
                break;
            }
        }
        count.more |= after.is_some();
        let newest = next_comment_id(&self.sql)? - 1;
        Ok(MatchingCount { count, through: Some(newest).filter(|newest| *newest > 0).map(CommentId::new) })
    }

    /// Carries out a step of an action on all comments that match a filter. A step that is sent twice is carried out once. `moderator` is the
    /// name of the moderator, and `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::read_queue`], and [`LedgerError::Refused`] with [`Refusal::IdReused`] for the id of another action.
    pub fn act_on_matching(
        &self,
        batch: &MatchingBatch,
        moderator: &str,
        now: i64,
    ) -> Result<MatchingProgress, LedgerError> {
        let by = Attribution { id: batch.id, by: moderator };
        let context = BatchContext { by, reason: batch.reason, now };
        self.check_batch_id(&by, batch.action)?;
        let filter = self.resolve_filter(&batch.filter, Some(batch.through))?;
        let done = audit_log::count_batch(&self.sql, &batch.id)?;
        let left = batch.count.saturating_sub(done).min(STEP);
        if left == 0 {
            return Ok(MatchingProgress { id: batch.id, done, next: None, others: Vec::new() });
        }
        if filter.has_words() && self.sql.transaction(|| search_index::index_next(&self.sql, INDEXED_BY_STEP))? {
            // Comments that the index does not know yet would be missed.
            let next = batch.after.or(Some(filter.start(batch.through)));
            return Ok(MatchingProgress { id: batch.id, done, next, others: Vec::new() });
        }
        let (ids, next) = self.find_matching(&filter, batch.after, left)?;
        let others = self.act_on_present(batch.action, &ids, &context)?;
        let done = audit_log::count_batch(&self.sql, &batch.id)?;
        let next = next.map(CommentId::new).filter(|_| done < batch.count);
        Ok(MatchingProgress { id: batch.id, done, next, others })
    }

    /// Acts on comments as they are now. Returns the outcomes that are not [`ActionOutcome::Done`].
    fn act_on_present(
        &self,
        action: BatchAction,
        ids: &[i64],
        context: &BatchContext<'_>,
    ) -> Result<Vec<ItemResult>, LedgerError> {
        self.sql.transaction(|| {
            let mut others = Vec::new();
            for id in ids {
                let rows = self.sql.exec("SELECT revision FROM comment WHERE id = ?", &[(*id).into()])?;
                let revision = Row::only(rows).integer("comment.revision")?;
                let item = ActionItem { id: CommentId::new(*id), revision };
                let result = self.act_on_item(action, item, context)?;
                if !matches!(result.outcome, ActionOutcome::Done { .. }) {
                    others.push(result);
                }
            }
            Ok(others)
        })
    }

    /// Marks the comments that a ban matches as spam, in bounded steps. If they belong to the batch of the ban, its undo lifts the ban and
    /// restores them. Comments of the owner are left alone. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Refused`] with [`Refusal::NotFound`] if the ban is not in force, with [`Refusal::BadPattern`] if it is invalid, or with
    /// [`Refusal::IdReused`] for the id of another action.
    pub fn sweep(
        &self,
        request: &SweepRequest,
        patterns: &dyn PatternCompiler,
        moderator: &str,
        now: i64,
    ) -> Result<MatchingProgress, LedgerError> {
        let SweepRequest { ban, batch, after } = *request;
        let context = BatchContext { by: Attribution { id: batch, by: moderator }, reason: None, now };
        self.check_sweep_id(&context.by)?;
        let id = ban.to_string();
        let found = self.list_bans()?.into_iter().find(|ban| ban.id == id).ok_or(Refusal::NotFound)?;
        let matcher = match found.kind {
            BanKind::Name | BanKind::Email => Some(patterns.compile_ban(&found).ok_or(Refusal::BadPattern)?),
            BanKind::Author | BanKind::Network => None,
        };
        let end = match after {
            Some(after) => after.get(),
            None => next_comment_id(&self.sql)?,
        };
        let mark = match found.kind {
            BanKind::Author => self.find_mark(&found.pattern, &batch)?,
            _ => None,
        };
        let (ids, next) = self.find_swept((&found, mark), matcher.as_ref(), end)?;
        let others = self.act_on_present(BatchAction::Spam, &ids, &context)?;
        let done = audit_log::count_batch(&self.sql, &batch)?;
        Ok(MatchingProgress { id: batch, done, next: next.map(CommentId::new), others })
    }

    /// Refuses the id of a sweep that was another action, or somebody else's.
    fn check_sweep_id(&self, by: &Attribution<'_>) -> Result<(), LedgerError> {
        let swept = audit_log::first_of_batch(&self.sql, &by.id)?;
        let ban = audit_log::find(&self.sql, &by.id)?;
        let is_other = swept.is_some_and(|entry| entry.action != AuditAction::Spam || entry.by != by.by)
            || ban.is_some_and(|entry| entry.action != AuditAction::Ban || entry.by != by.by);
        if is_other { Err(Refusal::IdReused.into()) } else { Ok(()) }
    }

    /// The mark of a banned author, under which the index finds the comments: that of a comment that was swept already, of the one for which
    /// the author was trusted before the ban, or of a recent one. `None` if there is none of these, so that all comments have to be read.
    fn find_mark(&self, author: &str, batch: &SubmissionId) -> Result<Option<String>, LedgerError> {
        let query = "SELECT mark FROM audit_log CROSS JOIN comment ON comment.id = audit_log.comment \
                     WHERE audit_log.batch = ? AND author = ? LIMIT 1";
        let swept = Row::first(self.sql.exec(query, &[batch.to_string().into(), author.into()])?);
        if let Some(mark) = swept.map(|mut row| row.optional_text("comment.mark")).transpose()?.flatten() {
            return Ok(Some(mark));
        }
        let ban = audit_log::find(&self.sql, batch)?.map(|entry| audit_log::find_ban_snapshot(&self.sql, entry.number));
        if let Some(comment) = ban.transpose()?.flatten().and_then(|ban| ban.first_approved) {
            let rows = self.sql.exec("SELECT mark FROM comment WHERE id = ?", &[comment.get().into()])?;
            if let Some(mark) = Row::first(rows).map(|mut row| row.optional_text("comment.mark")).transpose()?.flatten()
            {
                return Ok(Some(mark));
            }
        }
        Ok(self.resolve_author_hash(author)?.mark)
    }

    /// The next comments that a ban matches, and the one after which the search continues.
    fn find_swept(
        &self,
        (ban, mark): (&Ban, Option<String>),
        matcher: Option<&BanMatcher>,
        end: i64,
    ) -> Result<(Vec<i64>, Option<i64>), LedgerError> {
        let columns = "id, author, network, name, email, status IN (0, 1) AND erased IS NULL AND owner = 0";
        let rows = if let Some(mark) = mark {
            let query = format!(
                "SELECT {columns} FROM comment INDEXED BY comment_mark WHERE mark = ? AND id < ? ORDER BY id DESC LIMIT ?"
            );
            self.sql.exec(&query, &[mark.into(), end.into(), MAX_SCANNED.into()])?
        } else {
            let query = format!("SELECT {columns} FROM comment NOT INDEXED WHERE id < ? ORDER BY id DESC LIMIT ?");
            self.sql.exec(&query, &[end.into(), MAX_SCANNED.into()])?
        };
        let is_full = rows.len() >= MAX_SCANNED as usize;
        let (mut ids, mut last) = (Vec::new(), None);
        let Some(mut row) = Row::first(self.sql.exec("SELECT url FROM thread ORDER BY id LIMIT 1", &[])?) else {
            return Ok((ids, None));
        };
        let url = stored_url(row.text("thread.url")?)?;
        for columns in rows {
            let mut row = Row::new(columns);
            let id = row.integer("comment.id")?;
            last = Some(id);
            let sender = CommentSender {
                author: row.optional_text("comment.author")?,
                network: row.optional_text("comment.network")?,
                name: row.text("comment.name")?,
                email: row.optional_text("comment.email")?,
            };
            if row.boolean("comment.status")? && sender.is_matched(ban, matcher, &url) {
                ids.push(id);
            }
            if ids.len() >= STEP as usize {
                return Ok((ids, last));
            }
        }
        Ok((ids, last.filter(|_| is_full)))
    }
}

/// The sender of a stored comment.
struct CommentSender {
    author: Option<String>,
    network: Option<String>,
    name: String,
    email: Option<String>,
}

impl CommentSender {
    fn is_matched(&self, ban: &Ban, matcher: Option<&BanMatcher>, url: &PostUrl) -> bool {
        match ban.kind {
            BanKind::Author => self.author.as_deref() == Some(ban.pattern.as_str()),
            BanKind::Network => {
                self.network.as_ref().is_some_and(|network| parse_network_ids(network).network == ban.pattern)
            }
            BanKind::Name | BanKind::Email => {
                let comment = VerifiedComment::of_sender(url.clone(), self.name.clone(), self.email.clone());
                matcher.is_some_and(|matcher| matcher(&comment))
            }
        }
    }
}

impl ResolvedFilter {
    /// A cursor before the first comment of the list.
    fn start(&self, through: CommentId) -> CommentId {
        if self.list().is_oldest_first() { CommentId::new(0) } else { CommentId::new(through.get().saturating_add(1)) }
    }
}
