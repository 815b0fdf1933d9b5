//! Moving threads to the addresses that the rules of the site give them, one step in a turn.

use afterword_ledger::{Ledger, LedgerError, Sql};
use afterword_model::UrlRules;

use crate::platform::clock::end_turn;

/// Number of threads in one step.
const STEP_THREADS: u32 = 500;

/// Moves all threads that are not at their canonical addresses, and returns their number.
pub(super) async fn move_threads<S: Sql>(ledger: &Ledger<S>, rules: UrlRules, now: i64) -> Result<u32, LedgerError> {
    let mut moved = 0;
    loop {
        let progress = ledger.canonicalize_urls(rules, STEP_THREADS, now)?;
        moved += progress.moved;
        if !progress.more {
            return Ok(moved);
        }
        end_turn().await;
    }
}
