//! What was posted lately, in memory.
//!
//! The comments themselves are the counters: a comment that is taken has its time, its author, its network and the proof it spent in its own
//! row, so counting costs no row of its own, and what is refused writes nothing. So that they are not read again for every post, those of the last day
//! are kept here, and before each look the rows with larger numbers are added: what is here is never behind the database, and after an eviction it is
//! read anew.
//!
//! Only what was posted here counts towards the limits: it came from some network, which what an import brought did not. And only what was
//! posted by now: should a clock have been ahead for a while, nobody has to wait until it is right.

use std::collections::VecDeque;

use afterword_model::{LimitScope, NetworkIds, RateLimit};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::sql::Value;
use crate::verified_comment::ProofStatus;
use crate::verified_comment::VerifiedComment;
use crate::verified_comment::read_seals;

/// The longest time that is looked back, in seconds.
pub(crate) const DAY: i64 = 24 * 3600;
/// Posts that are kept, at most; more in a day is more than the free plan takes.
const KEPT: usize = 16_384;
/// Rows that are read at once. So many in a row that are older than a day end the reading.
const ROWS: u32 = 256;
/// Comments that say the same, the newest of them, of which it is looked up whether they say so still.
const ALIKE: usize = 64;

/// The posts of the last day, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    /// All comments up to this number were looked at, if any.
    last: Option<i64>,
    posts: VecDeque<Post>,
}

#[derive(Debug)]
struct Post {
    id: i64,
    at: i64,
    author: Option<String>,
    seals: Option<NetworkIds>,
    proof: ProofStatus,
    likeness: Option<String>,
}

/// The columns of a [`Post`].
const POST: &str = "id, created, author, network, proof, likeness";

impl<S: Sql> Ledger<S> {
    /// How many posts with a proof of work the site took in the last so many seconds, a day at most: for the work that the next one shall
    /// cost.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn count_recent(&self, seconds: u32, now: i64) -> Result<u32, LedgerError> {
        self.look_back(now)?;
        let posts = self.recent.borrow().within(seconds, now).filter(|post| post.counts_as(true)).count();
        Ok(u32::try_from(posts).unwrap_or(u32::MAX))
    }

    /// Adds what came in since the last look, and forgets what is older than a day.
    pub(crate) fn look_back(&self, now: i64) -> Result<(), LedgerError> {
        let last = self.recent.borrow().last;
        let (last, posts) = match last {
            None => self.last_day(now)?,
            Some(last) => self.since(last, now)?,
        };
        let mut recent = self.recent.borrow_mut();
        recent.last = Some(last);
        recent.posts.extend(posts);
        recent.forget(now);
        Ok(())
    }

    fn since(&self, last: i64, now: i64) -> Result<(i64, Vec<Post>), LedgerError> {
        let query = format!("SELECT {POST} FROM comment WHERE id > ? ORDER BY id LIMIT ?");
        let mut posts = self.posts(&query, &[last.into(), ROWS.into()])?;
        let seen = posts.last().map_or(last, |post| post.id);
        if posts.len() < ROWS as usize {
            return Ok((seen, posts));
        }
        // So many come by an import, and most of them are old.
        let (end, newest) = self.last_day(now)?;
        posts.extend(newest.into_iter().filter(|post| post.id > seen));
        posts.retain(|post| post.at > now.saturating_sub(DAY));
        Ok((end, posts))
    }

    /// Reads backwards from the newest. A few old ones among them were imported, and do not end it.
    fn last_day(&self, now: i64) -> Result<(i64, Vec<Post>), LedgerError> {
        let query = format!("SELECT {POST} FROM comment WHERE id < ? ORDER BY id DESC LIMIT ?");
        let end = self.next_id("SELECT max(id) FROM comment")?;
        let (mut before, mut posts) = (end, Vec::new());
        loop {
            let read = self.posts(&query, &[before.into(), ROWS.into()])?;
            let full = read.len() >= ROWS as usize;
            before = read.last().map_or(0, |post| post.id);
            let known = posts.len();
            posts.extend(read.into_iter().filter(|post| post.at > now.saturating_sub(DAY)));
            if !full || posts.len() == known || posts.len() >= KEPT {
                break;
            }
        }
        posts.reverse();
        Ok((end - 1, posts))
    }

    fn posts(&self, query: &str, params: &[Value]) -> Result<Vec<Post>, LedgerError> {
        self.sql.exec(query, params)?.into_iter().map(read_post).collect()
    }

    /// Whether a comment that was posted lately says the same still: it may be erased or edited since.
    pub(crate) fn is_repeated_text(&self, entry: &VerifiedComment, now: i64) -> Result<bool, LedgerError> {
        let Some(likeness) = entry.duplicate_key.as_deref() else { return Ok(false) };
        let mut params: Vec<Value> = self.recent.borrow().alike(likeness, now).map(Value::from).collect();
        if params.is_empty() {
            return Ok(false);
        }
        let ids = vec!["?"; params.len()].join(", ");
        params.push(likeness.into());
        let query = format!("SELECT 1 FROM comment WHERE id IN ({ids}) AND likeness = ? LIMIT 1");
        Ok(!self.sql.exec(&query, &params)?.is_empty())
    }
}

