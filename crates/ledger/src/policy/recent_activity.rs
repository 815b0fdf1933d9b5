//! Cache of the comments of the last day, for rate limits, spent proofs of work and duplicate texts.
//!
//! The comments themselves are the counters: the row of each has its time, its author, its network and the proof it spent. So counting
//! writes no row of its own, and a refused comment writes nothing. To avoid reading these rows for every comment, those of the last day are
//! cached here, and rows with larger ids are added before each use. So the cache is never behind the database, and after an eviction it
//! is read anew, in steps of a bounded number of rows.
//!
//! Only comments sent to this site count towards the limits: they have a network, which imported ones have not. A comment that has neither a
//! network nor a proof nor a duplicate key matters to no check, and is not cached. Comments from the future do not count: if a clock was
//! ahead for a while, nobody has to wait until it is right.

use std::collections::VecDeque;
use std::ops::Range;

use afterword_model::limits::MAX_CLOCK_SKEW_SECONDS;
use afterword_model::{CommentId, LimitScope, NetworkIds, RateLimit, Refusal};

use crate::error::LedgerError;
use crate::store::comment_row::next_comment_id;
use crate::store::network_ids::parse_network_ids;
use crate::store::row::Row;
use crate::store::sql::{Sql, Value};
use crate::verified_comment::{ProofStatus, VerifiedComment};

/// Seconds of the period that is cached: the longest window of a rate limit.
const PERIOD_SECONDS: i64 = 24 * 3600;
/// Maximum number of cached comments; more in a day is more than Cloudflare's free plan takes.
const MAX_COMMENTS: usize = 16_384;
/// Rows that are read in one query. Reading backwards ends after so many rows in a row that are all too old.
const BATCH_ROWS: u32 = 256;
/// Maximum number of recent comments with the same duplicate key that are looked up again; the newest come first.
const MAX_DUPLICATES: usize = 64;

/// The comments of the last day, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RecentActivity {
    /// Id of the last comment that was looked at; `None` before the first refresh.
    last_id: Option<i64>,
    comments: VecDeque<RecentComment>,
    /// Time of the newest comment that is not kept although it is recent, because there were too many.
    dropped_until: Option<i64>,
    /// Reading of older comments that is not complete.
    backward: Option<BackwardRead>,
}

/// Comments that are read backwards from the newest, because there are too many for one step.
#[derive(Debug)]
struct BackwardRead {
    /// Id of the last comment when the reading began.
    last_id: i64,
    /// Comments with ids in this range are left to read.
    remaining: Range<i64>,
    /// Those that were read, newest first.
    comments: Vec<RecentComment>,
}

#[derive(Debug)]
struct RecentComment {
    id: i64,
    created: i64,
    author: Option<String>,
    network: Option<NetworkIds>,
    proof: ProofStatus,
    duplicate_key: Option<String>,
}

impl RecentActivity {
    /// Adds the comments since the last refresh, and drops those that are too old.
    pub(crate) fn refresh(&mut self, sql: &impl Sql, now: i64) -> Result<(), LedgerError> {
        while self.load_step(sql, now)? {}
        Ok(())
    }

    /// One step of [`RecentActivity::refresh`], which reads at most [`BATCH_ROWS`] rows. Returns true if another one must follow.
    pub(crate) fn load_step(&mut self, sql: &impl Sql, now: i64) -> Result<bool, LedgerError> {
        match (self.backward.take(), self.last_id) {
            (Some(backward), _) => self.continue_backwards(backward, sql, now)?,
            (None, None) => self.backward = Some(BackwardRead::start(sql, 0)?),
            (None, Some(last_id)) => {
                let query = format!("SELECT {} FROM comment WHERE id > ? ORDER BY id LIMIT ?", RecentComment::COLUMNS);
                let rows = load_comments(sql, &query, &[last_id.into(), BATCH_ROWS.into()])?;
                let (is_full, seen) = (rows.len() >= BATCH_ROWS as usize, rows.last().map_or(last_id, |row| row.id));
                self.last_id = Some(seen);
                self.comments.extend(rows.into_iter().filter(RecentComment::is_relevant));
                self.drop_old_comments(now);
                if !is_full {
                    return Ok(false);
                }
                // So many come from an import, and most of them are old.
                self.backward = Some(BackwardRead::start(sql, seen)?);
            }
        }
        Ok(true)
    }

