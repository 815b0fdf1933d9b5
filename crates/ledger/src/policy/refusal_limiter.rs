//! Who was refused lately, in memory.
//!
//! A refusal writes nothing, so the same proof of work could be sent again and again, and each time the ledger would look for a thread that
//! is closed or a comment that is not there. Whoever is refused too often is told to wait, before anything is read. Nothing of this is
//! stored: it is for a minute, and bounded.

use std::collections::HashMap;

use crate::verified_comment::ProofStatus;
use crate::verified_comment::VerifiedComment;

/// The time in which refusals are counted, in seconds.
const MINUTE: i64 = 60;
/// Refusals of one network in that time: nobody mends so many mistakes by hand.
const OF_A_NETWORK: u32 = 30;
/// Those of one block of networks.
const OF_A_BLOCK: u32 = 4 * OF_A_NETWORK;
/// Those of one proof of work. A client that is refused for the work itself makes another proof.
const OF_A_PROOF: u32 = 8;
/// Who is counted at once. More of them come from more networks than counting networks could stop, and all begin anew.
const COUNTED: usize = 4_096;

/// Refusals since a time.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    since: i64,
    counts: HashMap<String, u32>,
}

impl Refused {
    /// For how many seconds an entry is not even looked at; 0 if it is.
    pub(crate) fn wait(&self, entry: &VerifiedComment, now: i64) -> u32 {
        let is_too_many = |(key, most): (String, u32)| self.counts.get(&key).is_some_and(|count| *count >= most);
        let is_now = (self.since..self.since.saturating_add(MINUTE)).contains(&now);
        if is_now && keys(entry).any(is_too_many) {
            u32::try_from(self.since.saturating_add(MINUTE) - now).unwrap_or(1)
        } else {
            0
        }
    }

    /// Counts one more.
    pub(crate) fn note(&mut self, entry: &VerifiedComment, now: i64) {
        if !(self.since..self.since.saturating_add(MINUTE)).contains(&now) || self.counts.len() >= COUNTED {
            *self = Self { since: now, counts: HashMap::new() };
        }
        for (key, _) in keys(entry) {
            *self.counts.entry(key).or_default() += 1;
        }
    }
}

/// By what an entry is counted, and how many refusals each has. Who brings no proof of work is counted apart, and keeps nobody waiting who
/// does.
fn keys(entry: &VerifiedComment) -> impl Iterator<Item = (String, u32)> {
    let unproven = if entry.proof == ProofStatus::Missing { "unproven " } else { "" };
    let today = entry.network.as_ref().map(|sender| &sender.today);
    let of = |seal: &str| [unproven, seal].concat();
    let network = today.map(|seals| (of(&seals.network), OF_A_NETWORK));
    let block = today.and_then(|seals| seals.block.as_deref()).map(|block| (of(block), OF_A_BLOCK));
    let proof = match &entry.proof {
        ProofStatus::Nonce(nonce) => Some((nonce.clone(), OF_A_PROOF)),
        ProofStatus::NotRequired | ProofStatus::Missing => None,
    };
    [network, block, proof].into_iter().flatten()
}
