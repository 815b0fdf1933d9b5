//! The site's part of nightly maintenance.

use afterword_ledger::{Ledger, LedgerError, Sql};

/// Number of comments in one step.
const STEP_COMMENTS: u32 = 1_000;
/// Maximum number of steps in one night. Together they cover five times the comments that a site takes in a day.
const MAX_STEPS: u32 = 40;

/// Deletes networks of earlier days and bans that have ended. Work that exceeds one night's limit is done the next night.
pub(super) fn prune_site<S: Sql>(ledger: &Ledger<S>, now: i64) -> Result<(), LedgerError> {
    for _ in 0..MAX_STEPS {
        if !ledger.prune(now, STEP_COMMENTS)?.more {
            break;
        }
    }
    Ok(())
}
