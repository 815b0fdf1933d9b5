//! How often somebody may post.

/// At most so many posts within so many seconds.
///
/// Posts with a proof of work and posts without one are counted apart, and each only against the limits of its own kind: what costs its
/// sender nothing does not keep those waiting who have done their work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Whose posts are counted.
    pub scope: LimitScope,
    /// Whether it is about posts with a proof of work. Where none is asked for, every post counts as one that has it.
    pub with_proof: bool,
    /// Posts that are taken; one more is refused.
    pub max_posts: u32,
    /// Posts from which on one more is suspicious.
    pub suspicious_from: u32,
    /// The time within which they are counted, in seconds, at most a day.
    pub window_seconds: u32,
}

/// Whose posts are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitScope {
    /// Those with one author key.
    Author,
    /// Those from one network: a /24 of IPv4, a /64 of IPv6.
    Network,
    /// Those from one block of networks: a /48 of IPv6.
    Block,
    /// All of the site.
    Site,
}
