//! A submission policy with small limits and simple patterns, and comments that it limits.

use afterword_ledger::{
    Ban, BanKind, BanMatcher, ClientNetwork, CommentFilter, Ledger, LedgerError, MutedWordMatcher, PatternCompiler,
    SubmissionPolicy, VerifiedComment,
};
use afterword_model::{CommentId, LimitScope, Moderation, NetworkIds, RateLimit, Status};

use crate::common::limit;
use crate::fixtures::{TestDatabase, author_id, root_comment};

/// Seconds in a day.
pub(crate) const DAY: i64 = 24 * 3600;

const LIMITS: [RateLimit; 8] = [
    limit(LimitScope::Author, 2, 10),
    RateLimit { suspicious_from: 4, ..limit(LimitScope::Author, 6, 100) },
    limit(LimitScope::Network, 5, 10),
    limit(LimitScope::Site, 20, 1_000),
    limit(LimitScope::Block, 12, 10),
    RateLimit { with_proof: false, ..limit(LimitScope::Network, 2, 10) },
    RateLimit { with_proof: false, ..limit(LimitScope::Block, 3, 10) },
    RateLimit { with_proof: false, ..limit(LimitScope::Site, 4, 100) },
];

/// Patterns that are compared exactly, except that a `*` at the end of a name matches anything.
#[derive(Debug)]
struct ExactPatterns;

impl PatternCompiler for ExactPatterns {
    fn compile_muted_words(&self, list: &str) -> Option<MutedWordMatcher> {
        let list = list.to_owned();
        Some(Box::new(move |comment, title| {
            list.lines().find(|word| comment.source.contains(word) || title.contains(word)).map(str::to_owned)
        }))
    }

    fn compile_ban(&self, ban: &Ban) -> Option<BanMatcher> {
        let (kind, pattern) = (ban.kind, ban.pattern.clone());
        Some(Box::new(move |comment| match kind {
            BanKind::Name => {
                pattern.strip_suffix('*').map_or(comment.name == pattern, |start| comment.name.starts_with(start))
            }
            BanKind::Email => comment.email.as_ref() == Some(&pattern),
            BanKind::Author | BanKind::Network => panic!("the ledger compares {kind:?} itself"),
        }))
    }
}

pub(crate) const POLICY: SubmissionPolicy<'static> = SubmissionPolicy {
    moderation: Moderation::Open,
    limits: &LIMITS,
    patterns: Some(&ExactPatterns),
    difficulty: None,
};

/// A comment by this author from a network of its own.
pub(crate) fn comment_by(author: &str, number: u32) -> VerifiedComment {
    VerifiedComment { author: Some(author_id(author)), ..comment_from(&format!("net{number}"), number) }
}

pub(crate) fn network_ids(network: &str, block: Option<&str>, day: &str) -> NetworkIds {
    NetworkIds { network: format!("{network}-{day}"), block: block.map(|block| format!("{block}-{day}")) }
}

/// A comment from this network, which is in no block.
pub(crate) fn comment_from(network: &str, number: u32) -> VerifiedComment {
    let ids = |day| network_ids(network, None, day);
    let network = ClientNetwork { today: ids("today"), yesterday: ids("yesterday") };
    VerifiedComment { network: Some(network), ..root_comment(number) }
}

/// A comment from the network with this number in a block.
pub(crate) fn comment_in_block(block: &str, network: u32, number: u32) -> VerifiedComment {
    let ids = |day| network_ids(&format!("{block}-{network}"), Some(block), day);
    let network = ClientNetwork { today: ids("today"), yesterday: ids("yesterday") };
    VerifiedComment { network: Some(network), ..root_comment(number) }
}

/// Submits a comment for the first time and returns the seconds until a retry; 0 if the comment is accepted.
#[track_caller]
pub(crate) fn retry_after(ledger: &Ledger<&TestDatabase>, comment: &VerifiedComment, now: i64) -> u32 {
    match ledger.submit(comment, POLICY, now) {
        Ok(outcome) => {
            assert!(!outcome.repeat);
            0
        }
        Err(LedgerError::TooMany { seconds }) => seconds,
        Err(other) => panic!("{other}"),
    }
}

fn signals(database: &TestDatabase, id: CommentId) -> Vec<String> {
    [CommentFilter::Pending, CommentFilter::Published]
        .into_iter()
        .flat_map(|filter| database.ledger().list_comments(filter, None, 1_000).unwrap().items)
        .find(|details| details.comment.id == id)
        .unwrap()
        .signals
}

/// Submits a comment and returns its status and its signals.
#[track_caller]
pub(crate) fn status_and_signals(
    database: &TestDatabase,
    comment: &VerifiedComment,
    now: i64,
) -> (Status, Vec<String>) {
    let posted = database.ledger().submit(comment, POLICY, now).unwrap().posted;
    (posted.status, signals(database, posted.comment.id))
}
