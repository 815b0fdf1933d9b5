//! Numbers of a site for its moderators.

use std::collections::HashMap;

use afterword_model::moderation::{DayCount, ModerationState, Overview, SignalCount, ThreadActivity};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::store::comment_row::moderation_state;
use crate::store::row::Row;
use crate::store::signals::parse_signals;
use crate::store::sql::Sql;
use crate::store::thread_row::ThreadRow;

/// Number of days.
const DAYS: i64 = 30;
const DAY_SECONDS: i64 = 86_400;
/// Number of the newest comments that are counted.
const MAX_COUNTED: u32 = 10_000;
/// Number of threads that are listed.
const MAX_THREADS: usize = 10;

/// Numbers by day, by signal and by thread.
#[derive(Default)]
struct Counters {
    days: HashMap<i64, DayCount>,
    signals: HashMap<String, u32>,
    threads: HashMap<i64, u32>,
}

impl<S: Sql> Ledger<S> {
    /// The overview of the site, without the use of the platform's limits. Reads at most ten thousand comments. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// Only those of the database and its rows.
    pub fn read_overview(&self, now: i64) -> Result<Overview, LedgerError> {
        let today = now.div_euclid(DAY_SECONDS);
        let start = (today - DAYS + 1) * DAY_SECONDS;
        let query = "SELECT created, status, erased IS NOT NULL, removed, source = '', signals, thread FROM comment \
                     NOT INDEXED WHERE id >= ? ORDER BY id DESC LIMIT ?";
        let first = self.first_comment_since(start)?;
        let rows = self.sql.exec(query, &[first.into(), MAX_COUNTED.into()])?;
        let days_truncated = rows.len() >= MAX_COUNTED as usize;
        let mut counters = Counters::default();
        for columns in rows {
            counters.count(Row::new(columns), start)?;
        }
        let days = (today - DAYS + 1..=today).map(|day| {
            let counted = counters.days.get(&day).copied().unwrap_or_default();
            DayCount { day: day * DAY_SECONDS, ..counted }
        });
        Ok(Overview {
            counts: self.count_queue()?,
            oldest_pending: self.oldest_pending()?,
            days: days.collect(),
            days_truncated,
            signals: counters.most_frequent_signals(),
            threads: self.most_active_threads(&counters.threads)?,
            usage: Vec::new(),
        })
    }

    fn oldest_pending(&self) -> Result<Option<i64>, LedgerError> {
        let query = "SELECT created FROM comment INDEXED BY comment_pending WHERE status = 0 AND erased IS NULL ORDER BY id LIMIT 1";
        let row = Row::first(self.sql.exec(query, &[])?);
        row.map(|mut row| row.integer("comment.created")).transpose()
    }

    fn most_active_threads(&self, counts: &HashMap<i64, u32>) -> Result<Vec<ThreadActivity>, LedgerError> {
        let mut counts: Vec<(i64, u32)> = counts.iter().map(|(thread, count)| (*thread, *count)).collect();
        counts.sort_unstable_by_key(|(thread, count)| (std::cmp::Reverse(*count), std::cmp::Reverse(*thread)));
        let mut threads = Vec::new();
        for (id, count) in counts.into_iter().take(MAX_THREADS) {
            let Some(ThreadRow { url, title, .. }) = ThreadRow::find_by_id(&self.sql, id)? else { continue };
            threads.push(ThreadActivity { url, title, count });
        }
        Ok(threads)
    }
}

impl Counters {
    /// Counts a comment that was sent after a time.
    fn count(&mut self, mut row: Row, start: i64) -> Result<(), LedgerError> {
        let created = row.integer("comment.created")?;
        let status = row.integer("comment.status")?;
        let (is_erased, is_removed) = (row.boolean("comment.erased")?, row.boolean("comment.removed")?);
        let state = moderation_state(status, is_erased, is_removed, row.boolean("comment.source")?);
        let signals = parse_signals(&row.text("comment.signals")?);
        let thread = row.integer("comment.thread")?;
        if created < start {
            return Ok(());
        }
        let day = self.days.entry(created.div_euclid(DAY_SECONDS)).or_default();
        match state {
            ModerationState::Published => day.published += 1,
            ModerationState::Pending => day.pending += 1,
            ModerationState::Spam => day.spam += 1,
            ModerationState::Deleted | ModerationState::Erased => day.deleted += 1,
        }
        day.held += u32::from(!signals.is_empty());
        for signal in signals {
            let code = signal.split(':').next().unwrap_or_default().to_owned();
            *self.signals.entry(code).or_default() += 1;
        }
        *self.threads.entry(thread).or_default() += 1;
        Ok(())
    }

    fn most_frequent_signals(&self) -> Vec<SignalCount> {
        let count = |(signal, count): (&String, &u32)| SignalCount { signal: signal.clone(), count: *count };
        let mut signals: Vec<SignalCount> = self.signals.iter().map(count).collect();
        signals.sort_unstable_by(|one, other| other.count.cmp(&one.count).then_with(|| one.signal.cmp(&other.signal)));
        signals
    }
}