    /// Reads the next comments backwards. A few old comments among them, from an import, do not end the reading.
    fn continue_backwards(&mut self, mut backward: BackwardRead, sql: &impl Sql, now: i64) -> Result<(), LedgerError> {
        let columns = RecentComment::COLUMNS;
        let query = format!("SELECT {columns} FROM comment WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?");
        let Range { start, end } = backward.remaining;
        let rows = load_comments(sql, &query, &[start.into(), end.into(), BATCH_ROWS.into()])?;
        let is_full = rows.len() >= BATCH_ROWS as usize;
        backward.remaining.end = rows.last().map_or(start, |row| row.id);
        let has_recent = rows.iter().any(|row| row.is_recent(now));
        backward.comments.extend(rows.into_iter().filter(|row| row.is_recent(now) && row.is_relevant()));
        if is_full && has_recent && backward.comments.len() <= MAX_COMMENTS {
            self.backward = Some(backward);
        } else {
            self.last_id = Some(backward.last_id);
            self.comments.extend(backward.comments.into_iter().rev());
            self.drop_old_comments(now);
        }
        Ok(())
    }

    /// Drops the comments that are too old, wherever they stand: one from the future may stand before them. Then drops the oldest of too
    /// many.
    fn drop_old_comments(&mut self, now: i64) {
        self.comments.retain(|comment| comment.is_recent(now));
        // A challenge expires within a day, so proofs from further in the future, when a clock was ahead, are not valid yet.
        let is_near = |time: i64| time <= now.saturating_add(PERIOD_SECONDS);
        self.dropped_until = self.dropped_until.filter(|dropped| is_near(*dropped));
        while self.comments.len() > MAX_COMMENTS
            && let Some(oldest) = self.comments.pop_front()
        {
            if is_near(oldest.created) {
                self.dropped_until = self.dropped_until.max(Some(oldest.created.min(now)));
            }
        }
    }

    /// Number of comments with a proof of work in the last `seconds` seconds.
    pub(crate) fn count_with_proof(&self, seconds: u32, now: i64) -> u32 {
        let comments = self.within(seconds, now).filter(|recent| recent.is_counted(true)).count();
        u32::try_from(comments).unwrap_or(u32::MAX)
    }

    /// The comments of the last `seconds` seconds, newest first.
    fn within(&self, seconds: u32, now: i64) -> impl Iterator<Item = &RecentComment> {
        let start = now.saturating_sub(seconds.into());
        self.comments.iter().rev().filter(move |recent| recent.created > start && recent.created <= now)
    }

    /// Refuses a proof of work that was spent already. A proof that is so old that a comment which is no longer kept may have spent it is
    /// refused as expired: its sender gets another challenge.
    pub(crate) fn check_proof(&self, comment: &VerifiedComment) -> Result<(), Refusal> {
        if !matches!(comment.proof, ProofStatus::Nonce(_)) {
            return Ok(());
        }
        if self.comments.iter().any(|recent| recent.proof == comment.proof) {
            return Err(Refusal::ProofSpent);
        }
        let earliest_use = comment.proof_issued.map(|issued| issued.saturating_sub(MAX_CLOCK_SKEW_SECONDS));
        if self.dropped_until.is_some_and(|dropped| earliest_use.is_none_or(|earliest| earliest <= dropped)) {
            return Err(Refusal::ProofExpired);
        }
        Ok(())
    }

    /// Returns true if a recent comment other than `own` says the same. Reads its row as well, because it may have been edited or erased since.
    pub(crate) fn has_duplicate(
        &self,
        sql: &impl Sql,
        comment: &VerifiedComment,
        own: Option<CommentId>,
        now: i64,
    ) -> Result<bool, LedgerError> {
        let Some(key) = comment.duplicate_key.as_deref() else { return Ok(false) };
        let others = self.recent_duplicates(key, now).filter(|id| Some(CommentId::new(*id)) != own);
        let mut params: Vec<Value> = others.map(Value::from).collect();
        if params.is_empty() {
            return Ok(false);
        }
        let ids = vec!["?"; params.len()].join(", ");
        params.push(key.into());
        let query =
            format!("SELECT 1 FROM comment WHERE id IN ({ids}) AND duplicate_key = ? AND erased IS NULL LIMIT 1");
        Ok(!sql.exec(&query, &params)?.is_empty())
    }

    /// Replaces the duplicate key of a comment that got another text.
    pub(crate) fn replace_duplicate_key(&mut self, id: i64, key: Option<&str>) {
        let in_progress = self.backward.iter_mut().flat_map(|backward| &mut backward.comments);
        for comment in self.comments.iter_mut().chain(in_progress).filter(|comment| comment.id == id) {
            comment.duplicate_key = key.map(str::to_owned);
        }
    }

