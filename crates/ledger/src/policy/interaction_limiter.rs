//! Counting of interactions for their rate limits.
//!
//! Interactions have no rows that could be counted, as comments have, and a row for each would cost more than most of them. So they are
//! counted in memory, in a bounded list, which an eviction of the instance empties. Only the daily number of the whole site is stored, once
//! every few interactions: by it the site stays within what the free plan covers.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use afterword_model::{InteractionKind, InteractionLimit, LimitScope};

use crate::error::LedgerError;
use crate::store::interaction_usage::{DAY_SECONDS, DailyUsage};
use crate::store::sql::Sql;
use crate::verified_comment::ClientNetwork;

/// Maximum number of interactions in memory: more than all daily limits of a site together. The oldest ones are dropped.
const MAX_INTERACTIONS: usize = 8_192;
/// Number of interactions after which the daily number is stored. An eviction forgets fewer than these.
const STORE_EVERY: u32 = 8;

/// A reader, by what their interactions are counted by.
#[derive(Clone, Copy, Debug)]
pub struct InteractionSender<'a> {
    /// Keyed hash of the author key.
    pub author: Option<&'a str>,
    /// The network.
    pub network: Option<&'a ClientNetwork>,
}

/// The interactions of the last day.
#[derive(Debug, Default)]
pub(crate) struct InteractionLimiter {
    recent: VecDeque<Interaction>,
    /// Numbers of the present day for the whole site, by the kind.
    usage: HashMap<&'static str, DailyUsage>,
}

/// A counted interaction. Hashes are enough: two senders with one hash by chance would be counted together.
#[derive(Debug)]
struct Interaction {
    at: i64,
    kind: InteractionKind,
    author: Option<u64>,
    network: Option<u64>,
    block: Option<u64>,
}

impl InteractionLimiter {
    /// Loads the number of the day for a kind, unless it is in memory.
    pub(crate) fn load(&mut self, sql: &impl Sql, kind: InteractionKind, now: i64) -> Result<(), LedgerError> {
        let name: &'static str = kind.into();
        let usage = match self.usage.get(name) {
            Some(known) => known.on_day_of(now),
            None => DailyUsage::load(sql, name, now)?,
        };
        self.usage.insert(name, usage);
        Ok(())
    }

    /// Seconds until an interaction is within its limits; 0 if it already is.
    pub(crate) fn retry_after(
        &self,
        limits: &[InteractionLimit],
        kind: InteractionKind,
        sender: InteractionSender<'_>,
        now: i64,
    ) -> u32 {
        let limits = limits.iter().filter(|limit| limit.kind == kind);
        limits.map(|limit| self.retry_after_limit(limit, sender, now)).max().unwrap_or(0)
    }

    fn retry_after_limit(&self, limit: &InteractionLimit, sender: InteractionSender<'_>, now: i64) -> u32 {
        if limit.scope == LimitScope::Site && i64::from(limit.window_seconds) == DAY_SECONDS {
            let usage = self.usage.get(<&str>::from(limit.kind)).copied().unwrap_or_default();
            return if usage.count < limit.max {
                0
            } else {
                seconds_until(usage.day.saturating_add(1) * DAY_SECONDS, now)
            };
        }
        let start = now.saturating_sub(limit.window_seconds.into());
        let is_counted =
            |it: &&Interaction| it.kind == limit.kind && it.at > start && it.counts_for(limit.scope, sender);
        // The interaction that reached the limit: once it is out of the window, there is room for one.
        match self.recent.iter().rev().filter(is_counted).nth((limit.max.max(1) - 1) as usize) {
            Some(reached) => seconds_until(reached.at.saturating_add(limit.window_seconds.into()), now),
            None => 0,
        }
    }

    /// Counts an interaction. Returns the number of the day if it is to be stored now.
    pub(crate) fn record(
        &mut self,
        kind: InteractionKind,
        sender: InteractionSender<'_>,
        now: i64,
    ) -> Option<DailyUsage> {
        self.recent.retain(|it| it.at > now.saturating_sub(DAY_SECONDS) && it.at <= now);
        if self.recent.len() >= MAX_INTERACTIONS {
            self.recent.pop_front();
        }
        let today = sender.network.map(|network| &network.today);
        self.recent.push_back(Interaction {
            at: now,
            kind,
            author: sender.author.map(hash),
            network: today.map(|ids| hash(&ids.network)),
            block: today.and_then(|ids| ids.block.as_deref()).map(hash),
        });
        let usage = self.usage.entry(kind.into()).or_default();
        *usage = usage.on_day_of(now).with_one_more();
        Some(*usage).filter(|usage| usage.count.is_multiple_of(STORE_EVERY))
    }
}

impl Interaction {
    fn counts_for(&self, scope: LimitScope, sender: InteractionSender<'_>) -> bool {
        let ids = || sender.network.into_iter().flat_map(|network| [&network.today, &network.yesterday]);
        match scope {
            LimitScope::Site => true,
            LimitScope::Author => self.author.is_some() && self.author == sender.author.map(hash),
            LimitScope::Network => self.network.is_some_and(|own| ids().any(|ids| hash(&ids.network) == own)),
            LimitScope::Block => {
                self.block.is_some_and(|own| ids().filter_map(|ids| ids.block.as_deref()).any(|id| hash(id) == own))
            }
        }
    }
}

fn hash(text: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text)
}

/// Seconds until a time, at least 1 and at most a day.
fn seconds_until(time: i64, now: i64) -> u32 {
    u32::try_from(time.saturating_sub(now).clamp(1, DAY_SECONDS)).unwrap_or(1)
}
