//! Moving threads whose addresses the rules for canonical URLs have changed: rules of a later version, or other settings of the site.

use afterword_model::{PostUrl, SubmissionId, UrlRules};
use sha2::{Digest, Sha256};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::moves::post_move::PostMove;
use crate::publish::redirects::insert_redirect;
use crate::store::audit_log::Attribution;
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::thread_row::{ThreadRow, stored_url};

/// Name under which the audit log lists these moves.
const MOVED_BY: &str = "afterword";
/// Number of interleaved pages after which a step ends.
const MAX_INTERLEAVED_PER_STEP: u32 = 40;

/// Outcome of one step of [`Ledger::canonicalize_urls`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CanonicalizeProgress {
    /// Number of threads that got another address.
    pub moved: u32,
    /// True if there may be more to do.
    pub more: bool,
}

impl<S: Sql> Ledger<S> {
    /// Moves threads to the addresses that these rules give them, and merges those of one post. Looks at `limit` threads and `limit`
    /// redirects, at each of them once as long as the rules stay the same. A former address keeps leading to its thread.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows. The threads moved so far stay moved.
    pub fn canonicalize_urls(
        &self,
        rules: UrlRules,
        limit: u32,
        now: i64,
    ) -> Result<CanonicalizeProgress, LedgerError> {
        let threads = self.canonicalize_threads(rules, limit.max(1), now)?;
        if threads.more {
            return Ok(threads);
        }
        let more = self.canonicalize_redirects(rules, limit.max(1))?;
        Ok(CanonicalizeProgress { more, ..threads })
    }

    fn canonicalize_threads(&self, rules: UrlRules, limit: u32, now: i64) -> Result<CanonicalizeProgress, LedgerError> {
        let job = format!("canonical threads {}", rules.name());
        let query = "SELECT id, url FROM thread WHERE id > ? ORDER BY id LIMIT ?";
        let rows = self.next_urls(&job, query, limit)?;
        let is_full = rows.len() >= limit as usize;
        let (mut progress, mut interleaved) = (CanonicalizeProgress::default(), 0);
        for (id, from) in rows {
            if let Some(to) = from.recanonicalize(rules)
                && ThreadRow::find_at(&self.sql, &from)?.is_some_and(|thread| thread.id == id)
            {
                interleaved += self.move_or_merge(id, from, to, rules, now)?;
                progress.moved += 1;
            }
            self.save_position(&job, id)?;
            if interleaved >= MAX_INTERLEAVED_PER_STEP {
                return Ok(CanonicalizeProgress { more: true, ..progress });
            }
        }
        Ok(CanonicalizeProgress { more: is_full, ..progress })
    }

    /// Returns the number of interleaved pages.
    fn move_or_merge(
        &self,
        id: i64,
        from: PostUrl,
        to: PostUrl,
        rules: UrlRules,
        now: i64,
    ) -> Result<u32, LedgerError> {
        let by = Attribution { id: action_id(rules), by: MOVED_BY };
        // The post may have moved from its canonical address to another one.
        match ThreadRow::find(&self.sql, &to)?.filter(|thread| thread.id != id) {
            Some(target) => self.merge_threads(&PostMove { from, to: target.url }, &by, now),
            None => self.move_thread(&PostMove { from, to }, &by, now).map(|()| 0),
        }
    }

    /// Adds redirects from the addresses that these rules give to former addresses. Returns true if there may be more to do.
    fn canonicalize_redirects(&self, rules: UrlRules, limit: u32) -> Result<bool, LedgerError> {
        let job = format!("canonical redirects {}", rules.name());
        let query = "SELECT rowid, url FROM redirect WHERE rowid > ? ORDER BY rowid LIMIT ?";
        let rows = self.next_urls(&job, query, limit)?;
        let is_full = rows.len() >= limit as usize;
        for (id, former) in rows {
            if let Some(url) = former.recanonicalize(rules)
                && ThreadRow::find(&self.sql, &url)?.is_none()
                && let Some(thread) = ThreadRow::find(&self.sql, &former)?
            {
                insert_redirect(&self.sql, &url, thread.id)?;
            }
            self.save_position(&job, id)?;
        }
        Ok(is_full)
    }

    /// The next rows of a job, by their ids.
    fn next_urls(&self, job: &str, query: &str, limit: u32) -> Result<Vec<(i64, PostUrl)>, LedgerError> {
        let rows = self.sql.exec("SELECT position FROM maintenance_cursor WHERE name = ?", &[job.into()])?;
        let after = Row::first(rows).map_or(Ok(0), |mut row| row.integer("maintenance_cursor.position"))?;
        let read = |columns| {
            let mut row = Row::new(columns);
            Ok((row.integer("id")?, stored_url(row.text("url")?)?))
        };
        self.sql.exec(query, &[after.into(), limit.into()])?.into_iter().map(read).collect()
    }

    fn save_position(&self, job: &str, position: i64) -> Result<(), LedgerError> {
        let query = "INSERT INTO maintenance_cursor (name, position) VALUES (?, ?) \
                     ON CONFLICT (name) DO UPDATE SET position = excluded.position";
        Ok(self.sql.exec(query, &[job.into(), position.into()]).map(drop)?)
    }
}

/// The UUID of the action that applies these rules.
fn action_id(rules: UrlRules) -> SubmissionId {
    let digest = Sha256::digest(format!("canonical addresses {}", rules.name()));
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    SubmissionId::from_digest(id)
}