impl Recent {
    fn forget(&mut self, now: i64) {
        while self.posts.front().is_some_and(|post| post.at <= now.saturating_sub(DAY)) || self.posts.len() > KEPT {
            self.posts.pop_front();
        }
    }

    /// The posts of the last so many seconds, newest first.
    fn within(&self, seconds: u32, now: i64) -> impl Iterator<Item = &Post> {
        let start = now.saturating_sub(seconds.into());
        self.posts.iter().rev().filter(move |post| post.at > start && post.at <= now)
    }

    /// Whether a proof was spent.
    pub(crate) fn has_spent(&self, proof: &ProofStatus) -> bool {
        matches!(proof, ProofStatus::Nonce(_)) && self.posts.iter().any(|post| post.proof == *proof)
    }

    fn alike(&self, likeness: &str, now: i64) -> impl Iterator<Item = i64> {
        let day = self.posts.iter().rev().filter(move |post| post.at > now.saturating_sub(DAY));
        day.filter(move |post| post.likeness.as_deref() == Some(likeness)).map(|post| post.id).take(ALIKE)
    }

    /// For how many seconds an entry is one too many; 0 if it is not.
    pub(crate) fn wait(&self, limits: &[RateLimit], entry: &VerifiedComment, now: i64) -> u32 {
        let is_meant = |limit: &&RateLimit| limit.with_proof == entry.proof.is_proven();
        limits.iter().filter(is_meant).map(|limit| self.wait_for(limit, entry, now)).max().unwrap_or(0)
    }

    fn wait_for(&self, limit: &RateLimit, entry: &VerifiedComment, now: i64) -> u32 {
        let counted = self.within(limit.window_seconds, now).filter(|post| post.counts(limit, entry));
        // The post with which the limit was reached: once it is out of the time, there is room for one.
        let Some(at) = counted.map(|post| post.at).nth((limit.max_posts.max(1) - 1) as usize) else { return 0 };
        seconds_until(at, limit.window_seconds.into(), now)
    }

    /// Whose posts are suspiciously many.
    pub(crate) fn many(&self, limits: &[RateLimit], entry: &VerifiedComment, now: i64) -> Option<LimitScope> {
        let is_many = |limit: &&RateLimit| {
            let counted = self.within(limit.window_seconds, now).filter(|post| post.counts(limit, entry));
            limit.with_proof == entry.proof.is_proven()
                && counted.take(limit.suspicious_from as usize).count() >= limit.suspicious_from as usize
        };
        limits.iter().find(is_many).map(|limit| limit.scope)
    }
}

/// When something that happened then is so long ago.
fn seconds_until(at: i64, seconds: i64, now: i64) -> u32 {
    let wait = at.saturating_add(seconds).saturating_sub(now);
    u32::try_from(wait.clamp(1, DAY)).unwrap_or(1)
}

impl Post {
    /// Whether it was posted here, with a proof of work or without one.
    fn counts_as(&self, proven: bool) -> bool {
        self.seals.is_some() && self.proof.is_proven() == proven
    }

    fn counts(&self, limit: &RateLimit, entry: &VerifiedComment) -> bool {
        let Some(seals) = self.seals.as_ref().filter(|_| self.counts_as(limit.with_proof)) else { return false };
        match limit.scope {
            LimitScope::Site => true,
            LimitScope::Author => self.author.is_some() && self.author.as_deref() == entry.author_hash(),
            LimitScope::Network => entry.is_from(&seals.network),
            LimitScope::Block => seals.block.as_ref().is_some_and(|block| entry.is_from_block(block)),
        }
    }
}

fn read_post(columns: Vec<Value>) -> Result<Post, LedgerError> {
    let mut row = Row::new(columns);
    Ok(Post {
        id: row.integer("comment.id")?,
        at: row.integer("comment.created")?,
        author: row.optional_text("comment.author")?,
        seals: row.optional_text("comment.network")?.map(|stored| read_seals(&stored)),
        proof: ProofStatus::read(row.optional_text("comment.proof")?),
        likeness: row.optional_text("comment.likeness")?,
    })
}
