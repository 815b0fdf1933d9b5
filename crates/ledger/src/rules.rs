//! What a submission is held against, beside its own form: whose word that is, and what the ledger is told of it.

use afterword_model::{Moderation, RateLimit};

use crate::{BanKind, VerifiedComment};

/// The difficulty that a proof of work must have.
#[derive(Clone, Copy, Debug)]
pub struct DifficultyRule {
    /// Window in which recent posts are counted, in seconds, at most a day.
    pub window_seconds: u32,
    /// Difficulty on a quiet site, in bits.
    pub base_bits: u8,
    /// Gives the difficulty, in bits, for the base difficulty and the number of recent posts.
    pub required: fn(u8, u32) -> u8,
}

/// The rules for a submission.
#[derive(Clone, Copy)]
pub struct SubmissionPolicy<'a> {
    /// What becomes of a comment about which nothing is suspicious, as the deployment has it: the site's own setting goes before it.
    pub moderation: Moderation,
    /// How often one may post; nothing is counted if there are none.
    pub limits: &'a [RateLimit],
    /// Who compares words and names with patterns; muted words and bans by name and address are not looked at without.
    pub patterns: Option<&'a dyn PatternCompiler>,
    /// The difficulty that a proof of work must have; none is required without.
    pub difficulty: Option<DifficultyRule>,
}

impl std::fmt::Debug for SubmissionPolicy<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules")
            .field("moderation", &self.moderation)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Nothing but what becomes of comments: no limits, and no patterns.
impl From<Moderation> for SubmissionPolicy<'_> {
    fn from(moderation: Moderation) -> Self {
        Self { moderation, limits: &[], patterns: None, difficulty: None }
    }
}

/// Gives the first muted pattern that an entry holds. Its title is to be looked at only as far as it is another one than the post has: what is
/// given beside it, which may be empty.
pub type MutedWordMatcher = Box<dyn Fn(&VerifiedComment, &str) -> Option<String>>;

/// Whether a ban is meant for who sends an entry.
pub type BanMatcher = Box<dyn Fn(&VerifiedComment) -> bool>;

/// Makes what finds patterns, so that the ledger needs to know nothing about them. It is asked once for each list and ban, until a moderator
/// changes them, and not again for each post.
pub trait PatternCompiler {
    /// What finds the words of a list of muted ones, with one pattern a line.
    fn compile_muted_words(&self, list: &str) -> MutedWordMatcher;

    /// What knows whom a ban by name or address is meant for. It is not asked about the other kinds.
    fn compile_ban(&self, kind: BanKind, pattern: &str) -> BanMatcher;
}
