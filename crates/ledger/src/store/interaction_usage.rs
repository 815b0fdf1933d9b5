//! Stored numbers of interactions of one day.

use crate::error::LedgerError;
use crate::store::row::Row;
use crate::store::sql::Sql;

/// Seconds of a day. Days are those of UTC.
pub(crate) const DAY_SECONDS: i64 = 24 * 3600;

/// Number of interactions of one kind on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DailyUsage {
    /// Number of the day since 1970.
    pub(crate) day: i64,
    pub(crate) count: u32,
}

impl DailyUsage {
    /// The stored number of the day that contains `now` (Unix seconds).
    pub(crate) fn load(sql: &impl Sql, kind: &str, now: i64) -> Result<Self, LedgerError> {
        let rows = sql.exec("SELECT day, count FROM interaction_usage WHERE kind = ?", &[kind.into()])?;
        let stored = match Row::first(rows) {
            Some(mut row) => {
                Self { day: row.integer("interaction_usage.day")?, count: row.count("interaction_usage.count")? }
            }
            None => Self::default(),
        };
        Ok(stored.on_day_of(now))
    }

    /// The number on the day that contains `now`: 0 if it was counted on another day.
    pub(crate) fn on_day_of(self, now: i64) -> Self {
        let day = now.div_euclid(DAY_SECONDS);
        if self.day == day { self } else { Self { day, count: 0 } }
    }

    pub(crate) fn with_one_more(self) -> Self {
        Self { count: self.count.saturating_add(1), ..self }
    }
}

/// Stores a number.
pub(crate) fn store(sql: &impl Sql, kind: &str, usage: DailyUsage) -> Result<(), LedgerError> {
    let query = "INSERT INTO interaction_usage (kind, day, count) VALUES (?, ?, ?) \
                 ON CONFLICT (kind) DO UPDATE SET day = excluded.day, count = excluded.count";
    Ok(sql.exec(query, &[kind.into(), usage.day.into(), usage.count.into()]).map(drop)?)
}
