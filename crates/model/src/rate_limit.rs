//! The form of a rate limit. The ledger counts, `guard` sets the numbers.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// A maximum number of posts within a time window.
///
/// Posts with a proof of work and posts without one are counted separately, each against the limits of its own kind. So
/// posts that cost their sender nothing do not block readers who did the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The sender whose posts are counted.
    pub scope: LimitScope,
    /// True if the limit applies to posts with a proof of work. If no proof is required, every post counts as one with
    /// a proof.
    pub with_proof: bool,
    /// Maximum number of posts. One more is refused.
    pub max_comments: u32,
    /// Number of earlier posts from which the next one is suspicious.
    pub suspicious_from: u32,
    /// Length of the window, in seconds, at most a day.
    pub window_seconds: u32,
}

/// A maximum number of interactions within a time window: of what readers do beside commenting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InteractionLimit {
    /// The interactions that are counted together.
    pub kind: InteractionKind,
    /// The reader whose interactions are counted.
    pub scope: LimitScope,
    /// Maximum number of interactions. One more is refused.
    pub max: u32,
    /// Length of the window, in seconds, at most a day.
    pub window_seconds: u32,
}

/// Interactions that are limited together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum InteractionKind {
    /// An edit, a deletion or a restoration of a comment by its author.
    Own,
    /// A vote on a comment, or a reaction to a post.
    Opinion,
    /// A report of a comment.
    Report,
}

/// The sender whose posts a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitScope {
    /// One author key.
    Author,
    /// One network: a /24 of IPv4, a /64 of IPv6.
    Network,
    /// One block of networks: a /48 of IPv6.
    Block,
    /// The whole site.
    Site,
}
