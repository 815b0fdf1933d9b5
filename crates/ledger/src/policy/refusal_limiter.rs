//! Backoff for clients that are refused again and again.
//!
//! A refusal writes nothing, so a client could send the same proof of work many times, and the ledger would each time look for a thread
//! that is closed or a comment that does not exist. A client that is refused too often has to wait, before anything is read. Nothing of
//! this is stored: it matters for a minute, and its size is bounded.

use std::collections::HashMap;

use crate::verified_comment::{ProofStatus, VerifiedComment};

/// Length of the window in which refusals are counted, in seconds.
const WINDOW_SECONDS: i64 = 60;
/// Maximum number of refusals of one network in the window: more mistakes than a person corrects by hand.
const MAX_PER_NETWORK: u32 = 30;
/// Maximum number of refusals of one block of networks in the window.
const MAX_PER_BLOCK: u32 = 4 * MAX_PER_NETWORK;
/// Maximum number of refusals of one proof of work. A client whose proof is refused makes another one.
const MAX_PER_PROOF: u32 = 8;
/// Maximum number of counters. When there are more, they come from more networks than counting could stop, and all are reset.
const MAX_COUNTERS: usize = 4_096;

/// Counters of the refusals in the present window.
#[derive(Debug, Default)]
pub(crate) struct RefusalLimiter {
    window_start: i64,
    counters: HashMap<String, u32>,
}

impl RefusalLimiter {
    /// Seconds during which a comment is refused without being looked at; 0 if it may pass.
    pub(crate) fn retry_after(&self, comment: &VerifiedComment, now: i64) -> u32 {
        let is_exceeded = |(key, max): (String, u32)| self.counters.get(&key).is_some_and(|count| *count >= max);
        if self.is_in_window(now) && counter_keys(comment).any(is_exceeded) {
            u32::try_from(self.window_start.saturating_add(WINDOW_SECONDS) - now).unwrap_or(1)
        } else {
            0
        }
    }

    /// Counts a refusal.
    pub(crate) fn record(&mut self, comment: &VerifiedComment, now: i64) {
        if !self.is_in_window(now) || self.counters.len() >= MAX_COUNTERS {
            *self = Self { window_start: now, counters: HashMap::new() };
        }
        for (key, _) in counter_keys(comment) {
            *self.counters.entry(key).or_default() += 1;
        }
    }

    fn is_in_window(&self, now: i64) -> bool {
        (self.window_start..self.window_start.saturating_add(WINDOW_SECONDS)).contains(&now)
    }
}

/// The keys of the counters for a comment, each with its maximum. Comments without a required proof of work have counters of their own,
/// so that they do not block anybody who sends one.
fn counter_keys(comment: &VerifiedComment) -> impl Iterator<Item = (String, u32)> {
    let prefix = if comment.proof == ProofStatus::Missing { "unproven " } else { "" };
    let today = comment.network.as_ref().map(|network| &network.today);
    let key = |id: &str| [prefix, id].concat();
    let network = today.map(|ids| (key(&ids.network), MAX_PER_NETWORK));
    let block = today.and_then(|ids| ids.block.as_deref()).map(|block| (key(block), MAX_PER_BLOCK));
    let proof = match &comment.proof {
        ProofStatus::Nonce(nonce) => Some((nonce.clone(), MAX_PER_PROOF)),
        ProofStatus::NotRequired | ProofStatus::Missing => None,
    };
    [network, block, proof].into_iter().flatten()
}
