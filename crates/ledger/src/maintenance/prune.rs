//! Pruning of data that is kept for a limited time: the networks of comments, and bans that have ended.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::network_ids::start_of_previous_day;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// `maintenance_cursor.name` of pruning networks.
const NETWORKS: &str = "networks";

/// Outcome of one step of pruning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PruneProgress {
    /// Number of comments whose network was deleted.
    pub networks: u32,
    /// Number of bans that had ended.
    pub bans: u32,
    /// True if there may be more to prune now.
    pub more: bool,
}

impl<S: Sql> Ledger<S> {
    /// Deletes the networks of comments from before yesterday (days are those of UTC), of at most `limit` comments, and the bans that
    /// have ended. If it is called once a day until there is no more, no network is kept for longer than 48 hours after its day.
    ///
    /// Each deleted network is a written row. If there is nothing to delete, nothing is written. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn prune(&self, now: i64, limit: u32) -> Result<PruneProgress, LedgerError> {
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
        let ended = self.sql.exec("SELECT count(*) FROM ban WHERE until <= ?", &[now.into()])?;
        progress.bans = Row::only(ended).count("count of bans")?;
        if progress.networks == 0 && progress.bans == 0 && !progress.more {
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
                self.sql.exec("DELETE FROM ban WHERE until <= ?", &[now.into()])?;
            }
            Ok::<_, LedgerError>(())
        })?;
        Ok(progress)
    }

    /// Id of the last comment that a job has finished.
    fn load_cursor(&self, job: &str) -> Result<i64, LedgerError> {
        let rows = self.sql.exec("SELECT position FROM maintenance_cursor WHERE name = ?", &[job.into()])?;
        Row::first(rows).map_or(Ok(0), |mut row| row.integer("maintenance_cursor.position"))
    }

    fn save_cursor(&self, job: &str, position: i64) -> Result<(), LedgerError> {
        let query = "INSERT INTO maintenance_cursor (name, position) VALUES (?, ?) \
                     ON CONFLICT (name) DO UPDATE SET position = excluded.position";
        Ok(self.sql.exec(query, &[job.into(), position.into()]).map(drop)?)
    }
}
