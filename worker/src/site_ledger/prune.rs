//! Pruning of expired data, one step in a turn.

use afterword_ledger::{Ledger, LedgerError, Sql};

use crate::platform::clock::end_turn;

/// Number of comments in one step.
pub(super) const STEP_COMMENTS: u32 = 1_000;
/// Maximum number of steps in one run: five times the comments that a site takes in a day. The alarm starts the next run.
const MAX_STEPS: u32 = 40;

/// Prunes what has expired. Returns the time at which there is more to prune, in Unix seconds, which may have passed already.
pub(super) async fn prune_site<S: Sql>(ledger: &Ledger<S>, now: i64) -> Result<Option<i64>, LedgerError> {
    for _ in 0..MAX_STEPS {
        let next = ledger.next_prune(STEP_COMMENTS)?;
        if next.is_none_or(|next| next > now) {
            return Ok(next);
        }
        ledger.prune(now, STEP_COMMENTS)?;
        end_turn().await;
    }
    ledger.next_prune(STEP_COMMENTS)
}
