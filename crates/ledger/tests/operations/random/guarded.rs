//! What keeps a site clean, in random stories.

use afterword_ledger::{
    BanKind, BanMatcher, BanTarget, ClientNetwork, CommentFilter, MutedWordMatcher, PatternCompiler, ProofStatus,
    VerifiedComment,
};
use afterword_model::{CommentId, LimitScope, NetworkIds, RateLimit, Refusal, SubmissionId};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::World;
use super::plain::Model;
use super::step::Step;
use crate::fixtures::entry;

pub(crate) const DAY: i64 = 24 * 3600;
pub(crate) const LIMITS: [RateLimit; 8] = [
    RateLimit {
        scope: LimitScope::Author,
        with_proof: true,
        max_posts: 3,
        suspicious_from: u32::MAX,
        window_seconds: 10,
    },
    RateLimit { scope: LimitScope::Author, with_proof: true, max_posts: 8, suspicious_from: 6, window_seconds: 1_000 },
    RateLimit { scope: LimitScope::Network, with_proof: true, max_posts: 5, suspicious_from: 4, window_seconds: 60 },
    RateLimit {
        scope: LimitScope::Network,
        with_proof: true,
        max_posts: 9,
        suspicious_from: u32::MAX,
        window_seconds: 86_400,
    },
    RateLimit {
        scope: LimitScope::Site,
        with_proof: true,
        max_posts: 20,
        suspicious_from: u32::MAX,
        window_seconds: 100,
    },
    RateLimit { scope: LimitScope::Block, with_proof: true, max_posts: 9, suspicious_from: 7, window_seconds: 100 },
    RateLimit {
        scope: LimitScope::Network,
        with_proof: false,
        max_posts: 2,
        suspicious_from: u32::MAX,
        window_seconds: 60,
    },
    RateLimit {
        scope: LimitScope::Site,
        with_proof: false,
        max_posts: 5,
        suspicious_from: u32::MAX,
        window_seconds: 100,
    },
];

/// Compares to the letter.
pub(crate) struct Letters;

impl PatternCompiler for Letters {
    fn compile_muted_words(&self, _: &str) -> MutedWordMatcher {
        Box::new(|_, _| None)
    }

    fn compile_ban(&self, kind: BanKind, pattern: &str) -> BanMatcher {
        let pattern = pattern.to_owned();
        Box::new(move |entry| match kind {
            BanKind::Name => entry.name == pattern,
            _ => entry.email.as_ref() == Some(&pattern),
        })
    }
}

/// What is noted of a submission that is counted; small numbers, so that they meet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guarded {
    /// The nonce; none is missing where it is asked for.
    proof: Option<u8>,
    asked: bool,
    network: Option<u8>,
    likeness: Option<u8>,
    suspicious: bool,
}

pub(crate) fn guarded() -> impl Strategy<Value = Guarded> {
    let likeness = prop::option::weighted(0.3, 0..10u8);
    (prop::option::of(0..30u8), any::<bool>(), prop::option::weighted(0.8, 0..3u8), likeness, prop::bool::weighted(0.1))
        .prop_map(|(proof, asked, network, likeness, suspicious)| Guarded {
            proof,
            asked,
            network,
            likeness,
            suspicious,
        })
}

impl Guarded {
    pub(crate) fn entry(self, number: u32, now: i64) -> VerifiedComment {
        let seals = |network: u8, at: i64| {
            let day = at.div_euclid(DAY);
            // The first one stands alone, the others in one block.
            NetworkIds {
                network: format!("network-{network}-{day}"),
                block: (network > 0).then(|| format!("block-{day}")),
            }
        };
        VerifiedComment {
            proof: match self.proof {
                Some(nonce) => ProofStatus::Nonce(nonce.to_string()),
                None if self.asked => ProofStatus::Missing,
                None => ProofStatus::NotRequired,
            },
            network: self
                .network
                .map(|network| ClientNetwork { today: seals(network, now), yesterday: seals(network, now - DAY) }),
            duplicate_key: self.likeness.map(|likeness| likeness.to_string()),
            signals: if self.suspicious { vec!["too_fast:1".to_owned()] } else { Vec::new() },
            ..entry(number)
        }
    }
}

impl World {
    pub(crate) fn guard(&mut self, step: &Step, fuse: Option<u32>) -> TestCaseResult {
        let (now, act) = (self.now, self.moderators());
        match step {
            Step::Ban { which, kind, seconds } => {
                let at = which % (self.model.comments.len() + 1);
                let banned = BanTarget::Author(*kind, CommentId::new(i64::try_from(at).unwrap() + 1));
                let until = seconds.map(|seconds| now + seconds);
                let plainly = |model: &mut Model| model.ban(*kind, at, until, &act, now);
                self.both(fuse, |ledger| ledger.ban(banned, until, &act, now), plainly)
            }
            Step::Unban { which } => {
                let Some(at) = which.checked_rem(self.model.bans.len()) else { return Ok(()) };
                let id = SubmissionId::parse(&self.model.bans[at].id).unwrap();
                let plainly = |model: &mut Model| model.unban(at, &act, now);
                self.both(fuse, |ledger| ledger.lift_ban(&id, &act, now), plainly)
            }
            _ => {
                let plainly = |model: &mut Model| Ok::<_, Refusal>(model.prune(now));
                self.both(fuse, |ledger| Ok(ledger.prune(now, 1_000)?).map(|it| (it.networks, it.bans)), plainly)
            }
        }
    }

    /// What moderators read is what the model knows.
    pub(crate) fn compare_private(&self) -> TestCaseResult {
        let ledger = self.ledger();
        prop_assert_eq!(&ledger.list_bans().unwrap(), &self.model.bans);
        let mut listed = Vec::new();
        for kind in [CommentFilter::Pending, CommentFilter::Published, CommentFilter::Erased] {
            listed.extend(ledger.list_comments(kind, None, 1_000).unwrap().items);
        }
        listed.sort_by_key(|full| full.comment.id);
        prop_assert_eq!(listed.len(), self.model.comments.len());
        for (full, kept) in listed.iter().zip(&self.model.comments) {
            prop_assert_eq!((&full.comment, full.status), (&kept.comment, kept.status));
            prop_assert_eq!(&full.signals, &kept.signals);
            prop_assert_eq!(&full.network, &kept.entry.network.as_ref().map(|sender| sender.today.network.clone()));
            prop_assert_eq!(&full.source, &kept.entry.source);
            prop_assert_eq!(&full.key, &kept.entry.author.as_ref().map(|author| author.hash.clone()));
            prop_assert_eq!(full.erased.is_some(), kept.comment.deleted);
        }
        Ok(())
    }
}
