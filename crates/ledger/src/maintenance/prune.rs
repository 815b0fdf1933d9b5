//! Pruning of data that is kept for a limited time: the networks of comments and reports, bans that have ended, and the content of deleted
//! comments.

use crate::error::LedgerError;
use crate::ledger::{Ledger, RESTORE_SECONDS};
use crate::store::ban::delete_ban;
use crate::store::network_ids::{network_id_expiry, start_of_previous_day};
use crate::store::row::Row;
use crate::store::sql::Sql;
use crate::store::wipe::wipe_content;

/// `maintenance_cursor.name` of pruning networks.
const NETWORKS: &str = "networks";

/// Outcome of one step of pruning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PruneProgress {
    /// Number of comments whose network was deleted.
    pub networks: u32,
    /// Number of reports whose network was deleted.
    pub reports: u32,
    /// Number of bans that had ended.
    pub bans: u32,
    /// Number of deleted comments whose content was wiped.
    pub wiped: u32,
    /// True if comments were added to the index of threads instead; see [`Ledger::index_comments`].
    pub indexed: bool,
    /// True if there may be more to prune now.
    pub more: bool,
}

impl<S: Sql> Ledger<S> {
    /// Unix time in seconds at which [`Ledger::prune`] with this `limit` has something to do; it may have passed already. `None` if nothing
    /// is stored that expires.
    ///
    /// Reads at most `limit` comments, and one if the next one has a network.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn next_prune(&self, limit: u32) -> Result<Option<i64>, LedgerError> {
        if self.has_comments_to_index()? {
            return Ok(Some(0));
        }
        let (from, limit) = (self.load_cursor(NETWORKS)?, limit.max(1));
        let params = [from.into(), limit.into()];
        let query = "SELECT created FROM (SELECT created, network FROM comment WHERE id > ? ORDER BY id LIMIT ?) \
                     WHERE network IS NOT NULL LIMIT 1";
        let networks = match Row::first(self.sql.exec(query, &params)?) {
            Some(mut row) => Some(network_id_expiry(row.integer("comment.created")?)),
            None => {
                // A full step of comments without a network is due at once, so that the next one can be looked at.
                let query = "SELECT count(*) FROM (SELECT 1 FROM comment WHERE id > ? ORDER BY id LIMIT ?)";
                let comments = Row::only(self.sql.exec(query, &params)?).count("count of comments")?;
                (comments >= limit).then_some(0)
            }
        };
        let query = "SELECT (SELECT min(until) FROM ban), (SELECT min(at) FROM report WHERE network IS NOT NULL)";
        let mut row = Row::only(self.sql.exec(query, &[])?);
        let bans = row.optional_integer("ban.until")?;
        let reports = row.optional_integer("report.at")?.map(network_id_expiry);
        let query = "SELECT (SELECT min(erased) FROM comment WHERE erased IS NOT NULL AND source <> '' AND removed = 0), \
                     (SELECT min(erased) FROM comment WHERE removed = 1 AND source <> '')";
        let mut row = Row::only(self.sql.exec(query, &[])?);
        let deleted = row.optional_integer("comment.erased")?.map(|at| at.saturating_add(self.wipe_delay));
        let removed = row.optional_integer("comment.erased")?.map(|at| at.saturating_add(RESTORE_SECONDS));
        let wipes = deleted.into_iter().chain(removed).min();
        Ok([networks, bans, wipes, reports].into_iter().flatten().min())
    }

    /// Deletes the networks of comments and reports from before yesterday (days are those of UTC), of at most `limit` of each, the bans that
    /// have ended, and the content of at most `limit` comments that were deleted long enough ago. If it is called once a day until there is no
    /// more, no network is kept for longer than 48 hours after its day.
    ///
    /// Each deleted network is a written row. If there is nothing to delete, nothing is written. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn prune(&self, now: i64, limit: u32) -> Result<PruneProgress, LedgerError> {
        if self.has_comments_to_index()? {
            self.index_comments(limit)?;
            return Ok(PruneProgress { indexed: true, more: true, ..PruneProgress::default() });
        }
        self.forget_counts();
        let oldest_kept = start_of_previous_day(now);
        let from = self.load_cursor(NETWORKS)?;
        let query = "SELECT id, created, network IS NOT NULL FROM comment WHERE id > ? ORDER BY id LIMIT ?";
        let rows = self.sql.exec(query, &[from.into(), limit.max(1).into()])?;
        let mut progress = PruneProgress { more: rows.len() >= limit.max(1) as usize, ..PruneProgress::default() };
        let mut last = from;
        for columns in rows {
            let mut row = Row::new(columns);
            let (id, created) = (row.integer("comment.id")?, row.integer("comment.created")?);
            let has_network = row.boolean("comment.network")?;
            if has_network && created >= oldest_kept {
                progress.more = false;
                break;
            }
            last = id;
            progress.networks += u32::from(has_network);
        }
        let ended = self.sql.exec("SELECT id FROM ban WHERE until <= ?", &[now.into()])?;
        let ended: Vec<i64> =
            ended.into_iter().map(|columns| Row::new(columns).integer("ban.id")).collect::<Result<_, _>>()?;
        progress.bans = u32::try_from(ended.len()).unwrap_or(u32::MAX);
        let wipes = self.due_wipes(now, limit)?;
        progress.wiped = u32::try_from(wipes.len()).unwrap_or(u32::MAX);
        progress.more |= progress.wiped >= limit.max(1);
        let reports = self.old_reports(oldest_kept, limit)?;
        progress.reports = u32::try_from(reports.len()).unwrap_or(u32::MAX);
        progress.more |= progress.reports >= limit.max(1);
        let pruned = progress.networks + progress.bans + progress.wiped + progress.reports;
        if pruned == 0 && !progress.more {
            return Ok(progress);
        }
        self.sql.transaction(|| {
            if progress.networks > 0 {
                let query = "UPDATE comment SET network = NULL WHERE id > ? AND id <= ? AND network IS NOT NULL";
                self.sql.exec(query, &[from.into(), last.into()])?;
            }
            if last > from {
                self.save_cursor(NETWORKS, last)?;
            }
            if progress.bans > 0 {
                self.site_policy.invalidate();
            }
            for uuid in &reports {
                self.sql.exec("UPDATE report SET network = NULL WHERE uuid = ?", &[uuid.as_str().into()])?;
            }
            ended.iter().try_for_each(|id| delete_ban(&self.sql, ("id", (*id).into())))?;
            wipes.iter().try_for_each(|comment| wipe_content(&self.sql, *comment))
        })?;
        Ok(progress)
    }

    /// UUIDs of reports from before a time that have a network.
    fn old_reports(&self, oldest_kept: i64, limit: u32) -> Result<Vec<String>, LedgerError> {
        let query = "SELECT uuid FROM report WHERE network IS NOT NULL AND at < ? ORDER BY at LIMIT ?";
        let rows = self.sql.exec(query, &[oldest_kept.into(), limit.max(1).into()])?;
        rows.into_iter().map(|columns| Row::new(columns).text("report.uuid")).collect()
    }

    /// Ids of deleted comments whose content is due to be wiped.
    fn due_wipes(&self, now: i64, limit: u32) -> Result<Vec<i64>, LedgerError> {
        let mut ids = Vec::new();
        for (condition, delay) in
            [("erased IS NOT NULL AND removed = 0", self.wipe_delay), ("removed = 1", RESTORE_SECONDS)]
        {
            let query = format!(
                "SELECT id FROM comment WHERE {condition} AND source <> '' AND erased <= ? ORDER BY erased LIMIT ?"
            );
            let rows = self.sql.exec(&query, &[now.saturating_sub(delay).into(), limit.max(1).into()])?;
            for columns in rows {
                ids.push(Row::new(columns).integer("comment.id")?);
            }
        }
        ids.truncate(limit.max(1) as usize);
        Ok(ids)
    }

    /// Id of the last comment that a job has finished.
    fn load_cursor(&self, job: &str) -> Result<i64, LedgerError> {
        Ok(self.find_cursor(job)?.unwrap_or(0))
    }

    pub(super) fn save_cursor(&self, job: &str, position: i64) -> Result<(), LedgerError> {
        let query = "INSERT INTO maintenance_cursor (name, position) VALUES (?, ?) \
                     ON CONFLICT (name) DO UPDATE SET position = excluded.position";
        Ok(self.sql.exec(query, &[job.into(), position.into()]).map(drop)?)
    }
}
