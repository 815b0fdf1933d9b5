//! Forgetting what is kept for a while only: from which network a comment came, and bans that have ended.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::policy::recent_activity::DAY;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// `chore.name` of forgetting networks; `chore.done` is the number of the last comment of which it is done.
const NETWORKS: &str = "networks";

/// What a step of forgetting did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PruneProgress {
    /// Comments whose network was forgotten.
    pub networks: u32,
    /// Bans that had ended.
    pub bans: u32,
    /// Whether there may be more to forget now.
    pub more: bool,
}

impl<S: Sql> Ledger<S> {
    /// Forgets the networks of comments that are from before yesterday (days are those of UTC), of at most `limit` comments, and the bans
    /// that have ended. Called once a day until there is no more, it leaves no network for longer than 48 hours after its day.
    ///
    /// Each network that is forgotten is a row written; nothing is written if there is nothing to forget. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn prune(&self, now: i64, limit: u32) -> Result<PruneProgress, LedgerError> {
        let yesterday = now.div_euclid(DAY).saturating_sub(1).saturating_mul(DAY);
        let from = self.chore(NETWORKS)?;
        let query = "SELECT id, created, network IS NOT NULL FROM comment WHERE id > ? ORDER BY id LIMIT ?";
        let rows = self.sql.exec(query, &[from.into(), limit.max(1).into()])?;
        let mut done = PruneProgress { more: rows.len() >= limit.max(1) as usize, ..PruneProgress::default() };
        let mut last = from;
        for columns in rows {
            let mut row = Row::new(columns);
            let (id, created) = (row.integer("comment.id")?, row.integer("comment.created")?);
            let has_network = row.truth("comment.network")?;
            if has_network && created >= yesterday {
                done.more = false;
                break;
            }
            last = id;
            done.networks += u32::from(has_network);
        }
        let ended = self.sql.exec("SELECT count(*) FROM ban WHERE until <= ?", &[now.into()])?;
        done.bans = Row::new(ended.into_iter().next().unwrap_or_default()).count("count of bans")?;
        if done.networks == 0 && done.bans == 0 && !done.more {
            return Ok(done);
        }
        self.sql.transaction(&mut || {
            if done.networks > 0 {
                let query = "UPDATE comment SET network = NULL WHERE id > ? AND id <= ? AND network IS NOT NULL";
                self.sql.exec(query, &[from.into(), last.into()])?;
            }
            if last > from {
                self.note_chore(NETWORKS, last)?;
            }
            if done.bans > 0 {
                self.sql.exec("DELETE FROM ban WHERE until <= ?", &[now.into()])?;
                self.change_house();
            }
            Ok(())
        })?;
        Ok(done)
    }

    fn chore(&self, name: &str) -> Result<i64, LedgerError> {
        let rows = self.sql.exec("SELECT done FROM chore WHERE name = ?", &[name.into()])?;
        rows.into_iter().next().map_or(Ok(0), |row| Row::new(row).integer("chore.done"))
    }

    fn note_chore(&self, name: &str, done: i64) -> Result<(), LedgerError> {
        let query =
            "INSERT INTO chore (name, done) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET done = excluded.done";
        Ok(self.sql.exec(query, &[name.into(), done.into()]).map(drop)?)
    }
}
