//! Rate limits, bans and pruning in a story.

use afterword_ledger::{
    Ban, BanKind, BanMatcher, BanTarget, ClientNetwork, CommentFilter, MutedWordMatcher, PatternCompiler, ProofStatus,
    VerifiedComment,
};
use afterword_model::{CommentId, LimitScope, NetworkIds, RateLimit, Refusal, SubmissionId};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::limit;
use crate::fixtures::root_comment;
use crate::interactions::prune_counts;
use crate::laws::without_since;
use crate::model::Model;
use crate::simulation::Simulation;
use crate::step::Step;

/// Seconds in a day.
pub(crate) const DAY: i64 = 24 * 3600;
pub(crate) const LIMITS: [RateLimit; 8] = [
    limit(LimitScope::Author, 3, 10),
    RateLimit { suspicious_from: 6, ..limit(LimitScope::Author, 8, 1_000) },
    RateLimit { suspicious_from: 4, ..limit(LimitScope::Network, 5, 60) },
    limit(LimitScope::Network, 9, 86_400),
    limit(LimitScope::Site, 20, 100),
    RateLimit { suspicious_from: 7, ..limit(LimitScope::Block, 9, 100) },
    RateLimit { with_proof: false, ..limit(LimitScope::Network, 2, 60) },
    RateLimit { with_proof: false, ..limit(LimitScope::Site, 5, 100) },
];

/// Patterns that are compared exactly.
#[derive(Debug)]
pub(crate) struct ExactPatterns;

impl PatternCompiler for ExactPatterns {
    fn compile_muted_words(&self, _: &str) -> Option<MutedWordMatcher> {
        Some(Box::new(|_, _| None))
    }

    fn compile_ban(&self, ban: &Ban) -> Option<BanMatcher> {
        let (kind, pattern) = (ban.kind, ban.pattern.clone());
        Some(Box::new(move |comment| match kind {
            BanKind::Name => comment.name == pattern,
            _ => comment.email.as_ref() == Some(&pattern),
        }))
    }
}

/// The data of a submission that spam protection uses. The numbers are small, so that submissions share them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpamData {
    /// Nonce of the proof of work.
    nonce: Option<u8>,
    is_proof_required: bool,
    network: Option<u8>,
    duplicate_key: Option<u8>,
    is_suspicious: bool,
}

pub(crate) fn spam_data() -> impl Strategy<Value = SpamData> {
    let duplicate_key = prop::option::weighted(0.3, 0..10u8);
    (
        prop::option::of(0..30u8),
        any::<bool>(),
        prop::option::weighted(0.8, 0..3u8),
        duplicate_key,
        prop::bool::weighted(0.1),
    )
        .prop_map(|(nonce, is_proof_required, network, duplicate_key, is_suspicious)| SpamData {
            nonce,
            is_proof_required,
            network,
            duplicate_key,
            is_suspicious,
        })
}

/// The ids of a network. Network 0 is in no block, the others are in the same one.
pub(crate) fn client_network(network: u8, now: i64) -> ClientNetwork {
    let ids = |at: i64| {
        let day = at.div_euclid(DAY);
        NetworkIds { network: format!("network-{network}-{day}"), block: (network > 0).then(|| format!("block-{day}")) }
    };
    ClientNetwork { today: ids(now), yesterday: ids(now - DAY) }
}

impl SpamData {
    pub(crate) fn comment(self, number: u32, now: i64) -> VerifiedComment {
        VerifiedComment {
            proof: match self.nonce {
                Some(nonce) => ProofStatus::Nonce(nonce.to_string()),
                None if self.is_proof_required => ProofStatus::Missing,
                None => ProofStatus::NotRequired,
            },
            network: self.network.map(|network| client_network(network, now)),
            duplicate_key: self.duplicate_key.map(|key| key.to_string()),
            signals: if self.is_suspicious { vec!["too_fast:1".to_owned()] } else { Vec::new() },
            ..root_comment(number)
        }
    }
}

impl Simulation {
    pub(crate) fn ban_or_prune(&mut self, step: &Step, fail_after: Option<u32>) -> TestCaseResult {
        let (now, attribution) = (self.now, self.attribution());
        match step {
            Step::Ban { which, kind, seconds } => {
                let at = which % (self.model.comments.len() + 1);
                let target = BanTarget::Author(*kind, CommentId::new(i64::try_from(at).unwrap() + 1));
                let until = seconds.map(|seconds| now + seconds);
                let on_model = |model: &mut Model| model.ban(*kind, at, until, &attribution, now);
                self.compare(fail_after, |ledger| ledger.ban(&target, until, &attribution, now), on_model)
            }
            Step::LiftBan { which } => {
                let Some(at) = which.checked_rem(self.model.bans.len()) else { return Ok(()) };
                let id = SubmissionId::parse(&self.model.bans[at].id).unwrap();
                let on_model = |model: &mut Model| model.lift_ban(at, &attribution, now);
                self.compare(fail_after, |ledger| ledger.lift_bans(&[id], &attribution, now), on_model)
            }
            _ => {
                let on_model = |model: &mut Model| Ok::<_, Refusal>(model.prune(now));
                self.compare(fail_after, |ledger| Ok(prune_counts(ledger.prune(now, 1_000)?)), on_model)
            }
        }
    }

    /// Checks the bans, and the data of comments that only moderators see. Of a deleted comment they see no content.
    pub(crate) fn check_private_data(&self) -> TestCaseResult {
        let ledger = self.ledger();
        prop_assert_eq!(&ledger.list_bans().unwrap(), &self.model.bans);
        let mut listed = Vec::new();
        for filter in [CommentFilter::Pending, CommentFilter::Published, CommentFilter::Erased] {
            listed.extend(ledger.list_comments(filter, None, 1_000).unwrap().items);
        }
        listed.sort_by_key(|details| details.comment.id);
        prop_assert_eq!(listed.len(), self.model.comments.len());
        for (details, expected) in listed.iter().zip(&self.model.comments) {
            prop_assert_eq!((&without_since(&details.comment), details.status), (&expected.comment, expected.status));
            prop_assert_eq!(&details.signals, &expected.signals);
            prop_assert_eq!(
                &details.network,
                &expected.submission.network.as_ref().map(|network| network.today.network.clone())
            );
            prop_assert_eq!(&details.source, &expected.submission.source);
            prop_assert_eq!(&details.key, &expected.submission.author.as_ref().map(|author| author.hash.clone()));
            prop_assert_eq!(details.erased.is_some(), expected.comment.deleted);
        }
        Ok(())
    }
}
