//! Number of the sites' rules that are not valid, for the health check.

use std::cell::Cell;
use std::time::Duration;

use afterword_model::Site;
use futures_util::future::try_join_all;
use worker::console_error;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::ledger_client;
use crate::platform::clock::now_seconds;
use crate::platform::timeout::with_timeout;

/// Time in seconds for which the number is kept: anybody can ask, and each answer costs an object request for each site. A failure is kept
/// as long.
const MAX_AGE_SECONDS: i64 = 60;
/// Deadline of the calls to all sites together.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// A number that was read, or could not be read.
#[derive(Clone, Copy, Debug)]
struct CachedCount {
    rules: Option<usize>,
    /// Unix time in seconds.
    read_at: i64,
}

impl CachedCount {
    fn is_fresh(&self, now: i64) -> bool {
        (0..MAX_AGE_SECONDS).contains(&now.saturating_sub(self.read_at))
    }
}

thread_local! {
    static LAST: Cell<Option<CachedCount>> = const { Cell::new(None) };
}

/// Number of bans and lists of muted words, of all sites, because of which comments are held. `None` if a ledger does not reply.
pub(crate) async fn count(app: &AppContext) -> Option<usize> {
    let now = now_seconds();
    if let Some(last) = LAST.get().filter(|last| last.is_fresh(now)) {
        return last.rules;
    }
    let rules = match with_timeout(READ_TIMEOUT, read(app)).await {
        Some(Ok(rules)) => Some(rules),
        // The call that failed is logged.
        Some(Err(_)) => None,
        None => {
            console_error!("invalid rules not counted {} cause=timed out", app.log);
            None
        }
    };
    LAST.set(Some(CachedCount { rules, read_at: now }));
    rules
}

async fn read(app: &AppContext) -> Result<usize, ApiError> {
    let sites = app.settings.sites.iter().map(Site::origin);
    let lists = try_join_all(sites.map(|site| ledger_client::invalid_rules(app, site))).await?;
    Ok(lists.iter().map(|list| list.invalid_rules.len()).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_kept_as_long_as_a_number() {
        const NOW: i64 = 1_321_000_000;
        for rules in [Some(0), Some(3), None] {
            let cached = CachedCount { rules, read_at: NOW };
            for (now, expected) in [(NOW, true), (NOW + 59, true), (NOW + 60, false), (NOW - 1, false)] {
                assert_eq!(cached.is_fresh(now), expected, "{rules:?} after {}", now - NOW);
            }
        }
    }
}