    /// Ids of recent comments with a duplicate key, newest first.
    fn recent_duplicates(&self, key: &str, now: i64) -> impl Iterator<Item = i64> {
        let recent = self.comments.iter().rev().filter(move |recent| recent.is_recent(now));
        let duplicates = recent.filter(move |recent| recent.duplicate_key.as_deref() == Some(key));
        duplicates.map(|recent| recent.id).take(MAX_DUPLICATES)
    }

    /// Seconds until a comment is within its rate limits; 0 if it already is.
    pub(crate) fn retry_after(&self, limits: &[RateLimit], comment: &VerifiedComment, now: i64) -> u32 {
        let applies = |limit: &&RateLimit| limit.with_proof == comment.proof.has_proof();
        limits.iter().filter(applies).map(|limit| self.retry_after_limit(limit, comment, now)).max().unwrap_or(0)
    }

    fn retry_after_limit(&self, limit: &RateLimit, comment: &VerifiedComment, now: i64) -> u32 {
        let counted = self.within(limit.window_seconds, now).filter(|recent| recent.counts_towards(limit, comment));
        // The comment that reached the limit: once it is out of the window, there is room for one.
        let Some(created) = counted.map(|recent| recent.created).nth((limit.max_comments.max(1) - 1) as usize) else {
            return 0;
        };
        seconds_until(created.saturating_add(limit.window_seconds.into()), now)
    }

    /// Scope of the first limit within which there are suspiciously many comments, if any.
    pub(crate) fn suspicious_scope(
        &self,
        limits: &[RateLimit],
        comment: &VerifiedComment,
        now: i64,
    ) -> Option<LimitScope> {
        let is_suspicious = |limit: &&RateLimit| {
            let threshold = limit.suspicious_from as usize;
            let counted = self.within(limit.window_seconds, now).filter(|recent| recent.counts_towards(limit, comment));
            limit.with_proof == comment.proof.has_proof() && counted.take(threshold).count() >= threshold
        };
        limits.iter().find(is_suspicious).map(|limit| limit.scope)
    }
}

/// Seconds until a time, at least 1 and at most a day.
fn seconds_until(time: i64, now: i64) -> u32 {
    u32::try_from(time.saturating_sub(now).clamp(1, PERIOD_SECONDS)).unwrap_or(1)
}

impl RecentComment {
    const COLUMNS: &str = "id, created, author, network, proof, duplicate_key";

    fn read(mut row: Row) -> Result<Self, LedgerError> {
        Ok(Self {
            id: row.integer("comment.id")?,
            created: row.integer("comment.created")?,
            author: row.optional_text("comment.author")?,
            network: row.optional_text("comment.network")?.map(|text| parse_network_ids(&text)),
            proof: ProofStatus::from_column(row.optional_text("comment.proof")?),
            duplicate_key: row.optional_text("comment.duplicate_key")?,
        })
    }

    fn is_recent(&self, now: i64) -> bool {
        self.created > now.saturating_sub(PERIOD_SECONDS)
    }

    /// Returns true if any check looks at it.
    fn is_relevant(&self) -> bool {
        self.network.is_some() || matches!(self.proof, ProofStatus::Nonce(_)) || self.duplicate_key.is_some()
    }

    /// Returns true if it was sent to this site, with or without a proof of work as given.
    fn is_counted(&self, with_proof: bool) -> bool {
        self.network.is_some() && self.proof.has_proof() == with_proof
    }

    fn counts_towards(&self, limit: &RateLimit, comment: &VerifiedComment) -> bool {
        let Some(ids) = self.network.as_ref().filter(|_| self.is_counted(limit.with_proof)) else { return false };
        match limit.scope {
            LimitScope::Site => true,
            LimitScope::Author => self.author.is_some() && self.author.as_deref() == comment.author_hash(),
            LimitScope::Network => comment.is_from_network(&ids.network),
            LimitScope::Block => ids.block.as_ref().is_some_and(|block| comment.is_from_block(block)),
        }
    }
}

impl BackwardRead {
    /// Starts to read the comments above an id.
    fn start(sql: &impl Sql, after: i64) -> Result<Self, LedgerError> {
        let end = next_comment_id(sql)?;
        Ok(Self { last_id: end - 1, remaining: after + 1..end, comments: Vec::new() })
    }
}

fn load_comments(sql: &impl Sql, query: &str, params: &[Value]) -> Result<Vec<RecentComment>, LedgerError> {
    sql.exec(query, params)?.into_iter().map(|row| RecentComment::read(Row::new(row))).collect()
}
